import type { Exchange, VenueEvent } from "../exchange.ts";
import type { WallClock } from "../web/wall.ts";
import { ChangeLog } from "./change-log.ts";
import { Countdowns } from "./countdowns.ts";
import { MarkCandles } from "./mark-candles.ts";
import type { Venue } from "./route.ts";
import { DayStatistics } from "./ticker.ts";
import { TradeTape } from "./trade-tape.ts";

/** What the protocol itself keeps in mind about an exchange. */
export type Memory = Pick<Venue, "day" | "tape" | "marks" | "changes" | "countdowns">;

/** An empty memory of an exchange; what the market tells has to be put in with `remember`. */
export const memoryOf = (exchange: Exchange, wall: WallClock): Memory => ({
  day: new DayStatistics(exchange),
  tape: new TradeTape(),
  marks: new MarkCandles(exchange),
  changes: new ChangeLog(),
  countdowns: new Countdowns(exchange, wall),
});

/** Takes in what the market tells. */
export function remember(
  { day, tape, marks }: Pick<Memory, "day" | "tape" | "marks">,
  event: VenueEvent,
): void {
  if (event.type === "trade") tape.note(event);
  else if (event.type === "mark") marks.note(event);
  else if (event.type === "candle") day.note(event.instrument, event.candle);
}
