import { mkdirSync } from "node:fs";
import { enrolmentUri, freshSecret } from "../chat/totp.ts";
import { readArguments, UsageError } from "./arguments.ts";
import { readSettings } from "./read-settings.ts";
import { StartError } from "./start-error.ts";
import { readTotpSecrets, totpFile, writeTotpSecrets } from "./totp-file.ts";

const OPTIONS = {
  config: { type: "string" },
  again: { type: "boolean" },
  remove: { type: "boolean" },
  json: { type: "boolean" },
} as const;

/** The same form as a name in `chat.people`. */
const NAME = /^[\p{L}\p{N}][\p{L}\p{N}._-]{0,31}$/u;

/** Sets a person's authenticator up on this machine, or removes it. Nothing but this command ever shows the secret. */
export async function totp(args: readonly string[]): Promise<number> {
  const { values, positionals } = readArguments(args, OPTIONS, 1);
  const [name] = positionals;
  if (name === undefined) throw new UsageError("totp needs a name: perpdesk totp NAME.");
  if (!NAME.test(name))
    throw new UsageError(`"${name}" is no name: write letters, digits, . _ and -, 32 at most.`);
  if (values.again === true && values.remove === true)
    throw new UsageError("--again and --remove exclude each other: give one of them.");
  const { settings } = await readSettings({
    configFile: values.config,
    env: process.env,
    cwd: process.cwd(),
    overrides: {},
  });
  mkdirSync(settings.desk.dataDir, { recursive: true });
  const file = totpFile(settings.desk.dataDir);
  const secrets = new Map(readTotpSecrets(file));
  const listed = settings.chat.people.find((each) => each.name.toLowerCase() === name.toLowerCase());
  const person = listed?.name ?? name;
  if (values.remove === true) {
    if (!secrets.delete(person))
      throw new StartError(`${person} has no authenticator here: nothing was removed.`);
    writeTotpSecrets(file, secrets);
    tell(values.json === true, { person, removed: true }, `The authenticator of ${person} is removed.`);
    return 0;
  }
  if (secrets.has(person) && values.again !== true)
    throw new StartError(
      `${person} has an authenticator already: give --again to set up a new one, the old one then stops working.`,
    );
  const secret = freshSecret();
  writeTotpSecrets(file, secrets.set(person, secret));
  const uri = enrolmentUri(secret, person);
  const note =
    listed === undefined
      ? `Note: chat.people does not name ${person}; it is of use only if ${person} has a role by /grant.\n`
      : "";
  tell(
    values.json === true,
    { person, uri, secret },
    `${note}Add this to the authenticator of ${person}, as a picture made on this machine or by hand; it is not shown again:
  ${uri}
  Secret: ${secret.replaceAll(/(.{4})(?=.)/g, "$1 ")} (time based, SHA-1, six digits, 30 s)
It is kept in ${file}, for its owner alone. A desk that runs knows it at once.`,
  );
  return 0;
}

function tell(isJson: boolean, document: object, text: string): void {
  process.stdout.write(`${isJson ? JSON.stringify(document) : text}\n`);
}
