import { describe, expect, it } from "vitest";
import { millis, ONE, value } from "../../../src/core/units.ts";
import { BybitLine } from "../../../src/gateways/bybit/line.ts";
import { bybitProfile } from "../../../src/gateways/bybit/profile.ts";
import { WalletNews } from "../../../src/gateways/bybit/wallet-news.ts";
import type { ExchangeClient } from "../../../src/gateways/exchange-client.ts";
import { WeightBudget } from "../../../src/gateways/weight-budget.ts";
import { HandClock, settled } from "../rig.ts";

/** A wallet's story: what its transaction log holds, newest first, and what was told of it. */
function story() {
  const clock = new HandClock();
  const log: { readonly type: string; readonly change: string }[] = [];
  let looks = 0;
  const client: ExchangeClient = {
    budget: new WeightBudget(bybitProfile("live").weights, () => clock.now()),
    call: async () => {
      looks += 1;
      return { retCode: 0, result: { list: [...log] } };
    },
    socket: () => {
      throw new Error("no socket is needed");
    },
    tap: () => {},
    now: () => clock.now(),
  };
  const news = new WalletNews("main", new BybitLine(client, clock));
  const told: (readonly [string, number])[] = [];
  news.read([{ asset: "USDT", wallet: value(1_000 * ONE) }]);
  return {
    news,
    told,
    logged: (type: string, change: string) => log.unshift({ type, change }),
    looks: () => looks,
    wallet: async (walletBalance: string, at: number) => {
      news.take([{ coin: [{ coin: "USDT", walletBalance }] }], millis(at), ({ cause, wallet }) =>
        told.push([cause, wallet / ONE]),
      );
      await settled();
    },
  };
}

describe("what moved a wallet on Bybit", () => {
  it("is told by the execution before it, without a question", async () => {
    const { news, wallet, told, looks } = story();
    news.executed("USDT", "trade", 10_000);
    await wallet("999", 10_000);
    news.executed("USDT", "funding", 20_000);
    await wallet("998", 20_400);
    expect(told).toEqual([
      ["trade", 999],
      ["funding", 998],
    ]);
    expect(looks()).toBe(0);
  });

  it("is not told by an execution whose own message came before it", async () => {
    const { news, wallet, told, logged } = story();
    logged("TRADE", "-1");
    await wallet("999", 10_001);
    news.executed("USDT", "trade", 10_000);
    logged("TRANSFER_OUT", "-500");
    await wallet("499", 10_600);
    expect(told).toEqual([
      ["trade", 999],
      ["transfer", 499],
    ]);
  });

  it("is not told by an execution of long ago, nor by a later one", async () => {
    const { news, wallet, told, logged } = story();
    news.executed("USDT", "trade", 10_000);
    logged("TRANSFER_OUT", "-500");
    await wallet("500", 15_001);
    logged("TRANSFER_OUT", "-100");
    news.executed("USDT", "trade", 30_000);
    await wallet("400", 29_999);
    await wallet("399", 30_001);
    expect(told).toEqual([
      ["transfer", 500],
      ["transfer", 400],
      ["trade", 399],
    ]);
  });

  it("is the log's line of this very change, though a trade was written after it", async () => {
    const { wallet, told, logged } = story();
    logged("TRANSFER_OUT", "-500");
    logged("TRADE", "-1");
    await wallet("500", 10_000);
    expect(told).toEqual([["transfer", 500]]);
  });

  it("is the newest line where several changes came in one message, and unknown without any", async () => {
    const { wallet, told, logged } = story();
    await wallet("999", 10_000);
    logged("TRADE", "-1");
    logged("SETTLEMENT", "-2");
    await wallet("996", 20_000);
    expect(told).toEqual([
      ["other", 999],
      ["funding", 996],
    ]);
  });
});
