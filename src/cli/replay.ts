import { replay } from "../desk/replay.ts";
import { readArguments, UsageError } from "./arguments.ts";
import { StartError } from "./start-error.ts";

/** Replays a recording; exit code 0 when every effect and state hash is the same. */
export async function replayCommand(args: readonly string[]): Promise<number> {
  const { values, positionals } = readArguments(args, { json: { type: "boolean" } }, 1);
  const [path] = positionals;
  if (path === undefined)
    throw new UsageError("replay needs a recording, e.g. perpdesk replay var/recordings.");
  const result = await replay(path).catch((error: unknown) => {
    throw new StartError(error instanceof Error ? error.message : String(error));
  });
  if (values.json === true) process.stdout.write(`${JSON.stringify(result)}\n`);
  else {
    const torn = result.isTorn ? " The last line was cut off and left out." : "";
    const same = `${result.turns} turns replayed the same, ${result.hashesChecked} state hashes checked.`;
    process.stdout.write(
      `${result.isSame ? same : `Different at ${result.problem}`}${torn}\nState hash ${result.stateHash}.\n`,
    );
  }
  return result.isSame ? 0 : 1;
}
