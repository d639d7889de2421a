import { isMismatched } from "../../src/core/book.ts";
import type { DeskEvent } from "../../src/core/event.ts";
import { engineTag, readClientId } from "../../src/core/ids.ts";
import type { InstrumentId } from "../../src/core/instrument.ts";
import { isLive, type OrderFacts } from "../../src/core/order.ts";
import { signOf } from "../../src/core/units.ts";
import type { Effect } from "../../src/desk/kernel/effect.ts";
import type { KernelState } from "../../src/desk/kernel/state.ts";
import { hasStops } from "../../src/engines/grid/loss-limit.ts";
import type { GridParameters } from "../../src/engines/grid/parameters.ts";
import type { Exchange } from "../../src/venue/exchange.ts";
import type { Bot } from "./bot.ts";
import { type Calm, Overdue, Shortage } from "./calm.ts";
import * as check from "./checkers.ts";
import {
  isMoving,
  mayNotIncrease,
  partsOf,
  placesOf,
  sharesOf,
  smallestSize,
  sumOf,
  unitOf,
} from "./desk-facts.ts";
import { HiddenStops } from "./hidden-stops.ts";
import type { Lives } from "./lives.ts";
import { ACCOUNT, type Scenario } from "./scenario.ts";
import { UnheardCancels } from "./unheard-cancels.ts";
import { type Accepted, type LiveOrder, type Place, placeOf, type Witness } from "./witness.ts";

/** How long each promise may take in calm, wall milliseconds. */
const LIMIT = {
  /** I2: two readings that agree block; a fill's news and the reading that explains it take less. */
  explained: 5_000,
  /** I3 says 5 s, and the close that follows must be carried out. */
  protected: 6_500,
  reducers: 5_000,
  owner: 6_000,
  /** Somebody else's order whose one message was lost: nothing tells of it but the reading of every three minutes. */
  unheard: 186_000,
  rests: 6_000,
  stuck: 12_000,
  /** A mark price of every second, and a fill whose news waits for a reading. */
  risk: 5_000,
} as const;
/** What the desk says when no best price has come for a while. */
const MARKET_STALE = "the market data is stale";
/** recvWindow plus margin, after which a missing order is absent (I1). */
const ABSENT_MS = 4_000;
/** Refusals of the guard that mean: the limits leave no room just now. */
const NO_ROOM: ReadonlySet<string> = new Set([
  "positionLimit",
  "purse",
  "grossLeverage",
  "liquidationDistance",
  "notionalTooSmall",
  "foreignAgainst",
]);
/** The margin of the account is used up, or it is the circuit that says so. */
const isWithoutRoom = ({ reason, detail }: { readonly reason: string; readonly detail: string }): boolean =>
  NO_ROOM.has(reason) || (reason === "circuit" && detail.includes("-2019"));
/** An entry that was accepted so lately counts as quoting, wall milliseconds. */
const LATELY_MS = 20_000;
/** An exit that was executed so lately made room when the market stood still already: no price came to quote at. */
const ROOM_MS = 4_000;
/** What a mark may have moved between the desk's check and the exchange's acceptance. */
const SLACK = 1.01;

/** An order of one of the desk's engines: the last stop of a book is the desk's own, and closes what there is. */
const isOfEngine = ({ own }: LiveOrder): boolean => own !== undefined && own.role !== "lastStop";

/** What the inspector looks at. */
export interface Inspected {
  readonly scenario: Scenario;
  readonly exchange: Exchange;
  readonly witness: Witness;
  readonly calm: Calm;
  readonly lives: Lives;
  readonly now: () => number;
  /** The exchange's clock minus the true one. */
  readonly skewMs: () => number;
  /** Desks that run and have read the account. */
  readonly running: () => readonly Bot[];
  readonly note: (line: string) => void;
  readonly fail: (finding: string) => void;
}

/** Asks every checker at its moment: when the exchange accepts, after every turn of a desk, and several times a second. */
export class Inspector {
  readonly #of: Inspected;
  readonly #overdue = new Overdue();
  readonly #shortage = new Shortage();
  readonly #noRoomWall = new Map<string, number>();
  readonly #differences = new Map<string, number>();
  readonly #absent = new Set<string>();
  readonly #hidden: HiddenStops;
  readonly #unheard: UnheardCancels;
  readonly #grids: ReadonlyMap<string, GridParameters>;

