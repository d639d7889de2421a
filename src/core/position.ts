import { type Instrument, profit } from "./instrument.ts";
import { invariant } from "./invariant.ts";
import { type Lots, lots, mulDiv, type Ticks, type Value, value } from "./units.ts";

/** A position as sums: what is held, what it cost, what was realised. Never averages, so partial closes stay exact. */
export interface Position {
  /** Negative for short. */
  lots: Lots;
  /** What was paid for what is still held; signed as `executionCost` says. */
  cost: Value;
  /** Profit of what was closed, before fees and funding. */
  realized: Value;
  fees: Value;
  /** `realized` less `fees` when what is held now began to be held: what came since is this holding's. */
  before: Value;
}

/** Nothing held, nothing realised. */
export const flat = (): Position => ({
  lots: lots(0),
  cost: value(0),
  realized: value(0),
  fees: value(0),
  before: value(0),
});

/** What the present holding has realised, less its fees: since the position was last flat. Zero while it is flat. */
export const holdingRealized = ({ lots: size, realized, fees, before }: Readonly<Position>): Value =>
  value(size === 0 ? 0 : realized - fees - before);

/**
 * What the present holding has lost when it is valued at a price: what it realised, less fees, and what is held. Negative
 * for a gain; zero while it is flat.
 */
export function holdingLoss(position: Readonly<Position>, instrument: Instrument, price: Ticks): Value {
  const open = profit(instrument, position.cost, position.lots, price);
  return value(0 - open - holdingRealized(position));
}

/** What a position has lost since it was first held, when what is held is valued at a price; negative for a gain. */
export function wholeLoss(position: Readonly<Position>, instrument: Instrument, price: Ticks): Value {
  const open = profit(instrument, position.cost, position.lots, price);
  return value(position.fees - position.realized - open);
}

/**
 * Adds an execution of `size` lots (signed by its side) with its `executionCost` and `fee`.
 * Returns the profit that it realised. A trade through zero closes first and opens the rest, split by lots.
 */
export function trade(position: Position, size: Lots, cost: Value, fee: Value): Value {
  invariant(size !== 0 && cost !== 0, "an execution has lots and a cost");
  invariant(
    position.cost === 0 || (position.cost > 0 === position.lots > 0) === (cost > 0 === size > 0),
    "costs of one position have one sign convention",
  );
  if (position.lots === 0) position.before = value(position.realized - position.fees);
  position.fees = value(position.fees + fee);
  if (position.lots === 0 || Math.sign(position.lots) === Math.sign(size)) {
    position.lots = lots(position.lots + size);
    position.cost = value(position.cost + cost);
    return value(0);
  }
  const closing = Math.min(Math.abs(size), Math.abs(position.lots));
  const isWhole = closing === Math.abs(position.lots);
  const released = isWhole
    ? position.cost
    : mulDiv(position.cost, closing, Math.abs(position.lots), "nearest");
  const proceeds = closing === Math.abs(size) ? cost : mulDiv(cost, closing, Math.abs(size), "nearest");
  const gain = value(-proceeds - released);
  position.realized = value(position.realized + gain);
  const isTurned = isWhole && closing < Math.abs(size);
  if (isTurned) position.before = value(position.realized - position.fees);
  position.lots = lots(position.lots + size);
  position.cost = value(position.cost - released + (cost - proceeds));
  return gain;
}
