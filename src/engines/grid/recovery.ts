import type { EngineView } from "../../core/engine.ts";
import type { RecoverRungEvent } from "../../core/event.ts";
import type { AskRecoveryIntent, Intent } from "../../core/intent.ts";
import { isLive } from "../../core/order.ts";
import { type Lots, type Millis, ONE, signOf, type Ticks } from "../../core/units.ts";
import { HEALTH_EVERY_MS } from "./checks.ts";
import { entryPrice, needsHedge } from "./exits.ts";
import { cameBack, LOSS_MAX, recoveryBegins, stuckHealth } from "./health-lines.ts";
import { isHedged } from "./hedge.ts";
import { LADDER_OF_PAIR, NEEDS_HEDGE_MODE, noHedge, noLadder } from "./hedge-alerts.ts";
import { layLadder } from "./ladder.ts";
import type { GridParameters } from "./parameters.ts";
import { closesStuck, isFree, ladderFailed, leftStuck, stuckLine } from "./recovery-alerts.ts";
import { liveOf, newClosing, newRecovery, type Rung, type RungSums, sums } from "./rung.ts";

/** A close further than this from the mark price is out of reach (S1-149). */
const FAR_PERCENT = 3;
/** People are asked when a position is still stuck after so long (S1-132), and again. */
const ASK_EVERY_MS = 7_200_000;
/** Ladders of one rung that may fail in a row. */
const FAILURES_MAX = 3;

/**
 * Whether a position is stuck (X31): open longer than the setting says, and without a live close, or with the nearest one
 * more than 3 % from the mark price.
 */
export function isStuck(rung: Rung, sum: RungSums, mark: Ticks, at: Millis, stuckAfterMs: Millis): boolean {
  if (sum.held <= 0 || sum.openedAt === undefined || at - sum.openedAt < stuckAfterMs) return false;
  let nearest = Number.POSITIVE_INFINITY;
  for (const { facts, state } of rung.orders) {
    const { role, price } = facts;
    if ((role !== "takeProfit" && role !== "ladder") || !isLive(state) || price === undefined) continue;
    nearest = Math.min(nearest, Math.abs(mark - price) / price);
  }
  return nearest * 100 > FAR_PERCENT;
}

/** Mark prices at which a close is surely near enough that its rung is not stuck, ends included. */
export const nearRange = (close: Ticks): { readonly from: number; readonly to: number } => ({
  from: Math.ceil(close * (1 - FAR_PERCENT / 100)) + 1,
  to: Math.floor(close * (1 + FAR_PERCENT / 100)) - 1,
});

/** Whether a mark price is one of them. */
export function isNear(close: Ticks, mark: Ticks): boolean {
  const { from, to } = nearRange(close);
  return mark >= from && mark <= to;
}

/** What is done about a stuck position (X32): beyond its stop's threshold it is closed, whatever the mode, unless that is none. */
export function wayOut(
  entry: Ticks,
  mark: Ticks,
  { recovery, direction, stopLoss }: GridParameters,
): { readonly way: GridParameters["recovery"]; readonly isBeyond: boolean } {
  const lost = (entry - mark) * signOf(direction);
  const isBeyond = lost * ONE > entry * (stopLoss ?? LOSS_MAX);
  return { way: isBeyond && recovery !== "none" ? "aggressive" : recovery, isBeyond };
}