  constructor(inspected: Inspected) {
    this.#of = inspected;
    this.#hidden = new HiddenStops(inspected.witness, inspected.lives);
    this.#unheard = new UnheardCancels(inspected.witness, inspected.calm, LIMIT.unheard);
    this.#grids = new Map(
      inspected.scenario.grids.map((grid) => [`${grid.instrument}/${engineTag(grid.engine)}`, grid]),
    );
    inspected.witness.onAccepted((accepted) => this.#accepted(accepted));
  }

  /** After a turn: what leaves, and what was believed. */
  turn(bot: Bot, event: DeskEvent, effects: readonly Effect[]): void {
    const state = bot.desk?.kernel.state;
    if (state === undefined) return;
    // One with the exchange's id is not ours: it may have been there, and forgotten since.
    if (event.type === "orderAbsent" && event.venueOrderId === undefined)
      this.#absence(event.clientId, state);
    // Other grids of the account have used up its margin: the exchange itself says so.
    if (event.type === "placeRejected" && event.kind === "margin") this.#noRoom(event.clientId);
    for (const effect of effects) {
      if (effect.type === "send") this.#sent(effect.order, state);
      if (effect.type === "refused" && isWithoutRoom(effect)) this.#noRoom(effect.clientId);
    }
  }

  #noRoom(clientId: string): void {
    const tag = readClientId(clientId)?.engineTag;
    if (tag !== undefined) this.#noRoomWall.set(tag, this.#of.now());
  }

  /** Looks at exchange and desks side by side. */
  look(): void {
    const { witness, scenario, running } = this.#of;
    for (const place of placesOf(scenario)) {
      this.#protection(place);
      this.#reducers(place);
    }
    for (const bot of running()) {
      const state = bot.desk?.kernel.state;
      if (state === undefined) continue;
      for (const book of state.account.books.values()) {
        const position = witness.position.get(placeOf(book)) ?? 0;
        const sum = sumOf(book);
        const isBlocked = sum !== position && (mayNotIncrease(state) || isMismatched(book));
        const overdue = this.#late(
          `I2 ${bot.name}`,
          book.key,
          sum !== position && !isBlocked,
          LIMIT.explained,
        );
        this.#noteDifference(`${bot.name} ${book.key}`, sum, position);
        this.#tell(check.explainedOrBlocked(book, position, isBlocked, overdue));
      }
      this.#owners(bot, state);
      this.#records(bot, state);
      this.#risk(bot, state);
    }
  }

  /** The exchange's own books. */
  audit(): void {
    this.#tell(check.sound(this.#of.exchange.validate()));
  }

  /** After calm: exchange and desk agree to the unit, and the desk trades again where it may. */
  finale(bot: Bot | undefined): void {
    const { exchange, scenario, fail } = this.#of;
    const state = bot?.desk?.kernel.state;
    const traded = scenario.instruments.filter(({ id }) => exchange.status(id) === "trading");
    // Where everything was delisted nobody has to trade.
    if (traded.length === 0) return;
    if (bot === undefined || state === undefined || !state.isBooted) {
      fail("liveness: no desk runs at the end");
      return;
    }
    this.#tell(check.sameWallet(state.account.wallet, exchange.balance(ACCOUNT).wallet));
    this.#tell(check.sameWorth(state.risk.equity, this.#worth()));
    for (const place of placesOf({ ...scenario, instruments: traded })) {
      const told = exchange.positions(ACCOUNT).find((each) => placeOf(each) === place)?.lots ?? 0;
      const [instrument, positionSide] = partsOf(place);
      this.#tell(check.sameSize(place, sumOf(state.account.look(instrument, positionSide)), told));
    }
    // Where no best price changed for so long at the exchange itself, the desk is right to wait for the next one.
    const isStill = this.#of.now() - this.#of.witness.lastTopWall > state.config.staleMs;
    const blocks = state.blocks().filter((block) => !isStill || block !== MARKET_STALE);
    this.#tell(check.noBlocks(blocks, [...state.failed.values()]));
    for (const grid of scenario.grids) this.#tell(this.#quotes(grid, state));
  }

  /** The exchange refused entries for want of margin: none is tried for a minute, or until an exit made room. */
  #lacksMargin({ instrument, positionSide }: GridParameters, { circuit, wallAt }: KernelState): boolean {
    if (!circuit.lacksMargin(instrument)) return false;
    const { witness, now } = this.#of;
    const lastExit = Math.max(0, ...witness.lastExitWall.values());
    const isHeldBack = circuit.refusal({ instrument, positionSide, role: "entry" }, wallAt) !== undefined;
    return isHeldBack || now() - lastExit < ROOM_MS;
  }

  /** A grid that may quote has an entry at the exchange, had one lately, or has just now no room for one. */
  #quotes(grid: GridParameters, state: KernelState): check.Finding {
    const { witness, exchange, scenario, now } = this.#of;
    const tag = engineTag(grid.engine);
    const rests = [...witness.live.values()].some(
      ({ own, instrument }) =>
        own?.role === "entry" && own.engineTag === tag && instrument === grid.instrument,
    );
    const isUnheard = state
      .liveOrders()
      .some(
        (order) =>
          order.facts.role === "entry" &&
          order.facts.engine === grid.engine &&
          this.#unheard.isExcused(order, now()),
      );
    const last = witness.lastEntryWall.get(`${grid.instrument}/${tag}`) ?? 0;
    const held = Math.abs(state.account.share(grid.instrument, grid.positionSide, grid.engine).lots);
    const rungs = state.engines.get(grid.engine)?.snapshot().rungsHeld ?? 0;
    return check.quotesAgain({
      engine: grid.engine,
      rests: rests || isUnheard || now() - last < LATELY_MS,
      hasRoom:
        now() - (witness.lastExitWall.get(`${grid.instrument}/${tag}`) ?? 0) > ROOM_MS &&
        now() - (this.#noRoomWall.get(tag) ?? 0) > LATELY_MS &&
        !this.#lacksMargin(grid, state) &&
        held + grid.quantity <= grid.positionMax &&
        rungs < grid.ordersMax &&
        // A rung that is less than the exchange's new smallest size can't be ordered: its owner has to enlarge it.
        grid.quantity >= smallestSize(scenario, exchange, grid.instrument),
      isTraded: exchange.status(grid.instrument) === "trading",
    });
  }

  #accepted({ order, times }: Accepted): void {
    if (order.own === undefined || this.#of.lives.isStranger(order.own)) return;
    this.#tell(check.acceptedOnce(order.clientId, times));
    if (this.#absent.has(order.clientId) && Math.abs(this.#of.skewMs()) <= 1_000)
      this.#of.fail(`I9: ${order.clientId} was accepted after it had been taken for absent`);
    const { live } = this.#of.witness;
    this.#tell(check.oneLiveOrder(order, this.#comparable(order, live.values())));
    if (!order.isReducer) this.#caps(order);
  }

  /**
   * Orders that an accepted one may be held against: twins can't know each other, late exits are adopted, and where lists
   * are cut short for seconds a second stop is the lesser evil (I3): that it is taken back is what I4 says.
   */
  *#comparable(order: LiveOrder, live: Iterable<LiveOrder>): Generator<LiveOrder> {
    const { lives, now } = this.#of;
    for (const other of live) {
      if (other.own === undefined || order.own === undefined) continue;
      if (lives.overlap(order.own, other.own)) continue;
      if (order.isReducer && lives.isSuccession(order.own, other.own, now())) continue;
      if (this.#hidden.isHidden(order.clientId, other.clientId)) {
        this.#of.note(`~ ${order.clientId} is a second stop: lists cut short hide ${other.clientId}`);
        continue;
      }
      yield other;
    }
  }

  #caps(order: LiveOrder): void {
    const { exchange, witness, scenario, lives } = this.#of;
    const instrument = scenario.instruments.find(({ id }) => id === order.instrument);
    const grid = this.#grids.get(`${order.instrument}/${order.own?.engineTag ?? ""}`);
    if (instrument === undefined || grid === undefined) return;
    const entries = [...witness.live.values()].filter((o) => !o.isReducer && o.own !== undefined);
    const worth = (orders: readonly LiveOrder[]): number =>
      orders.reduce((sum, each) => sum + each.left * each.price * unitOf(scenario, each.instrument), 0);
    // A second bot bears our marks; its entries are none of this purse's.
    const own = entries.filter(
      (o) =>
        o.instrument === order.instrument &&
        o.own?.engineTag === order.own?.engineTag &&
        !(o.own !== undefined && lives.isStranger(o.own)),
    );
    let held = 0;
    for (const place of placesOf({ ...scenario, instruments: [instrument] })) {
      // Each sharing out may leave the desk's whole lots with up to one less for this engine.
      const uncertain = (witness.shares.get(place) ?? 0) * order.price;
      const cost = witness.cost.get(`${place}/${order.own?.engineTag}`) ?? 0;
      held += Math.max(0, cost - uncertain) * instrument.unit;
    }
    const leverage = exchange.leverage(ACCOUNT, order.instrument);
    const { wallet, unrealized } = exchange.balance(ACCOUNT);
    let gross = worth(entries);
    for (const { instrument: id, lots, mark } of exchange.positions(ACCOUNT))
      gross += Math.abs(lots) * mark * unitOf(scenario, id);
    this.#tell(
      check.withinCaps({
        engine: grid.engine,
        leverage,
        leverageMax: Math.min(3, grid.leverage),
        margin: (held + worth(own)) / leverage,
        purse: grid.purse * SLACK,
        gross,
        equity: (wallet + unrealized) * SLACK,
        grossMax: 3,
      }),
    );
  }

  #absence(clientId: string, state: KernelState): void {
    this.#absent.add(clientId);
    const order = state.orders.get(clientId);
    const sent = order?.sentWallAt ?? 0;
    const isThere = (this.#of.witness.acceptedTimes.get(clientId) ?? 0) > 0;
    this.#tell(check.absentForGood(clientId, state.wallAt - sent, ABSENT_MS, isThere));
  }

  #sent(sent: OrderFacts, state: KernelState): void {
    this.#tell(check.noResend(sent, state.orders.all()));
    this.#tell(check.onlyReducers(state.riskState, sent));
    this.#hidden.sent(sent, state);
    const book = state.account.look(sent.instrument, sent.positionSide);
    const share = (sent.engine === "foreign" ? book?.foreign : book?.shares.get(sent.engine))?.lots ?? 0;
    this.#tell(check.reducerFits(sent, share, state.orders.all()));
  }

  #protection(place: Place): void {
    const { witness, running } = this.#of;
    const [instrument, positionSide] = partsOf(place);
    if (running().length === 0) return;
    let own = 0;
    for (const grid of this.#grids.values()) {
      if (grid.instrument !== instrument || !hasStops(grid)) continue;
      const isLeg = grid.positionSide !== positionSide;
      const sign = signOf(grid.direction) * (isLeg ? -1 : 1);
      own += Math.max(0, (witness.traded.get(`${place}/${engineTag(grid.engine)}`) ?? 0) * sign);
    }
    const held = Math.min(Math.floor(own), Math.abs(witness.position.get(place) ?? 0));
    const armed = witness.liveLots(
      place,
      (order) => isOfEngine(order) && order.isReducer && (order.isStop || order.isSpawned),
    );
    const missing = Math.max(0, held - armed - this.#untradable(instrument) - this.#unheardStops(place));
    const since = this.#shortage.measure(place, missing, this.#of.now(), this.#of.calm.from);
    const overdue = Math.max(0, since - LIMIT.protected);
    if (overdue > 0) {
      for (const bot of running())
        this.#of.note(
          `~ ${bot.name} thinks: ${JSON.stringify(sharesOf(bot, instrument, positionSide))}, in truth ${own}`,
        );
    }
    this.#tell(check.protectedExposure(place, held, armed, overdue));
  }

  /** After a change of the quantity step each rung may hold a rest that is finer than it: no order can be placed for it. */
  #untradable(instrument: InstrumentId): number {
    const step = this.#of.exchange.lotStep(instrument);
    if (step === 1) return 0;
    const states = this.#of.running().flatMap((bot) => bot.desk?.kernel.state ?? []);
    const engines = states.flatMap((state) => [...state.engines.values()]);
    return (step - 1) * engines.reduce((sum, engine) => sum + engine.snapshot().rungsHeld, 0);
  }

  /** Lots of stops that a person cancelled without any desk's hearing of it. */
  #unheardStops(place: Place): number {
    const { running, now } = this.#of;
    const states = running().flatMap((bot) => bot.desk?.kernel.state ?? []);
    let lost = 0;
    for (const { orders } of states)
      for (const order of orders.live()) {
        const { role, lots } = order.facts;
        if (role === "stop" && placeOf(order.facts) === place && this.#unheard.isExcused(order, now()))
          lost += lots;
      }
    return lost;
  }

  #reducers(place: Place): void {
    const { witness, running } = this.#of;
    if (running().length === 0) return;
    const position = witness.position.get(place) ?? 0;
    const isReducer = (order: LiveOrder): boolean => isOfEngine(order) && order.isReducer;
    const resting = witness.liveLots(place, (o) => isReducer(o) && !o.isStop && !o.isSpawned);
    const armed = witness.liveLots(place, (o) => isReducer(o) && o.isStop);
    const isWrong = resting > Math.abs(position) || armed > Math.abs(position);
    const overdue = this.#late("I4", place, isWrong, LIMIT.reducers);
    this.#tell(check.reducersFit(place, position, resting, armed, overdue));
  }

  #owners(bot: Bot, state: KernelState): void {
    if (state.secondBot) return;
    const kind = `owner ${bot.name}`;
    const foreign = new Set([...state.orders.foreign()].map(({ venueOrderId }) => venueOrderId));
    for (const order of this.#of.witness.live.values()) {
      const record = state.orders.get(order.clientId);
      const isKnown =
        (record !== undefined && (isLive(record.state) || record.state === "triggered")) ||
        order.isSpawned ||
        foreign.has(order.name.replace(/^\w+:/, ""));
      if (isKnown) {
        this.#overdue.right(kind, order.name);
        continue;
      }
      const limit = this.#isUnheard(order) ? LIMIT.unheard : LIMIT.owner;
      this.#tell(check.owned(order, isKnown, this.#late(kind, order.name, true, limit)));
    }
  }

  /** A person's or a second bot's, and a message was lost in the moment of its acceptance. */
  #isUnheard({ own, sinceWall }: LiveOrder): boolean {
    const isAnothers = own === undefined || this.#of.lives.isStranger(own);
    return isAnothers && this.#of.calm.unheard.some((lost) => Math.abs(lost - sinceWall) < 100);
  }

  #records(bot: Bot, state: KernelState): void {
    const there = new Set([...this.#of.witness.live.values()].map(({ clientId }) => clientId));
    const [rests, stuck] = [`rests ${bot.name}`, `stuck ${bot.name}`];
    for (const order of state.orders.all()) {
      const { clientId } = order.facts;
      const isMissing = order.state === "resting" && !there.has(clientId);
      const isWrong = isMissing && !this.#unheard.isExcused(order, this.#of.now());
      if (isWrong)
        this.#tell(check.restsIndeed(order, false, this.#late(rests, clientId, true, LIMIT.rests)));
      else this.#overdue.right(rests, clientId);
      if (isMoving(order))
        this.#tell(check.nothingStuck(order, this.#late(stuck, clientId, true, LIMIT.stuck)));
      else this.#overdue.right(stuck, clientId);
    }
  }

  #risk(bot: Bot, { riskState, risk }: KernelState): void {
    if (!risk.hasBegun) return;
    const worth = this.#worth();
    const judge = (overdueMs: number): check.Finding =>
      check.strictEnough(riskState, risk.peak.value, worth, overdueMs);
    this.#tell(judge(this.#late("risk", bot.name, judge(1) !== undefined, LIMIT.risk)));
  }

  /** By the exchange's own books. */
  #worth(): number {
    const { wallet, unrealized } = this.#of.exchange.balance(ACCOUNT);
    return wallet + unrealized;
  }

  #noteDifference(key: string, sum: number, position: number): void {
    if (this.#differences.get(key) === sum - position) return;
    this.#differences.set(key, sum - position);
    this.#of.note(`~ ${key}: the desk explains ${sum}, the exchange holds ${position}`);
  }

  #late(kind: string, id: string, isWrong: boolean, limitMs: number): number {
    const { now, calm } = this.#of;
    return Math.max(0, this.#overdue.measure(kind, id, isWrong, now(), calm.from) - limitMs);
  }

  #tell(finding: check.Finding): void {
    if (finding !== undefined) this.#of.fail(finding);
  }
}
