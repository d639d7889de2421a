import type { Lots, Millis, Side, Ticks, Value } from "../core/units.ts";
import type {
  ConditionalRequest,
  OrderEndReason,
  OrderRequest,
  PositionSide,
  RejectReason,
  VenueConditional,
  VenueOrder,
} from "./exchange.ts";
import { type Trail, triggerOf } from "./trailing.ts";
import type { Account } from "./venue-state.ts";

/** A client's order as the exchange works on it; clients only ever see snapshots. */
export interface ClientOrder {
  readonly orderId: number;
  readonly clientId: string;
  readonly account: Account;
  /** Its `lots` shrink when the exchange cuts a reduce-only order to the position. */
  request: OrderRequest;
  readonly side: Side;
  /** The price it rests at; 0 for a market order, which never rests. */
  price: Ticks;
  /** Its place among orders of one price: the lower came to rest there earlier. */
  rank: number;
  status: VenueOrder["status"];
  left: Lots;
  filled: Lots;
  cost: Value;
  readonly createdAt: Millis;
  updatedAt: Millis;
  readonly conditional: ClientConditional | undefined;
  readonly origin: VenueOrder["origin"];
  endReason: OrderEndReason | undefined;
}

/** A conditional order as the exchange works on it. */
export interface ClientConditional {
  readonly conditionalId: number;
  readonly clientId: string;
  readonly account: Account;
  readonly request: ConditionalRequest;
  /** +1: fires at or above the trigger; -1: at or below. */
  readonly direction: 1 | -1;
  readonly trail: Trail | undefined;
  status: VenueConditional["status"];
  spawnedOrderId: number | undefined;
  rejectReason: RejectReason | undefined;
  endReason: OrderEndReason | undefined;
  readonly createdAt: Millis;
  updatedAt: Millis;
  triggeredAt: Millis | undefined;
}

/** Whether an order still rests or executes. */
export const isOpen = (order: ClientOrder): boolean =>
  order.status === "new" || order.status === "partiallyFilled";

/** Whether an order can only make its book smaller: said so, or, in hedge mode, by its two sides. */
export const isReducer = (request: {
  readonly reduceOnly: boolean;
  readonly positionSide: PositionSide;
  readonly side: Side;
}): boolean =>
  request.reduceOnly ||
  (request.positionSide === "long" && request.side === "sell") ||
  (request.positionSide === "short" && request.side === "buy");

/** An order as a client may keep it. */
export function orderSnapshot(order: ClientOrder): VenueOrder {
  return {
    orderId: order.orderId,
    clientId: order.clientId,
    account: order.account.id,
    request: order.request,
    status: order.status,
    filled: order.filled,
    cost: order.cost,
    createdAt: order.createdAt,
    updatedAt: order.updatedAt,
    ...(order.conditional === undefined ? {} : { conditionalId: order.conditional.conditionalId }),
    origin: order.origin,
    ...(order.endReason === undefined ? {} : { endReason: order.endReason }),
  };
}

/** A conditional order as a client may keep it. */
export function conditionalSnapshot(order: ClientConditional): VenueConditional {
  const { trail } = order;
  const trigger = triggerOf(order);
  return {
    conditionalId: order.conditionalId,
    clientId: order.clientId,
    account: order.account.id,
    request: order.request,
    status: order.status,
    ...(order.spawnedOrderId === undefined ? {} : { spawnedOrderId: order.spawnedOrderId }),
    ...(order.rejectReason === undefined ? {} : { rejectReason: order.rejectReason }),
    ...(order.endReason === undefined ? {} : { endReason: order.endReason }),
    ...(trail === undefined
      ? {}
      : {
          trailing:
            trail.isActive && trigger !== undefined
              ? { isActive: true, best: trail.best, trigger }
              : { isActive: false },
        }),
    createdAt: order.createdAt,
    updatedAt: order.updatedAt,
    ...(order.triggeredAt === undefined ? {} : { triggeredAt: order.triggeredAt }),
  };
}
