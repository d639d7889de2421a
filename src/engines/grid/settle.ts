import type { EngineView } from "../../core/engine.ts";
import type { Intent } from "../../core/intent.ts";
import { isPairStop } from "../../core/order.ts";
import { sliceOf } from "../../core/slices.ts";
import { type Lots, lots, type Ticks } from "../../core/units.ts";
import { dust, trouble, unprotected } from "./alerts.ts";
import { cancelAll, cancelExcess, cancels, entryPrice, exit, isBeyond, triggerOf } from "./exits.ts";
import { recoveredHealth } from "./health-lines.ts";
import { isPaired, pairStopOf } from "./hedge.ts";
import { isLadderWhole, keepLadder, recallLadder } from "./ladder.ts";
import { hasStops } from "./loss-limit.ts";
import type { GridParameters } from "./parameters.ts";
import { isOut, ladderRests } from "./recovery-alerts.ts";
import {
  type Closing,
  isLegOpen,
  isWaiting,
  liveOf,
  newClosing,
  newRecovery,
  type Rung,
  type RungSums,
} from "./rung.ts";

/** I3: a stop that is not acknowledged this long after its fill (wall time) makes the rung close at the market. */
const STOP_LATE_MS = 5_000;
/** Refusals of one rung's exits before people are told. */
const REFUSALS_TOLD = 3;
/** Wall time for which a take profit that the exchange cut is left alone: by then its cause has been heard. */
const CUT_MS = 4_000;
/** An exit that somebody else cancelled is placed again so often in a cycle; then a person is asked. */
const TAKEN_MAX = 1;

/** What other rungs mean for this one's exits. */
export interface Way {
  /** Some rung's close was refused as not reducing: all take profits go out of its way. */
  readonly isClearing: boolean;
  /** Take profits of other rungs still rest. */
  readonly isBlocked: boolean;
}

const FREE: Way = { isClearing: false, isBlocked: false };

/** What the others among all rungs mean for one's exits. */
export function wayOf(rung: Rung, rungs: ReadonlyMap<number, Rung>): Way {
  let isClearing = false;
  for (const { closing } of rungs.values()) if (closing?.isRefused) isClearing = true;
  if (!isClearing) return FREE;
  const isBlocked = [...rungs.values()].some((other) => other !== rung && isWaiting(other));
  return { isClearing, isBlocked };
}

/**
 * Compares what a rung has with what it should have and says what to do about the difference. It looks at
 * levels, not at edges: whatever news was lost, doubled or reordered, the next call leads to the same orders (I5). `sum` is
 * what its orders add up to now.
 */
export function settle(
  rung: Rung,
  sum: RungSums,
  parameters: GridParameters,
  view: EngineView,
  way: Way,
): Intent[] {
  if (sum.held <= 0) {
    const by = rung.closing?.by;
    rung.unprotectedSinceWall = undefined;
    rung.closing = undefined;
    const end = isLegOpen(rung) ? [] : recovered(rung, sum, by, parameters, view);
    // The executions that would say what is held may be missing from the first lists after a start, and exits that rest
    // without a position hurt nobody for a moment.
    if (!view.isConfirmed) return end;
    // The entry may still fill; its exits may not rest without a position.
    return [...cancelCloses(rung, "flat"), ...cancelAll(rung, "stop", "flat"), ...end];
  }
  // A halted engine holds nothing: what fills while its entries are taken back, or was found at a restart, goes too.
  if (view.isHalted && view.mayProtect && rung.closing?.cause !== "halted")
    rung.closing = newClosing("halted");
  recallLadder(rung, parameters);
  // A stop that fired and was refused is closed for while something lacks a stop: a next life sees no more of it (I5).
  const isCovered = sum.closeOpen === 0 && sum.held <= sum.stopOpen;
  if (rung.closing?.cause === "stopRefused" && isCovered) rung.closing = undefined;
  const warnings = watchStop(rung, sum, parameters, view);
  const { closing } = rung;
  if (closing !== undefined && sum.held > closing.keep) {
    // Given up for want of a stop, and the close is refused too: a stop is asked for again, whichever comes first.
    const isStuck = closing.cause === "stopLate" && rung.refusals > 0;
    // One that takes its time leaves no stop for more than is held (I4), nor for less, unless it would fire at once.
    const isKept =
      isStuck || (closing.isPaced && (sum.stopOpen > sum.held || !wouldTrigger(rung, sum, parameters, view)));
    const stop = isKept ? keepStops(rung, sum, parameters, view) : [];
    return [...warnings, ...stop, ...close(rung, sum, closing, parameters, view, way)];
  }
  if (sum.closeOpen === 0) rung.closing = undefined;
  return [
    ...keepStops(rung, sum, parameters, view),
    ...(way.isClearing || isPaired(rung, sum, parameters, view)
      ? cancelCloses(rung, way.isClearing ? "in the way of a close" : "hedged")
      : keepClose(rung, sum, parameters, view)),
    ...warnTrouble(rung, parameters),
    ...warnDust(rung, sum, parameters, view),
  ];
}

