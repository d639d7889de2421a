import { describe, expect, it } from "vitest";
import type { TradeFields } from "../../../src/core/trade-log.ts";
import { lots, millis, ONE, rate, ticks, value } from "../../../src/core/units.ts";
import { GridMetrics } from "../../../src/engines/grid/metrics.ts";
import type { GridParameters } from "../../../src/engines/grid/parameters.ts";
import { Exchange } from "../../support/exchange.ts";
import { LINEAR } from "../../support/instruments.ts";
import { GRID, Rig } from "../../support/rig.ts";
import { one } from "../../support/scenario.ts";
import { Journal } from "./trade-log-rig.ts";

/** Bought at 50,000.0, to be sold at 50,500.0; one entry only, and stuck after an hour. */
const EXAMPLE: GridParameters = {
  ...GRID,
  anchor: ticks(500_000),
  takeProfit: rate(1_000_000),
  stopLoss: rate(10_000_000),
  waitMs: millis(1e11),
};

/** A desk with its trade log, which may be killed and started again. */
class Life {
  rig: Rig;
  journal: Journal;

  constructor(given: Partial<GridParameters>) {
    const exchange = new Exchange(given.positionSide === "long");
    this.rig = new Rig({ exchange, config: { grids: [{ ...EXAMPLE, ...given }] } });
    this.journal = new Journal().of(this.rig);
    this.rig.boot();
    this.rig.feed(...this.rig.exchange.fill(one(this.rig, "entry")));
    this.rig.quote(475_000);
    this.pass(66);
  }

  /** The market's minutes go by, one second of the wall each. */
  pass(minutes: number): void {
    for (let n = 0; n < minutes; n += 1) {
      this.rig.exchange.at += 60_000;
      this.rig.exchange.wallAt += 1_000;
      this.rig.timer();
      this.rig.feed(...this.rig.exchange.quotes());
    }
  }

  /** The exchange goes on while the desk is dead. */
  restart(meanwhile: (rig: Rig) => void = () => {}): void {
    meanwhile(this.rig);
    const { exchange, config } = this.rig;
    this.rig = new Rig({ exchange, config: { ...config, epoch: config.epoch + 1, nonce: "abcd" } });
    this.journal = new Journal(this.journal.lines).of(this.rig);
    exchange.wallAt += 5_000;
    this.rig.boot();
  }

  /** Live figures; the log alone says the same. */
  figures() {
    const alone = new GridMetrics();
    for (const line of this.journal.lines) expect(alone.add(line).type).toBe("counted");
    const { recovery, recoverySuccessRate } = this.journal.metrics.report();
    expect(alone.report().recovery).toEqual(recovery);
    return { ...recovery, recoverySuccessRate };
  }

  health(): TradeFields[] {
    return this.journal.lines.filter(({ Action }) => /^(STUCK|RECOVER)/.test(String(Action)));
  }
}

type Fate = (rig: Rig) => void;
const moved =
  (mark: number): Fate =>
  ({ exchange }) =>
    Object.assign(exchange, { mark, bid: mark, ask: mark + 1 });
const sold =
  (role: string, mark: number): Fate =>
  (rig) => {
    moved(mark)(rig);
    for (const order of rig.exchange.open(role)) rig.exchange.fill(order);
  };
const stopped: Fate = (rig) => {
  moved(449_000)(rig);
  for (const order of rig.exchange.open("stop")) rig.exchange.trigger(order, false, 449_000);
};

/** What a person chose on a card about rung 0. */
const chosen =
  (how: "aggressive" | "ladder"): Fate =>
  (rig) => {
    const action = { type: "recover", account: "main", instrument: LINEAR.id, positionSide: "both" } as const;
    const stuckSince = rig.kernel.rungs("grid1")[0]?.stuckSince ?? millis(0);
    const ways = ["aggressive", "ladder"] as const;
    const asked = {
      engine: "grid1",
      rung: 0,
      lots: lots(10),
      stuckSince,
      ways,
      fallback: "wait",
      lines: [],
    } as const;
    rig.ask({ type: "propose", proposalId: "k1-e7", action: { ...action, ...asked } });
    rig.decide("k1-e7", "k99-e7", how);
  };
/** News of all that follows from a fate is lost once nothing is held any more: the desk dies. */
function unheard(life: Life, fate: Fate): void {
  life.rig.isInstant = false;
  fate(life.rig);
  for (let n = 0; n < 300 && life.rig.exchange.position.lots > 0; n += 1)
    if (!life.rig.serve() && !life.rig.deliver()) life.pass(1);
}

