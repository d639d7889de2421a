import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { exchangeFindings } from "../../src/cli/doctor/exchange.ts";
import { fingerprint } from "../../src/cli/key-check.ts";
import { openGateway } from "../../src/cli/open-gateway.ts";
import { simKeys } from "../../src/cli/sim-keys.ts";
import { systemClock } from "../../src/cli/system-clock.ts";
import { lots, millis, ticks } from "../../src/core/units.ts";
import { openStore } from "../../src/store/store.ts";
import type { Exchange } from "../../src/venue/exchange.ts";
import { hasty } from "../gateways/rig.ts";
import { refusal } from "../gateways/wire.ts";
import { cleanUp, folderOf, ofExchange } from "./doctor-rig.ts";
import { grid, keptLog, settingsIn } from "./settings.ts";

afterEach(cleanUp);

type Seen = Awaited<ReturnType<typeof ofExchange>>;
const lines = async ({ look }: Seen, name: string) =>
  (await look()).filter((each) => each.name === name).map(({ verdict, text }) => `${verdict}: ${text}`);

const byHand = {
  instrument: "BTCUSDT",
  side: "buy",
  positionSide: "both",
  timeInForce: "GTC",
  lots: lots(25),
  reduceOnly: false,
} as const;

/** A position of 0.025 BTC and a resting order, neither of them ours. */
function hold(exchange: Exchange): void {
  const market = exchange.place("main", { ...byHand, clientId: "by-hand", kind: "market" });
  const limit = exchange.place("main", {
    ...byHand,
    clientId: "rests",
    kind: "limit",
    price: ticks(490_000),
  });
  expect([market.ok, limit.ok]).toEqual([true, true]);
}

const READABLE = "ok: it can be read, with its history, and is in one-way mode.";

describe("doctor looks whether symbols take positions", () => {
  test("one that is being delisted, and one that is gone, are to be mended before a start", async () => {
    const engines = [grid("BTCUSDT"), grid("ETHUSDT", { name: "eth", quantity: "0.1" })];
    const seen = await ofExchange({ engines });
    const { exchange } = seen.served;
    exchange.hand.delist("ETHUSDT", millis(exchange.now() + 86_400_000));
    expect(await lines(seen, "exchange")).toEqual([
      "mend: ETHUSDT takes no new positions, the exchange is delisting it: give its engines another symbol.",
    ]);
    const other = await ofExchange({ engines });
    const end = millis(other.served.exchange.now() + 1_000);
    other.served.exchange.hand.delist("ETHUSDT", end);
    while (other.served.exchange.now() <= end) other.served.move(500_000);
    expect(await lines(other, "exchange")).toEqual([
      "mend: ETHUSDT is no longer traded: give its engines another symbol, they do nothing there.",
    ]);
    expect(await lines(other, "account")).toEqual([READABLE]);
  });

  test("steps of an earlier life count: together finer than money is what a start would refuse", async () => {
    const seen = await ofExchange({});
    const opened = await openStore({ file: join(seen.settings.desk.dataDir, "perpdesk.db") });
    if (!opened.ok) throw new Error(opened.problem);
    const fact = { venue: "binanceusdm", account: "main", id: "BTCUSDT", tick: "0.00001", lot: "0.00001" };
    await opened.store.ledger.append("instruments", "desk", fact);
    expect(await lines(seen, "exchange")).toEqual([
      expect.stringMatching(/^mend: symbol "BTCUSDT" is counted in prices of 0\.00001 .* finer than money/),
    ]);
    expect(await opened.store.ledger.read()).toHaveLength(1);
    await opened.store.close();
  });
});

