import { describe, expect, it } from "vitest";
import type { Actor } from "../../../src/core/proposal.ts";
import type { KernelConfig } from "../../../src/desk/kernel/config.ts";
import { BOB, CAROL, Rig } from "../../support/rig.ts";

const ALICE: Actor = { person: "alice", role: "admin", platform: "telegram" };
const ALSO_ALICE: Actor = { ...ALICE, platform: "discord" };

/** A desk in Shutdown, flat. */
function shut(given: Partial<KernelConfig> = {}): Rig {
  const rig = new Rig({ config: given }).boot();
  rig.ask({ type: "setRiskState", state: "shutdown" });
  rig.pass(10_000);
  expect(rig.state.riskState).toBe("shutdown");
  return rig;
}
const alone = (): Rig => shut({ people: { listed: [{ name: "alice", role: "admin" }] } });

describe("leaving Shutdown", () => {
  it("is done when another admin approves, and the ledger says who asked, who approved, and why", () => {
    const rig = shut();
    expect(rig.askReset("k1-e7", ALICE)).toEqual({
      isOk: true,
      text: "The proposal is shown on every connected platform; another admin must approve it.",
    });
    rig.pass(5_000);
    expect([rig.state.riskState, rig.exchange.open()]).toEqual(["shutdown", []]);
    expect(rig.decide("k1-e7", "k2-e7", "approve", CAROL)?.isOk).toBe(true);
    expect(rig.state.riskState).toBe("monitoring");
    expect(rig.proposal("k1-e7")).toMatchObject({ state: "done", decidedBy: CAROL, askedBy: ALICE });
    expect(rig.facts("resetRisk")).toMatchObject([
      {
        actor: "carol@discord",
        body: {
          request: { type: "resetRisk" },
          askedBy: ALICE,
          cause: "it is understood",
          proposal: "k1-e7",
          isAlone: false,
        },
      },
    ]);
  });

  it.each([
    [
      "whoever asked, from another platform",
      ALSO_ALICE,
      "You asked for it: another admin must approve it. Nothing was done.",
    ],
    ["somebody who is no admin", BOB, "Only an admin approves this; you are trader. Nothing was done."],
  ] as const)("is not done by %s, even past the door", (_who, actor, text) => {
    const rig = shut();
    rig.askReset("k1-e7", ALICE);
    expect(rig.decide("k1-e7", "k2-e7", "approve", actor)).toEqual({ isOk: false, text });
    expect([rig.state.riskState, rig.facts("resetRisk")]).toEqual(["shutdown", []]);
  });

  it("can't be had without a card, nor with two of them, nor by a trader's wish", () => {
    const rig = shut();
    expect(rig.ask({ type: "resetRisk" })).toEqual({
      isOk: false,
      text: "Two people decide that: /risk_reset makes a card.",
    });
    expect(rig.askReset("k1-e7", BOB)?.isOk).toBe(false);
    rig.askReset("k2-e7", ALICE);
    expect(rig.askReset("k3-e7", CAROL)).toEqual({
      isOk: false,
      text: "The card k2-e7 asks for it already; decide there.",
    });
    expect([rig.state.riskState, rig.shown.length]).toEqual(["shutdown", 1]);
  });

  it("is left to a desk's only admin a minute after asking, with a code, and the audit says so", () => {
    const early = alone();
    early.askReset("k1-e7", ALICE);
    early.pass(59_000);
    expect(early.decide("k1-e7", "k2-e7", "approve", ALICE, true)?.isOk).toBe(false);
    expect(early.state.riskState).toBe("shutdown");
    const bare = alone();
    bare.askReset("k1-e7", ALICE);
    bare.pass(60_000);
    expect(bare.decide("k1-e7", "k2-e7", "approve", ALICE)).toEqual({
      isOk: false,
      text: "There is nobody else: your one-time code must come with the approval. Nothing was done.",
    });
    expect(bare.state.riskState).toBe("shutdown");
    const rig = alone();
    expect(rig.askReset("k1-e7", ALICE)?.text).toContain(
      "approve it yourself in 60 s with a code of your authenticator",
    );
    rig.pass(60_000);
    expect(rig.decide("k1-e7", "k2-e7", "approve", ALICE, true)?.isOk).toBe(true);
    expect(rig.state.riskState).toBe("monitoring");
    expect(rig.facts("resetRisk")[0]?.body).toMatchObject({ isAlone: true });
    expect(rig.proposal("k1-e7")?.outcome).toMatch(/approved alone, with a code and after a minute\.$/);
    const machine = { ...ALICE, platform: "terminal" } as const;
    const there = alone();
    expect(there.askReset("k1-e7", machine)?.text).toMatch(/your authenticator, where one is set up\.$/);
    there.pass(60_000);
    there.decide("k1-e7", "k2-e7", "approve", machine, true);
    expect(there.proposal("k1-e7")?.outcome).toMatch(/approved alone, at the terminal and after a minute\.$/);
  });

  it("ends with its card: rejected, out of time, or with the desk's life", () => {
    const rejected = shut();
    rejected.askReset("k1-e7", ALICE);
    rejected.decide("k1-e7", "k2-e7", "reject", BOB);
    const late = shut();
    late.askReset("k1-e7", ALICE);
    late.pass(601_000);
    const next = shut();
    next.askReset("k1-e7", ALICE);
    const open = next.proposal("k1-e7");
    const restarted = new Rig({ exchange: next.exchange, config: { epoch: 8, nonce: "abcd" } });
    restarted.feed({
      type: "proposalRestored",
      ...next.exchange.times(),
      proposal: { ...open, state: "claimed" } as never,
    });
    restarted.boot();
    expect([rejected, late, restarted].map((rig) => rig.proposal("k1-e7")?.state)).toEqual([
      "rejected",
      "expired",
      "failed",
    ]);
    expect([rejected, late].map((rig) => rig.state.riskState)).toEqual(["shutdown", "shutdown"]);
  });
});
