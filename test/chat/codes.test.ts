import { Secret, TOTP } from "otpauth";
import { beforeEach, describe, expect, test } from "vitest";
import { type CodeFact, Codes } from "../../src/chat/codes.ts";
import { TwoHands } from "./desk.ts";

const SECRETS: ReadonlyMap<string, string> = new Map([
  ["alice", "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"],
  ["bob", "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"],
]);
const HOUR = 3_600_000;
const WRONG = "000000";
const used = "This code was used already: wait for the next one. Nothing was done.";

let clock: TwoHands;
let disk: CodeFact[];
let locked: string[];
let isDiskFull: boolean;
let codes: Codes;

/** The codes of a desk that was started just now, with what is on disk. */
async function started(): Promise<Codes> {
  const fresh = new Codes({
    secretOf: (person) => SECRETS.get(person),
    memory: {
      load: async () => disk,
      save: async (fact) => {
        if (isDiskFull) throw new Error("disk full");
        disk = [...disk, fact];
      },
    },
    clock,
    log: () => undefined,
    onLocked: (person) => locked.push(person),
  });
  await fresh.restore();
  return fresh;
}
beforeEach(async () => {
  clock = new TwoHands();
  disk = [];
  locked = [];
  isDiskFull = false;
  codes = await started();
});

/** What a person's authenticator shows at the wall's time, or some steps off. */
const shown = (person = "alice", steps = 0): string =>
  TOTP.generate({ secret: secretOf(person), timestamp: clock.now() + steps * 30_000 });
const secretOf = (person: string) => Secret.fromBase32(SECRETS.get(person) ?? "");
const say = async (code: string, person = "alice"): Promise<string> =>
  (await codes.check(person, code, "test")).text;
const guess = async (times: number, person = "alice"): Promise<string> => {
  let last = "";
  for (let time = 0; time < times; time += 1) last = await say(WRONG, person);
  return last;
};

describe("a step works once", () => {
  test("the second time it is refused, and the next step works", async () => {
    expect(await codes.check("alice", shown(), "test")).toEqual({ isOk: true, text: "The code is right." });
    expect(await say(shown())).toBe(used);
    await clock.pass(30_000);
    expect(await say(shown())).toBe("The code is right.");
  });

  test("of racing taps with one code one wins", async () => {
    const code = shown();
    const answers = await Promise.all(Array.from({ length: 8 }, () => codes.check("alice", code, "test")));
    expect(answers.filter(({ isOk }) => isOk)).toHaveLength(1);
    expect(disk).toHaveLength(1);
  });

  test("a step before one that was used does not work any more, though it is within the window", async () => {
    const before = shown("alice", -1);
    await say(shown());
    expect(await say(before)).toBe(used);
  });

  test("also after a restart", async () => {
    const code = shown();
    await say(code);
    codes = await started();
    expect(await say(code)).toBe(used);
  });

  test("also when the clock is set back an hour and its codes come again", async () => {
    await clock.pass(HOUR);
    await say(shown());
    clock.wallOff = -HOUR;
    expect(await say(shown())).toBe(used);
    codes = await started();
    expect(await say(shown())).toBe(used);
    expect(await say(shown("bob"), "bob")).toBe("The code is right.");
  });

  test("and counts only when that is on disk", async () => {
    isDiskFull = true;
    expect(await say(shown())).toBe(
      "The ledger can't be written, so the code does not count. Nothing was done.",
    );
    isDiskFull = false;
    expect(await say(shown())).toBe(used);
  });
});

describe("five wrong codes lock for an hour", () => {
  test("the fifth says so, no right code works then, and an hour later one does", async () => {
    expect(await guess(4)).toBe(
      "This code is wrong; after 1 more nothing that adds risk is done for an hour. Nothing was done.",
    );
    expect([codes.lockOf("alice"), locked]).toEqual([undefined, []]);
    const lock = "After 5 wrong codes alice does nothing that adds risk for 1 h. Nothing was done.";
    expect(await guess(1)).toBe(`This code is wrong. ${lock}`);
    expect([codes.lockOf("alice"), await say(shown()), locked]).toEqual([lock, lock, ["alice"]]);
    expect(await say(shown("bob"), "bob")).toBe("The code is right.");
    await clock.pass(HOUR);
    expect([codes.lockOf("alice"), await say(shown())]).toEqual([undefined, "The code is right."]);
  });

  test("a right code in between begins the count anew", async () => {
    await guess(4);
    await say(shown());
    await guess(4);
    expect(codes.lockOf("alice")).toBeUndefined();
  });

  test("neither a code that was used nor what is no code counts as wrong", async () => {
    const code = shown();
    await say(code);
    for (let time = 0; time < 9; time += 1) await say(code);
    for (const text of ["", "12345", "1234567", "abcdef", "12 34"])
      expect(await say(text)).toBe(
        "A code is six digits, as the authenticator shows them. Nothing was done.",
      );
    expect(codes.lockOf("alice")).toBeUndefined();
  });

  test("a restart keeps both the count and what is left of the hour", async () => {
    await guess(3);
    codes = await started();
    await guess(1);
    codes = await started();
    expect(await guess(1)).toContain("does nothing that adds risk for 1 h");
    await clock.pass(HOUR / 2);
    codes = await started();
    expect(codes.lockOf("alice")).toContain("for 30 min");
    await clock.pass(HOUR / 2);
    codes = await started();
    expect(codes.lockOf("alice")).toBeUndefined();
  });

  test("a clock that is set forward does not end the hour, and one that is set back makes it no longer", async () => {
    await guess(5);
    clock.wallOff = 5 * HOUR;
    expect(codes.lockOf("alice")).toContain("for 1 h");
    clock.wallOff = -5 * HOUR;
    codes = await started();
    expect(codes.lockOf("alice")).toContain("for 1 h");
    await clock.pass(HOUR);
    expect(codes.lockOf("alice")).toBeUndefined();
  });

  test("wrong codes count though the ledger can't be written", async () => {
    isDiskFull = true;
    await guess(5);
    expect(locked).toEqual(["alice"]);
  });

  test("of many at once five are looked at and no more", async () => {
    await Promise.all(Array.from({ length: 20 }, () => codes.check("alice", WRONG, "test")));
    expect(disk).toHaveLength(5);
    expect(locked).toEqual(["alice"]);
  });
});

test("without an authenticator there is no code, and a secret that can't be read is none", async () => {
  expect([codes.isEnrolled("alice"), codes.isEnrolled("carol")]).toEqual([true, false]);
  expect(await say(WRONG, "carol")).toBe(
    'No authenticator is set up for carol: run "perpdesk totp carol" on the machine. Nothing was done.',
  );
  const log: string[] = [];
  const broken = new Codes({
    secretOf: () => {
      throw new Error("totp.json can be read by other users");
    },
    memory: undefined,
    clock,
    log: (level, text) => log.push(`${level} ${text}`),
    onLocked: () => undefined,
  });
  expect((await broken.check("alice", shown(), "test")).isOk).toBe(false);
  expect(log).toEqual(["error the secret of alice can't be read: totp.json can be read by other users"]);
});

test("digits may be written as authenticators show them, with a space", async () => {
  const code = shown();
  expect(await say(`${code.slice(0, 3)} ${code.slice(3)}`)).toBe("The code is right.");
});
