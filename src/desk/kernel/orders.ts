import type { FillEvent, OrderReportEvent } from "../../core/event.ts";
import { type ClientId, engineTag, ownPrefix, readClientId, retiredOwner } from "../../core/ids.ts";
import type { InstrumentId } from "../../core/instrument.ts";
import { invariant } from "../../core/invariant.ts";
import {
  applyChange,
  closesAll,
  cutTo,
  type EngineId,
  endShort,
  newOrder,
  type OrderChange,
  type OrderFacts,
  type OrderRecord,
  type PositionSide,
  sizedAs,
} from "../../core/order.ts";
import type { Truth } from "../../core/truth.ts";
import { lots, type Side } from "../../core/units.ts";
import { isAlive, LiveOrders } from "./live-orders.ts";
import { Turned } from "./turned.ts";

/** Finished orders that are remembered, so that late or doubled news of them is recognised. */
const FINISHED_KEPT = 5_000;

/** Whose an order is, from what the exchange says about it. */
export type Ownership = "known" | "adopted" | "foreign" | "secondBot";

/** All orders of the account that the desk knows, found by client id or by the exchange's id. */
export class Orders {
  readonly #byClientId = new Map<string, OrderRecord>();
  readonly #byVenueId = new Map<string, OrderRecord>();
  readonly #foreign = new Map<string, OrderReportEvent>();
  /** Foreign orders that a reading missed and that were asked about. */
  readonly #foreignAsked = new Set<string>();
  readonly #live = new LiveOrders();
  readonly #engineOfTag = new Map<string, EngineId>();
  /** What each engine trades; the desk itself may close anything. */
  readonly #traded: ReadonlyMap<EngineId, readonly InstrumentId[]>;
  readonly #turned: Turned;
  readonly #desk: string;
  readonly #epoch: number;
  readonly #nonce: string;
  /** Owners of orders of earlier lives that are not configured in this one. */
  readonly retired = new Set<EngineId>();
  /** Orders of earlier lives that were found on the exchange so far. */
  adopted = 0;
  /** Generations count up from the highest seen. */
  #generation = 0;
  /** Readings bring the whole past still. */
  isStarting = true;

  constructor(
    desk: string,
    epoch: number,
    nonce: string,
    engines: ReadonlyMap<EngineId, readonly InstrumentId[]>,
    sides: ReadonlyMap<EngineId, Side> = new Map(),
  ) {
    this.#traded = engines;
    this.#turned = new Turned(sides);
    this.#desk = desk;
    this.#epoch = epoch;
    this.#nonce = nonce;
    for (const engine of [...engines.keys(), "foreign", "desk"]) {
      const tag = engineTag(engine);
      const other = this.#engineOfTag.get(tag);
      // Two engines of one tag would take each other's orders for their own after a restart.
      invariant(
        other === undefined,
        `engines "${other}" and "${engine}" share an id tag; rename one of them`,
      );
      this.#engineOfTag.set(tag, engine);
    }
  }

  get(clientId: string): OrderRecord | undefined {
    return this.#byClientId.get(clientId);
  }

  byVenueId(venueOrderId: string): OrderRecord | undefined {
    return this.#byVenueId.get(venueOrderId);
  }

  all(): IterableIterator<OrderRecord> {
    return this.#byClientId.values();
  }