/** The exchange took an exit: what it refused before is over, and the next trouble is news again. */
export function forgetRefusals(rung: Rung): void {
  rung.refusals = 0;
  rung.isTroubleTold = false;
}

/** Exits that are refused again and again are said once, until one is taken. */
function warnTrouble(rung: Rung, parameters: GridParameters): Intent[] {
  if (rung.isTroubleTold || rung.refusals < REFUSALS_TOLD) return [];
  rung.isTroubleTold = true;
  return [trouble(rung, parameters)];
}

/** Both kinds of orders that close with a limit. */
const CLOSES = ["takeProfit", "ladder"] as const;

const cancelCloses = (rung: Rung, reason: string): Intent[] =>
  CLOSES.flatMap((role) => cancelAll(rung, role, reason));

/** One take profit for all that is held, or the slices of a ladder in its place; never both. */
function keepClose(rung: Rung, sum: RungSums, parameters: GridParameters, view: EngineView): Intent[] {
  const { recovery } = rung;
  if (recovery.ladder !== undefined)
    return [
      ...keepLadder(rung, sum, recovery.ladder, isQuiet(rung, view), parameters, view),
      ...tellWhole(rung, sum, parameters, view),
    ];
  const slices = cancelAll(rung, "ladder", "the ladder is given up");
  if (liveOf(rung, "ladder").length > 0) return view.isConfirmed ? slices : [];
  return keep(rung, "takeProfit", sum.held, sum.takeProfitOpen, parameters, view);
}

/** A ladder has succeeded once the whole quantity rests in it (X34): told once. */
function tellWhole(rung: Rung, sum: RungSums, parameters: GridParameters, view: EngineView): Intent[] {
  const { recovery } = rung;
  if (recovery.isWhole || !isLadderWhole(rung, sum, view.sizes(parameters.instrument).least)) return [];
  recovery.isWhole = true;
  recovery.failures = 0;
  recovery.retired.clear();
  return [ladderRests(rung, parameters, view)];
}

/** A rung that was stuck holds nothing any more: the story ends, and a question is withdrawn. */
function recovered(
  rung: Rung,
  sum: RungSums,
  by: string | undefined,
  parameters: GridParameters,
  view: EngineView,
): Intent[] {
  const { stuckSince, askedAt, isFound, by: chosenBy } = rung.recovery;
  // Of a hedged pair the rung tells it.
  if (parameters.isLeg === true) return [];
  if (sum.entryFilled === 0 || (stuckSince === undefined && !isFound)) return [];
  const line = recoveredHealth(rung, sum, by, parameters, view);
  rung.recovery = newRecovery();
  if (stuckSince === undefined) return [line];
  const { engine, instrument, positionSide } = parameters;
  const withdrawn = { type: "withdrawRecovery", engine, instrument, positionSide, rung: rung.index } as const;
  return [line, isOut(rung, chosenBy, parameters), ...(askedAt === undefined ? [] : [withdrawn])];
}

