import { type ClientId, readClientId } from "../../src/core/ids.ts";
import type { InstrumentId } from "../../src/core/instrument.ts";
import type { PositionSide } from "../../src/core/order.ts";
import type { Side } from "../../src/core/units.ts";
import { signOf } from "../../src/core/units.ts";
import type { Exchange, VenueConditional, VenueEvent, VenueOrder } from "../../src/venue/exchange.ts";

/** An order that lives at the exchange. */
export interface LiveOrder {
  readonly name: string;
  readonly clientId: string;
  /** What its client id says, if it is one of the desk's. */
  readonly own: ClientId | undefined;
  readonly instrument: InstrumentId;
  /** The book that it trades in. */
  readonly place: Place;
  readonly side: Side;
  readonly isStop: boolean;
  /** It can only make its book smaller: reduce-only, or in hedge mode against its book. */
  readonly isReducer: boolean;
  readonly price: number;
  readonly left: number;
  /** True wall time at which it came to life. */
  readonly sinceWall: number;
  /** A stop that fired: its order executes. */
  readonly isSpawned: boolean;
}

/** An order that the exchange accepted, as a checker is told of it. */
export interface Accepted {
  readonly order: LiveOrder;
  /** How often the exchange accepted this client id so far. */
  readonly times: number;
}

/** A book at the exchange: "BTCUSDT/both", in hedge mode "BTCUSDT/long" and "BTCUSDT/short". */
export type Place = `${InstrumentId}/${PositionSide}`;

/** The book of an order, or of what the desk knows of one. */
export const placeOf = ({
  instrument,
  positionSide,
}: {
  readonly instrument: InstrumentId;
  readonly positionSide: PositionSide;
}): Place => `${instrument}/${positionSide}`;

/** Whether an order of this side makes a book of hedge mode smaller. */
export const isAgainst = (positionSide: PositionSide, side: Side): boolean =>
  positionSide !== "both" && (positionSide === "long") === (side === "sell");

/** Identity of an intent: who wants what for which rung, without generation, epoch and nonce. */
export const intentOf = ({ desk, engineTag, role, rung, slice }: ClientId): string =>
  `${desk}/${engineTag}/${role}/${rung}/${slice}`;

/** What one engine (or "foreign") holds in a book: "BTCUSDT/both/x1". */
export type Holding = `${Place}/${string}`;

const rungOf = ({ engineTag, rung }: ClientId, place: Place): string => `${place}/${engineTag}/${rung}`;

/** What really happens on the account, seen from inside the exchange: the truth that checkers compare the desk with. */
export class Witness {
  readonly live = new Map<string, LiveOrder>();
  /** Signed lots that each engine's orders left it with, by book and tag; whatever is forced takes a like part of all. */
  readonly traded = new Map<Holding, number>();
  readonly position = new Map<Place, number>();
  /** Entry notional in ticks x lots of what each engine holds, by book and tag. */
  readonly cost = new Map<Holding, number>();
  /** How often parts of a book were shared out since it was last flat: the desk counts whole lots, these parts are not. */
  readonly shares = new Map<Place, number>();
  readonly acceptedTimes = new Map<string, number>();
  readonly counts = { orders: 0, ownOrders: 0, fills: 0, ownFills: 0, stops: 0, liquidations: 0 };
  /** True wall time at which the last entry of each engine was accepted, by "instrument/engineTag". */
  readonly lastEntryWall = new Map<string, number>();
  /** True wall time at which an exit of each engine was last executed, by "instrument/engineTag": it makes room. */
  readonly lastExitWall = new Map<string, number>();
  /** True wall time at which an order was cancelled, by whomever, by client id. */
  readonly canceledWall = new Map<string, number>();
  /** True wall time at which the exchange last had other best prices, of any instrument. */
  lastTopWall = 0;
  readonly #desk: string;
  readonly #account: string;
  readonly #now: () => number;
  readonly #isMisfit: (own: ClientId, place: Place) => boolean;
  readonly #ownOrders = new Map<number, ClientId>();
  readonly #ownStops = new Map<number, ClientId>();
  /** Trigger of the last stop of each rung, in ticks. */
  readonly #triggers = new Map<string, number>();
  #accepted: (accepted: Accepted) => void = () => {};

