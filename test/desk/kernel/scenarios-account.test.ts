import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { DeskEvent, FillEvent } from "../../../src/core/event.ts";
import { engineTag, writeClientId } from "../../../src/core/ids.ts";
import { lots, millis, ONE, value } from "../../../src/core/units.ts";
import { viewOf } from "../../../src/desk/view.ts";
import { entryOf } from "../../support/orders.ts";
import { GRID, Rig } from "../../support/rig.ts";
import { answer, desk, holding, one, open, sentOf, stream, told } from "../../support/scenario.ts";

/** The numbers are those of research/engines.md section 4. */
const next = (rig: Rig, more: object = {}) =>
  new Rig({ exchange: rig.exchange, config: { ...rig.config, epoch: 8, nonce: "abcd", ...more } });
const exits = (rig: Rig) => [open(rig, "stop"), open(rig, "takeProfit")];
const parts = (rig: Rig) => [rig.held(), rig.book().foreign.lots, rig.exchange.position.lots];

describe("restarts", () => {
  it("scenario 20: killed at any moment of a wave, the next life adopts what was sent and creates only what is missing", () => {
    fc.assert(
      fc.property(fc.nat(12), fc.integer({ min: 1, max: 10 }), (served, size) => {
        const rig = desk();
        rig.isInstant = false;
        rig.news.push(...rig.exchange.fill(one(rig, "entry"), size));
        for (let n = 0; n < served; n += 1) if (!rig.deliver()) rig.serve();
        const life = next(rig).boot();
        const sum = (role: string) => open(life, role).reduce((all, each) => all + each, 0);
        expect([life.held(), sum("stop"), sum("takeProfit"), open(life, "entry")]).toEqual([
          size,
          size,
          size,
          size === 10 ? [] : [10 - size],
        ]);
        expect([told(life), life.book().foreign.lots]).toEqual([[], 0]);
      }),
      { numRuns: 60 },
    );
  });

  it("scenario 21: what was filled while it was down is found by walking the history; a stranger's order is skipped", () => {
    const rig = holding();
    const { exchange } = rig;
    exchange.fill(one(rig, "takeProfit"), 4);
    const stranger = { ...entryOf({ clientId: "web_77" }), lots: lots(3) };
    exchange.place(stranger);
    exchange.trade("buy", 5);
    const life = next(rig).boot();
    expect([parts(life), exits(life)]).toEqual([
      [6, 5, 11],
      [[6], [6]],
    ]);
    expect([[...life.state.orders.foreign()].map(({ clientId }) => clientId), told(life)]).toEqual([
      ["web_77"],
      [],
    ]);
  });

  it("a stranger's order that only a reading shows is told and stops entries", () => {
    const rig = desk();
    rig.exchange.place({ ...entryOf({ clientId: "web_77" }), lots: lots(3) });
    rig.feed(rig.exchange.truth(), rig.exchange.truth());
    expect([told(rig), rig.state.foreignActivity]).toEqual([["critical foreign:main:BTCUSDT"], true]);
  });

  it("scenario 22: an order with our name that we never sent is a second bot, told once, also when a reading shows it", () => {
    const rig = desk();
    const clientId = writeClientId({
      desk: "abc",
      engineTag: engineTag("grid1"),
      role: "entry",
      rung: 1,
      slice: 0,
      generation: 3,
      epoch: 7,
      nonce: "zzzz",
    });
    rig.exchange.place(entryOf({ clientId }));
    rig.feed(rig.exchange.truth(), rig.exchange.truth());
    expect([told(rig), rig.state.secondBot]).toEqual([["critical second-bot:main"], true]);
    rig.quote(520_000);
    rig.pass(60_000);
    expect(sentOf(rig, "entry")).toBe(1);
  });
});

