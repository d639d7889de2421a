import { describe, expect, it } from "vitest";
import { Wallets, walletOf } from "../../../src/gateways/okx/wallets.ts";

describe("OKX's wallets", () => {
  it("joins a wallet's new size to its reason, whichever of the two channels comes first", () => {
    const wallets = new Wallets();
    const account = (eq: string, uTime: string, upl = "0") => ({
      details: [{ ccy: "USDT", eq, upl, uTime }],
    });
    const moved = (eventType: string, uTime: string) => ({
      eventType,
      balData: [{ ccy: "USDT", cashBal: "1", uTime }],
    });
    expect(wallets.account(account("1000", "1"), true)).toEqual([]);
    expect(wallets.moved(moved("filled", "2"))).toEqual([]);
    expect(wallets.account(account("999.5", "2", "-0.1"), false)).toEqual([
      { asset: "USDT", wallet: 99_960_000_000, cause: "trade" },
    ]);
    // Only the profit moved, not the wallet.
    expect(wallets.account(account("999.3", "3", "-0.3"), false)).toEqual([]);
    expect(wallets.account(account("1099.6", "4"), false)).toEqual([]);
    expect(wallets.moved(moved("transferred", "4"))).toEqual([
      { asset: "USDT", wallet: 109_960_000_000, cause: "transfer" },
    ]);
    // The reason was lost: the wallet is told without it with the next one.
    expect(wallets.account(account("1090", "5"), false)).toEqual([]);
    expect(wallets.account(account("1080", "6"), false)).toEqual([
      { asset: "USDT", wallet: 109_000_000_000, cause: "other" },
    ]);
    expect(wallets.moved(moved("funding_fee", "6"))).toEqual([
      { asset: "USDT", wallet: 108_000_000_000, cause: "funding" },
    ]);
    expect(wallets.account({ details: [{ ccy: "BTC", eq: "2", upl: "", uTime: "7" }] }, true)).toEqual([]);
  });

  it("sees no move in a wallet while only the profit on it moves, however many digits OKX writes", () => {
    const wallets = new Wallets();
    // 1000.000000004 lies in it all the time; with each side rounded by itself the second one is 1e-8 more.
    const told = [
      ["1000.123456784", "0.12345678"],
      ["1000.123456787", "0.123456783"],
      ["999.999999999", "-0.000000005"],
    ] as const;
    for (const [at, [eq, upl]] of told.entries()) {
      const row = { details: [{ ccy: "USDT", eq, upl, uTime: String(at) }] };
      expect(wallets.account(row, at === 0)).toEqual([]);
      expect(walletOf({ ccy: "USDT", eq, upl })).toEqual({ asset: "USDT", wallet: 100_000_000_000 });
    }
  });
});
