import type { LimitTerm } from "../../core/limit.ts";
import { digitsOf, moneyText, percentText, textOf } from "../../core/text.ts";
import { type Rate, rate, value } from "../../core/units.ts";
import { liquidationDistance } from "../../risk/liquidation.ts";
import { exposureNow, quoteInput } from "./guarding.ts";
import { purseUse } from "./purse-use.ts";
import { liquidationOf } from "./quote.ts";
import type { KernelState } from "./state.ts";

/** What stands beyond a limit that no risk state follows from, and what that means: one sentence, or none. */
export function overText(state: KernelState, term: LimitTerm, now: number): readonly string[] {
  const over = overOf(state, term, now);
  return over === undefined
    ? []
    : [`${over}, beyond it already: nothing is closed for that, and no entry leaves until it is within.`];
}

function overOf(
  state: KernelState,
  { name, engine, instrument: id }: LimitTerm,
  now: number,
): string | undefined {
  const grid = state.config.grids.find((each) => each.engine === engine);
  switch (name) {
    case "exposure": {
      const used = exposureNow(state);
      return used === undefined || used <= now ? undefined : `The account's exposure is ${used.toFixed(2)}x`;
    }
    case "liquidation_buffer": {
      const nearest = nearestOf(state);
      return nearest === undefined || nearest >= now
        ? undefined
        : `The nearest liquidation is ${percentText(nearest, 1)} away`;
    }
    case "purse": {
      const { asset } = state.config;
      const used = grid === undefined ? 0 : purseUse(state, grid).used;
      return used <= now ? undefined : `${engine} uses ${moneyText(value(used), digitsOf(asset))} ${asset}`;
    }
    case "position": {
      const instrument = id === undefined ? undefined : state.instrument(id);
      if (grid === undefined || instrument === undefined) return undefined;
      const held = Math.abs(state.account.share(grid.instrument, grid.positionSide, grid.engine).lots);
      return held <= now ? undefined : `${engine} holds ${textOf(held, instrument.lot)}`;
    }
    default:
      return undefined;
  }
}

/** How near the nearest liquidation of all books is, as far as it is known. */
function nearestOf(state: KernelState): Rate | undefined {
  let nearest: Rate | undefined;
  for (const book of state.account.books.values()) {
    const input = quoteInput(state, book);
    const mark = input?.quotes.mark;
    const liquidation = input === undefined ? undefined : liquidationOf(input);
    if (mark === undefined || typeof liquidation !== "number") continue;
    const distance = rate(liquidationDistance(mark, liquidation));
    if (nearest === undefined || distance < nearest) nearest = distance;
  }
  return nearest;
}
