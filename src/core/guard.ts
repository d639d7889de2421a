import { type Book, explained, isMismatched } from "./book.ts";
import type { Instrument } from "./instrument.ts";
import { notional } from "./instrument.ts";
import { type Exposure, exposureOf, marginFor, wholeOf, worstNotional } from "./margin.ts";
import { closesAll, isLive, isPairStop, type OrderFacts, type OrderRecord, openLots } from "./order.ts";
import { flat } from "./position.ts";
import type { RiskState } from "./proposal.ts";
import { type Lots, ONE, type Rate, signOf, type Ticks, ticks, type Value, value } from "./units.ts";

declare const approval: unique symbol;
/** Proof that the guard let it through: only `checkOrder` makes one, and only these can be sent. */
export type Approved<T> = T & { readonly [approval]: true };

/** Why the guard refuses, in full. */
export type Refusal =
  | "shutdown"
  | "emergency"
  | "paused"
  | "blocked"
  | "noMarketData"
  | "priceRange"
  | "quantityRange"
  | "notionalTooSmall"
  | "tooManyOrders"
  | "leverageNotConfirmed"
  | "positionModeConflict"
  | "positionLimit"
  | "purse"
  | "grossLeverage"
  | "liquidationDistance"
  | "mismatch"
  | "equityUnknown"
  | "nothingToReduce"
  | "reduceBudget"
  | "closeOnly"
  | "foreignAgainst"
  | "marginModeNotConfirmed";

/** What is known of the account, the book and the limits when an order is checked. Computed by the desk and `risk`. */
export interface GuardState {
  readonly instrument: Instrument;
  readonly book: Book;
  /** All orders of this book, finished ones included or not. */
  readonly orders: Iterable<OrderRecord>;
  readonly bid: Ticks | undefined;
  readonly ask: Ticks | undefined;
  /** Mark price; what is held is worth at least what it is worth at it. */
  readonly mark?: Ticks | undefined;
  readonly riskState: RiskState;
  readonly isPaused: boolean;
  /** Reasons why increases are blocked now (boot, gap, stale data, clock, second bot). */
  readonly blocks: readonly string[];
  readonly isHedgeMode: boolean;
  /** Why the exchange takes no increases of this instrument; undefined: it does. */
  readonly closeOnly?: string | undefined;
  /** Why the exchange did not take the leverage or the margin mode that we want; undefined: it did. */
  readonly configRefused?: string | undefined;
  /** As read back from the exchange; undefined: it did not say. */
  readonly marginMode?: "isolated" | "cross" | undefined;
  /** Largest notional of the book that its margin tiers allow at this leverage; undefined: no limit is known. */
  readonly bracketMax?: Value | undefined;
  /** As read back from the exchange. */
  readonly leverage: number | undefined;
  readonly leverageMax: number;
  readonly purseCap: Value;
  /** What the engine's purse is used for in other books: the other leg of a hedged pair. Undefined: nothing. */
  readonly purseElsewhere?: Value | undefined;
  /** Most lots that the engine may hold and have in open entries together. */
  readonly positionMax: Lots;
  readonly equity: Value | undefined;
  /** Notional of everything else on the account: other books and all their open entries; undefined: a mark is missing. */
  readonly otherGross: Value | undefined;
  /** Account gross notional over equity may be at most this. */
  readonly grossLeverageMax: number;
  /** Distance to liquidation after this order filled whole; undefined when it can't be computed. */
  readonly distanceAfter: Rate | "none" | undefined;
  readonly distanceMin: Rate;
}

/** The guard's answer. */
export type Verdict =
  | { readonly ok: true; readonly order: Approved<OrderFacts> }
  | { readonly ok: false; readonly reason: Refusal; readonly detail: string };

const refuse = (reason: Refusal, detail: string): Verdict => ({ ok: false, reason, detail });
const approve = (facts: OrderFacts): Verdict => ({ ok: true, order: facts as Approved<OrderFacts> });