describe("scenario 23: a person trades by hand", () => {
  it("closing what the engine holds: adopted, its exits are taken back, nothing is reopened, it pauses", () => {
    const rig = holding({ waitMs: millis(1_000) });
    rig.pass(2_000);
    rig.feed(...rig.exchange.trade("sell", 10));
    rig.pass(3_000);
    expect([parts(rig), rig.exchange.open().length]).toEqual([[0, 0, 0], 0]);
    expect(told(rig)).toEqual(["critical foreign:main:BTCUSDT"]);
    expect(rig.alerts[0]?.lines[1]).toBe(
      "It closed what grid1 held: those orders are taken back, nothing is reopened, and grid1 pauses.",
    );
    const sent = rig.sent.length;
    rig.quote(495_000);
    rig.pass(60_000);
    expect([rig.sent.length, rig.state.paused.get("grid1")]).toEqual([
      sent,
      "a person traded against its position by hand",
    ]);
    rig.ask({ type: "resume" });
    rig.pass(2_000);
    expect([open(rig, "entry"), rig.state.counts.mismatches]).toEqual([[10], 0]);
  });

  it("reducing it: the exits shrink to what is left", () => {
    const rig = holding();
    rig.feed(...rig.exchange.trade("sell", 4));
    rig.pass(3_000);
    expect([parts(rig), exits(rig)]).toEqual([
      [6, 0, 6],
      [[6], [6]],
    ]);
  });

  it("adding to it: the rest is foreign and stays; the engine's own exits are as before", () => {
    const rig = holding();
    rig.feed(...rig.exchange.trade("buy", 7));
    rig.pass(3_000);
    expect([parts(rig), exits(rig), rig.state.paused.size]).toEqual([[10, 7, 17], [[10], [10]], 0]);
    rig.feed(...rig.exchange.trade("sell", 7));
    rig.pass(3_000);
    expect([parts(rig), exits(rig)]).toEqual([
      [10, 0, 10],
      [[10], [10]],
    ]);
  });

  it("flipping it: paused, and even after /resume no entry of ours works against the person's position", () => {
    const rig = holding({ waitMs: millis(1_000) });
    rig.feed(...rig.exchange.trade("sell", 25));
    rig.pass(3_000);
    expect([parts(rig), rig.exchange.open().length]).toEqual([[0, -15, -15], 0]);
    rig.ask({ type: "resume" });
    rig.pass(60_000);
    expect([open(rig, "entry"), rig.refused.at(-1)?.reason]).toEqual([[], "foreignAgainst"]);
    rig.feed(...rig.exchange.trade("buy", 15));
    rig.pass(2_500);
    rig.ask({ type: "resume" });
    rig.pass(40_000);
    expect(open(rig, "entry")).toEqual([10]);
  });

  it("while the desk is down: the second reading of the next life tells", () => {
    const rig = holding();
    rig.exchange.trade("sell", 10);
    const life = next(rig).boot();
    life.pass(2_000);
    expect([parts(life), life.exchange.open().length, life.state.paused.has("grid1")]).toEqual([
      [0, 0, 0],
      0,
      true,
    ]);
  });
});

/** Lots that were closed at the market. */
const closes = (rig: Rig) => rig.sent.filter(({ role }) => role === "close").map(({ lots }) => lots);

describe("scenario 25: liquidation and deleveraging", () => {
  it("is booked pro rata with the foreign part, takes the exits back, pauses the engine, and is never re-entered", () => {
    const rig = holding({ waitMs: millis(1_000) });
    rig.feed(...rig.exchange.trade("buy", 10));
    rig.pass(2_500);
    rig.ask({ type: "resume" });
    for (const news of rig.exchange.liquidate(8)) rig.turn(news);
    expect(parts(rig)).toEqual([6, 6, 12]);
    // A liquidation is Shutdown: what it left to the engine is closed, the foreign part is not.
    rig.pass(2_000);
    expect([parts(rig), exits(rig), closes(rig)]).toEqual([[0, 6, 6], [[], []], [6]]);
    rig.feed(...rig.exchange.liquidate(6));
    rig.pass(60_000);
    expect([parts(rig), rig.exchange.open().length]).toEqual([[0, 0, 0], 0]);
    expect(rig.state.paused.get("grid1")).toBe("its position was liquidated");
    expect(told(rig)).toContain("critical liquidation:main/BTCUSDT/both");
  });

  it("heard before the fill that it ate is shared out again when that comes: the parts end the same", () => {
    const orders: number[][] = [];
    for (const first of ["fill", "liquidation"]) {
      const rig = desk();
      rig.feed(...rig.exchange.trade("buy", 6));
      rig.pass(2_500);
      rig.exchange.at += 10;
      const fill = rig.exchange.fill(one(rig, "entry"));
      rig.exchange.at += 10;
      const liquidation = rig.exchange.liquidate(8);
      rig.feed(...(first === "fill" ? [...fill, ...liquidation] : [...liquidation, ...fill]));
      rig.pass(3_000);
      orders.push([...parts(rig), ...closes(rig), ...open(rig, "stop"), ...open(rig, "takeProfit")]);
    }
    // Five are the engine's after it, and Shutdown closes these.
    expect(orders).toEqual([
      [0, 3, 3, 5],
      [0, 3, 3, 5],
    ]);
  });

  it("deleveraging (ADL) is told as what it is; the rest keeps its exits", () => {
    const rig = holding();
    const [event] = rig.exchange.liquidate(3) as FillEvent[];
    if (event === undefined) throw new Error("nothing was taken");
    rig.feed({ ...event, origin: "adl", clientId: "adl_autoclose" });
    rig.pass(1_000);
    expect([parts(rig), exits(rig), rig.state.paused.get("grid1")]).toEqual([
      [7, 0, 7],
      [[7], [7]],
      "its position was deleveraged by the exchange (ADL)",
    ]);
    expect(told(rig)).toEqual(["critical adl:main/BTCUSDT/both"]);
  });
});

