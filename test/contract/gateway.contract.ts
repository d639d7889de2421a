import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { TIMEFRAMES } from "../../src/core/candle.ts";
import type { DeskEvent, FillEvent, OrderReportEvent } from "../../src/core/event.ts";
import type { OrderFacts } from "../../src/core/order.ts";
import { lots, ONE, type Ticks, ticks, value } from "../../src/core/units.ts";
import type { Gateway } from "../../src/desk/ports.ts";
import type { Exchange } from "../../src/venue/exchange.ts";

/** What the contract needs of an exchange that a test drives: a still market in one perpetual, and its gateway. */
export interface GatewayRig {
  readonly gateway: Gateway;
  readonly account: string;
  readonly instrument: string;
  readonly asset: string;
  /** What the instrument is margined in; `inverse` ones have no smallest notional beyond one contract. */
  readonly kind?: "linear" | "inverse";
  /** Where the market stands at first. Ten lots there are above the smallest notional. */
  readonly price: Ticks;
  /** Market time from which the account's history is asked for. */
  readonly historyFrom: number;
  /** Its order history tells of what still rests, too. */
  readonly hasOpenHistory?: true;
  /** An instrument of the account that the gateway is not asked to trade. */
  readonly elsewhere: { readonly exchange: Exchange; readonly instrument: string; readonly asset: string };
  /** Moves the traded price and the mark; what rests there is filled, what waits there is triggered. */
  move(price: Ticks): void;
  close(): Promise<void>;
}

const TEN = lots(10);

