import { type Book, isMismatched } from "../../core/book.ts";
import type { FillEvent, OrderReportEvent } from "../../core/event.ts";
import { sizeUnit } from "../../core/instrument.ts";
import type { Intent } from "../../core/intent.ts";
import { type EngineId, isLive, isPairStop, type OrderRecord, openLots } from "../../core/order.ts";
import { textOf } from "../../core/text.ts";
import { type Lots, lots } from "../../core/units.ts";
import { hasStops } from "../../engines/grid/loss-limit.ts";
import type { Effect } from "./effect.ts";
import { closeShare } from "./panic.ts";
import type { KernelState } from "./state.ts";
import type { StoppedEngines } from "./stopped-engines.ts";

/** Wall time after which a cancel that did not come to pass is asked for again. */
const RETRY_MS = 500;
/** Wall time for which a position may lack its stop before people are told: orders and executions may be on their way. */
const BARE_MS = 10_000;

/** What is said of something that begins and ends. */
interface Words {
  readonly begun: string;
  readonly over: string;
  readonly lines: readonly string[];
}

/**
 * What engines that do not run left on the exchange: stopped by a fault, or no longer configured. Their entries are taken
 * back, for nobody would place the stop of a fill; what fills all the same is closed. Stops and take profits stay.
 */
export class Abandoned {
  readonly #state: KernelState;
  readonly #stopped: StoppedEngines;
  readonly #effect: (effect: Effect) => void;
  /** Keys of what people were told, and not yet that it is over. */
  readonly #told = new Set<string>();
  /** By engine and book: since when a part of what is held there has no stop, in wall time. */
  readonly #bareSince = new Map<string, number>();

  constructor(state: KernelState, stopped: StoppedEngines, effect: (effect: Effect) => void) {
    this.#state = state;
    this.#stopped = stopped;
    this.#effect = effect;
  }

  /** An execution of an order whose engine does not run: what no stop covers of it is to be closed. */
  heard(engine: EngineId, event: FillEvent): void {
    const { engines, failed, orders, account } = this.#state;
    if (engines.has(engine) && !failed.has(engine)) return;
    const role = orders.get(event.clientId)?.facts.role;
    if (role !== "entry" && role !== "hedge") return;
    const book = account.book(event.instrument, event.positionSide);
    this.#close(engine, book, Math.min(event.lots, this.#uncovered(engine, book)));
  }

  /**
   * News of an order whose engine is not configured any more: a stop that the exchange ended when it fired is carried out at the
   * market, as its engine would. One that a person cancelled is not: of that people are told (`#tellBare`).
   */
  ended(engine: EngineId, event: OrderReportEvent): void {
    const { orders, account } = this.#state;
    if (!orders.retired.has(engine) || (event.status !== "rejected" && event.status !== "expired")) return;
    const order = orders.get(event.clientId);
    if (order?.facts.role !== "stop" || isLive(order.state)) return;
    const book = account.book(event.instrument, event.positionSide);
    this.#close(engine, book, Math.min(order.facts.lots - order.filled, this.#uncovered(engine, book)));
  }

