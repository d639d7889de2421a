import { afterEach, describe, expect, test } from "vitest";
import { type OpenExchange, openGateway } from "../../src/cli/open-gateway.ts";
import { simKeys } from "../../src/cli/sim-keys.ts";
import { systemClock } from "../../src/cli/system-clock.ts";
import type { DeskEvent } from "../../src/core/event.ts";
import { lots, ticks } from "../../src/core/units.ts";
import { createExchange } from "../../src/venue/built-in-exchange.ts";
import { BRACKETS, INSTRUMENTS } from "../../src/venue/instruments.ts";
import { startServer } from "../../src/venue/web/server.ts";
import { order, soon } from "../gateways/rig.ts";
import { refusal, Wire } from "../gateways/wire.ts";
import { HandMarket } from "../venue/binance/hand-market.ts";
import { MARKET_START, type Served, serveVenue } from "../venue/binance/served-venue.ts";
import { grid, keptLog, ownFolder, settingsIn } from "./settings.ts";

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

interface Paper {
  /** Plays the real exchange. */
  readonly real: Served;
  readonly wire: Wire;
  readonly opened: OpenExchange;
  readonly news: DeskEvent[];
  readonly log: readonly string[];
  fills(): readonly DeskEvent[];
}

async function openPaper(symbol = "BTCUSDT", change: object = {}): Promise<Paper> {
  const real = await serveVenue();
  cleanUps.push(() => real.close());
  const wire = await Wire.to(real.server.port);
  cleanUps.push(() => wire.down());
  const folder = ownFolder();
  cleanUps.push(folder.gone);
  const settings = settingsIn(folder.path, { mode: "paper", engines: [grid(symbol)], ...change });
  const log = keptLog();
  const target = { host: "127.0.0.1", port: wire.port };
  const opened = await openGateway({ settings, clock: systemClock, log, simKeys: simKeys({}).keys, target });
  cleanUps.push(() => opened.close());
  const news: DeskEvent[] = [];
  await opened.gateway.market.instruments([symbol]);
  await opened.gateway.market.start([symbol], (event) => news.push(event));
  await opened.gateway.account.start((event) => news.push(event));
  const fills = () => news.filter(({ type }) => type === "fill");
  return { real, wire, opened, news, log: log.lines, fills };
}

/** Calls of the real exchange that carried a key or a signature: there must be none, ever. */
const signed = ({ wire }: Paper) =>
  wire.asked.filter(({ apiKey, fields }) => apiKey !== undefined || fields["signature"] !== undefined);