describe("doctor reads the account once, as a start does", () => {
  test("hedge mode, and what is held before the first live start", async () => {
    const hedged = await ofExchange({});
    expect(hedged.served.exchange.setHedgeMode("main", true).ok).toBe(true);
    expect(await lines(hedged, "account")).toEqual([
      "mend: it is in hedge mode, where no order of this desk leaves: switch it to one-way mode, or set account.positionMode: hedge.",
    ]);
    const wanted = { account: { positionMode: "hedge" } };
    const oneWay = await ofExchange(wanted);
    expect(await lines(oneWay, "account")).toEqual([
      "mend: it is in one-way mode, and account.positionMode is hedge, so that no order would leave: switch it to hedge mode, or set oneWay.",
    ]);
    expect(oneWay.served.exchange.setHedgeMode("main", true).ok).toBe(true);
    expect(await lines(oneWay, "account")).toEqual([READABLE.replace("one-way", "hedge")]);
    const held = "1 position (BTCUSDT 0.025 BTC) and 1 order";
    const flatOnly = await ofExchange({ mode: "live" });
    hold(flatOnly.served.exchange);
    expect(await lines(flatOnly, "account")).toEqual([
      `mend: it holds ${held}, and the first live start trades nothing until it is empty: close them on the exchange, or set live.startWith to adopt.`,
    ]);
    const adopting = await ofExchange({ mode: "live", live: { startWith: "adopt" } });
    hold(adopting.served.exchange);
    expect(await lines(adopting, "account")).toEqual([
      `note: it holds ${held}: what is this desk's own goes back into its rungs, the rest is foreign and is never touched.`,
    ]);
  });

  test("what is held is none of its business in demo, or once live has begun", async () => {
    const demo = await ofExchange({ mode: "demo" });
    hold(demo.served.exchange);
    expect(await lines(demo, "account")).toEqual([READABLE]);
    const later = await ofExchange({ mode: "live" });
    hold(later.served.exchange);
    expect((await lines(later, "account"))[0]).toMatch(/^mend: it holds/);
    const opened = await openStore({ file: join(later.settings.desk.dataDir, "perpdesk.db") });
    if (!opened.ok) throw new Error(opened.problem);
    const begun = { account: "main", exchange: "binanceusdm" };
    await opened.store.ledger.append("begun", "desk", begun);
    expect((await lines(later, "account"))[0], "with which key is not known").toMatch(/^mend: it holds/);
    const key = fingerprint(later.settings.keys?.apiKey ?? "");
    await opened.store.ledger.append("begun", "desk", { ...begun, key });
    await opened.store.close();
    expect(await lines(later, "account")).toEqual([READABLE]);
  });

  test("a part of it that can't be read, and an exchange that lacks a call of the history", async () => {
    const seen = await ofExchange({ mode: "live" });
    const { wire } = seen;
    wire.spoilAll("GET /fapi/v1/userTrades", refusal(-2015, 401));
    const told = (reason: string) =>
      `mend: binanceusdm's account can't be read (${reason}), and a start would not begin: check what the key may do and the network of this machine.`;
    expect(await lines(seen, "account")).toEqual([told("-2015")]);
    const lacking = await ofExchange({ mode: "live" });
    const page = { type: "answer", status: 404, body: "<html>not found</html>" } as const;
    lacking.wire.spoilAll("GET /fapi/v1/allAlgoOrders", page);
    expect(await lines(lacking, "account")).toEqual([
      expect.stringMatching(/can't be read \(.*HTTP 404\), and/),
    ]);
  });

  test("asks only: nothing is placed, cancelled or set", async () => {
    const seen = await ofExchange({ mode: "live" });
    await seen.look();
    const writes = seen.wire.asked.filter(({ call }) => !call.startsWith("GET "));
    expect(writes).toEqual([]);
  });

  test.each([
    ["binancecoinm", grid("BTCUSD_PERP", { quantity: "1", max_margin_usd: undefined, max_margin: 0.1 })],
    ["bybit", grid("BTCUSDT")],
    ["okx", grid("BTC-USDT-SWAP")],
  ])("on %s as well, without its stream", async (exchange, engine) => {
    const settings = settingsIn(folderOf(), { exchange, engines: [engine], account: { deposit: 10_000 } });
    const opened = await openGateway({
      settings,
      clock: hasty,
      log: keptLog(),
      simKeys: simKeys({}).keys,
      target: undefined,
    });
    const found = await exchangeFindings(settings, opened, systemClock, {
      known: new Map(),
      start: "flatOnly",
    });
    await opened.close();
    expect(found.map(({ name, verdict }) => `${name} ${verdict}`)).toEqual([
      "clock ok",
      "keys ok",
      "exchange ok",
      "settings note",
      "settings note",
      "account ok",
    ]);
  });
});
