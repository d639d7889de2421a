import { describe, expect, it } from "vitest";
import type { DeskEvent } from "../../../src/core/event.ts";
import type { RiskState } from "../../../src/core/proposal.ts";
import type { RiskRestoredEvent } from "../../../src/core/risk-event.ts";
import { millis, ONE, value } from "../../../src/core/units.ts";
import { Exchange } from "../../support/exchange.ts";
import { BOB, GRID, Rig } from "../../support/rig.ts";

/** An account of 100,000 USDT whose owner holds 2,000 lots (100,000 USDT) by hand: a percent of the price is one of the equity. */
function wealthy(): Exchange {
  const exchange = new Exchange();
  exchange.trade("buy", 2_000);
  Object.assign(exchange, { wallet: 100_000 * ONE, leverage: GRID.leverage, marginMode: "isolated" });
  return exchange;
}
/** Its rungs have no stop: what happens to them here is the risk watch's doing. */
const GRIDS = [{ ...GRID, stopLoss: undefined }];
const risky = (): Rig => new Rig({ exchange: wealthy(), config: { grids: GRIDS } }).boot();
/** The equity is so many percent below where it began. */
const fall = (rig: Rig, percent: number) => rig.quote(Math.round(500_000 * (1 - percent / 100)));
const told = (rig: Rig, from = 0): string[] =>
  rig.alerts.slice(from).flatMap(({ key, level }) => (key === "risk:main" ? [level] : []));
const states = (rig: Rig): unknown[] => rig.facts("riskState").map(({ body }) => body["to"]);
const closes = (rig: Rig): number[] =>
  rig.sent.filter(({ role }) => role === "close").map(({ lots }) => lots);

/** What a start replays of an earlier life's facts, and a life that begins with it. */
function restart(rig: Rig, epoch = 8): Rig {
  const next = new Rig({ exchange: rig.exchange, config: { grids: GRIDS, epoch, nonce: `abc${epoch}` } });
  for (const event of replayed(rig)) next.turn(event);
  return next;
}
function replayed(rig: Rig): readonly RiskRestoredEvent[] {
  const times = { at: millis(0), wallAt: millis(rig.exchange.wallAt) };
  const state = rig.facts("riskState").at(-1)?.body;
  const peak = rig.facts("riskPeak").at(-1)?.body;
  return [
    ...(state === undefined
      ? []
      : [
          {
            type: "riskRestored",
            ...times,
            state: state["to"] as RiskState,
            floor: state["floor"] as RiskState,
          } as const,
        ]),
    ...(peak === undefined ? [] : [{ type: "riskRestored", ...times, peak: peak as never } as const]),
  ];
}
/** The exchange tells its wallet. */
const balance = (rig: Rig, cause: "transfer" | "trade", amount: number): DeskEvent => {
  rig.exchange.wallet += amount;
  return {
    type: "balance",
    ...rig.exchange.times(),
    account: "main",
    asset: "USDT",
    wallet: value(rig.exchange.wallet),
    cause,
  };
};
/** Market time goes by with a price every minute. */
function minutes(rig: Rig, count: number): void {
  for (let minute = 0; minute < count; minute += 1) {
    rig.exchange.at += 60_000;
    rig.exchange.wallAt += 1_000;
    rig.feed(...rig.exchange.quotes());
  }
}

