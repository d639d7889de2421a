import type { DeskEvent, OrderReportEvent } from "../../core/event.ts";
import type { InstrumentId } from "../../core/instrument.ts";
import type { OrderFacts, PositionSide } from "../../core/order.ts";
import { textOf, VALUE_STEP } from "../../core/text.ts";
import { millis, type Value } from "../../core/units.ts";
import type { MarginAnswer, QueryAnswer, Trading } from "../../desk/ports.ts";
import { type Payload, text } from "../binance/fields.ts";
import { RECV_WINDOW_MS } from "../ccxt-client.ts";
import { type ExchangeClient, NoBudgetError } from "../exchange-client.ts";
import { marginFailure } from "../margin-failure.ts";
import { nameless } from "../nameless.ts";
import type { AccountMode, MarginMode } from "./account-mode.ts";
import type { ReadingParts } from "./account-reading.ts";
import { type Failure, failureOf, isGone, refusalOf } from "./errors.ts";
import { walkFills } from "./history.ts";
import { readLeverage, writeLeverage } from "./leverage.ts";
import { type AlgoName, OrderSearch } from "./order-search.ts";
import { acceptedReport, algoParams, orderParams, POSITION_SIDE } from "./order-words.ts";
import type { OkxTranslation } from "./translate.ts";
import { rowOf, rowsOf } from "./words.ts";

/** Sends orders to OKX. No answer is ever guessed: what is not told is `placeUnknown`. */
export class OkxTrading implements Trading {
  readonly recvWindowMs = RECV_WINDOW_MS;
  readonly #account: string;
  readonly #client: ExchangeClient;
  readonly #translation: OkxTranslation;
  readonly #mode: AccountMode;
  readonly #marketNow: () => number;
  readonly #search: OrderSearch;

  constructor({ account, client, translation, mode, marketNow }: ReadingParts) {
    this.#account = account;
    this.#client = client;
    this.#translation = translation;
    this.#mode = mode;
    this.#marketNow = marketNow;
    this.#search = new OrderSearch(client);
  }

