import type { Book } from "../../src/core/book.ts";
import { explained } from "../../src/core/book.ts";
import { readClientId } from "../../src/core/ids.ts";
import {
  closesAll,
  isLive,
  isPairStop,
  type OrderFacts,
  type OrderRecord,
  openLots,
} from "../../src/core/order.ts";
import type { RiskState } from "../../src/core/proposal.ts";
import { ONE, rate, value } from "../../src/core/units.ts";
import { drawdownOf } from "../../src/risk/drawdown.ts";
import { conditionOf, rankOf } from "../../src/risk/ladder.ts";
import { intentOf, isAgainst, type LiveOrder, type Place, placeOf } from "./witness.ts";

/** Whether an order can only make its book smaller. */
const reduces = ({ isReduceOnly, positionSide, side }: OrderFacts): boolean =>
  isReduceOnly || isAgainst(positionSide, side);

/** A book for people: in one-way mode its instrument says it all. */
const nameOf = (place: Place): string => place.replace(/\/both$/, "");

/** A broken promise, in words; undefined: it holds. */
export type Finding = string | undefined;

/**
 * I1 at the exchange: one rung has one live entry; one intent (role, rung and slice) one live order. Twin desks can't
 * know of each other before their first orders meet, so while two run (and until their orders are gone) it is not asked.
 */
export function oneLiveOrder(accepted: LiveOrder, live: Iterable<LiveOrder>): Finding {
  if (accepted.own === undefined || accepted.isSpawned) return undefined;
  const intent = intentOf(accepted.own);
  for (const other of live) {
    if (other.own === undefined || other.name === accepted.name || other.isSpawned) continue;
    if (other.place !== accepted.place || intentOf(other.own) !== intent) continue;
    return `I1: ${accepted.clientId} was accepted while ${other.clientId} of the same intent lives`;
  }
  return undefined;
}

/** I1, I7: the exchange accepts a closed id again, so a client id that it accepted twice was sent twice. */
export const acceptedOnce = (clientId: string, times: number): Finding =>
  times > 1 ? `I1/I7: the exchange accepted ${clientId} ${times} times` : undefined;

/** I1, I9 in the desk: nothing is sent for an intent whose order lives, or may live because nobody knows. */
export function noResend(sent: OrderFacts, orders: Iterable<OrderRecord>): Finding {
  const id = readClientId(sent.clientId);
  if (id === undefined) return undefined;
  const intent = intentOf(id);
  for (const { facts, state } of orders) {
    // What is cheap to tell apart goes first: thousands of orders have ended.
    if (!isLive(state) || facts.rung !== sent.rung || placeOf(facts) !== placeOf(sent)) continue;
    const other = facts.clientId === sent.clientId ? undefined : readClientId(facts.clientId);
    if (other === undefined || intentOf(other) !== intent) continue;
    return `I1/I9: ${sent.clientId} leaves while ${facts.clientId} of the same intent is ${state}`;
  }
  return undefined;
}

/** I9: "absent" is only said of an order that can't arrive any more, and that is not there. */
export function absentForGood(
  clientId: string,
  sinceSentMs: number,
  leastMs: number,
  isAtExchange: boolean,
): Finding {
  if (isAtExchange) return `I9: ${clientId} was taken for absent and is at the exchange`;
  return sinceSentMs < leastMs
    ? `I9: ${clientId} was taken for absent ${sinceSentMs} ms after it was sent, sooner than ${leastMs}`
    : undefined;
}

/** I2: what the fills explain is what the exchange holds, or increases are blocked. */
export function explainedOrBlocked(
  book: Book,
  position: number,
  isBlocked: boolean,
  overdueMs: number,
): Finding {
  const sum = explained(book);
  if (sum === position || isBlocked || overdueMs === 0) return undefined;
  return `I2: ${book.key}: engines and foreign sum to ${sum}, the exchange holds ${position}, and increases are free after ${overdueMs} ms`;
}

/** I3: held lots of the engines have an armed stop at the exchange itself. */
export function protectedExposure(place: Place, held: number, armed: number, overdueMs: number): Finding {
  if (armed >= held || overdueMs === 0) return undefined;
  return `I3: ${held} lots of ${nameOf(place)} are held and stops for ${armed} rest, for ${overdueMs} ms too long`;
}

/** I4 at the exchange: reduce-only limits and, apart from them, armed stops don't add up to more than the position. */
export function reducersFit(
  place: Place,
  position: number,
  resting: number,
  armed: number,
  overdueMs: number,
): Finding {
  if (overdueMs === 0) return undefined;
  const held = Math.abs(position);
  if (resting > held)
    return `I4: ${nameOf(place)}: reduce-only limits for ${resting} lots rest over ${held} held`;
  return armed > held
    ? `I4: ${nameOf(place)}: stops for ${armed} lots are armed over ${held} held`
    : undefined;
}

/** I4 in the desk: a reducer that leaves fits, with those of its kind that live, into what its engine holds. */
export function reducerFits(sent: OrderFacts, share: number, orders: Iterable<OrderRecord>): Finding {
  if (!reduces(sent) || closesAll(sent)) return undefined;
  const others = [...orders].filter(
    ({ facts, state }) =>
      // What has ended has nothing open.
      isLive(state) &&
      facts.engine === sent.engine &&
      placeOf(facts) === placeOf(sent) &&
      facts.side === sent.side &&
      reduces(facts) &&
      (facts.kind === "stopMarket") === (sent.kind === "stopMarket") &&
      facts.clientId !== sent.clientId,
  );
  const live = others.filter((order) => openLots(order) > 0).map(({ facts }) => facts);
  const hedged = new Set([sent, ...live].filter(isPairStop).map(({ rung }) => rung));
  let open: number = sent.lots;
  for (const order of others) if (!isReplaced(order.facts, hedged)) open += openLots(order);
  const held = sent.side === "sell" ? share : -share;
  return open > held
    ? `I4: reducers of ${sent.engine} for ${open} lots over ${held} held when ${sent.clientId} left`
    : undefined;
}

