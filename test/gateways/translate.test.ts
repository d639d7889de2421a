import { describe, expect, it } from "vitest";
import type { DeskEvent } from "../../src/core/event.ts";
import { millis } from "../../src/core/units.ts";
import type { Payload } from "../../src/gateways/binance/fields.ts";
import { Translation } from "../../src/gateways/binance/translate.ts";
import * as payloads from "./payloads.ts";

const { accountUpdate, algoUpdate, orderUpdate, perpetual, trade, without } = payloads;

const WALL = millis(1_700_000_000_000);

function translationOf(...instruments: readonly (readonly [id: string, tick: string, lot: string])[]) {
  const all = instruments.length === 0 ? [["BTCUSDT", "0.10", "0.001"] as const] : instruments;
  return new Translation({
    account: "main",
    venue: "binanceusdm",
    instruments: new Map(all.map(([id, tick, lot]) => [id, perpetual(id, tick, lot)])),
    brackets: new Map(),
  });
}
const translation = translationOf();
const account = (raw: Payload): readonly DeskEvent[] => translation.account(raw, WALL);
const market = (raw: Payload): DeskEvent | undefined => translation.market(raw, WALL);
/** The message with one field of its inner object changed or taken away. */
const inner = (raw: Payload, name: string, change: (held: Payload) => Payload): Payload => ({
  ...raw,
  [name]: change(raw[name] as Payload),
});

describe("market messages become events", () => {
  it("bookTicker: best prices in ticks and lots, at the time of the match", () => {
    expect(market(payloads.bookTicker)).toEqual({
      type: "top",
      venue: "binanceusdm",
      instrument: "BTCUSDT",
      at: 1568014460891,
      wallAt: WALL,
      bid: 971_234,
      bidLots: 31_210,
      ask: 971_235,
      askLots: 66,
    });
  });

  it("markPriceUpdate: to the nearest tick, funding to all eight decimals", () => {
    expect(market(payloads.markPrice)).toEqual({
      type: "mark",
      venue: "binanceusdm",
      instrument: "BTCUSDT",
      at: 1562305380000,
      wallAt: WALL,
      mark: 971_234,
      index: 971_001,
      fundingRate: -38_167,
      nextFundingAt: 1562306400000,
    });
    expect(market({ ...payloads.markPrice, r: "" })).toMatchObject({ fundingRate: 0 });
  });

  it("depthUpdate: levels best first", () => {
    expect(market(payloads.depth)).toEqual({
      type: "depth",
      venue: "binanceusdm",
      instrument: "BTCUSDT",
      at: 1571889248276,
      wallAt: WALL,
      bids: [
        [971_234, 3_906],
        [971_233, 1_000],
      ],
      asks: [
        [971_235, 10],
        [971_240, 8_300],
      ],
    });
  });

  it("leaves messages of other symbols and other kinds alone", () => {
    expect(market({ ...payloads.bookTicker, s: "ETHUSDT" })).toBeUndefined();
    expect(market({ ...payloads.bookTicker, e: "24hrTicker" })).toBeUndefined();
    expect(market({ result: null, id: 1 })).toBeUndefined();
  });

  it("never shows a price between two ticks as better than it is: the bid goes down, the ask up", () => {
    expect(market({ ...payloads.bookTicker, b: "97123.45", a: "97123.51" })).toMatchObject({
      bid: 971_234,
      ask: 971_236,
    });
    expect(() => market({ ...payloads.bookTicker, b: "much" })).toThrow(/bid "much"/);
  });

  it.each(["b", "B", "a", "A", "T"])("names the field %s of a bookTicker when it is missing", (field) => {
    expect(() => market(without(payloads.bookTicker, field))).toThrow(`field "${field}" is missing`);
  });

  it.each(["p", "i", "r", "T", "E"])("names the field %s of a mark price when it is missing", (field) => {
    expect(() => market(without(payloads.markPrice, field))).toThrow(`field "${field}" is missing`);
  });

  it("says that depth levels are missing", () => {
    expect(() => market(without(payloads.depth, "b"))).toThrow("book levels are no list");
    expect(() => market({ ...payloads.depth, a: ["97123.50"] })).toThrow("a book level is no pair");
  });
});

