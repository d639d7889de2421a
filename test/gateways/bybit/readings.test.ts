import { afterEach, describe, expect, it } from "vitest";
import type { DeskEvent } from "../../../src/core/event.ts";
import { lots, ticks } from "../../../src/core/units.ts";
import type { Gateway } from "../../../src/desk/ports.ts";
import { BYBIT_STREAMS } from "../../../src/gateways/bybit/hosts.ts";
import { loginOf } from "../../../src/gateways/bybit/login.ts";
import { bybit } from "../../../src/gateways/bybit.ts";
import { KEY, type ServedBybit, serveBybit } from "../../venue/bybit/served-bybit.ts";
import { hasty, marketOrder, order, soon, stopOrder } from "../rig.ts";
import { InProcessClient } from "./in-process.ts";

type Row = Record<string, unknown>;

/** Carries calls like its parent; the test may change the rows of an answer, or do something right after it. */
class HandClient extends InProcessClient {
  readonly asked: { readonly name: string; readonly params: Row }[] = [];
  change: (name: string, rows: readonly Row[]) => readonly Row[] = (_name, rows) => rows;
  cursor = "";

  override async call(name: string, params: object): Promise<unknown> {
    this.asked.push({ name, params: params as Row });
    const answer = (await super.call(name, params)) as { result: { list?: readonly Row[] } };
    if (answer.result.list === undefined) return answer;
    const nextPageCursor = answer.result.list.length === 0 ? "" : this.cursor;
    const list = this.change(name, answer.result.list);
    return { ...answer, result: { ...answer.result, list, nextPageCursor } };
  }

  count(name: string): number {
    return this.asked.filter((each) => each.name === name).length;
  }
}

let venue: ServedBybit;
let client: HandClient;
let gateway: Gateway;
let log: string[];
const market: DeskEvent[] = [];

async function open(hedgeMode = false, symbols: readonly string[] = ["BTCUSDT"]): Promise<void> {
  venue = await serveBybit(hedgeMode ? { hedgeMode } : {});
  await join(symbols);
}

/** A gateway that knows nothing yet of what was on the venue before. */
async function join(symbols: readonly string[]): Promise<void> {
  client = new HandClient(venue.core);
  log = [];
  gateway = bybit({
    account: "main",
    client,
    streams: BYBIT_STREAMS.live,
    login: (now) => loginOf(KEY, now),
    clock: hasty,
    log: { warn: (message, fields) => log.push(`${message} ${JSON.stringify(fields)}`) },
  });
  market.length = 0;
  await gateway.market.instruments(symbols);
  await gateway.market.start(symbols, (event) => market.push(event));
  await soon(() => market.some(({ type }) => type === "mark"), "the market speaks");
}
const truth = async (symbols: readonly string[] = ["BTCUSDT"]) =>
  gateway.account.truth(symbols, venue.usdt.now() - 60_000);

afterEach(async () => {
  await gateway.account.stop();
  await gateway.market.stop();
  await venue.close();
});