describe("why a stuck position was closed", () => {
  it.each([
    ["its mode", "aggressive", "recovery", undefined, moved(474_000), {}],
    ["a loss beyond its stop", "aggressive", "loss", undefined, moved(440_000), { stopLoss: undefined }],
    ["a person, on a card", "aggressive", "chosen", "bob", chosen("aggressive"), { recovery: "none" }],
  ] as const)("is told by a later life as by the same one: %s", (_what, how, cause, by, fate, given) => {
    const recovery = cause === "recovery" ? "aggressive" : "ladder";
    const endOf = (isKilled: boolean) => {
      const life = new Life({
        recovery,
        lossMax: value(5_000 * ONE),
        stuckAfterMs: millis(4_000_000),
        ...given,
      });
      if (cause === "chosen") life.pass(6);
      unheard(life, fate);
      expect(life.rig.exchange.position.lots).toBe(0);
      if (isKilled) life.restart();
      else life.rig.isInstant = true;
      life.pass(6);
      const line = life.health().at(-1);
      expect(line).toMatchObject({ Action: "RECOVERED", How: how, Cause: cause });
      expect(line?.["By"]).toBe(by);
      const closes = life.journal.lines.filter(({ Action }) => Action === "CLOSE");
      return { figures: life.figures(), closes: closes.map(({ Cause, By, PnL }) => [Cause, By, PnL]) };
    };
    const whole = endOf(false);
    expect(whole).toMatchObject({
      figures: { stuck: 1, ended: 1 },
      closes: [[cause, by, expect.anything()]],
    });
    expect(endOf(true)).toEqual(whole);
  });

  it.each([
    ["a person's close", "asked", "person", "CLOSE"],
    ["its halt", "halted", "stop", "CLOSE"],
  ] as const)("is not taken for a recovery: %s", (_what, cause, how, action) => {
    const endOf = (isKilled: boolean) => {
      const life = new Life({ recovery: "none", stopPrice: cause === "halted" ? ticks(470_000) : undefined });
      unheard(life, (rig) => {
        if (cause === "halted") rig.quote(469_000);
        else {
          rig.propose("k1-e7");
          rig.decide("k1-e7");
        }
      });
      if (isKilled) life.restart();
      else life.rig.isInstant = true;
      life.pass(6);
      expect(life.health().at(-1)).toMatchObject({ Action: "RECOVERED", How: how, Cause: cause });
      expect(life.journal.lines.filter(({ Action }) => Action === action)).toMatchObject([{ Cause: cause }]);
      return life.figures();
    };
    expect(endOf(true)).toEqual(endOf(false));
  });

  it("names the person who chose a ladder, in every line of it and in what people are told, over a restart too", () => {
    const life = new Life({ recovery: "none" });
    chosen("ladder")(life.rig);
    life.pass(1);
    expect(life.rig.alerts.at(-1)?.lines.at(-1)).toBe("bob chose this way.");
    const [first] = life.rig.exchange.open("ladder");
    if (first !== undefined) life.rig.feed(...life.rig.exchange.fill(first));
    life.restart(sold("ladder", 500_000));
    life.pass(6);
    expect(life.health()).toMatchObject([
      { Action: "STUCK" },
      { Action: "RECOVERY_BEGIN", How: "ladder", Cause: "chosen", By: "bob" },
      { Action: "RECOVERED", How: "ladder", By: "bob" },
    ]);
    const slices = life.journal.lines.filter(({ Action }) => Action === "LADDER");
    expect(slices.map(({ By }) => By)).toEqual(["bob", "bob", "bob"]);
  });

  it("says that nobody decided where the card's own word held", () => {
    const life = new Life({ recovery: "none" });
    const [before] = life.rig.kernel.rungs("grid1");
    life.rig.feed({
      ...life.rig.exchange.times(),
      type: "recoverRung",
      engine: "grid1",
      instrument: LINEAR.id,
      positionSide: "both",
      rung: before?.index,
      how: "aggressive",
      fixed: undefined,
      by: "deadline",
    } as never);
    life.pass(1);
    expect(life.health().at(-1)).toMatchObject({ How: "aggressive", By: "deadline" });
    expect(life.rig.alerts.at(-1)?.lines.at(-1)).toBe("Nobody decided in time: it is what the card said.");
  });
});

