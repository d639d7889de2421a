import { describe, expect, test } from "vitest";
import type { RosterRules } from "../../src/core/roster.ts";
import { machine, WholeDesk } from "./whole-desk.ts";

const RULES: RosterRules = {
  listed: [
    { name: "alice", role: "admin", telegram: "501" },
    { name: "carol", role: "admin", discord: "43" },
    { name: "bob", role: "risk", telegram: "502" },
  ],
  newPeople: "trader",
  terminal: "alice",
};
const LONE: RosterRules = {
  listed: [
    { name: "alice", role: "admin", telegram: "501" },
    { name: "bob", role: "risk", telegram: "502" },
  ],
  terminal: "alice",
};
const [ALICE, BOB, CAROL, NEW] = ["telegram:501", "telegram:502", "discord:43", "discord:42"] as const;
const DAY = 86_400_000;

/** The link code that an answer names. */
const codeIn = (text: string): string => /\/link (\S+)/.exec(text)?.[1] ?? "";
/** A desk on which bob has linked a Discord account just now. */
async function linked(on = machine()) {
  const desk = await WholeDesk.start(on, RULES);
  await desk.say(NEW, `/link ${codeIn(await desk.say(BOB, `/link ${desk.code("bob")}`))}`);
  return { desk, on };
}

describe("linking an account", () => {
  test("needs a code of the authenticator on a known account; the code that comes of it works once on another one", async () => {
    const desk = await WholeDesk.start(machine(), RULES);
    const made = await desk.say(BOB, `/link ${desk.code("bob")}`);
    expect(made).toMatch(
      /^A code for your other account\nType there: \/link [0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}\n/,
    );
    expect(await desk.say(NEW, `/link ${codeIn(made).toLowerCase()}`)).toMatch(
      /^Linked\nThis Discord account is bob's from now on\.\nFor 24 hours it does nothing that adds risk\./,
    );
    expect(await desk.say(NEW, "/whoami")).toContain("You are bob, risk");
    expect(desk.alerts).toContain("high linked:bob");
    expect(await desk.say("discord:77", `/link ${codeIn(made)}`)).toBe("");
    expect(desk.actor("discord:77")).toBeUndefined();
  });

  test("of two who type a code at once one is linked", async () => {
    const desk = await WholeDesk.start(machine(), RULES);
    const code = codeIn(await desk.say(BOB, `/link ${desk.code("bob")}`));
    const answers = await Promise.all([
      desk.say("discord:71", `/link ${code}`),
      desk.say("discord:72", `/link ${code}`),
    ]);
    expect(answers.filter((text) => text.startsWith("Linked"))).toHaveLength(1);
  });

  test.each([
    ["000000", /^Not done\nThis code is wrong; after 4 more/],
    ["12345", /^Not done\nA code is six digits/],
    ["", /^Not done\nSay \/link and the six digits of your authenticator/],
    ["7K2M-Q9XT-HB4R", /^Not linked\nYou are bob here already/],
  ])('"%s" on a known account makes no code', async (words, sentence) => {
    const desk = await WholeDesk.start(machine(), RULES);
    expect(await desk.say(BOB, `/link ${words}`.trim())).toMatch(sentence);
  });

  test("without an authenticator there is no code, and the answer says how to set one up", async () => {
    const on = machine();
    on.secrets.delete("bob");
    const desk = await WholeDesk.start(on, RULES);
    expect(await desk.say(BOB, "/link 123456")).toContain('run "perpdesk totp bob" on the machine');
  });

  test("a code is worthless after ten minutes, after a newer one, after a restart, and on either clock", async () => {
    const on = machine();
    const desk = await WholeDesk.start(on, RULES);
    const make = async (): Promise<string> => codeIn(await desk.say(BOB, `/link ${desk.code("bob")}`));
    const late = await make();
    await desk.pass(600_000);
    expect(await desk.say(NEW, `/link ${late}`)).toBe("");
    const older = await make();
    await desk.pass(60_000);
    const newer = await make();
    expect(await desk.say(NEW, `/link ${older}`)).toBe("");
    on.clock.wallOff = 700_000;
    expect(await desk.say(NEW, `/link ${newer}`)).toBe("");
    on.clock.wallOff = 0;
    await desk.pass(60_000);
    const setBack = await make();
    on.clock.wallOff = -700_000;
    await desk.pass(600_000);
    expect(await desk.say(NEW, `/link ${setBack}`)).toBe("");
    on.clock.wallOff = 0;
    const forgotten = await make();
    const next = await WholeDesk.start(on, RULES);
    expect(await next.say(NEW, `/link ${forgotten}`)).toBe("");
    expect(next.actor(NEW)).toBeUndefined();
  });

  test("who guesses codes takes away those that are out", async () => {
    const desk = await WholeDesk.start(machine(), RULES);
    const code = codeIn(await desk.say(BOB, `/link ${desk.code("bob")}`));
    for (let time = 0; time < 20; time += 1) expect(await desk.say(NEW, "/link 0000-0000-0000")).toBe("");
    expect(await desk.say(NEW, `/link ${code}`)).toBe("");
    expect(desk.ledger("refusal").map(({ by, what, count }) => [by, what, count])).toEqual([
      ["discord:42", "a link code", 1],
      ["discord:42", "a link code", 10],
    ]);
  });

  test("to somebody who lost their role meanwhile, or has an account there, it does nothing", async () => {
    const desk = await WholeDesk.start(machine(), RULES);
    const code = codeIn(await desk.say(BOB, `/link ${desk.code("bob")}`));
    await desk.say(ALICE, "/revoke bob");
    expect(await desk.say(NEW, `/link ${code}`)).toBe("Not linked\nbob has no role. Nothing was linked.");
    const second = codeIn(await desk.say(CAROL, `/link ${desk.code("carol")}`));
    expect(await desk.say("discord:44", `/link ${second}`)).toContain("carol has a Discord account already");
  });
});

