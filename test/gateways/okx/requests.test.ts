import { beforeEach, describe, expect, it } from "vitest";
import { lots, ticks } from "../../../src/core/units.ts";
import type { Gateway } from "../../../src/desk/ports.ts";
import { type ExchangeClient, NoBudgetError } from "../../../src/gateways/exchange-client.ts";
import { OKX_STREAMS } from "../../../src/gateways/okx/hosts.ts";
import { okx } from "../../../src/gateways/okx.ts";
import { HandClock } from "../rig.ts";
import { marketOrder, order, stopOrder } from "./rig.ts";

const ANSWERS: Readonly<Record<string, readonly object[]>> = {
  "GET /api/v5/public/instruments": [
    {
      ctType: "linear",
      ctVal: "0.01",
      instFamily: "BTC-USDT",
      instId: "BTC-USDT-SWAP",
      instType: "SWAP",
      lotSz: "0.01",
      maxLmtSz: "1000",
      maxMktSz: "1000",
      minSz: "0.01",
      settleCcy: "USDT",
      state: "live",
      tickSz: "0.1",
    },
  ],
  "GET /api/v5/public/mark-price": [{ markPx: "50000" }],
  "GET /api/v5/public/position-tiers": [{ tier: "1", maxSz: "5000", mmr: "0.004", maxLever: "100" }],
  "GET /api/v5/account/trade-fee": [{ maker: "-0.0002", taker: "-0.0005" }],
  "GET /api/v5/account/positions": [],
  "GET /api/v5/account/config": [{ posMode: "long_short_mode", perm: "read_only,trade", ip: "1.2.3.4" }],
  "GET /api/v5/account/leverage-info": [
    { instId: "BTC-USDT-SWAP", lever: "3", posSide: "long" },
    { instId: "BTC-USDT-SWAP", lever: "2", posSide: "short" },
  ],
  "POST /api/v5/account/set-leverage": [{}],
  "POST /api/v5/trade/order-algo": [{ algoId: "17", sCode: "0" }],
  "POST /api/v5/trade/cancel-algos": [{ algoId: "17", sCode: "51400", sMsg: "gone" }],
};

/** Whatever carries the calls: here nothing does, they are written down and answered from a table. */
describe("what the OKX gateway asks for", () => {
  let asked: (readonly [name: string, params: unknown, urgency: string])[];
  let gateway: Gateway;
  let isFull = false;

  beforeEach(async () => {
    asked = [];
    isFull = false;
    const clock = new HandClock();
    const client = {
      call: async (name: string, params: object, urgency: string) => {
        if (isFull) throw new NoBudgetError("full");
        asked.push([name, params, urgency]);
        const data = ANSWERS[name];
        if (data === undefined) throw new Error("okx nobody answered");
        return { code: "0", msg: "", data };
      },
      now: () => clock.now(),
      tap: () => {},
    } as unknown as ExchangeClient;
    gateway = okx({
      account: "main",
      client,
      streams: OKX_STREAMS.live,
      keys: undefined,
      clock,
      log: { warn: () => {} },
    });
    await gateway.market.instruments(["BTC-USDT-SWAP"]);
    asked = [];
  });

  it("places in contracts, isolated unless told otherwise, under our own id", async () => {
    const entry = order({ lots: lots(15) });
    expect(await gateway.trading.place(entry)).toMatchObject([{ type: "placeUnknown" }]);
    expect(asked).toEqual([
      [
        "POST /api/v5/trade/order",
        {
          instId: "BTC-USDT-SWAP",
          tdMode: "isolated",
          side: "buy",
          posSide: "net",
          sz: "0.15",
          ordType: "post_only",
          px: "49000.0",
          clOrdId: entry.clientId,
        },
        "entry",
      ],
    ]);
  });

  it("places a close at once, and a stop on the mark price that closes at market", async () => {
    const close = marketOrder({ role: "close", side: "sell", isReduceOnly: true });
    await gateway.trading.place(close);
    const stop = stopOrder();
    expect(await gateway.trading.place(stop)).toMatchObject([
      { type: "orderReport", source: "conditional", venueOrderId: "a17", status: "open", trigger: 490_000 },
    ]);
    const common = { instId: "BTC-USDT-SWAP", tdMode: "isolated", side: "sell", posSide: "net", sz: "0.10" };
    expect(asked).toEqual([
      [
        "POST /api/v5/trade/order",
        { ...common, reduceOnly: true, ordType: "market", clOrdId: close.clientId },
        "close",
      ],
      [
        "POST /api/v5/trade/order-algo",
        {
          ...common,
          reduceOnly: true,
          ordType: "conditional",
          slTriggerPx: "49000.0",
          slTriggerPxType: "mark",
          slOrdPx: "-1",
          algoClOrdId: stop.clientId,
          clOrdId: stop.clientId,
        },
        "close",
      ],
    ]);
    await gateway.trading.cancel(stop, "a17");
    expect(asked.at(-1)).toEqual([
      "POST /api/v5/trade/cancel-algos",
      [{ instId: "BTC-USDT-SWAP", algoId: "17" }],
      "close",
    ]);
    await gateway.trading.cancel(stop, undefined);
    expect(asked.at(-1)?.[1]).toEqual([{ instId: "BTC-USDT-SWAP", algoClOrdId: stop.clientId }]);
  });

  it("leaves reduceOnly out where two books say it by their sides", async () => {
    await gateway.trading.place(
      stopOrder({ positionSide: "short", side: "buy", trigger: ticks(510_000), isReduceOnly: true }),
    );
    expect(asked[0]?.[1]).toMatchObject({ posSide: "short", side: "buy" });
    expect(asked[0]?.[1]).not.toHaveProperty("reduceOnly");
  });

  it("sets both sides of an isolated hedge account, and reads back the higher of them", async () => {
    expect(await gateway.trading.setLeverage("BTC-USDT-SWAP", 3)).toMatchObject([
      { type: "accountConfig", leverage: 3, marginMode: "isolated" },
    ]);
    expect(asked.map(([name, params]) => [name, params]).slice(1, 3)).toEqual(
      ["long", "short"].map((posSide) => [
        "POST /api/v5/account/set-leverage",
        { instId: "BTC-USDT-SWAP", lever: "3", mgnMode: "isolated", posSide },
      ]),
    );
  });

  it("takes its leverage along into another margin mode, and names the mode in every order after it", async () => {
    await gateway.trading.setMarginMode("BTC-USDT-SWAP", "cross");
    expect(asked).toContainEqual([
      "POST /api/v5/account/set-leverage",
      { instId: "BTC-USDT-SWAP", lever: "3", mgnMode: "cross" },
      "entry",
    ]);
    await gateway.trading.place(order());
    expect(asked.at(-1)?.[1]).toMatchObject({ tdMode: "cross" });
  });

  it("says so when nothing was sent for want of budget", async () => {
    isFull = true;
    expect(await gateway.trading.place(order())).toMatchObject([
      { type: "placeRejected", kind: "rateLimit", code: undefined, reason: "full" },
    ]);
    expect(asked).toEqual([]);
  });

  it("reads what the key may do and what OKX can do", async () => {
    expect(await gateway.keyRights()).toEqual({
      canTrade: true,
      canWithdraw: false,
      canTransfer: false,
      isIpRestricted: true,
    });
    expect(gateway.can).toMatchObject({
      marginModePer: "order",
      restingStops: true,
      markPriceStops: true,
      forgetsCanceledAfterMs: 2 * 3_600_000,
    });
    expect(gateway.trading.recvWindowMs).toBe(3_000);
  });
});
