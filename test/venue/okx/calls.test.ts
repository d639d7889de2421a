import { createHmac } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { value } from "../../../src/core/units.ts";
import { createExchange } from "../../../src/venue/built-in-exchange.ts";
import { bracketsFor, instrumentsOf } from "../../../src/venue/instruments.ts";
import { listingOf } from "../../../src/venue/okx/listing.ts";
import { HandMarket } from "../binance/hand-market.ts";
import { OKX_KEY, type ServedOkx, serveOkx } from "./served-okx.ts";

const ID = "BTC-USDT-SWAP";
const HOUR_S = 3_600;

interface Told {
  readonly status: number;
  readonly code: string;
  readonly msg: string;
  readonly data: readonly Record<string, string>[];
}

describe("OKX's protocol at the door", () => {
  let venue: ServedOkx;
  beforeEach(async () => {
    venue = await serveOkx();
  });
  afterEach(async () => {
    await venue.close();
    expect(venue.bugs).toEqual([]);
  });

  /** A signed call by hand; `wrong` spoils its headers. */
  async function call(
    method: "GET" | "POST",
    path: string,
    body?: object,
    wrong: { ageMs?: number; headers?: Record<string, string> } = {},
  ): Promise<Told> {
    const text = body === undefined ? "" : JSON.stringify(body);
    const timestamp = new Date(Date.now() - (wrong.ageMs ?? 0)).toISOString();
    const sign = createHmac("sha256", OKX_KEY.secret)
      .update(timestamp + method + path + text)
      .digest("base64");
    const answer = await fetch(`${venue.server.url}${path}`, {
      method,
      headers: {
        "Content-Type": "application/json",
        "OK-ACCESS-KEY": OKX_KEY.apiKey,
        "OK-ACCESS-PASSPHRASE": OKX_KEY.passphrase,
        "OK-ACCESS-TIMESTAMP": timestamp,
        "OK-ACCESS-SIGN": sign,
        ...wrong.headers,
      },
      ...(body === undefined ? {} : { body: text }),
    });
    return { status: answer.status, ...((await answer.json()) as Omit<Told, "status">) };
  }
  const buy = (change: object = {}) => ({
    instId: ID,
    tdMode: "cross",
    side: "buy",
    ordType: "limit",
    sz: "0.1",
    px: "49000",
    ...change,
  });
  const place = (change: object = {}) => call("POST", "/api/v5/trade/order", buy(change));

  it("opens only to the right key, passphrase, signature and time", async () => {
    const path = "/api/v5/account/config";
    const refusal = async (headers: Record<string, string>, ageMs = 0) => {
      const { status, code } = await call("GET", path, undefined, { headers, ageMs });
      return [status, code];
    };
    expect(await refusal({})).toEqual([200, "0"]);
    expect(await refusal({ "OK-ACCESS-KEY": "" })).toEqual([401, "50103"]);
    expect(await refusal({ "OK-ACCESS-KEY": "nobody's" })).toEqual([401, "50111"]);
    expect(await refusal({ "OK-ACCESS-PASSPHRASE": "wrong" })).toEqual([401, "50105"]);
    expect(await refusal({ "OK-ACCESS-SIGN": "wrong" })).toEqual([401, "50113"]);
    expect(await refusal({ "OK-ACCESS-TIMESTAMP": "yesterday" })).toEqual([401, "50112"]);
    expect(await refusal({}, 29_000)).toEqual([200, "0"]);
    expect(await refusal({}, 31_000)).toEqual([401, "50102"]);
  });

  it("drops an order that comes after its expTime, but knows none for conditional orders", async () => {
    const late = { headers: { expTime: String(Date.now() - 1) } };
    expect(await call("POST", "/api/v5/trade/order", buy(), late)).toMatchObject({ code: "50036", data: [] });
    expect(await call("POST", "/api/v5/trade/batch-orders", [buy()], late)).toMatchObject({ code: "50036" });
    expect(venue.exchange.openOrders("main")).toEqual([]);
    const stop = { instId: ID, tdMode: "cross", side: "sell", ordType: "conditional", sz: "0.1" };
    const told = await call(
      "POST",
      "/api/v5/trade/order-algo",
      { ...stop, slTriggerPx: "45000", slTriggerPxType: "mark", slOrdPx: "-1" },
      late,
    );
    expect(told).toMatchObject({ code: "0", data: [{ sCode: "0" }] });
  });

  it("gives every item of a batch its own code", async () => {
    const told = await call("POST", "/api/v5/trade/batch-orders", [
      buy({ clOrdId: "one" }),
      buy({ sz: "0.105", clOrdId: "two" }),
      buy({ sz: "0.05", clOrdId: "three" }),
      buy({ instId: "NOPE", clOrdId: "four" }),
    ]);
    expect([told.status, told.code]).toEqual([200, "2"]);
    expect(told.data.map(({ clOrdId, sCode }) => [clOrdId, sCode])).toEqual([
      ["one", "0"],
      ["two", "51121"],
      ["three", "51020"],
      ["four", "51001"],
    ]);
    expect((await place({ px: "49000.05" })).data[0]?.["sCode"]).toBe("51000");
    expect(await place({ ordType: "guess" })).toMatchObject({ code: "1", data: [{ sCode: "51000" }] });
    const cancelled = await call("POST", "/api/v5/trade/cancel-batch-orders", [
      { instId: ID, clOrdId: "one" },
      { instId: ID, ordId: "1" },
    ]);
    expect(cancelled.data.map(({ sCode }) => sCode)).toEqual(["0", "51400"]);
  });

  it("tells a reducer without a position from one that goes the position's own way", async () => {
    const reduce = { ordType: "market", reduceOnly: true };
    expect((await place({ ...reduce, side: "sell" })).data[0]?.["sCode"]).toBe("51169");
    await place({ ordType: "market" });
    expect((await place(reduce)).data[0]?.["sCode"]).toBe("51170");
    expect((await place({ ...reduce, side: "sell" })).data[0]?.["sCode"]).toBe("0");
  });

  it("has codes of its own for stops: by what the trigger looks at, for their size and for their name", async () => {
    await place({ ordType: "market" });
    const code = async (change: object) => {
      const stop = { instId: ID, tdMode: "cross", side: "sell", ordType: "conditional", sz: "0.1" };
      const told = await call("POST", "/api/v5/trade/order-algo", { ...stop, ...change });
      return told.data[0]?.["sCode"];
    };
    const sl = (slTriggerPx: string, slTriggerPxType: string) => ({
      slTriggerPx,
      slTriggerPxType,
      slOrdPx: "-1",
    });
    const tp = (tpTriggerPx: string, tpTriggerPxType: string) => ({
      tpTriggerPx,
      tpTriggerPxType,
      tpOrdPx: "-1",
    });
    const buy = { side: "buy" };
    expect([await code(sl("51000", "last")), await code({ ...sl("49000", "last"), ...buy })]).toEqual([
      "51280",
      "51278",
    ]);
    expect([await code(sl("51000", "mark")), await code({ ...sl("49000", "mark"), ...buy })]).toEqual([
      "51304",
      "51302",
    ]);
    expect([await code(tp("49000", "mark")), await code({ ...tp("51000", "mark"), ...buy })]).toEqual([
      "51303",
      "51300",
    ]);
    expect(await code({ ...sl("45000", "mark"), sz: "1200.01" })).toBe("51275");
    expect(await code({ ...sl("45000", "mark"), algoClOrdId: "twice" })).toBe("0");
    expect(await code({ ...sl("45000", "mark"), algoClOrdId: "twice" })).toBe("51065");
  });

  it("shows a cancelled order without a fill for two hours", async () => {
    const ordId = (await place({ clOrdId: "brief" })).data[0]?.["ordId"];
    await call("POST", "/api/v5/trade/cancel-order", { instId: ID, ordId });
    const shown = async () => (await call("GET", `/api/v5/trade/order?instId=${ID}&clOrdId=brief`)).code;
    const listed = async () =>
      (await call("GET", `/api/v5/trade/orders-history?instType=SWAP&instId=${ID}`)).data.length;
    expect([await shown(), await listed()]).toEqual(["0", 1]);
    for (let second = 0; second < 2 * HOUR_S + 2; second += 1) venue.move(500_000);
    expect([await shown(), await listed()]).toEqual(["51603", 0]);
  });

  it("cancels everything when its countdown is not renewed, and leaves stops alone", async () => {
    await place({ ordType: "market" });
    await place();
    const stop = {
      instId: ID,
      tdMode: "cross",
      side: "sell",
      ordType: "conditional",
      sz: "0.1",
      reduceOnly: true,
    };
    await call("POST", "/api/v5/trade/order-algo", { ...stop, slTriggerPx: "45000", slOrdPx: "-1" });
    expect((await call("POST", "/api/v5/trade/cancel-all-after", { timeOut: "5" })).code).toBe("51000");
    await call("POST", "/api/v5/trade/cancel-all-after", { timeOut: "10" });
    for (let second = 0; second < 9; second += 1) venue.move(500_000);
    expect(venue.exchange.openOrders("main")).toHaveLength(1);
    for (let second = 0; second < 3; second += 1) venue.move(500_000);
    expect(venue.exchange.openOrders("main")).toEqual([]);
    expect(venue.exchange.openConditionals("main")).toHaveLength(1);
    const [ended] = (await call("GET", "/api/v5/trade/orders-history?instType=SWAP&state=canceled")).data;
    expect(ended).toMatchObject({ state: "canceled", cancelSource: "20" });
  });

  it("pages through lists by the last id, newest first", async () => {
    for (let count = 0; count < 5; count += 1) await place({ clOrdId: `o${count}` });
    const names = async (query: string) =>
      (await call("GET", `/api/v5/trade/orders-pending?instType=SWAP${query}`)).data;
    const first = await names("&limit=2");
    expect(first.map(({ clOrdId }) => clOrdId)).toEqual(["o4", "o3"]);
    const next = await names(`&after=${first.at(-1)?.["ordId"]}`);
    expect(next.map(({ clOrdId }) => clOrdId)).toEqual(["o2", "o1", "o0"]);
  });

  it("names a swap's fee group, and what the group pays; a stop's largest size beside that of an order at market", async () => {
    const [swap] = (await call("GET", `/api/v5/public/instruments?instType=SWAP&instId=${ID}`)).data;
    expect(swap).toMatchObject({ groupId: "2", maxMktSz: "1200.00", maxStopSz: "1200.00" });
    const rates = async (query: string) =>
      (await call("GET", `/api/v5/account/trade-fee?instType=SWAP${query}`)).data;
    const group = { elpMaker: "", groupId: "2", maker: "-0.00020000", taker: "-0.00050000" };
    expect(await rates("&instFamily=BTC-USDT")).toMatchObject([{ feeGroup: [group], makerU: "-0.00020000" }]);
    expect(await rates("&groupId=2")).toMatchObject([{ feeGroup: [group] }]);
    expect(await rates("&groupId=1")).toMatchObject([{ feeGroup: [] }]);
  });

  it("lists executions of three days quickly, newest first, by bill; the archive wants a type and reaches further", async () => {
    for (let count = 0; count < 3; count += 1) await place({ ordType: "market" });
    const ordId = venue.exchange.trades("main", {})[1]?.orderId;
    const fills = async (query: string) => (await call("GET", `/api/v5/trade/fills${query}`)).data;
    const all = await fills("");
    expect(all.map(({ tradeId }) => tradeId)).toEqual(
      venue.exchange
        .trades("main", {})
        .map(({ tradeId }) => String(tradeId))
        .toReversed(),
    );
    expect(await fills(`?after=${all[0]?.["billId"]}&limit=1`)).toEqual(all.slice(1, 2));
    expect(await fills(`?instType=SWAP&instId=${ID}&ordId=${ordId}`)).toEqual(all.slice(1, 2));
    expect((await call("GET", "/api/v5/trade/fills-history")).code).toBe("50014");
    expect((await call("GET", "/api/v5/trade/fills-history?instType=SWAP")).data).toEqual(all);
  });

  it("refuses what comes too often, and only the call that does", async () => {
    const codes: string[] = [];
    for (let count = 0; count < 6; count += 1) codes.push((await call("GET", "/api/v5/account/config")).code);
    expect(codes).toEqual(["0", "0", "0", "0", "0", "50011"]);
    expect((await call("GET", "/api/v5/account/balance")).code).toBe("0");
  });

  it("writes bills whose balances end at the wallet", async () => {
    await place({ ordType: "market", sz: "1" });
    const { data } = await call("GET", "/api/v5/account/bills");
    const { wallet } = venue.exchange.balance("main");
    expect(Number(data[0]?.["bal"])).toBeCloseTo(wallet / 1e8, 8);
    const total = data.reduce((sum, { balChg }) => sum + Number(balChg), 0);
    expect(total).toBeCloseTo(wallet / 1e8, 8);
  });

  it("answers unknown paths, broken JSON and troubles in its own words", async () => {
    expect((await call("GET", "/api/v5/nothing/here")).status).toBe(404);
    const broken = await fetch(`${venue.server.url}/api/v5/trade/order`, { method: "POST", body: "{" });
    expect(await broken.json()).toMatchObject({ code: "50002" });
    const readOnly = await serveOkx({ key: { permissions: { trade: false } } });
    const before = venue;
    venue = readOnly;
    expect((await place()).code).toBe("50120");
    expect((await call("GET", "/api/v5/account/config")).data[0]?.["perm"]).toBe("read_only");
    venue = before;
    await readOnly.close();
  });
});

it("lists the contracts that ship: a hundredth of a contract is a lot, inverse ones are whole", () => {
  const shipped = instrumentsOf("okx").filter(({ settle }) => settle === "USDT");
  const exchange = createExchange({
    instruments: shipped,
    brackets: bracketsFor("okx"),
    market: new HandMarket(0, Object.fromEntries(shipped.map(({ id }) => [id, 500_000]))),
    accounts: [{ id: "main", deposit: value(0) }],
    seed: 1,
  });
  const sizes = instrumentsOf("okx").map((each) => {
    const { contract, lot } = listingOf(each, exchange);
    return [each.id, contract.text, lot.text];
  });
  expect(sizes).toEqual([
    ["BTC-USDT-SWAP", "0.01", "0.01"],
    ["ETH-USDT-SWAP", "0.1", "0.01"],
    ["BTC-USD-SWAP", "100", "1"],
  ]);
});