/** Whether an order can only make its book smaller. In hedge mode side and position side must prove it. */
export function isReducing(facts: OrderFacts, isHedgeMode: boolean): boolean {
  if (!isHedgeMode) return facts.isReduceOnly;
  return facts.positionSide === (facts.side === "sell" ? "long" : "short");
}

/** Turns an order that an engine wants into an approved one, or says why not (DESIGN.md section 4, I4, I6, I8). */
export function checkOrder(facts: OrderFacts, state: GuardState): Verdict {
  const filters = checkFilters(facts, state);
  if (filters !== undefined) return filters;
  return isReducing(facts, state.isHedgeMode) ? checkReducer(facts, state) : checkIncrease(facts, state);
}

function checkFilters(facts: OrderFacts, state: GuardState): Verdict | undefined {
  const { instrument } = state;
  if ((facts.positionSide === "both") === state.isHedgeMode) {
    return refuse(
      "positionModeConflict",
      `position side ${facts.positionSide} does not fit the account's mode`,
    );
  }
  const price = facts.price ?? facts.trigger;
  if (price !== undefined && (price < instrument.priceMin || price > instrument.priceMax)) {
    return refuse(
      "priceRange",
      `price ${price} ticks is outside ${instrument.priceMin}..${instrument.priceMax}`,
    );
  }
  // How much it is the exchange finds out.
  if (closesAll(facts)) return undefined;
  const most = facts.kind === "limit" ? instrument.lotsMax : instrument.marketLotsMax;
  if (facts.lots < instrument.lotsMin || facts.lots > most) {
    return refuse("quantityRange", `${facts.lots} lots is outside ${instrument.lotsMin}..${most}`);
  }
  return undefined;
}

/** I4: resting reducers never exceed the position, armed stops never exceed it, and nothing flips. */
function checkReducer(facts: OrderFacts, state: GuardState): Verdict {
  const { book } = state;
  const sign = signOf(facts.side);
  const whole = explained(book);
  if (closesAll(facts)) {
    if (whole === 0 || Math.sign(whole) === sign)
      return refuse("nothingToReduce", `the book holds ${whole} lots`);
    if (book.foreign.lots !== 0)
      return refuse(
        "foreignAgainst",
        `${book.foreign.lots} lots that are not the desk's would be closed too`,
      );
    return approve(facts);
  }
  const share = facts.engine === "foreign" ? book.foreign.lots : (book.shares.get(facts.engine)?.lots ?? 0);
  if (share === 0 || Math.sign(share) === sign || whole === 0 || Math.sign(whole) === sign) {
    return refuse("nothingToReduce", `${facts.engine} holds ${share} of ${whole} lots`);
  }
  const isStop = facts.kind === "stopMarket";
  let ofBook = 0;
  let ofEngine = 0;
  let isPair = isPairStop(facts);
  const alike: OrderRecord[] = [];
  for (const order of state.orders) {
    if (!isLive(order.state) || order.facts.side !== facts.side) continue;
    if (!isReducing(order.facts, state.isHedgeMode) || closesAll(order.facts)) continue;
    if ((order.facts.kind === "stopMarket") !== isStop) continue;
    const open = openLots(order);
    ofBook += open;
    if (order.facts.engine === facts.engine) ofEngine += open;
    if (isPairStop(order.facts)) isPair = true;
    if (isStop) alike.push(order);
  }
  if (isPair) {
    ofBook -= replaced(alike, facts);
    ofEngine -= replaced(
      alike.filter((order) => order.facts.engine === facts.engine),
      facts,
    );
  }
  const room = Math.min(Math.abs(whole) - ofBook, Math.abs(share) - ofEngine);
  if (facts.lots > room) {
    return refuse(
      "reduceBudget",
      `${facts.lots} lots is more than the ${Math.max(0, room)} that are free to reduce`,
    );
  }
  return approve(facts);
}

