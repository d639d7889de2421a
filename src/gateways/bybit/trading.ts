import type { DeskEvent, OrderReportEvent } from "../../core/event.ts";
import type { Instrument, InstrumentId } from "../../core/instrument.ts";
import type { OrderFacts, PositionSide } from "../../core/order.ts";
import { textOf, VALUE_STEP } from "../../core/text.ts";
import { millis, type Value } from "../../core/units.ts";
import type { MarginAnswer, QueryAnswer, Trading } from "../../desk/ports.ts";
import { type Payload, text } from "../binance/fields.ts";
import { RECV_WINDOW_MS } from "../ccxt-client.ts";
import { NoBudgetError } from "../exchange-client.ts";
import { marginFailure } from "../margin-failure.ts";
import { nameless } from "../nameless.ts";
import type { Urgency } from "../weight-budget.ts";
import { configOf, marginModeOf } from "./account-config.ts";
import { failureOf, isGone, isNoChange } from "./errors.ts";
import { profitsOf } from "./history.ts";
import type { BybitLine } from "./line.ts";
import type { BybitParts } from "./market-feed.ts";
import type { Translation } from "./translate.ts";
import { categoryOf, POSITION_IDX, WOULD_TAKE } from "./words.ts";

/**
 * Sends orders to Bybit. Its answers only say that a request was taken: what became of it is asked for, and what is not
 * told is never guessed.
 */
export class BybitTrading implements Trading {
  readonly recvWindowMs = RECV_WINDOW_MS;
  readonly #account: string;
  readonly #line: BybitLine;
  readonly #translation: Translation;
  readonly #log: BybitParts["log"];

  constructor({ account, log }: BybitParts, line: BybitLine, translation: Translation) {
    this.#account = account;
    this.#log = log;
    this.#line = line;
    this.#translation = translation;
  }