/** A look at one rung, at whole five minutes: what is begun shows in the rung, and `settle` carries it out. */
export function checkRung(rung: Rung, parameters: GridParameters, view: EngineView): readonly Intent[] {
  const sum = sums(rung);
  const mark = view.mark(parameters.instrument);
  const { least } = view.sizes(parameters.instrument);
  // A missing price is not zero (I9), a missing order may be a list cut short, and dust can't be ordered.
  if (mark === undefined || !view.isConfirmed || sum.held < least || rung.closing !== undefined) return [];
  const { recovery } = rung;
  if (isHedged(rung)) return ask(rung, sum, parameters, view);
  const isLate = view.at - (recovery.laidAt ?? view.at) >= HEALTH_EVERY_MS;
  if (recovery.ladder !== undefined && !recovery.isWhole && isLate)
    return dropLadder(rung, "not all of it came to rest", parameters);
  const found = isStuck(rung, sum, mark, view.at, parameters.stuckAfterMs);
  if (!found && recovery.ladder === undefined && liveOf(rung, "takeProfit").length > 0)
    return free(rung, parameters);
  const begun = found ? begin(rung, sum, mark, parameters, view) : [];
  return [...begun, ...ask(rung, sum, parameters, view)];
}

/** Its take profit rests, and the price is back in its reach: whatever was begun or asked, the story is over. */
function free(rung: Rung, parameters: GridParameters): readonly Intent[] {
  const { stuckSince, isFound, attempts } = rung.recovery;
  if (stuckSince === undefined && !isFound) return [];
  const line = cameBack(rung, parameters);
  // The slices and hedges of the cycle are of that story: nothing of it is found in them again.
  rung.recovery = { ...newRecovery(), isDropped: true };
  return attempts === 0 ? [line] : [line, isFree(rung, parameters)];
}

function begin(
  rung: Rung,
  sum: RungSums,
  mark: Ticks,
  parameters: GridParameters,
  view: EngineView,
): readonly Intent[] {
  const { recovery } = rung;
  const isNew = recovery.stuckSince === undefined;
  recovery.stuckSince ??= view.at;
  const { way, isBeyond } = wayOut(entryPrice(rung), mark, parameters);
  const line = stuckLine(rung, sum.held, parameters, view);
  const health = isNew ? [stuckHealth(rung, sum, parameters, view)] : [];
  if (way === "none") return isNew ? [...health, leftStuck(rung, line, parameters)] : [];
  recovery.by = undefined;
  if (way === "aggressive") {
    const cause = isBeyond ? "loss" : "recovery";
    recovery.attempts += 1;
    rung.closing = newClosing(cause, 0, undefined, true);
    return [
      ...health,
      recoveryBegins(rung, "aggressive", cause, parameters),
      closesStuck(rung, line, isBeyond, parameters),
    ];
  }
  if (way === "hedge" && parameters.positionSide !== "both" && recovery.attempts === 0)
    return recovery.askedAt === undefined
      ? [...health, askForHedge(rung, sum, line, parameters, view)]
      : health;
  // A ladder that is on its way is given its time; three that failed are enough.
  const isUnderWay = recovery.ladder !== undefined && !recovery.isWhole;
  if (isUnderWay || recovery.failures >= FAILURES_MAX) return health;
  layLadder(rung, mark, parameters, view);
  const lines = [...health, recoveryBegins(rung, "ladder", "recovery", parameters)];
  const isRefused = way === "hedge" && isNew;
  return isRefused ? [...lines, noHedge(rung, NEEDS_HEDGE_MODE, parameters)] : lines;
}

/** A hedge adds a position: people are asked first, and nothing else is begun until they have answered or the card ends. */
function askForHedge(
  rung: Rung,
  sum: RungSums,
  line: string,
  parameters: GridParameters,
  view: EngineView,
): AskRecoveryIntent {
  rung.recovery.askedAt = view.at;
  return {
    ...askOf(rung, sum.held, view.at, parameters),
    ways: ["hedge"],
    fallback: "ladder",
    lines: [line, "Until somebody decides its take profit and its stop stay."],
  };
}

const askOf = (rung: Rung, held: Lots, at: Millis, parameters: GridParameters) =>
  ({
    type: "askRecovery",
    engine: parameters.engine,
    account: parameters.account,
    instrument: parameters.instrument,
    positionSide: parameters.positionSide,
    rung: rung.index,
    lots: held,
    stuckSince: rung.recovery.stuckSince ?? at,
  }) as const;

