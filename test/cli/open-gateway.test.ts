import { afterEach, describe, expect, test } from "vitest";
import { type OpenExchange, openGateway } from "../../src/cli/open-gateway.ts";
import { simKeys } from "../../src/cli/sim-keys.ts";
import { systemClock } from "../../src/cli/system-clock.ts";
import type { DeskEvent } from "../../src/core/event.ts";
import type { Settings } from "../../src/settings/settings.ts";
import { SYNTHETIC_START } from "../../src/venue/synthetic-market.ts";
import { soon } from "../gateways/rig.ts";
import { Wire } from "../gateways/wire.ts";
import { serveVenue } from "../venue/binance/served-venue.ts";
import { serveBybit } from "../venue/bybit/served-bybit.ts";
import { serveCoinm } from "../venue/coinm/served-coinm.ts";
import { serveOkx } from "../venue/okx/served-okx.ts";
import { grid, KEYS, keptLog, ownFolder, settingsIn } from "./settings.ts";

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

function settingsOf(written: object, env?: Readonly<Record<string, string>>): Settings {
  const folder = ownFolder();
  cleanUps.push(folder.gone);
  return settingsIn(folder.path, written, env);
}

async function open(settings: Settings, port?: number): Promise<OpenExchange> {
  const target = port === undefined ? undefined : { host: "127.0.0.1", port };
  const parts = { settings, clock: systemClock, log: keptLog(), simKeys: simKeys({}).keys, target };
  const opened = await openGateway(parts);
  cleanUps.push(() => opened.close());
  return opened;
}

const COINS = { max_margin_usd: undefined, max_margin: "0.1", quantity: "5" };

/** One perpetual of each exchange, as its grid stands in a file. */
const TRADED = [
  ["binanceusdm", "BTCUSDT", "USDT", {}],
  ["binancecoinm", "BTCUSD_PERP", "BTC", COINS],
  ["bybit", "BTCUSDT", "USDT", {}],
  ["bybit", "BTCUSD", "BTC", { ...COINS, quantity: "500" }],
  ["okx", "BTC-USDT-SWAP", "USDT", {}],
  ["okx", "BTC-USD-SWAP", "BTC", COINS],
] as const;

describe("sim mode", () => {
  test.each(TRADED)(
    "%s: the built-in exchange serves %s, margined in %s",
    async (exchange, symbol, asset, change) => {
      const account = { name: "main", deposit: "7" };
      const engines = [
        grid(symbol, {
          ...change,
          ...(asset === "USDT" ? { max_margin_usd: undefined, max_margin: 5 } : {}),
        }),
      ];
      const settings = settingsOf({ exchange, account, engines });
      const { gateway, venue, where, notes } = await open(settings);
      expect(gateway.venue).toBe(exchange);
      expect(where).toEqual({ host: "127.0.0.1", port: venue?.port });
      expect(notes).toEqual([]);
      const [info] = await gateway.market.instruments([symbol]);
      expect(info?.instrument).toMatchObject({ id: symbol, settle: asset, venue: exchange });
      const news: DeskEvent[] = [];
      await gateway.market.start([symbol], (event) => news.push(event));
      await soon(() => ["top", "mark"].every((type) => news.some((each) => each.type === type)), "it speaks");
      await gateway.account.start(() => {});
      const { truth } = await gateway.account.truth([symbol], SYNTHETIC_START);
      const wallet = truth.wallets.find((each) => each.asset === asset)?.wallet;
      expect(wallet).toBe(700_000_000);
      expect(truth).toMatchObject({ openOrders: [], openConditionals: [], isHedgeMode: false });
      expect(await gateway.keyRights()).toEqual({
        canTrade: true,
        canWithdraw: false,
        canTransfer: false,
        isIpRestricted: true,
      });
    },
  );

  test("attached to a venue elsewhere it starts none of its own", async () => {
    const served = await serveVenue();
    cleanUps.push(() => served.close());
    const { venue, where } = await open(settingsOf({}), served.server.port);
    expect(venue).toBeUndefined();
    expect(where).toEqual({ host: "127.0.0.1", port: served.server.port });
  });
});

