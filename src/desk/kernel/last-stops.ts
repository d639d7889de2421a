import { type Book, explained, isMismatched } from "../../core/book.ts";
import { engineTag, writeClientId } from "../../core/ids.ts";
import type { Intent } from "../../core/intent.ts";
import { closesAll, isLive, type OrderFacts, type OrderRecord } from "../../core/order.ts";
import { lots, type Ticks, ticks } from "../../core/units.ts";
import type { KernelState } from "./state.ts";

/** How far beyond the farthest stop of the engines it rests, of the stop's price. */
const GAP = 0.01;
/** Nearer than this it is moved away, farther than that it follows: stops move with every rung, and each move is two requests. */
const GAP_MIN = 0.0025;
const GAP_MAX = 0.03;
/** Wall time between two tries. */
const RETRY_MS = 5_000;

/**
 * Keeps one stop a book that closes all of it, beyond the farthest stop of its engines (DESIGN.md, I4). An exchange that refuses
 * a triggered stop while take profits cover the position leaves it to the desk to cancel those and to close: with the desk dead
 * nothing would. This one takes precedence over take profits. A book with a person's lots in it has none: they would be closed
 * too.
 */
export class LastStops {
  readonly #state: KernelState;
  /** By book: wall time of the last try. */
  readonly #tried = new Map<string, number>();

  constructor(state: KernelState) {
    this.#state = state;
  }

  /** What is to be placed or taken back now. */
  step(): readonly Intent[] {
    const { config, account, orders } = this.#state;
    return [...account.books.values()].flatMap((book) => {
      const own = orders.listOf(book.instrument, book.positionSide).filter(({ facts }) => closesAll(facts));
      // Figures that are in doubt change nothing.
      return isMismatched(book) ? [] : this.#look(book, own, config.lastStop === true);
    });
  }

  #look(book: Book, own: readonly OrderRecord[], isWanted: boolean): readonly Intent[] {
    const size = explained(book);
    const side = size > 0 ? "sell" : "buy";
    const isFit = isWanted && size !== 0 && isAllOurs(book);
    const kept = isFit ? own.find(({ facts }) => facts.side === side) : undefined;
    const gone = own.filter((order) => order !== kept);
    // The exchange takes one a side: the old one goes first.
    if (!isFit || gone.length > 0)
      return gone.flatMap((order) => cancelOf(order, "no last stop stands here"));
    const farthest = this.#farthest(book, side);
    // What it stands behind was refused, or is being placed anew: now it is needed most.
    if (farthest === undefined) return [];
    if (kept === undefined) return this.#place(book, size, side, farthest);
    const gap = (side === "sell" ? 1 : -1) * (1 - (kept.facts.trigger ?? 0) / farthest);
    return gap < GAP_MIN || gap > GAP_MAX ? cancelOf(kept, "the stops before it have moved") : [];
  }

  /** The trigger of the engines' stop that fires last. */
  #farthest({ instrument, positionSide }: Book, side: "buy" | "sell"): Ticks | undefined {
    let found: Ticks | undefined;
    for (const { facts, state } of this.#state.orders.liveOf(instrument, positionSide)) {
      const { trigger } = facts;
      if (facts.role !== "stop" || facts.side !== side || trigger === undefined || !isLive(state)) continue;
      if (found === undefined || (side === "sell" ? trigger < found : trigger > found)) found = trigger;
    }
    return found;
  }

  #place(book: Book, size: number, side: "buy" | "sell", farthest: Ticks): readonly Intent[] {
    const state = this.#state;
    const instrument = state.instrument(book.instrument);
    const { mark } = state.board.of(book.instrument);
    if (instrument === undefined || mark === undefined || !state.mayProtect) return [];
    const trigger = beyond(farthest, side);
    const isPassed = side === "sell" ? mark <= trigger : mark >= trigger;
    const isSoon = state.wallAt - (this.#tried.get(book.key) ?? Number.NEGATIVE_INFINITY) < RETRY_MS;
    if (trigger < instrument.priceMin || trigger > instrument.priceMax || isPassed || isSoon) return [];
    this.#tried.set(book.key, state.wallAt);
    const { desk, account, epoch, nonce } = state.config;
    const facts: OrderFacts = {
      clientId: writeClientId({
        desk,
        engineTag: engineTag("desk"),
        role: "lastStop",
        rung: 0,
        slice: 0,
        generation: state.orders.nextGeneration(),
        epoch,
        nonce,
      }),
      account,
      instrument: book.instrument,
      positionSide: book.positionSide,
      engine: "desk",
      role: "lastStop",
      rung: 0,
      slice: 0,
      side,
      kind: "stopMarket",
      trigger,
      lots: lots(Math.abs(size)),
      isReduceOnly: book.positionSide === "both",
      isPostOnly: false,
    };
    return [{ type: "place", facts, reason: "the last stop of its book" }];
  }
}

/** Nothing in it is a person's, and no engine stands against the others. */
function isAllOurs({ foreign, shares }: Book): boolean {
  const sides = new Set([...shares.values()].map(({ lots: held }) => Math.sign(held)));
  return foreign.lots === 0 && !(sides.has(1) && sides.has(-1));
}

const beyond = (stop: Ticks, side: "buy" | "sell"): Ticks =>
  ticks(side === "sell" ? Math.floor(stop * (1 - GAP)) : Math.ceil(stop * (1 + GAP)));

const cancelOf = ({ state, facts }: OrderRecord, reason: string): readonly Intent[] =>
  state === "resting" ? [{ type: "cancel", clientId: facts.clientId, reason }] : [];
