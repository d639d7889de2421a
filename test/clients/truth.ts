import type { Exchange, VenueConditional, VenueOrder, VenuePosition } from "../../src/venue/exchange.ts";
import {
  type Heard,
  nameOf,
  type OrderSeen,
  rounded,
  type Standing,
  SYMBOL,
  sorted,
  type View,
} from "./trader.ts";

const ACCOUNT = "main";
const LOT = 1_000;
const TICK = 10;
const MONEY = 1e8;

const ORDER = {
  new: "open",
  partiallyFilled: "open",
  filled: "closed",
  canceled: "canceled",
  expired: "expired",
  rejected: "rejected",
} as const satisfies Record<VenueOrder["status"], Standing>;

const STOP = {
  new: "open",
  triggering: "open",
  triggered: "closed",
  finished: "closed",
  canceled: "canceled",
  rejected: "rejected",
  expired: "expired",
} as const satisfies Record<VenueConditional["status"], Standing>;

/** What the exchange itself knows of the account: read from its state, not from any protocol. */
export class Truth {
  readonly #exchange: Exchange;
  readonly #orders: Record<string, readonly [Standing, number]> = {};
  readonly #stops: Record<string, Standing> = {};
  readonly #positions: Record<string, number> = {};
  #wallet: number | undefined;

  constructor(exchange: Exchange) {
    this.#exchange = exchange;
    exchange.listen((event) => {
      if (event.type === "order" && event.order.account === ACCOUNT) {
        const { clientId, status, filled } = event.order;
        this.#orders[nameOf(clientId)] = [ORDER[status], filled / LOT];
      } else if (event.type === "conditional" && event.conditional.account === ACCOUNT) {
        this.#stops[event.conditional.clientId] = STOP[event.conditional.status];
      } else if (event.type === "account" && event.account === ACCOUNT) this.#noteAccount();
    });
  }

  /** What the private stream should have told by now. */
  heard(): Heard {
    return { orders: this.#orders, stops: this.#stops, positions: this.#positions, wallet: this.#wallet };
  }

  /** What a client should see now. */
  view(orderId: string | undefined, stopId: string | undefined): View {
    const exchange = this.#exchange;
    const balance = exchange.balance(ACCOUNT);
    const order = orderId === undefined ? undefined : exchange.order(ACCOUNT, SYMBOL, { clientId: orderId });
    const stop = stopId === undefined ? undefined : exchange.conditional(ACCOUNT, { clientId: stopId });
    return {
      order: order === undefined ? undefined : orderSeen(order),
      stop: stop === undefined ? undefined : STOP[stop.status],
      openOrders: exchange
        .openOrders(ACCOUNT)
        .map(({ clientId }) => clientId)
        .sort(),
      openStops: exchange
        .openConditionals(ACCOUNT)
        .map(({ clientId }) => clientId)
        .sort(),
      positions: sorted(exchange.positions(ACCOUNT).map(positionSeen)),
      wallet: rounded(balance.wallet / MONEY),
      available: rounded(balance.available / MONEY),
      leverage: exchange.leverage(ACCOUNT, SYMBOL),
      isIsolated: exchange.marginMode(ACCOUNT, SYMBOL) === "isolated",
      isHedge: exchange.isHedgeMode(ACCOUNT),
    };
  }

  #noteAccount(): void {
    this.#wallet = this.#exchange.balance(ACCOUNT).wallet / MONEY;
    const sides = this.#exchange.isHedgeMode(ACCOUNT) ? (["long", "short"] as const) : (["both"] as const);
    for (const side of sides) {
      const held = this.#exchange
        .positions(ACCOUNT)
        .find(({ instrument, positionSide }) => instrument === SYMBOL && positionSide === side);
      this.#positions[side.toUpperCase()] = (held?.lots ?? 0) / LOT;
    }
  }
}

const orderSeen = ({ status, request, filled }: VenueOrder): OrderSeen => ({
  status: ORDER[status],
  price: (request.price ?? 0) / TICK,
  quantity: request.lots / LOT,
  filled: filled / LOT,
});

const positionSeen = ({ lots, cost, liquidation }: VenuePosition) => ({
  side: lots > 0 ? ("long" as const) : ("short" as const),
  quantity: Math.abs(lots) / LOT,
  entry: lots === 0 ? 0 : rounded(cost / MONEY / (lots / LOT)),
  liquidation: (liquidation ?? 0) / TICK,
});
