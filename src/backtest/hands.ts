import type { DeskEvent } from "../core/event.ts";
import type { OrderFacts } from "../core/order.ts";
import type { Millis } from "../core/units.ts";
import type { Effect } from "../desk/kernel/effect.ts";
import type { Exchange, VenueAnswer, VenueConditional, VenueOrder } from "../venue/exchange.ts";
import { REFUSALS, type Translation } from "./translation.ts";

/** What the exchange is asked for on behalf of the desk. */
export type Request = Extract<
  Effect,
  { readonly type: "send" | "cancel" | "query" | "readTruth" | "setLeverage" | "setMarginMode" }
>;

const ASKED: ReadonlySet<Effect["type"]> = new Set([
  "send",
  "cancel",
  "query",
  "readTruth",
  "setLeverage",
  "setMarginMode",
]);

/** Whether an effect is something that the exchange is asked for; the others are for people and logs. */
export const isRequest = (effect: Effect): effect is Request => ASKED.has(effect.type);

/**
 * Carries out what a turn of the desk wants, as router and gateway do, at the exchange's market time. What the
 * exchange tells by itself (an order rests, was executed, is cancelled) is not answered again.
 */
export class Hands {
  readonly #exchange: Exchange;
  readonly #words: Translation;
  readonly #account: string;

  constructor(exchange: Exchange, words: Translation, account: string) {
    this.#exchange = exchange;
    this.#words = words;
    this.#account = account;
  }

  /** Does it and returns what the exchange answers besides its own news. */
  do(request: Request): readonly DeskEvent[] {
    const exchange = this.#exchange;
    switch (request.type) {
      case "send":
        return this.#place(request.order);
      case "cancel":
        return this.#cancel(request.facts);
      case "query":
        return this.#query(request.facts, request.venueOrderId);
      case "readTruth": {
        const at = exchange.now();
        const configs = exchange.instruments.map(({ id }) => this.#words.config(id, at));
        const truth = this.#words.truth(at);
        return [
          ...configs,
          { type: "truth", at, wallAt: at, account: this.#account, cause: request.cause, truth },
        ];
      }
      case "setLeverage":
        return this.#configured(
          request.instrument,
          "leverage",
          exchange.setLeverage(this.#account, request.instrument, request.leverage),
        );
      default:
        return this.#configured(
          request.instrument,
          "marginMode",
          exchange.setMarginMode(this.#account, request.instrument, request.mode),
        );
    }
  }

  #times(): { readonly at: Millis; readonly wallAt: Millis; readonly account: string } {
    const at = this.#exchange.now();
    return { at, wallAt: at, account: this.#account };
  }

  #place(facts: OrderFacts): readonly DeskEvent[] {
    const { instrument, clientId, side, positionSide, price, trigger, lots, isReduceOnly } = facts;
    const answer: VenueAnswer<VenueOrder | VenueConditional> =
      facts.kind === "stopMarket" && trigger !== undefined
        ? this.#exchange.placeConditional(this.#account, {
            instrument,
            clientId,
            side,
            positionSide,
            lots,
            reduceOnly: isReduceOnly,
            kind: "stopMarket",
            trigger,
            closePosition: false,
            workingType: "mark",
            timeInForce: "GTC",
          })
        : this.#exchange.place(this.#account, {
            instrument,
            clientId,
            side,
            positionSide,
            lots,
            reduceOnly: isReduceOnly,
            kind: price === undefined ? "market" : "limit",
            timeInForce: facts.isPostOnly ? "GTX" : "GTC",
            ...(price === undefined ? {} : { price }),
          });
    if (answer.ok) return [];
    return [
      {
        type: "placeRejected",
        ...this.#times(),
        clientId,
        reason: answer.reason,
        code: undefined,
        kind: REFUSALS[answer.reason],
      },
    ];
  }

  #cancel({ kind, instrument, clientId }: OrderFacts): readonly DeskEvent[] {
    const answer =
      kind === "stopMarket"
        ? this.#exchange.cancelConditional(this.#account, { clientId })
        : this.#exchange.cancel(this.#account, instrument, { clientId });
    if (answer.ok) return [];
    const { reason } = answer;
    return [{ type: "cancelFailed", ...this.#times(), clientId, reason, isGone: reason === "unknownOrder" }];
  }

  #query({ kind, instrument, clientId }: OrderFacts, venueOrderId?: string): readonly DeskEvent[] {
    const { at } = this.#times();
    const isConditional = kind === "stopMarket";
    const number = Number((venueOrderId ?? "").replace(/^a/, ""));
    const by = venueOrderId === undefined ? { clientId } : undefined;
    const conditional = isConditional
      ? this.#exchange.conditional(this.#account, by ?? { conditionalId: number })
      : undefined;
    const order = isConditional
      ? undefined
      : this.#exchange.order(this.#account, instrument, by ?? { orderId: number });
    const found =
      conditional === undefined
        ? order && this.#words.report(order, at)
        : this.#words.conditional(conditional, at);
    if (found !== undefined)
      return [...this.#fills(order?.orderId ?? conditional?.spawnedOrderId, instrument), found];
    return [
      {
        type: "orderAbsent",
        ...this.#times(),
        clientId,
        ...(venueOrderId === undefined ? {} : { venueOrderId }),
      },
    ];
  }

  #fills(orderId: number | undefined, instrument: string): readonly DeskEvent[] {
    const order =
      orderId === undefined ? undefined : this.#exchange.order(this.#account, instrument, { orderId });
    if (order === undefined) return [];
    const { at } = this.#times();
    return this.#exchange
      .trades(this.#account, { instrument, from: order.createdAt })
      .filter((trade) => trade.orderId === orderId)
      .map((trade) => this.#words.fill(trade, order, at));
  }

  /** Reads back what the exchange has now: what was asked for is not what counts. */
  #configured(
    instrument: string,
    what: "leverage" | "marginMode",
    answer: VenueAnswer<unknown>,
  ): readonly DeskEvent[] {
    const told = this.#words.config(instrument, this.#exchange.now());
    if (answer.ok || answer.reason === "noChangeNeeded") return [told];
    return [told, { type: "configRefused", ...this.#times(), instrument, what, reason: answer.reason }];
  }
}