/** A wire to a venue that stands in for an exchange, and the hosts that were asked for over it. */
async function wireTo(port: number): Promise<{ readonly wire: Wire; hosts(): readonly string[] }> {
  const wire = await Wire.to(port);
  cleanUps.push(() => wire.down());
  const hosts = () => [...new Set([...wire.asked.map(({ host }) => host), ...wire.socketHosts])].sort();
  return { wire, hosts };
}

/** Opens both feeds and asks for the key's rights: every host that a desk ever speaks to. */
async function askAll({ gateway }: OpenExchange, symbol: string): Promise<void> {
  await gateway.market.instruments([symbol]);
  await gateway.market.start([symbol], () => {});
  await gateway.account.start(() => {});
  await gateway.market.clockSkew();
  await gateway.keyRights().catch(() => undefined);
}

describe("the hosts of demo and live are a closed list in code", () => {
  const engines = (symbol: string) => ({ engines: [grid(symbol)] });
  const coins = { engines: [grid("BTCUSD_PERP", COINS)] };

  test.each([
    ["live", ["api.binance.com", "fapi.binance.com", "fstream.binance.com"]],
    ["demo", ["demo-fapi.binance.com", "fstream.binancefuture.com"]],
  ])("Binance USDT-M %s", async (mode, expected) => {
    const served = await serveVenue();
    cleanUps.push(() => served.close());
    const { wire, hosts } = await wireTo(served.server.port);
    await askAll(await open(settingsOf({ mode, ...engines("BTCUSDT") }), wire.port), "BTCUSDT");
    expect(hosts().filter((host) => host !== "demo-api.binance.com")).toEqual(expected);
  });

  test.each([
    ["live", ["api.binance.com", "dapi.binance.com", "dstream.binance.com"]],
    ["demo", ["demo-dapi.binance.com", "dstream.binancefuture.com"]],
  ])("Binance COIN-M %s", async (mode, expected) => {
    const served = await serveCoinm();
    cleanUps.push(() => served.close());
    const { wire, hosts } = await wireTo(served.served.server.port);
    const settings = settingsOf({ mode, exchange: "binancecoinm", ...coins });
    await askAll(await open(settings, wire.port), "BTCUSD_PERP");
    expect(hosts().filter((host) => host !== "demo-api.binance.com")).toEqual(expected);
  });

  test.each([
    ["live", "", ["api.bybit.com", "stream.bybit.com"]],
    ["demo", "", ["api-demo.bybit.com", "stream-demo.bybit.com", "stream.bybit.com"]],
    ["demo", "true", ["api-testnet.bybit.com", "stream-testnet.bybit.com"]],
  ])("Bybit %s (BYBIT_TESTNET=%s)", async (mode, testnet, expected) => {
    const served = await serveBybit();
    cleanUps.push(() => served.close());
    const { wire, hosts } = await wireTo(served.server.port);
    const settings = settingsOf(
      { mode, exchange: "bybit", ...engines("BTCUSDT") },
      { ...KEYS, BYBIT_TESTNET: testnet },
    );
    await askAll(await open(settings, wire.port), "BTCUSDT");
    expect(hosts()).toEqual(expected);
  });

  test.each([
    ["live", ["ws.okx.com:8443", "www.okx.com"]],
    ["demo", ["wspap.okx.com:8443", "www.okx.com"]],
  ])("OKX %s", async (mode, expected) => {
    const served = await serveOkx();
    cleanUps.push(() => served.close());
    const { wire, hosts } = await wireTo(served.server.port);
    const settings = settingsOf({ mode, exchange: "okx", ...engines("BTC-USDT-SWAP") });
    await askAll(await open(settings, wire.port), "BTC-USDT-SWAP");
    expect(hosts()).toEqual(expected);
  });
});