describe("money", () => {
  const paid = (rig: Rig, amount: number, later = 0): DeskEvent => ({
    type: "fundingPaid",
    at: millis(rig.exchange.at + later),
    wallAt: millis(rig.exchange.wallAt),
    account: "main",
    instrument: "BTCUSDT",
    amount: value(amount),
  });

  it("scenario 26: funding told by the stream and by the income history is booked once; the next hour's is another", () => {
    const rig = holding();
    // What the exchange does not tell stays unknown: the payment alone does not stand behind the position.
    rig.feed(rig.exchange.exposure(), paid(rig, 2 * ONE, -3_600_000));
    const [untold] = rig.state.account.exposures.values();
    expect([untold?.isolatedWallet, untold?.liquidation]).toEqual([0, rig.exchange.liquidation]);
    rig.exchange.isolated = 100 * ONE;
    rig.feed(rig.exchange.exposure());
    const wallet = [...rig.state.account.exposures.values()][0]?.isolatedWallet ?? 0;
    rig.feed(paid(rig, -5 * ONE), paid(rig, -5 * ONE, 800));
    expect(rig.state.account.funding).toBe(-3 * ONE);
    expect([...rig.state.account.exposures.values()][0]?.isolatedWallet).toBe(wallet - 5 * ONE);
    rig.feed(paid(rig, -5 * ONE, 3_600_000), paid(rig, 3 * ONE));
    expect(rig.state.account.funding).toBe(-5 * ONE);
    expect(viewOf(rig.state).funding).toMatchObject([{ instrument: "BTCUSDT", paid: -5 * ONE }]);
  });

  it("scenario 35: no liquidation price from the exchange is not safety: our formula decides, and missing inputs are HIGH", () => {
    const rig = new Rig();
    rig.exchange.marginMode = "isolated";
    rig.exchange.leverage = GRID.leverage;
    rig.exchange.trade("buy", 25);
    rig.timer();
    rig.pass(11_000, true);
    expect(told(rig)).toEqual(["high liquidation:main/BTCUSDT/both"]);
    const whole = holding();
    whole.exchange.liquidation = undefined;
    whole.feed(whole.exchange.exposure());
    // 2x isolated: about half of the price away, though the exchange said nothing.
    whole.exchange.mark = 262_000;
    whole.feed(...whole.exchange.quotes());
    expect(told(whole).some((each) => each === "extreme liquidation:main/BTCUSDT/both")).toBe(true);
  });

  it("leverage that somebody changed is heard where positions tell it, before it counts for anything", () => {
    const rig = holding();
    rig.exchange.leverage = 20;
    rig.feed(rig.exchange.exposure());
    expect(told(rig)).toContain("critical config:BTCUSDT");
    expect(rig.state.blocks().join()).toContain("settings that are not ours");
  });

  it("a position mode that somebody changed stops entries, and says how to set it back", () => {
    const rig = new Rig().boot();
    rig.pass(2_000);
    const event = { ...rig.exchange.config(), isHedgeMode: true } as DeskEvent;
    rig.feed(event);
    expect(rig.state.blocks()).toEqual([
      "the account is in hedge mode now, and the settings are for one-way mode: set it back on the exchange, or set account.positionMode and restart",
    ]);
    rig.feed(rig.exchange.config());
    expect(rig.state.blocks()).toEqual([]);
  });

  it("a withdrawal that only a reading finds stops entries as any other", () => {
    const rig = holding();
    rig.exchange.wallet = Math.round(rig.exchange.wallet * 0.6);
    rig.pass(400_000);
    expect(told(rig).some((each) => each.startsWith("critical transfer"))).toBe(true);
    expect(rig.state.blocks().join()).toContain("transfers or settings that are not ours");
  });

  it("a reading that fails is no news of the account: its age goes on", () => {
    const rig = holding();
    const before = rig.state.lastAccountWallAt;
    rig.exchange.wallAt += 5_000;
    rig.turn(stream(rig, "gap"));
    expect(rig.state.lastAccountWallAt).toBe(before);
  });

  it("scenario 33: a proposal expires when either clock says so, and a second press does nothing", () => {
    const rig = holding();
    rig.turn({ type: "timer", ...rig.exchange.times(), monotonicMs: 1_000 });
    rig.propose("k1-e7");
    // The wall was set back in small steps: by the wall there is time left.
    rig.turn({ type: "timer", ...rig.exchange.times(), monotonicMs: 60_999 });
    expect(rig.proposal("k1-e7")?.state).toBe("pending");
    rig.turn({ type: "timer", ...rig.exchange.times(), monotonicMs: 61_000 });
    expect(rig.proposal("k1-e7")?.state).toBe("expired");
    expect(rig.decide("k1-e7")).toMatchObject({ isOk: false });
    rig.propose("k2-e7");
    rig.decide("k2-e7");
    const sent = rig.sent.length;
    expect(rig.decide("k2-e7")).toEqual({ isOk: false, text: "This proposal is no longer open." });
    expect([rig.sent.length, rig.held()]).toEqual([sent, 0]);
  });
});

