import type { TradeFields } from "../core/trade-log.ts";
import type { Placement } from "./router.ts";

/** What the desk writes down. */
export interface DeskLog {
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
  /** A line of the trade log: with the operating system before this returns. */
  trade(fields: TradeFields): void;
  placement(placement: Placement): void;
  /** An entry got its first fill. */
  entryFilled(): void;
}