/** What every gateway must do over its three ports, whatever exchange stands behind it. */
export function gatewayContract(name: string, open: () => Promise<GatewayRig>): void {
  describe(`the gateway to ${name}`, () => {
    let rig: GatewayRig;
    let market: DeskEvent[];
    let account: DeskEvent[];
    let count: number;

    beforeEach(async () => {
      rig = await open();
      market = [];
      account = [];
      count = 0;
      await rig.gateway.market.instruments([rig.instrument]);
      await rig.gateway.market.start([rig.instrument], (event) => market.push(event));
      await rig.gateway.account.start((event) => account.push(event));
      await soon(() => {
        const isSpeaking = ["mark", "top", "depth"].every((type) =>
          market.some((event) => event.type === type),
        );
        if (!isSpeaking) rig.move(rig.price);
        return isSpeaking;
      }, "the market speaks");
    });
    afterEach(() => rig.close());

    const below = (steps: number): Ticks => ticks(rig.price - steps);

    function facts(change: Partial<OrderFacts>): OrderFacts {
      count += 1;
      return {
        clientId: `pcon00e${String(count).padStart(6, "0")}x7k2`,
        account: rig.account,
        instrument: rig.instrument,
        positionSide: "both",
        engine: "grid1",
        role: "entry",
        rung: 0,
        slice: 0,
        side: "buy",
        kind: "limit",
        lots: TEN,
        isReduceOnly: false,
        isPostOnly: false,
        ...change,
      };
    }
    const entry = (): OrderFacts => facts({ price: below(10_000), isPostOnly: true });
    const atMarket = (change: Partial<OrderFacts> = {}): OrderFacts => facts({ kind: "market", ...change });
    const stop = (): OrderFacts =>
      facts({ kind: "stopMarket", role: "stop", side: "sell", trigger: below(10_000), isReduceOnly: true });

    const reportsOf = (events: readonly DeskEvent[], clientId: string): readonly OrderReportEvent[] =>
      events.filter((event) => event.type === "orderReport" && event.clientId === clientId) as never;
    const fillsOf = (events: readonly DeskEvent[], clientId: string): readonly FillEvent[] =>
      events.filter((event) => event.type === "fill" && event.clientId === clientId) as never;
    /** Places and expects the one report that it brings. */
    async function placed(order: OrderFacts): Promise<OrderReportEvent> {
      const [event, ...more] = await rig.gateway.trading.place(order);
      expect(more).toEqual([]);
      if (event?.type !== "orderReport") throw new Error(`no report: ${JSON.stringify(event)}`);
      return event;
    }
    const truth = async () => (await rig.gateway.account.truth([rig.instrument], rig.historyFrom)).truth;

    it("tells an instrument with its steps, limits, fees and tiers", async () => {
      const [found, ...more] = await rig.gateway.market.instruments([rig.instrument]);
      expect(more).toEqual([]);
      const { instrument, brackets } = found ?? {};
      expect(instrument).toMatchObject({
        id: rig.instrument,
        venue: rig.gateway.venue,
        kind: rig.kind ?? "linear",
      });
      expect(instrument?.lotsMin).toBeGreaterThan(0);
      expect(instrument?.lotsMax).toBeGreaterThanOrEqual(instrument?.lotsMin ?? Number.NaN);
      expect(instrument?.priceMax).toBeGreaterThan(instrument?.priceMin ?? Number.NaN);
      // Some exchanges have a smallest size and no smallest worth.
      expect(instrument?.notionalMin).toBeGreaterThanOrEqual(0);
      expect(instrument?.takerFee).toBeGreaterThan(0);
      const bounds = (brackets ?? []).map(({ floor, cap }) => [floor, cap]);
      expect(bounds[0]?.[0]).toBe(0);
      for (const [at, [floor]] of bounds.slice(1).entries()) expect(floor).toBe(bounds[at]?.[1]);
    });

    it("refuses a symbol that is not traded, by its name", async () => {
      await expect(rig.gateway.market.instruments(["NOPEUSDT"])).rejects.toThrow(/"NOPEUSDT"/);
    });

    it("measures the clocks' difference", async () => {
      expect(Math.abs(await rig.gateway.market.clockSkew())).toBeLessThan(1_000);
    });

    it("tells the last candles, oldest first, in the instrument's ticks", async () => {
      rig.move(ticks(rig.price + 30));
      for (const timeframe of ["1m", "5m", "15m", "1h", "4h", "1d"] as const) {
        const candles = await rig.gateway.market.candles(rig.instrument, timeframe, 60);
        expect(candles.length).toBeGreaterThan(0);
        expect(candles.length).toBeLessThanOrEqual(60);
        const last = candles.at(-1);
        expect(last?.close).toBe(rig.price + 30);
        for (const { openAt, open, high, low, close } of candles) {
          expect(openAt % TIMEFRAMES[timeframe]).toBe(0);
          expect(high).toBeGreaterThanOrEqual(Math.max(open, close));
          expect(low).toBeLessThanOrEqual(Math.min(open, close));
        }
        const times = candles.map(({ openAt }) => openAt);
        expect(times).toEqual([...times].sort((a, b) => a - b));
      }
      await expect(rig.gateway.market.candles("NOPEUSDT", "1m", 60)).rejects.toThrow(/"NOPEUSDT"/);
    });

    it("brings best prices, marks and depth, each with the market's own time", async () => {
      const before = market.length;
      rig.move(ticks(rig.price + 70));
      const since = () => market.slice(before);
      await soon(
        () => ["top", "mark", "depth"].every((type) => since().some((event) => event.type === type)),
        "all three streams speak",
      );
      for (const event of since()) {
        if (event.type === "top") expect(event.ask).toBeGreaterThan(event.bid);
        if (event.type === "mark") expect(event.mark).toBe(rig.price + 70);
        if (event.type === "depth") {
          expect(event.bids.length).toBeGreaterThan(1);
          const prices = event.bids.map(([price]) => price);
          expect(prices).toEqual([...prices].sort((a, b) => b - a));
          expect(event.asks[0]?.[0]).toBeGreaterThan(prices[0] ?? Number.NaN);
        }
        expect(event.at).toBeGreaterThanOrEqual(rig.historyFrom);
        expect(Math.abs(event.wallAt - Date.now())).toBeLessThan(10_000);
      }
    });

    it("rests a post-only entry, tells of it on the stream, and cancels it", async () => {
      const order = entry();
      const report = await placed(order);
      expect(report).toMatchObject({
        source: "order",
        account: rig.account,
        instrument: rig.instrument,
        clientId: order.clientId,
        status: "open",
        origin: "client",
        side: "buy",
        positionSide: "both",
        price: order.price,
        lots: TEN,
        isReduceOnly: false,
      });
      const cancelled = await rig.gateway.trading.cancel(order, report.venueOrderId);
      expect(cancelled).toMatchObject([
        { type: "orderReport", status: "canceled", clientId: order.clientId },
      ]);
      await soon(() => reportsOf(account, order.clientId).length === 2, "the stream tells both");
      expect(reportsOf(account, order.clientId).map(({ status }) => status)).toEqual(["open", "canceled"]);
    });

    it("tells the exchange that we live, where it counts, and that it need not wait for us any more", async () => {
      const { countdown, can, trading } = rig.gateway;
      expect(countdown !== undefined).toBe(can.cancelAfter);
      if (countdown === undefined) return;
      const order = entry();
      await placed(order);
      await countdown.set(rig.instrument, 60);
      await countdown.set(rig.instrument, 0);
      await expect(countdown.set(rig.instrument, -1)).rejects.toThrow(/\S/);
      expect(await trading.query(order)).toMatchObject({ type: "found", events: [{ status: "open" }] });
    });

    it("fills a market order at once and tells price, fee and realised profit", async () => {
      const order = atMarket();
      expect((await placed(order)).status).toBe("filled");
      await soon(() => fillsOf(account, order.clientId).length > 0, "the fill is told");
      const [fill] = fillsOf(account, order.clientId);
      expect(fill).toMatchObject({ lots: TEN, side: "buy", isMaker: false, realized: 0, origin: "client" });
      expect(fill?.fee).toBeGreaterThan(0);
      expect(fill?.feeAsset).toBe(rig.asset);
      await soon(() => account.some(({ type }) => type === "position"), "the position is told");
      expect(account.find(({ type }) => type === "position")).toMatchObject({
        lots: TEN,
        positionSide: "both",
      });
      expect(account.find(({ type }) => type === "balance")).toMatchObject({
        asset: rig.asset,
        cause: "trade",
      });
    });

    it("refuses a post-only order that would take", async () => {
      const order = facts({ price: ticks(rig.price + 1_000), isPostOnly: true });
      expect(await rig.gateway.trading.place(order)).toMatchObject([
        { type: "placeRejected", clientId: order.clientId, kind: "postOnly" },
      ]);
      expect((await truth()).openOrders).toEqual([]);
    });

    it("refuses a reduce-only order with nothing to reduce", async () => {
      const order = atMarket({ side: "sell", role: "close", isReduceOnly: true });
      expect(await rig.gateway.trading.place(order)).toMatchObject([
        { type: "placeRejected", clientId: order.clientId, kind: "reduceOnly" },
      ]);
      expect((await truth()).fills).toEqual([]);
    });

    it("refuses an order below the smallest notional, and one beyond the margin", async () => {
      const kinds = async (order: OrderFacts) =>
        (await rig.gateway.trading.place(order)).map((event) =>
          event.type === "placeRejected" ? event.kind : event.type,
        );
      const tooSmall = facts({ price: below(10_000), lots: lots(1) });
      if (rig.kind !== "inverse") expect(await kinds(tooSmall)).toEqual(["filter"]);
      expect(await kinds(facts({ price: below(10_000), lots: lots(100_000) }))).toEqual(["margin"]);
    });

    it("refuses a stop that would trigger at once", async () => {
      await placed(atMarket());
      const order = { ...stop(), trigger: ticks(rig.price + 1_000) };
      expect(await rig.gateway.trading.place(order)).toMatchObject([
        { type: "placeRejected", clientId: order.clientId, kind: "wouldTrigger" },
      ]);
    });

    it("carries a stop from resting to its fill, under one client id", async () => {
      await placed(atMarket());
      const order = stop();
      const report = await placed(order);
      expect(report).toMatchObject({ source: "conditional", status: "open", trigger: order.trigger });
      rig.move(below(10_010));
      await soon(() => fillsOf(account, order.clientId).length > 0, "the stop's fill is told");
      expect(fillsOf(account, order.clientId)).toMatchObject([{ lots: TEN, side: "sell" }]);
      const told = reportsOf(account, order.clientId).filter(({ source }) => source === "conditional");
      expect(told[0]?.status).toBe("open");
      const last = told.at(-1);
      expect(last).toMatchObject({ status: "triggered", venueOrderId: report.venueOrderId });
      expect(last?.spawnedOrderId).toBe(fillsOf(account, order.clientId)[0]?.venueOrderId);
    });

    it("cancels a stop, and reports the second cancel as gone", async () => {
      await placed(atMarket());
      const order = stop();
      const { venueOrderId } = await placed(order);
      expect(await rig.gateway.trading.cancel(order, venueOrderId)).toMatchObject([
        { type: "orderReport", source: "conditional", status: "canceled" },
      ]);
      expect(await rig.gateway.trading.cancel(order, venueOrderId)).toMatchObject([
        { type: "cancelFailed", clientId: order.clientId, isGone: true },
      ]);
    });

    it("says that a filled order is gone when it is cancelled too late", async () => {
      const order = facts({ price: ticks(rig.price + 1_000) });
      const { venueOrderId, status } = await placed(order);
      expect(status).toBe("filled");
      expect(await rig.gateway.trading.cancel(order, venueOrderId)).toMatchObject([
        { type: "cancelFailed", clientId: order.clientId, isGone: true },
      ]);
    });

    it("finds an order by its client id with its fills, and does not find one that never was", async () => {
      const order = atMarket();
      const { venueOrderId } = await placed(order);
      const answer = await rig.gateway.trading.query(order);
      if (answer.type !== "found") throw new Error(`not found: ${JSON.stringify(answer)}`);
      expect(fillsOf(answer.events, order.clientId)).toMatchObject([{ lots: TEN, venueOrderId }]);
      expect(answer.events.at(-1)).toMatchObject({ type: "orderReport", status: "filled", venueOrderId });
      expect(await rig.gateway.trading.query(atMarket())).toEqual({ type: "notFound" });
      expect(await rig.gateway.trading.query(stop())).toEqual({ type: "notFound" });
    });

    it("finds an order and a stop by the exchange's own ids, as an order without a client id is asked for", async () => {
      await placed(atMarket());
      for (const order of [entry(), stop()]) {
        const { venueOrderId, source } = await placed(order);
        const nameless = { ...order, clientId: "" };
        expect(await rig.gateway.trading.query(nameless, venueOrderId)).toMatchObject({
          type: "found",
          events: [{ type: "orderReport", source, venueOrderId, clientId: order.clientId, status: "open" }],
        });
      }
    });

    it("cancels an order and a stop by the exchange's own ids, which name what somebody placed without a client id", async () => {
      await placed(atMarket());
      for (const order of [entry(), stop()]) {
        const { venueOrderId, source } = await placed(order);
        const nameless = { ...order, clientId: venueOrderId };
        expect(await rig.gateway.trading.cancel(nameless, venueOrderId)).toMatchObject([
          { type: "orderReport", source, venueOrderId, status: "canceled" },
        ]);
      }
    });

    it("finds a triggered stop with the executions of the order that it became", async () => {
      await placed(atMarket());
      const order = stop();
      const resting = await placed(order);
      expect(await rig.gateway.trading.query(order)).toMatchObject({
        type: "found",
        events: [{ type: "orderReport", status: "open" }],
      });
      rig.move(below(10_010));
      const answer = await rig.gateway.trading.query(order);
      if (answer.type !== "found") throw new Error(`not found: ${JSON.stringify(answer)}`);
      expect(fillsOf(answer.events, order.clientId)).toMatchObject([{ lots: TEN, side: "sell" }]);
      expect(answer.events.at(-1)).toMatchObject({
        status: "triggered",
        venueOrderId: resting.venueOrderId,
        spawnedOrderId: fillsOf(answer.events, order.clientId)[0]?.venueOrderId,
      });
    });

    it("reads the account whole: what rests, what was, what was executed, what is held", async () => {
      const [bought, resting, protective, taken] = [atMarket(), entry(), stop(), entry()];
      await placed(bought);
      await placed(resting);
      await placed(protective);
      const { venueOrderId } = await placed(taken);
      await rig.gateway.trading.cancel(taken, venueOrderId);
      const read = await truth();
      const ids = (reports: readonly { clientId: string }[]) => reports.map(({ clientId }) => clientId);
      expect(read.instruments).toEqual([rig.instrument]);
      expect(read.historyFrom).toBe(rig.historyFrom);
      expect(ids(read.openOrders)).toEqual([resting.clientId]);
      expect(ids(read.openConditionals)).toEqual([protective.clientId]);
      const rests = read.history.filter(({ status }) => status === "open");
      expect(
        read.history
          .filter((each) => !rests.includes(each))
          .map(({ clientId, status }) => [clientId, status]),
      ).toEqual([
        [bought.clientId, "filled"],
        [taken.clientId, "canceled"],
      ]);
      const inHistory = rig.hasOpenHistory === true ? [protective.clientId, resting.clientId] : [];
      expect(ids(rests), "what rests, where the history tells of it too").toEqual(inHistory);
      expect(read.fills.map((fill) => [fill.clientId, fill.lots])).toEqual([[bought.clientId, 10]]);
      expect(read.isHedgeMode).toBe(false);
      const wallet = read.wallets.find(({ asset }) => asset === rig.asset);
      expect(wallet?.wallet).toBeGreaterThan(0);
      const [book] = read.books.filter((each) => each.lots !== 0);
      expect(book).toMatchObject({ instrument: rig.instrument, positionSide: "both", lots: TEN });
    });

    it("tells what the account holds in instruments that are not traded", async () => {
      const { exchange, instrument, asset } = rig.elsewhere;
      expect((await truth()).others).toEqual([]);
      const bought = exchange.place(rig.account, {
        instrument,
        clientId: "web_1",
        side: "sell",
        positionSide: "both",
        kind: "market",
        timeInForce: "GTC",
        lots: lots(60),
        reduceOnly: false,
      });
      expect(bought.ok).toBe(true);
      const { others, books } = await truth();
      expect(others).toMatchObject([{ symbol: instrument, asset, size: expect.stringMatching(/^[\d.]+$/) }]);
      expect(others[0]?.notional).toBeGreaterThan(0);
      expect(books.filter((book) => book.lots !== 0)).toEqual([]);
    });

    it("joins the order that a triggered stop became, and its executions, to the stop's client id", async () => {
      await placed(atMarket());
      const order = stop();
      await placed(order);
      rig.move(below(10_010));
      await soon(() => fillsOf(account, order.clientId).length > 0, "the stop's fill is told");
      const read = await truth();
      expect(read.openConditionals).toEqual([]);
      const own = read.history.filter(({ clientId }) => clientId === order.clientId);
      expect(own.map(({ source, status }) => [source, status]).sort()).toEqual([
        ["conditional", "triggered"],
        ["order", "filled"],
      ]);
      const spawned = own.find(({ source }) => source === "conditional")?.spawnedOrderId;
      expect(spawned).toBe(own.find(({ source }) => source === "order")?.venueOrderId);
      const fills = read.fills.filter(({ clientId }) => clientId === order.clientId);
      expect(fills).toMatchObject([{ lots: TEN, side: "sell", venueOrderId: spawned }]);
      expect(fills[0]?.realized).toBeLessThan(0);
    });

    it("tells the same executions on the stream, in a query and in the history", async () => {
      const order = atMarket();
      await placed(order);
      await soon(() => fillsOf(account, order.clientId).length > 0, "the fill is told");
      const without = ({ wallAt: _wallAt, ...rest }: FillEvent) => rest;
      const streamed = fillsOf(account, order.clientId).map(without);
      expect((await truth()).fills.map(without)).toEqual(streamed);
      const answer = await rig.gateway.trading.query(order);
      expect(fillsOf(answer.type === "found" ? answer.events : [], order.clientId).map(without)).toEqual(
        streamed,
      );
    });

    it("shows a book's exposure: entry, mark, liquidation price, mode and leverage", async () => {
      await rig.gateway.trading.setMarginMode(rig.instrument, "isolated");
      await rig.gateway.trading.setLeverage(rig.instrument, 3);
      await placed(atMarket());
      await truth();
      const exposure = await rig.gateway.account.exposure();
      if (exposure.type !== "exposure") throw new Error("no exposure");
      const [book, ...more] = exposure.books.filter((each) => each.lots !== 0);
      expect(more).toEqual([]);
      expect(book).toMatchObject({ lots: TEN, mark: rig.price, marginMode: "isolated" });
      // Where positions don't tell it, what an earlier reading had may have been changed since.
      expect([3, undefined]).toContain(book?.leverage);
      expect(Math.abs((book?.entry ?? 0) - rig.price)).toBeLessThan(1_000);
      expect(book?.liquidation).toBeGreaterThan(rig.price * 0.6);
      // An inverse long loses coins faster the deeper the price falls.
      expect(book?.liquidation).toBeLessThan(rig.price * (rig.kind === "inverse" ? 0.8 : 0.75));
      expect(book?.isolatedWallet).toBeGreaterThan(0);
      expect(book?.maintenanceMargin).toBeGreaterThan(0);
    });

    it("sets leverage and margin mode, reads both back, and setting them again changes nothing", async () => {
      const { trading } = rig.gateway;
      const read = (events: readonly DeskEvent[]) => events.map((event) => ({ ...event, at: 0, wallAt: 0 }));
      const config = (leverage: number, marginMode: string) => [
        {
          type: "accountConfig",
          account: rig.account,
          instrument: rig.instrument,
          leverage,
          marginMode,
          at: 0,
          wallAt: 0,
        },
      ];
      await trading.setMarginMode(rig.instrument, "cross");
      expect(read(await trading.setLeverage(rig.instrument, 2))).toEqual(config(2, "cross"));
      expect(read(await trading.setMarginMode(rig.instrument, "isolated"))).toEqual(config(2, "isolated"));
      expect(read(await trading.setMarginMode(rig.instrument, "isolated"))).toEqual(config(2, "isolated"));
      expect(read(await trading.setLeverage(rig.instrument, 2))).toEqual(config(2, "isolated"));
      const { config: whole } = await rig.gateway.account.truth([rig.instrument], rig.historyFrom);
      expect(whole).toMatchObject([{ type: "accountConfig", leverage: 2, marginMode: "isolated" }]);
    });

    it("adds margin to an isolated position, and says why the exchange adds none where there is none", async () => {
      const { trading } = rig.gateway;
      await trading.setMarginMode(rig.instrument, "isolated");
      await trading.setLeverage(rig.instrument, 3);
      const amount = value(1_234_500);
      expect(await trading.addMargin(rig.instrument, "both", amount)).toMatchObject({
        type: "refused",
        reason: expect.stringMatching(/./),
      });
      await placed(atMarket());
      await truth();
      const held = async () => {
        const exposure = await rig.gateway.account.exposure();
        if (exposure.type !== "exposure") throw new Error("no exposure");
        return exposure.books.find((each) => each.lots !== 0);
      };
      const before = await held();
      const wallets = (await truth()).wallets;
      expect(await trading.addMargin(rig.instrument, "both", amount)).toEqual({ type: "added" });
      const after = await held();
      expect((await truth()).wallets, "it is the account's as before").toEqual(wallets);
      const moves = account.filter((event) => event.type === "balance" && event.cause === "transfer");
      expect(moves, "no money came or went").toEqual([]);
      expect((after?.isolatedWallet ?? 0) - (before?.isolatedWallet ?? 0)).toBe(amount);
      expect(after?.liquidation ?? 0).toBeLessThanOrEqual(before?.liquidation ?? 0);
      const tooMuch = value(80_000_000 * ONE);
      expect(await trading.addMargin(rig.instrument, "both", tooMuch)).toMatchObject({ type: "refused" });
    });

    it("stops quietly: nothing is told after it", async () => {
      await rig.gateway.account.stop();
      await rig.gateway.market.stop();
      const told = [market.length, account.length];
      rig.move(ticks(rig.price + 500));
      await new Promise((resolve) => setTimeout(resolve, 20));
      expect([market.length, account.length]).toEqual(told);
    });
  });
}

/** Waits for loopback I/O, ten seconds at most. */
async function soon(holds: () => boolean, what: string): Promise<void> {
  const patience = performance.now() + 10_000;
  while (!holds()) {
    if (performance.now() > patience) throw new Error(`waited in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
