import type { DeskEvent } from "../core/event.ts";
import type { Approved } from "../core/guard.ts";
import type { OrderFacts } from "../core/order.ts";
import { type Millis, millis } from "../core/units.ts";
import type { Clock, Trading } from "./ports.ts";

/** Added to the receive window before a missing order counts as absent (I1), wall milliseconds. */
export const ABSENT_MARGIN_MS = 1_000;
const QUERY_FIRST_MS = 150;
const QUERY_MAX_MS = 2_000;
/** A cancel that a deposed desk may not send is told as failed only after this long: whoever wants it asks again at once. */
const DEPOSED_MS = 1_000;
const DEPOSED = "another process leads this account";

/** One moment on both clocks: the wall's may be set, the monotonic one not. */
interface Moment {
  readonly wall: number;
  readonly monotonic: number;
}

/** An order that is asked for. */
interface Question {
  /** Its client id; of an order that is not ours the exchange's id. */
  readonly key: string;
  readonly facts: OrderFacts;
  readonly venueOrderId: string | undefined;
}

/** How long one order took from the desk's decision to the exchange's answer. */
export interface Placement {
  readonly facts: OrderFacts;
  readonly ms: number;
  readonly answer: "accepted" | "postOnlyRefused" | "refused" | "unknown";
}

/** What the router needs of the desk. */
export interface RouterHands {
  readonly trading: Trading;
  readonly clock: Clock;
  emit(event: DeskEvent): void;
  /** Market time of the desk, for events that the router makes itself. */
  marketNow(): Millis;
  /** Whether this process still leads the account; checked before every send. */
  isLeader(): boolean;
  placed(placement: Placement): void;
  /** Told once: what this process wants of the exchange is not sent any more. */
  deposed(reason: string): void;
}

/**
 * Sends what the guard approved and finds out what became of it. A lost answer is never repeated: the order is asked
 * for by its client id until the exchange knows it, or until it can no longer arrive (I1).
 */
export class Router {
  readonly #hands: RouterHands;
  /** Orders that are asked for, with the moment from which their absence is counted. */
  readonly #asking = new Map<string, Moment>();
  /** Orders whose request has no answer yet: it may still arrive. */
  readonly #placing = new Set<string>();
  readonly #heldCancels = new Set<string>();
  #isDeposed = false;
  #inFlight = 0;
  #isStopped = false;

  constructor(hands: RouterHands) {
    this.#hands = hands;
  }

  /** Requests without an answer yet. */
  get inFlight(): number {
    return this.#inFlight;
  }

  stop(): void {
    this.#isStopped = true;
  }

