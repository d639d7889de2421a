import type {
  AccountConfigEvent,
  BalanceEvent,
  DeskEvent,
  ExposureOfBook,
  FillEvent,
  OrderReportEvent,
} from "../core/event.ts";
import { averagePrice, type Instrument, type InstrumentId } from "../core/instrument.ts";
import type { RejectKind } from "../core/reject-kind.ts";
import type { Truth } from "../core/truth.ts";
import { lots, type Millis } from "../core/units.ts";
import type {
  Exchange,
  RejectReason,
  VenueConditional,
  VenueEvent,
  VenueOrder,
  VenuePosition,
  VenueTrade,
} from "../venue/exchange.ts";

/** What kind of refusal each of the exchange's reasons is, as a gateway would say it from the exchange's code. */
export const REFUSALS: Readonly<Record<RejectReason, RejectKind>> = {
  unknownInstrument: "other",
  priceNotOnTick: "filter",
  quantityNotOnLot: "filter",
  priceOutOfRange: "filter",
  priceTooFarAbove: "filter",
  priceTooFarBelow: "filter",
  quantityZero: "filter",
  quantityBelowMin: "filter",
  quantityAboveMax: "filter",
  notionalTooSmall: "filter",
  duplicateClientId: "other",
  marginInsufficient: "margin",
  wouldTakePostOnly: "postOnly",
  cannotFillFillOrKill: "other",
  reduceOnlyRejected: "reduceOnly",
  reduceOnlyConflict: "reduceOnly",
  positionSideMismatch: "other",
  tooManyOrders: "tooMany",
  tooManyConditionalOrders: "tooMany",
  wouldTriggerAtOnce: "wouldTrigger",
  noLiquidity: "thinMarket",
  inLiquidation: "other",
  leverageNotAllowed: "margin",
  leverageReductionRefused: "other",
  noChangeNeeded: "other",
  openOrdersOrPositionsExist: "other",
  unknownOrder: "other",
  marginCannotBeReduced: "other",
  instrumentSettling: "other",
  instrumentClosed: "other",
  stopRefused: "other",
  closePositionExists: "other",
  activationInvalid: "other",
  callbackInvalid: "other",
  onlyLimitAmendable: "other",
  noAmendNeeded: "other",
};

const ORDER_STATUS: Readonly<Record<VenueOrder["status"], OrderReportEvent["status"]>> = {
  new: "open",
  partiallyFilled: "partlyFilled",
  filled: "filled",
  canceled: "canceled",
  expired: "expired",
  rejected: "rejected",
};

const CONDITIONAL_STATUS: Readonly<Record<VenueConditional["status"], OrderReportEvent["status"]>> = {
  new: "open",
  triggering: "open",
  triggered: "triggered",
  finished: "triggered",
  canceled: "canceled",
  rejected: "rejected",
  expired: "expired",
};

const ORIGINS: Readonly<Record<VenueOrder["origin"], OrderReportEvent["origin"]>> = {
  client: "client",
  liquidation: "liquidation",
  adl: "adl",
  settlement: "liquidation",
};

/**
 * Puts the exchange's own events and views into the desk's words, as a gateway does with an exchange's payloads: the
 * same order of news (an execution before the report of its order), without the texts in between. Pure.
 */
export class Translation {
  readonly #exchange: Exchange;
  readonly #account: string;
  readonly #venue: string;
  readonly #instruments: ReadonlyMap<InstrumentId, Instrument>;

  constructor(exchange: Exchange, account: string, venue: string) {
    this.#exchange = exchange;
    this.#account = account;
    this.#venue = venue;
    this.#instruments = new Map(exchange.instruments.map((each) => [each.id, each]));
  }

  /** An event of the exchange as news for the desk, pushed onto `news`. What is told otherwise pushes nothing. */
  tell(event: VenueEvent, news: DeskEvent[]): void {
    const { at } = event;
    switch (event.type) {
      case "top":
        news.push({
          type: "top",
          at,
          wallAt: at,
          venue: this.#venue,
          instrument: event.instrument,
          bid: event.bid,
          bidLots: event.bidLots,
          ask: event.ask,
          askLots: event.askLots,
        });
        return;
      case "mark":
        news.push({
          type: "mark",
          at,
          wallAt: at,
          venue: this.#venue,
          instrument: event.instrument,
          mark: event.mark,
          index: event.index,
          fundingRate: event.fundingRate,
          nextFundingAt: event.nextFundingAt,
        });
        return;
      case "order":
        if (event.trade !== undefined) news.push(this.fill(event.trade, event.order, at));
        news.push(this.report(event.order, at));
        return;
      case "conditional":
        news.push(this.conditional(event.conditional, at));
        return;
      default:
    }
  }