describe("the risk state", () => {
  it("a start that goes well says nothing: the ledger gets the peak, once", () => {
    const rig = risky();
    rig.pass(60_000);
    expect([rig.state.riskState, told(rig), states(rig)]).toEqual(["monitoring", [], []]);
    expect(rig.facts("riskPeak").map(({ body }) => body["peak"])).toEqual([100_000 * ONE]);
    expect(rig.exchange.open("entry")).toHaveLength(1);
  });

  it("follows the drawdown up in the turn of the price: Warning trades on, Emergency takes entries back and sells nothing", () => {
    const rig = risky();
    fall(rig, 4.9);
    expect(rig.state.riskState).toBe("monitoring");
    fall(rig, 5);
    expect([rig.state.riskState, told(rig)]).toEqual(["warning", ["high"]]);
    rig.exchange.at += 2_000;
    fall(rig, 5.1);
    expect(rig.exchange.open("entry")).toHaveLength(1);
    fall(rig, 10.1);
    expect([rig.state.riskState, told(rig), rig.exchange.open("entry")]).toEqual([
      "emergency",
      ["high", "extreme"],
      [],
    ]);
    rig.pass(30_000);
    expect([closes(rig), rig.exchange.open("entry"), states(rig)]).toEqual([
      [],
      [],
      ["warning", "emergency"],
    ]);
    const lines = rig.alerts.findLast(({ key }) => key === "risk:main")?.lines ?? [];
    expect(lines[0]).toMatch(
      /^Equity 89\d{3}\.\d\d USDT, 10\d{3}\.\d\d USDT \(10\.1\d%\) below its peak of 100000\.\d\d USDT\.$/,
    );
  });

  it("at 15 % closes all that the engines hold, in that turn, and only that; an admin alone ends it", () => {
    const rig = risky();
    const [entry] = rig.exchange.open("entry");
    if (entry === undefined) throw new Error("no entry rests");
    rig.feed(...rig.exchange.fill(entry));
    expect(rig.held()).toBe(10);
    const from = rig.alerts.length;
    fall(rig, 15.1);
    expect([rig.state.riskState, rig.held(), rig.exchange.open(), rig.book().foreign.lots]).toEqual([
      "shutdown",
      0,
      [],
      2_000,
    ]);
    const done = rig.alerts.slice(from).find(({ key }) => key === "shutdown:main");
    expect([done?.level, done?.lines[1]]).toEqual([
      "high",
      "Foreign positions were not touched; /close SYMBOL foreign proposes to close one.",
    ]);
    fall(rig, 0);
    minutes(rig, 3_000);
    expect([rig.state.riskState, rig.exchange.open()]).toEqual(["shutdown", []]);
    expect(rig.ask({ type: "resume" })?.isOk).toBe(true);
    expect(rig.askReset("k49-e7", BOB)).toEqual({
      isOk: false,
      text: "Only an admin may reset the risk state and the equity's peak.",
    });
    rig.pass(5_000);
    expect([rig.state.riskState, rig.exchange.open(), rig.facts("resetRisk")]).toEqual(["shutdown", [], []]);
    expect(rig.resetRisk()).toMatchObject({
      isOk: true,
      text: expect.stringMatching(
        /^The risk state is now Monitoring; the equity's peak is 99\d{3}\.\d\d USDT from here on\.$/,
      ),
    });
    rig.pass(5_000);
    expect([states(rig), rig.exchange.open("entry").length]).toEqual([["shutdown", "monitoring"], 1]);
  });

  it("says that a Shutdown is late while the exchange answers nothing, and that it is done when it is", () => {
    const rig = risky();
    rig.feed(...rig.exchange.fill(rig.exchange.open("entry")[0] as never));
    const { answer } = rig;
    const lost: Parameters<typeof answer>[0][] = [];
    rig.answer = (effect) => {
      if (effect.type === "readTruth") return answer.call(rig, effect);
      lost.push(effect);
      return [];
    };
    fall(rig, 16);
    rig.pass(31_000);
    const levels = () => rig.alerts.filter(({ key }) => key === "shutdown:main").map(({ level }) => level);
    expect([levels(), rig.held()]).toEqual([["critical"], 10]);
    rig.answer = answer;
    for (const effect of lost) rig.feed(...rig.answer(effect));
    rig.pass(10_000);
    expect([levels(), rig.held(), rig.exchange.open()]).toEqual([["critical", "high"], 0, []]);
  });

  it("comes down by itself, one state at a time, a quarter of an hour of the market each", () => {
    const rig = risky();
    fall(rig, 11);
    fall(rig, 1);
    minutes(rig, 14);
    expect(rig.state.riskState).toBe("emergency");
    minutes(rig, 2);
    expect(rig.state.riskState).toBe("warning");
    minutes(rig, 16);
    expect([rig.state.riskState, told(rig), states(rig)]).toEqual([
      "monitoring",
      ["extreme", "high", "resolved"],
      ["emergency", "warning", "monitoring"],
    ]);
    rig.pass(2_000);
    expect(rig.exchange.open("entry")).toHaveLength(1);
  });

  it("the same events give the same state", () => {
    const rig = risky();
    fall(rig, 11);
    rig.pass(5_000);
    const again = new Rig({ exchange: new Exchange(), config: rig.config });
    for (const { event } of rig.turns) again.turn(event);
    expect(again.hash()).toBe(rig.hash());
  });
});

