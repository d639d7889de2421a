import type { EngineView } from "../../core/engine.ts";
import { isOpening, type OrderRecord, otherSide } from "../../core/order.ts";
import { mulDiv, type Value, value } from "../../core/units.ts";
import type { GridParameters } from "./parameters.ts";
import { type Rung, sums } from "./rung.ts";
import type { Rungs } from "./rungs.ts";

/**
 * What a grid's hedges had made, less their fees, when the engine last held nothing in both books: from there on they count
 * for its loss limit, whether they are held still or over. One-way mode has no other book.
 */
export class LossBaseline {
  readonly #parameters: GridParameters;
  /** The holding of the grid's own book that it belongs to: `Position.before`. */
  #before: Value = value(0);
  #made: Value = value(0);

  constructor(parameters: GridParameters) {
    this.#parameters = parameters;
  }

  get made(): Value {
    return this.#made;
  }

  /** Looks whether nothing is held, or nothing was when the present holding began. */
  note(view: EngineView): void {
    const { instrument, positionSide, lossMax } = this.#parameters;
    if (positionSide === "both" || lossMax === undefined) return;
    const own = view.position(instrument, positionSide);
    const other = view.position(instrument, otherSide(positionSide));
    // A rest too small to be traded is nothing that is held: it may stay for good.
    if (
      Math.abs(other.lots) >= view.sizes(instrument).least ||
      (own.lots !== 0 && own.before === this.#before)
    )
      return;
    this.#before = own.before;
    this.#made = value(other.realized - other.fees);
  }

  /**
   * Rebuilt from the cycles of the grid's own book and the engine's orders in the opposite one. What their orders of before the
   * holding leave over was taken from them without an order of ours, or is a rest that is held still.
   */
  adopt(rungs: Rungs, orders: readonly OrderRecord[], view: EngineView): void {
    const { instrument, positionSide } = this.#parameters;
    const since = holdingSince([...rungs.latest(Number.POSITIVE_INFINITY), ...rungs.values()]);
    if (positionSide === "both" || since === Number.POSITIVE_INFINITY) return;
    const inverse = view.instrument(instrument).kind === "inverse" ? -1 : 1;
    let [size, paid] = [0, 0];
    for (const { facts, filled, cost, fees, firstFillAt } of orders) {
      if (facts.positionSide === positionSide || (firstFillAt ?? since) >= since) continue;
      const sign = facts.side === "buy" ? 1 : -1;
      size += sign * filled;
      paid += sign * inverse * cost + fees;
    }
    const taken = view.taken(instrument, otherSide(positionSide));
    const gone = taken.lots * size < 0 ? Math.min(Math.abs(size), Math.abs(taken.lots)) : 0;
    if (gone > 0) paid += mulDiv(taken.cost + taken.fees, gone, Math.abs(taken.lots), "nearest");
    const { lots: held, cost } = view.position(instrument, otherSide(positionSide));
    const rest = Math.min(Math.abs(size) - gone, Math.abs(held));
    if (rest > 0) paid -= mulDiv(cost, rest, Math.abs(held), "nearest");
    this.#before = view.position(instrument, positionSide).before;
    this.#made = value(0 - paid);
  }

  /** For the state hash. */
  canonical(): Readonly<Record<string, unknown>> {
    return this.#before === 0 && this.#made === 0 ? {} : { loss: [this.#before, this.#made] };
  }
}

/** When the engine began to hold what it holds: cycles that overlap are one holding. Infinite: nothing is held. */
function holdingSince(cycles: readonly Rung[]): number {
  const spans = cycles.map((rung) => {
    const { openedAt, held } = sums(rung);
    const ends = rung.orders.map(({ facts, lastFillAt }) => (isOpening(facts) ? 0 : (lastFillAt ?? 0)));
    return { from: openedAt ?? Number.POSITIVE_INFINITY, isHeld: held > 0, to: Math.max(0, ...ends) };
  });
  let since = Math.min(...spans.filter(({ isHeld }) => isHeld).map(({ from }) => from));
  // The latest first: each may carry it on to an earlier one.
  for (const { from, to } of spans.sort((a, b) => b.to - a.to)) if (from < since && to >= since) since = from;
  return since;
}