  report(order: VenueOrder, wallAt: Millis): OrderReportEvent {
    const { request } = order;
    return {
      type: "orderReport",
      source: "order",
      at: order.updatedAt,
      wallAt,
      account: this.#account,
      instrument: request.instrument,
      positionSide: request.positionSide,
      clientId: order.clientId,
      venueOrderId: String(order.orderId),
      status: ORDER_STATUS[order.status],
      origin: ORIGINS[order.origin],
      side: request.side,
      lots: request.lots,
      isReduceOnly: request.reduceOnly,
      createdAt: order.createdAt,
      ...(request.price === undefined ? {} : { price: request.price }),
    };
  }

  conditional(order: VenueConditional, wallAt: Millis): OrderReportEvent {
    const { request, spawnedOrderId, rejectReason } = order;
    return {
      type: "orderReport",
      source: "conditional",
      at: order.updatedAt,
      wallAt,
      account: this.#account,
      instrument: request.instrument,
      positionSide: request.positionSide,
      clientId: order.clientId,
      venueOrderId: `a${order.conditionalId}`,
      status: CONDITIONAL_STATUS[order.status],
      origin: "client",
      side: request.side,
      lots: request.lots ?? lots(0),
      trigger: request.trigger,
      isReduceOnly: request.reduceOnly,
      createdAt: order.createdAt,
      ...(spawnedOrderId === undefined ? {} : { spawnedOrderId: String(spawnedOrderId) }),
      ...(rejectReason === undefined ? {} : { reason: rejectReason }),
    };
  }

  fill(trade: VenueTrade, order: VenueOrder, wallAt: Millis): FillEvent {
    return {
      type: "fill",
      at: trade.at,
      wallAt,
      account: this.#account,
      instrument: trade.instrument,
      positionSide: trade.positionSide,
      // Two orders of one account that meet have one number: the side tells them apart.
      tradeId: `${trade.tradeId}${trade.side === "buy" ? "b" : "s"}`,
      venueOrderId: String(trade.orderId),
      clientId: order.clientId,
      side: trade.side,
      price: trade.price,
      lots: trade.lots,
      fee: trade.fee,
      feeAsset: this.#instruments.get(trade.instrument)?.settle ?? "",
      realized: trade.realized,
      isMaker: trade.isMaker,
      origin: ORIGINS[order.origin],
    };
  }

  balance(at: Millis, cause: BalanceEvent["cause"]): BalanceEvent {
    const { asset, wallet } = this.#exchange.balance(this.#account);
    return { type: "balance", at, wallAt: at, account: this.#account, asset, wallet, cause };
  }

  /** Leverage and margin mode of an instrument, as read back. */
  config(instrument: InstrumentId, at: Millis): AccountConfigEvent {
    return {
      type: "accountConfig",
      at,
      wallAt: at,
      account: this.#account,
      instrument,
      leverage: this.#exchange.leverage(this.#account, instrument),
      marginMode: this.#exchange.marginMode(this.#account, instrument),
    };
  }

  /** Risk figures of all books. */
  books(
    positions: readonly VenuePosition[] = this.#exchange.positions(this.#account),
  ): readonly ExposureOfBook[] {
    return positions.map((position) => {
      const instrument = this.#instruments.get(position.instrument);
      return {
        instrument: position.instrument,
        positionSide: position.positionSide,
        lots: position.lots,
        entry: instrument && averagePrice(instrument, position.cost, position.lots),
        mark: position.mark,
        liquidation: position.liquidation,
        marginMode: position.marginMode,
        leverage: position.leverage,
        isolatedWallet: position.isolatedWallet,
        maintenanceMargin: position.maintenanceMargin,
      };
    });
  }

  /** A whole reading of the account as it stands. Its past needs none: no news of it can be lost on the way. */
  truth(at: Millis): Truth {
    const exchange = this.#exchange;
    const { asset, wallet } = exchange.balance(this.#account);
    return {
      startedWallAt: at,
      instruments: exchange.instruments.map(({ id }) => id),
      historyFrom: at,
      openOrders: exchange.openOrders(this.#account).map((order) => this.report(order, at)),
      openConditionals: exchange.openConditionals(this.#account).map((order) => this.conditional(order, at)),
      history: [],
      fills: [],
      books: this.books(),
      others: [],
      wallets: [{ asset, wallet }],
      isHedgeMode: exchange.isHedgeMode(this.#account),
    };
  }
}
