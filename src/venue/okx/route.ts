import type { AccountId } from "../../core/instrument.ts";
import type { Rate } from "../../core/units.ts";
import type { Exchange } from "../exchange.ts";
import type { WallClock } from "../web/wall.ts";
import type { Fields } from "./fields.ts";
import type { Listing } from "./listing.ts";
import type { Meter } from "./meter.ts";
import type { Refusal } from "./refusal.ts";
import type { OkxKey } from "./signature.ts";
import type { Unrested } from "./unrested.ts";

/** Everything that a call may look at. */
export interface Venue {
  /** By instrument id. */
  readonly listings: ReadonlyMap<string, Listing>;
  /** One for each settle asset. */
  readonly exchanges: readonly Exchange[];
  readonly wall: WallClock;
  readonly keys: ReadonlyMap<string, OkxKey>;
  readonly meter: Meter;
  readonly unrested: Unrested;
  /** What GET /api/v5/public/price-limit shows. */
  readonly priceBand: Rate;
}

/** What came with a call: its fields, or several rows of them. */
export interface Asked {
  readonly fields: Fields;
  readonly rows: readonly Fields[];
}

/** What became of each item of a call that acts; a refused one has its own code. */
export interface Acted {
  readonly items: readonly { readonly ids: object; readonly refusal?: Refusal | undefined }[];
}

/** What a call answers: rows, items with codes of their own, or OKX's no to the whole. */
export type Reply = readonly unknown[] | Acted | Refusal;

/** A call that anyone may make. */
interface PublicRoute {
  readonly access: "public";
  /** Requests in two seconds. */
  readonly most: number;
  readonly handle: (venue: Venue, asked: Asked) => Reply;
}

/** A call about one account. */
interface AccountRoute {
  readonly access: "read" | "trade";
  /** Requests in two seconds of one account; in the same instrument where the call names one. */
  readonly most: number;
  /** Whether a request that comes after its `expTime` is refused. */
  readonly expires?: true;
  readonly handle: (venue: Venue, asked: Asked, key: OkxKey) => Reply;
}

/** One call of the protocol. */
export type Route = PublicRoute | AccountRoute;
/** Calls by "METHOD /path". */
export type Routes = Readonly<Record<string, Route>>;

/** Everything of one account in all exchanges, e.g. its trades. */
export const everywhere = <T>(
  venue: Venue,
  account: AccountId,
  read: (exchange: Exchange, account: AccountId) => readonly T[],
): readonly T[] => venue.exchanges.flatMap((exchange) => read(exchange, account));
