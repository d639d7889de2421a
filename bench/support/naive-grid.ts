import { Decimal } from "decimal.js";
import type { FileCandle } from "../../src/venue/candle-file.ts";

/** What a bare grid came to. */
export interface BareResult {
  readonly fills: number;
  readonly cash: string;
}

/** Rungs below and above the first price that are looked at, and how many may be held. */
const BELOW = 80;
const ABOVE = 40;
const HELD_MOST = 25;

interface Level {
  readonly price: Decimal;
  readonly takeProfit: Decimal;
  readonly stop: Decimal;
  isHeld: boolean;
}

/**
 * A grid as it is often written: decimals for all that is money, every level looked at on every point, fills at the level's
 * price, fees of 0.02 % and 0.05 %. No guard, no orders, no margin, no depth. `grid.c` does the same with whole numbers.
 */
export function naiveGrid(candles: readonly FileCandle[]): BareResult {
  const size = new Decimal("0.004");
  const [maker, taker] = [new Decimal("0.0002"), new Decimal("0.0005")];
  const levels: Level[] = [];
  for (let index = -BELOW; index <= ABOVE; index += 1) {
    const price = new Decimal(60_000 + index * 60);
    levels.push({ price, takeProfit: price.plus(120), stop: price.minus(1_200), isHeld: false });
  }
  let cash = new Decimal(0);
  let held = 0;
  let fills = 0;
  let before = new Decimal(candles[0]?.open ?? 0);
  const pay = (price: Decimal, sign: 1 | -1, fee: Decimal): void => {
    const worth = price.mul(size);
    cash = cash.plus(worth.mul(sign)).minus(worth.mul(fee));
    fills += 1;
  };
  for (const { open, high, low, close } of candles) {
    const isHighFirst = high - open < open - low;
    for (const point of [open, isHighFirst ? high : low, isHighFirst ? low : high, close]) {
      const price = new Decimal(point);
      for (const level of levels) {
        if (level.isHeld && price.gt(level.takeProfit)) {
          level.isHeld = false;
          held -= 1;
          pay(level.takeProfit, 1, maker);
        } else if (level.isHeld && price.lte(level.stop)) {
          level.isHeld = false;
          held -= 1;
          pay(level.stop, 1, taker);
        } else if (!level.isHeld && held < HELD_MOST && price.lt(level.price) && before.gte(level.price)) {
          level.isHeld = true;
          held += 1;
          pay(level.price, -1, maker);
        }
      }
      before = price;
    }
  }
  return { fills, cash: cash.toFixed(8) };
}