  /** Whether a client id is one of this desk's, of whatever life. */
  isOwnId(clientId: string): boolean {
    return clientId.startsWith(ownPrefix(this.#desk)) && readClientId(clientId)?.desk === this.#desk;
  }

  /** Live and triggered orders of one book. */
  liveOf(instrument: InstrumentId, positionSide: PositionSide): Iterable<OrderRecord> {
    return this.#live.of(instrument, positionSide);
  }

  /** The same as a list. */
  listOf(instrument: InstrumentId, positionSide: PositionSide): readonly OrderRecord[] {
    return this.#live.listOf(instrument, positionSide);
  }

  /** Live and triggered orders of all books. */
  live(): Iterable<OrderRecord> {
    return this.#live.all();
  }

  /** An order is new, or news may have brought it back to life. */
  track(order: OrderRecord): void {
    this.#live.track(order);
  }

  /** Whether an order was reported under a client id that is not ours, and is not over yet. */
  isForeign(venueOrderId: string): boolean {
    return this.#foreign.has(`order:${venueOrderId}`);
  }

  foreign(): IterableIterator<OrderReportEvent> {
    return this.#foreign.values();
  }

  nextGeneration(): number {
    this.#generation += 1;
    return this.#generation;
  }

  /** Makes the record of an order that is about to be sent. */
  add(order: OrderRecord): void {
    this.#byClientId.set(order.facts.clientId, order);
    this.#live.dropEnded(order.facts.instrument, order.facts.positionSide);
    this.track(order);
    this.#forgetOld();
  }

  /** Finds the order a report speaks of, or makes its record when it is ours from an earlier life. */
  claim(
    report: OrderReportEvent,
    isBooting: boolean,
  ): { readonly ownership: Ownership; readonly order?: OrderRecord } {
    const known = this.get(report.clientId) ?? this.byVenueId(report.venueOrderId);
    if (known !== undefined) return { ownership: "known", order: known };
    const id = readClientId(report.clientId);
    if (id === undefined || !this.isOwnId(report.clientId)) return { ownership: "foreign" };
    const isOlder = id.epoch < this.#epoch;
    if (!isOlder && !isBooting) return { ownership: "secondBot" };
    if (id.epoch > this.#epoch || (id.epoch === this.#epoch && id.nonce !== this.#nonce)) {
      return { ownership: "secondBot" };
    }
    const engine = this.#engineOfTag.get(id.engineTag) ?? "";
    this.#turned.learn(engine, id, report);
    if (this.#turned.isStrangers(engine, id, report)) return { ownership: "foreign" };
    if (id.generation > this.#generation && id.nonce !== "0000") this.#generation = id.generation;
    const owner = this.#ownerOf(id, report);
    const order = newOrder(
      factsOf(report, owner, id),
      "unknown",
      report.createdAt ?? report.at,
      report.wallAt,
    );
    this.#byClientId.set(report.clientId, order);
    this.track(order);
    this.adopted += 1;
    return { ownership: "adopted", order };
  }

  /** The engine that a retired owner was before its direction or its instrument became another one; undefined: it is gone. */
  formerly(owner: EngineId): EngineId | undefined {
    return this.#engineOfTag.get(engineTag(owner));
  }

  /** All that a start has read, before any of it is claimed: whose an order is may follow from another one. */
  learn(reports: readonly OrderReportEvent[]): void {
    for (const report of reports) {
      const id = readClientId(report.clientId);
      if (id !== undefined && this.isOwnId(report.clientId))
        this.#turned.learn(this.#engineOfTag.get(id.engineTag) ?? "", id, report);
    }
  }

  /**
   * An engine takes no order of an instrument that it does not trade, for a copy of this desk with other settings sent it, and none
   * of the time before its direction was turned.
   */
  #ownerOf(id: ClientId, report: OrderReportEvent): EngineId {
    const engine = this.#engineOfTag.get(id.engineTag);
    const traded = engine === undefined ? [] : this.#traded.get(engine);
    const isTraded = engine !== undefined && (traded === undefined || traded.includes(report.instrument));
    if (isTraded && !this.#turned.isFormer(engine, id, report)) return engine;
    const owner = retiredOwner(id.engineTag);
    this.retired.add(owner);
    return owner;
  }

  /** Applies a report to an order's record; false when it was stale. */
  report(order: OrderRecord, report: OrderReportEvent): boolean {
    if (report.source === "conditional" || order.facts.kind !== "stopMarket") {
      order.venueOrderId ??= report.venueOrderId;
    } else {
      order.spawnedOrderId ??= report.venueOrderId;
    }
    if (report.spawnedOrderId !== undefined) order.spawnedOrderId = report.spawnedOrderId;
    this.#byVenueId.set(`${order.venueOrderId}`, order);
    if (order.spawnedOrderId !== undefined) this.#byVenueId.set(order.spawnedOrderId, order);
    if (report.reason !== undefined) order.reason = report.reason;
    if (report.status === "filled") order.isToldFilled = true;
    // One that closes all has no size of its own: that of the order which it became.
    if (!closesAll(order.facts)) cutTo(order, report.lots, report.at, report.wallAt);
    else if (report.source === "order") sizedAs(order, report.lots, report.at, report.wallAt);
    const change = changeOf(order, report);
    const isAnothers = order.state === "resting" && order.cancelAskedWallAt === undefined;
    const { executed = lots(0) } = report;
    if ((change === "canceled" || change === "expired") && executed > order.filled && isAlive(order)) {
      // Fills come from trades alone: its state follows when all of them are counted.
      endShort(order, change, executed);
      order.wasTaken = change === "canceled" && isAnothers;
      return false;
    }
    const moved = change !== undefined && applyChange(order, change, report.at, report.wallAt);
    if (moved && change === "canceled") order.wasTaken = isAnothers;
    if (moved) this.track(order);
    return moved;
  }

  /** The order an execution belongs to. */
  ofFill(fill: FillEvent): OrderRecord | undefined {
    const order =
      this.byVenueId(fill.venueOrderId) ?? (fill.clientId === "" ? undefined : this.get(fill.clientId));
    if (
      order !== undefined &&
      order.facts.kind === "stopMarket" &&
      order.venueOrderId !== fill.venueOrderId
    ) {
      order.spawnedOrderId ??= fill.venueOrderId;
    }
    if (order !== undefined) this.#byVenueId.set(fill.venueOrderId, order);
    return order;
  }

  /** Remembers what rests and is not ours; true when it is news. */
  noteForeign(report: OrderReportEvent): boolean {
    const key = foreignKey(report);
    const isResting = report.status === "open" || report.status === "partlyFilled";
    const isNews = isResting && !this.#foreign.has(key);
    if (isResting) this.#foreign.set(key, report);
    else this.#foreign.delete(key);
    return isNews;
  }

  /** Foreign orders that a reading does not show. Its lists may be old or cut short: only a query by id may tell (I9). */
  missedForeign(
    shown: readonly OrderReportEvent[],
    { startedWallAt, instruments }: Truth,
  ): readonly OrderReportEvent[] {
    const keys = new Set(shown.map(foreignKey));
    const missed = [...this.#foreign.values()].filter(
      (report) =>
        instruments.includes(report.instrument) &&
        report.wallAt < startedWallAt &&
        !keys.has(foreignKey(report)),
    );
    for (const report of missed) this.#foreignAsked.add(foreignKey(report));
    return missed;
  }

  /** Whether a report answers a question about a foreign order, and is no news by itself. Each is answered once. */
  isForeignAnswer(report: OrderReportEvent): boolean {
    return this.#foreignAsked.delete(foreignKey(report));
  }

  /** The exchange does not know a foreign order that it was asked about. */
  foreignAbsent(venueOrderId: string): void {
    for (const [key, report] of this.#foreign) {
      if (report.venueOrderId !== venueOrderId) continue;
      this.#foreign.delete(key);
      this.#foreignAsked.delete(key);
    }
  }

  /** Not during a start: what is forgotten then would be found again by the next reading, and counted twice. */
  #forgetOld(): void {
    if (this.isStarting || this.#byClientId.size < FINISHED_KEPT * 2) return;
    for (const [clientId, order] of this.#byClientId) {
      if (this.#byClientId.size <= FINISHED_KEPT) break;
      if (isAlive(order)) continue;
      this.#byClientId.delete(clientId);
      if (order.venueOrderId !== undefined) this.#byVenueId.delete(order.venueOrderId);
      if (order.spawnedOrderId !== undefined) this.#byVenueId.delete(order.spawnedOrderId);
    }
  }
}

/** What is known of an order that is not ours, to ask about it. */
export const foreignFacts = (report: OrderReportEvent): OrderFacts =>
  factsOf(report, "foreign", { role: "close", rung: 0, slice: 0 });

const foreignKey = ({ source, venueOrderId }: OrderReportEvent): string => `${source}:${venueOrderId}`;

/** What a report of the exchange means for the record's state; undefined: nothing new. */
function changeOf(order: OrderRecord, report: OrderReportEvent): OrderChange | undefined {
  const isSpawned = report.source === "order" && order.facts.kind === "stopMarket";
  switch (report.status) {
    case "open":
      return isSpawned ? "triggered" : "accepted";
    case "partlyFilled":
      return isSpawned ? "triggered" : "partlyFilled";
    case "filled":
      // Fills come from trades alone: the state follows when their sum is whole.
      return isSpawned ? "triggered" : "accepted";
    case "triggered":
      return "triggered";
    default:
      return report.status;
  }
}

function factsOf(
  report: OrderReportEvent,
  engine: EngineId,
  id: Pick<OrderFacts, "role" | "rung" | "slice" | "cause">,
): OrderFacts {
  const kind =
    report.source === "conditional" || id.role === "stop" || closesAll(id)
      ? "stopMarket"
      : report.price === undefined
        ? "market"
        : "limit";
  return {
    clientId: report.clientId,
    account: report.account,
    instrument: report.instrument,
    positionSide: report.positionSide,
    engine,
    role: id.role,
    rung: id.rung,
    slice: id.slice,
    side: report.side,
    kind,
    lots: report.lots,
    // Binance says of one that closes all that it is not reduce-only: it goes without saying.
    isReduceOnly: report.isReduceOnly || (closesAll(id) && report.positionSide === "both"),
    isPostOnly: false,
    ...(report.price === undefined ? {} : { price: report.price }),
    ...(report.trigger === undefined ? {} : { trigger: report.trigger }),
    ...(id.cause === undefined ? {} : { cause: id.cause }),
  };
}
