import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";

/** Runs a file of this folder from its source, in a process of its own. */
export function child(file: string, ...args: readonly string[]): ChildProcess {
  return spawn(process.execPath, ["--import", "tsx", `bench/support/${file}.ts`, ...args], {
    stdio: ["ignore", "pipe", "inherit"],
  });
}

/** The next line of JSON that a child prints. */
export async function line(of: ChildProcess): Promise<unknown> {
  let text = "";
  while (!text.endsWith("\n")) {
    const [part] = (await once(of.stdout as NodeJS.ReadableStream, "data")) as [Buffer];
    text += String(part);
  }
  return JSON.parse(text);
}