describe("an account that was linked gives no R3+ for 24 hours", () => {
  test("it reads and stops, but resumes, grants and makes codes only a day later", async () => {
    const { desk } = await linked();
    expect(await desk.say(NEW, "/pause")).toContain("Paused");
    const bar = /This account is new here: it does nothing that adds risk for 1 d\. Nothing was done\./;
    for (const line of ["/resume", "/grid_start grid1", `/link ${desk.code("bob", 1)}`])
      expect(await desk.say(NEW, line)).toMatch(bar);
    expect(await desk.say(BOB, "/resume")).toMatch(/^Resumed/);
    expect(desk.ledger("refusal")).toMatchObject([
      { by: "bob", command: "resume", reason: "barred", platform: "discord" },
      { command: "grid_start" },
      { command: "link" },
    ]);
    await desk.say(NEW, "/pause");
    await desk.pass(DAY);
    expect(await desk.say(NEW, "/resume")).toMatch(/^Resumed/);
  });

  test("a restart keeps what is left, and a clock that is set forward or back changes nothing", async () => {
    const { desk, on } = await linked();
    await desk.pass(DAY / 2);
    on.clock.wallOff = 2 * DAY;
    expect(desk.actor(NEW)?.barred).toContain("for 12 h");
    on.clock.wallOff = -2 * DAY;
    expect(desk.actor(NEW)?.barred).toContain("for 12 h");
    on.clock.wallOff = 0;
    const next = await WholeDesk.start(on, RULES);
    expect(next.actor(NEW)?.barred).toContain("for 12 h");
    on.clock.wallOff = -5 * DAY;
    const back = await WholeDesk.start(on, RULES);
    expect(back.actor(NEW)?.barred).toContain("for 1 d");
    on.clock.wallOff = 0;
    await next.pass(DAY / 2);
    expect(next.actor(NEW)).toEqual({ person: "bob", role: "risk", platform: "discord" });
  });

  test("it may not approve what two people decide, but may reject it", async () => {
    const on = machine();
    const desk = await WholeDesk.start(on, {
      ...RULES,
      listed: [
        ...RULES.listed.slice(0, 1),
        { name: "carol", role: "admin", telegram: "503" },
        ...RULES.listed.slice(2),
      ],
    });
    await desk.say(
      "discord:99",
      `/link ${codeIn(await desk.say("telegram:503", `/link ${desk.code("carol")}`))}`,
    );
    await desk.say(ALICE, "/revoke bob");
    await desk.say(ALICE, "/grant bob risk");
    expect((await desk.tap("discord:99", "k1-e7")).text).toMatch(/^This account is new here/);
    expect(await desk.say("discord:99", "/approve k1-e7")).toMatch(/^Not done\nThis account is new here/);
    expect((await desk.tap("discord:99", "k1-e7", "reject")).isOk).toBe(true);
  });
});

