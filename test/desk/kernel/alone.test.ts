import { describe, expect, it } from "vitest";
import type { Actor, ProposalAction } from "../../../src/core/proposal.ts";
import { Rig } from "../../support/rig.ts";

const AT_THE_MACHINE: Actor = { person: "alice", role: "admin", platform: "terminal" };
const ON_THE_PHONE: Actor = { ...AT_THE_MACHINE, platform: "telegram" };
const GRANT: ProposalAction = { type: "grant", person: "bob", role: "risk", from: "none" };
const LIMIT: ProposalAction = {
  type: "limit",
  account: "main",
  limit: "exposure",
  from: 1,
  to: 3,
  settings: 3,
  texts: { from: "1x", to: "3x", settings: "3x" },
};
const DISARM: ProposalAction = { type: "disarm", account: "main", seconds: 60 };

/** What the only person who may is told when they ask, and what the card keeps of their own yes a minute later. */
function alone(action: ProposalAction, actor: Actor): readonly (string | undefined)[] {
  const listed = [
    { name: "alice", role: "admin" },
    { name: "bob", role: "risk" },
  ] as const;
  const rig = new Rig({ config: { people: { listed }, countdownSeconds: 60 } }).boot();
  rig.ask({ type: "revoke", person: "bob" }, actor);
  rig.ask({ type: "setLimit", limit: "exposure", value: 1, wallAt: rig.exchange.times().wallAt }, actor);
  const asked = rig.ask({ type: "propose", proposalId: "k1-e7", action }, actor);
  rig.pass(60_000);
  expect(rig.decide("k1-e7", "k2-e7", "approve", actor, true)?.isOk).toBe(true);
  return [asked?.text, rig.proposal("k1-e7")?.outcome];
}

describe.each([
  ["a role", GRANT],
  ["a limit", LIMIT],
  ["a disarming", DISARM],
])("%s that one person approves alone", (_name, action) => {
  it("was approved with a code, where one was asked for", () => {
    const [asked, outcome] = alone(action, ON_THE_PHONE);
    expect(asked).toMatch(/approve it yourself in 60 s with a code of your authenticator\.$/);
    expect(outcome).toMatch(/approved alone, with a code and after a minute\.$/);
  });

  it("was approved at the terminal, which may ask for none", () => {
    const [asked, outcome] = alone(action, AT_THE_MACHINE);
    expect(asked).toMatch(/in 60 s with a code of your authenticator, where one is set up\.$/);
    expect(outcome).toMatch(/approved alone, at the terminal and after a minute\.$/);
  });
});