  /** What is to be taken back now; notes what is to be closed, and tells people of what nobody looks after. */
  step(): readonly Intent[] {
    const { failed, orders } = this.#state;
    if (failed.size === 0 && orders.retired.size === 0) return [];
    for (const engine of failed.keys()) this.#cover(engine);
    for (const engine of orders.retired) {
      this.#tell(engine);
      this.#tellElsewhere(engine);
      this.#tellBare(engine);
    }
    const exits = [...failed.keys(), ...orders.retired].flatMap((engine) => this.#tooMany(engine));
    return [...this.#state.liveOrders().filter((order) => this.#isToGo(order)), ...exits].map(
      ({ facts: { clientId } }) => ({ type: "cancel", clientId, reason: "its engine does not run" }),
    );
  }

  /**
   * Exits for more than the engine holds: a take profit filled and nobody took the stop back, or a part was closed. They would
   * sell what others hold, and leave those no room for their own (I4). A stop that covers what is held stays, be it too large.
   */
  #tooMany(engine: EngineId): readonly OrderRecord[] {
    const { account, orders, isConfirmed } = this.#state;
    if (!isConfirmed) return [];
    return [...account.books.values()].flatMap((book) => {
      if (isMismatched(book)) return [];
      const own = orders
        .listOf(book.instrument, book.positionSide)
        .filter(({ facts, state }) => facts.engine === engine && state === "resting");
      const held = Math.abs(book.shares.get(engine)?.lots ?? 0);
      const stops = own.filter(({ facts }) => facts.role === "stop");
      return [
        ...beyond(
          own.filter(({ facts }) => facts.role === "takeProfit" || facts.role === "ladder"),
          held,
          "limits",
        ),
        ...beyond(
          stops.filter(({ facts }) => isPairStop(facts)),
          held,
          "stops",
        ),
        ...beyond(
          stops.filter(({ facts }) => !isPairStop(facts)),
          held,
          "stops",
        ),
      ].filter((order) => this.#isAskedAnew(order));
    });
  }

  #isAskedAnew({ cancelAskedWallAt }: OrderRecord): boolean {
    return cancelAskedWallAt === undefined || this.#state.wallAt - cancelAskedWallAt >= RETRY_MS;
  }

  #isToGo(order: OrderRecord): boolean {
    const { state } = order;
    const { engine, role } = order.facts;
    if (state !== "resting" || (role !== "entry" && role !== "hedge")) return false;
    if (!this.#state.failed.has(engine) && !this.#state.orders.retired.has(engine)) return false;
    return this.#isAskedAnew(order);
  }

