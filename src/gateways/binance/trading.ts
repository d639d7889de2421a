import type { DeskEvent } from "../../core/event.ts";
import type { Instrument, InstrumentId } from "../../core/instrument.ts";
import type { OrderFacts } from "../../core/order.ts";
import { textOf } from "../../core/text.ts";
import { millis } from "../../core/units.ts";
import type { QueryAnswer, Trading } from "../../desk/ports.ts";
import { RECV_WINDOW_MS } from "../ccxt-client.ts";
import { type ExchangeClient, NoBudgetError } from "../exchange-client.ts";
import { failureOf, isGone, isNoChange } from "./errors.ts";
import { list, object, type Payload, text, whole } from "./fields.ts";
import type { Translation } from "./translate.ts";

/** Sends orders to Binance USDT-M futures. No answer is ever guessed: what is not told is `placeUnknown`. */
export class BinanceTrading implements Trading {
  readonly recvWindowMs = RECV_WINDOW_MS;
  readonly #account: string;
  readonly #client: ExchangeClient;
  readonly #translation: Translation;

  constructor(account: string, client: ExchangeClient, translation: Translation) {
    this.#account = account;
    this.#client = client;
    this.#translation = translation;
  }

  async place(facts: OrderFacts): Promise<readonly DeskEvent[]> {
    const instrument = this.#translation.instrument(facts.instrument);
    const isConditional = facts.kind === "stopMarket";
    const urgency = facts.role === "entry" ? "entry" : "close";
    try {
      const answer = object(
        isConditional
          ? await this.#client.call("POST /fapi/v1/algoOrder", conditionalParams(facts, instrument), urgency)
          : await this.#client.call("POST /fapi/v1/order", orderParams(facts, instrument), urgency),
        "order",
      );
      return this.#report(answer, isConditional);
    } catch (error) {
      return [this.#failed(facts, error)];
    }
  }

  async cancel(facts: OrderFacts): Promise<readonly DeskEvent[]> {
    const isConditional = facts.kind === "stopMarket";
    try {
      if (isConditional) {
        await this.#client.call("DELETE /fapi/v1/algoOrder", { clientAlgoId: facts.clientId }, "close");
        return await this.#afterCancel(facts);
      }
      const params = { symbol: facts.instrument, origClientOrderId: facts.clientId };
      return this.#report(
        object(await this.#client.call("DELETE /fapi/v1/order", params, "close"), "order"),
        false,
      );
    } catch (error) {
      const failure = failureOf(error);
      const isKnownGone = failure.type === "refused" && isGone(failure.code);
      return [{ type: "cancelFailed", ...this.#of(facts), reason: failure.reason, isGone: isKnownGone }];
    }
  }

  async query(facts: OrderFacts): Promise<QueryAnswer> {
    const isConditional = facts.kind === "stopMarket";
    try {
      const answer = object(
        isConditional
          ? await this.#client.call("GET /fapi/v1/algoOrder", { clientAlgoId: facts.clientId }, "close")
          : await this.#client.call(
              "GET /fapi/v1/order",
              { symbol: facts.instrument, origClientOrderId: facts.clientId },
              "close",
            ),
        "order",
      );
      const reports = this.#report(answer, isConditional);
      return { type: "found", events: [...(await this.#fills(facts, reports)), ...reports] };
    } catch (error) {
      const failure = failureOf(error);
      if (failure.type === "refused" && isGone(failure.code)) return { type: "notFound" };
      return { type: "failed", reason: failure.reason };
    }
  }

  async setLeverage(instrument: InstrumentId, leverage: number): Promise<readonly DeskEvent[]> {
    try {
      await this.#client.call("POST /fapi/v1/leverage", { symbol: instrument, leverage }, "entry");
    } catch (error) {
      if (!isNoChange(codeOf(error)))
        throw new Error(`leverage of ${instrument}: ${failureOf(error).reason}`);
    }
    return this.#configOf(instrument);
  }

  async setMarginMode(instrument: InstrumentId, mode: "isolated" | "cross"): Promise<readonly DeskEvent[]> {
    const marginType = mode === "isolated" ? "ISOLATED" : "CROSSED";
    try {
      await this.#client.call("POST /fapi/v1/marginType", { symbol: instrument, marginType }, "entry");
    } catch (error) {
      if (!isNoChange(codeOf(error)))
        throw new Error(`margin mode of ${instrument}: ${failureOf(error).reason}`);
    }
    return this.#configOf(instrument);
  }

  /** Reads leverage and margin mode back: what we asked for is not what counts. */
  async #configOf(instrument: InstrumentId): Promise<readonly DeskEvent[]> {
    const configs = list(
      await this.#client.call("GET /fapi/v1/symbolConfig", { symbol: instrument }, "read"),
      "symbolConfig",
    );
    const config = configs.find((each) => text(each, "symbol") === instrument);
    if (config === undefined) return [];
    const marginMode = text(config, "marginType") === "ISOLATED" ? "isolated" : "cross";
    const now = millis(this.#client.now());
    return [
      {
        type: "accountConfig",
        at: millis(0),
        wallAt: now,
        account: this.#account,
        instrument,
        leverage: whole(config, "leverage"),
        marginMode,
      },
    ];
  }

  /** A cancelled conditional order is asked for: the answer to the cancel does not tell its state. */
  async #afterCancel(facts: OrderFacts): Promise<readonly DeskEvent[]> {
    const answer = await this.query(facts);
    if (answer.type === "found") return answer.events;
    const reason = answer.type === "failed" ? answer.reason : "cancelled, then not found";
    return [{ type: "cancelFailed", ...this.#of(facts), reason, isGone: answer.type === "notFound" }];
  }

  /** The executions of an order that a query found: the stream may have lost them. */
  async #fills(facts: OrderFacts, reports: readonly DeskEvent[]): Promise<readonly DeskEvent[]> {
    const [report] = reports;
    if (report?.type !== "orderReport" || report.status === "rejected") return [];
    const orderId = report.source === "conditional" ? report.spawnedOrderId : report.venueOrderId;
    if (orderId === undefined) return [];
    const params = { symbol: facts.instrument, orderId };
    const trades = list(await this.#client.call("GET /fapi/v1/userTrades", params, "close"), "userTrades");
    const names = new Map([[orderId, facts.clientId]]);
    const now = millis(this.#client.now());
    return trades
      .map((trade) => this.#translation.restTrade(trade, names, now))
      .filter((fill) => fill !== undefined);
  }

  #report(answer: Payload, isConditional: boolean): readonly DeskEvent[] {
    const now = millis(this.#client.now());
    const report = isConditional
      ? this.#translation.restConditional(answer, now)
      : this.#translation.restOrder(answer, now);
    return report === undefined ? [] : [report];
  }

  #failed(facts: OrderFacts, error: unknown): DeskEvent {
    if (error instanceof NoBudgetError) {
      return {
        type: "placeRejected",
        ...this.#of(facts),
        reason: error.message,
        code: undefined,
        kind: "rateLimit",
      };
    }
    const failure = failureOf(error);
    if (failure.type === "lost") return { type: "placeUnknown", ...this.#of(facts), reason: failure.reason };
    return {
      type: "placeRejected",
      ...this.#of(facts),
      reason: failure.reason,
      code: failure.code,
      kind: failure.kind,
    };
  }

  #of(facts: OrderFacts) {
    return {
      at: millis(0),
      wallAt: millis(this.#client.now()),
      account: this.#account,
      clientId: facts.clientId,
    };
  }
}

function codeOf(error: unknown): number {
  const failure = failureOf(error);
  return failure.type === "refused" ? failure.code : 0;
}

const POSITION_SIDE = { both: "BOTH", long: "LONG", short: "SHORT" } as const;

function common(facts: OrderFacts, instrument: Instrument) {
  return {
    symbol: facts.instrument,
    side: facts.side === "buy" ? "BUY" : "SELL",
    quantity: textOf(facts.lots, instrument.lot),
    // In hedge mode Binance refuses reduceOnly: side and position side say it.
    ...(facts.positionSide === "both" ? {} : { positionSide: POSITION_SIDE[facts.positionSide] }),
    ...(facts.isReduceOnly ? { reduceOnly: "true" } : {}),
  };
}

function orderParams(facts: OrderFacts, instrument: Instrument): object {
  const limit =
    facts.price === undefined
      ? { type: "MARKET" }
      : {
          type: "LIMIT",
          price: textOf(facts.price, instrument.tick),
          timeInForce: facts.isPostOnly ? "GTX" : "GTC",
        };
  return {
    ...common(facts, instrument),
    ...limit,
    newClientOrderId: facts.clientId,
    newOrderRespType: "RESULT",
  };
}

function conditionalParams(facts: OrderFacts, instrument: Instrument): object {
  return {
    ...common(facts, instrument),
    algoType: "CONDITIONAL",
    type: "STOP_MARKET",
    triggerPrice: textOf(facts.trigger ?? 0, instrument.tick),
    workingType: "MARK_PRICE",
    clientAlgoId: facts.clientId,
  };
}
