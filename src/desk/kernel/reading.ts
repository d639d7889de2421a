import { type Book, ownLots } from "../../core/book.ts";
import type { FillEvent, OrderReportEvent, TruthEvent } from "../../core/event.ts";
import { type EngineId, isLive } from "../../core/order.ts";
import { type Reconciliation, reconcile, toAsk } from "../../core/reconcile.ts";
import type { AccountNews } from "./account-news.ts";
import type { Decisions } from "./decisions.ts";
import type { Effect } from "./effect.ts";
import type { EngineRoom } from "./engine-room.ts";
import { lookAtStart } from "./found-at-start.ts";
import { foreignFacts } from "./orders.ts";
import { overdrawn } from "./overdrawn.ts";
import type { KernelState } from "./state.ts";

/** Takes in a whole reading of the account: after the start, after gaps, every few minutes; the same steps each time. */
export class Reading {
  readonly #state: KernelState;
  readonly #room: EngineRoom;
  readonly #news: AccountNews;
  readonly #decisions: Decisions;
  readonly #effect: (effect: Effect) => void;
  /** Orders that the reading before missed. */
  #missed: ReadonlySet<string> = new Set();
  /** Orders of an earlier life that were known at the last reading. */
  #adopted = 0;
  /** Wall time since which something of ours is known to be held. */
  #heldWallAt: number | undefined;

  constructor(
    state: KernelState,
    room: EngineRoom,
    news: AccountNews,
    decisions: Decisions,
    effect: (effect: Effect) => void,
  ) {
    this.#state = state;
    this.#room = room;
    this.#news = news;
    this.#decisions = decisions;
    this.#effect = effect;
  }