  /** Where every lot has its stop, a lot without one is what the fault left naked (I3). */
  #cover(engine: EngineId): void {
    const { config, account, instruments, mayProtect } = this.#state;
    const grid = config.grids.find((each) => each.engine === engine);
    if (grid === undefined || !hasStops(grid) || !mayProtect) return;
    for (const book of account.books.values()) {
      const naked = this.#uncovered(engine, book);
      // Less than an order may be can't be closed by itself.
      if (naked >= instruments.sizes(book.instrument).least) this.#close(engine, book, naked);
    }
  }

  #close(engine: EngineId, book: Book, size: number): void {
    if (size > 0)
      this.#stopped.wantAlso(closeShare(this.#state, book, engine, lots(size), undefined, "desk"));
  }

  /** Lots of an engine's share that no stop of it covers. */
  #uncovered(engine: EngineId, book: Book): number {
    let covered = 0;
    for (const { facts, state, filled } of this.#state.orders.liveOf(book.instrument, book.positionSide)) {
      if (facts.engine !== engine || facts.role !== "stop") continue;
      if (isLive(state) || state === "triggered") covered += Math.max(0, facts.lots - filled);
    }
    return Math.max(0, Math.abs(book.shares.get(engine)?.lots ?? 0) - covered);
  }

  #tell(engine: EngineId): void {
    const held = [...this.#state.account.books.values()].filter(
      (book) => (book.shares.get(engine)?.lots ?? 0) !== 0,
    );
    this.#say(`engine:${engine}`, held.length > 0, () => {
      const parts = held
        .map((book) => this.#textOf(book, book.shares.get(engine)?.lots ?? lots(0)))
        .join(", ");
      const symbols = held.map(({ instrument }) => `/close ${instrument}`).join(", ");
      const former = this.#state.orders.formerly(engine);
      const mend =
        former === undefined
          ? "configure the engine again under its old name and restart."
          : `set ${former} back as it was and restart.`;
      return {
        begun:
          former === undefined
            ? `Engine ${engine} is not configured any more, and holds a position`
            : `${former} holds a position of before its direction or symbol was changed`,
        over: `Engine ${engine}, which is not configured any more, holds nothing now`,
        lines: [
          `It holds ${parts}. Its entries are taken back; its stops and take profits rest as they are, and nobody places new ones.`,
          `Close it with ${symbols}, or ${mend}`,
        ],
      };
    });
  }

  /** Its symbol is not traded here any more: the desk hears of its orders, and of nothing that is held there. */
  #tellElsewhere(engine: EngineId): void {
    const left = this.#state
      .liveOrders()
      .filter(
        ({ facts }) => facts.engine === engine && this.#state.instrument(facts.instrument) === undefined,
      );
    this.#say(`engine:${engine}:elsewhere`, left.length > 0, () => {
      const symbols = [...new Set(left.map(({ facts }) => facts.instrument))].join(", ");
      const name = this.#state.orders.formerly(engine) ?? `Engine ${engine}`;
      return {
        begun: `${name} left orders in ${symbols}, which is not traded here any more`,
        over: `${name} has no orders left in what is not traded here`,
        lines: [
          `${left.length} of its orders rest there as they are. The desk neither sees nor closes what is held there: /close and /panic leave it alone.`,
          "Close it on the exchange, or set the engine back as it was and restart.",
        ],
      };
    });
  }

  /** A part of what it holds has no stop: it filled while the desk was down, somebody took the stop away, or there was none. */
  #tellBare(engine: EngineId): void {
    const { account, instruments, isConfirmed, wallAt } = this.#state;
    for (const book of account.books.values()) {
      const key = `engine:${engine}:bare:${book.key}`;
      const naked = this.#uncovered(engine, book);
      const isBare =
        isConfirmed &&
        naked >= instruments.sizes(book.instrument).least &&
        !this.#stopped.isClosing(engine, book);
      if (!isBare) this.#bareSince.delete(key);
      else if (!this.#bareSince.has(key)) this.#bareSince.set(key, wallAt);
      const since = this.#bareSince.get(key) ?? wallAt;
      this.#say(key, isBare && (wallAt - since >= BARE_MS || this.#told.has(key)), () => {
        const name = this.#state.orders.formerly(engine) ?? `engine ${engine}`;
        return {
          begun: `What ${name} left in ${book.instrument} has no stop`,
          over: `What ${name} left in ${book.instrument} needs no stop any more`,
          lines: [
            `No stop of it rests for ${this.#textOf(book, lots(naked))}, and nobody places one: its engine does not run.`,
            `Close it with /close ${book.instrument}, or place a stop on the exchange.`,
          ],
        };
      });
    }
  }

  /** Tells once that something is so, and once that it is over; it is looked at in every turn, the words seldom. */
  #say(key: string, isSo: boolean, wordsOf: () => Words): void {
    if (isSo === this.#told.has(key)) return;
    if (isSo) this.#told.add(key);
    else this.#told.delete(key);
    const { begun, over, lines } = wordsOf();
    this.#effect({
      type: "alert",
      key,
      level: isSo ? "critical" : "resolved",
      title: isSo ? begun : over,
      lines: isSo ? lines : ["Nothing is left to look after."],
    });
  }

  #textOf(book: Book, size: Lots): string {
    const instrument = this.#state.instrument(book.instrument);
    return instrument === undefined
      ? `${size} lots of ${book.instrument}`
      : `${book.instrument} ${textOf(size, instrument.lot)} ${sizeUnit(instrument)}`;
  }
}

/**
 * Which of an engine's exits are too many for what it holds, the largest first: limits until the rest fits, stops only as long as
 * what is left covers all of it.
 */
function beyond(
  exits: readonly OrderRecord[],
  held: number,
  kind: "limits" | "stops",
): readonly OrderRecord[] {
  let sum = exits.reduce((total, order) => total + openLots(order), 0);
  return [...exits]
    .sort((a, b) => openLots(b) - openLots(a))
    .filter((order) => {
      const rest = sum - openLots(order);
      const isTooMany = sum > held && (kind === "limits" || rest >= held);
      if (isTooMany) sum = rest;
      return isTooMany;
    });
}