describe("what a person wants of the risk state", () => {
  it("tighter is granted at once and stays; milder only as far as the conditions allow, with the reason", () => {
    const rig = risky();
    fall(rig, 6);
    expect(rig.ask({ type: "setRiskState", state: "emergency" })).toEqual({
      isOk: true,
      text: "The risk state is now Emergency; nothing milder until a person says so.",
    });
    fall(rig, 5.5);
    minutes(rig, 200);
    expect([rig.state.riskState, rig.exchange.open("entry")]).toEqual(["emergency", []]);
    const refused = rig.ask({ type: "setRiskState", state: "monitoring" });
    expect(refused).toMatchObject({
      isOk: false,
      text: expect.stringMatching(/^The conditions call for Warning: Equity .* \(5\.5\d%\) below its peak/),
    });
    expect(rig.ask({ type: "setRiskState", state: "warning" })?.isOk).toBe(true);
    expect([rig.state.riskState, rig.facts("setRiskState").length]).toEqual(["warning", 2]);
    // Nobody needs to be told what they asked for.
    expect(told(rig)).toEqual(["high"]);
  });

  it("outlives a restart, and a refused wish does not", () => {
    const rig = risky();
    rig.ask({ type: "setRiskState", state: "emergency" });
    const next = restart(rig).boot();
    next.pass(10_000);
    expect([next.state.riskState, told(next), next.exchange.open("entry")]).toEqual([
      "emergency",
      ["extreme"],
      [],
    ]);
    expect(next.alerts.find(({ key }) => key === "risk:main")?.title).toBe("Risk is still Emergency");
    expect(next.ask({ type: "setRiskState", state: "monitoring" })?.isOk).toBe(true);
  });
});

describe("money that comes and goes", () => {
  it.each([0, 4.5, 9.5, 14.5])(
    "a withdrawal of 20 % at a drawdown of %s %% changes no risk state",
    (percent) => {
      const rig = risky();
      fall(rig, percent);
      const before = rig.state.riskState;
      rig.feed(balance(rig, "transfer", -20_000 * ONE));
      fall(rig, percent);
      rig.pass(400_000);
      expect([rig.state.riskState, rig.state.risk.ladder.state]).toEqual([before, before]);
      expect(Math.abs((rig.state.risk.drawdown ?? 0) - percent * 1_000_000)).toBeLessThan(20_000);
    },
  );

  it("a deposit is no profit: what was lost before is still lost", () => {
    const rig = risky();
    fall(rig, 9);
    rig.feed(balance(rig, "transfer", 9_000 * ONE));
    fall(rig, 9);
    expect(Math.abs((rig.state.risk.drawdown ?? 0) - 9_000_000)).toBeLessThan(20_000);
  });

  it.each(["while no desk runs", "while the stream is silent"])(
    "a withdrawal %s is found out by what the executions say, and told",
    (when) => {
      const rig = risky();
      rig.feed(...rig.exchange.fill(rig.exchange.open("entry")[0] as never));
      rig.pass(10_000);
      rig.exchange.wallet -= 20_000 * ONE;
      const life = when.includes("desk") ? restart(rig).boot() : rig;
      life.pass(400_000);
      expect([life.state.riskState, told(life), life.state.risk.peak.value]).toEqual([
        "monitoring",
        [],
        expect.closeTo(80_000 * ONE, -10),
      ]);
      expect(life.alerts.filter(({ key }) => key === "transfer:main").map(({ level }) => level)).toEqual([
        "critical",
      ]);
    },
  );

  it("a withdrawal in the first seconds of a start leaves the peak what it was, in its measure", () => {
    const rig = risky();
    rig.pass(10_000);
    const next = restart(rig);
    next.timer();
    next.feed(...next.exchange.quotes(), balance(next, "transfer", -20_000 * ONE));
    expect(next.state.risk.peak.value).toBe(100_000 * ONE);
    next.pass(10_000);
    expect([next.state.riskState, next.state.risk.peak.value]).toEqual(["monitoring", 80_000 * ONE]);
  });

  it("a loss is no withdrawal: executed while no desk runs, it counts", () => {
    const rig = risky();
    rig.pass(10_000);
    // The owner sells everything 12 % lower.
    rig.exchange.mark = rig.exchange.bid = 440_000;
    rig.exchange.ask = 440_001;
    rig.exchange.trade("sell", 2_000);
    const next = restart(rig).boot();
    next.pass(10_000);
    expect([next.state.riskState, next.alerts.filter(({ key }) => key === "transfer:main")]).toEqual([
      "emergency",
      [],
    ]);
    expect(next.state.risk.drawdown).toBeGreaterThan(12_000_000);
  });

  it("between the two words for an execution nothing jumps, whichever comes first", () => {
    for (const isFillFirst of [true, false]) {
      const rig = risky();
      fall(rig, 4);
      const trade = rig.exchange.trade("sell", 1_500);
      const wallet = balance(rig, "trade", 0);
      const before = rig.state.risk.drawdown ?? 0;
      for (const news of isFillFirst ? [...trade, wallet] : [wallet, ...trade]) {
        rig.turn(news);
        expect(Math.abs((rig.state.risk.drawdown ?? 0) - before)).toBeLessThan(50_000);
      }
      rig.pass(400_000);
      expect(Math.abs((rig.state.risk.drawdown ?? 0) - before)).toBeLessThan(50_000);
      expect([rig.state.riskState, told(rig)]).toEqual(["monitoring", []]);
    }
  });
});