/** What is too small to be traded is said once; the next entry on the rung takes it along. */
function warnDust(rung: Rung, sum: RungSums, parameters: GridParameters, view: EngineView): Intent[] {
  const { least } = view.sizes(parameters.instrument);
  if (rung.isDustTold || sum.held >= least || sum.isAnyLive) return [];
  rung.isDustTold = true;
  return [dust(rung, sum.held, parameters, view.instrument(parameters.instrument))];
}

/** Notes since when held lots lack an acknowledged stop, and gives up on it, loudly, when that takes too long. */
function watchStop(rung: Rung, sum: RungSums, parameters: GridParameters, view: EngineView): Intent[] {
  const { least } = view.sizes(parameters.instrument);
  if (!hasStops(parameters) || sum.held - sum.stopArmed < least) {
    rung.unprotectedSinceWall = undefined;
    return [];
  }
  rung.unprotectedSinceWall ??= view.wallAt;
  if (rung.closing !== undefined || !isStopLate(rung, view)) return [];
  rung.closing = newClosing("stopLate");
  return [unprotected(rung, parameters)];
}

/** Whether held lots have been without an acknowledged stop for too long. */
export const isStopLate = (rung: Rung, view: EngineView): boolean =>
  rung.unprotectedSinceWall !== undefined && view.wallAt - rung.unprotectedSinceWall > STOP_LATE_MS;

/** Whether the mark price is beyond where the rung's stop would rest: its own, or that of its hedged pair. */
function wouldTrigger(rung: Rung, sum: RungSums, parameters: GridParameters, view: EngineView): boolean {
  const trigger = pairTrigger(rung, sum, parameters, view) ?? triggerOf(entryPrice(rung), parameters, view);
  return isBeyond(trigger, parameters, view);
}

/** Where the stop of a rung in a hedged pair rests; undefined: it has its own. */
function pairTrigger(
  rung: Rung,
  sum: RungSums,
  parameters: GridParameters,
  view: EngineView,
): Ticks | undefined {
  const { leg } = rung;
  if (leg === undefined || !isPaired(rung, sum, parameters, view)) return undefined;
  return pairStopOf(rung, leg, parameters, view);
}

/**
 * A rung's own stops, or those of its hedged pair. Where the one kind takes the other's place, the old ones stay until the
 * exchange has acknowledged all of the new ones.
 */
function keepStops(rung: Rung, sum: RungSums, parameters: GridParameters, view: EngineView): Intent[] {
  const { least } = view.sizes(parameters.instrument);
  const own = { open: lots(sum.stopOpen - sum.pairStopOpen), armed: sum.stopArmed - sum.pairStopArmed };
  const old = (isPair: boolean): Intent[] =>
    cancels(
      liveOf(rung, "stop").filter(({ facts }) => isPairStop(facts) === isPair),
      isPair ? "the pair is over" : "hedged",
    );
  const trigger = pairTrigger(rung, sum, parameters, view);
  if (trigger !== undefined) {
    const stops = keep(rung, "stop", sum.held, sum.pairStopOpen, parameters, view, trigger);
    return sum.held - sum.pairStopArmed < least && view.isConfirmed ? [...stops, ...old(false)] : stops;
  }
  const stops = keep(rung, "stop", sum.held, own.open, parameters, view);
  if (sum.pairStopOpen === 0) return stops;
  const isCovered = !hasStops(parameters) || sum.held - own.armed < least;
  return isCovered && view.isConfirmed ? [...stops, ...old(true)] : stops;
}

