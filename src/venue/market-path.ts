import { opposite, type Side, type Ticks } from "../core/units.ts";
import type { ClientConditional, ClientOrder } from "./client-order.ts";
import { workingPrice } from "./conditional-check.ts";
import { trigger } from "./conditional-entry.ts";
import { liquidate, needsLiquidation } from "./liquidator.ts";
import { fillByPath } from "./matching.ts";
import { restingOf } from "./order-side.ts";
import { follow, triggerOf } from "./trailing.ts";
import { type Account, holdingOf, type Market, type VenueState } from "./venue-state.ts";

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
  for (;;) {
    const meeting = nextMeeting(venue, market, to);
    if (meeting === undefined) break;
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
  for (const waiting of market.waiting) follow(waiting, workingPrice(market, waiting.request));
}

function stand(market: Market, price: Ticks): void {
  market.price = price;
  market.depth.center(price, market.isRising);
  market.isDirty = true;
}

const between = (from: Ticks, to: Ticks, part: number): Ticks =>
  (part >= 1 ? to : Math.round(from + (to - from) * part)) as Ticks;

function nextMeeting(venue: VenueState, market: Market, to: Place): Meeting | undefined {
  let found = sooner(nextFill(market, "buy", to.price), nextFill(market, "sell", to.price));
  if (market.waiting.length > 0) found = sooner(found, nextTrigger(market, to));
  return market.held.size > 0 ? sooner(found, nextLiquidation(venue, market, to)) : found;
}

/** The one that is met first; of two at one place the first. */
const sooner = (one: Meeting | undefined, other: Meeting | undefined): Meeting | undefined =>
  one === undefined || (other !== undefined && other.part < one.part) ? other : one;

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
    const from = workingPrice(market, waiting.request);
    const goal = triggerOf(waiting);
    if (goal === undefined) continue;
    const part = partOf(from, onMark ? to.mark : to.price, goal, waiting.direction);
    if (part === undefined || (found !== undefined && part >= found.part)) continue;
    const at = part === 0 ? from : goal;
    found = { part, fires: waiting, ...(onMark ? { mark: at } : { price: at }) };
  }
  return found;
}

/**
 * Looks where the path would end first; only for an account that would be under there is the first mark on the way searched at which
 * it is. Maintenance margin grows ever faster with the notional, so that on a straight way there is one such place.
 */
function nextLiquidation(venue: VenueState, market: Market, to: Place): Meeting | undefined {
  const from = market.mark;
  let found: Meeting | undefined;
  for (const account of market.held) {
    if (!isUnderAt(venue, market, account, to.mark)) continue;
    const mark = firstUnder(venue, market, account, to.mark);
    const part = from === to.mark ? 0 : mark === to.mark ? 1 : (mark - from) / (to.mark - from);
    if (found === undefined || part < found.part) found = { part, mark, liquidates: account };
  }
  return found;
}

/** The mark nearest to where the path is at which an account is under that is so at the path's end. */
function firstUnder(venue: VenueState, market: Market, account: Account, end: Ticks): Ticks {
  if (isUnderAt(venue, market, account, market.mark)) return market.mark;
  let safe: number = market.mark;
  let under: number = end;
  while (Math.abs(under - safe) > 1) {
    const middle = Math.trunc((safe + under) / 2);
    if (isUnderAt(venue, market, account, middle as Ticks)) under = middle;
    else safe = middle;
  }
  return under as Ticks;
}

function isUnderAt(venue: VenueState, market: Market, account: Account, mark: Ticks): boolean {
  const now = market.mark;
  market.mark = mark;
  const isIt = needsLiquidation(venue, account, holdingOf(account, market.instrument.id));
  market.mark = now;
  return isIt;
}