describe("a restart", () => {
  it("killed at 14 %, then one percent more: Shutdown", () => {
    const rig = risky();
    rig.feed(...rig.exchange.fill(rig.exchange.open("entry")[0] as never));
    rig.quote(500_900);
    fall(rig, 14);
    expect(rig.state.riskState).toBe("emergency");
    // kill -9: the next life has the exchange and the ledger, and the price has gone on.
    rig.exchange.mark = Math.round(500_900 * 0.85);
    Object.assign(rig.exchange, { bid: rig.exchange.mark, ask: rig.exchange.mark + 1 });
    const next = restart(rig);
    next.timer();
    next.feed(...next.exchange.quotes());
    expect(next.state.riskState).toBe("emergency");
    next.pass(6_000);
    expect([next.state.riskState, next.held(), next.book().foreign.lots]).toEqual(["shutdown", 0, 2_000]);
    expect(told(next)).toEqual(["critical"]);
  });

  it("in Shutdown it stays, closes what is left, and says so again", () => {
    const rig = risky();
    rig.feed(...rig.exchange.fill(rig.exchange.open("entry")[0] as never));
    rig.isInstant = false;
    fall(rig, 16);
    while (rig.deliver());
    expect([rig.state.riskState, rig.held()]).toEqual(["shutdown", 10]);
    const next = restart(rig);
    next.quote(500_000);
    next.boot();
    next.pass(2_000);
    expect([next.state.riskState, next.held(), next.exchange.open()]).toEqual(["shutdown", 0, []]);
    expect(next.alerts.find(({ key }) => key === "risk:main")?.title).toBe("Risk is still Shutdown");
  });

  it("does not take what the ledger says for the whole truth: a peak that was seen since counts", () => {
    const rig = risky();
    rig.quote(510_000);
    expect(rig.facts("riskPeak").map(({ body }) => body["peak"])).toHaveLength(2);
    rig.quote(520_000);
    const next = restart(rig).boot();
    next.quote(520_000);
    next.quote(493_000);
    expect(next.state.riskState).toBe("warning");
  });

  it("without prices for what is held: no alarm for a minute, then the unknown is an emergency", () => {
    const rig = new Rig({ exchange: wealthy(), config: { grids: GRIDS } });
    rig.timer();
    rig.pass(59_000, true);
    expect([rig.state.isBooted, rig.state.riskState, told(rig)]).toEqual([true, "monitoring", []]);
    rig.pass(2_000, true);
    expect([rig.state.riskState, told(rig)]).toEqual(["emergency", ["extreme"]]);
    expect(rig.alerts.find(({ key }) => key === "risk:main")?.lines[0]).toContain("The equity is unknown");
    rig.pass(2_000);
    expect(rig.ask({ type: "setRiskState", state: "monitoring" })?.text).toBe(
      "The conditions call for Warning: Equity 100000.00 USDT, at its peak. Liquidation risk of BTCUSDT: HIGH.",
    );
    rig.pass(60_000);
    // It is known, and for a minute: an admin need not wait half an hour for what was no loss.
    expect(rig.ask({ type: "setRiskState", state: "monitoring" })?.isOk).toBe(true);
    rig.pass(2_000);
    expect(rig.exchange.open("entry")).toHaveLength(1);
  });
});

/** Four rungs of 10 lots, whose liquidation the exchange puts where a test wants it; Emergency by a person. */
function emergency(distance: number): Rig {
  const rig = new Rig({ config: { grids: GRIDS } }).boot();
  for (let rung = 0; rung < 4; rung += 1) {
    const [entry] = rig.exchange.open("entry");
    if (entry === undefined) throw new Error("no entry rests");
    rig.exchange.bid = entry.facts.price ?? 0;
    rig.feed(...rig.exchange.fill(entry));
    rig.pass(1_500);
  }
  liquidationAt(rig, distance);
  rig.ask({ type: "setRiskState", state: "emergency" });
  return rig;
}
/** The exchange's own figures: liquidation is so many percent away. */
function liquidationAt(rig: Rig, percent: number): void {
  rig.exchange.liquidation = Math.round(rig.exchange.mark * (1 - percent / 100));
  rig.feed(rig.exchange.exposure(), ...rig.exchange.quotes());
}
const deleveraged = (rig: Rig): string[] =>
  rig.alerts.filter(({ key }) => key.startsWith("deleverage")).map(({ level }) => level);

