import type { DeskLog } from "../desk/log.ts";
import type { Clock } from "../desk/ports.ts";
import type { Figures } from "../observe/figures.ts";
import type { Log } from "../observe/log.ts";

/** The desk's log: lines go to the log, answers of the exchange into S0's figures. */
export function deskLog(log: Log, figures: Figures, clock: Clock, lag: { cause(): string }): DeskLog {
  return {
    info: (message: string, fields?: Readonly<Record<string, unknown>>) => log.info(message, fields),
    warn: (message: string, fields?: Readonly<Record<string, unknown>>) => log.warn(message, fields),
    error: (message: string, fields?: Readonly<Record<string, unknown>>) => log.error(message, fields),
    trade: (fields) => log.trade(fields),
    entryFilled: () => figures.entryFilled(),
    placement: ({ facts, ms, answer }) => {
      figures.orderSent();
      figures.orderAnswered(answer === "accepted" ? "acknowledged" : answer);
      if (answer !== "accepted") return;
      if (facts.role === "entry") figures.entryPlaced();
      figures.placed(ms, clock.now(), () => lag.cause());
    },
  };
}