  take(event: TruthEvent): void {
    const state = this.#state;
    const isBoot = !state.isBooted;
    const wasSteady = state.interruptions.isSteady;
    const found = reconcile(
      event,
      state.orders.all(),
      (id) => state.orders.get(id),
      (id) => state.orders.isOwnId(id),
    );
    const before = [state.orders.adopted, state.account.unowned];
    const isSame = this.#count(event, found, isBoot);
    // An order of ours that the one before did not show: its list of executions may have been cut short as well. An
    // execution of nobody that it did not show: the list of orders may be the one that is cut short, and it be ours. Nobody's
    // is one only when the exchange has been asked for its order.
    const isOld = state.heard.isLackedBy(event);
    const agrees =
      isSame &&
      !isOld &&
      !state.nameless.isWaiting &&
      state.orders.adopted === before[0] &&
      state.account.unowned === before[1];
    // Those that its executions have ended are not missed.
    const suspects = found.suspects.filter(({ state: is }) => isLive(is));
    for (const { facts, sentWallAt } of toAsk(suspects, this.#missed, event.truth.historyFrom))
      this.#effect({ type: "query", facts, sentWallAt });
    // Where the history knows what the list of what rests does not, that list is old or cut short.
    const missed = [...suspects.map(({ facts }) => facts.clientId), ...this.#liveOf(found.unlisted)];
    this.#missed = new Set(missed);
    // A list of wallets without ours was cut short, and so may all others of this reading be; where one is old, so may they.
    const isWhole = !isOld && event.truth.wallets.some(({ asset }) => asset === state.config.asset);
    const isTaken = state.account.isTakenUnseen();
    state.readTruth(event, { isConsistent: isWhole && missed.length === 0, agrees, isTaken });
    const takenFrom = (book: Book, engines: readonly EngineId[], reason = BY_HAND): void =>
      this.#news.takenFrom(book, engines, reason);
    this.#decisions.adoption.read(event, takenFrom);
    for (const book of state.account.books.values()) {
      this.#news.checkMismatch(book);
      // A list may have been cut short while the exchange came up: read again until the sums agree.
      if (book.mismatch !== undefined) state.doubt();
    }
    const isSettled = agrees && [...state.account.books.values()].every(isExplained);
    if (state.interruptions.isSteady || (isSettled && !isBoot)) {
      state.isConfirmed = true;
      state.mayProtect = true;
    } else this.#protect();
    // An order is whole at the exchange, and the list of executions did not have all of it yet.
    if (state.liveOrders().some(({ isToldFilled }) => isToldFilled)) state.doubt();
    this.#judgeLedger(!wasSteady);
    const alert = lookAtStart(state, !wasSteady);
    if (alert !== undefined) this.#effect(alert);
    state.heard.read(event.truth, !state.interruptions.isSteady);
    if (isBoot) this.#boot();
    else this.#room.toAll(event);
    state.orders.isStarting = !state.interruptions.isSteady;
    if (state.interruptions.isSteady && !wasSteady)
      for (const [book, engines] of state.account.steady()) takenFrom(book, engines);
    if (state.isConfirmed)
      for (const engine of overdrawn(state)) this.#room.takeEntriesBack("beyond what it may use", engine);
  }

  /**
   * A ledger without a beginning is a new one, or one that was lost. Where nothing of ours is found until the start is over it
   * is new, and begins here; else it stays in doubt, through every later start, until an admin has resumed.
   */
  #judgeLedger(isStarting: boolean): void {
    const state = this.#state;
    if (state.config.ledger !== "fresh" || !isStarting) return;
    const { adopted } = state.orders;
    if (adopted > this.#adopted) state.ledgerDoubt = true;
    this.#adopted = adopted;
    if (adopted === 0 && state.interruptions.isSteady)
      this.#effect({ type: "fact", kind: "genesis", actor: "desk", body: { at: state.at } });
  }

  /**
   * Exits are neither placed nor taken back before two readings after the start agree: the second brings no further order,
   * says of what is foreign what the first said, and positions are what the executions explain. A first one that says
   * "nothing held, nothing rests" may be as wrong as any other. Stops don't wait for long, though (I3): one too many is
   * taken back, one too few is a position that nothing protects.
   */
  #protect(): void {
    const state = this.#state;
    if (state.isConfirmed) return;
    const isFirst = this.#heldWallAt === undefined;
    const isHeld = [...state.account.books.values()].some((book) => ownLots(book) !== 0);
    if (isHeld) this.#heldWallAt ??= state.wallAt;
    if (this.#heldWallAt !== undefined && state.wallAt - this.#heldWallAt > PROTECT_MS)
      state.mayProtect = true;
    if (isHeld || state.liveOrders().length > 0) state.readSoon(isHeld && isFirst);
  }

  /** Time goes by: no list of an exchange may keep a position without its exits. */
  tick(): void {
    if (this.#state.isBooted) this.#protect();
  }

  /** Counts what the reading tells; whether it says of the foreign parts what the one before said. */
  #count(event: TruthEvent, found: Reconciliation, isBoot: boolean): boolean {
    const state = this.#state;
    let agrees = false;
    this.#room.gather(() => {
      if (!state.interruptions.isSteady) state.orders.learn(found.reports);
      for (const report of found.reports) this.#news.report(report, false);
      const nameless: FillEvent[] = [];
      for (const fill of found.fills) {
        const order = state.orders.ofFill(fill);
        if (order === undefined) nameless.push(fill);
        // A person's executions before the start as well: what the exchange took by force, it took from them too.
        this.#news.countFill(fill, order, !isBoot);
      }
      if (!state.interruptions.isSteady)
        for (const question of state.nameless.questions(nameless)) this.#effect(question);
      for (const report of state.orders.missedForeign(found.foreign, event.truth)) {
        const { venueOrderId } = report;
        this.#effect({ type: "query", facts: foreignFacts(report), sentWallAt: undefined, venueOrderId });
      }
      agrees = state.account.read(event, state.truthAskedAt(event));
    });
    return agrees;
  }

  /** Client ids of what of these the desk holds for live now: a second bot's are not its own. */
  #liveOf(reports: readonly OrderReportEvent[]): readonly string[] {
    const { orders } = this.#state;
    return reports
      .map(({ clientId }) => clientId)
      .filter((clientId) => {
        const order = orders.get(clientId);
        return order !== undefined && isLive(order.state);
      });
  }

  /** The first reading: engines rebuild themselves from their own orders, the account is configured. */
  #boot(): void {
    const state = this.#state;
    state.isBooted = true;
    for (const effect of [...state.configWanted(), ...state.countdowns.booted(state)]) this.#effect(effect);
    this.#room.adoptAll();
    this.#decisions.booted();
  }
}

/** Its position is what the executions say, without anything foreign that stands against what engines hold. */
const isExplained = (book: Book): boolean =>
  book.mismatch === undefined && book.foreign.lots * ownLots(book) >= 0;

/** Wall time that a position may wait for the second reading before its missing stops are placed. */
const PROTECT_MS = 2_500;
const BY_HAND = "a person traded against its position by hand";