describe("a difference that nobody can explain", () => {
  it("is adopted by a person's word after one more reading; /resume goes on", () => {
    const rig = holding({ waitMs: millis(1_000) });
    rig.exchange.phantom = 3;
    rig.feed(rig.exchange.truth(), rig.exchange.truth());
    expect(rig.ask({ type: "adopt", instrument: "BTCUSDT" })).toEqual({
      isOk: true,
      text: "The account is read once more; if 0.003 BTC are still unexplained then, they are counted as foreign.",
    });
    rig.pass(1_000);
    expect([rig.held(), rig.book().foreign.lots, rig.state.mismatched.size]).toEqual([10, 3, 0]);
    expect(told(rig)).toEqual([
      "critical mismatch:main/BTCUSDT/both",
      "notice adopt:main/BTCUSDT/both",
      "resolved mismatch:main/BTCUSDT/both",
    ]);
    expect(rig.facts("adopt")).toHaveLength(1);
    rig.ask({ type: "resume" });
    rig.pass(40_000);
    expect(open(rig, "entry")).toEqual([10]);
    expect(rig.ask({ type: "adopt", instrument: "BTCUSDT" })?.isOk).toBe(false);
    expect(rig.ask({ type: "adopt", instrument: "DOGEUSDT" })?.isOk).toBe(false);
  });

  it("that takes from an engine takes its exits back and pauses it; one that explains itself is not adopted", () => {
    const rig = holding();
    rig.exchange.phantom = -4;
    rig.feed(rig.exchange.truth(), rig.exchange.truth());
    rig.ask({ type: "adopt", instrument: "BTCUSDT" });
    rig.pass(1_000);
    expect([rig.held(), rig.book().foreign.lots, exits(rig), rig.state.paused.has("grid1")]).toEqual([
      6,
      0,
      [[6], [6]],
      true,
    ]);
    const other = holding();
    other.exchange.phantom = 2;
    other.feed(other.exchange.truth(), other.exchange.truth());
    answer(other, ({ type }) => (type === "readTruth" ? [] : undefined));
    other.ask({ type: "adopt", instrument: "BTCUSDT" });
    other.exchange.phantom = 0;
    other.exchange.wallAt += 10;
    other.feed(other.exchange.truth());
    expect([other.book().foreign.lots, told(other).at(-1)]).toEqual([
      0,
      "resolved mismatch:main/BTCUSDT/both",
    ]);
  });
});
