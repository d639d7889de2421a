import type { DeskEvent } from "../core/event.ts";
import type { Approved } from "../core/guard.ts";
import type { OrderFacts } from "../core/order.ts";
import { type Millis, millis } from "../core/units.ts";
import type { Clock, Trading } from "./ports.ts";

/** Added to the receive window before a missing order counts as absent (I1), wall milliseconds. */
export const ABSENT_MARGIN_MS = 1_000;
const QUERY_FIRST_MS = 150;
const QUERY_MAX_MS = 2_000;

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
}

/**
 * Sends what the guard approved and finds out what became of it. A lost answer is never repeated: the order is asked
 * for by its client id until the exchange knows it, or until it can no longer arrive (I1).
 */
export class Router {
  readonly #hands: RouterHands;
  readonly #asking = new Set<string>();
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

  send(order: Approved<OrderFacts>): void {
    const { trading, clock } = this.#hands;
    if (!this.#hands.isLeader()) {
      this.#emit({
        type: "placeRejected",
        ...this.#of(order),
        reason: "another process leads this account",
        code: undefined,
        kind: "other",
      });
      return;
    }
    const from = clock.monotonic();
    this.#run(async () => {
      const events = await trading.place(order);
      const ms = clock.monotonic() - from;
      const answer = answerOf(events);
      this.#hands.placed({ facts: order, ms, answer });
      for (const event of events) this.#emit(event);
    });
  }

  cancel(facts: OrderFacts, venueOrderId: string | undefined): void {
    this.#run(async () => {
      for (const event of await this.#hands.trading.cancel(facts, venueOrderId)) this.#emit(event);
    });
  }

  /** Asks for an order until its state is known. One question at a time for each order. */
  query(facts: OrderFacts, sentWallAt: Millis | undefined): void {
    if (this.#asking.has(facts.clientId)) return;
    this.#asking.add(facts.clientId);
    const deadline = (sentWallAt ?? 0) + this.#hands.trading.recvWindowMs + ABSENT_MARGIN_MS;
    this.#ask(facts, deadline, QUERY_FIRST_MS, 0);
  }

  #ask(facts: OrderFacts, deadline: number, waitMs: number, misses: number): void {
    const { clock, trading } = this.#hands;
    clock.after(waitMs, () => {
      if (this.#isStopped) return;
      const askedAt = clock.now();
      this.#run(async () => {
        const answer = await trading.query(facts);
        if (answer.type === "found") {
          this.#asking.delete(facts.clientId);
          for (const event of answer.events) this.#emit(event);
          return;
        }
        // "Not found" proves absence only when asked after the request could no longer arrive, and twice.
        const late = answer.type === "notFound" && askedAt > deadline ? misses + 1 : 0;
        if (late >= 2) {
          this.#asking.delete(facts.clientId);
          this.#emit({ type: "orderAbsent", ...this.#of(facts) });
          return;
        }
        this.#ask(facts, deadline, Math.min(QUERY_MAX_MS, waitMs * 2), late);
      });
    });
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

/** What the exchange's answer to a place request was. A post-only refusal is the exchange doing as it was asked. */
function answerOf(events: readonly DeskEvent[]): Placement["answer"] {
  for (const event of events) {
    if (event.type === "placeUnknown") return "unknown";
    if (event.type === "placeRejected") return event.kind === "postOnly" ? "postOnlyRefused" : "refused";
  }
  return "accepted";
}