describe("one human", () => {
  test("all accounts of a person and the terminal: none approves what another of them asked", async () => {
    const on = machine();
    const desk = await WholeDesk.start(on, RULES);
    await desk.say("discord:49", `/link ${codeIn(await desk.say(ALICE, `/link ${desk.code("alice")}`))}`);
    await desk.pass(DAY);
    await desk.say(ALICE, "/revoke bob");
    await desk.say(ALICE, "/grant bob risk");
    for (const from of [ALICE, "discord:49", "terminal"] as const) {
      expect((await desk.tap(from, "k1-e7")).text).toBe(
        "You asked for it: another admin must approve it. Nothing was done.",
      );
      expect(await desk.say(from, `/approve k1-e7 ${desk.code("alice")}`)).toContain(
        "another admin must approve it",
      );
    }
    expect(desk.door.roster().find("bob")?.role).toBeUndefined();
    expect((await desk.tap(CAROL, "k1-e7")).text).toBe("bob is risk from now on.");
  });

  test("wrong codes given from one account lock all of them, and the terminal", async () => {
    const on = machine();
    const desk = await WholeDesk.start(on, RULES);
    await desk.say("discord:49", `/link ${codeIn(await desk.say(ALICE, `/link ${desk.code("alice")}`))}`);
    await desk.pass(DAY);
    for (let time = 0; time < 5; time += 1) await desk.say("discord:49", "/link 000000");
    await desk.say(CAROL, "/pause");
    for (const from of [ALICE, "discord:49", "terminal"] as const)
      expect(await desk.say(from, "/resume")).toBe(
        "Not done\nAfter 5 wrong codes alice does nothing that adds risk for 1 h. Nothing was done.",
      );
    expect(desk.alerts).toContain("high codes:alice");
    expect(await desk.say(ALICE, "/panic")).toContain("Panic: entries are paused");
    expect(await desk.say(CAROL, "/resume")).not.toContain("Not done");
  });
});

describe("a desk's only admin", () => {
  const asked = async (on = machine()) => {
    const desk = await WholeDesk.start(on, LONE);
    await desk.say(ALICE, "/revoke bob");
    expect(await desk.say(ALICE, "/grant bob risk")).toContain("approve it yourself in 60 s with a code");
    return desk;
  };

  test("approves alone a minute after asking and with a code, which the button does not have", async () => {
    const desk = await asked();
    expect(await desk.say(ALICE, `/approve k1-e7 ${desk.code("alice")}`)).toContain(
      "a minute stands in for one",
    );
    await desk.pass(60_000);
    expect((await desk.tap(ALICE, "k1-e7")).text).toBe(
      "There is nobody else: say /approve k1-e7 CODE, with a code of your authenticator. Nothing was done.",
    );
    expect(await desk.say(ALICE, "/approve k1-e7 000000")).toContain("This code is wrong");
    const code = desk.code("alice");
    expect(await desk.say(ALICE, `/approve k1-e7 ${code.slice(0, 3)} ${code.slice(3)}`)).toBe(
      "Decided\nbob is risk from now on.",
    );
    expect(desk.ledger("grant")).toMatchObject([{ by: "alice@telegram", isAlone: true }]);
    expect(desk.ledger("codeUsed", "codeWrong")).toMatchObject([{ by: "alice" }, { by: "alice" }]);
  });

  test("of racing approvals with one code one counts", async () => {
    const desk = await asked();
    await desk.pass(60_000);
    const code = desk.code("alice");
    const answers = await Promise.all(
      (["terminal", ALICE, ALICE, "terminal", ALICE, ALICE, ALICE, ALICE] as const).map((from) =>
        desk.say(from, `/approve k1-e7 ${code}`),
      ),
    );
    expect(answers.filter((text) => text.startsWith("Decided"))).toHaveLength(1);
    expect(desk.ledger("grant")).toHaveLength(1);
  });

  test("a code that was used for one card opens no second one", async () => {
    const desk = await asked();
    await desk.pass(60_000);
    const code = desk.code("alice");
    await desk.say(ALICE, `/approve k1-e7 ${code}`);
    await desk.say(ALICE, "/revoke bob");
    await desk.say(ALICE, "/grant bob risk");
    await desk.pass(60_000);
    expect(await desk.say(ALICE, `/approve k2-e7 ${code}`)).not.toContain("Decided");
    expect(desk.door.roster().find("bob")?.role).toBeUndefined();
  });

  test("without an authenticator approves nothing from chat, and at the machine without a code", async () => {
    const on = machine();
    on.secrets.clear();
    const desk = await asked(on);
    await desk.pass(60_000);
    expect((await desk.tap(ALICE, "k1-e7")).text).toContain('run "perpdesk totp alice" on the machine');
    expect((await desk.tap("terminal", "k1-e7")).text).toBe("bob is risk from now on.");
  });

  test("who has an authenticator needs its code at the machine too", async () => {
    const desk = await asked();
    await desk.pass(60_000);
    expect((await desk.tap("terminal", "k1-e7")).isOk).toBe(false);
  });
});