  /** Whether this process may still tell the exchange anything. */
  leads(): boolean {
    if (this.#hands.isLeader()) return true;
    if (!this.#isDeposed) this.#hands.deposed(DEPOSED);
    this.#isDeposed = true;
    return false;
  }

  /** Carries out what one turn wants, one after another; several orders leave in one write where the carrier can. */
  together<T>(effects: readonly T[], carryOut: (effect: T) => void): void {
    const { trading } = this.#hands;
    const all = (): void => {
      for (const effect of effects) carryOut(effect);
    };
    if (effects.length < 2 || trading.together === undefined) all();
    else trading.together(all);
  }

  send(order: Approved<OrderFacts>): void {
    const { trading, clock } = this.#hands;
    if (!this.leads()) {
      this.#emit({
        type: "placeRejected",
        ...this.#of(order),
        reason: DEPOSED,
        code: undefined,
        kind: "other",
      });
      return;
    }
    const from = clock.monotonic();
    this.#placing.add(order.clientId);
    this.#run(async () => {
      const events = await trading.place(order).finally(() => this.#placeSettled(order.clientId));
      const ms = clock.monotonic() - from;
      const answer = answerOf(events);
      this.#hands.placed({ facts: order, ms, answer });
      for (const event of events) this.#emit(event);
    });
  }

  cancel(facts: OrderFacts, venueOrderId: string | undefined): void {
    if (!this.leads()) {
      this.#holdCancel(facts);
      return;
    }
    this.#run(async () => {
      for (const event of await this.#hands.trading.cancel(facts, venueOrderId)) this.#emit(event);
    });
  }

  /**
   * Asks for an order until its state is known, by the exchange's id where that is given (it is not ours then). One
   * question at a time for each order.
   */
  query(facts: OrderFacts, sentWallAt: Millis | undefined, venueOrderId?: string): void {
    const key = venueOrderId ?? facts.clientId;
    if (this.#asking.has(key)) return;
    this.#asking.set(key, sentWallAt === undefined ? LONG_AGO : this.#now());
    this.#ask({ key, facts, venueOrderId }, QUERY_FIRST_MS, 0);
  }

  #ask(question: Question, waitMs: number, misses: number): void {
    const { clock, trading } = this.#hands;
    const { key, facts, venueOrderId } = question;
    clock.after(waitMs, () => {
      if (this.#isStopped) return;
      const mayArrive = this.#mayArrive(key);
      this.#run(async () => {
        const answer = await trading.query(facts, venueOrderId);
        if (answer.type === "found") {
          this.#asking.delete(key);
          for (const event of answer.events) this.#emit(event);
          return;
        }
        // "Not found" proves absence only when asked after the request could no longer arrive, and twice.
        const late = answer.type === "notFound" && !mayArrive ? misses + 1 : 0;
        if (late >= 2) {
          this.#asking.delete(key);
          const named = venueOrderId === undefined ? {} : { venueOrderId };
          this.#emit({ type: "orderAbsent", ...this.#of(facts), ...named });
          return;
        }
        this.#ask(question, Math.min(QUERY_MAX_MS, waitMs * 2), late);
      });
    });
  }

  /**
   * Whether the request for an order may still reach the exchange: while it has no answer, and until its window is over
   * on both clocks, since a wall clock that is set forward must not shorten it.
   */
  #mayArrive(key: string): boolean {
    const from = this.#asking.get(key);
    if (from === undefined || this.#placing.has(key)) return true;
    const now = this.#now();
    const windowMs = this.#hands.trading.recvWindowMs + ABSENT_MARGIN_MS;
    return now.wall - from.wall <= windowMs || now.monotonic - from.monotonic <= windowMs;
  }

  /** What was asked for while its request had no answer is counted anew: it may have left only now. */
  #placeSettled(clientId: string): void {
    this.#placing.delete(clientId);
    if (this.#asking.has(clientId)) this.#asking.set(clientId, this.#now());
  }

  /** The order is the other process's to cancel. One answer at a time for each, and none at once: nobody spins on it. */
  #holdCancel(facts: OrderFacts): void {
    if (this.#heldCancels.has(facts.clientId)) return;
    this.#heldCancels.add(facts.clientId);
    this.#hands.clock.after(DEPOSED_MS, () => {
      this.#heldCancels.delete(facts.clientId);
      this.#emit({ type: "cancelFailed", ...this.#of(facts), reason: DEPOSED, isGone: false });
    });
  }

  #now(): Moment {
    const { clock } = this.#hands;
    return { wall: clock.now(), monotonic: clock.monotonic() };
  }

  #of(facts: OrderFacts) {
    const wallAt = millis(Math.round(this.#hands.clock.now()));
    return { at: this.#hands.marketNow(), wallAt, account: facts.account, clientId: facts.clientId };
  }

  #emit(event: DeskEvent): void {
    if (!this.#isStopped) this.#hands.emit(event);
  }

  #run(work: () => Promise<void>): void {
    this.#inFlight += 1;
    work()
      .finally(() => {
        this.#inFlight -= 1;
      })
      // The ports promise never to reject: what comes here is a bug, and must not pass unseen.
      .catch((error: unknown) => {
        queueMicrotask(() => {
          throw error;
        });
      });
  }
}

/** An order that this process did not send: whatever was on its way has arrived. */
const LONG_AGO: Moment = { wall: Number.NEGATIVE_INFINITY, monotonic: Number.NEGATIVE_INFINITY };

/** What the exchange's answer to a place request was. A post-only refusal is the exchange doing as it was asked. */
function answerOf(events: readonly DeskEvent[]): Placement["answer"] {
  for (const event of events) {
    if (event.type === "placeUnknown") return "unknown";
    if (event.type === "placeRejected") return event.kind === "postOnly" ? "postOnlyRefused" : "refused";
  }
  return "accepted";
}
