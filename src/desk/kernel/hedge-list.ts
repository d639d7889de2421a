import { explained } from "../../core/book.ts";
import { checkOrder } from "../../core/guard.ts";
import type { HedgeAction, HedgeFigures, HedgeRung } from "../../core/hedge-action.ts";
import { notional } from "../../core/instrument.ts";
import { marginFor } from "../../core/margin.ts";
import { type OrderFacts, otherSide } from "../../core/order.ts";
import type { Quote } from "../../core/proposal.ts";
import type { RungView } from "../../core/recovery.ts";
import { moneyText } from "../../core/text.ts";
import { lots, mulDiv, ONE, type Rate, rate, signOf, value } from "../../core/units.ts";
import { hedgePlan } from "../../engines/grid/hedge.ts";
import { NEEDS_HEDGE_MODE } from "../../engines/grid/hedge-alerts.ts";
import type { GridParameters } from "../../engines/grid/parameters.ts";
import { liquidationDistance } from "../../risk/liquidation.ts";
import { distanceAfter, guardState, quoteInput } from "./guarding.ts";
import { hedgeOffer } from "./hedge-offer.ts";
import { isOpen } from "./proposals.ts";
import { purseUse } from "./purse-use.ts";
import { liquidationOf } from "./quote.ts";
import { rungsOf } from "./rungs-of.ts";
import type { KernelState } from "./state.ts";
import { EngineWindow } from "./window.ts";

/** What closing a rung would cost now, or one sentence why nobody can say: as a card about one rung asks it. */
export type QuoteOfRung = (
  rung: Pick<HedgeAction, "engine" | "instrument" | "positionSide"> & { readonly rung: number },
) => Quote | string;

/**
 * The losing rungs of a grid that a part of them means, stuck ones first and then the deepest, with what hedging them comes to
 * now; or one sentence why nothing is hedged. `only`: rungs of a card, and no others.
 */
export function hedgeListOf(
  state: KernelState,
  { engine, part }: Pick<HedgeAction, "engine" | "part">,
  quoteOf: QuoteOfRung,
  only?: readonly HedgeRung[],
): HedgeAction | string {
  const grid = state.config.grids.find((each) => each.engine === engine);
  const instrument = grid === undefined ? undefined : state.instrument(grid.instrument);
  if (grid === undefined || instrument === undefined)
    return `There is no engine "${engine}"; use one of ${state.config.grids.map((each) => each.engine).join(", ")}.`;
  const { account, positionSide } = grid;
  if (positionSide === "both") return `Nothing is hedged: ${NEEDS_HEDGE_MODE}.`;
  if (!state.engines.has(engine) || state.failed.has(engine))
    return `Engine ${engine} is stopped; close with /close ${instrument.id}.`;
  const { mark, top } = state.board.of(instrument.id);
  if (mark === undefined || top === undefined)
    return `There are no prices for ${instrument.id} just now; try again.`;
  const key = { engine, instrument: instrument.id, positionSide };
  const fit: HedgeRung[] = [];
  const left: string[] = [];
  for (const view of losing(rungsOf(state, engine), grid, mark)) {
    if (only?.every(({ rung }) => rung !== view.index) === true) continue;
    const reason = whyNot(state, key, view, quoteOf);
    if (reason === undefined) fit.push(rungOf(view, grid, mark));
    else left.push(`Rung ${view.index} is not hedged: ${reason}.`);
  }
  const of = lots(fit.reduce((sum, each) => sum + each.lots, 0));
  const rungs = only === undefined ? chosen(fit, mulDiv(of, part, ONE, "down")) : fit;
  const size = lots(rungs.reduce((sum, each) => sum + each.lots, 0));
  if (size === 0) return left[0] ?? `No rung of ${engine} loses: there is nothing to hedge.`;
  const figures = figuresOf(state, grid, rungs, of);
  if (typeof figures === "string") return `Nothing is hedged: ${figures}.`;
  return { type: "hedge", account, ...key, part, rungs, figures, left };
}

/** Rungs that lose at the mark price and have no hedge, in the order in which they are hedged. */
function losing(
  views: readonly RungView[],
  { direction }: GridParameters,
  mark: number,
): readonly RungView[] {
  const lost = ({ entry }: RungView): number =>
    entry === undefined ? 0 : (entry - mark) * signOf(direction);
  const isStuck = ({ stuckSince }: RungView): number => (stuckSince === undefined ? 0 : 1);
  return views
    .filter((view) => view.held > 0 && view.hedge === undefined && lost(view) > 0)
    .sort((a, b) => isStuck(b) - isStuck(a) || lost(b) - lost(a));
}

const rungOf = (
  { index, held, entry, stuckSince }: RungView,
  { direction }: GridParameters,
  mark: number,
): HedgeRung => {
  const from = entry ?? 1;
  return {
    rung: index,
    lots: held,
    entry: from as HedgeRung["entry"],
    loss: rate(mulDiv((from - mark) * signOf(direction), ONE, from, "nearest")),
    isStuck: stuckSince !== undefined,
  };
};