describe("a reading of a Bybit account", () => {
  it("comes up though the log says nothing of a close yet, and says so", async () => {
    await open();
    await gateway.trading.place(marketOrder());
    venue.move(501_000);
    await gateway.trading.place(marketOrder({ role: "close", side: "sell", isReduceOnly: true }));
    const told = (await truth()).truth.fills;
    expect(told.map(({ realized }) => realized !== 0)).toEqual([false, true]);
    expect(log).toEqual([]);
    client.change = (name, rows) => (name === "GET /v5/account/transaction-log" ? [] : rows);
    const silent = (await truth()).truth.fills;
    expect(silent.map(({ realized }) => realized)).toEqual([0, 0]);
    expect(silent.map(({ tradeId }) => tradeId)).toEqual(told.map(({ tradeId }) => tradeId));
    expect(log).toEqual([expect.stringContaining("nothing tells what these executions realised")]);
  });

  it("reads the log once, however many symbols were closed", async () => {
    const symbols = ["BTCUSDT", "ETHUSDT"];
    await open(false, symbols);
    for (const instrument of symbols) {
      const of = { instrument, lots: lots(100) };
      expect(await gateway.trading.place(marketOrder(of))).toMatchObject([{ status: "filled" }]);
      await gateway.trading.place(marketOrder({ ...of, role: "close", side: "sell", isReduceOnly: true }));
    }
    expect((await truth(symbols)).truth.fills).toHaveLength(4);
    expect(client.count("GET /v5/account/transaction-log")).toBe(1);
  });

  it("tells the higher leverage where the books of hedge mode differ", async () => {
    await open(true);
    client.change = (name, rows) =>
      name === "GET /v5/position/list"
        ? rows.map((row, at) => ({ ...row, leverage: at === 0 ? "3" : "12.5" }))
        : rows;
    expect((await truth()).config).toMatchObject([{ instrument: "BTCUSDT", leverage: 12.5 }]);
    expect(await gateway.trading.setLeverage("BTCUSDT", 3)).toMatchObject([{ leverage: 12.5 }]);
  });

  it("finds the books of executions whose orders it does not know, in the first reading already", async () => {
    await open(true);
    await gateway.trading.place(marketOrder({ positionSide: "short", side: "sell", lots: lots(20) }));
    venue.usdt.hand.deleverage("main", "BTCUSDT", "short", lots(5));
    await gateway.market.stop();
    await join(["BTCUSDT"]);
    client.change = (name, rows) => (name.startsWith("GET /v5/order/") ? [] : rows);
    const { fills } = (await truth()).truth;
    expect(fills.map(({ positionSide, side }) => [positionSide, side])).toEqual([
      ["short", "sell"],
      ["short", "buy"],
    ]);
  });

  it("loses no order that ends while it reads", async () => {
    await open();
    const facts = order();
    await gateway.trading.place(facts);
    let isEnded = false;
    client.change = (name, rows) => {
      if (!isEnded && name.startsWith("GET /v5/order/")) {
        isEnded = true;
        expect(venue.usdt.cancel("main", "BTCUSDT", { clientId: facts.clientId })).toMatchObject({
          ok: true,
        });
      }
      return rows;
    };
    const { history, openOrders } = (await truth()).truth;
    expect(history).toMatchObject([{ clientId: facts.clientId, status: "canceled" }]);
    expect(openOrders).toEqual([]);
    expect((await truth()).truth.history).toHaveLength(1);
  });
});

describe("an order on Bybit", () => {
  it("that is looked for by its id is one question, whatever cursor the page names", async () => {
    await open();
    client.cursor = "more%3A1";
    client.asked.length = 0;
    const facts = stopOrder();
    await gateway.trading.place(marketOrder());
    client.asked.length = 0;
    expect(await gateway.trading.place(facts)).toMatchObject([{ source: "conditional", status: "open" }]);
    expect(client.asked.map(({ name }) => name)).toEqual(["POST /v5/order/create", "GET /v5/order/realtime"]);
  });

  it("that is a stop makes room for itself when it triggers, and says that it reduces, in hedge mode too", async () => {
    await open();
    await gateway.trading.place(marketOrder());
    await gateway.trading.place(stopOrder());
    await gateway.trading.place(order({ side: "sell", price: ticks(510_000), isReduceOnly: true }));
    const sent = () =>
      client.asked
        .filter(({ name }) => name === "POST /v5/order/create")
        .map(({ params }) => [params["reduceOnly"], params["closeOnTrigger"]]);
    const asIs = [
      [undefined, undefined],
      [true, true],
      [true, undefined],
    ];
    expect(sent()).toEqual(asIs);
    await gateway.market.stop();
    await venue.close();
    await open(true);
    const long = { positionSide: "long", isReduceOnly: false } as const;
    await gateway.trading.place(marketOrder(long));
    const stop = await gateway.trading.place(stopOrder(long));
    expect(stop).toMatchObject([{ source: "conditional", status: "open" }]);
    const exit = order({ ...long, side: "sell", price: ticks(510_000) });
    await gateway.trading.place(exit);
    expect(sent()).toEqual(asIs);
    await gateway.trading.cancel(exit, undefined);
    venue.move(489_000);
    venue.move(489_000);
    expect(venue.usdt.openConditionals("main")).toEqual([]);
    expect(venue.usdt.positions("main").filter((each) => each.lots !== 0)).toEqual([]);
  });
});
