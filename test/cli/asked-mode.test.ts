// biome-ignore-all lint/suspicious/noTemplateCurlyInString: settings refer to variables in this way
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { ownFolder } from "./settings.ts";

const folder = ownFolder();
afterAll(folder.gone);
const ROOT = join(import.meta.dirname, "..", "..");

// A clone in which all is still to be installed, and an npm that only says that it was asked.
for (const part of ["bin", "config"]) cpSync(join(ROOT, part), join(folder.path, part), { recursive: true });
mkdirSync(join(folder.path, "src"));
writeFileSync(join(folder.path, "package-lock.json"), "{}");
const npm = join(folder.path, "npm-cli.js");
writeFileSync(npm, "process.exitCode = 3;\n");

/** What a start in the fresh clone says, and whether it tried to install. */
function started(settings: string | undefined, args: readonly string[] = []) {
  writeFileSync(join(folder.path, "my.yaml"), settings ?? "");
  const config = settings === undefined ? [] : ["--config", "my.yaml"];
  const { status, stderr } = spawnSync(
    process.execPath,
    [join(folder.path, "bin", "perpdesk.mjs"), "start", ...config, ...args],
    { cwd: folder.path, env: { PATH: process.env["PATH"], npm_execpath: npm }, encoding: "utf8" },
  );
  expect(status).toBe(1);
  const refusal = /^perpdesk: (\w+) mode never installs or builds by itself/m.exec(stderr)?.[1];
  const isInstalling = stderr.includes("npm ci ended with code 3");
  return refusal ?? (isInstalling ? "installs" : stderr);
}

describe("a clone in which something is still to be installed", () => {
  test.each([
    ["mode: live\n", "live"],
    ["# mode: sim\nmode: 'demo' # or live\n", "demo"],
    ['mode: "${MODE}"\n', "live"],
    ["mode: ${MODE:-sim}\n", "live"],
    ["mode: ${MODE:-demo}\n", "demo"],
    ["mode:\n  >-\n  live\n", "live"],
    ["{ engines: [], mode: live }\n", "live"],
  ])("installs nothing where the mode is, or may be, one of real money: %j", (settings, mode) => {
    expect(started(settings)).toBe(mode);
  });

  test.each([[undefined], ["mode: paper # not live\n"], ["risk: { leverageMax: 2 }\n"]])(
    "installs for a rehearsal: %j",
    (settings) => {
      expect(started(settings)).toBe("installs");
    },
  );

  test("goes by the command line before the file", () => {
    expect(started("mode: ${MODE}\n", ["--mode", "sim"])).toBe("installs");
    expect(started("mode: sim\n", ["--mode=live"])).toBe("live");
  });
});