describe("a stuck position over a restart", () => {
  it.each([
    ["left as it is, and sold by its take profit later", "none", 12, sold("takeProfit", 505_000)],
    ["that gets out by a ladder", "ladder", 12, sold("ladder", 500_000)],
    ["that is stopped out", "none", 12, stopped],
    ["whose price comes back into reach", "none", 12, moved(500_000)],
  ] as const)("is one case: %s", (_what, recovery, minutes, fate) => {
    const figuresOf = (restarts: number) => {
      const life = new Life({ recovery });
      for (let n = 0; n < 2; n += 1) {
        if (n < restarts) life.restart();
        life.pass(minutes);
      }
      fate(life.rig);
      life.rig.feed({
        type: "gap",
        ...life.rig.exchange.times(),
        stream: "account",
        account: "main",
        reason: "x",
      });
      life.rig.feed({ type: "resynced", ...life.rig.exchange.times(), stream: "account", account: "main" });
      life.pass(20);
      return life.figures();
    };
    const whole = figuresOf(0);
    expect(whole).toMatchObject({ stuck: 1, open: 0, ended: 1 });
    expect(figuresOf(1)).toEqual(whole);
    expect(figuresOf(2)).toEqual(whole);
  });

  it.each([
    ["its take profit", "none", "takeProfit", sold("takeProfit", 505_000)],
    ["its ladder", "ladder", "ladder", sold("ladder", 500_000)],
    ["its stop", "none", "stop", stopped],
    ["the price, which comes back", "none", "back", moved(500_000)],
  ] as const)(
    "ends in the log too where %s did that while the desk was dead",
    (_what, recovery, how, fate) => {
      const life = new Life({ recovery });
      life.restart(fate);
      life.pass(6);
      expect(life.health().map(({ Action }) => Action)).toEqual(
        recovery === "ladder" ? ["STUCK", "RECOVERY_BEGIN", "RECOVERED"] : ["STUCK", "RECOVERED"],
      );
      expect(life.figures()).toMatchObject({
        stuck: 1,
        open: 0,
        overdue: 0,
        ended: 1,
        byHow: [{ how, count: 1 }],
      });
    },
  );

  it("counts from when it was first found: a day later it is overdue, in whichever life", () => {
    const life = new Life({ recovery: "none" });
    life.restart();
    life.pass(1_400);
    expect(life.figures()).toMatchObject({ stuck: 1, open: 1, overdue: 0 });
    life.pass(60);
    expect(life.figures()).toMatchObject({ stuck: 1, open: 1, overdue: 1, recoverySuccessRate: 0 });
  });

  it("is another case in the rung's next cycle, and says nothing of cycles that never were stuck", () => {
    const life = new Life({ recovery: "none", waitMs: millis(1_000) });
    life.restart(sold("takeProfit", 505_000));
    life.rig.quote(500_010);
    life.pass(6);
    life.rig.feed(...life.rig.exchange.fill(one(life.rig, "entry")));
    life.rig.quote(475_000);
    life.pass(70);
    expect(life.figures()).toMatchObject({
      stuck: 2,
      open: 1,
      ended: 1,
      byHow: [{ how: "takeProfit", count: 1 }],
    });
  });
});

describe("a hedged pair", () => {
  /** Both legs stand, and close when the price is back at the entry; and whether the desk hears of that. */
  const ended = (given: Partial<GridParameters>, isHeard: boolean): Life => {
    const life = new Life({ recovery: "hedge", positionSide: "long", ...given });
    life.rig.decide("r1-e7", "k9-e7", "hedge");
    life.rig.pass(1_000);
    life.rig.isInstant = isHeard;
    const { exchange } = life.rig;
    life.rig.quote(500_000);
    for (let n = 0; n < 300 && exchange.position.lots - exchange.short.lots > 0; n += 1)
      if (!life.rig.serve()) life.rig.deliver();
    return life;
  };
  const endOf = (life: Life) => life.health().filter(({ Action }) => Action === "RECOVERED");

  it("is one case, with the money of both legs and the person who chose it, whichever life tells its end", () => {
    const heard = ended({}, true);
    expect(heard.health()).toMatchObject([
      { Action: "STUCK" },
      { Action: "RECOVERY_BEGIN", How: "hedge", Cause: "chosen", By: "bob" },
      { Action: "RECOVERED", How: "hedge", Cause: "hedge", By: "bob" },
    ]);
    const whole = heard.figures();
    expect(whole).toMatchObject({
      stuck: 1,
      open: 0,
      ended: 1,
      attempts: 1,
      byHow: [{ how: "hedge", count: 1 }],
    });
    heard.restart();
    heard.pass(6);
    expect(heard.figures()).toEqual(whole);

    const unheardOf = ended({}, false);
    expect(endOf(unheardOf)).toEqual([]);
    // With the stops gone too both cycles are over when the next life finds them.
    for (const stop of unheardOf.rig.exchange.open("stop")) unheardOf.rig.exchange.cancel(stop.facts);
    unheardOf.restart();
    unheardOf.pass(6);
    expect(endOf(unheardOf)).toMatchObject([{ How: "hedge", Cause: "hedge", By: "bob" }]);
    expect(endOf(unheardOf)[0]?.["PnL"]).toBe(endOf(heard)[0]?.["PnL"]);
    expect(unheardOf.figures()).toEqual(whole);
  });

  it("that was told is not told again when the rung's next cycle is stuck, and that is another case", () => {
    const life = ended({ waitMs: millis(1_000) }, false);
    const { exchange } = life.rig;
    expect([exchange.position.lots, exchange.short.lots]).toEqual([0, 0]);
    life.restart();
    life.rig.quote(500_010);
    life.pass(6);
    const [first] = endOf(life);
    life.rig.feed(...exchange.fill(one(life.rig, "entry")));
    life.rig.quote(475_000);
    life.pass(70);
    life.restart();
    life.pass(6);
    expect(endOf(life)).toEqual([first]);
    expect(life.figures()).toMatchObject({
      stuck: 2,
      open: 1,
      ended: 1,
      byHow: [{ how: "hedge", count: 1 }],
    });
  });
});