  async place(facts: OrderFacts): Promise<readonly DeskEvent[]> {
    const contract = this.#translation.contract(facts.instrument);
    const mode = this.#mode.marginMode(facts.instrument);
    const isAlgo = facts.kind === "stopMarket";
    try {
      const name = isAlgo ? "POST /api/v5/trade/order-algo" : "POST /api/v5/trade/order";
      const params = isAlgo ? algoParams(facts, contract, mode) : orderParams(facts, contract, mode);
      const urgency = facts.role === "entry" ? "entry" : "close";
      const item = rowOf(await this.#client.call(name, params, urgency), "order");
      const refusal = refusalOf(item);
      if (refusal !== undefined) return [this.#failed(facts, refusal)];
      return [
        isAlgo ? this.#accepted(facts, text(item, "algoId")) : await this.#placed(facts, text(item, "ordId")),
      ];
    } catch (error) {
      if (error instanceof NoBudgetError) return [this.#noBudget(facts, error)];
      return [this.#failed(facts, failureOf(error))];
    }
  }

  async cancel(facts: OrderFacts, venueOrderId: string | undefined): Promise<readonly DeskEvent[]> {
    const { instrument: instId, clientId } = facts;
    const own = nameless(clientId, venueOrderId);
    try {
      const item = rowOf(
        facts.kind === "stopMarket"
          ? await this.#client.call(
              "POST /api/v5/trade/cancel-algos",
              [{ instId, ...algoName(clientId, venueOrderId) }],
              "close",
            )
          : await this.#client.call(
              "POST /api/v5/trade/cancel-order",
              { instId, ...(own === undefined ? { clOrdId: clientId } : { ordId: own }) },
              "close",
            ),
        "cancel",
      );
      const refusal = refusalOf(item);
      return refusal === undefined
        ? await this.#afterCancel(facts, own)
        : [this.#cancelFailed(facts, refusal)];
    } catch (error) {
      return [this.#cancelFailed(facts, failureOf(error))];
    }
  }

  async query(facts: OrderFacts, venueOrderId?: string): Promise<QueryAnswer> {
    const isAlgo = facts.kind === "stopMarket";
    const { instrument, clientId } = facts;
    const orderName = venueOrderId === undefined ? { clOrdId: clientId } : { ordId: venueOrderId };
    try {
      const row = isAlgo
        ? await this.#search.algo(instrument, algoName(clientId, venueOrderId))
        : await this.#search.order(instrument, orderName);
      if (row === undefined) return { type: "notFound" };
      const report = this.#read(row, isAlgo);
      return { type: "found", events: [...(await this.#fills(facts, report)), report] };
    } catch (error) {
      return { type: "failed", reason: failureOf(error).reason };
    }
  }

  async setLeverage(instrument: InstrumentId, leverage: number): Promise<readonly DeskEvent[]> {
    const mode = this.#mode.marginMode(instrument);
    try {
      await writeLeverage(this.#client, this.#mode, instrument, mode, leverage);
    } catch (error) {
      throw new Error(`leverage of ${instrument}: ${failureOf(error).reason}`);
    }
    return this.#configOf(instrument);
  }

  async addMargin(instId: InstrumentId, side: PositionSide, amount: Value): Promise<MarginAnswer> {
    const params = { instId, posSide: POSITION_SIDE[side], type: "add", amt: textOf(amount, VALUE_STEP) };
    try {
      await this.#client.call("POST /api/v5/account/position/margin-balance", params, "close");
      return { type: "added" };
    } catch (error) {
      return marginFailure(error, failureOf(error));
    }
  }

  /** OKX takes the mode with each order and keeps a leverage for each: ours goes with it. A position in the other mode forbids it. */
  async setMarginMode(instrument: InstrumentId, mode: MarginMode): Promise<readonly DeskEvent[]> {
    const before = this.#mode.marginMode(instrument);
    if (mode !== before) {
      try {
        const params = { instType: "SWAP", instId: instrument };
        const held = rowsOf(
          await this.#client.call("GET /api/v5/account/positions", params, "read"),
          "positions",
        );
        if (held.some((row) => Number(text(row, "pos")) !== 0 && text(row, "mgnMode") !== mode)) {
          throw new Error(`a position is held in the mode ${before}`);
        }
        const leverage = await readLeverage(this.#client, instrument, before);
        await writeLeverage(this.#client, this.#mode, instrument, mode, leverage);
      } catch (error) {
        const isOurs = error instanceof Error && error.message.startsWith("a position");
        throw new Error(`margin mode of ${instrument}: ${isOurs ? error.message : failureOf(error).reason}`);
      }
      this.#mode.setMarginMode(instrument, mode);
    }
    return this.#configOf(instrument);
  }

  /** Reads the leverage back: what we asked for is not what counts. */
  async #configOf(instrument: InstrumentId): Promise<readonly DeskEvent[]> {
    const marginMode = this.#mode.marginMode(instrument);
    const leverage = await readLeverage(this.#client, instrument, marginMode);
    const { at, wallAt, account } = this.#of();
    return [{ type: "accountConfig", at, wallAt, account, instrument, leverage, marginMode }];
  }

  /** OKX only says that it took the order; what became of it is asked for. If nobody answers, it rests as far as we know. */
  async #placed(facts: OrderFacts, ordId: string): Promise<DeskEvent> {
    const params = { instId: facts.instrument, ordId };
    let report: OrderReportEvent;
    try {
      const answer = await this.#client.call("GET /api/v5/trade/order", params, "close");
      report = this.#read(rowOf(answer, "order"), false);
    } catch {
      return this.#accepted(facts, ordId);
    }
    if (report.status !== "rejected") return report;
    const reason = report.reason ?? "refused";
    return {
      type: "placeRejected",
      ...this.#of(),
      clientId: facts.clientId,
      reason,
      code: undefined,
      kind: "postOnly",
    };
  }

  /** A cancel is only taken note of as well: the order is asked for. */
  async #afterCancel(facts: OrderFacts, own: string | undefined): Promise<readonly DeskEvent[]> {
    const answer = await this.query(facts, own);
    if (answer.type === "found") return answer.events;
    const reason = answer.type === "failed" ? answer.reason : "cancelled, then not found";
    const isGoneNow = answer.type === "notFound";
    return [{ type: "cancelFailed", ...this.#of(), clientId: facts.clientId, reason, isGone: isGoneNow }];
  }

  /** The executions of an order that a query found: the stream may have lost them. */
  async #fills(facts: OrderFacts, report: OrderReportEvent): Promise<readonly DeskEvent[]> {
    const ordId = report.source === "conditional" ? report.spawnedOrderId : report.venueOrderId;
    if (ordId === undefined) return [];
    const params = { instType: "SWAP", instId: facts.instrument, ordId };
    const call = (name: string, page: object) => this.#client.call(name, page, "close");
    const rows = await walkFills(call, params, report.createdAt ?? 0, this.#marketNow());
    const names = new Map([[ordId, facts.clientId]]);
    const now = millis(this.#client.now());
    return rows.map((row) => this.#translation.fill(row, names, now)).filter((fill) => fill !== undefined);
  }

  #read(row: Payload, isAlgo: boolean): OrderReportEvent {
    const now = millis(this.#client.now());
    return isAlgo ? this.#translation.algo(row, now) : this.#translation.order(row, now);
  }

  #accepted(facts: OrderFacts, id: string): DeskEvent {
    return acceptedReport(facts, id, this.#of());
  }

  #failed(facts: OrderFacts, failure: Failure): DeskEvent {
    const of = { ...this.#of(), clientId: facts.clientId, reason: failure.reason };
    if (failure.type === "lost") return { type: "placeUnknown", ...of };
    return { type: "placeRejected", ...of, code: failure.code, kind: failure.kind };
  }

  #noBudget(facts: OrderFacts, error: Error): DeskEvent {
    const of = { ...this.#of(), clientId: facts.clientId, reason: error.message };
    return { type: "placeRejected", ...of, code: undefined, kind: "rateLimit" };
  }

  #cancelFailed(facts: OrderFacts, failure: Failure): DeskEvent {
    const isKnownGone = failure.type === "refused" && isGone(failure.code);
    const of = { ...this.#of(), clientId: facts.clientId };
    return { type: "cancelFailed", ...of, reason: failure.reason, isGone: isKnownGone };
  }

  #of() {
    return { at: millis(0), wallAt: millis(this.#client.now()), account: this.#account };
  }
}

/** A conditional order by OKX's id where it is known: "a17" is 17. */
const algoName = (clientId: string, venueOrderId: string | undefined): AlgoName =>
  venueOrderId?.startsWith("a") === true ? { algoId: venueOrderId.slice(1) } : { algoClOrdId: clientId };
