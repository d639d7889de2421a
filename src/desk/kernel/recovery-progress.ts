import { sizeUnit } from "../../core/instrument.ts";
import type { AlertIntent } from "../../core/intent.ts";
import type { RungView } from "../../core/recovery.ts";
import { textOf } from "../../core/text.ts";
import type { RungKey } from "./recovery-asks.ts";
import { rungOf } from "./rungs-of.ts";
import type { KernelState } from "./state.ts";

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

/** How far the recovery of a stuck rung is, for people: one story for each, told anew when something moved or an hour went by. */
export class RecoveryProgress {
  /** What was told of each rung last. */
  readonly #told = new Map<
    string,
    { readonly key: RungKey; readonly instrument: string; readonly sign: string }
  >();

  /** A look at one rung, and at those that were told of: what there is to say now. */
  look(state: KernelState, key: RungKey): readonly AlertIntent[] {
    const ended = this.#ended(state);
    const view = rungOf(state, key);
    const grid = state.config.grids.find(({ engine }) => engine === key.engine);
    if (view?.stuckSince === undefined || view.held === 0 || grid === undefined) return ended;
    const sign = signOf(view, state.at - view.stuckSince);
    const name = nameOf(key);
    if (this.#told.get(name)?.sign === sign) return ended;
    this.#told.set(name, { key, instrument: grid.instrument, sign });
    return [...ended, progressAlert(state, key, grid.instrument, view, state.at - view.stuckSince)];
  }

  /** For the state hash. */
  canonical(): unknown {
    return [...this.#told].map(([name, { sign }]) => [name, sign]).sort();
  }

  #ended(state: KernelState): readonly AlertIntent[] {
    const alerts: AlertIntent[] = [];
    for (const [name, { key, instrument }] of this.#told) {
      const view = rungOf(state, key);
      if (view?.stuckSince !== undefined && view.held > 0) continue;
      this.#told.delete(name);
      alerts.push(endedAlert(key, instrument, view));
    }
    return alerts;
  }
}

const nameOf = ({ engine, rung }: RungKey): string => `${engine}/${rung}`;

/** All that is worth telling again when it differs. */
const signOf = ({ held, stage, attempts, closes }: RungView, age: number): string =>
  JSON.stringify([held, stage, attempts, closes, Math.floor(age / HOUR_MS)]);

/** How old it is, what of it is out, what is left and where that rests. */
function progressAlert(
  state: KernelState,
  key: RungKey,
  id: string,
  view: RungView,
  age: number,
): AlertIntent {
  const instrument = state.instrument(id);
  const size = (lots: number): string =>
    instrument === undefined ? `${lots} lots` : `${textOf(lots, instrument.lot)} ${sizeUnit(instrument)}`;
  const price = (ticks: number): string =>
    instrument === undefined ? `${ticks} ticks` : textOf(ticks, instrument.tick);
  const out = slicesFilled(state, key, view);
  const rests = view.closes.map((close) => `${size(close.lots)} at ${price(close.price)}`);
  return {
    type: "alert",
    key: `recover:${key.engine}:${key.rung}`,
    level: "notice",
    title: `${id}: a stuck position, ${ageText(age)} of market time`,
    lines: [
      `Rung ${key.rung} of ${key.engine} holds ${size(view.held)}; ${size(out)} of it got out in slices of a ladder.`,
      rests.length === 0 ? "Nothing rests that would close it." : `What is left rests: ${rests.join(", ")}.`,
      "/stuck shows all of them; /recover asks at once how this one gets out.",
    ],
    instrument: id,
  };
}

const endedAlert = (key: RungKey, id: string, view: RungView | undefined): AlertIntent => ({
  type: "alert",
  key: `recover:${key.engine}:${key.rung}`,
  level: "resolved",
  title: `${id}: a stuck position got out`,
  lines: [
    view === undefined || view.held === 0
      ? `Rung ${key.rung} of ${key.engine} holds nothing any more.`
      : `Rung ${key.rung} of ${key.engine} is not stuck any more.`,
  ],
  instrument: id,
});

/** Lots that slices of ladders have sold in this cycle. */
function slicesFilled(state: KernelState, { engine, rung }: RungKey, { openedAt }: RungView): number {
  let filled = 0;
  for (const { facts, filled: part, createdAt } of state.orders.all()) {
    if (facts.engine !== engine || facts.rung !== rung || facts.role !== "ladder") continue;
    if (openedAt === undefined || createdAt >= openedAt) filled += part;
  }
  return filled;
}

const ageText = (age: number): string => {
  const hours = Math.floor(age / HOUR_MS);
  const minutes = Math.floor((age % HOUR_MS) / MINUTE_MS);
  return hours === 0 ? `${minutes} min` : `${hours} h ${minutes} min`;
};
