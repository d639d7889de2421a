import type { AccountId, InstrumentId } from "./instrument.ts";
import type { EngineId, PositionSide } from "./order.ts";
import { flat, type Position, trade } from "./position.ts";
import { type Lots, lots, type Millis, mulDiv, type Value, value } from "./units.ts";

/** Names one book: an account, an instrument and a position side. */
export const bookKey = (account: AccountId, instrument: InstrumentId, side: PositionSide): string =>
  `${account}/${instrument}/${side}`;

/** Who holds what in one book. */
export interface Holdings {
  readonly shares: Map<EngineId, Position>;
  readonly foreign: Position;
}

/**
 * One book: the engines' virtual positions plus what is foreign sum to what the exchange holds (invariant I2).
 * `foreign` is counted from the fills that are not ours; a start or a person's /adopt alone sets it to fit the sum.
 */
export interface Book extends Holdings {
  readonly key: string;
  readonly account: AccountId;
  readonly instrument: InstrumentId;
  readonly positionSide: PositionSide;
  /** What the exchange last said; undefined before it said anything. */
  told: Lots | undefined;
  toldAt: Millis | undefined;
  /** How long `told` has differed from the sum, and whether a second reading agreed. */
  mismatch: Mismatch | undefined;
}

/** A difference between what the exchange says and what the fills explain. */
export interface Mismatch {
  readonly lots: Lots;
  readonly sinceWallAt: Millis;
  readonly readings: number;
}

/** An empty book. */
export function newBook(account: AccountId, instrument: InstrumentId, positionSide: PositionSide): Book {
  return {
    key: bookKey(account, instrument, positionSide),
    account,
    instrument,
    positionSide,
    shares: new Map(),
    foreign: flat(),
    told: undefined,
    toldAt: undefined,
    mismatch: undefined,
  };
}

/** An engine's virtual position in a book; created when it first trades. */
export function shareOf(book: Holdings, engine: EngineId): Position {
  const known = book.shares.get(engine);
  if (known !== undefined) return known;
  const fresh = flat();
  book.shares.set(engine, fresh);
  return fresh;
}

/** What the fills explain: all shares and the foreign rest. */
export function explained(book: Holdings): Lots {
  let sum: number = book.foreign.lots;
  for (const share of book.shares.values()) sum += share.lots;
  return lots(sum);
}

/** What the engines hold together. */
export function ownLots(book: Holdings): Lots {
  let sum = 0;
  for (const share of book.shares.values()) sum += share.lots;
  return lots(sum);
}

/** The cost of all that is held, engines' and foreign. */
export function bookCost(book: Holdings): Value {
  let sum: number = book.foreign.cost;
  for (const share of book.shares.values()) sum += share.cost;
  return value(sum);
}

/**
 * Spreads an execution that hit the whole book (liquidation, ADL) over its holders pro rata by largest remainder,
 * so that the parts sum exactly (I2). `size` is signed, `cost` has its sign, `fee` is paid by the same parts.
 */
