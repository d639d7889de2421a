import { describe, expect, it } from "vitest";
import type { OperatorRequest } from "../../../src/core/event.ts";
import type { Actor, GrantAction, PersonRole } from "../../../src/core/proposal.ts";
import type { RosterRules } from "../../../src/core/roster.ts";
import { millis } from "../../../src/core/units.ts";
import { BOB, CAROL, Rig } from "../../support/rig.ts";

const ALICE: Actor = { person: "alice", role: "admin", platform: "telegram" };
const ALSO_ALICE: Actor = { ...ALICE, platform: "discord" };
const RULES: RosterRules = {
  listed: [
    { name: "alice", role: "admin", telegram: "501", discord: "41" },
    { name: "carol", role: "admin", discord: "43" },
    { name: "bob", role: "risk", telegram: "502" },
  ],
  newPeople: "trader",
  terminal: "alice",
};
const ONE_ADMIN: RosterRules = {
  listed: [
    { name: "alice", role: "admin", telegram: "501" },
    { name: "bob", role: "admin", telegram: "502" },
  ],
};

const open = (people: RosterRules = RULES): Rig => new Rig({ config: { people } }).boot();
const account = (id: string, platform: "telegram" | "discord" = "discord") => ({
  platform,
  id,
  wallAt: millis(1_800_000_000_000),
});
const grant = (person: string, role: PersonRole): OperatorRequest => ({ type: "grant", person, role });
const revoke = (person: string, platform?: "telegram" | "discord"): OperatorRequest => ({
  type: "revoke",
  person,
  ...(platform === undefined ? {} : { platform }),
});
const asks = (rig: Rig, action: Omit<GrantAction, "type" | "from">, actor: Actor = ALICE, id = "k1-e7") =>
  rig.ask({ type: "propose", proposalId: id, action: { type: "grant", from: "none", ...action } }, actor);
const roles = (rig: Rig): Readonly<Record<string, PersonRole | "none">> =>
  Object.fromEntries(rig.state.roster.all().map(({ name, role }) => [name, role ?? "none"]));
const alerts = (rig: Rig): string[] =>
  rig.effects.flatMap((effect) =>
    effect.type === "alert" && /^(granted|linked|revoked):/.test(effect.key)
      ? [`${effect.level} ${effect.key}: ${effect.title}`]
      : [],
  );
/** The next life of a desk, with what the ledger has of people. */
function restarted(rig: Rig, people: RosterRules = RULES): Rig {
  const next = new Rig({ exchange: rig.exchange, config: { people, epoch: 8, nonce: "abcd" } });
  for (const kind of ["grant", "revoke", "link"])
    for (const { body } of rig.facts(kind)) {
      const { request, actor } = body as { request: OperatorRequest; actor: Actor };
      next.ask(request, actor, true);
    }
  return next;
}