describe("odd steps are converted exactly", () => {
  // In floating point 0.1 + 0.2, 1.1 * 3 and 4.35 * 100 all miss; a count must not.
  it.each([
    ["0.05", "0.01", "1234.35", 24_687, "8.13", 813],
    ["0.0001", "0.1", "0.4351", 4_351, "1000000.3", 10_000_003],
    ["0.00000001", "1", "0.00001235", 1_235, "123456789", 123_456_789],
    ["0.25", "0.005", "4.75", 19, "1.115", 223],
    ["5", "0.001", "97125", 19_425, "0.001", 1],
    ["0.1", "0.00001", "99999.9", 999_999, "1.00001", 100_001],
  ])("tick %s, lot %s: price %s and size %s", (tick, lot, price, priceTicks, size, sizeLots) => {
    const odd = translationOf(["ODDUSDT", tick, lot]);
    const message = { ...payloads.bookTicker, s: "ODDUSDT", b: price, B: size, a: price, A: size };
    expect(odd.market(message, WALL)).toMatchObject({ bid: priceTicks, bidLots: sizeLots });
    const fill = orderUpdate({ ...trade, s: "ODDUSDT", L: price, p: price, l: size, q: size });
    expect(odd.account(fill, WALL)).toMatchObject([
      { type: "fill", price: priceTicks, lots: sizeLots },
      { type: "orderReport", price: priceTicks, lots: sizeLots },
    ]);
  });

  it("reads long numbers that came without quotes, and money to 1e-8", () => {
    const [fill] = account(
      orderUpdate({ ...trade, i: "9007199254740993", t: 1234567890123456, n: "0.00000001" }),
    );
    expect(fill).toMatchObject({ venueOrderId: "9007199254740993", tradeId: "1234567890123456s", fee: 1 });
  });
});

