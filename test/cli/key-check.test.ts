import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { askKey, checkKey, fingerprint, judgeKey } from "../../src/cli/key-check.ts";
import { openGateway } from "../../src/cli/open-gateway.ts";
import { simKeys } from "../../src/cli/sim-keys.ts";
import type { Gateway, KeyRights, Store } from "../../src/desk/ports.ts";
import { openStore } from "../../src/store/store.ts";
import { hasty } from "../gateways/rig.ts";
import { type Fault, refusal, Wire } from "../gateways/wire.ts";
import { serveVenue } from "../venue/binance/served-venue.ts";
import { serveBybit } from "../venue/bybit/served-bybit.ts";
import { serveOkx } from "../venue/okx/served-okx.ts";
import { grid, keptLog, ownFolder, settingsIn } from "./settings.ts";

let store: Store;
let folder: ReturnType<typeof ownFolder>;
const cleanUps: (() => unknown)[] = [];
beforeEach(async () => {
  folder = ownFolder();
  const opened = await openStore({ file: join(folder.path, "perpdesk.db") });
  if (!opened.ok) throw new Error(opened.problem);
  store = opened.store;
});
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
  await store.close();
  folder.gone();
});

const live = (change: object = {}) =>
  settingsIn(folder.path, { mode: "live", engines: [grid("BTCUSDT")], ...change });
const bodies = async (kind: string) => (await store.ledger.read([kind])).map(({ body }) => JSON.parse(body));

const RIGHTS: KeyRights = { canTrade: true, canWithdraw: false, canTransfer: false, isIpRestricted: true };
const gatewayWith = (rights: KeyRights | undefined) =>
  ({
    keyRights: () => (rights === undefined ? Promise.reject(new Error("no")) : Promise.resolve(rights)),
  }) as unknown as Gateway;

describe("what a key may do", () => {
  test("one that trades from listed addresses alone is fine", async () => {
    expect(await checkKey(live(), gatewayWith(RIGHTS), store.ledger)).toEqual([]);
    expect(await store.ledger.read()).toEqual([]);
  });

  test.each([
    ["may withdraw", { canWithdraw: true, canTransfer: true }, /the key may withdraw: take that right/],
    ["may transfer", { canTransfer: true }, /the key may transfer money: take that right/],
    ["may not trade", { canTrade: false }, /the key may not trade futures/],
    [
      "works from anywhere",
      { isIpRestricted: false },
      /the key works from any address: list .* live\.keyWithoutIpLimit\.$/,
    ],
  ])("one that %s is refused in live and told in demo", async (_what, change, sentence) => {
    const gateway = gatewayWith({ ...RIGHTS, ...change });
    await expect(checkKey(live(), gateway, store.ledger)).rejects.toThrow(sentence);
    const demo = settingsIn(folder.path, { mode: "demo" });
    expect(await checkKey(demo, gateway, store.ledger)).toEqual([expect.stringMatching(sentence)]);
  });

  test("one whose rights nobody tells is refused in live and told in demo", async () => {
    const sentence = /the exchange does not say what the key may do/;
    await expect(checkKey(live(), gatewayWith(undefined), store.ledger)).rejects.toThrow(sentence);
    const demo = settingsIn(folder.path, { mode: "demo" });
    expect(await checkKey(demo, gatewayWith(undefined), store.ledger)).toEqual([
      expect.stringMatching(sentence),
    ]);
  });

  test("a written exception lets a key without addresses through and stands in the ledger once", async () => {
    const settings = live({ live: { keyWithoutIpLimit: "Ann, 2026-05-02: home line without an address" } });
    const gateway = gatewayWith({ ...RIGHTS, isIpRestricted: false });
    const note =
      "Live: the key works from any address, by exception: Ann, 2026-05-02: home line without an address";
    expect(await checkKey(settings, gateway, store.ledger)).toEqual([note]);
    expect(await checkKey(settings, gateway, store.ledger)).toEqual([note]);
    expect(await bodies("keyWithoutIpLimit")).toEqual([
      {
        account: "main",
        exchange: "binanceusdm",
        key: fingerprint("test-api-key"),
        exception: "Ann, 2026-05-02: home line without an address",
      },
    ]);
    // It excuses nothing else.
    expect(judgeKey({ ...RIGHTS, isIpRestricted: false, canWithdraw: true }, settings).problems).toHaveLength(
      1,
    );
  });
});