describe("deleveraging", () => {
  it("sells nothing where liquidation is 20 % away or more", () => {
    const rig = emergency(20);
    rig.pass(60_000);
    expect([closes(rig), rig.held(), deleveraged(rig)]).toEqual([[], 40, []]);
  });

  it("sells a quarter, waits for the exchange's new figures, and stops when the distance is enough", () => {
    const rig = emergency(15);
    expect([closes(rig), rig.held()]).toEqual([[10], 30]);
    liquidationAt(rig, 18);
    expect([closes(rig), rig.held()]).toEqual([[10, 10], 20]);
    liquidationAt(rig, 20.1);
    rig.pass(30_000);
    expect([closes(rig), rig.held(), deleveraged(rig)]).toEqual([
      [10, 10],
      20,
      ["extreme", "extreme", "resolved"],
    ]);
    // What is left keeps its take profits.
    expect(rig.exchange.open("takeProfit").map(({ facts }) => facts.lots)).toEqual([10, 10]);
  });

  it("ends with nothing after four quarters where it does not help", () => {
    const rig = emergency(15);
    for (let n = 0; n < 6; n += 1) liquidationAt(rig, 15);
    expect([closes(rig), rig.held(), rig.exchange.open()]).toEqual([[10, 10, 10, 10], 0, []]);
    expect(deleveraged(rig)).toEqual(["extreme", "extreme", "extreme", "extreme", "resolved"]);
  });

  it("without the exchange's figures goes on by our own formula after three seconds", () => {
    const rig = emergency(15);
    rig.exchange.liquidation = undefined;
    rig.answer = () => [];
    rig.pass(2_500);
    expect([closes(rig), deleveraged(rig)]).toEqual([[10], ["extreme"]]);
    rig.pass(1_000);
    // By the formula a position at twice the margin is half its price away: that is enough.
    expect([closes(rig), deleveraged(rig)]).toEqual([[10], ["extreme", "resolved"]]);
  });

  it("a quarter is confirmed by its fills before the next; one that is lost is asked for again", () => {
    const rig = emergency(25);
    const { answer } = rig;
    rig.answer = (effect) => {
      if (effect.type !== "send" || effect.order.role !== "close") return answer.call(rig, effect);
      const { clientId } = effect.order;
      const kind = "other";
      const reason = "busy";
      return [
        { type: "placeRejected", ...rig.exchange.times(), account: "main", clientId, reason, code: -1, kind },
      ];
    };
    liquidationAt(rig, 15);
    rig.pass(31_000);
    expect([rig.held(), new Set(closes(rig)), deleveraged(rig)]).toEqual([
      40,
      new Set([10]),
      ["extreme", "critical"],
    ]);
    rig.answer = answer;
    rig.pass(63_000);
    expect(rig.held()).toBeLessThanOrEqual(30);
  });

  it("of two engines each gives its own quarter; what is foreign stays", () => {
    const grids = ["grid1", "grid2"].map((engine) => ({ ...GRID, engine, stopLoss: undefined }));
    const rig = new Rig({ config: { grids } }).boot();
    for (const entry of rig.exchange.open("entry")) rig.feed(...rig.exchange.fill(entry));
    rig.feed(...rig.exchange.trade("buy", 5));
    rig.pass(3_000);
    liquidationAt(rig, 12);
    rig.ask({ type: "setRiskState", state: "emergency" });
    // Before the reading that follows comes and the distance is still too short.
    rig.pass(250);
    expect([rig.held("grid1"), rig.held("grid2"), rig.book().foreign.lots, closes(rig)]).toEqual([
      7,
      7,
      5,
      [3, 3],
    ]);
    expect(rig.alerts.find(({ key }) => key.startsWith("deleverage"))?.lines).toContain(
      "The foreign 0.005 BTC are not touched.",
    );
  });

  it("above 10 % of drawdown it acts by itself, and a panic goes before it", () => {
    const rig = risky();
    rig.feed(...rig.exchange.fill(rig.exchange.open("entry")[0] as never));
    fall(rig, 11);
    expect(rig.held()).toBe(10);
    liquidationAt(rig, 19);
    expect([rig.held(), closes(rig)]).toEqual([7, [3]]);
    rig.ask({ type: "panic" });
    rig.pass(3_000);
    expect([rig.held(), rig.exchange.position.lots]).toEqual([0, 2_000]);
  });
});