describe("private messages become events", () => {
  const report = {
    type: "orderReport",
    source: "order",
    at: 1568879465650,
    wallAt: WALL,
    account: "main",
    instrument: "BTCUSDT",
    positionSide: "both",
    venueOrderId: "8886774",
    clientId: "pdsk7qe000001",
    side: "sell",
    origin: "client",
    status: "open",
    lots: 10,
    price: 972_001,
    isReduceOnly: true,
  };

  it("an order that rests is one report", () => {
    expect(account(orderUpdate())).toEqual([report]);
  });

  it("an execution is a fill and then the report", () => {
    expect(account(orderUpdate(trade))).toEqual([
      {
        type: "fill",
        at: 1568879465650,
        wallAt: WALL,
        account: "main",
        instrument: "BTCUSDT",
        positionSide: "both",
        venueOrderId: "8886774",
        clientId: "pdsk7qe000001",
        side: "sell",
        origin: "client",
        tradeId: "77110221s",
        price: 972_001,
        lots: 4,
        fee: 7_776_008,
        feeAsset: "USDT",
        realized: 120_040_000,
        isMaker: true,
      },
      { ...report, status: "partlyFilled" },
    ]);
  });

  it("an execution without a commission field had none", () => {
    const free = inner(orderUpdate(trade), "o", (held) => without(without(held, "n"), "N"));
    expect(account(free)[0]).toMatchObject({ type: "fill", fee: 0, feeAsset: "USDT" });
  });

  it.each([
    ["NEW", "open"],
    ["PARTIALLY_FILLED", "partlyFilled"],
    ["FILLED", "filled"],
    ["CANCELED", "canceled"],
    ["EXPIRED", "expired"],
    ["EXPIRED_IN_MATCH", "expired"],
    ["REJECTED", "rejected"],
  ])("%s is %s", (word, status) => {
    expect(account(orderUpdate({ X: word, x: "NEW" }))).toMatchObject([{ status }]);
  });

  it("one that ended before it was whole tells how much was executed", () => {
    const executed = (change: object) => account(orderUpdate({ x: "CANCELED", z: "0.004", ...change }))[0];
    expect(executed({ X: "CANCELED" })).toMatchObject({ status: "canceled", executed: 4 });
    expect(executed({ X: "EXPIRED" })).toMatchObject({ status: "expired", executed: 4 });
    expect(executed({ X: "CANCELED", z: "0.000" })).not.toHaveProperty("executed");
    expect(executed({ X: "PARTIALLY_FILLED", x: "NEW" })).not.toHaveProperty("executed");
  });

  it.each([
    ["X", "HALF_DONE"],
    ["S", "HOLD"],
    ["ps", "SIDEWAYS"],
  ])("an unknown word in %s is an error that quotes it", (field, word) => {
    expect(() => account(orderUpdate({ [field]: word }))).toThrow(
      `field "${field}" holds the unknown word "${word}"`,
    );
  });

  it.each(["s", "c", "S", "q", "X", "x", "i", "R", "ps"])(
    "names the field %s of an order when it is missing",
    (field) => {
      expect(() => account(inner(orderUpdate(), "o", (held) => without(held, field)))).toThrow(`"${field}"`);
    },
  );

  it.each(["t", "L", "l", "rp", "m"])("names the field %s of a fill when it is missing", (field) => {
    expect(() => account(inner(orderUpdate(trade), "o", (held) => without(held, field)))).toThrow(
      `"${field}"`,
    );
  });

  it("fields that nobody knows yet change nothing", () => {
    const strange = { ...orderUpdate({ ...trade, zz: { deep: [1] }, X9: null }), brandNew: true };
    expect(account(strange)).toEqual(account(orderUpdate(trade)));
    expect(market({ ...payloads.bookTicker, st: 1 })).toEqual(market(payloads.bookTicker));
  });

  it.each([
    ["autoclose-1720736417660", "liquidation"],
    ["settlement_autoclose-17", "liquidation"],
    ["adl_autoclose", "adl"],
    ["pdsk7qautoclose-", "client"],
    ["web_aBcD", "client"],
  ])("the client id %s is of origin %s", (clientId, origin) => {
    expect(account(orderUpdate({ c: clientId }))).toMatchObject([{ origin, clientId }]);
  });

  it("a liquidation's execution is a fill although its type is CALCULATED", () => {
    const forced = orderUpdate({ ...trade, c: "autoclose-17", x: "CALCULATED", X: "FILLED", m: false });
    expect(account(forced)).toMatchObject([
      { type: "fill", origin: "liquidation", lots: 4 },
      { type: "orderReport", origin: "liquidation", status: "filled" },
    ]);
    expect(account(orderUpdate({ c: "autoclose-17", X: "NEW" }))).toMatchObject([{ type: "orderReport" }]);
  });

  it("an execution that the exchange worked out itself is a forced one, whatever it is called", () => {
    const unnamed = orderUpdate({ ...trade, c: "web_aBcD", x: "CALCULATED", X: "FILLED", m: false });
    expect(account(unnamed)).toMatchObject([
      { type: "fill", origin: "liquidation" },
      { origin: "liquidation" },
    ]);
    const leveraged = orderUpdate({ ...trade, c: "adl_autoclose", x: "CALCULATED", X: "FILLED", m: false });
    expect(account(leveraged)).toMatchObject([{ type: "fill", origin: "adl" }, { origin: "adl" }]);
  });

  it("a settlement between two ticks is readable, and so is a stop without a quantity", () => {
    const settled = orderUpdate({
      ...trade,
      c: "settlement_autoclose-17",
      p: "97123.44000001",
      L: "97123.44000001",
    });
    expect(account(settled)).toMatchObject([
      { type: "fill", origin: "liquidation", price: 971_234 },
      { type: "orderReport", price: 971_234 },
    ]);
    expect(account(algoUpdate({ q: "", cp: true }))).toMatchObject([{ type: "orderReport", lots: 0 }]);
  });

  it("an order in a symbol that this desk does not trade is still told", () => {
    expect(account(orderUpdate({ s: "DOGEUSDT", q: "12", p: "0.31234" }))).toMatchObject([
      { type: "orderReport", instrument: "DOGEUSDT", clientId: "pdsk7qe000001", status: "open", lots: 0 },
    ]);
    expect(account(algoUpdate({ s: "DOGEUSDT" }))).toMatchObject([
      { type: "orderReport", source: "conditional", instrument: "DOGEUSDT", status: "open", lots: 0 },
    ]);
  });

  it("a conditional order: its own number space, its trigger, the order that it became", () => {
    const told = {
      type: "orderReport",
      at: 1750515742297,
      wallAt: WALL,
      account: "main",
      instrument: "BTCUSDT",
      source: "conditional",
      clientId: "pdsk7qs000001",
      venueOrderId: "a2148719",
      status: "open",
      origin: "client",
      side: "sell",
      positionSide: "both",
      lots: 10,
      isReduceOnly: true,
      trigger: 950_000,
    };
    expect(account(algoUpdate())).toEqual([told]);
    expect(account(algoUpdate({ X: "TRIGGERING" }))).toEqual([told]);
    expect(account(algoUpdate({ X: "TRIGGERED", ai: "4001", act: "MARKET" }))).toEqual([
      { ...told, status: "triggered", spawnedOrderId: "4001" },
    ]);
    expect(account(algoUpdate({ X: "FINISHED", ai: 4001 }))).toEqual([
      { ...told, status: "triggered", spawnedOrderId: "4001" },
    ]);
    expect(account(algoUpdate({ X: "REJECTED", ai: "0", rm: "Reduce Only reject" }))).toEqual([
      { ...told, status: "rejected", reason: "Reduce Only reject" },
    ]);
    expect(() => account(algoUpdate({ X: "PONDERING" }))).toThrow('"PONDERING"');
  });

  it("an account update: wallets, then positions; foreign symbols are left out", () => {
    const at = { at: 1564745798938, wallAt: WALL, account: "main" };
    const wallet = { type: "balance", ...at, asset: "USDT", wallet: 12_262_412_345_678, cause: "trade" };
    const position = { type: "position", ...at, instrument: "BTCUSDT", positionSide: "both", lots: -10 };
    expect(account(accountUpdate())).toEqual([wallet, position]);
    const [held] = (accountUpdate()["a"] as { P: readonly Payload[] }).P;
    expect(account(accountUpdate({ P: [{ ...held, s: "DOGEUSDT" }] }))).toEqual([wallet]);
    expect(account(accountUpdate({ B: undefined, P: [held] }))).toEqual([position]);
  });

  it.each([
    ["ORDER", "trade"],
    ["FUNDING_FEE", "funding"],
    ["DEPOSIT", "transfer"],
    ["WITHDRAW", "transfer"],
    ["WITHDRAW_REJECT", "transfer"],
    ["ADMIN_DEPOSIT", "transfer"],
    ["ADMIN_WITHDRAW", "transfer"],
    ["ASSET_TRANSFER", "transfer"],
    ["COIN_SWAP_DEPOSIT", "transfer"],
    ["COIN_SWAP_WITHDRAW", "transfer"],
    ["MARGIN_TRANSFER", "other"],
    ["MARGIN_TYPE_CHANGE", "other"],
    ["INSURANCE_CLEAR", "other"],
    ["SOMETHING_NEW", "other"],
  ])("a wallet moved by %s has the cause %s", (reason, cause) => {
    expect(account(accountUpdate({ m: reason, P: [] }))[0]).toMatchObject({ type: "balance", cause });
  });

  it("funding is told with its amount, and with its symbol where the message names one", () => {
    const paid = { m: "FUNDING_FEE", B: [{ a: "USDT", wb: "100", cw: "100", bc: "-0.12345678" }] };
    expect(account(accountUpdate(paid))).toMatchObject([
      { type: "balance", cause: "funding" },
      { type: "fundingPaid", instrument: "BTCUSDT", amount: -12_345_678 },
      { type: "position" },
    ]);
    expect(account(accountUpdate({ ...paid, P: [] }))[1]).toMatchObject({
      type: "fundingPaid",
      instrument: "",
    });
  });

  it("a change of leverage is told; other settings are not ours", () => {
    expect(account(payloads.configUpdate)).toEqual([
      {
        type: "accountConfig",
        at: 1611646737476,
        wallAt: WALL,
        account: "main",
        instrument: "BTCUSDT",
        leverage: 3,
      },
    ]);
    expect(account({ e: "ACCOUNT_CONFIG_UPDATE", E: 1, T: 1, ai: { j: true } })).toEqual([]);
    expect(account({ e: "TRADE_LITE", E: 1, T: 1 })).toEqual([]);
    expect(account({ e: "MARGIN_CALL", E: 1 })).toEqual([]);
  });

  it("names what an envelope lacks", () => {
    expect(() => account({ e: "ORDER_TRADE_UPDATE", T: 1 })).toThrow("o is no object");
    expect(() => account({ e: "ALGO_UPDATE", o: algoUpdate()["o"] })).toThrow('field "T" is missing');
    expect(() => account({ e: "ACCOUNT_UPDATE", T: 1, a: { B: [] } })).toThrow('field "m" is missing');
    expect(() => account(accountUpdate({ B: [{ a: "USDT" }] }))).toThrow('field "wb" is missing');
  });
});
