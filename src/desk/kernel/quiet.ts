import { explained } from "../../core/book.ts";
import { invariant } from "../../core/invariant.ts";
import { ANY_QUOTE, bothQuiet, type Quiet } from "../../core/quiet.ts";
import { type Millis, ONE, type Ticks } from "../../core/units.ts";
import { isLadderOff } from "./config.ts";
import { quoteInput } from "./guarding.ts";
import type { KernelState } from "./state.ts";
import { EngineWindow } from "./window.ts";

/** A mark price that is this part of itself away from liquidation changes no level: LOW begins at a fifth. */
const CLEAR = 0.22;

const ANY_DRAWDOWN = { from: 0, to: Number.POSITIVE_INFINITY, until: Number.POSITIVE_INFINITY };

/** Quotes, and what the account may be worth at them. */
export interface DeskQuiet extends Quiet {
  readonly equityFrom: number;
  readonly equityTo: number;
}

/**
 * Which quotes of the desk's one instrument would lead to nothing but being noted: no engine wants anything of them, no level
 * of danger changes, neither peak, ladder nor ledger has news, nothing is due. Undefined while anything is under way. A
 * backtest leaves such quotes out.
 */
export function quietOf(state: KernelState): DeskQuiet | undefined {
  if (!isIdle(state)) return undefined;
  for (const order of state.orders.live()) if (order.state !== "resting") return undefined;
  let found: Quiet = ANY_QUOTE;
  for (const engine of state.engines.values()) {
    const quiet = engine.quiet?.(new EngineWindow(state, engine.id));
    if (quiet === undefined || engine.wakeAfter === undefined) return undefined;
    found = bothQuiet(found, quiet);
  }
  const [safe, calm] = [farFromLiquidation(state), steadyRisk(state)];
  if (safe === undefined || calm === undefined) return undefined;
  const { equityFrom, equityTo } = calm;
  return { equityFrom, equityTo, ...bothQuiet(found, safe), until: Math.min(found.until, calm.until) };
}

/** What the account would be worth at a mark price of the desk's one instrument. Asked while `quietOf` allows that price. */
export const worthAt = ({ risk, account }: KernelState, mark: Ticks): number =>
  risk.worth.measure(account, () => mark) ?? Number.NaN;

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

/** Between which equities, and until when, peak, ladder and ledger have no news. */
function steadyRisk({
  risk,
  config,
}: KernelState): Pick<DeskQuiet, "equityFrom" | "equityTo" | "until"> | undefined {
  const peak = risk.peak.value;
  const [steady, quietDrawdown] = [
    isLadderOff(config) ? ANY_DRAWDOWN : risk.ladder.steady(),
    risk.peak.quietDrawdown(),
  ];
  if (peak === undefined || steady === undefined || quietDrawdown === undefined) return undefined;
  // One step of a drawdown inwards: it is rounded up, and this is not exact.
  const to = Math.min(steady.to, quietDrawdown) - 1;
  return {
    equityFrom: peak * (1 - to / ONE),
    equityTo: steady.from === 0 ? peak : peak * (1 - (steady.from + 1) / ONE),
    until: steady.until,
  };
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
