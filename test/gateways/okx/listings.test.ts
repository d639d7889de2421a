import { describe, expect, it } from "vitest";
import type { ExchangeClient } from "../../../src/gateways/exchange-client.ts";
import { Listings } from "../../../src/gateways/okx/listings.ts";
import type { Contract } from "../../../src/gateways/okx/words.ts";

const LINEAR = {
  ctType: "linear",
  ctVal: "0.01",
  ctValCcy: "BTC",
  expTime: "",
  groupId: "2",
  instFamily: "BTC-USDT",
  instId: "BTC-USDT-SWAP",
  instType: "SWAP",
  lever: "100",
  lotSz: "0.01",
  maxLmtSz: "100000000",
  maxMktSz: "12000",
  maxStopSz: "12000",
  minSz: "0.01",
  settleCcy: "USDT",
  state: "live",
  tickSz: "0.1",
  uly: "BTC-USDT",
};
const INVERSE = {
  ...LINEAR,
  ctType: "inverse",
  ctVal: "100",
  ctValCcy: "USD",
  groupId: "1",
  instFamily: "BTC-USD",
  instId: "BTC-USD-SWAP",
  lotSz: "1",
  maxLmtSz: "1000000",
  minSz: "1",
  settleCcy: "BTC",
  uly: "BTC-USD",
};

/** An OKX whose answers a test writes. */
class Answers {
  instruments: object[] = [LINEAR, INVERSE];
  mark = "50000";
  // As OKX answers: the fields of old may be empty.
  rates: object = {
    feeGroup: [
      { groupId: "1", maker: "-0.0002", taker: "-0.0005", elpMaker: "" },
      { groupId: "2", maker: "-0.0001", taker: "-0.0004", elpMaker: "" },
    ],
    ...{ maker: "", taker: "", makerU: "", takerU: "", makerUSDC: "", takerUSDC: "" },
  };
  tiers = [
    { tier: "2", minSz: "5000.01", maxSz: "10000", mmr: "0.005", maxLever: "75" },
    { tier: "1", minSz: "0", maxSz: "5000", mmr: "0.004", maxLever: "100" },
    { tier: "3", minSz: "10000.01", maxSz: "99999999", mmr: "0.01", maxLever: "50" },
  ];

