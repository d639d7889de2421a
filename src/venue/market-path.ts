import { opposite, type Side, type Ticks } from "../core/units.ts";
import type { ClientConditional, ClientOrder } from "./client-order.ts";
import { trigger } from "./conditional-entry.ts";
import { isUnder, liquidate, liquidationOf } from "./liquidator.ts";
import { crossStanding, isolatedStanding } from "./margin.ts";
import { fillByPath } from "./matching.ts";
import { restingOf } from "./order-side.ts";
import { type Account, booksOf, holdingOf, type Market, type VenueState } from "./venue-state.ts";

/** Traded price and mark at one place of the path. */
interface Place {
  readonly price: Ticks;
  readonly mark: Ticks;
}

/** The next thing that the path meets, and which part of the way there it is. */
interface Meeting {
  readonly part: number;
  readonly price?: Ticks;
  readonly mark?: Ticks;
  readonly fill?: ClientOrder;
  readonly fires?: ClientConditional;
  readonly liquidates?: Account;
}

/**
 * Moves price and mark in a straight line to the next point and runs everything on the way in the order in which the line
 * meets it: resting orders that the price passes by a tick, triggers, liquidations.
 */
export function walkPath(venue: VenueState, market: Market, to: Place): void {
  if (to.price !== market.price) market.isRising = to.price > market.price;
  for (let meeting = nextMeeting(market, to); meeting !== undefined; meeting = nextMeeting(market, to)) {
    const { part, fill, fires, liquidates } = meeting;
    const price = meeting.price ?? between(market.price, to.price, part);
    market.mark = meeting.mark ?? between(market.mark, to.mark, part);
    stand(market, price);
    if (fill !== undefined) fillByPath(venue, market, fill);
    else if (fires !== undefined) trigger(venue, fires);
    else if (liquidates !== undefined) liquidate(venue, liquidates, market.instrument.id);
  }
  market.mark = to.mark;
  stand(market, to.price);
}

function stand(market: Market, price: Ticks): void {
  market.price = price;
  market.depth.center(price, market.isRising);
  market.isDirty = true;
}

const between = (from: Ticks, to: Ticks, part: number): Ticks =>
  (part >= 1 ? to : Math.round(from + (to - from) * part)) as Ticks;

function nextMeeting(market: Market, to: Place): Meeting | undefined {
  let found: Meeting | undefined;
  for (const meeting of [
    nextFill(market, "buy", to.price),
    nextFill(market, "sell", to.price),
    market.waiting.length > 0 ? nextTrigger(market, to) : undefined,
    market.held.size > 0 ? nextLiquidation(market, to) : undefined,
  ]) {
    if (meeting !== undefined && (found === undefined || meeting.part < found.part)) found = meeting;
  }
  return found;
}

/** The first resting order whose price is passed by a tick and whose level still has something to give. */
function nextFill(market: Market, side: Side, to: Ticks): Meeting | undefined {
  const resting = restingOf(market, side);
  const from = market.price;
  for (let at = resting.length - 1; at >= 0; at -= 1) {
    const order = resting[at];
    if (order === undefined) return undefined;
    const passed = (side === "buy" ? order.price - 1 : order.price + 1) as Ticks;
    const part = partOf(from, to, passed, side === "buy" ? -1 : 1);
    if (part === undefined) return undefined;
    if (market.depth.left(opposite(side), order.price) > 0) {
      return { part, price: part === 0 ? from : passed, fill: order };
    }
  }
  return undefined;
}

/** Which part of the way from `from` to `to` reaches `goal` in a direction; undefined when it doesn't. */
function partOf(from: Ticks, to: Ticks, goal: Ticks, direction: 1 | -1): number | undefined {
  if ((from - goal) * direction >= 0) return 0;
  if ((to - goal) * direction < 0) return undefined;
  return (goal - from) / (to - from);
}

function nextTrigger(market: Market, to: Place): Meeting | undefined {
  let found: Meeting | undefined;
  for (const waiting of market.waiting) {
    const onMark = waiting.request.workingType === "mark";
    const from = onMark ? market.mark : market.price;
    const goal = waiting.request.trigger;
    const part = partOf(from, onMark ? to.mark : to.price, goal, waiting.direction);
    if (part === undefined || (found !== undefined && part >= found.part)) continue;
    const at = part === 0 ? from : goal;
    found = { part, fires: waiting, ...(onMark ? { mark: at } : { price: at }) };
  }
  return found;
}

/** Looks where the path would end first; only an account that would be under there gets its exact price worked out. */
function nextLiquidation(market: Market, to: Place): Meeting | undefined {
  const from = market.mark;
  let found: Meeting | undefined;
  for (const account of market.held) {
    market.mark = to.mark;
    const price = liquidationWithin(market, account);
    market.mark = from;
    if (price === undefined) continue;
    const mark = price === "now" ? to.mark : firstUnder(market, account, price, to.mark);
    const part = mark === to.mark ? 1 : from === to.mark ? 0 : (mark - from) / (to.mark - from);
    if (found === undefined || part < found.part) found = { part, mark, liquidates: account };
  }
  return found;
}

/** The formula rounds towards the mark, so the account goes under at its price or a tick beyond; else at the path's end. */
function firstUnder(market: Market, account: Account, price: Ticks, end: Ticks): Ticks {
  const from = market.mark;
  const by = end > from ? 1 : -1;
  const reached = (from - price) * by >= 0 ? from : price;
  for (const candidate of [reached, (reached + by) as Ticks]) {
    if ((end - candidate) * by < 0) break;
    market.mark = candidate;
    const isReached = liquidationWithin(market, account) !== undefined;
    market.mark = from;
    if (isReached) return candidate;
  }
  return end;
}

function liquidationWithin(market: Market, account: Account): Ticks | "now" | undefined {
  const holding = holdingOf(account, market.instrument.id);
  const isCross = holding.marginMode === "cross";
  if (isCross && !isUnder(crossStanding(account))) return undefined;
  for (const book of booksOf(account, holding)) {
    if (book.lots === 0 || (!isCross && !isUnder(isolatedStanding(market, book)))) continue;
    return liquidationOf(account, holding, book) ?? "now";
  }
  return undefined;
}
