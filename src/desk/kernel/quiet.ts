import { explained } from "../../core/book.ts";
import { invariant } from "../../core/invariant.ts";
import { ANY_QUOTE, bothQuiet, type Quiet } from "../../core/quiet.ts";
import type { Millis, Ticks } from "../../core/units.ts";
import { drawdownOf } from "../../risk/drawdown.ts";
import { quoteInput } from "./guarding.ts";
import type { KernelState } from "./state.ts";
import { EngineWindow } from "./window.ts";

/** A mark price that is this part of itself away from liquidation changes no level: LOW begins at a fifth. */
const CLEAR = 0.22;

/**
 * Which quotes of the desk's one instrument would lead to nothing but being noted, as far as `isRiskUnmoved` says so of the
 * equity too: no engine wants anything of them, no level of danger changes, nothing is due. Undefined while anything is under
 * way. A backtest leaves such quotes out.
 */
export function quietOf(state: KernelState): Quiet | undefined {
  if (!isIdle(state)) return undefined;
  for (const order of state.orders.live()) if (order.state !== "resting") return undefined;
  let found: Quiet = ANY_QUOTE;
  for (const engine of state.engines.values()) {
    const quiet = engine.quiet?.(new EngineWindow(state, engine.id));
    if (quiet === undefined || engine.wakeAfter === undefined) return undefined;
    found = bothQuiet(found, quiet);
  }
  const safe = farFromLiquidation(state);
  return safe && bothQuiet(found, safe);
}

/** Whether a mark price leaves peak, ladder and ledger as they are. Asked while `quietOf` allows it. */
export function isRiskUnmoved({ risk, account }: KernelState, mark: Ticks, at: Millis): boolean {
  const equity = risk.worth.measure(account, () => mark);
  const peak = risk.peak.value;
  if (equity === undefined || peak === undefined || equity > peak) return false;
  const drawdown = drawdownOf(equity, peak);
  return !risk.peak.isDue(drawdown) && risk.ladder.isUnmoved({ drawdown, level: "LOW" }, at);
}

/** What goes on all the same when a quote is left out: wakes that engines would want nothing of, and looks that find nothing. */
export function passQuietly({ wakes, engines, recoveryAsks }: KernelState, at: Millis): void {
  wakes.pass(at, ({ engine, tag }) => {
    const next = engines.get(engine)?.wakeAfter?.(tag, at);
    invariant(next !== undefined, `engine ${engine} is quiet and says when it wakes`);
    return next;
  });
  recoveryAsks.isLookDue(at);
}

/** Nothing of the desk's own is under way, and nothing waits. */
function isIdle(state: KernelState): boolean {
  const { interruptions, failed, orders, unclaimed, proposals, recoveryAsks, risk, riskState } = state;
  if (!state.isBooted || !interruptions.isSteady || state.config.instruments.length !== 1) return false;
  if (failed.size + orders.retired.size + unclaimed.length > 0 || state.blocks().length > 0) return false;
  if (proposals.isAnyUnderWay() || recoveryAsks.wanted().length > 0) return false;
  if (!risk.hasBegun || risk.courses.size > 0 || risk.isCriticalSeen) return false;
  return riskState === "monitoring" || riskState === "warning";
}

/** Mark prices at which every book's level stays what it is: the mildest. */
function farFromLiquidation(state: KernelState): Quiet | undefined {
  if (state.worstLevel().level !== "LOW") return undefined;
  let found: Quiet = ANY_QUOTE;
  for (const book of state.account.books.values()) {
    const size = explained(book);
    if (size === 0) continue;
    const watched = state.watched(book, quoteInput(state, book));
    const liquidation = watched?.liquidation;
    if (liquidation === undefined || state.liquidations.level(book) !== "LOW") return undefined;
    if (liquidation === "none") continue;
    found = bothQuiet(
      found,
      size > 0
        ? { ...ANY_QUOTE, markFrom: Math.ceil(liquidation / (1 - CLEAR)) }
        : { ...ANY_QUOTE, markTo: Math.floor(liquidation / (1 + CLEAR)) },
    );
  }
  return found;
}