/** Why a rung is not among those that can be hedged; undefined: it is. */
function whyNot(
  state: KernelState,
  key: Pick<HedgeAction, "engine" | "instrument" | "positionSide">,
  view: RungView,
  quoteOf: QuoteOfRung,
): string | undefined {
  if (view.status === "closing" || view.stage === "closing") return "it is being closed";
  if (view.stage === "hedging") return "its hedge is being opened";
  const card = state.proposals
    .all()
    .find(
      ({ state: now, action }) =>
        isOpen(now) &&
        action.type === "recover" &&
        action.engine === key.engine &&
        action.rung === view.index,
    );
  if (card !== undefined) return `the card ${card.id} asks about it already`;
  const rung = { ...key, rung: view.index };
  const quote = quoteOf(rung);
  if (typeof quote === "string") return quote.replace(/\.$/, "");
  const offer = hedgeOffer(state, rung, quote);
  return offer.isOk ? undefined : offer.reason;
}

/** Whole rungs up to so many lots, and one at least: a hedge adds a position, so never more than asked for beyond that. */
function chosen(fit: readonly HedgeRung[], most: number): readonly HedgeRung[] {
  const rungs: HedgeRung[] = [];
  let sum = 0;
  for (const each of fit) {
    if (rungs.length > 0 && sum + each.lots > most) continue;
    rungs.push(each);
    sum += each.lots;
  }
  return rungs;
}

/** What all of them come to together, as the guard will see it; or why it would refuse. */
function figuresOf(
  state: KernelState,
  grid: GridParameters,
  rungs: readonly HedgeRung[],
  of: HedgeFigures["of"],
): HedgeFigures | string {
  const instrument = state.instrument(grid.instrument);
  const { mark, fundingRate } = state.board.of(grid.instrument);
  const [first] = rungs;
  const size = lots(rungs.reduce((sum, each) => sum + each.lots, 0));
  const window = new EngineWindow(state, grid.engine);
  const plan =
    first === undefined
      ? undefined
      : hedgePlan({ index: first.rung, entry: first.entry, lots: size }, "", 0, grid, window);
  if (instrument === undefined || mark === undefined || plan === undefined)
    return "there are no prices just now";
  const facts: OrderFacts = { ...plan.facts, lots: size };
  const price = facts.price ?? mark;
  const leverage = state.account.leverages.get(instrument.id) ?? grid.leverage;
  const margin = marginFor(instrument, value(notional(instrument, price, size, "up")), leverage);
  const free = value(Math.max(0, state.risk.limits.purse(grid.engine) - purseUse(state, grid).used));
  // One order may be larger than the exchange takes at once, for each rung has its own.
  const verdict = checkOrder(facts, {
    ...guardState(state, facts),
    instrument: { ...instrument, lotsMax: lots(Math.max(size, instrument.lotsMax)) },
  });
  const money = (amount: number): string => `${moneyText(value(amount), 2)} ${instrument.settle}`;
  if (!verdict.ok && verdict.reason === "purse")
    return `the purse has no room for all of it: it takes ${money(margin)}, ${money(free)} is free; ask for a smaller part`;
  if (!verdict.ok) return `the guard refuses it (${verdict.reason}): ${verdict.detail}`;
  const other = otherSide(grid.positionSide);
  const net = [...state.account.books.values()]
    .filter((book) => book.instrument === instrument.id)
    .reduce((sum, book) => sum + explained(book), 0);
  const signed = size * signOf(facts.side);
  const worth = notional(instrument, mark, size, "nearest");
  return {
    mark,
    riskState: state.riskState,
    lots: size,
    of,
    price,
    netBefore: lots(net),
    netAfter: lots(net + signed),
    margin,
    free,
    funding:
      fundingRate === undefined
        ? undefined
        : value(mulDiv(Math.abs(worth), -fundingRate * signOf(facts.side), ONE, "down")),
    ownDistance: distanceOf(state, grid.positionSide, grid),
    otherBefore: distanceOf(state, other, grid),
    otherAfter: distanceAfter(state, facts, state.account.book(instrument.id, other)),
  };
}

/** How far a book's liquidation is from the mark price now. */
function distanceOf(
  state: KernelState,
  side: HedgeAction["positionSide"],
  { instrument }: GridParameters,
): Rate | "none" | undefined {
  const book = state.account.look(instrument, side);
  if (book === undefined) return "none";
  const input = quoteInput(state, book);
  const mark = input?.quotes.mark;
  const liquidation = input === undefined ? undefined : liquidationOf(input);
  if (liquidation === "none" || liquidation === undefined || mark === undefined)
    return liquidation === "none" ? "none" : undefined;
  return rate(liquidationDistance(mark, liquidation));
}