describe("what chat said of people survives a restart", () => {
  test("roles, accounts and what was cut off; a card that waited does not", async () => {
    const { desk, on } = await linked();
    await desk.say(ALICE, "/grant dora viewer discord:123456789012345678");
    await desk.say(ALICE, "/revoke carol");
    const before = desk.door.roster().all();
    await desk.say(ALICE, "/revoke dora");
    await desk.say(ALICE, "/grant dora trader");
    await desk.say(ALICE, "/grant carol risk");
    const next = await WholeDesk.start(on, RULES);
    expect(next.door.roster().all()).toEqual(desk.door.roster().all());
    expect(next.door.roster().all()).not.toEqual(before);
    expect((await next.tap(ALICE, "k1-e7")).isOk).toBe(false);
    expect(await next.say(ALICE, "/users")).toContain(
      "carol: no role (settings: admin, chat: none); Discord 43; authenticator",
    );
  });

  test("settings that were lowered meanwhile win at once", async () => {
    const { on } = await linked();
    const lower = {
      ...RULES,
      listed: [...RULES.listed.slice(0, 2), { name: "bob", role: "viewer" } as const],
    };
    const next = await WholeDesk.start(on, lower);
    expect(next.actor(NEW)?.role).toBe("viewer");
  });
});

describe("commands have a limit for each person", () => {
  test("of so many a minute, filled up with time; others are not touched, and what stops gets through", async () => {
    const on = machine();
    const desk = await WholeDesk.start(on, RULES, 10);
    const flood = async (times: number): Promise<string[]> => {
      const answers: string[] = [];
      for (let time = 0; time < times; time += 1) answers.push(await desk.say(BOB, "/version"));
      return answers;
    };
    expect((await flood(10)).every((text) => text.startsWith("perpdesk"))).toBe(true);
    expect(await flood(1)).toEqual([
      "Not done\nYou have 10 commands a minute, and none is left; the next one in 6 s. What stops or closes always gets through. Nothing was done.",
    ]);
    expect(await desk.say(ALICE, "/version")).toContain("perpdesk");
    for (let time = 0; time < 20; time += 1) expect(await desk.say(BOB, "/pause")).toContain("Paused");
    expect(await desk.say(BOB, "/nonsense")).toContain("none is left");
    // The wall's clock gives nobody more.
    on.clock.wallOff = 3_600_000;
    expect((await flood(1))[0]).toContain("none is left");
    await desk.pass(6_000);
    expect((await flood(2)).map((text) => text.startsWith("perpdesk"))).toEqual([true, false]);
    await desk.pass(600_000);
    expect((await flood(11)).filter((text) => text.startsWith("perpdesk"))).toHaveLength(10);
  });

  test("a flood fills neither log nor ledger, and its size stands there", async () => {
    const desk = await WholeDesk.start(machine(), RULES, 10);
    for (let time = 0; time < 1_500; time += 1) await desk.say(BOB, "/version");
    expect(desk.ledger("command")).toHaveLength(10);
    expect(desk.ledger("refusal").map(({ reason, count }) => `${reason} ${count}`)).toEqual([
      "rate 1",
      "rate 10",
      "rate 100",
      "rate 1000",
    ]);
  });
});