/**
 * Lots of stops that count once with the stop that is asked for: where a rung's own stops and those of its hedged pair take
 * each other's place both rest for a moment, and only the larger of the two sums is ever meant to fire.
 */
function replaced(stops: readonly OrderRecord[], asked: OrderFacts): number {
  const byRung = new Map<string, { own: number; pair: number }>();
  const count = (facts: OrderFacts, open: number): void => {
    const key = `${facts.engine}/${facts.rung}`;
    const sums = byRung.get(key) ?? { own: 0, pair: 0 };
    sums[isPairStop(facts) ? "pair" : "own"] += open;
    byRung.set(key, sums);
  };
  for (const order of stops) count(order.facts, openLots(order));
  count(asked, asked.lots);
  let twice = 0;
  for (const { own, pair } of byRung.values()) twice += Math.min(own, pair);
  return twice;
}

/**
 * In one-way mode what stands on the other side would be closed by the order instead of standing beside it: a person's lots, or
 * those of an engine that is not configured any more. Undefined: there is none.
 */
function opponent({ engine, side }: OrderFacts, { foreign, shares }: Book): string | undefined {
  const isAgainst = (size: number): boolean => -Math.sign(size) === signOf(side);
  if (isAgainst(foreign.lots) && engine !== "foreign")
    return `${foreign.lots} lots that are not the desk's stand against it`;
  for (const [other, { lots: size }] of shares)
    if (other !== engine && isAgainst(size)) return `${size} lots of ${other} stand against it`;
  return undefined;
}

function checkIncrease(facts: OrderFacts, state: GuardState): Verdict {
  const { instrument, book, bid, ask } = state;
  if (state.riskState === "shutdown") return refuse("shutdown", "the desk is in Shutdown");
  if (state.riskState === "emergency") return refuse("emergency", "the desk is in Emergency");
  if (state.isPaused) return refuse("paused", "entries are paused");
  if (state.blocks.length > 0) return refuse("blocked", state.blocks.join("; "));
  if (isMismatched(book))
    return refuse("mismatch", `the exchange holds ${book.mismatch?.lots} lots more than the fills explain`);
  if (state.closeOnly !== undefined) return refuse("closeOnly", state.closeOnly);
  const against = facts.positionSide === "both" ? opponent(facts, book) : undefined;
  if (against !== undefined) return refuse("foreignAgainst", against);
  if (bid === undefined || ask === undefined) return refuse("noMarketData", "no best bid and ask yet");
  if (state.configRefused !== undefined) return refuse("leverageNotConfirmed", state.configRefused);
  if (state.leverage === undefined || state.leverage > state.leverageMax) {
    return refuse(
      "leverageNotConfirmed",
      `leverage read back is ${state.leverage ?? "unknown"}, at most ${state.leverageMax}`,
    );
  }
  if (state.marginMode === "cross" && instrument.kind !== "spot")
    return refuse("marginModeNotConfirmed", "margin mode read back is cross, wanted is isolated");
  // One that takes is filled at the best price or near it: a sell's limit, which may be far below, is not what it is worth.
  const price = facts.side === "buy" ? (facts.price ?? ask) : ticks(Math.max(facts.price ?? bid, bid));
  const worth = notional(instrument, price, facts.lots, "down");
  // The least notional is in the quote asset: an inverse contract is worth so much of it at any price.
  const inQuote = instrument.kind === "inverse" ? facts.lots * instrument.unit : worth;
  if (inQuote < instrument.notionalMin) {
    return refuse("notionalTooSmall", `notional ${inQuote} is below ${instrument.notionalMin}`);
  }
  return checkRoom(facts, state, price);
}

