import { notional } from "../../../src/core/instrument.ts";
import type { TradeFields } from "../../../src/core/trade-log.ts";
import { signOf } from "../../../src/core/units.ts";
import type { Effect } from "../../../src/desk/kernel/effect.ts";
import { TradeJournal } from "../../../src/desk/trade-journal.ts";
import { GridMetrics } from "../../../src/engines/grid/metrics.ts";
import { LINEAR } from "../../support/instruments.ts";
import type { Rig } from "../../support/rig.ts";
import { calm, type Happening, happen, type Kind } from "../../support/walk.ts";

/** Lines as the shell writes them, over any number of lives. */
export class Journal {
  readonly lines: TradeFields[] = [];
  readonly metrics: GridMetrics;
  #journal: TradeJournal | undefined;

  constructor(before: readonly TradeFields[] = []) {
    this.metrics = new GridMetrics();
    for (const line of before) this.metrics.add(line);
    this.lines.push(...before);
  }

  of(rig: Rig): this {
    this.#journal = new TradeJournal(rig.config, this.metrics, (fields) => this.lines.push(fields));
    for (const { effects } of rig.turns) this.#note(rig, effects);
    rig.watch = (effects) => this.#note(rig, effects);
    return this;
  }

  #note(rig: Rig, effects: readonly Effect[]): void {
    for (const effect of effects)
      if (effect.type === "logTrade" || effect.type === "logEquity")
        this.#journal?.write(effect.fields, rig.state.at);
  }
}

/** Lets a history happen. */
export function live(rig: Rig, history: readonly Happening[], kind: Kind): void {
  for (const one of history) happen(rig, one, kind);
}

/** Closes all, so that every lot that was bought is a part that was closed. */
export function end(rig: Rig, kind: Kind): void {
  calm(rig, kind);
  rig.ask({ type: "panic" });
  calm(rig, kind);
  calm(rig, kind);
}

/** What the exchange's executions came to, in the end with nothing held: of all of them, and the fees that are ours. */
export const truthOf = ({ exchange }: Rig) => {
  let [pnl, fees] = [0, 0];
  for (const fill of exchange.fills) {
    pnl -= notional(LINEAR, fill.price, fill.lots, "nearest") * signOf(fill.side);
    if (fill.origin !== "client" || fill.clientId.startsWith("pabc")) fees += fill.fee;
  }
  return [pnl, fees];
};
/** What the log says. */
export const told = ({ metrics }: Journal) => {
  const { trades } = metrics.report();
  return [trades.pnl, trades.fees];
};