describe("/grant of viewer and trader, /revoke", () => {
  it("holds at once, stands in the ledger, is announced, and comes back after a restart without a word", () => {
    const rig = open();
    expect(rig.ask(revoke("bob"))).toEqual({
      isOk: true,
      text: "bob has no role any more: whatever they send is a stranger's.",
    });
    expect(rig.state.roster.owner("telegram", "502")?.role).toBeUndefined();
    expect(rig.ask(grant("bob", "trader"))).toEqual({ isOk: true, text: "bob is trader from now on." });
    expect(rig.ask({ type: "grant", person: "dora", role: "viewer", account: account("44") })?.isOk).toBe(
      true,
    );
    expect(roles(rig)).toEqual({ alice: "admin", carol: "admin", bob: "trader", dora: "viewer" });
    expect(rig.facts("revoke")).toMatchObject([
      { actor: "alice@telegram", body: { request: { type: "revoke", person: "bob" } } },
    ]);
    expect(alerts(rig)).toEqual([
      "notice revoked:bob: bob has no role any more",
      "high granted:bob: bob is trader now",
      "high granted:dora: dora is viewer now",
    ]);
    const next = new Rig({ exchange: rig.exchange, config: { people: RULES, epoch: 8, nonce: "abcd" } });
    for (const { kind, body } of rig.effects.flatMap((effect) => (effect.type === "fact" ? [effect] : [])))
      if (["grant", "revoke"].includes(kind)) {
        const { request, actor } = body as { request: OperatorRequest; actor: Actor };
        next.ask(request, actor, true);
      }
    expect([roles(next), alerts(next)]).toEqual([roles(rig), []]);
  });

  it.each([
    [
      grant("bob", "admin"),
      "The settings let bob be risk at most (chat.people); only the machine can raise that.",
    ],
    [grant("bob", "risk"), "bob is risk already."],
    [
      grant("eve", "viewer"),
      "eve is new: say which account is theirs, e.g. /grant eve viewer telegram:123456789.",
    ],
    [
      { type: "grant", person: "eve", role: "risk", account: account("44") },
      "The settings let eve be trader at most (chat.newPeople); only the machine can raise that.",
    ],
    [
      { type: "grant", person: "bob", role: "viewer", account: account("44") },
      "bob is known already and adds an account with /link: leave discord:44 out.",
    ],
    [
      { type: "grant", person: "eve", role: "viewer", account: account("43") },
      "This Discord account is carol's.",
    ],
    [
      { type: "grant", person: "Desk", role: "viewer", account: account("44") },
      '"Desk" is the desk\'s own name: choose another one.',
    ],
    [revoke("eve"), 'There is no "eve" here; /users lists everybody.'],
    [revoke("bob", "discord"), "bob has no Discord account."],
  ] as const)("%j is refused in a sentence, and nothing is written", (request, sentence) => {
    const rig = open();
    expect(rig.ask(request as OperatorRequest)).toEqual({
      isOk: false,
      text: `${sentence} Nothing was changed.`,
    });
    expect([rig.facts("grant"), rig.facts("revoke"), alerts(rig)]).toEqual([[], [], []]);
  });

  it("lets nobody in whom the settings don't name, unless they say how far", () => {
    const rig = open({ listed: RULES.listed });
    expect(rig.ask({ type: "grant", person: "eve", role: "viewer", account: account("44") })?.text).toMatch(
      /^"eve" is not in the settings, and chat.newPeople lets nobody in by chat/,
    );
  });

  it("is an admin's alone, whatever role the platform brings along", () => {
    const rig = open();
    rig.ask(revoke("carol"));
    const text = "Only an admin says who may do what. Nothing was changed.";
    for (const actor of [BOB, CAROL, { ...BOB, role: "admin" }] as const)
      expect(rig.ask(revoke("alice"), actor)).toEqual({ isOk: false, text });
    expect(roles(rig)).toMatchObject({ alice: "admin", bob: "risk", carol: "none" });
  });
});

describe("the last admin", () => {
  const alone = "is the only admin: make somebody else admin first. Nothing was changed.";

  it("is neither revoked nor lowered, by themselves either, nor cut off from their last way in", () => {
    const rig = open();
    expect(rig.ask(revoke("carol"))?.isOk).toBe(true);
    for (const request of [revoke("alice"), grant("alice", "risk"), grant("alice", "viewer")])
      expect(rig.ask(request)).toEqual({ isOk: false, text: `alice ${alone}` });
    // The terminal stays.
    expect(rig.ask(revoke("alice", "telegram"))?.isOk).toBe(true);
    expect(rig.ask(revoke("alice", "discord"))?.isOk).toBe(true);
    const away = open({ listed: [{ name: "alice", role: "admin", telegram: "501" }] });
    expect(away.ask(revoke("alice", "telegram"))).toEqual({ isOk: false, text: `alice ${alone}` });
  });

  it("remains when two admins revoke one another at once", () => {
    const rig = open();
    const first = rig.ask(revoke("carol"), ALICE);
    const second = rig.ask(revoke("alice"), CAROL);
    expect([first?.isOk, second?.isOk, rig.state.roster.holders("admin")]).toEqual([true, false, ["alice"]]);
  });
});

