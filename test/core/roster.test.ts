import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type PersonRole, ROLES } from "../../src/core/proposal.ts";
import { Roster, type RosterRules, rankOf, takesCard } from "../../src/core/roster.ts";
import { millis } from "../../src/core/units.ts";

const RULES: RosterRules = {
  listed: [
    { name: "Alice", role: "admin", telegram: "501", discord: "41" },
    { name: "bob", role: "trader", telegram: "502" },
  ],
  newPeople: "trader",
  terminal: "Alice",
};
const at = millis(1_800_000_000_000);
const discord = (id: string) => ({ platform: "discord", id, wallAt: at }) as const;
const roleOf = (roster: Roster, name: string): PersonRole | "none" | "nobody" => {
  const person = roster.find(name);
  return person === undefined ? "nobody" : (person.role ?? "none");
};

describe("settings are a ceiling", () => {
  test("nothing said in chat: what the settings say", () => {
    const roster = new Roster(RULES);
    expect(["Alice", "ALICE", "bob", "eve"].map((name) => roleOf(roster, name))).toEqual([
      "admin",
      "admin",
      "trader",
      "nobody",
    ]);
    expect(roster.holders("admin")).toEqual(["Alice"]);
    expect(roster.find("alice")?.name).toBe("Alice");
  });

  test("chat takes away and gives back, up to the settings and no further", () => {
    const roster = new Roster(RULES);
    roster.revoke("BOB");
    expect([roleOf(roster, "bob"), roster.owner("telegram", "502")?.role]).toEqual(["none", undefined]);
    roster.grant("bob", "viewer");
    expect(roleOf(roster, "bob")).toBe("viewer");
    roster.grant("bob", "admin");
    expect([roleOf(roster, "bob"), roster.holders("admin")]).toEqual(["trader", ["Alice"]]);
  });

  test("settings that are lowered later win over what chat gave, and those that are raised do not", () => {
    const lowered = new Roster({ listed: [{ name: "bob", role: "viewer" }] });
    lowered.grant("bob", "trader");
    expect(roleOf(lowered, "bob")).toBe("viewer");
    const raised = new Roster({ listed: [{ name: "bob", role: "admin" }] });
    raised.grant("bob", "trader");
    expect(roleOf(raised, "bob")).toBe("trader");
  });

  test("whoever is not in the settings has at most what newPeople says, and without it nothing", () => {
    const open = new Roster(RULES);
    open.grant("carol", "admin", discord("43"));
    expect([roleOf(open, "carol"), open.owner("discord", "43")?.name]).toEqual(["trader", "carol"]);
    const shut = new Roster({ listed: RULES.listed });
    shut.grant("carol", "viewer", discord("43"));
    expect([roleOf(shut, "carol"), shut.owner("discord", "43")?.role]).toEqual(["none", undefined]);
  });

  test("never more than the settings say, whatever is said; and always all of it where chat says so", () => {
    const role = fc.constantFrom(...ROLES);
    const said = fc.record({ role: fc.option(role), person: fc.constantFrom("alice", "bob", "carol") });
    fc.assert(
      fc.property(
        fc.option(role, { nil: undefined }),
        fc.array(said, { maxLength: 12 }),
        (newPeople, words) => {
          const roster = new Roster({
            listed: RULES.listed,
            ...(newPeople === undefined ? {} : { newPeople }),
          });
          for (const { role: word, person } of words)
            if (word === null) roster.revoke(person);
            else roster.grant(person, word);
          for (const [person, ceiling] of [
            ["alice", "admin"],
            ["bob", "trader"],
            ["carol", newPeople],
          ] as const) {
            expect(rankOf(roster.find(person)?.role)).toBeLessThanOrEqual(rankOf(ceiling));
            const last = words.findLast((word) => word.person === person);
            if (last?.role != null && rankOf(last.role) >= rankOf(ceiling))
              expect(roster.find(person)?.role).toBe(ceiling);
          }
        },
      ),
    );
  });
});

describe("accounts", () => {
  test("a linked one is the person's own, and the settings' account of a person stands before it", () => {
    const roster = new Roster(RULES);
    roster.link("bob", discord("42"));
    expect(roster.owner("discord", "42")?.name).toBe("bob");
    expect(roster.find("bob")?.accounts).toEqual([
      { platform: "telegram", id: "502", sinceWallAt: undefined },
      { platform: "discord", id: "42", sinceWallAt: at },
    ]);
    const later = new Roster({ listed: [{ name: "bob", role: "trader", discord: "77" }] });
    later.link("bob", discord("42"));
    expect(later.find("bob")?.accounts).toEqual([{ platform: "discord", id: "77", sinceWallAt: undefined }]);
  });

  test("one that the settings give to somebody else is theirs", () => {
    const roster = new Roster({
      listed: [...RULES.listed, { name: "dora", role: "risk", discord: "42" }],
    });
    roster.link("bob", discord("42"));
    expect(roster.owner("discord", "42")?.name).toBe("dora");
    expect(roster.find("bob")?.accounts).toHaveLength(1);
  });

  test("one that is cut off is a stranger's, also one of the settings; linked again it is new", () => {
    const roster = new Roster(RULES);
    roster.revoke("alice", "discord");
    expect(roster.owner("discord", "41")).toBeUndefined();
    expect(roster.owner("telegram", "501")?.role).toBe("admin");
    roster.link("alice", discord("41"));
    expect(roster.find("alice")?.accounts.at(-1)).toEqual({ platform: "discord", id: "41", sinceWallAt: at });
    roster.revoke("alice", "discord");
    roster.link("alice", discord("49"));
    expect([roster.owner("discord", "41"), roster.owner("discord", "49")?.name]).toEqual([
      undefined,
      "Alice",
    ]);
  });
});

test("only upwards to risk or admin takes a card", () => {
  const taking = ROLES.flatMap((role) =>
    [undefined, ...ROLES].filter((now) => takesCard(role, now)).map((now) => `${now ?? "none"} ${role}`),
  );
  expect(taking).toEqual([
    "none risk",
    "viewer risk",
    "trader risk",
    "none admin",
    "viewer admin",
    "trader admin",
    "risk admin",
  ]);
});
