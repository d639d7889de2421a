import type { DeskEvent, OrderReportEvent } from "../../core/event.ts";
import { type InstrumentId, lotsFor } from "../../core/instrument.ts";
import type { OrderFacts } from "../../core/order.ts";
import type { Truth } from "../../core/truth.ts";
import { type Lots, lots, mulDiv, type Ticks, ticks, value } from "../../core/units.ts";
import type { Clock, Gateway, InstrumentInfo } from "../../desk/ports.ts";
import type { Quotes } from "../../market/board.ts";
import { StartError } from "../start-error.ts";

/** What a probe of an exchange's stops works with. */
export interface StopProbeParts {
  readonly gateway: Gateway;
  readonly info: InstrumentInfo;
  readonly account: string;
  readonly quotes: () => Quotes;
  readonly clock: Clock;
  /** Sets or, with 0, ends the exchange's countdown that cancels all orders of the symbol. */
  readonly countdown: (ms: number) => Promise<void>;
  /** The shortest one that the exchange takes is longer than two seconds. */
  readonly countdownMs?: number;
}

/** What the exchange did, as far as it showed. */
export interface StopAnswers {
  readonly stopUnderFullTakeProfit:
    | "refused"
    | "refusedWhenPlaced"
    | "takeProfitExpired"
    | "bothStood"
    | "notTriggered";
  readonly stopsSurviveCountdown: boolean | "countdownDidNothing";
}

const LOOK_EVERY_MS = 250;
/** How often something is asked again that the exchange failed to answer. */
const ASKS = 8;
const COUNTDOWN_MS = 2_000;
/** How much later than it should a countdown may end. */
const COUNTDOWN_LATE_MS = 6_000;
/** How long a stop waits for the market before it is laid closer to it. */
const ROUND_MS = 10_000;
const ROUNDS = 12;
const SETTLE_MS = 2_000;

/** Tries out on the exchange what its documents leave open (DESIGN.md, I4), with one smallest position, and takes all of it back. */
export class StopProbe {
  readonly #parts: StopProbeParts;
  readonly #sent: OrderFacts[] = [];
  readonly #mark: string;

  constructor(parts: StopProbeParts) {
    this.#parts = parts;
    this.#mark = `probe${Math.round(parts.clock.now()).toString(36)}`;
  }

  /** Rejects with `StartError` when the account is not free for it, or the exchange does not let it. Leaves nothing behind, or says so. */
  async run(): Promise<StopAnswers> {
    await this.#mustBeFree();
    try {
      const size = this.#smallest();
      await this.#mustPlace(this.#order("entry", { side: "buy", kind: "market", lots: size }));
      const takeProfit = this.#order("takeProfit", { kind: "limit", price: this.#away(3), lots: size });
      await this.#mustPlace(takeProfit);
      const stopsSurviveCountdown = await this.#countdown(size, takeProfit);
      const stopUnderFullTakeProfit = await this.#trigger(size, takeProfit);
      return { stopUnderFullTakeProfit, stopsSurviveCountdown };
    } finally {
      await this.#cleanUp();
    }
  }

