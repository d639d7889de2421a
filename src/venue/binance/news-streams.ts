import type { Instrument } from "../../core/instrument.ts";
import type { Exchange, VenueEvent } from "../exchange.ts";
import { deliveryOf, LISTED_AT, STATUS_WORD } from "./exchange-info.ts";
import type { Streams } from "./streams.ts";
import { averageText, familyOf, lotsText, pairOf, SIDE } from "./texts.ts";

/** At most one liquidation of a symbol is told in this much market time, as Binance does. */
const PACE_MS = 1_000;

/** The streams of what happens to others and to the contracts themselves: forced orders and contract changes. */
export class NewsStreams {
  readonly #exchange: Exchange;
  readonly #streams: Streams;
  readonly #lastForced = new Map<string, number>();

  constructor(exchange: Exchange, streams: Streams) {
    this.#exchange = exchange;
    this.#streams = streams;
  }

  /** Takes in what happened to an order: only the exchange's own that took a position over are news. */
  order({ order, at }: Extract<VenueEvent, { type: "order" }>, instrument: Instrument): void {
    if (order.origin !== "liquidation" || order.status !== "filled") return;
    const names = [`${instrument.id.toLowerCase()}@forceOrder`, "!forceOrder@arr"];
    if (!names.some((name) => this.#streams.has(name))) return;
    if (at - (this.#lastForced.get(instrument.id) ?? Number.NEGATIVE_INFINITY) < PACE_MS) return;
    this.#lastForced.set(instrument.id, at);
    const average = averageText(order.cost, order.filled, instrument);
    const filled = lotsText(order.filled, instrument);
    const message = {
      e: "forceOrder",
      E: at,
      ps: pairOf(instrument),
      st: familyOf(instrument),
      o: {
        s: instrument.id,
        S: SIDE[order.request.side],
        o: "LIMIT",
        f: "IOC",
        q: lotsText(order.request.lots, instrument),
        p: average,
        ap: average,
        X: "FILLED",
        l: filled,
        z: filled,
        T: at,
      },
    };
    for (const name of names) this.#streams.send(name, message);
  }

  /** Takes in a change of a contract: its status, its brackets or its filters. */
  contract(
    { at, instrument: id }: Extract<VenueEvent, { type: "instrument" }>,
    instrument: Instrument,
  ): void {
    if (!this.#streams.has("!contractInfo")) return;
    this.#streams.send("!contractInfo", {
      e: "contractInfo",
      E: at,
      s: id,
      ps: pairOf(instrument),
      ct: "PERPETUAL",
      dt: deliveryOf(this.#exchange, id),
      ot: LISTED_AT,
      cs: STATUS_WORD[this.#exchange.status(id)],
      bks: this.#exchange.brackets(id).map((tier, place) => ({
        bs: place + 1,
        bnf: tier.floor / 1e8,
        bnc: tier.cap / 1e8,
        mmr: tier.maintenance / 1e8,
        cf: tier.deduction / 1e8,
        mi: (this.#exchange.brackets(id)[place + 1]?.leverageMax ?? 0) + 1,
        ma: tier.leverageMax,
      })),
      st: familyOf(instrument),
    });
  }
}
