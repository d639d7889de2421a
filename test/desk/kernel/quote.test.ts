import { describe, expect, it } from "vitest";
import { newBook, shareOf } from "../../../src/core/book.ts";
import { executionCost } from "../../../src/core/instrument.ts";
import { lots, millis, ticks, value } from "../../../src/core/units.ts";
import { backing, type QuoteInput } from "../../../src/desk/kernel/quote.ts";
import { LINEAR } from "../../support/instruments.ts";

const PRICE = ticks(500_000);
const costOf = (size: number) => executionCost(LINEAR, PRICE, lots(size), "nearest");
/** Opening at a leverage of 5: the fifth part of the cost, less its taker fee. */
const formula = (size: number): number =>
  Math.abs(costOf(size)) / 5 - Math.ceil((Math.abs(costOf(size)) * LINEAR.takerFee) / 1e8);

/** Held are `held` lots at PRICE; the exchange last told of `told` lots with `wallet` behind them. */
function input(held: number, told: number, wallet: number, isCross = false): QuoteInput {
  const book = newBook("main", LINEAR.id, "both");
  Object.assign(shareOf(book, "a"), { lots: held, cost: costOf(held) });
  return {
    instrument: LINEAR,
    brackets: [],
    book,
    quotes: { bids: [], asks: [] } as unknown as QuoteInput["quotes"],
    exposure:
      told === 0
        ? undefined
        : {
            instrument: LINEAR.id,
            positionSide: "both",
            lots: lots(told),
            entry: PRICE,
            mark: PRICE,
            maintenanceMargin: value(0),
            isolatedWallet: value(wallet),
            marginMode: "isolated",
            leverage: 5,
            liquidation: undefined,
          },
    marginMode: isCross ? "cross" : "isolated",
    leverage: 5,
    wallet: value(77),
    riskState: "monitoring",
    at: millis(0),
    wallAt: millis(0),
  };
}

describe("the wallet behind a book", () => {
  it.each([
    ["is the exchange's while it speaks of what is held", 10, 10, 1e12, 1e12],
    ["gave a closed part its part", 4, 10, 1e12, 4e11],
    ["has what an opened part brought", 15, 10, 1e12, 1e12 + formula(5)],
    ["the same for short", -15, -10, 1e12, 1e12 + formula(5)],
    ["is the formula's where the exchange told of nothing", 10, 0, 0, formula(10)],
    ["or of the other side", 10, -10, 1e12, formula(10)],
    ["or of no wallet", 10, 10, 0, formula(10)],
  ])("%s", (_what, held, told, wallet, expected) => {
    expect(backing(input(held, told, wallet))).toBe(expected);
  });

  it("is the account's in cross margin", () => {
    expect(backing(input(10, 10, 1e12, true))).toBe(77);
  });
});
