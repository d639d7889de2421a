import type { EngineView } from "../../core/engine.ts";
import { averagePrice } from "../../core/instrument.ts";
import { isOpening, openLots } from "../../core/order.ts";
import type { RecoveryStage, RungView } from "../../core/recovery.ts";
import { ticks } from "../../core/units.ts";
import { isPaired } from "./hedge.ts";
import type { Lattice } from "./lattice.ts";
import type { GridParameters } from "./parameters.ts";
import { isLegHeld, liveOf, type Rung, statusOf, sums } from "./rung.ts";

/** A rung as people see it; undefined for one whose cycle is over. */
export function rungView(
  rung: Rung,
  lattice: Lattice,
  parameters: GridParameters,
  view: EngineView,
): RungView | undefined {
  const sum = sums(rung);
  const status = statusOf(rung, sum);
  if (status === "done") return undefined;
  const instrument = view.instrument(parameters.instrument);
  const closes = [...liveOf(rung, "takeProfit"), ...liveOf(rung, "ladder")];
  const isHeld = sum.held > 0;
  return {
    index: rung.index,
    // The settings may have given the rung another price since it was entered.
    price: rung.orders.findLast(({ facts }) => isOpening(facts))?.facts.price ?? lattice.price(rung.index),
    status,
    held: sum.held,
    entry: isHeld ? averagePrice(instrument, sum.entryCost, sum.entryFilled) : undefined,
    openedAt: isHeld ? sum.openedAt : undefined,
    stop: liveOf(rung, "stop")[0]?.facts.trigger,
    closes: closes.map((order) => ({
      price: order.facts.price ?? ticks(0),
      lots: openLots(order),
      isLadder: order.facts.role === "ladder",
    })),
    ...hedgeOf(rung, view, parameters),
    stage: stageOf(rung, isPaired(rung, sum, parameters, view)),
    stuckSince: rung.recovery.stuckSince,
    attempts: rung.recovery.attempts,
  };
}

function hedgeOf(
  { leg }: Rung,
  view: EngineView,
  { instrument }: GridParameters,
): Pick<RungView, "hedge"> | undefined {
  if (leg === undefined) return undefined;
  const { held, entryCost, entryFilled } = sums(leg);
  if (!isLegHeld(leg, held)) return undefined;
  const entry = averagePrice(view.instrument(instrument), entryCost, entryFilled);
  return { hedge: { lots: held, entry, stop: liveOf(leg, "stop")[0]?.facts.trigger } };
}

function stageOf({ recovery, closing, leg }: Rung, isPair: boolean): RecoveryStage {
  if (recovery.stuckSince === undefined) return "none";
  if (closing !== undefined || leg?.closing !== undefined) return "closing";
  if (isPair) return "hedged";
  if (recovery.hedge === "wanted") return "hedging";
  if (recovery.askedAt !== undefined) return "asked";
  return recovery.ladder === undefined ? "stuck" : "ladder";
}