/** The stop of a pair takes the place of its rung's old one, which goes when the new one rests. */
const isReplaced = (facts: OrderFacts, hedged: ReadonlySet<number>): boolean =>
  facts.role === "stop" && !isPairStop(facts) && hedged.has(facts.rung);

/** I6 by the exchange's own numbers, when it accepts an entry: leverage, the purse and the account's gross notional. */
export function withinCaps(caps: {
  readonly engine: string;
  readonly leverage: number;
  readonly leverageMax: number;
  readonly margin: number;
  readonly purse: number;
  readonly gross: number;
  readonly equity: number;
  readonly grossMax: number;
}): Finding {
  const { engine, leverage, leverageMax, margin, purse, gross, equity, grossMax } = caps;
  if (leverage > leverageMax)
    return `I6: an entry of ${engine} rests at leverage ${leverage}, at most ${leverageMax}`;
  if (margin > purse) return `I6: ${engine} uses ${Math.round(margin)} of its purse of ${Math.round(purse)}`;
  if (gross > equity * grossMax)
    return `I6: gross notional ${Math.round(gross)} over ${grossMax} x equity ${Math.round(equity)}`;
  return undefined;
}

/** I8: in Shutdown only reducers leave (cancels are no orders). */
export const onlyReducers = (riskState: RiskState, sent: OrderFacts): Finding =>
  riskState === "shutdown" && !reduces(sent) ? `I8: ${sent.clientId} left in Shutdown` : undefined;

/** Every order that lives at the exchange has an owner in the desk: a live record, or the list of what is foreign. */
export function owned(order: LiveOrder, isKnown: boolean, overdueMs: number): Finding {
  if (isKnown || overdueMs === 0) return undefined;
  return `owner: ${order.clientId} (${order.name}) lives at the exchange and nobody in the desk knows it, for ${overdueMs} ms too long`;
}

/** The other way round: what the desk thinks rests, rests. */
export function restsIndeed(order: OrderRecord, isLiveThere: boolean, overdueMs: number): Finding {
  if (isLiveThere || overdueMs === 0) return undefined;
  return `I5: ${order.facts.clientId} is ${order.state} in the desk and not at the exchange, for ${overdueMs} ms too long`;
}

/** Conservation: the exchange's books balance to the unit. */
export const sound = (problems: readonly string[]): Finding =>
  problems.length === 0 ? undefined : `conservation: ${problems.join("; ")}`;

/** I5: when all is calm the desk knows its money to the unit. */
export const sameWallet = (desk: number | undefined, exchange: number): Finding =>
  desk === exchange ? undefined : `I5: the desk's wallet is ${desk}, the exchange's ${exchange}`;

/** I5: when all is calm the desk knows what the account is worth, to a thousandth: its own cost may be a tick off per lot. */
export const sameWorth = (desk: number | undefined, exchange: number): Finding =>
  desk !== undefined && Math.abs(desk - exchange) * 1_000 <= Math.abs(exchange)
    ? undefined
    : `I5: the desk thinks that the account is worth ${desk}, by the exchange it is ${exchange}`;

/** The risk state is at least what the exchange's own figures call for, half a point of drawdown granted. */
export function strictEnough(
  state: RiskState,
  peak: number | undefined,
  equity: number,
  overdueMs: number,
): Finding {
  if (isStrictEnough(state, peak, equity) || overdueMs === 0) return undefined;
  return `risk: ${equity} of a peak of ${peak} are left, and the desk is in ${state}, for ${overdueMs} ms too long`;
}

const isStrictEnough = (state: RiskState, peak: number | undefined, equity: number): boolean => {
  if (peak === undefined) return true;
  const drawdown = drawdownOf(value(equity), value(peak)) - ONE / 200;
  return rankOf(state) >= rankOf(conditionOf({ drawdown: rate(Math.max(0, drawdown)), level: "LOW" }));
};

/** I5: feeding the same events to a fresh kernel gives the same state. */
export const sameReplay = (recorded: string, replayed: string): Finding =>
  recorded === replayed ? undefined : `I5: the replay's state hash is ${replayed}, the run's ${recorded}`;

/** Liveness: an order does not stay on its way. */
export function nothingStuck(order: OrderRecord, overdueMs: number): Finding {
  return overdueMs === 0
    ? undefined
    : `liveness: ${order.facts.clientId} is ${order.state} for ${overdueMs} ms too long`;
}

/** I5: when all is calm books and positions are the same. */
export const sameSize = (place: Place, desk: number, exchange: number): Finding =>
  desk === exchange
    ? undefined
    : `I5: the desk explains ${desk} lots of ${nameOf(place)}, the exchange holds ${exchange}`;

/** Liveness: with all faults over and everything resumed nothing blocks increases, and no engine has stopped. */
export function noBlocks(blocks: readonly string[], failed: readonly string[]): Finding {
  if (failed.length > 0) return `liveness: an engine stopped: ${failed.join("; ")}`;
  return blocks.length === 0 ? undefined : `liveness: increases are still blocked: ${blocks.join("; ")}`;
}

/** Liveness: a grid with room quotes again. */
export function quotesAgain(grid: {
  readonly engine: string;
  readonly rests: boolean;
  readonly hasRoom: boolean;
  readonly isTraded: boolean;
}): Finding {
  if (grid.rests || !grid.hasRoom || !grid.isTraded) return undefined;
  return `liveness: ${grid.engine} has room and quotes nothing`;
}
