import { type Book, explained, isMismatched } from "./book.ts";
import { guardWords } from "./guard-words.ts";
import type { Instrument } from "./instrument.ts";
import { notional } from "./instrument.ts";
import { type Exposure, exposureOf, marginFor, wholeOf, worstNotional } from "./margin.ts";
import { closesAll, isLive, isPairStop, type OrderFacts, type OrderRecord, openLots } from "./order.ts";
import { flat } from "./position.ts";
import type { RiskState } from "./proposal.ts";
import { replacedStops } from "./replaced-stops.ts";
import { percentText } from "./text.ts";
import { type Lots, type Rate, signOf, type Ticks, ticks, type Value, value } from "./units.ts";

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
  const say = guardWords(instrument);
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
      `price ${say.price(price)} is outside ${say.price(instrument.priceMin)} to ${say.price(instrument.priceMax)}`,
    );
  }
  // How much it is the exchange finds out.
  if (closesAll(facts)) return undefined;
  const most = facts.kind === "limit" ? instrument.lotsMax : instrument.marketLotsMax;
  if (facts.lots < instrument.lotsMin || facts.lots > most) {
    return refuse(
      "quantityRange",
      `${say.size(facts.lots)} is outside ${say.size(instrument.lotsMin)} to ${say.size(most)}`,
    );
  }
  return undefined;
}

/** I4: resting reducers never exceed the position, armed stops never exceed it, and nothing flips. */
function checkReducer(facts: OrderFacts, state: GuardState): Verdict {
  const { book } = state;
  const say = guardWords(state.instrument);
  const sign = signOf(facts.side);
  const whole = explained(book);
  if (closesAll(facts)) {
    if (whole === 0 || Math.sign(whole) === sign)
      return refuse("nothingToReduce", `the book holds ${say.size(whole)}`);
    if (book.foreign.lots !== 0)
      return refuse(
        "foreignAgainst",
        `${say.size(book.foreign.lots)} that is not the desk's would be closed too`,
      );
    return approve(facts);
  }
  const share = facts.engine === "foreign" ? book.foreign.lots : (book.shares.get(facts.engine)?.lots ?? 0);
  if (share === 0 || Math.sign(share) === sign || whole === 0 || Math.sign(whole) === sign) {
    return refuse("nothingToReduce", `${facts.engine} holds ${say.size(share)} of ${say.size(whole)}`);
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
    ofBook -= replacedStops(alike, facts);
    ofEngine -= replacedStops(
      alike.filter((order) => order.facts.engine === facts.engine),
      facts,
    );
  }
  const room = Math.min(Math.abs(whole) - ofBook, Math.abs(share) - ofEngine);
  if (facts.lots > room) {
    return refuse(
      "reduceBudget",
      `${say.size(facts.lots)} is more than the ${say.size(Math.max(0, room))} that is free to reduce`,
    );
  }
  return approve(facts);
}

/**
 * In one-way mode what stands on the other side would be closed by the order instead of standing beside it: a person's lots, or
 * those of an engine that is not configured any more. Undefined: there is none.
 */
function opponent({ engine, side }: OrderFacts, { instrument, book }: GuardState): string | undefined {
  const { foreign, shares } = book;
  const say = guardWords(instrument);
  const isAgainst = (size: number): boolean => -Math.sign(size) === signOf(side);
  if (isAgainst(foreign.lots) && engine !== "foreign")
    return `${say.size(foreign.lots)} that is not the desk's stands against it`;
  for (const [other, { lots: size }] of shares)
    if (other !== engine && isAgainst(size)) return `${say.size(size)} of ${other} stands against it`;
  return undefined;
}

function checkIncrease(facts: OrderFacts, state: GuardState): Verdict {
  const { instrument, book, bid, ask } = state;
  const say = guardWords(instrument);
  if (state.riskState === "shutdown") return refuse("shutdown", "the desk is in Shutdown");
  if (state.riskState === "emergency") return refuse("emergency", "the desk is in Emergency");
  if (state.isPaused) return refuse("paused", "entries are paused");
  if (state.blocks.length > 0) return refuse("blocked", state.blocks.join("; "));
  if (isMismatched(book))
    return refuse(
      "mismatch",
      `the exchange holds ${say.size(book.mismatch?.lots ?? 0)} that the fills do not explain`,
    );
  if (state.closeOnly !== undefined) return refuse("closeOnly", state.closeOnly);
  const against = facts.positionSide === "both" ? opponent(facts, state) : undefined;
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
    const [worthText, least] = [inQuote, instrument.notionalMin].map((sum) =>
      say.money(sum, instrument.quote),
    );
    return refuse(
      "notionalTooSmall",
      `the order is worth ${worthText}, the exchange takes ${least} at least`,
    );
  }
  return checkRoom(facts, state, price);
}

/** I6: the purse, the position limit, the account's gross leverage and the liquidation buffer, new order included. */
function checkRoom(facts: OrderFacts, state: GuardState, price: Ticks): Verdict {
  const { instrument, book } = state;
  const say = guardWords(instrument);
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
  if (live >= instrument.ordersMax)
    return refuse("tooManyOrders", `${live} orders rest already, the most that the exchange takes`);
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
    return refuse(
      "positionLimit",
      `the position may be ${say.size(state.positionMax)} at most; with the order it would be ${say.size(reach)}`,
    );
  }
  const added = notional(instrument, price, facts.lots, "up");
  const exposure = exposureOf(instrument, share, own, price);
  const used = (worst: Value): number =>
    marginFor(instrument, worst, state.leverage ?? 1) + (state.purseElsewhere ?? 0);
  const after = used(worstWith(exposure, facts, added));
  if (after > state.purseCap) {
    const before = used(worstNotional(exposure));
    const [free, needed] = [Math.max(0, state.purseCap - before), after - before].map((sum) =>
      say.money(sum),
    );
    return refuse(
      "purse",
      `the purse of ${say.money(state.purseCap)} has ${free} free, the order needs ${needed}`,
    );
  }
  if (state.equity === undefined) return refuse("equityUnknown", "the account's equity is not known");
  const whole = wholeOf(instrument, book, state.mark);
  if (state.otherGross === undefined)
    return refuse("grossLeverage", "the worth of another position is not known: it has no mark price yet");
  const ofBook = worstWith(exposureOf(instrument, whole, all, price), facts, added);
  if (state.bracketMax !== undefined && ofBook > state.bracketMax)
    return refuse(
      "positionLimit",
      `the exchange's margin tier ends at ${say.money(state.bracketMax)}; with the order it would be ${say.money(ofBook)}`,
    );
  const gross = state.otherGross + ofBook;
  if (gross > state.equity * state.grossLeverageMax) {
    return refuse(
      "grossLeverage",
      `the limit of exposure, ${state.grossLeverageMax}x, is ${say.money(Math.floor(state.equity * state.grossLeverageMax))}; with the order it would be ${say.money(gross)}`,
    );
  }
  if (state.distanceAfter === undefined)
    return refuse("liquidationDistance", "the liquidation distance can't be computed");
  if (state.distanceAfter !== "none" && state.distanceAfter < state.distanceMin) {
    const [away, least] = [state.distanceAfter, state.distanceMin].map((part) => percentText(part));
    return refuse("liquidationDistance", `liquidation would be ${away} away, it must be ${least} at least`);
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