describe("/grant of risk and admin", () => {
  it("takes another admin, and the ledger says who asked and who approved", () => {
    const rig = open();
    rig.ask(revoke("bob"));
    expect(rig.ask(grant("bob", "risk"))?.text).toBe("Two people decide that: /grant makes a card.");
    expect(asks(rig, { person: "BOB", role: "risk" })).toEqual({
      isOk: true,
      text: "The proposal is shown on every connected platform; another admin must approve it.",
    });
    for (const [actor, text] of [
      [ALSO_ALICE, "You asked for it: another admin must approve it. Nothing was done."],
      [
        { ...ALICE, platform: "terminal" },
        "You asked for it: another admin must approve it. Nothing was done.",
      ],
      [BOB, "Only an admin approves this; you are trader. Nothing was done."],
    ] as const) {
      const other = open();
      other.ask(revoke("bob"));
      asks(other, { person: "bob", role: "risk" });
      other.pass(60_000);
      expect(other.decide("k1-e7", "k2-e7", "approve", actor, true)).toEqual({ isOk: false, text });
      expect(roles(other)).toMatchObject({ bob: "none" });
    }
    expect(rig.decide("k1-e7", "k2-e7", "approve", CAROL)).toEqual({
      isOk: true,
      text: "bob is risk from now on.",
    });
    expect([roles(rig)["bob"], rig.proposal("k1-e7")?.state]).toEqual(["risk", "done"]);
    expect(rig.facts("grant")).toMatchObject([
      {
        actor: "carol@discord",
        body: {
          request: { type: "grant", person: "bob", role: "risk" },
          askedBy: ALICE,
          isAlone: false,
          proposal: "k1-e7",
        },
      },
    ]);
    expect(alerts(rig).at(-1)).toBe("high granted:bob: bob is risk now");
  });

  it("is the only admin's after a minute and with a code, and not before or without", () => {
    const rig = open(ONE_ADMIN);
    rig.ask(revoke("bob"));
    expect(asks(rig, { person: "bob", role: "admin" })?.text).toContain(
      "approve it yourself in 60 s with a code of your authenticator",
    );
    const early = open(ONE_ADMIN);
    early.ask(revoke("bob"));
    asks(early, { person: "bob", role: "admin" });
    early.pass(59_000);
    expect(early.decide("k1-e7", "k2-e7", "approve", ALICE, true)?.isOk).toBe(false);
    const bare = open(ONE_ADMIN);
    bare.ask(revoke("bob"));
    asks(bare, { person: "bob", role: "admin" });
    bare.pass(60_000);
    expect(bare.decide("k1-e7", "k2-e7", "approve", ALICE)?.text).toMatch(
      /your one-time code must come with/,
    );
    expect([roles(early)["bob"], roles(bare)["bob"]]).toEqual(["none", "none"]);
    rig.pass(60_000);
    expect(rig.decide("k1-e7", "k2-e7", "approve", ALICE, true)?.isOk).toBe(true);
    expect(rig.facts("grant")[0]?.body).toMatchObject({ isAlone: true });
    expect(rig.proposal("k1-e7")?.outcome).toMatch(/approved alone, with a code and after a minute\.$/);
  });

  it("is void when whoever asked, or the person, is not what they were", () => {
    const asker = open();
    asker.ask(revoke("bob"));
    asks(asker, { person: "bob", role: "risk" }, CAROL);
    asker.ask(revoke("carol"));
    expect(asker.decide("k1-e7", "k2-e7", "approve", ALICE)?.text).toBe(
      "carol, who asked for it, is no admin any more. Nothing was done.",
    );
    const person = open();
    person.ask(revoke("bob"));
    asks(person, { person: "bob", role: "risk" });
    person.ask(grant("bob", "viewer"));
    expect(person.decide("k1-e7", "k2-e7", "approve", CAROL)?.text).toBe(
      "bob was none when it was asked and is viewer now: ask again with /grant. Nothing was done.",
    );
    expect([roles(asker)["bob"], roles(person)["bob"]]).toEqual(["none", "viewer"]);
  });

  it("asks once about a person, never beyond the settings, and ends with its card", () => {
    const rig = open();
    rig.ask(revoke("bob"));
    asks(rig, { person: "bob", role: "risk" });
    expect(asks(rig, { person: "bob", role: "risk" }, CAROL, "k2-e7")?.text).toBe(
      "The card k1-e7 asks about bob already; decide there.",
    );
    expect(asks(rig, { person: "bob", role: "admin" }, CAROL, "k3-e7")?.text).toMatch(/be risk at most/);
    expect(asks(rig, { person: "bob", role: "trader" }, CAROL, "k4-e7")?.text).toBe(
      "trader for bob takes no card; /grant does it at once.",
    );
    expect(rig.decide("k1-e7", "k9-e7", "reject", BOB)?.isOk).toBe(true);
    asks(rig, { person: "bob", role: "risk" }, ALICE, "k5-e7");
    rig.pass(601_000);
    expect([rig.proposal("k1-e7")?.state, rig.proposal("k5-e7")?.state, roles(rig)["bob"]]).toEqual([
      "rejected",
      "expired",
      "none",
    ]);
  });

  it("a second tap on its card does nothing", () => {
    const rig = open();
    rig.ask(revoke("bob"));
    asks(rig, { person: "bob", role: "risk" });
    rig.decide("k1-e7", "k2-e7", "approve", CAROL);
    rig.ask(revoke("bob"));
    expect(rig.decide("k1-e7", "k2-e7", "approve", CAROL)?.text).toBe("This proposal is no longer open.");
    expect(roles(rig)["bob"]).toBe("none");
  });
});

