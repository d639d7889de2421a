import { checkOrder } from "../../core/guard.ts";
import { notional, sizeUnit } from "../../core/instrument.ts";
import { marginFor } from "../../core/margin.ts";
import type { Quote, RecoverAction } from "../../core/proposal.ts";
import type { RungView } from "../../core/recovery.ts";
import { moneyText, textOf } from "../../core/text.ts";
import { signOf, value } from "../../core/units.ts";
import { hedgePlan } from "../../engines/grid/hedge.ts";
import { NEEDS_HEDGE_MODE } from "../../engines/grid/hedge-alerts.ts";
import { guardState } from "./guarding.ts";
import { purseUse } from "./purse-use.ts";
import { rungOf } from "./rungs-of.ts";
import type { KernelState } from "./state.ts";
import { EngineWindow } from "./window.ts";

/** Whether a rung could be hedged now: what it takes, or why not, as a sentence without its full stop. */
export type HedgeOffer =
  | { readonly isOk: true; readonly line: string }
  | { readonly isOk: false; readonly reason: string };

const no = (reason: string): HedgeOffer => ({ isOk: false, reason });

/**
 * Looks whether a rung's hedge could be opened in this turn. The guard decides, as it will when the order leaves: the purse
 * must have room for both legs, and each leg's stop must lie inside of its liquidation price.
 */
export function hedgeOffer(
  state: KernelState,
  action: Pick<RecoverAction, "engine" | "instrument" | "rung">,
  quote: Quote,
): HedgeOffer {
  const grid = state.config.grids.find(({ engine }) => engine === action.engine);
  const instrument = state.instrument(action.instrument);
  const view = rungOf(state, action);
  if (grid === undefined || instrument === undefined || view?.entry === undefined)
    return no("the rung holds nothing");
  if (grid.positionSide === "both") return no(NEEDS_HEDGE_MODE);
  if (view.stage === "hedged") return no("it is hedged already");
  const rung = { index: action.rung, entry: view.entry, lots: view.held };
  const plan = hedgePlan(rung, "", 0, grid, new EngineWindow(state, grid.engine));
  if (plan === undefined) return no("there are no prices just now");
  const facts = state.instruments.onSteps(plan.facts);
  const stopped = state.circuit.refusal(facts, state.wallAt);
  if (stopped !== undefined) return no(stopped);
  const verdict = checkOrder(facts, guardState(state, facts));
  const { used } = purseUse(state, grid);
  const worth = notional(instrument, facts.price ?? quote.mark, facts.lots, "up");
  const leverage = state.account.leverages.get(action.instrument) ?? grid.leverage;
  const needed = marginFor(instrument, value(worth), leverage);
  const money = (amount: number): string => `${moneyText(value(amount), 2)} ${instrument.settle}`;
  const free = Math.max(0, state.risk.limits.purse(grid.engine) - used);
  if (!verdict.ok && verdict.reason === "purse")
    return no(`its purse has no room for both legs: a hedge takes ${money(needed)}, ${money(free)} is free`);
  if (!verdict.ok) return no(`the guard refuses it (${verdict.reason}): ${verdict.detail}`);
  const { liquidationBefore } = quote;
  const isInside =
    liquidationBefore === undefined || (plan.ownStop - liquidationBefore) * signOf(grid.direction) > 0;
  if (plan.isTooNear || !isInside) return no("its liquidation price is too near to wait beside a hedge");
  const price = (at: number): string => textOf(at, instrument.tick);
  const size = `${textOf(facts.lots, instrument.lot)} ${sizeUnit(instrument)}`;
  return {
    isOk: true,
    line: `A hedge ${facts.side}s ${size} at ${price(facts.price ?? 0)} or better and takes ${money(needed)} of the purse, of which ${money(free)} is free; the legs' stops rest at ${price(plan.ownStop)} and ${price(plan.legStop)}, and both close when the mark price is back at ${price(view.entry)}.`,
  };
}

/** A question with a hedge among its ways only where it can be opened now; a line says what it takes, or why it is not there. */
export function withHedge(
  state: KernelState,
  action: RecoverAction,
  quote: Quote,
): { readonly action: RecoverAction; readonly reason?: string } {
  if (!action.ways.includes("hedge")) return { action };
  const offer = hedgeOffer(state, action, quote);
  const said = action.lines.filter((line) => !line.startsWith("A hedge "));
  if (offer.isOk) return { action: { ...action, lines: [...said, offer.line] } };
  const ways = action.ways.filter((way) => way !== "hedge");
  const lines = [...said, `A hedge is not offered: ${offer.reason}.`];
  return { action: { ...action, ways, lines }, reason: offer.reason };
}

/** What came of a hedge that was decided; undefined: it is being opened. */
export function hedgeText({ stage, hedge }: RungView): string | undefined {
  if (stage === "hedged") return "The hedge stands.";
  return stage === "hedging" || stage === "closing" || hedge !== undefined
    ? undefined
    : "The hedge could not be opened; a ladder takes its place.";
}
