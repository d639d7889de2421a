import { describe, expect, it } from "vitest";
import { binanceCoinm } from "../../src/gateways/binance-coinm.ts";
import type { ExchangeClient } from "../../src/gateways/exchange-client.ts";
import { BINANCE_WEIGHTS, WeightBudget } from "../../src/gateways/weight-budget.ts";
import { hasty } from "./rig.ts";

describe("COIN-M over any carrier", () => {
  /** Answers and messages as Binance documents them for COIN-M; the values are made up. */
  const ANSWERS: Readonly<Record<string, unknown>> = {
    "GET /dapi/v1/exchangeInfo": {
      symbols: [
        {
          symbol: "BTCUSD_PERP",
          pair: "BTCUSD",
          contractType: "PERPETUAL",
          deliveryDate: 4_133_404_800_000,
          contractStatus: "TRADING",
          contractSize: 100,
          marginAsset: "BTC",
          baseAsset: "BTC",
          quoteAsset: "USD",
          liquidationFee: "0.015000",
          quantityPrecision: 0,
          filters: [
            { minPrice: "1000", maxPrice: "4520958", filterType: "PRICE_FILTER", tickSize: "0.1" },
            { stepSize: "1", filterType: "LOT_SIZE", maxQty: "1000000", minQty: "1" },
            { stepSize: "1", filterType: "MARKET_LOT_SIZE", maxQty: "60000", minQty: "1" },
            { limit: 200, filterType: "MAX_NUM_ORDERS" },
            { limit: 20, filterType: "MAX_NUM_ALGO_ORDERS" },
          ],
        },
      ],
    },
    "GET /dapi/v2/leverageBracket": [
      {
        symbol: "BTCUSD_PERP",
        brackets: [
          { bracket: 1, initialLeverage: 125, qtyCap: 5, qtyFloor: 0, maintMarginRatio: 0.004, cum: 0.0 },
          {
            bracket: 2,
            initialLeverage: 1,
            qtyCap: 9_223_372_036_854_776_000,
            qtyFloor: 5,
            maintMarginRatio: 0.005,
            cum: 0.005,
          },
        ],
      },
    ],
    "GET /dapi/v1/commissionRate": {
      symbol: "BTCUSD_PERP",
      makerCommissionRate: "0.00010",
      takerCommissionRate: "0.00050",
    },
    "GET /dapi/v1/positionRisk": [
      {
        symbol: "BTCUSD_PERP",
        positionAmt: "2",
        entryPrice: "37643.10000021",
        breakEvenPrice: "37661.2",
        markPrice: "38103.05510455",
        unRealizedProfit: "0.00006413",
        liquidationPrice: "25119.97445760",
        leverage: "2",
        maxQty: "1500",
        marginType: "isolated",
        isolatedMargin: "0.00274471",
        isAutoAddMargin: "false",
        positionSide: "BOTH",
        updateTime: 1_617_940_000_000,
      },
    ],
  };
  const openCanned = () => {
    const asked: string[] = [];
    const client: ExchangeClient = {
      budget: new WeightBudget(BINANCE_WEIGHTS, () => 0),
      call: async (name) => {
        asked.push(name);
        return ANSWERS[name];
      },
      socket: () => {
        throw new Error("no socket");
      },
      tap: () => {},
      now: () => 1_700_000_000_000,
    };
    const gateway = binanceCoinm({
      account: "main",
      client,
      streams: "wss://dstream.binance.com",
      clock: hasty,
      log: { warn: () => {} },
    });
    return { gateway, asked };
  };

  it("reads a contract without a smallest notional, and tiers in coins without an end", async () => {
    const { gateway } = openCanned();
    const [info] = await gateway.market.instruments(["BTCUSD_PERP"]);
    expect(info?.instrument).toMatchObject({
      kind: "inverse",
      settle: "BTC",
      unit: 10_000_000_000,
      notionalMin: 10_000_000_000,
      priceMin: 10_000,
      marketLotsMax: 60_000,
      liquidationFee: 1_500_000,
    });
    expect(info?.brackets).toEqual([
      { floor: 0, cap: 500_000_000, maintenance: 400_000, deduction: 0, leverageMax: 125 },
      {
        floor: 500_000_000,
        cap: Number.MAX_SAFE_INTEGER,
        maintenance: 500_000,
        deduction: 500_000,
        leverageMax: 1,
      },
    ]);
  });

  it("reads a position that tells neither its wallet nor its maintenance margin", async () => {
    const { gateway, asked } = openCanned();
    await gateway.market.instruments(["BTCUSD_PERP"]);
    const exposure = await gateway.account.exposure();
    expect(exposure).toMatchObject({
      type: "exposure",
      books: [
        {
          instrument: "BTCUSD_PERP",
          lots: 2,
          entry: 376_431,
          mark: 381_031,
          liquidation: 251_200,
          marginMode: "isolated",
          leverage: 2,
          // Isolated margin less unrealised profit.
          isolatedWallet: 274_471 - 6_413,
          // 200 dollars at 38,103.1 are 0.00524892 coins, of which 0.4 %.
          maintenanceMargin: 2_100,
        },
      ],
    });
    expect(asked.filter((name) => name.includes("/fapi/"))).toEqual([]);
  });
});