/** I6: the purse, the position limit, the account's gross leverage and the liquidation buffer, new order included. */
function checkRoom(facts: OrderFacts, state: GuardState, price: Ticks): Verdict {
  const { instrument, book } = state;
  const own: OrderRecord[] = [];
  const all: OrderRecord[] = [];
  let live = 0;
  for (const order of state.orders) {
    if (!isLive(order.state)) continue;
    live += 1;
    if (isReducing(order.facts, state.isHedgeMode)) continue;
    all.push(order);
    if (order.facts.engine === facts.engine) own.push(order);
  }
  if (live >= instrument.ordersMax) return refuse("tooManyOrders", `${live} orders rest already`);
  const large = overArmed(state, facts.engine);
  if (large !== undefined)
    return refuse(
      "reduceBudget",
      `stops of ${large} rest for more than it holds: there is no room for another one's`,
    );
  const sign = signOf(facts.side);
  const share = book.shares.get(facts.engine) ?? flat();
  const pending = own.reduce(
    (sum, order) => sum + (order.facts.side === facts.side ? openLots(order) : 0),
    0,
  );
  const reach = share.lots * sign + pending + facts.lots;
  if (reach > state.positionMax) {
    return refuse("positionLimit", `would reach ${reach} of ${state.positionMax} lots`);
  }
  const added = notional(instrument, price, facts.lots, "up");
  const needed = marginFor(
    instrument,
    worstWith(exposureOf(instrument, share, own, price), facts, added),
    state.leverage ?? 1,
  );
  const used = needed + (state.purseElsewhere ?? 0);
  if (used > state.purseCap) return refuse("purse", `would use ${used} of ${state.purseCap}`);
  if (state.equity === undefined) return refuse("equityUnknown", "the account's equity is not known");
  const whole = wholeOf(instrument, book, state.mark);
  if (state.otherGross === undefined)
    return refuse("grossLeverage", "the worth of another position is not known: it has no mark price yet");
  const ofBook = worstWith(exposureOf(instrument, whole, all, price), facts, added);
  if (state.bracketMax !== undefined && ofBook > state.bracketMax)
    return refuse("positionLimit", `notional ${ofBook} would exceed the tier's ${state.bracketMax}`);
  const gross = state.otherGross + ofBook;
  if (gross > state.equity * state.grossLeverageMax) {
    return refuse(
      "grossLeverage",
      `gross notional ${gross} would exceed ${state.grossLeverageMax}x equity ${state.equity}`,
    );
  }
  if (state.distanceAfter === undefined)
    return refuse("liquidationDistance", "the liquidation distance can't be computed");
  if (state.distanceAfter !== "none" && state.distanceAfter < state.distanceMin) {
    const percent = (part: number): string => `${((part / ONE) * 100).toFixed(1)} %`;
    return refuse(
      "liquidationDistance",
      `distance would be ${percent(state.distanceAfter)}, at least ${percent(state.distanceMin)}`,
    );
  }
  return approve(facts);
}

/**
 * Another engine whose stops rest for more than it holds, which nobody takes back: what is bought beside it would find no room for
 * its own stop (I3, I4), and be closed at once.
 */
function overArmed({ book, orders, isHedgeMode }: GuardState, engine: string): string | undefined {
  const armed = new Map<string, number>();
  for (const { facts, state, filled, cancelAskedWallAt } of orders) {
    if (facts.engine === engine || facts.kind !== "stopMarket" || closesAll(facts) || isPairStop(facts))
      continue;
    if (state !== "resting" || cancelAskedWallAt !== undefined || !isReducing(facts, isHedgeMode)) continue;
    armed.set(facts.engine, (armed.get(facts.engine) ?? 0) + facts.lots - filled);
  }
  for (const [other, size] of armed) {
    const held = other === "foreign" ? book.foreign.lots : (book.shares.get(other)?.lots ?? 0);
    if (held !== 0 && size > Math.abs(held)) return other;
  }
  return undefined;
}

const worstWith = (exposure: Exposure, facts: OrderFacts, added: Value): Value =>
  worstNotional({
    held: exposure.held,
    buys: value(exposure.buys + (facts.side === "buy" ? added : 0)),
    sells: value(exposure.sells + (facts.side === "sell" ? added : 0)),
  });