export function spread(book: Holdings, size: Lots, cost: Value, fee: Value): void {
  const holders = [...book.shares.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, share]) => share);
  const parts = [...holders, book.foreign].filter((part) => part.lots !== 0 && part.lots > 0 !== size > 0);
  const held = parts.reduce((sum, part) => sum + Math.abs(part.lots), 0);
  // What is more than we know to be held can't be any engine's: it is foreign, and nobody is flipped.
  if (Math.abs(size) > held) {
    const known = mulDiv(cost, held, Math.abs(size), "nearest");
    const knownFee = mulDiv(fee, held, Math.abs(size), "nearest");
    if (held > 0) spread(book, lots(Math.sign(size) * held), value(known), value(knownFee));
    trade(book.foreign, lots(size - Math.sign(size) * held), value(cost - known), value(fee - knownFee));
    return;
  }
  const total = Math.abs(size);
  const quotas = parts.map((part) => mulDiv(Math.abs(part.lots), total, held, "down"));
  let left = total - quotas.reduce((sum, quota) => sum + quota, 0);
  const byRemainder = parts
    .map((part, index) => ({ index, rest: (Math.abs(part.lots) * total) % held }))
    .sort((a, b) => b.rest - a.rest || a.index - b.index);
  for (const { index } of byRemainder) {
    if (left === 0) break;
    quotas[index] = (quotas[index] ?? 0) + 1;
    left -= 1;
  }
  let costLeft: number = cost;
  let feeLeft: number = fee;
  let lotsLeft = total;
  for (const [index, part] of parts.entries()) {
    const quota = quotas[index] ?? 0;
    if (quota === 0) continue;
    const partCost = quota === lotsLeft ? costLeft : mulDiv(costLeft, quota, lotsLeft, "towardZero");
    const partFee = quota === lotsLeft ? feeLeft : mulDiv(feeLeft, quota, lotsLeft, "towardZero");
    costLeft -= partCost;
    feeLeft -= partFee;
    lotsLeft -= quota;
    trade(part, lots(size > 0 ? quota : -quota), value(partCost), value(partFee));
  }
}

/**
 * A person who trades against what the engines hold has closed it: the foreign part that stands against them and
 * theirs cancel out, at the price of that trade. The sum stays the same (I2); nobody is flipped.
 */
export function netOut(book: Holdings): void {
  const { foreign } = book;
  const own = ownLots(book);
  if (own === 0 || foreign.lots === 0 || own > 0 === foreign.lots > 0) return;
  const size = lots(Math.sign(foreign.lots) * Math.min(Math.abs(own), Math.abs(foreign.lots)));
  const cost = value(mulDiv(foreign.cost, Math.abs(size), Math.abs(foreign.lots), "nearest"));
  foreign.lots = lots(foreign.lots - size);
  foreign.cost = value(foreign.cost - cost);
  spread(book, size, cost, value(0));
}

/**
 * An engine's exit that closed more than the engine held has closed the other engines' lots: they give them up, at the
 * price of that exit, so that nobody counts on lots that the exchange no longer holds. The fee stays with the exit; what
 * no other engine held stays charged to its engine. The sum stays the same (I2).
 */
export function settleOverClose(book: Holdings, engine: EngineId, side: number): void {
  const share = shareOf(book, engine);
  if (share.lots === 0 || share.lots > 0 !== side > 0) return;
  const others = new Map([...book.shares].filter(([name]) => name !== engine));
  const held = [...others.values()].reduce(
    (sum, { lots: size }) => sum + (size > 0 !== side > 0 ? Math.abs(size) : 0),
    0,
  );
  const most = Math.min(Math.abs(share.lots), held);
  if (most === 0) return;
  const size = lots(Math.sign(share.lots) * most);
  const cost = value(mulDiv(share.cost, most, Math.abs(share.lots), "nearest"));
  share.lots = lots(share.lots - size);
  share.cost = value(share.cost - cost);
  spread({ shares: others, foreign: flat() }, size, cost, value(0));
}

/**
 * Notes what the exchange says about a book's size. A difference that two readings agree on, with no fill between
 * them, is a mismatch: it blocks increases until it is explained.
 */
export function tell(book: Book, told: Lots, at: Millis, wallAt: Millis, isReading: boolean): void {
  book.told = told;
  book.toldAt = at;
  const difference = lots(told - explained(book));
  if (difference === 0) {
    book.mismatch = undefined;
    return;
  }
  const before = book.mismatch;
  if (before !== undefined && before.lots === difference) {
    book.mismatch = { ...before, readings: before.readings + (isReading ? 1 : 0) };
  } else {
    book.mismatch = { lots: difference, sinceWallAt: wallAt, readings: isReading ? 1 : 0 };
  }
}

/** A mismatch that two full readings agreed on. */
export const isMismatched = (book: Book): boolean => (book.mismatch?.readings ?? 0) >= 2;
