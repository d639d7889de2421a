import type { DeskEvent } from "../../core/event.ts";
import type { DepthEvent, MarkEvent, TopEvent } from "../../core/market-event.ts";
import { rateOf } from "../../core/text.ts";
import { type Millis, millis, type Rate, type Ticks } from "../../core/units.ts";
import { type Payload, PayloadError, text, whole } from "../binance/fields.ts";
import { levels } from "../quotes.ts";
import { type Contract, filled, price } from "./words.ts";

/** What OKX tells in channels of their own, and one of our events says together. */
interface Known {
  index?: Ticks;
  funding?: { readonly rate: Rate; readonly nextAt: Millis };
}

/** Turns OKX's public channels into events. Remembers index and funding, since marks come without them. */
export class OkxMarketWords {
  readonly #venue: string;
  readonly #contracts: ReadonlyMap<string, Contract>;
  readonly #known = new Map<string, Known>();

  constructor(venue: string, contracts: ReadonlyMap<string, Contract>) {
    this.#venue = venue;
    this.#contracts = contracts;
  }

  /** One row of a push. Undefined when it is none that we read, or something that belongs to it is not known yet (I9). */
  read(channel: string, id: string, row: Payload, wallAt: Millis): DeskEvent | undefined {
    if (channel === "index-tickers") {
      this.#noteIndex(id, row);
      return undefined;
    }
    const contract = this.#contracts.get(id);
    if (contract === undefined) return undefined;
    switch (channel) {
      case "bbo-tbt":
        return this.#top(contract, row, wallAt);
      case "books5":
        return this.#depth(contract, row, wallAt);
      case "mark-price":
        return this.#mark(contract, row, wallAt);
      case "funding-rate":
        this.#of(id).funding = {
          rate: rateOf(eightDigits(text(row, "fundingRate")), "fundingRate"),
          nextAt: millis(whole(row, "fundingTime")),
        };
        return undefined;
      default:
        return undefined;
    }
  }

  #of(id: string): Known {
    const known = this.#known.get(id) ?? {};
    this.#known.set(id, known);
    return known;
  }

  /** An index belongs to all contracts that name it. */
  #noteIndex(name: string, row: Payload): void {
    for (const [id, contract] of this.#contracts) {
      const index = contract.index === name ? price(row, "idxPx", contract) : undefined;
      if (index !== undefined) this.#of(id).index = index;
    }
  }

  #mark(contract: Contract, row: Payload, wallAt: Millis): MarkEvent | undefined {
    const { index, funding } = this.#of(contract.instrument.id);
    const mark = price(row, "markPx", contract);
    if (mark === undefined) throw new PayloadError('field "markPx" is empty');
    if (index === undefined || funding === undefined) return undefined;
    return {
      type: "mark",
      ...this.#times(contract, row, wallAt),
      mark,
      index,
      fundingRate: funding.rate,
      nextFundingAt: funding.nextAt,
    };
  }

  #top(contract: Contract, row: Payload, wallAt: Millis): TopEvent | undefined {
    const { bids, asks } = sidesOf(row, contract);
    const [bid, ask] = [bids[0], asks[0]];
    if (bid === undefined || ask === undefined) return undefined;
    return {
      type: "top",
      ...this.#times(contract, row, wallAt),
      bid: bid[0],
      bidLots: bid[1],
      ask: ask[0],
      askLots: ask[1],
    };
  }

  #depth(contract: Contract, row: Payload, wallAt: Millis): DepthEvent {
    return {
      type: "depth",
      ...this.#times(contract, row, wallAt),
      ...sidesOf(row, contract),
    };
  }

  #times({ instrument }: Contract, row: Payload, wallAt: Millis) {
    return { venue: this.#venue, instrument: instrument.id, at: millis(whole(row, "ts")), wallAt };
  }
}

/** Levels of a book: price, size in contracts, and two fields that nobody needs. */
function sidesOf(row: Payload, { instrument: { tick }, lot }: Contract): Pick<DepthEvent, "bids" | "asks"> {
  const steps = { tick, lot };
  return { bids: levels(row["bids"], "bids", steps), asks: levels(row["asks"], "asks", steps) };
}

/** OKX writes funding rates with up to sixteen digits; ours have eight. */
const eightDigits = (rate: string): string => Number(rate).toFixed(8);

/** The time of a row, where it has one. */
export const timeOf = (row: Payload): number => Number(filled(row, "ts") ?? Number.NaN);
