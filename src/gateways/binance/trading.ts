import type { AccountConfigEvent, ConfigRefusedEvent, DeskEvent } from "../../core/event.ts";
import type { Instrument, InstrumentId } from "../../core/instrument.ts";
import { closesAll, type OrderFacts, type PositionSide } from "../../core/order.ts";
import { textOf, VALUE_STEP } from "../../core/text.ts";
import { millis, type Value } from "../../core/units.ts";
import type { MarginAnswer, QueryAnswer, Trading } from "../../desk/ports.ts";
import { RECV_WINDOW_MS } from "../ccxt-client.ts";
import { type ExchangeClient, NoBudgetError } from "../exchange-client.ts";
import { marginFailure } from "../margin-failure.ts";
import { nameless } from "../nameless.ts";
import { configOf } from "./account-reading.ts";
import type { Dialect } from "./dialect.ts";
import { failureOf, isGone, isNoChange } from "./errors.ts";
import { list, object, type Payload, text } from "./fields.ts";
import type { BinanceParts } from "./market-feed.ts";
import type { Readings } from "./readings.ts";
import { algoIdOf } from "./words.ts";

/** Sends orders to Binance futures. No answer is ever guessed: what is not told is `placeUnknown`. */
export class BinanceTrading implements Trading {
  readonly recvWindowMs = RECV_WINDOW_MS;
  readonly #account: string;
  readonly #client: ExchangeClient;
  readonly #log: BinanceParts["log"];
  readonly #dialect: Dialect;
  /** First part of the paths of all calls here. */
  readonly #v1: string;
  readonly #readings: Readings;

  constructor({ account, client, log }: BinanceParts, dialect: Dialect, readings: Readings) {
    this.#account = account;
    this.#client = client;
    this.#log = log;
    this.#dialect = dialect;
    this.#v1 = `/${dialect.family}/v1`;
    this.#readings = readings;
  }

  async place(facts: OrderFacts): Promise<readonly DeskEvent[]> {
    const instrument = this.#readings.instrument(facts.instrument);
    const isConditional = facts.kind === "stopMarket";
    const urgency = facts.role === "entry" ? "entry" : "close";
    try {
      const answer = object(
        isConditional
          ? await this.#client.call(
              `POST ${this.#v1}/algoOrder`,
              conditionalParams(facts, instrument),
              urgency,
            )
          : await this.#client.call(`POST ${this.#v1}/order`, orderParams(facts, instrument), urgency),
        "order",
      );
      return this.#report(answer, isConditional);
    } catch (error) {
      return [this.#failed(facts, error)];
    }
  }