  /** `isMisfit`: an entry in a book where its engine has none is a second bot's, which nobody takes for the engine's. */
  constructor(
    exchange: Exchange,
    account: string,
    desk: string,
    now: () => number,
    isMisfit: (own: ClientId, place: Place) => boolean = () => false,
  ) {
    this.#desk = desk;
    this.#isMisfit = isMisfit;
    this.#account = account;
    this.#now = now;
    exchange.listen((event) => this.take(event), { depth: false });
  }

  /** Hears of every order of the account that the exchange accepts. */
  onAccepted(accepted: (accepted: Accepted) => void): void {
    this.#accepted = accepted;
  }

  take(event: VenueEvent): void {
    if (event.type === "top") this.lastTopWall = this.#now();
    if (event.type === "order" && event.order.account === this.#account) this.#order(event);
    if (event.type === "conditional" && event.conditional.account === this.#account)
      this.#conditional(event.conditional);
  }

  /** Lots that live orders of one kind may still trade in a book. */
  liveLots(place: Place, isWanted: (order: LiveOrder) => boolean): number {
    let sum = 0;
    for (const order of this.live.values()) if (order.place === place && isWanted(order)) sum += order.left;
    return sum;
  }

  #order(event: Extract<VenueEvent, { type: "order" }>): void {
    const { order, change, trade } = event;
    const name = `order:${order.orderId}`;
    const own = this.#ownOf(order);
    if (change === "NEW") this.counts.orders += 1;
    if (own !== undefined && !this.#ownOrders.has(order.orderId)) this.#ownOrders.set(order.orderId, own);
    const isOpen = order.status === "new" || order.status === "partiallyFilled";
    if (order.status === "canceled") this.canceledWall.set(order.clientId, this.#now());
    const before = this.live.get(name);
    if (isOpen) {
      const live = { ...this.#liveOrder(order, own), sinceWall: before?.sinceWall ?? this.#now() };
      this.live.set(name, live);
    } else this.live.delete(name);
    if (trade !== undefined) this.#trade(order, own, trade.lots * signOf(trade.side), trade.price);
    if (change === "NEW" && order.conditionalId === undefined) {
      this.#tellAccepted({ ...this.#liveOrder(order, own), sinceWall: this.#now() });
    }
  }

  #trade(order: VenueOrder, own: ClientId | undefined, size: number, price: number): void {
    const { instrument } = order.request;
    const place = placeOf(order.request);
    const held = this.position.get(place) ?? 0;
    this.position.set(place, held + size);
    if (held + size === 0) this.shares.delete(place);
    this.counts.fills += 1;
    if (order.origin !== "client") {
      if (order.origin === "liquidation") this.counts.liquidations += 1;
      this.#share(place, held === 0 ? 0 : Math.max(0, 1 + size / held));
      return;
    }
    if (own !== undefined) this.counts.ownFills += 1;
    if (own?.role === "lastStop") {
      this.counts.stops += 1;
      this.#share(place, held === 0 ? 0 : Math.max(0, 1 + size / held));
      return;
    }
    const isForeign = own === undefined || this.#isMisfit(own, place);
    const key: Holding = `${place}/${isForeign ? "foreign" : own.engineTag}`;
    const before = this.traded.get(key) ?? 0;
    this.traded.set(key, before + size);
    this.cost.set(key, costAfter(this.cost.get(key) ?? 0, before, size, price));
    if (!isForeign) this.#settle(place, key);
    if (own !== undefined && own.role !== "entry")
      this.lastExitWall.set(`${instrument}/${own.engineTag}`, this.#now());
    this.#clamp(place);
    if (own !== undefined && this.#isStopOut(own, order, price)) this.counts.stops += 1;
  }

  /** A stop carried out: by its own order, or where the exchange refused that one, by the desk's close beyond its trigger. */
  #isStopOut(own: ClientId, { request }: VenueOrder, price: number): boolean {
    if (own.role !== "close") return own.role === "stop";
    const trigger = this.#triggers.get(rungOf(own, placeOf(request)));
    if (trigger === undefined) return false;
    return request.side === "sell" ? price <= trigger : price >= trigger;
  }

  /** What an engine closed beyond its part closed the others' lots: two parts never stand against each other. */
  #settle(place: Place, key: Holding): void {
    const over = this.traded.get(key) ?? 0;
    const others = [...this.traded].filter(
      ([name, size]) =>
        name !== key && name.startsWith(`${place}/`) && !name.endsWith("/foreign") && size * over < 0,
    );
    const held = others.reduce((sum, [, size]) => sum + Math.abs(size), 0);
    if (held === 0) return;
    const moved = Math.min(Math.abs(over), held);
    this.#noteShare(place);
    for (const [name] of [...others, [key]] as const) {
      const kept = 1 - moved / (name === key ? Math.abs(over) : held);
      for (const sums of [this.traded, this.cost]) sums.set(name, (sums.get(name) ?? 0) * kept);
    }
  }

  /** What a person trades against the engines' positions is taken from them: nobody holds more than there is. */
  #clamp(place: Place): void {
    const position = this.position.get(place) ?? 0;
    let own = 0;
    for (const [key, size] of this.traded)
      if (key.startsWith(`${place}/`) && !key.endsWith("/foreign")) own += size;
    if (own === 0) return;
    const left = Math.sign(own) === Math.sign(position) ? Math.abs(position) : 0;
    if (Math.abs(own) > left) this.#share(place, left / Math.abs(own));
  }

  /** A liquidation or deleveraging takes its part of what everybody holds. */
  #share(place: Place, kept: number): void {
    this.#noteShare(place);
    for (const sums of [this.traded, this.cost])
      for (const [key, sum] of sums) if (key.startsWith(`${place}/`)) sums.set(key, sum * kept);
  }

  #noteShare(place: Place): void {
    this.shares.set(place, (this.shares.get(place) ?? 0) + 1);
  }