  /** A far stop and the take profit rest; the countdown ends: which of them is still there? */
  async #countdown(size: Lots, takeProfit: OrderFacts): Promise<StopAnswers["stopsSurviveCountdown"]> {
    const stop = this.#order("stop", { kind: "stopMarket", trigger: this.#away(-3), lots: size });
    const refused = await this.#place(stop);
    // An exchange that takes no stop beside a full take profit gets the stop alone.
    if (refused !== undefined) {
      await this.#cancel(takeProfit);
      await this.#mustPlace(stop);
    }
    const { countdown, countdownMs = COUNTDOWN_MS } = this.#parts;
    await countdown(countdownMs);
    const watched = refused === undefined ? takeProfit : stop;
    const isOver = await this.#until(
      countdownMs + COUNTDOWN_LATE_MS,
      async () => !(await this.#rests(watched)),
    );
    const survived = await this.#rests(stop);
    await countdown(0);
    await this.#cancel(stop);
    if (refused !== undefined) return survived;
    return isOver ? survived : "countdownDidNothing";
  }

  /** A stop close to the market under a take profit for all of the position: what becomes of both? */
  async #trigger(size: Lots, first: OrderFacts): Promise<StopAnswers["stopUnderFullTakeProfit"]> {
    let takeProfit = first;
    if (!(await this.#rests(first))) {
      takeProfit = this.#order("takeProfit", { kind: "limit", price: this.#away(3), lots: size });
      await this.#mustPlace(takeProfit);
    }
    for (let round = 0; round < ROUNDS; round += 1) {
      const trigger = ticks(
        (this.#quotes().mark ?? 0) - Math.max(1, Math.round((this.#quotes().mark ?? 0) / 10_000)),
      );
      const stop = this.#order("stop", { kind: "stopMarket", trigger, lots: size });
      const refused = await this.#place(stop);
      if (refused === "wouldTrigger") continue;
      if (refused !== undefined) return "refusedWhenPlaced";
      const hasFired = await this.#until(ROUND_MS, async () => !(await this.#rests(stop)));
      if (!hasFired) {
        await this.#cancel(stop);
        continue;
      }
      await this.#sleep(SETTLE_MS);
      const held = await this.#heldOrNot();
      if (held === undefined) throw new StartError("The exchange did not say what the probe holds.");
      if (held !== 0) return "refused";
      return (await this.#rests(takeProfit)) ? "bothStood" : "takeProfitExpired";
    }
    return "notTriggered";
  }

  async #mustBeFree(): Promise<void> {
    const { truth } = await this.#truth();
    const { id } = this.#parts.info.instrument;
    if (!isFree(truth, id))
      throw new StartError(
        `The probe needs ${id} without a position and without orders: close them, or name another symbol.`,
      );
    if (truth.isHedgeMode) throw new StartError("The probe needs one-way mode: switch hedge mode off.");
    if (this.#quotes().mark === undefined) throw new StartError(`The probe heard no price of ${id}.`);
  }

  /** Whether nothing is held and nothing rests. Rejects when the account can't be read. */
  async #isFree(): Promise<boolean> {
    const { truth } = await this.#truth();
    return isFree(truth, this.#parts.info.instrument.id);
  }

  /** Cancels what it sent, closes what it holds, and looks whether all is as before. */
  async #cleanUp(): Promise<void> {
    await this.#parts.countdown(0).catch(() => undefined);
    for (const facts of this.#sent) if (facts.kind !== "market") await this.#cancel(facts);
    const left = (await this.#heldOrNot()) ?? 0;
    if (left !== 0) {
      const close = { side: left > 0 ? "sell" : "buy", kind: "market", lots: lots(Math.abs(left)) } as const;
      // Whatever was answered, the account itself says below whether all is as before.
      await this.#place(this.#order("close", close)).catch(() => undefined);
    }
    const isClean = await this.#until(5_000, () => this.#isFree().catch(() => false));
    if (isClean) return;
    throw new StartError(
      `The probe could not take back all that it did on ${this.#parts.info.instrument.id}: close the position and cancel the orders ${this.#mark}... by hand.`,
    );
  }

  #order(
    role: OrderFacts["role"],
    change: Partial<OrderFacts> & Pick<OrderFacts, "kind" | "lots">,
  ): OrderFacts {
    const { info, account } = this.#parts;
    const isReduceOnly = role !== "entry";
    return {
      clientId: `${this.#mark}${this.#sent.length.toString(36).padStart(2, "0")}`,
      account,
      instrument: info.instrument.id,
      positionSide: "both",
      engine: "desk",
      role,
      rung: 0,
      slice: 0,
      side: "sell",
      isReduceOnly,
      isPostOnly: false,
      ...change,
    };
  }

  /** Places an order; undefined when it was taken, else the kind of the refusal. Rejects when nobody knows. */
  async #place(facts: OrderFacts): Promise<string | undefined> {
    this.#sent.push(facts);
    const events = await this.#parts.gateway.trading.place(facts);
    const refused = events.find((event) => event.type === "placeRejected");
    if (refused?.type === "placeRejected") return refused.kind;
    if (events.some(({ type }) => type === "placeUnknown"))
      throw new StartError("The exchange did not answer an order of the probe.");
    return undefined;
  }

  async #mustPlace(facts: OrderFacts): Promise<void> {
    const refused = await this.#place(facts);
    if (refused !== undefined)
      throw new StartError(`The exchange refused the probe's ${facts.role} order (${refused}).`);
  }

  /** Cancels what rests, and what may rest for all that the exchange says. */
  async #cancel(facts: OrderFacts): Promise<void> {
    const rests = await this.#restsOrNot(facts);
    if (rests !== false) await this.#parts.gateway.trading.cancel(facts, undefined);
  }

  /** Rejects with `StartError` when the exchange doesn't say: a failed question is no answer (I9). */
  async #rests(facts: OrderFacts): Promise<boolean> {
    const rests = await this.#restsOrNot(facts);
    if (rests !== undefined) return rests;
    throw new StartError(`The exchange did not say what became of the probe's ${facts.role} order.`);
  }

  /** Undefined: asked again and again, it did not say. */
  #restsOrNot(facts: OrderFacts): Promise<boolean | undefined> {
    return this.#asked(async () => {
      const answer = await this.#parts.gateway.trading.query(facts);
      if (answer.type === "failed") return undefined;
      if (answer.type === "notFound") return false;
      const report = answer.events.findLast(isReport);
      return report?.status === "open" || report?.status === "partlyFilled";
    });
  }

  /** Undefined: the exchange did not say. */
  #heldOrNot(): Promise<number | undefined> {
    return this.#asked(() => this.#held().catch(() => undefined));
  }

  /** The first answer of several asks, or undefined when none brought one. */
  async #asked<T>(ask: () => Promise<T | undefined>): Promise<T | undefined> {
    for (let asks = 1; ; asks += 1) {
      const answer = await ask();
      if (answer !== undefined || asks === ASKS) return answer;
      await this.#sleep(LOOK_EVERY_MS);
    }
  }

  async #held(): Promise<number | undefined> {
    const exposure = await this.#parts.gateway.account.exposure();
    if (exposure.type !== "exposure") return undefined;
    const { id } = this.#parts.info.instrument;
    return exposure.books.find((book) => book.instrument === id)?.lots ?? 0;
  }

  #truth() {
    const { gateway, info } = this.#parts;
    const from = Math.max(0, this.#parts.clock.now() - 60_000);
    return gateway.account.truth([info.instrument.id], from);
  }

  #quotes(): Quotes {
    return this.#parts.quotes();
  }

  /** The smallest order that the exchange takes, with a little room for the price to fall. */
  #smallest(): Lots {
    const { instrument, lotStep = 1 } = this.#parts.info;
    // Contracts that are margined in coins have no smallest worth beside the smallest count.
    if (instrument.kind === "inverse")
      return lots(Math.ceil(Math.max(1, instrument.lotsMin) / lotStep) * lotStep);
    const least = value(Math.ceil(instrument.notionalMin * 1.1));
    const wanted = lotsFor(instrument, this.#quotes().mark ?? ticks(0), least);
    return lots(Math.ceil(Math.max(instrument.lotsMin, wanted) / lotStep) * lotStep);
  }

  /** A price so many percent from the mark. */
  #away(percent: number): Ticks {
    return ticks(mulDiv(this.#quotes().mark ?? 0, 100 + percent, 100, "nearest"));
  }

  async #until(ms: number, holds: () => Promise<boolean>): Promise<boolean> {
    const end = this.#parts.clock.monotonic() + ms;
    for (;;) {
      if (await holds()) return true;
      if (this.#parts.clock.monotonic() > end) return false;
      await this.#sleep(LOOK_EVERY_MS);
    }
  }

  #sleep(ms: number): Promise<void> {
    return new Promise((resolve) => this.#parts.clock.after(ms, resolve));
  }
}

const isFree = (truth: Truth, id: InstrumentId): boolean =>
  truth.books.every((book) => book.instrument !== id || book.lots === 0) &&
  [...truth.openOrders, ...truth.openConditionals].every(({ instrument }) => instrument !== id);

const isReport = (event: DeskEvent): event is OrderReportEvent => event.type === "orderReport";
