import type { DeskEvent, FillEvent, OrderReportEvent, TruthEvent } from "../../src/core/event.ts";
import { executionCost, notional } from "../../src/core/instrument.ts";
import type { OrderFacts, PositionSide } from "../../src/core/order.ts";
import { flat, type Position, trade } from "../../src/core/position.ts";
import type { OtherPosition } from "../../src/core/truth.ts";
import { lots, millis, ONE, portion, signOf, ticks, value } from "../../src/core/units.ts";
import { LINEAR } from "./instruments.ts";

type Status = OrderReportEvent["status"];

/** An order as the exchange has it. */
export interface VenueOrder {
  readonly facts: OrderFacts;
  readonly id: string;
  readonly spawnedId: string;
  filled: number;
  status: Status;
  readonly createdAt: number;
  updatedAt: number;
}

/**
 * A small exchange that does at once what it is told and answers with the desk's events: one account (in one-way mode unless
 * `isHedge`), one instrument. It keeps its own truth, so that a test can lose, double or delay the news of it.
 */
export class Exchange {
  readonly orders = new Map<string, VenueOrder>();
  readonly fills: FillEvent[] = [];
  /** One in one-way mode, two in hedge mode. */
  readonly books = { both: flat(), long: flat(), short: flat() };
  readonly isHedge: boolean;
  wallet = 100_000 * ONE;
  /** What it says stands behind what is held; 0: nothing. */
  isolated = 0;
  leverage = 1;
  marginMode: "isolated" | "cross" = "cross";
  at = 1_700_000_000_000;
  wallAt = 1_800_000_000_000;
  bid = 500_000;
  ask = 500_001;
  mark = 500_000;
  /** The liquidation price that it tells; undefined: none. */
  liquidation: number | undefined;
  /** Lots that its readings show besides what was traded: a fault. */
  phantom = 0;
  /** Lots that one market order finds; the rest of it expires. */
  depth = Number.POSITIVE_INFINITY;
  /** What fees are charged in. */
  feeAsset = "USDT";
  /** What it holds in instruments that the desk does not trade. */
  others: readonly OtherPosition[] = [];
  #count = 0;

  constructor(isHedge = false) {
    this.isHedge = isHedge;
  }

  /** The one position of one-way mode, or the long one of hedge mode. */
  get position(): Position {
    return this.isHedge ? this.books.long : this.books.both;
  }

  get short(): Position {
    return this.books.short;
  }

  /** The same exchange once more: what happens to one does not happen to the other. */
  copy(): Exchange {
    const twin = Object.assign(new Exchange(this.isHedge), this);
    const { both, long, short } = this.books;
    const books = { both: { ...both }, long: { ...long }, short: { ...short } };
    Object.assign(twin, { orders: new Map(), fills: [...this.fills], books });
    for (const [id, order] of this.orders) twin.orders.set(id, { ...order });
    twin.#count = this.#count;
    return twin;
  }