  #conditional(order: VenueConditional): void {
    const name = `conditional:${order.conditionalId}`;
    const place = placeOf(order.request);
    const own = this.#parse(order.clientId);
    const before = this.live.get(name);
    if (own !== undefined) this.#ownStops.set(order.conditionalId, own);
    if (order.status === "canceled") this.canceledWall.set(order.clientId, this.#now());
    if (order.status !== "new" && order.status !== "triggering") {
      this.live.delete(name);
      return;
    }
    const live: LiveOrder = {
      name,
      clientId: order.clientId,
      own,
      instrument: order.request.instrument,
      place,
      side: order.request.side,
      isStop: true,
      isReducer: isReducer(order.request) || order.request.closePosition,
      price: order.request.trigger ?? 0,
      left: order.request.lots ?? Math.abs(this.position.get(place) ?? 0),
      sinceWall: before?.sinceWall ?? this.#now(),
      isSpawned: false,
    };
    this.live.set(name, live);
    if (own?.role === "stop") this.#triggers.set(rungOf(own, place), live.price);
    if (before === undefined) this.#tellAccepted(live);
  }

  #tellAccepted(order: LiveOrder): void {
    if (order.own !== undefined) this.counts.ownOrders += 1;
    if (order.own?.role === "entry")
      this.lastEntryWall.set(`${order.instrument}/${order.own.engineTag}`, this.#now());
    const times = (this.acceptedTimes.get(order.clientId) ?? 0) + 1;
    this.acceptedTimes.set(order.clientId, times);
    this.#accepted({ order, times });
  }

  #liveOrder(order: VenueOrder, own: ClientId | undefined): Omit<LiveOrder, "sinceWall"> {
    const { request } = order;
    return {
      name: `order:${order.orderId}`,
      clientId: order.clientId,
      own,
      instrument: request.instrument,
      place: placeOf(request),
      side: request.side,
      isStop: false,
      isReducer: isReducer(request),
      price: request.price ?? 0,
      left: request.lots - order.filled,
      isSpawned: order.conditionalId !== undefined,
    };
  }

  #ownOf(order: VenueOrder): ClientId | undefined {
    const stop = order.conditionalId === undefined ? undefined : this.#ownStops.get(order.conditionalId);
    return this.#ownOrders.get(order.orderId) ?? stop ?? this.#parse(order.clientId);
  }

  #parse(clientId: string): ClientId | undefined {
    const id = readClientId(clientId);
    return id?.desk === this.#desk ? id : undefined;
  }
}

const isReducer = ({ reduceOnly, positionSide, side }: VenueOrder["request"] | VenueConditional["request"]) =>
  reduceOnly || isAgainst(positionSide, side);

/** Entry notional of what is held after a trade; what goes beyond closing begins anew at its price. */
function costAfter(cost: number, before: number, size: number, price: number): number {
  if (before === 0 || Math.sign(before) === Math.sign(size)) return cost + Math.abs(size) * price;
  const left = Math.abs(before) - Math.abs(size);
  return left >= 0 ? (cost * left) / Math.abs(before) : -left * price;
}
