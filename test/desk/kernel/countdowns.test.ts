import { describe, expect, it } from "vitest";
import type { Role } from "../../../src/core/order.ts";
import { millis } from "../../../src/core/units.ts";
import { LINEAR } from "../../support/instruments.ts";
import { CAROL, Rig } from "../../support/rig.ts";

const CONFIG = { countdownSeconds: 60 };

/** The exchange took a sign of life now, or did not. */
const sign = (rig: Rig, problem?: string, seconds = 60): void =>
  rig.feed({
    ...rig.exchange.times(),
    type: "countdown",
    account: "main",
    instrument: LINEAR.id,
    seconds,
    askedWallAt: millis(rig.exchange.wallAt),
    ...(problem === undefined ? {} : { problem }),
  });

/** A rung is held, its exits and the next entry rest, and a countdown runs. */
function holding(config: object = CONFIG): Rig {
  const rig = new Rig({ config }).boot();
  rig.pass(2_000);
  const [entry] = rig.exchange.open("entry");
  if (entry === undefined) throw new Error("no entry");
  rig.feed(...rig.exchange.fill(entry));
  rig.pass(3_000);
  sign(rig);
  return rig;
}

/** Somebody else than the desk cancels all orders of these roles. */
function gone(rig: Rig, ...roles: readonly Role[]): void {
  rig.feed(
    ...roles.flatMap((role) => rig.exchange.open(role).flatMap(({ facts }) => rig.exchange.cancel(facts))),
  );
}
const told = (rig: Rig) => rig.alerts.filter(({ key }) => key.startsWith("countdown"));
const isArmed = (rig: Rig): boolean => rig.state.countdowns.isArmed(rig.config);

describe("the exchange's countdown", () => {
  it.each([[["takeProfit", "entry", "stop"]], [["stop", "takeProfit"]]] as const)(
    "took a stop: %s went at once after its end; it is disarmed, and the next life knows",
    (roles) => {
      const rig = holding();
      rig.pass(61_000);
      gone(rig, ...roles);
      expect([isArmed(rig), told(rig).map(({ level, key }) => `${level} ${key}`)]).toEqual([
        false,
        ["critical countdown-stop:main"],
      ]);
      rig.pass(5_000);
      expect(rig.exchange.open("stop")).toHaveLength(1);
      const [fact] = rig.facts("countdownTookStop");
      const next = new Rig({ exchange: rig.exchange, config: { ...CONFIG, epoch: 8, nonce: "abcd" } });
      next.ask(fact?.body["request"] as never, CAROL, true);
      next.boot();
      expect([isArmed(next), next.state.countdowns.view(next.config).why]).toEqual([
        false,
        expect.stringMatching(/^a stop of .* went with it at \d\d:\d\d:\d\d UTC$/),
      ]);
    },
  );

  it("that took a stop is armed by nobody in chat: a start without it forgets, and the one after that has it again", () => {
    const took = { type: "countdownTookStop", instrument: LINEAR.id, at: millis(1_700_000_000_000) } as const;
    const rig = new Rig({ config: CONFIG });
    rig.ask(took, CAROL, true);
    rig.boot();
    expect([rig.ask({ type: "armCountdown" })?.isOk, isArmed(rig), rig.facts("armCountdown")]).toEqual([
      false,
      false,
      [],
    ]);
    const without = new Rig();
    without.ask(took, CAROL, true);
    without.boot();
    const [fact] = without.facts("armCountdown");
    const next = new Rig({ config: CONFIG });
    next.ask(took, CAROL, true);
    next.ask(fact?.body["request"] as never, CAROL, true);
    next.boot();
    expect(isArmed(next)).toBe(true);
  });

  it.each([
    [
      "while it is set again and again, somebody cancels all by hand",
      30_000,
      ["takeProfit", "entry", "stop"],
    ],
    ["after its end somebody cancels a stop alone", 61_000, ["stop"]],
    ["after its end entries and take profits went, as they should", 61_000, ["takeProfit", "entry"]],
  ] as const)("is not blamed when %s", (_what, ms, roles) => {
    const rig = holding();
    rig.pass(ms);
    gone(rig, ...roles);
    expect([isArmed(rig), told(rig)]).toEqual([true, []]);
  });

  it("is not blamed for a stop that went minutes before the rest", () => {
    const rig = holding();
    rig.pass(61_000);
    gone(rig, "stop");
    rig.pass(3_000);
    gone(rig, "takeProfit");
    expect(isArmed(rig)).toBe(true);
  });

  it("is not blamed by a start that finds all as it should be, or an entry that filled while stops of old rungs had gone", () => {
    const rig = holding();
    gone(rig, "entry");
    const [profit] = rig.exchange.open("takeProfit");
    if (profit === undefined) throw new Error("no take profit");
    rig.feed(...rig.exchange.fill(profit));
    rig.pass(5_000);
    const [entry] = rig.exchange.open("entry");
    if (entry === undefined) throw new Error("no entry");
    // Killed before it could send the stop.
    rig.exchange.fill(entry);
    const next = new Rig({ exchange: rig.exchange, config: { ...CONFIG, epoch: 8, nonce: "abcd" } }).boot();
    next.pass(3_000);
    expect([isArmed(next), told(next), next.exchange.open("stop").length]).toEqual([true, [], 1]);
  });

  it("that can't be set again is told when half of its time is gone, once, and again when it works", () => {
    const rig = holding();
    rig.pass(20_000);
    sign(rig, "ReadTimeout");
    expect(told(rig)).toEqual([]);
    rig.pass(12_000);
    for (let count = 0; count < 3; count += 1) sign(rig, "ReadTimeout");
    sign(rig);
    const [failed, again, ...more] = told(rig);
    expect([failed?.level, again?.level, more]).toEqual(["high", "resolved", []]);
    expect(failed?.lines.join("\n")).toMatch(
      /ReadTimeout[\s\S]*At \d\d:\d\d:\d\d UTC the exchange takes entries[\s\S]*Press \/health/,
    );
  });

  it("is armed by one person and disarmed by two, and not at all where the settings have none", () => {
    const rig = holding();
    const action = { type: "disarm", account: "main", seconds: 60 } as const;
    const ask = (proposalId: string) => rig.ask({ type: "propose", proposalId, action });
    expect(rig.ask({ type: "armCountdown" })?.isOk).toBe(false);
    expect(rig.ask({ type: "disarmCountdown" })).toMatchObject({ isOk: false });
    expect(rig.ask({ type: "countdownTookStop", instrument: LINEAR.id, at: millis(1) })?.isOk).toBe(false);
    expect(ask("k1-e7")?.text).toMatch(/another person with the role risk must approve it/);
    expect(ask("k2-e7")?.text).toMatch(/^The card k1-e7 asks for it already/);
    expect(rig.decide("k1-e7", "k9-e7", "approve", CAROL)).toMatchObject({ isOk: true });
    expect([isArmed(rig), rig.facts("disarmCountdown").length, ask("k3-e7")?.isOk]).toEqual([
      false,
      1,
      false,
    ]);
    expect(rig.ask({ type: "armCountdown" })?.text).toMatch(/^Armed: .* for 60 s/);
    expect([isArmed(rig), rig.facts("armCountdown").length]).toEqual([true, 1]);
    const none = holding({});
    expect([none.ask({ type: "armCountdown" })?.isOk, isArmed(none)]).toEqual([false, false]);
    expect(none.ask({ type: "propose", proposalId: "k1-e7", action })?.isOk).toBe(false);
  });
});