  times() {
    return { at: millis(this.at), wallAt: millis(this.wallAt) };
  }
  #account(positionSide: PositionSide = this.isHedge ? "long" : "both") {
    return { ...this.times(), account: "main", instrument: LINEAR.id, positionSide } as const;
  }

  /** Places an order: the news of it, in the exchange's own order. */
  place(facts: OrderFacts): DeskEvent[] {
    const { side, price, trigger } = facts;
    const isBuy = side === "buy";
    const crosses = price !== undefined && (isBuy ? price >= this.ask : price <= this.bid);
    if (facts.isPostOnly && crosses) return [this.#reject(facts, "postOnly", "it would take")];
    const beyond = trigger !== undefined && (isBuy ? this.mark >= trigger : this.mark <= trigger);
    if (beyond) return [this.#reject(facts, "wouldTrigger", "it would trigger at once")];
    if (isReducer(facts) && this.#room(facts) === 0 && facts.kind !== "stopMarket")
      return [this.#reject(facts, "reduceOnly", "there is nothing to reduce")];
    const order = this.#add(facts);
    const news: DeskEvent[] = [this.report(order)];
    if (facts.kind === "market") return [...news, ...this.#sweep(order)];
    // A hedge's limit is far beyond the best price: it is filled at that.
    const best = facts.role === "hedge" ? (isBuy ? this.ask : this.bid) : undefined;
    return crosses && facts.kind === "limit" ? [...news, ...this.fill(order, undefined, best)] : news;
  }

  cancel(facts: OrderFacts): DeskEvent[] {
    const order = this.orders.get(facts.clientId);
    if (order === undefined || !isOpen(order)) {
      const isGone = true;
      return [
        {
          ...this.#account(facts.positionSide),
          type: "cancelFailed",
          clientId: facts.clientId,
          reason: "unknown order",
          isGone,
        },
      ];
    }
    return [this.#end(order, "canceled")];
  }

  /** What the exchange says to a question by client id, or by its own; undefined: it does not know the order. */
  query({ clientId }: OrderFacts, venueOrderId?: string): DeskEvent[] | undefined {
    const named = [...this.orders.values()].find(({ id, spawnedId }) =>
      [id, spawnedId].includes(venueOrderId ?? ""),
    );
    const order = venueOrderId === undefined ? this.orders.get(clientId) : named;
    if (order === undefined) return undefined;
    return [this.report(order), ...this.fills.filter((fill) => fill.clientId === order.facts.clientId)];
  }

  /** Executes up to `size` lots of a resting order at its price; a reducer no more than the position. */
  fill(order: VenueOrder, size = Number.POSITIVE_INFINITY, price?: number): DeskEvent[] {
    const room = isReducer(order.facts) ? this.#room(order.facts) : Number.POSITIVE_INFINITY;
    const part = Math.min(size, order.facts.lots - order.filled, room);
    if (part <= 0) return [this.#end(order, "expired")];
    const at = price ?? order.facts.price ?? (order.facts.side === "buy" ? this.ask : this.bid);
    order.filled += part;
    if (order.filled >= order.facts.lots) order.status = "filled";
    else if (order.status === "open") order.status = "partlyFilled";
    order.updatedAt = this.at;
    const id = order.facts.kind === "stopMarket" ? order.spawnedId : order.id;
    const fill = this.#execute(order.facts, part, at, id, order.facts.clientId, "client");
    return [...(order.facts.kind === "stopMarket" ? [] : [this.report(order)]), fill];
  }

  /** A stop's trigger: it executes at the market, or the exchange refuses it (-2022). */
  trigger(order: VenueOrder, isRefused = false, price?: number): DeskEvent[] {
    if (isRefused) return [this.#end(order, "rejected", "ReduceOnly Order is rejected.")];
    order.status = "triggered";
    order.updatedAt = this.at;
    const news: DeskEvent[] = [this.report(order)];
    return [...news, ...this.#sweep(order, price)];
  }

  /** The exchange takes `size` lots of the position over. */
  liquidate(size: number, positionSide?: PositionSide): DeskEvent[] {
    const account = this.#account(positionSide);
    const side = this.books[account.positionSide].lots > 0 ? "sell" : "buy";
    const facts = { ...account, side } as unknown as OrderFacts;
    this.#count += 1;
    return [
      this.#execute(facts, size, this.mark, `l${this.#count}`, `autoclose-${this.#count}`, "liquidation"),
    ];
  }

  /** Somebody trades on this account by hand. */
  trade(side: "buy" | "sell", size: number, positionSide?: PositionSide): DeskEvent[] {
    this.#count += 1;
    const id = `h${this.#count}`;
    const facts = { ...this.#account(positionSide), side } as unknown as OrderFacts;
    return [this.#execute(facts, size, this.mark, id, `web_${id}`, "client")];
  }

  quotes(): DeskEvent[] {
    const of = { ...this.times(), venue: LINEAR.venue, instrument: LINEAR.id };
    const [bid, ask, mark, deep] = [ticks(this.bid), ticks(this.ask), ticks(this.mark), lots(1_000_000)];
    return [
      { ...of, type: "mark", mark, index: mark, fundingRate: 0 as never, nextFundingAt: millis(0) },
      { ...of, type: "top", bid, bidLots: deep, ask, askLots: deep },
    ];
  }

  exposure(): DeskEvent {
    return { ...this.times(), account: "main", type: "exposure", books: this.#books() };
  }

  config(): DeskEvent {
    const { leverage, marginMode } = this;
    return { ...this.#account(), type: "accountConfig", leverage, marginMode, isHedgeMode: this.isHedge };
  }

  /** A whole reading of the account; orders in it tell when they were created. */
  truth(cause: TruthEvent["cause"] = "periodic", startedWallAt = this.wallAt): TruthEvent {
    const reports = [...this.orders.values()].map((order) => ({
      ...this.report(order),
      createdAt: millis(order.createdAt),
    }));
    const rests = reports.filter(({ status }) => status === "open" || status === "partlyFilled");
    return {
      ...this.times(),
      type: "truth",
      account: "main",
      cause,
      truth: {
        startedWallAt: millis(startedWallAt),
        instruments: [LINEAR.id],
        historyFrom: millis(0),
        openOrders: rests.filter(({ source }) => source === "order"),
        openConditionals: rests.filter(({ source }) => source === "conditional"),
        history: reports.filter((report) => !rests.includes(report)),
        fills: [...this.fills],
        books: this.#books(),
        others: this.others,
        wallets: [{ asset: "USDT", wallet: value(this.wallet) }],
        isHedgeMode: this.isHedge,
      },
    };
  }

  report(order: VenueOrder, reason?: string): OrderReportEvent {
    const { facts } = order;
    const isStop = facts.kind === "stopMarket";
    // A stop's executions are its spawned order's: the conditional one says only that it was triggered.
    const status = isStop && order.filled > 0 && order.status === "filled" ? "triggered" : order.status;
    return {
      ...this.#account(facts.positionSide),
      at: millis(order.updatedAt),
      type: "orderReport",
      source: isStop ? "conditional" : "order",
      clientId: facts.clientId,
      venueOrderId: order.id,
      status,
      ...(isStop && status === "triggered" ? { spawnedOrderId: order.spawnedId } : {}),
      ...(reason === undefined ? {} : { reason }),
      ...(!isStop && order.filled > 0 && (status === "canceled" || status === "expired")
        ? { executed: lots(order.filled) }
        : {}),
      origin: "client",
      side: facts.side,
      ...(facts.price === undefined ? {} : { price: facts.price }),
      ...(facts.trigger === undefined ? {} : { trigger: facts.trigger }),
      lots: facts.lots,
      isReduceOnly: facts.isReduceOnly,
    };
  }

  open(role?: string): VenueOrder[] {
    return [...this.orders.values()].filter(
      (o) => isOpen(o) && (role === undefined || o.facts.role === role),
    );
  }

  #add(facts: OrderFacts): VenueOrder {
    this.#count += 1;
    const id = `${facts.kind === "stopMarket" ? "c" : "o"}${this.#count}`;
    const order: VenueOrder = {
      facts,
      id,
      spawnedId: `${id}s`,
      filled: 0,
      status: "open",
      createdAt: this.at,
      updatedAt: this.at,
    };
    this.orders.set(facts.clientId, order);
    return order;
  }

  /** Executes at the market what it can and ends the rest. */
  #sweep(order: VenueOrder, price?: number): DeskEvent[] {
    const at = price ?? (order.facts.side === "buy" ? this.ask : this.bid);
    const news = this.fill(order, this.depth, at);
    return isOpen(order) || order.status === "triggered" ? [...news, this.#end(order, "expired")] : news;
  }

  #end(order: VenueOrder, status: Status, reason?: string): OrderReportEvent {
    order.status = status;
    order.updatedAt = this.at;
    return this.report(order, reason);
  }

  #reject(facts: OrderFacts, kind: "postOnly" | "wouldTrigger" | "reduceOnly", reason: string): DeskEvent {
    const of = this.#account(facts.positionSide);
    return { ...of, type: "placeRejected", clientId: facts.clientId, reason, code: -1, kind };
  }

  /** Lots that a reducer of this side may still take. */
  #room({ side, positionSide }: OrderFacts): number {
    return Math.max(0, -signOf(side) * this.books[positionSide].lots);
  }

  #execute(
    { side, positionSide }: Pick<OrderFacts, "side" | "positionSide">,
    size: number,
    price: number,
    venueOrderId: string,
    clientId: string,
    origin: FillEvent["origin"],
  ): FillEvent {
    const signed = lots(size * signOf(side));
    const fee = portion(notional(LINEAR, ticks(price), lots(size), "up"), LINEAR.makerFee, "up");
    const realized = trade(
      this.books[positionSide],
      signed,
      executionCost(LINEAR, ticks(price), signed, "nearest"),
      fee,
    );
    this.wallet += realized - fee;
    const fill: FillEvent = {
      ...this.#account(positionSide),
      type: "fill",
      tradeId: `${this.fills.length + 1}`,
      venueOrderId,
      clientId,
      side,
      price: ticks(price),
      lots: lots(size),
      fee,
      feeAsset: this.feeAsset,
      realized,
      isMaker: true,
      origin,
    };
    this.fills.push(fill);
    return fill;
  }

  #books() {
    return this.isHedge ? [...this.#book("long"), ...this.#book("short")] : this.#book("both");
  }

  #book(positionSide: PositionSide) {
    const { lots: held, cost } = this.books[positionSide];
    const size = held + this.phantom;
    if (size === 0) return [];
    return [
      {
        instrument: LINEAR.id,
        positionSide,
        lots: lots(size),
        entry: ticks(Math.round(cost / held / LINEAR.unit) || this.mark),
        mark: ticks(this.mark),
        liquidation: this.liquidation === undefined ? undefined : ticks(this.liquidation),
        marginMode: this.marginMode,
        leverage: this.leverage,
        isolatedWallet: value(this.isolated),
        maintenanceMargin: value(0),
      },
    ];
  }
}

/** In hedge mode side and position side say that an order reduces. */
const isReducer = ({ isReduceOnly, positionSide, side }: OrderFacts): boolean =>
  isReduceOnly || (positionSide !== "both" && (positionSide === "long") === (side === "sell"));

const isOpen = ({ status }: VenueOrder): boolean => status === "open" || status === "partlyFilled";
