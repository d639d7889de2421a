import { chmodSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { UsageError } from "../../src/cli/arguments.ts";
import { StartError } from "../../src/cli/start-error.ts";
import { totp } from "../../src/cli/totp.ts";
import { readTotpSecrets } from "../../src/cli/totp-file.ts";
import { ownFolder } from "./settings.ts";

let folder: ReturnType<typeof ownFolder>;
let said: string;
beforeEach(() => {
  folder = ownFolder();
  said = "";
  vi.spyOn(process, "cwd").mockReturnValue(folder.path);
  vi.spyOn(process.stdout, "write").mockImplementation((text) => {
    said += String(text);
    return true;
  });
});
afterEach(() => {
  vi.restoreAllMocks();
  folder.gone();
});
const file = (): string => join(folder.path, "var", "totp.json");
const kept = (): Readonly<Record<string, string>> => Object.fromEntries(readTotpSecrets(file()));

test("a secret is shown once and kept for its owner alone, with nothing else left behind", async () => {
  expect(await totp(["operator"])).toBe(0);
  const secret = kept()["operator"] ?? "";
  expect(secret).toMatch(/^[A-Z2-7]{32}$/);
  expect(said).toContain(`otpauth://totp/perpdesk:operator?issuer=perpdesk&secret=${secret}&`);
  expect(statSync(file()).mode & 0o777).toBe(0o600);
  expect(readdirSync(join(folder.path, "var"))).toEqual(["totp.json"]);
});

test("as one JSON document, for a picture made by another program", async () => {
  await totp(["operator", "--json"]);
  expect(JSON.parse(said)).toEqual({
    person: "operator",
    secret: kept()["operator"],
    uri: expect.stringMatching(/^otpauth:\/\/totp\/perpdesk:operator\?/),
  });
});

test("it is not replaced by accident; --again makes a new one, --remove takes it away, others stay", async () => {
  await totp(["operator"]);
  await totp(["Alice"]);
  expect(said).toContain("Note: chat.people does not name Alice");
  const first = kept();
  await expect(totp(["OPERATOR"])).rejects.toThrow(
    "operator has an authenticator already: give --again to set up a new one, the old one then stops working.",
  );
  expect(kept()).toEqual(first);
  await totp(["operator", "--again"]);
  expect(kept()["operator"]).not.toBe(first["operator"]);
  await totp(["operator", "--remove"]);
  expect(kept()).toEqual({ Alice: first["Alice"] });
  await expect(totp(["operator", "--remove"])).rejects.toThrow(
    "operator has no authenticator here: nothing was removed.",
  );
});

test.each([
  [[], "totp needs a name: perpdesk totp NAME."],
  [["a b"], '"a b" is no name: write letters, digits, . _ and -, 32 at most.'],
  [["__proto__"], '"__proto__" is no name: write letters, digits, . _ and -, 32 at most.'],
  [["alice", "bob"], '"bob" is one argument too many; see --help.'],
  [["alice", "--again", "--remove"], "--again and --remove exclude each other: give one of them."],
])("%j can't be used", async (args, sentence) => {
  const error = await totp(args).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(UsageError);
  expect(String(error)).toContain(sentence);
});

test("a file that others may read, or that is damaged, is refused without its content", async () => {
  await totp(["operator"]);
  chmodSync(file(), 0o640);
  expect(() => readTotpSecrets(file())).toThrow(/can be read by other users: run chmod 600/);
  chmodSync(file(), 0o600);
  for (const text of ['{"operator": "SECRET', '{"operator": 5}', '"SECRETSECRETSECRET"', "null"]) {
    writeFileSync(file(), text);
    const error = (() => {
      try {
        return readTotpSecrets(file());
      } catch (thrown) {
        return thrown;
      }
    })();
    expect(error).toBeInstanceOf(StartError);
    expect(String(error)).toMatch(/is damaged: remove it, and set every authenticator up again/);
    expect(String(error)).not.toContain("SECRET");
  }
  expect(readFileSync(file(), "utf8")).toBe("null");
});