  async cancel(facts: OrderFacts, venueOrderId?: string): Promise<readonly DeskEvent[]> {
    const { instrument: symbol, clientId } = facts;
    const isConditional = facts.kind === "stopMarket";
    const own = nameless(clientId, venueOrderId);
    try {
      if (isConditional) {
        const name = own === undefined ? { clientAlgoId: clientId } : { algoId: algoIdOf(own) };
        await this.#client.call(`DELETE ${this.#v1}/algoOrder`, name, "close");
        return await this.#afterCancel(facts, own);
      }
      const params = { symbol, ...(own === undefined ? { origClientOrderId: clientId } : { orderId: own }) };
      return this.#report(
        object(await this.#client.call(`DELETE ${this.#v1}/order`, params, "close"), "order"),
        false,
      );
    } catch (error) {
      const failure = failureOf(error);
      const isKnownGone = failure.type === "refused" && isGone(failure.code);
      return [{ type: "cancelFailed", ...this.#of(facts), reason: failure.reason, isGone: isKnownGone }];
    }
  }

  async query(facts: OrderFacts, venueOrderId?: string): Promise<QueryAnswer> {
    const { instrument: symbol, clientId } = facts;
    const isConditional = facts.kind === "stopMarket";
    try {
      const answer = object(
        isConditional
          ? await this.#client.call(
              `GET ${this.#v1}/algoOrder`,
              venueOrderId === undefined ? { clientAlgoId: clientId } : { algoId: algoIdOf(venueOrderId) },
              "close",
            )
          : await this.#client.call(
              `GET ${this.#v1}/order`,
              venueOrderId === undefined
                ? { symbol, origClientOrderId: clientId }
                : { symbol, orderId: venueOrderId },
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

  together(work: () => void): void {
    if (this.#client.together === undefined) work();
    else this.#client.together(work);
  }

  setLeverage(instrument: InstrumentId, leverage: number): Promise<readonly DeskEvent[]> {
    return this.#configure("leverage", instrument, { leverage }, (config) => config.leverage === leverage);
  }

  setMarginMode(instrument: InstrumentId, mode: "isolated" | "cross"): Promise<readonly DeskEvent[]> {
    const marginType = mode === "isolated" ? "ISOLATED" : "CROSSED";
    return this.#configure("marginMode", instrument, { marginType }, (config) => config.marginMode === mode);
  }

  async addMargin(symbol: InstrumentId, side: PositionSide, amount: Value): Promise<MarginAnswer> {
    const params = { symbol, amount: textOf(amount, VALUE_STEP), positionSide: POSITION_SIDE[side], type: 1 };
    try {
      await this.#client.call(`POST ${this.#v1}/positionMargin`, params, "close");
      return { type: "added" };
    } catch (error) {
      return marginFailure(error, failureOf(error));
    }
  }

  /**
   * Asks for a setting and reads back what the exchange has: what we asked for is not what counts. When that is something
   * else, or can't be read, the refusal is told with it; what was known before stays.
   */
  async #configure(
    what: ConfigRefusedEvent["what"],
    symbol: InstrumentId,
    wanted: object,
    isAsWanted: (config: AccountConfigEvent) => boolean,
  ): Promise<readonly DeskEvent[]> {
    const unsettled = (message: string, error: unknown): string => {
      const { reason } = failureOf(error);
      this.#log.warn(message, { instrument: symbol, ...wanted, reason });
      return reason;
    };
    let reason = "the exchange has something else";
    try {
      const call = what === "leverage" ? "leverage" : "marginType";
      await this.#client.call(`POST ${this.#v1}/${call}`, { symbol, ...wanted }, "entry");
    } catch (error) {
      if (!isNoChange(codeOf(error))) reason = unsettled("a setting of the account was not changed", error);
    }
    try {
      const config = await this.#configOf(symbol);
      if (config.length > 0 && config.every(isAsWanted)) return config;
      return [...config, this.#refused(symbol, what, reason)];
    } catch (error) {
      unsettled("the settings of the account could not be read back", error);
      return [this.#refused(symbol, what, "what the exchange has now could not be read")];
    }
  }

  #refused(instrument: InstrumentId, what: ConfigRefusedEvent["what"], reason: string): ConfigRefusedEvent {
    const times = { at: millis(0), wallAt: millis(this.#client.now()) };
    return { type: "configRefused", ...times, account: this.#account, instrument, what, reason };
  }

  async #configOf(symbol: InstrumentId): Promise<readonly AccountConfigEvent[]> {
    const { configCall, configOf: narrowed } = this.#dialect;
    const rows = list(await this.#client.call(configCall, narrowed(symbol), "read"), "symbolConfig");
    const row = rows.find((each) => text(each, "symbol") === symbol);
    return row === undefined ? [] : [configOf(row, this.#account, millis(0), millis(this.#client.now()))];
  }

  /** A cancelled conditional order is asked for: the answer to the cancel does not tell its state. */
  async #afterCancel(facts: OrderFacts, own: string | undefined): Promise<readonly DeskEvent[]> {
    const answer = await this.query(facts, own);
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
    const params = { symbol: facts.instrument, orderId, limit: FILLS_PAGE };
    const trades = list(await this.#client.call(`GET ${this.#v1}/userTrades`, params, "close"), "userTrades");
    const names = new Map([[orderId, facts.clientId]]);
    const now = millis(this.#client.now());
    return trades.map((trade) => this.#readings.trade(trade, names, now));
  }

  #report(answer: Payload, isConditional: boolean): readonly DeskEvent[] {
    const now = millis(this.#client.now());
    return [isConditional ? this.#readings.conditional(answer, now) : this.#readings.order(answer, now)];
  }

  #failed(facts: OrderFacts, error: unknown): DeskEvent {
    if (error instanceof NoBudgetError) {
      return {
        type: "placeRejected",
        ...this.#of(facts),
        reason: error.message,
        code: undefined,
        kind: "rateLimit",
        ...this.#client.budget.standstill,
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
      ...(failure.kind === "rateLimit" ? this.#client.budget.standstill : {}),
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

function codeOf(error: unknown): number | undefined {
  const failure = failureOf(error);
  return failure.type === "refused" ? failure.code : undefined;
}

/** Executions of one order that a question is answered with at most. */
const FILLS_PAGE = 1_000;

const POSITION_SIDE = { both: "BOTH", long: "LONG", short: "SHORT" } as const;

const sideOf = (facts: OrderFacts): string => (facts.side === "buy" ? "BUY" : "SELL");

// The literals below begin with a name: one that begins with a spread costs V8 half a microsecond for each later name.
const amountOf = (facts: OrderFacts, instrument: Instrument) => ({
  // In hedge mode Binance refuses reduceOnly: side and position side say it.
  ...(facts.positionSide === "both" ? {} : { positionSide: POSITION_SIDE[facts.positionSide] }),
  ...(closesAll(facts)
    ? { closePosition: "true" }
    : {
        quantity: textOf(facts.lots, instrument.lot),
        ...(facts.isReduceOnly ? { reduceOnly: "true" } : {}),
      }),
});

function orderParams(facts: OrderFacts, instrument: Instrument): object {
  const limit =
    facts.price === undefined
      ? {}
      : { price: textOf(facts.price, instrument.tick), timeInForce: facts.isPostOnly ? "GTX" : "GTC" };
  return {
    symbol: facts.instrument,
    side: sideOf(facts),
    ...amountOf(facts, instrument),
    type: facts.price === undefined ? "MARKET" : "LIMIT",
    ...limit,
    newClientOrderId: facts.clientId,
    newOrderRespType: "RESULT",
  };
}

function conditionalParams(facts: OrderFacts, instrument: Instrument): object {
  return {
    symbol: facts.instrument,
    side: sideOf(facts),
    ...amountOf(facts, instrument),
    algoType: "CONDITIONAL",
    type: "STOP_MARKET",
    triggerPrice: textOf(facts.trigger ?? 0, instrument.tick),
    workingType: "MARK_PRICE",
    clientAlgoId: facts.clientId,
  };
}