test("every command and every refusal stands in the ledger, without any code", async () => {
  const desk = await WholeDesk.start(machine(), RULES);
  const code = desk.code("bob");
  const made = codeIn(await desk.say(BOB, `/link ${code.slice(0, 3)} ${code.slice(3)}`));
  await desk.say(NEW, `/link ${made}`);
  await desk.say(BOB, "/link 111111");
  await desk.say(BOB, `/approve k9-e7 ${desk.code("bob", 1)}`);
  await desk.say(BOB, "/link JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP");
  await desk.say(BOB, "/nonsense");
  await desk.say(BOB, "/grant eve admin");
  await desk.say("telegram:666", "/status");
  expect(
    desk.ledger("command", "refusal").map(({ by, command, words, reason }) => [by, command, words, reason]),
  ).toEqual([
    ["bob", "link", "[code]", undefined],
    ["bob", "link", "[code]", undefined],
    ["bob", "approve", "k9-e7 [code]", undefined],
    ["bob", "link", "[code]", undefined],
    ["bob", "nonsense", undefined, "unknown"],
    ["bob", "grant", undefined, "role"],
    ["telegram:666", undefined, undefined, "unknown"],
  ]);
  for (const secret of [code, made, desk.code("bob", 1), "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"])
    expect(desk.everything()).not.toContain(secret);
  expect(await desk.say(BOB, "/audit bob")).toContain(
    "bob: command: answer Not done, command approve, platform telegram, words k9-e7 [code]",
  );
});

test("/users and /whoami say who is who, where from, and what is in the way", async () => {
  const { desk } = await linked();
  expect(await desk.say(ALICE, "/users")).toBe(
    [
      "3 people",
      "alice: admin; the terminal, Telegram 501; authenticator",
      "carol: admin; Discord 43; authenticator",
      "bob: risk; Telegram 502, Discord 42 (linked in chat); authenticator",
      "/grant lets others in, as trader at most (chat.newPeople).",
    ].join("\n"),
  );
  expect(await desk.say(NEW, "/whoami")).toBe(
    [
      "You are bob, risk",
      "Role: risk",
      "Here: discord",
      "Accounts: Telegram 502, Discord 42 (linked in chat)",
      "Authenticator: set up",
      "In the way: This account is new here: it does nothing that adds risk for 1 d.",
      "All your accounts and the terminal are one person: they can't approve for one another.",
    ].join("\n"),
  );
  expect(await desk.say(BOB, "/users")).toContain("/users needs the role admin; you are risk.");
});

test("what is left out of /grant and /revoke is picked from what there is", async () => {
  const desk = await WholeDesk.start(machine(), RULES);
  expect(await desk.say(ALICE, "/grant")).toContain("There are alice, carol, bob.");
  expect(await desk.say(ALICE, "/grant bob")).toContain("There are viewer, trader, risk, admin.");
  expect(await desk.say(ALICE, "/revoke")).toContain("There are alice, carol, bob.");
  expect(desk.ledger("grant", "revoke")).toEqual([]);
});

test.each([
  ["/grant bob boss", 'role "boss" is none; say one of viewer, trader, risk, admin.'],
  ["/grant b/b viewer", 'person "b/b" is no name; write letters, digits, . _ and -, 32 at most.'],
  [
    "/grant dora viewer telegram:x",
    'account "telegram:x" can\'t be read; write it like telegram:123456789 or discord:1234567890123456789.',
  ],
  ["/grant dora viewer discord:12", 'account "discord:12" can\'t be read'],
  ["/grant dora viewer telegram:123 now", 'leave out "now"'],
  [
    "/revoke bob phone",
    'platform "phone" is neither telegram nor discord; say one of them, or leave it out.',
  ],
])("%s is refused in one sentence", async (line, sentence) => {
  const desk = await WholeDesk.start(machine(), RULES);
  expect(await desk.say(ALICE, line)).toContain(sentence);
  expect(desk.ledger("grant", "revoke")).toEqual([]);
});