/** Makes the open lots of one kind of exit equal to what is held: never more (I4), never less. */
function keep(
  rung: Rung,
  role: "stop" | "takeProfit",
  held: Lots,
  open: Lots,
  parameters: GridParameters,
  view: EngineView,
  pairTrigger?: Ticks,
): Intent[] {
  const isPair = pairTrigger !== undefined;
  if (role === "stop" && !isPair && !hasStops(parameters)) return [];
  if (!(role === "stop" && open < held ? view.mayProtect : view.isConfirmed)) return [];
  if (open < held) {
    const { step, least } = view.sizes(parameters.instrument);
    const { lotsMax, marketLotsMax } = view.instrument(parameters.instrument);
    // A stop becomes a market order. What is more than one order may be follows when this one is acknowledged.
    const most = role === "stop" ? marketLotsMax : lotsMax;
    const size = lots(Math.floor(Math.min(held - open, most) / step) * step);
    const isWaiting = role === "takeProfit" ? isQuiet(rung, view) : rung.taken.stop > TAKEN_MAX;
    if (size < least || isWaiting) return [];
    const trigger = isPair ? { trigger: pairTrigger } : {};
    return [exit(rung, { role, lots: size, ...trigger }, parameters, view)];
  }
  const ofKind = liveOf(rung, role).filter(({ facts }) => isPairStop(facts) === isPair);
  return cancelExcess(ofKind, open - held);
}

/**
 * No take profit or slice is placed just now: the exchange ended or cut one because less is held, and who reduced is told in
 * a moment; or a person cancelled it again.
 */
const isQuiet = (rung: Rung, { wallAt }: EngineView): boolean =>
  wallAt < rung.quietUntilWall ||
  rung.taken.takeProfit > TAKEN_MAX ||
  CLOSES.some((role) =>
    liveOf(rung, role).some(({ cutWallAt }) => cutWallAt !== undefined && wallAt - cutWallAt < CUT_MS),
  );

/** Entries and take profits are taken back first, then the rest is sold, stops go last (I4). */
function close(
  rung: Rung,
  sum: RungSums,
  closing: Closing,
  parameters: GridParameters,
  view: EngineView,
  way: Way,
): Intent[] {
  const intents: Intent[] = cancelAll(rung, "entry", "closing");
  if (sum.takeProfitOpen > closing.keep) return [...intents, ...cancelCloses(rung, "closing")];
  const missing = sum.held - closing.keep - sum.closeOpen;
  // One close at a time: what it leaves over, or was more than one order may be, is seen when it has ended.
  if (missing <= 0 || sum.closeOpen > 0 || (closing.isRefused && way.isBlocked)) return intents;
  if (view.wallAt < closing.quietUntilWall || (closing.isPaced && !closing.isDue)) return intents;
  const { step, least } = view.sizes(parameters.instrument);
  const most = mostOf(closing, least, parameters, view);
  if (most === undefined) return intents;
  closing.isDue = false;
  const size = sliceOf(lots(missing), most, step, least);
  if (size === 0) {
    rung.closing = undefined;
    return [...intents, ...warnDust(rung, sum, parameters, view)];
  }
  const clientId = nextFixedId(rung, closing, view);
  return [...intents, exit(rung, { role: "close", lots: size, clientId }, parameters, view)];
}

/**
 * How much one order of a close may be: what the exchange takes and, where slippage is capped, what the best price shows.
 * Undefined: nothing is shown just now.
 */
function mostOf(
  closing: Closing,
  least: Lots,
  parameters: GridParameters,
  view: EngineView,
): Lots | undefined {
  const { marketLotsMax } = view.instrument(parameters.instrument);
  if (!closing.isPaced) return marketLotsMax;
  const top = view.top(parameters.instrument);
  if (top === undefined) return undefined;
  const shown = parameters.direction === "buy" ? top.bidLots : top.askLots;
  return lots(Math.min(marketLotsMax, Math.max(least, shown)));
}

/** The id of a proposal's next slice; undefined: any new id will do. */
function nextFixedId(rung: Rung, closing: Closing, view: EngineView): string | undefined {
  if (closing.fixed === undefined || closing.fixedSlices > 35) return undefined;
  closing.fixedSlices += 1;
  return view.fixedId(rung.index, closing.fixedSlices - 1, closing.fixed, closing.cause);
}
