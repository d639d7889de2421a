import type { EngineView } from "../../core/engine.ts";
import type { Intent, PlaceIntent } from "../../core/intent.ts";
import type { OrderFacts, OrderKind, OrderRecord, Role } from "../../core/order.ts";
import { sliceOf } from "../../core/slices.ts";
import { type Lots, lots, mulDiv, ONE, opposite, signOf, type Ticks, ticks } from "../../core/units.ts";
import { dust, trouble, unprotected } from "./alerts.ts";
import type { GridParameters } from "./parameters.ts";
import { type Closing, liveOf, newClosing, nextSlice, type Rung, type RungSums, sums } from "./rung.ts";

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

/**
 * Compares what a rung has with what it should have and says what to do about the difference. It looks at
 * levels, not at edges: whatever news was lost, doubled or reordered, the next call leads to the same orders (I5).
 */
export function settle(rung: Rung, parameters: GridParameters, view: EngineView, way: Way): Intent[] {
  const sum = sums(rung);
  if (sum.held <= 0) {
    rung.unprotectedSinceWall = undefined;
    rung.closing = undefined;
    // The executions that would say what is held may be missing from the first lists after a start, and exits that rest
    // without a position hurt nobody for a moment.
    if (!view.isConfirmed) return [];
    // The entry may still fill; its exits may not rest without a position.
    return [...cancelAll(rung, "takeProfit", "flat"), ...cancelAll(rung, "stop", "flat")];
  }
  const warnings = watchStop(rung, sum, parameters, view);
  const { closing } = rung;
  if (closing !== undefined && sum.held > closing.keep) {
    // Given up for want of a stop, and the close is refused too: a stop is asked for again, whichever comes first.
    const isStuck = closing.cause === "stopLate" && rung.refusals > 0;
    const stop = isStuck ? keep(rung, "stop", sum.held, sum.stopOpen, parameters, view) : [];
    return [...warnings, ...stop, ...close(rung, sum, closing, parameters, view, way)];
  }
  if (sum.closeOpen === 0) rung.closing = undefined;
  return [
    ...keep(rung, "stop", sum.held, sum.stopOpen, parameters, view),
    ...(way.isClearing
      ? cancelAll(rung, "takeProfit", "in the way of a close")
      : keep(rung, "takeProfit", sum.held, sum.takeProfitOpen, parameters, view)),
    ...(rung.refusals === REFUSALS_TOLD ? [trouble(rung, parameters)] : []),
    ...warnDust(rung, sum, parameters, view),
  ];
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
  if (parameters.stopLoss === undefined || sum.held - sum.stopArmed < least) {
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

/** Whether a rung has just what it should have, so that no time that goes by makes `settle` want anything. */
export function isAtRest(rung: Rung, { stopLoss }: GridParameters): boolean {
  if (rung.closing !== undefined || rung.unprotectedSinceWall !== undefined) return false;
  if (rung.refusals === REFUSALS_TOLD) return false;
  const { held, entryOpen, takeProfitOpen, stopOpen, stopArmed, closeOpen } = sums(rung);
  if (closeOpen > 0) return false;
  if (held <= 0) return entryOpen > 0 && takeProfitOpen + stopOpen === 0;
  return (
    takeProfitOpen === held && stopOpen === stopArmed && stopArmed === (stopLoss === undefined ? 0 : held)
  );
}

/** Makes the open lots of one kind of exit equal to what is held: never more (I4), never less. */
function keep(
  rung: Rung,
  role: "stop" | "takeProfit",
  held: Lots,
  open: Lots,
  parameters: GridParameters,
  view: EngineView,
): Intent[] {
  if (role === "stop" && parameters.stopLoss === undefined) return [];
  if (!(role === "stop" && open < held ? view.mayProtect : view.isConfirmed)) return [];
  if (open < held) {
    const { step, least } = view.sizes(parameters.instrument);
    const { lotsMax, marketLotsMax } = view.instrument(parameters.instrument);
    // A stop becomes a market order. What is more than one order may be follows when this one is acknowledged.
    const most = role === "stop" ? marketLotsMax : lotsMax;
    const size = lots(Math.floor(Math.min(held - open, most) / step) * step);
    const isQuiet = role === "takeProfit" && (view.wallAt < rung.quietUntilWall || isJustCut(rung, view));
    if (size < least || isQuiet || rung.taken[role] > TAKEN_MAX) return [];
    return [exit(rung, role, size, parameters, view)];
  }
  const intents: Intent[] = [];
  let excess = open - held;
  for (const order of [...liveOf(rung, role)].reverse()) {
    if (excess <= 0) break;
    excess -= order.facts.lots - order.filled;
    if (order.state === "resting") intents.push(cancel(order, "more than is held"));
  }
  return intents;
}

/** The exchange cut one because less is held: who reduced is told in a moment, and asking for more would be refused. */
const isJustCut = (rung: Rung, { wallAt }: EngineView): boolean =>
  liveOf(rung, "takeProfit").some(({ cutWallAt }) => cutWallAt !== undefined && wallAt - cutWallAt < CUT_MS);

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
  if (sum.takeProfitOpen > closing.keep) return [...intents, ...cancelAll(rung, "takeProfit", "closing")];
  const missing = sum.held - closing.keep - sum.closeOpen;
  // One close at a time: what it leaves over, or was more than one order may be, is seen when it has ended.
  if (missing <= 0 || sum.closeOpen > 0 || (closing.isRefused && way.isBlocked)) return intents;
  if (view.wallAt < closing.quietUntilWall) return intents;
  const { step, least } = view.sizes(parameters.instrument);
  const size = sliceOf(lots(missing), view.instrument(parameters.instrument).marketLotsMax, step, least);
  if (size === 0) {
    rung.closing = undefined;
    return [...intents, ...warnDust(rung, sum, parameters, view)];
  }
  return [...intents, exit(rung, "close", size, parameters, view, nextFixedId(rung, closing, view))];
}

/** The id of a proposal's next slice; undefined: any new id will do. */
function nextFixedId(rung: Rung, closing: Closing, view: EngineView): string | undefined {
  if (closing.fixed === undefined || closing.fixedSlices > 35) return undefined;
  closing.fixedSlices += 1;
  return view.fixedId(rung.index, closing.fixedSlices - 1, closing.fixed);
}

const cancelAll = (rung: Rung, role: Role, reason: string): Intent[] =>
  liveOf(rung, role)
    .filter((order) => order.state === "resting")
    .map((order) => cancel(order, reason));

const cancel = (order: OrderRecord, reason: string): Intent => ({
  type: "cancel",
  clientId: order.facts.clientId,
  reason,
});

/** A reduce-only order for a rung: take profit (limit), stop (on mark price) or close (at the market). */
function exit(
  rung: Rung,
  role: "takeProfit" | "stop" | "close",
  size: Lots,
  parameters: GridParameters,
  view: EngineView,
  fixedId?: string,
): PlaceIntent {
  const slice = nextSlice(rung, role);
  const entry = entryPrice(rung);
  const facts: OrderFacts = {
    clientId: fixedId ?? view.newId(role, rung.index, slice),
    account: parameters.account,
    instrument: parameters.instrument,
    positionSide: parameters.positionSide,
    engine: parameters.engine,
    role,
    rung: rung.index,
    slice,
    side: opposite(parameters.direction),
    kind: KIND[role],
    lots: size,
    isReduceOnly: parameters.positionSide === "both",
    isPostOnly: false,
    ...(role === "takeProfit" ? { price: takeProfitPrice(entry, parameters) } : {}),
    ...(role === "stop" ? { trigger: stopPrice(entry, parameters) } : {}),
  };
  const reason = role === "close" ? (rung.closing?.cause ?? "close") : role;
  return { type: "place", facts, reason };
}

const KIND: Readonly<Record<"takeProfit" | "stop" | "close", OrderKind>> = {
  takeProfit: "limit",
  stop: "stopMarket",
  close: "market",
};

/** The rung's entry price: what its entry order asked for (a maker is never filled at another price). */
function entryPrice(rung: Rung): Ticks {
  const entry = rung.orders.find((order) => order.facts.role === "entry" && order.filled > 0);
  return entry?.facts.price ?? ticks(1);
}

/** Where the profit is taken: rounded away from the entry, so that it is never less than asked for. */
export function takeProfitPrice(entry: Ticks, parameters: GridParameters): Ticks {
  const sign = signOf(parameters.direction);
  return ticks(mulDiv(entry, ONE + sign * parameters.takeProfit, ONE, sign > 0 ? "up" : "down"));
}

/** Where the loss is cut: rounded towards the entry, so that it is never more than allowed. */
export function stopPrice(entry: Ticks, parameters: GridParameters): Ticks {
  const sign = signOf(parameters.direction);
  return ticks(mulDiv(entry, ONE - sign * (parameters.stopLoss ?? 0), ONE, sign > 0 ? "up" : "down"));
}