/** Asks people about a position that is still stuck two hours after it was found so. */
function ask(rung: Rung, sum: RungSums, parameters: GridParameters, view: EngineView): readonly Intent[] {
  const { recovery } = rung;
  const { stuckSince } = recovery;
  if (stuckSince === undefined || parameters.recovery === "none" || rung.closing !== undefined) return [];
  if (view.at - (recovery.askedAt ?? stuckSince) < ASK_EVERY_MS) return [];
  recovery.askedAt = view.at;
  const minutes = Math.floor((view.at - stuckSince) / 60_000);
  const isPair = isHedged(rung);
  const waits = isPair ? "its hedge" : recovery.ladder === undefined ? "its take profit" : "its ladder";
  const stop = isPair ? "the stops of both legs" : "its stop";
  const mayHedge = parameters.positionSide !== "both" && !isPair;
  const mayLadder = !isPair || !needsHedge(entryPrice(rung), parameters, view);
  const intent: AskRecoveryIntent = {
    ...askOf(rung, sum.held, view.at, parameters),
    ways: ["aggressive", ...(mayHedge ? ["hedge" as const] : []), ...(mayLadder ? ["ladder" as const] : [])],
    // No capital stays trapped while nobody looks (S1-12).
    fallback: "aggressive",
    lines: [
      stuckLine(rung, sum.held, parameters, view),
      `It was found stuck ${minutes} minutes ago; ${waits} and ${stop} rest.`,
      ...(isPair ? [mayLadder ? LADDER_OF_PAIR : noLadder(rung, parameters, view)] : []),
    ],
  };
  return [intent];
}

/** A ladder failed (X34): the take profit comes back, people are told, and the stop never left. */
export function dropLadder(rung: Rung, reason: string, parameters: GridParameters): readonly Intent[] {
  const { recovery } = rung;
  if (recovery.ladder === undefined) return [];
  recovery.ladder = undefined;
  recovery.isDropped = true;
  recovery.isWhole = false;
  recovery.failures += 1;
  return [ladderFailed(rung, reason, recovery.failures >= FAILURES_MAX, parameters)];
}

/** Carries out what a person chose for a rung; one that holds nothing any more is left alone. */
export function recoverRung(
  rung: Rung,
  { how, fixed, by, instead }: RecoverRungEvent,
  parameters: GridParameters,
  view: EngineView,
): readonly Intent[] {
  const sum = sums(rung);
  if (sum.held <= 0) return [];
  const { recovery } = rung;
  const isNew = recovery.stuckSince === undefined;
  recovery.stuckSince ??= view.at;
  const health = isNew ? [stuckHealth(rung, sum, parameters, view)] : [];
  if (how === "aggressive") {
    recovery.by = by;
    recovery.attempts += 1;
    rung.closing = newClosing("chosen", 0, fixed, true, by);
    return [...health, recoveryBegins(rung, "aggressive", "chosen", parameters)];
  }
  const mark = view.mark(parameters.instrument);
  if (mark === undefined || rung.closing !== undefined) return health;
  const isPossible = parameters.positionSide !== "both";
  if (how === "hedge" && isPossible && isHedged(rung)) return health;
  recovery.by = by;
  recovery.failures = 0;
  if (how === "hedge" && isPossible) {
    recovery.hedge = "wanted";
    recovery.isHedgeTold = false;
    recovery.attempts += 1;
    return [...health, recoveryBegins(rung, "hedge", "chosen", parameters)];
  }
  if (isHedged(rung)) recovery.hedge = "unwanted";
  layLadder(rung, mark, parameters, view);
  const cause = instead === undefined ? "chosen" : "recovery";
  const lines = [...health, recoveryBegins(rung, "ladder", cause, parameters)];
  const reason = how === "hedge" ? NEEDS_HEDGE_MODE : instead;
  return reason === undefined ? lines : [...lines, noHedge(rung, reason, parameters)];
}