describe("/link", () => {
  const link = (person: string, id: string): OperatorRequest => ({
    type: "link",
    person,
    account: account(id),
  });
  const bobs: Actor = { person: "bob", role: "risk", platform: "discord" };

  it("makes a further account the person's, tells everybody, and comes back after a restart", () => {
    const rig = open();
    expect(rig.ask(link("bob", "42"), bobs)).toEqual({
      isOk: true,
      text: "This Discord account is bob's from now on.",
    });
    expect(rig.state.roster.owner("discord", "42")?.name).toBe("bob");
    expect(alerts(rig)).toEqual(["high linked:bob: A Discord account was linked to bob"]);
    expect(restarted(rig).state.roster.owner("discord", "42")?.name).toBe("bob");
  });

  it.each([
    [
      "alice",
      "49",
      /^alice has a Discord account already; an admin takes it away with \/revoke alice discord\./,
    ],
    ["bob", "43", /^This account is carol's already\. Nothing was linked\.$/],
    ["eve", "42", /^eve has no role\. Nothing was linked\.$/],
  ])("of %s to %s is refused", (person, id, sentence) => {
    const rig = open();
    expect(rig.ask(link(person, id), { ...bobs, person })?.text).toMatch(sentence);
    expect([rig.facts("link"), alerts(rig)]).toEqual([[], []]);
  });

  it("an account that was cut off from whom the settings name is nobody else's: who had it would act as them", () => {
    const rig = open();
    rig.ask(revoke("alice", "discord"));
    expect(rig.ask(link("bob", "41"), bobs)?.text).toBe(
      "This account is alice's already. Nothing was linked.",
    );
    expect(rig.ask({ ...grant("dora", "viewer"), account: account("41") } as OperatorRequest)?.text).toBe(
      "This Discord account is alice's. Nothing was changed.",
    );
    // Nor does it come back with a fact from before that was so.
    rig.ask(link("bob", "41"), bobs, true);
    expect([rig.state.roster.owner("discord", "41"), rig.state.roster.find("bob")?.accounts.length]).toEqual([
      undefined,
      1,
    ]);
    expect(rig.ask(link("alice", "41"), { ...bobs, person: "alice" })?.isOk).toBe(true);
    expect(rig.state.roster.owner("discord", "41")?.accounts).toContainEqual({
      platform: "discord",
      id: "41",
      sinceWallAt: account("41").wallAt,
    });
  });

  it("an account that was cut off is gone at once, and stays so after a restart", () => {
    const rig = open();
    rig.ask(link("bob", "42"), bobs);
    expect(rig.ask(revoke("bob", "discord"))?.text).toBe(
      "The Discord account of bob is cut off; what it sends is a stranger's.",
    );
    expect(rig.state.roster.owner("discord", "42")).toBeUndefined();
    const next = new Rig({ exchange: rig.exchange, config: { people: RULES, epoch: 8, nonce: "abcd" } });
    next.ask(link("bob", "42"), bobs, true);
    next.ask(revoke("bob", "discord"), ALICE, true);
    expect(next.state.roster.owner("discord", "42")).toBeUndefined();
  });
});
