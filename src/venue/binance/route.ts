import type { Instrument } from "../../core/instrument.ts";
import type { Exchange } from "../exchange.ts";
import type { Weather } from "../faults/weather.ts";
import type { WallClock } from "../web/wall.ts";
import type { ChangeLog } from "./change-log.ts";
import type { Countdowns } from "./countdowns.ts";
import type { Fields } from "./fields.ts";
import type { Meter } from "./limits.ts";
import type { ListenKeys } from "./listen-keys.ts";
import type { MarkCandles } from "./mark-candles.ts";
import type { Refusal } from "./refusal.ts";
import type { ApiKey } from "./signature.ts";
import type { DayStatistics } from "./ticker.ts";
import type { TradeTape } from "./trade-tape.ts";

/** Everything that a call may look at. */
export interface Venue {
  readonly exchange: Exchange;
  /** The linear perpetuals that are traded here, by symbol. */
  readonly instruments: ReadonlyMap<string, Instrument>;
  readonly wall: WallClock;
  /** What becomes of requests over the socket API; those over HTTP met it before they come here. */
  readonly weather: Weather;
  readonly keys: ReadonlyMap<string, ApiKey>;
  readonly listenKeys: ListenKeys;
  readonly meter: Meter;
  readonly day: DayStatistics;
  readonly tape: TradeTape;
  readonly marks: MarkCandles;
  readonly changes: ChangeLog;
  readonly countdowns: Countdowns;
  /** The calls it answers; those of USDT-M futures unless set. */
  readonly calls?: Routes;
}

/** What a call answers: a JSON value, or Binance's no. */
export type Reply = object | Refusal;

type Weight = number | ((fields: Fields) => number);

/** A call that anyone may make. */
export interface PublicRoute {
  readonly access: "public";
  readonly weight: Weight;
  readonly handle: (venue: Venue, fields: Fields) => Reply;
}

/** A call about one account: with its key in the header (`key`) or signed as well (`signed`). */
export interface AccountRoute {
  readonly access: "key" | "signed";
  readonly weight: Weight;
  /** How many orders it counts as. */
  readonly orders?: (fields: Fields) => number;
  readonly handle: (venue: Venue, fields: Fields, key: ApiKey) => Reply;
}

/** One call of the protocol. */
export type Route = PublicRoute | AccountRoute;
/** Calls by "METHOD /path". */
export type Routes = Readonly<Record<string, Route>>;

/** The request weight of a call. */
export const weightOf = ({ weight }: Route, fields: Fields): number =>
  typeof weight === "number" ? weight : weight(fields);

/** A weight that is higher when no symbol narrows the call. */
export const bySymbol =
  (one: number, all: number) =>
  (fields: Fields): number =>
    fields.get("symbol") ? one : all;

/** A weight that rises with `limit`: the weight of the first row whose bound isn't below it. */
export const byLimit =
  (fallback: number, rows: readonly (readonly [bound: number, weight: number])[]) =>
  (fields: Fields): number => {
    const limit = Number(fields.get("limit") ?? fallback);
    return (rows.find(([bound]) => limit <= bound) ?? rows.at(-1) ?? [0, 1])[1];
  };
