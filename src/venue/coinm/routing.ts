import { invariant } from "../../core/invariant.ts";
import { CALLS } from "../binance/calls.ts";
import { type Fields, limitOf, optional } from "../binance/fields.ts";
import { Refusal } from "../binance/refusal.ts";
import type { Reply, Route, Venue } from "../binance/route.ts";
import type { ApiKey } from "../binance/signature.ts";
import { pairOf, type Row } from "./rows.ts";

/** How one row of an answer is put into COIN-M's words. */
type Shape = (row: Row, fields: Fields) => Row;
type Weight = Route["weight"];
/** Answers a call, its pair turned into a symbol. */
type Handle = (fields: Fields, key: ApiKey | undefined) => Reply;

/** Codes that mean "not with me": another settle asset's exchange may have the order. */
const GONE: readonly number[] = [-2011, -2013];

/** Leads COIN-M's calls to the handlers of USDT-M futures: one venue for each settle asset, one answer for the client. */
export class Routing {
  readonly venues: readonly Venue[];
  readonly #first: Venue;

  constructor(venues: readonly Venue[]) {
    const first = venues[0];
    invariant(first !== undefined, "COIN-M has at least one settle asset");
    this.venues = venues;
    this.#first = first;
  }

  /** Lets one venue answer a call of USDT-M futures, e.g. "GET /fapi/v1/order". */
  run(name: string, venue: Venue, fields: Fields, key: ApiKey | undefined): Reply {
    const route = routeOf(name);
    if (route.access === "public") return route.handle(venue, fields);
    invariant(key !== undefined, `${name} comes with a key`);
    return route.handle(venue, fields, key);
  }

  /** A call with the access, the weight (unless another is given) and the order count of one of USDT-M. */
  like(from: string, handle: Handle, weight?: Weight): Route {
    const base = routeOf(from);
    const shared = { weight: weight ?? base.weight };
    const answer = (_front: Venue, fields: Fields, key?: ApiKey): Reply =>
      handle(this.#withSymbol(fields), key);
    return base.access === "public"
      ? { access: "public", ...shared, handle: answer }
      : {
          access: base.access,
          ...shared,
          ...(base.orders === undefined ? {} : { orders: base.orders }),
          handle: answer,
        };
  }

  /** A call about one symbol. */
  one(from: string, shape: Shape = same, weight?: Weight): Route {
    return this.like(
      from,
      (fields, key) => this.#ask(from, this.venueOf(fields), fields, key, shape),
      weight,
    );
  }

  /** A list about one symbol with fewer rows than that of USDT-M: so many unless another number is asked for, `most` at most. */
  short(from: string, shape: Shape, weight: Weight, rows: number, most: number): Route {
    return this.like(
      from,
      (fields, key) => {
        const limit = limitOf(fields, rows, most);
        if (limit instanceof Refusal) return limit;
        const limited = new Map([...fields, ["limit", String(limit)]]);
        return this.#ask(from, this.venueOf(fields), limited, key, shape);
      },
      weight,
    );
  }

  /** A list about one symbol, or about all of them. */
  all(from: string, shape: Shape = same, weight?: Weight): Route {
    return this.like(
      from,
      (fields, key) => {
        const rows: object[] = [];
        const isOne = optional(fields, "symbol") !== undefined;
        for (const venue of isOne ? [this.venueOf(fields)] : this.#settledIn(fields)) {
          const reply = this.#ask(from, venue, fields, key, shape);
          if (reply instanceof Refusal) return reply;
          rows.push(...(Array.isArray(reply) ? (reply as object[]) : [reply]));
        }
        return rows;
      },
      weight,
    );
  }

  /** A call about an order that is named without its symbol: whoever has it answers. */
  named(from: string): Route {
    return this.like(from, (fields, key) => {
      const id = optional(fields, "algoId");
      const asked = id === undefined ? this.venues : [this.venues[Number(id) % this.venues.length]];
      let reply: Reply = new Refusal(-2011, "Unknown order sent.");
      for (const venue of asked) {
        reply = this.#ask(from, venue ?? this.#first, fields, key, same);
        if (!(reply instanceof Refusal && GONE.includes(reply.code))) return reply;
      }
      return reply;
    });
  }

  /** A call that every venue answers alike. */
  any(from: string): Route {
    return this.like(from, (fields, key) => this.run(from, this.#first, fields, key));
  }

  /** The venue that trades the call's symbol; the first for none, which will say what is wrong with it. */
  venueOf(fields: Fields): Venue {
    const symbol = optional(fields, "symbol") ?? "";
    return this.venues.find(({ instruments }) => instruments.has(symbol)) ?? this.#first;
  }

  #ask(from: string, venue: Venue, fields: Fields, key: ApiKey | undefined, shape: Shape): Reply {
    const reply = this.run(from, venue, this.#local(fields), key);
    if (reply instanceof Refusal) return reply;
    const worded = (row: unknown): object =>
      isRow(row) ? this.#numbered(shape(row, fields), venue) : (row as object);
    return Array.isArray(reply) ? reply.map(worded) : worded(reply);
  }

  /** Conditional orders are named without a symbol, so their numbers say which venue they belong to. */
  #numbered(row: Row, venue: Venue): Row {
    const id = row["algoId"];
    if (typeof id !== "number") return row;
    return { ...row, algoId: this.idFrom(id, venue) };
  }

  /** The number that clients see for a venue's conditional order. */
  idFrom(id: number, venue: Venue): number {
    return id * this.venues.length + this.venues.indexOf(venue);
  }

  #local(fields: Fields): Fields {
    const id = Number(optional(fields, "algoId"));
    if (!Number.isSafeInteger(id)) return fields;
    return new Map([...fields, ["algoId", String(Math.floor(id / this.venues.length))]]);
  }

  /** Perpetuals are one to a pair: calls by pair are calls by symbol. */
  #withSymbol(fields: Fields): Fields {
    const pair = optional(fields, "pair");
    if (pair === undefined || optional(fields, "symbol") !== undefined) return fields;
    const symbols = this.venues.flatMap(({ instruments }) => [...instruments.keys()]);
    const symbol = symbols.find((each) => pairOf(each) === pair) ?? pair;
    return new Map([...fields, ["symbol", symbol]]);
  }

  #settledIn(fields: Fields): readonly Venue[] {
    const asset = optional(fields, "marginAsset");
    if (asset === undefined) return this.venues;
    return this.venues.filter(({ instruments }) =>
      [...instruments.values()].some(({ settle }) => settle === asset),
    );
  }
}

const same: Shape = (row) => row;

const isRow = (row: unknown): row is Row => typeof row === "object" && row !== null && !Array.isArray(row);

function routeOf(name: string): Route {
  const route = CALLS[name];
  invariant(route !== undefined, `USDT-M futures have a call ${name}`);
  return route;
}