  async place(facts: OrderFacts): Promise<readonly DeskEvent[]> {
    const instrument = this.#translation.instrument(facts.instrument);
    const urgency = facts.role === "entry" ? "entry" : "close";
    let orderId: string;
    try {
      const answer = await this.#line.call("POST /v5/order/create", orderParams(facts, instrument), urgency);
      orderId = text(answer, "orderId");
    } catch (error) {
      return [this.#failed(facts, error)];
    }
    // A failed look changes nothing: the request was taken, and the stream will tell what becomes of it.
    const found = await this.#look(facts, urgency).catch(() => undefined);
    if (found === undefined) return [this.#taken(facts, orderId)];
    const reports = this.#translation.order(found, millis(this.#line.now()));
    const refused = reports.find(({ status }) => status === "rejected");
    if (refused === undefined) return reports;
    // Taken and refused in one breath is a refusal: what learns from those must hear of it (how often, whether entries may go on).
    const wouldTake = refused.reason === WOULD_TAKE;
    const reason = wouldTake ? `the order would take (${WOULD_TAKE})` : (refused.reason ?? "rejected");
    const kind = wouldTake ? "postOnly" : "other";
    return [{ type: "placeRejected", ...this.#of(facts), reason, code: undefined, kind }];
  }

  async cancel(facts: OrderFacts, venueOrderId?: string): Promise<readonly DeskEvent[]> {
    const own = nameless(facts.clientId, venueOrderId);
    try {
      await this.#line.call("POST /v5/order/cancel", named(facts, own), "close");
    } catch (error) {
      const failure = failureOf(error);
      const isKnownGone = failure.type === "refused" && isGone(failure.code);
      return [{ type: "cancelFailed", ...this.#of(facts), reason: failure.reason, isGone: isKnownGone }];
    }
    const answer = await this.query(facts, own);
    if (answer.type === "found") return answer.events;
    const reason = answer.type === "failed" ? answer.reason : "cancelled, then not found";
    return [{ type: "cancelFailed", ...this.#of(facts), reason, isGone: answer.type === "notFound" }];
  }

  async query(facts: OrderFacts, venueOrderId?: string): Promise<QueryAnswer> {
    try {
      const found =
        (await this.#look(facts, "close", venueOrderId)) ??
        (await this.#line.named("GET /v5/order/history", named(facts, venueOrderId), "close"));
      if (found === undefined) return { type: "notFound" };
      const reports = this.#translation.order(found, millis(this.#line.now()));
      // What a stop became comes before the stop itself: its last word is the stop's.
      return { type: "found", events: [...(await this.#fills(facts, reports)), ...reports.toReversed()] };
    } catch (error) {
      return { type: "failed", reason: failureOf(error).reason };
    }
  }

  async setLeverage(instrument: InstrumentId, leverage: number): Promise<readonly DeskEvent[]> {
    const [buyLeverage, sellLeverage] = [String(leverage), String(leverage)];
    const params = { category: categoryOf(instrument), symbol: instrument, buyLeverage, sellLeverage };
    await this.#set("POST /v5/position/set-leverage", params, `leverage of ${instrument}`);
    return this.#configOf(instrument);
  }

  /** Bybit has one margin mode for the whole account: this sets that. */
  async setMarginMode(instrument: InstrumentId, mode: "isolated" | "cross"): Promise<readonly DeskEvent[]> {
    const setMarginMode = mode === "isolated" ? "ISOLATED_MARGIN" : "REGULAR_MARGIN";
    await this.#set("POST /v5/account/set-margin-mode", { setMarginMode }, "margin mode of the account");
    return this.#configOf(instrument);
  }

  async addMargin(symbol: InstrumentId, side: PositionSide, amount: Value): Promise<MarginAnswer> {
    const margin = textOf(amount, VALUE_STEP);
    const params = { category: categoryOf(symbol), symbol, margin, positionIdx: POSITION_IDX[side] };
    try {
      await this.#line.call("POST /v5/position/add-margin", params, "close");
      return { type: "added" };
    } catch (error) {
      return marginFailure(error, failureOf(error));
    }
  }

  async #set(name: string, params: object, what: string): Promise<void> {
    try {
      await this.#line.call(name, params, "entry");
    } catch (error) {
      const failure = failureOf(error);
      if (failure.type === "refused" && isNoChange(failure.code)) return;
      throw new Error(`${what}: ${failure.reason}`);
    }
  }

  /** Reads leverage and margin mode back: what we asked for is not what counts. */
  async #configOf(instrument: InstrumentId): Promise<readonly DeskEvent[]> {
    const marginMode = await marginModeOf(this.#line);
    const params = { category: categoryOf(instrument), symbol: instrument };
    const books = await this.#line.rows("GET /v5/position/list", params, "read");
    const times = { at: millis(0), wallAt: millis(this.#line.now()) };
    return [configOf(instrument, books, marginMode, this.#account, times)];
  }

  /** The order by its name, of any state, among those that rest and the recent ones that are over. */
  #look(facts: OrderFacts, urgency: Urgency, venueOrderId?: string): Promise<Payload | undefined> {
    return this.#line.named("GET /v5/order/realtime", named(facts, venueOrderId), urgency);
  }

  /** The executions of an order that a query found: the stream may have lost them. */
  async #fills(facts: OrderFacts, reports: readonly OrderReportEvent[]): Promise<readonly DeskEvent[]> {
    const order = reports.find(({ source }) => source === "order");
    if (order === undefined || order.status === "rejected") return [];
    const category = categoryOf(facts.instrument);
    const params = { category, symbol: facts.instrument, orderId: order.venueOrderId, limit: 100 };
    const rows = await this.#line.rows("GET /v5/execution/list", params, "close");
    const profits = await profitsOf(this.#line, category, rows, "close", this.#log);
    const now = millis(this.#line.now());
    return rows
      .toReversed()
      .map((row) => this.#translation.execution(row, now, profits))
      .filter((fill) => fill !== undefined);
  }

  /** The exchange took the request and has said no more yet. */
  #taken(facts: OrderFacts, venueOrderId: string): OrderReportEvent {
    const { price, trigger, instrument, side, positionSide } = facts;
    return {
      type: "orderReport",
      ...this.#of(facts),
      instrument,
      source: facts.kind === "stopMarket" ? "conditional" : "order",
      venueOrderId,
      status: "open",
      origin: "client",
      side,
      positionSide,
      lots: facts.lots,
      isReduceOnly: facts.isReduceOnly,
      ...(price === undefined ? {} : { price }),
      ...(trigger === undefined ? {} : { trigger }),
    };
  }

  #failed(facts: OrderFacts, error: unknown): DeskEvent {
    const of = this.#of(facts);
    const { standstill } = this.#line;
    if (error instanceof NoBudgetError) {
      const { message: reason } = error;
      return { type: "placeRejected", ...of, reason, code: undefined, kind: "rateLimit", ...standstill };
    }
    const failure = failureOf(error);
    if (failure.type === "lost") return { type: "placeUnknown", ...of, reason: failure.reason };
    const { reason, code, kind } = failure;
    return { type: "placeRejected", ...of, reason, code, kind, ...(kind === "rateLimit" ? standstill : {}) };
  }

  #of(facts: OrderFacts) {
    return {
      at: millis(0),
      wallAt: millis(this.#line.now()),
      account: this.#account,
      clientId: facts.clientId,
    };
  }
}

/** What names an order: always our own id, but for orders that are not ours. */
const named = ({ instrument, clientId }: OrderFacts, venueOrderId?: string) => ({
  category: categoryOf(instrument),
  symbol: instrument,
  ...(venueOrderId === undefined ? { orderLinkId: clientId } : { orderId: venueOrderId }),
});

function orderParams(facts: OrderFacts, instrument: Instrument): object {
  const isBuy = facts.side === "buy";
  const reduces = facts.isReduceOnly || facts.positionSide === (isBuy ? "short" : "long");
  const limit =
    facts.price === undefined
      ? { orderType: "Market" }
      : {
          orderType: "Limit",
          price: textOf(facts.price, instrument.tick),
          timeInForce: facts.isPostOnly ? "PostOnly" : "GTC",
        };
  return {
    ...named(facts),
    side: isBuy ? "Buy" : "Sell",
    qty: textOf(facts.lots, instrument.lot),
    positionIdx: POSITION_IDX[facts.positionSide],
    // Bybit wants to be told in hedge mode too, where the desk's own orders say it by their sides.
    ...(reduces ? { reduceOnly: true } : {}),
    ...limit,
    ...(facts.kind === "stopMarket"
      ? {
          triggerPrice: textOf(facts.trigger ?? 0, instrument.tick),
          // A stop waits for the price to go against the position.
          triggerDirection: isBuy ? 1 : 2,
          triggerBy: "MarkPrice",
          // Without it a stop that triggers while margin is short is cancelled; with it other orders make room for it.
          ...(reduces ? { closeOnTrigger: true } : {}),
        }
      : {}),
  };
}