describe("paper mode", () => {
  test("orders rest at the venue here and fill when the real price passes theirs, not when it touches", async () => {
    const paper = await openPaper();
    const { gateway, venue } = paper.opened;
    const [exchange] = venue?.exchanges ?? [];
    const buy = order({ price: ticks(499_000), lots: lots(10) });
    const placed = await gateway.trading.place(buy);
    expect(placed.map(({ type }) => type)).toEqual(["orderReport"]);
    expect(paper.real.exchange.openOrders("main")).toEqual([]);
    expect(exchange?.openOrders("main").map(({ clientId }) => clientId)).toEqual([buy.clientId]);

    paper.real.move(499_000);
    await soon(() => exchange?.candles("BTCUSDT", 60_000, {}).at(-1)?.low === 499_000, "the touch is seen");
    expect(paper.fills()).toEqual([]);
    paper.real.move(498_900);
    await soon(() => paper.fills().length > 0, "the fill is told");
    expect(paper.fills()[0]).toMatchObject({
      clientId: buy.clientId,
      price: 499_000,
      lots: 10,
      isMaker: true,
    });
    const [position] = exchange?.positions("main") ?? [];
    expect(position).toMatchObject({ instrument: "BTCUSDT", lots: 10 });
    expect(paper.real.exchange.positions("main").filter(({ lots: held }) => held !== 0)).toEqual([]);
    expect(exchange?.validate()).toEqual([]);

    expect(signed(paper)).toEqual([]);
    expect(paper.wire.opened.filter((path) => /private|listenKey/.test(path))).toEqual([]);
    expect([...new Set(paper.wire.socketHosts)]).toEqual(["fstream.binance.com"]);
  });

  test("a stop at the venue is triggered by the real mark", async () => {
    const paper = await openPaper();
    const { gateway, venue } = paper.opened;
    const [exchange] = venue?.exchanges ?? [];
    await gateway.trading.place(order({ price: ticks(499_000), lots: lots(10) }));
    paper.real.move(498_000);
    await soon(() => paper.fills().length === 1, "the entry filled");
    const stop = {
      ...order({ side: "sell", role: "stop", kind: "stopMarket", trigger: ticks(490_000), lots: lots(10) }),
      isReduceOnly: true,
      isPostOnly: false,
    };
    const { price: _none, ...facts } = stop;
    await gateway.trading.place(facts);
    paper.real.move(489_000);
    await soon(() => paper.fills().length === 2, "the stop went through");
    expect(exchange?.positions("main").every(({ lots: held }) => held === 0)).toBe(true);
    expect(signed(paper)).toEqual([]);
  });

  test("after a broken line it listens again and takes what happened meanwhile", async () => {
    const paper = await openPaper();
    await paper.opened.gateway.trading.place(order({ price: ticks(499_000), lots: lots(10) }));
    paper.wire.cut("/market/ws/perpdesk-tape");
    await soon(() => paper.wire.open("/market/ws/perpdesk-tape") === 1, "the tape is back");
    paper.real.move(498_000);
    await soon(() => paper.fills().length === 1, "the order filled");
    expect(paper.log.some((line) => line.startsWith("the tape of the real exchange is interrupted"))).toBe(
      true,
    );
  });

  test("margin tiers that ship are used, others are assumed and said", async () => {
    const known = await openPaper();
    expect(known.opened.notes).toEqual([
      "Prices are real; fills, fees (maker 0.02 %, taker 0.05 %) and funding are reckoned here, and no key is used.",
    ]);
    const [exchange] = known.opened.venue?.exchanges ?? [];
    expect(exchange?.brackets("BTCUSDT")).toHaveLength(5);
    expect(exchange?.balance("main").wallet).toBe(1_000_000_000_000);

    const [bitcoin] = INSTRUMENTS;
    if (bitcoin === undefined) throw new Error("nothing ships");
    const listed = createExchange({
      instruments: [{ ...bitcoin, id: "ABCUSDT", base: "ABC" }],
      brackets: { ABCUSDT: BRACKETS["BTCUSDT"] ?? [] },
      market: new HandMarket(MARKET_START, { ABCUSDT: 500_000 }),
      accounts: [],
      seed: 1,
    });
    const wall = { now: Date.now, setTimeout, clearTimeout };
    const server = await startServer({ exchange: listed, keys: [], speed: 1, wall });
    cleanUps.push(() => server.close());
    const folder = ownFolder();
    cleanUps.push(folder.gone);
    const settings = settingsIn(folder.path, { mode: "paper", engines: [grid("ABCUSDT")] });
    const parts = { settings, clock: systemClock, log: keptLog(), simKeys: simKeys({}).keys };
    const unknown = await openGateway({ ...parts, target: { host: "127.0.0.1", port: server.port } });
    cleanUps.push(() => unknown.close());
    expect(unknown.notes.at(-1)).toBe(
      "The margin tiers of ABCUSDT do not ship: 5 % maintenance margin is assumed.",
    );
    expect(unknown.venue?.exchanges[0]?.brackets("ABCUSDT")).toEqual([
      { floor: 0, cap: 4_000_000_000_000_000, maintenance: 5_000_000, deduction: 0, leverageMax: 10 },
    ]);
  });

  test("a symbol that the real exchange does not trade, and one that is away, are one sentence", async () => {
    await expect(openPaper("DOGEUSDT")).rejects.toThrow(
      /^symbol "DOGEUSDT" is not traded on binanceusdm; look at its list of symbols$/,
    );
    const wire = await Wire.to(1);
    cleanUps.push(() => wire.down());
    wire.spoilAll("*", refusal(-1003, 418));
    const folder = ownFolder();
    cleanUps.push(folder.gone);
    const settings = settingsIn(folder.path, { mode: "paper", engines: [grid("BTCUSDT")] });
    const parts = { settings, clock: systemClock, log: keptLog(), simKeys: simKeys({}).keys };
    await expect(openGateway({ ...parts, target: { host: "127.0.0.1", port: wire.port } })).rejects.toThrow(
      "binanceusdm (public data) can't be read (-1003): check the network of this machine, and in demo and live the keys in .env.",
    );
  });
});
