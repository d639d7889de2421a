import type { AccountId, Instrument } from "../../core/instrument.ts";
import type { ApiKey } from "../binance/signature.ts";
import type { DayStatistics } from "../binance/ticker.ts";
import type { Exchange } from "../exchange.ts";
import type { WallClock } from "../web/wall.ts";
import { type Fields, optional, text, word } from "./fields.ts";
import type { Meter } from "./limits.ts";
import type { OrderNotes } from "./order-notes.ts";
import { type Read, Refusal, wrong } from "./refusal.ts";

/** Bybit's product types that are traded here; `spot` and `option` exist and are empty. */
export type Category = "linear" | "inverse";

/** One of the exchanges behind the protocol: all that settles in one coin. */
export interface Floor {
  readonly index: number;
  readonly exchange: Exchange;
  readonly category: Category;
  readonly settle: string;
  readonly instruments: ReadonlyMap<string, Instrument>;
  readonly day: DayStatistics;
}

/** Everything that a call may look at. A key's account exists under the same name on every floor. */
export interface House {
  readonly floors: readonly Floor[];
  readonly wall: WallClock;
  readonly keys: ReadonlyMap<string, ApiKey>;
  readonly meter: Meter;
  readonly notes: OrderNotes;
}

const CATEGORIES = { linear: "linear", inverse: "inverse", spot: "spot", option: "option" } as const;

/** The category that a call names: 10001 without one. */
export function categoryOf(fields: Fields): Read<keyof typeof CATEGORIES> {
  const found = text(fields, "category");
  return found instanceof Refusal ? found : word(found, CATEGORIES, "category");
}

/** The floors that a call's category and coin speak of. */
export function floorsOf(house: House, fields: Fields): Read<readonly Floor[]> {
  const category = categoryOf(fields);
  if (category instanceof Refusal) return category;
  const settle = optional(fields, "settleCoin");
  const base = optional(fields, "baseCoin");
  return house.floors.filter(
    (floor) =>
      floor.category === category &&
      (settle === undefined || floor.settle === settle) &&
      (base === undefined || [...floor.instruments.values()].some((each) => each.base === base)),
  );
}

/** An instrument together with the floor that trades it. */
export interface Stand {
  readonly floor: Floor;
  readonly instrument: Instrument;
}

/** The instrument that `category` and `symbol` name. */
export function standOf(house: House, fields: Fields): Read<Stand> {
  const floors = floorsOf(house, fields);
  if (floors instanceof Refusal) return floors;
  const symbol = text(fields, "symbol");
  if (symbol instanceof Refusal) return symbol;
  for (const floor of floors) {
    const instrument = floor.instruments.get(symbol);
    if (instrument !== undefined) return { floor, instrument };
  }
  return wrong("symbol invalid");
}

/** Floors and, when a symbol was sent, the one instrument. */
export function scopeOf(
  house: House,
  fields: Fields,
): Read<{ readonly floors: readonly Floor[]; readonly instrument: Instrument | undefined }> {
  if (optional(fields, "symbol") === undefined) {
    const floors = floorsOf(house, fields);
    return floors instanceof Refusal ? floors : { floors, instrument: undefined };
  }
  const stand = standOf(house, fields);
  return stand instanceof Refusal ? stand : { floors: [stand.floor], instrument: stand.instrument };
}

/** What a call answers: the `result` of Bybit's envelope, or its no. */
export type Reply = object | Refusal;

/** One call of the protocol; public ones have no key. */
export type Route =
  | { readonly access: "public"; readonly handle: (house: House, fields: Fields) => Reply }
  | {
      readonly access: "signed";
      /** Requests a second that one key may make. */
      readonly perSecond: number;
      readonly handle: (house: House, fields: Fields, account: AccountId, key: ApiKey) => Reply;
    };

/** Calls by "METHOD /path". */
export type Routes = Readonly<Record<string, Route>>;