const SAID = "the exchange does not say what the key may do";
const AUTH =
  "check the key and its secret, whether it is for this exchange and mode, and that this machine's address is on its list.";
const OTHER = "try again later, or make a new key.";
const says = (body: object, status = 200): Fault => ({
  type: "answer",
  status,
  body: JSON.stringify(body),
  headers: { "Content-Type": "application/json" },
});

describe("a key that the exchange says nothing of names what is in the way", () => {
  const served = {
    binanceusdm: [serveVenue, "GET /sapi/v1/account/apiRestrictions", "BTCUSDT"],
    bybit: [serveBybit, "GET /v5/user/query-api", "BTCUSDT"],
    okx: [serveOkx, "GET /api/v5/account/config", "BTC-USDT-SWAP"],
  } as const;

  test.each<[keyof typeof served, string, Fault, string | RegExp]>([
    [
      "binanceusdm",
      "an unknown key or address",
      refusal(-2015, 401),
      `(refused with -2015 (-2015)): ${AUTH}`,
    ],
    [
      "binanceusdm",
      "a wrong clock",
      refusal(-1021),
      "(refused with -1021 (-1021)): set this machine's clock by the network (NTP).",
    ],
    [
      "binanceusdm",
      "a dead line",
      { type: "reset" },
      /may do \(NetworkError: .+\): check the network of this machine, and try again\.$/,
    ],
    [
      "binanceusdm",
      "a country that is not served",
      { type: "answer", status: 451, body: "" },
      "(HTTP 451): the exchange is busy or does not serve this address, try again later.",
    ],
    [
      "binanceusdm",
      "an answer without the field",
      says({ enableFutures: true }),
      `(field "enableWithdrawals" is neither true nor false): ${OTHER}`,
    ],
    [
      "bybit",
      "a wrong signature, with words that repeat the key",
      says({ retCode: 10_004, retMsg: "Error sign! origin_string[1test-bybit-key5000]", result: {} }),
      `(Error sign! origin_string[1[redacted]5000] (10004)): ${AUTH}`,
    ],
    [
      "bybit",
      "a wrong clock",
      says({ retCode: 10_002, retMsg: "invalid request", result: {} }),
      "(invalid request (10002)): set this machine's clock by the network (NTP).",
    ],
    [
      "bybit",
      "a world that does not offer it",
      says({ retCode: 10_032, retMsg: "Demo trading are not supported.", result: {} }),
      `(Demo trading are not supported. (10032)): ${OTHER}`,
    ],
    [
      "okx",
      "an address that is not listed",
      says({ code: "50110", data: [], msg: "Your IP is not on the list" }, 401),
      `(Your IP is not on the list (50110)): ${AUTH}`,
    ],
    [
      "okx",
      "too many requests",
      says({ code: "50011", data: [], msg: "Too Many Requests" }, 429),
      "(Too Many Requests (50011)): wait a minute, and try again.",
    ],
  ])("on %s: %s", async (exchange, _what, fault, told) => {
    const [serve, call, symbol] = served[exchange];
    const venue = await serve();
    cleanUps.push(() => venue.close());
    const wire = await Wire.to(venue.server.port);
    cleanUps.push(() => wire.down());
    const settings = live({ exchange, engines: [grid(symbol)] });
    const target = { host: "127.0.0.1", port: wire.port };
    const parts = { settings, clock: hasty, log: keptLog(), simKeys: simKeys({}).keys, target };
    const opened = await openGateway(parts);
    cleanUps.push(() => opened.close());
    wire.spoilAll(call, fault);
    const { problems, ...rest } = await askKey(opened.gateway, settings);
    const problem = typeof told === "string" ? `${SAID} ${told}` : expect.stringMatching(told);
    expect({ problems, ...rest }).toEqual({ problems: [problem], notes: [], exception: undefined });
    await expect(checkKey(settings, opened.gateway, store.ledger)).rejects.toThrow(
      /^mode live is refused: the exchange does not say what the key may do \(/,
    );
  });
});
