import { explained } from "../../core/book.ts";
import { ANY_QUOTE, type Quiet } from "../../core/engine.ts";
import { quoteInput } from "./guarding.ts";
import type { KernelState } from "./state.ts";
import { EngineWindow } from "./window.ts";

/** A mark price that is this part of itself away from liquidation changes no level: LOW begins at a fifth. */
const CLEAR = 0.22;

/**
 * Which quotes of the desk's one instrument would lead to nothing but being noted: no engine wants anything of them, no
 * level of danger changes, nothing is due. Undefined while anything is under way. A backtest leaves such quotes out.
 */
export function quietOf(state: KernelState): Quiet | undefined {
  const { interruptions, failed, orders, unclaimed, proposals, engines } = state;
  if (!state.isBooted || !interruptions.isSteady || state.config.instruments.length !== 1) return undefined;
  if (failed.size + orders.retired.size + unclaimed.length + proposals.all().length > 0) return undefined;
  if (state.blocks().length > 0) return undefined;
  for (const order of orders.live()) if (order.state !== "resting") return undefined;
  let found: Quiet = ANY_QUOTE;
  for (const engine of engines.values()) {
    const quiet = engine.quiet?.(new EngineWindow(state, engine.id));
    if (quiet === undefined) return undefined;
    found = both(found, quiet);
  }
  for (const book of state.account.books.values()) {
    const size = explained(book);
    if (size === 0) continue;
    const watched = state.watched(book, quoteInput(state, book));
    const liquidation = watched?.liquidation;
    if (liquidation === undefined || state.liquidations.level(book) !== "LOW") return undefined;
    if (liquidation === "none") continue;
    found = both(
      found,
      size > 0
        ? { ...ANY_QUOTE, markFrom: Math.ceil(liquidation / (1 - CLEAR)) }
        : { ...ANY_QUOTE, markTo: Math.floor(liquidation / (1 + CLEAR)) },
    );
  }
  return found;
}

const both = (one: Quiet, other: Quiet): Quiet => ({
  bidFrom: Math.max(one.bidFrom, other.bidFrom),
  bidTo: Math.min(one.bidTo, other.bidTo),
  askFrom: Math.max(one.askFrom, other.askFrom),
  askTo: Math.min(one.askTo, other.askTo),
  markFrom: Math.max(one.markFrom, other.markFrom),
  markTo: Math.min(one.markTo, other.markTo),
  until: Math.min(one.until, other.until),
  wakeEveryMs: Math.min(one.wakeEveryMs, other.wakeEveryMs),
});