  readonly client = {
    call: async (name: string) => ({ code: "0", msg: "", data: this.#rows(name) }),
  } as unknown as ExchangeClient;

  #rows(name: string): readonly object[] {
    if (name.endsWith("instruments")) return this.instruments;
    if (name.endsWith("mark-price")) return [{ markPx: this.mark }];
    if (name.endsWith("position-tiers")) return this.tiers;
    return [this.rates];
  }
}

const read = async (answers: Answers, id: string) => {
  const contracts = new Map<string, Contract>();
  const [info] = await new Listings(answers.client, contracts).load([id]);
  if (info === undefined) throw new Error("nothing was read");
  return { ...info, contract: contracts.get(id) };
};

describe("OKX's contracts as our instruments", () => {
  it("counts a linear contract in coins: people see BTC, the wire sees contracts", async () => {
    const { instrument, brackets, contract } = await read(new Answers(), "BTC-USDT-SWAP");
    expect(instrument).toMatchObject({
      id: "BTC-USDT-SWAP",
      venue: "okx",
      kind: "linear",
      base: "BTC",
      quote: "USDT",
      settle: "USDT",
      lotsMin: 1,
      marketLotsMax: 1_200_000,
      notionalMin: 0,
      makerFee: 10_000,
      takerFee: 40_000,
      liquidationFee: 40_000,
    });
    expect([instrument.tick.text, instrument.lot.text, contract?.lot.text]).toEqual([
      "0.1",
      "0.0001",
      "0.01",
    ]);
    // One tick of 0.1 x one lot of 0.0001 BTC is 0.00001 USDT.
    expect(instrument.unit).toBe(1_000);
    // 5,000 contracts of 0.01 BTC at 50,000 are 2.5 million; the last tier has no end that we could count.
    expect(brackets).toEqual([
      { floor: 0, cap: 2.5e6 * 1e8, maintenance: 400_000, deduction: 0, leverageMax: 100 },
      { floor: 2.5e6 * 1e8, cap: 5e6 * 1e8, maintenance: 500_000, deduction: 0, leverageMax: 75 },
      {
        floor: 5e6 * 1e8,
        cap: Number.MAX_SAFE_INTEGER,
        maintenance: 1_000_000,
        deduction: 0,
        leverageMax: 50,
      },
    ]);
  });

  it("counts an inverse contract as it is, with its own fees", async () => {
    const { instrument, brackets } = await read(new Answers(), "BTC-USD-SWAP");
    expect(instrument).toMatchObject({
      kind: "inverse",
      quote: "USD",
      settle: "BTC",
      unit: 100 * 1e8,
      makerFee: 20_000,
      takerFee: 50_000,
    });
    expect(instrument.lot.text).toBe("1");
    // 5,000 contracts of 100 USD at 50,000 are 10 BTC.
    expect(brackets[0]?.cap).toBe(10 * 1e8);
  });

  it("takes the rates of old where no fee group is named, and does not start without any", async () => {
    const answers = new Answers();
    const fees = async (id: string) => {
      const { instrument } = await read(answers, id);
      return [instrument.makerFee, instrument.takerFee];
    };
    const old = { maker: "-0.0002", taker: "-0.0005", makerU: "-0.0001", takerU: "-0.0004" };
    answers.rates = { ...old, makerUSDC: "", takerUSDC: "-0.0003", feeGroup: [] };
    expect(await fees("BTC-USDT-SWAP")).toEqual([10_000, 40_000]);
    expect(await fees("BTC-USD-SWAP")).toEqual([20_000, 50_000]);
    answers.instruments = [{ ...LINEAR, settleCcy: "USDC" }];
    expect(await fees("BTC-USDT-SWAP")).toEqual([10_000, 30_000]);
    // A group of a maker's programme: it pays him.
    answers.rates = { ...old, feeGroup: [{ groupId: "2", maker: "0.00005", taker: "-0.0002" }] };
    expect(await fees("BTC-USDT-SWAP")).toEqual([-5_000, 20_000]);
    answers.rates = { feeGroup: [{ groupId: "4", maker: "0", taker: "0" }], maker: "" };
    await expect(fees("BTC-USDT-SWAP")).rejects.toThrow("BTC-USDT-SWAP has no maker fee");
  });

  it("sends no more at market than a stop may have, where OKX says it", async () => {
    const answers = new Answers();
    const most = async (maxStopSz: string | undefined) => {
      answers.instruments = [{ ...LINEAR, maxStopSz }];
      return (await read(answers, "BTC-USDT-SWAP")).instrument.marketLotsMax;
    };
    expect(await most("5000")).toBe(500_000);
    expect(await most("20000")).toBe(1_200_000);
    expect(await most("")).toBe(1_200_000);
    expect(await most(undefined)).toBe(1_200_000);
  });

  it("refuses by name what is not listed, not live, or no swap", async () => {
    const answers = new Answers();
    await expect(read(answers, "NOPE-USDT-SWAP")).rejects.toThrow(/"NOPE-USDT-SWAP" is not traded on okx/);
    answers.instruments = [{ ...LINEAR, state: "suspend" }];
    await expect(read(answers, "BTC-USDT-SWAP")).rejects.toThrow(/not traded/);
    answers.instruments = [{ ...LINEAR, instType: "FUTURES" }];
    await expect(read(answers, "BTC-USDT-SWAP")).rejects.toThrow(/no perpetual swap/);
  });

  it("tells of one that ends already when it is loaded, which no later reading finds changed", async () => {
    const answers = new Answers();
    const listings = new Listings(answers.client, new Map());
    await listings.load(["BTC-USDT-SWAP"]);
    expect(listings.unsaid()).toEqual([]);
    answers.instruments = [{ ...LINEAR, expTime: "1800000000000" }];
    const ending = new Listings(answers.client, new Map());
    await ending.load(["BTC-USDT-SWAP"]);
    expect(ending.unsaid()).toMatchObject([
      { instrument: "BTC-USDT-SWAP", priceStep: 1, lotStep: 1, status: "closeOnly" },
    ]);
    expect(await ending.refresh()).toEqual([]);
  });

  it("notices what changed, once, in the steps that it began with", async () => {
    const answers = new Answers();
    const listings = new Listings(answers.client, new Map());
    await listings.load(["BTC-USDT-SWAP"]);
    expect(await listings.refresh()).toEqual([]);
    // A small move of the price changes nothing about the tiers.
    answers.mark = "50500";
    expect(await listings.refresh()).toEqual([]);
    answers.instruments = [
      { ...LINEAR, tickSz: "0.5", lotSz: "0.1", minSz: "0.1", expTime: "1800000000000" },
    ];
    expect(await listings.refresh()).toMatchObject([
      { instrument: "BTC-USDT-SWAP", priceStep: 5, lotStep: 10, status: "closeOnly", notionalMin: 0 },
    ]);
    expect(await listings.refresh()).toEqual([]);
    answers.mark = "60000";
    const [moved] = await listings.refresh();
    expect(moved?.brackets[0]?.cap).toBe(3e6 * 1e8);
    answers.instruments = [];
    expect(await listings.refresh()).toMatchObject([{ status: "gone" }]);
    expect(await listings.refresh()).toEqual([]);
  });
});
