import type { DeskEvent } from "../core/event.ts";
import type { Instrument, InstrumentId } from "../core/instrument.ts";
import { invariant } from "../core/invariant.ts";
import type { RiskState } from "../core/proposal.ts";
import { type Millis, millis, type Ticks, type Value } from "../core/units.ts";
import type { Effect } from "../desk/kernel/effect.ts";
import { Kernel } from "../desk/kernel/kernel.ts";
import { type DeskQuiet, passQuietly, quietOf, worthAt } from "../desk/kernel/quiet.ts";
import { Grid } from "../engines/grid/grid.ts";
import type { GridParameters } from "../engines/grid/parameters.ts";
import { createExchange } from "../venue/built-in-exchange.ts";
import type { Exchange, VenueBalance, VenueEvent } from "../venue/exchange.ts";
import { Hands, isRequest, type Request } from "./hands.ts";
import { Observer } from "./observer.ts";
import { type BacktestSetup, configOf } from "./setup.ts";
import { Timers, TROUBLE_EVERY_MS } from "./timers.ts";
import { Translation } from "./translation.ts";

/** A backtest that is over. */
export interface BacktestRun {
  readonly grids: readonly GridParameters[];
  readonly instruments: ReadonlyMap<InstrumentId, Instrument>;
  readonly from: Millis;
  readonly to: Millis;
  /** Of the first engine's instrument when the market opens. */
  readonly firstPrice: Ticks;
  readonly start: Value;
  readonly balance: VenueBalance;
  readonly observer: Observer;
  /** Events that the desk was fed. */
  readonly turns: number;
  /** The desk's own, at the end. */
  readonly riskState: RiskState;
  readonly stateHash: string;
}

/** An engine stopped itself: what it said. */
export class EngineFailure extends Error {
  override readonly name = "EngineFailure";
}

/**
 * The real engines, guard and kernel on the built-in exchange's matching, in one process and driven by market time
 * alone: wall time is market time here. Throws `EngineFailure` when an engine stops.
 */
export function runBacktest(setup: BacktestSetup): BacktestRun {
  return new Backtest(setup).run();
}

class Backtest {
  readonly #exchange: Exchange;
  readonly #kernel: Kernel;
  readonly #words: Translation;
  readonly #hands: Hands;
  readonly #observer: Observer;
  readonly #account: string;
  readonly #latencyMs: number;
  readonly #startAt: Millis;
  readonly #mayPass: boolean;
  readonly #grids: readonly GridParameters[];
  readonly #instruments: ReadonlyMap<InstrumentId, Instrument>;
  readonly #from: Millis;
  readonly #start: VenueBalance;
  readonly #firstPrice: Ticks;
  readonly #inbox: DeskEvent[] = [];
  readonly #requests: { readonly due: number; readonly request: Request }[] = [];
  /** The latest mark price and the latest best prices that were left out, the later one last. */
  #passed: readonly DeskEvent[] = [];
  /** Which quotes the desk would want nothing of; undefined: it has to hear the next ones. */
  #quiet: DeskQuiet | undefined;
  /** The account moved since the desk was last told what it has. */
  #isMoved = false;
  #isSending = false;
  /** Nothing but quotes was told since the last point, and nothing came of it. */
  #isCalm = false;
  readonly #timers = new Timers();

  constructor(setup: BacktestSetup) {
    const { listed, account, deposit, market, rules, seed, venue } = setup;
    const instruments = listed.map(({ instrument }) => instrument);
    this.#instruments = new Map(instruments.map((each) => [each.id, each]));
    this.#account = account;
    this.#latencyMs = setup.latencyMs ?? 0;
    this.#mayPass = setup.feedsAll !== true && instruments.length === 1;
    this.#exchange = createExchange({
      instruments,
      brackets: Object.fromEntries(listed.map(({ instrument, brackets }) => [instrument.id, brackets])),
      market,
      accounts: [{ id: account, deposit }],
      ...(rules === undefined ? {} : { rules }),
      seed,
    });
    const bids = new Map(
      instruments.map(({ id }) => [id, this.#exchange.depth(id, 1).bids[0]?.price ?? (0 as Ticks)]),
    );
    this.#grids = setup.lay(bids);
    this.#from = this.#exchange.now();
    this.#startAt = millis(this.#from + (setup.startsAfterMs ?? 0));
    this.#start = this.#exchange.balance(account);
    this.#kernel = new Kernel(
      configOf(setup, this.#grids, this.#startAt),
      this.#grids.map((grid) => new Grid(grid)),
    );
    this.#words = new Translation(this.#exchange, account, venue);
    this.#hands = new Hands(this.#exchange, this.#words, account);
    this.#observer = new Observer(this.#grids, this.#instruments, this.#from, this.#start);
    this.#firstPrice = this.#exchange.mark(this.#observer.instrument ?? instruments[0]?.id ?? "").mark;
  }

  run(): BacktestRun {
    const exchange = this.#exchange;
    while (exchange.step(this.#startAt)) {
      // The market goes on without the desk.
    }
    exchange.listen((event) => this.#hear(event), { depth: false, tape: false });
    this.#quote();
    this.#boot();
    for (let next = exchange.nextStepAt(); next !== undefined; next = exchange.nextStepAt()) {
      const request = this.#requests[0];
      if (request !== undefined && request.due <= next && request.due <= this.#timers.nextAt) {
        exchange.step(millis(request.due));
        this.#requests.shift();
        this.#carryOut(request.request);
        this.#work();
      } else if (this.#timers.nextAt < next) {
        exchange.step(millis(this.#timers.nextAt));
        this.#timer();
      } else {
        exchange.step(next);
        this.#point(next);
      }
    }
    this.#work();
    return this.#result();
  }

  /** The account is read twice, as at every start; the first quotes are there. */
  #boot(): void {
    const { state } = this.#kernel;
    const first = this.#exchange.nextStepAt() ?? this.#exchange.now();
    for (let at: number = this.#exchange.now(); at < first; at += TROUBLE_EVERY_MS) {
      this.#exchange.step(millis(at));
      this.#timer();
      if (state.interruptions.isSteady && this.#requests.length === 0) break;
      for (const { request } of this.#requests.splice(0)) this.#carryOut(request);
      this.#work();
    }
  }

  /** What the market looks like when it opens. */
  #quote(): void {
    const at = this.#exchange.now();
    for (const { id } of this.#exchange.instruments) {
      const { bids, asks } = this.#exchange.depth(id, 1);
      const [bid, ask] = [bids[0], asks[0]];
      this.#words.tell({ type: "mark", at, instrument: id, ...this.#exchange.mark(id) }, this.#inbox);
      if (bid === undefined || ask === undefined) continue;
      const top = { bid: bid.price, bidLots: bid.lots, ask: ask.price, askLots: ask.lots };
      this.#words.tell({ type: "top", at, instrument: id, ...top }, this.#inbox);
    }
    this.#work();
  }

  #timer(): void {
    const at = this.#exchange.now();
    this.#inbox.push({ type: "timer", at, wallAt: at, monotonicMs: at - this.#from });
    this.#work();
    this.#timers.came(at, this.#kernel.state);
  }

  /** A point of the market's path: what it brought is told, or left out where it is certain that nothing comes of it. */
  #point(at: Millis): void {
    this.#timers.postpone(at, this.#kernel.state);
    if (this.#quiet !== undefined && !this.#isMoved && this.#isWithin(this.#quiet, at)) {
      this.#leaveOut();
      passQuietly(this.#kernel.state, at);
      return;
    }
    // Only best prices make an engine look for something to do: without them nobody knows that it wants nothing.
    const isLooking = this.#inbox.some(({ type }) => type === "top");
    this.#isCalm = isLooking && this.#mayPass && this.#requests.length === 0;
    this.#work();
    this.#quiet = this.#isCalm ? quietOf(this.#kernel.state) : undefined;
  }

  #leaveOut(): void {
    const inbox = this.#inbox;
    // Nearly always there is one of each, and none before them counts any more.
    this.#passed =
      inbox.length === 2 && inbox[0]?.type !== inbox[1]?.type
        ? inbox.splice(0)
        : latestOfEach([...this.#passed, ...inbox.splice(0)]);
  }

  #isWithin(quiet: DeskQuiet, at: Millis): boolean {
    if (at >= quiet.until) return false;
    for (const event of this.#inbox) {
      if (event.type === "mark") {
        if (event.mark < quiet.markFrom || event.mark > quiet.markTo) return false;
        const equity = worthAt(this.#kernel.state, event.mark);
        if (!(equity >= quiet.equityFrom && equity <= quiet.equityTo)) return false;
      } else if (event.type === "top") {
        const { bid, ask } = event;
        if (bid < quiet.bidFrom || bid > quiet.bidTo || ask < quiet.askFrom || ask > quiet.askTo)
          return false;
      } else return false;
    }
    return true;
  }

  #hear(event: VenueEvent): void {
    switch (event.type) {
      case "account":
        this.#isMoved = true;
        if (event.reason !== "funding") return;
        this.#inbox.push(this.#words.balance(event.at, "funding"));
        this.#inbox.push({
          type: "fundingPaid",
          at: event.at,
          wallAt: event.at,
          account: this.#account,
          instrument: event.instrument ?? "",
          amount: event.balanceChange,
        });
        return;
      case "mark":
        this.#tellAccount(event.at);
        this.#observer.marked(event.instrument, event.mark, event.at, this.#kernel.state);
        break;
      case "top":
        this.#tellAccount(event.at);
        break;
      case "candle":
        if (event.isClosed) this.#observer.candle(event.instrument, event.candle, event.at);
        return;
      default:
    }
    this.#words.tell(event, this.#inbox);
  }

  /** Balance, sizes and risk figures, as streams and polls tell them after a trade. */
  #tellAccount(at: Millis): void {
    if (!this.#isMoved) return;
    this.#isMoved = false;
    const positions = this.#exchange.positions(this.#account);
    this.#observer.held(this.#exchange.balance(this.#account), positions);
    const times = { at, wallAt: at, account: this.#account };
    this.#inbox.push(this.#words.balance(at, "trade"));
    for (const { instrument, positionSide, lots } of positions)
      this.#inbox.push({ type: "position", ...times, instrument, positionSide, lots });
    this.#inbox.push({ type: "exposure", ...times, books: this.#words.books(positions) });
  }

  /** Gives the desk its news, one after another; what it wants is carried out before the next. */
  #work(): void {
    if (this.#passed.length > 0) this.#catchUp();
    const inbox = this.#inbox;
    for (let at = 0; at < inbox.length || this.#isMoved; at += 1) {
      if (at >= inbox.length) this.#tellAccount(this.#exchange.now());
      const event = inbox[at];
      if (event !== undefined) this.#turn(event);
    }
    inbox.length = 0;
  }

  /** The latest quotes that were left out come first, so that the desk's prices are what they would have been. */
  #catchUp(): void {
    const passed = this.#passed;
    this.#passed = [];
    for (const event of passed) {
      const { effects } = this.#kernel.turn(event);
      invariant(effects.length === 0, `a quote of ${event.at} was left out and something comes of it`);
    }
  }

  #turn(event: DeskEvent): void {
    const { effects } = this.#kernel.turn(event);
    if (effects.length > 0 || !(isQuote(event) || event.type === "timer")) {
      this.#isCalm = false;
      this.#quiet = undefined;
    }
    if (isTrouble(event)) this.#timers.trouble(this.#exchange.now());
    if (event.type === "fill") {
      const known = event.origin === "client" ? this.#kernel.state.orders.get(event.clientId) : undefined;
      this.#observer.executed(event, known?.facts);
    }
    for (const effect of effects) this.#take(effect);
    if (event.type === "fill" || this.#isSending) this.#observer.useMargin(this.#kernel.state);
    this.#isSending = false;
  }

  #take(effect: Effect): void {
    if (isRequest(effect)) {
      if (effect.type === "send") {
        this.#isSending = true;
        this.#observer.sent(effect.order, effect.reason);
      } else if (effect.type === "query") this.#timers.trouble(this.#exchange.now());
      if (this.#latencyMs === 0) this.#carryOut(effect);
      else this.#requests.push({ due: this.#exchange.now() + this.#latencyMs, request: effect });
    } else if (effect.type === "refused") {
      // The desk's timers ask again at once; a stop that waited for a minute would be given up.
      if (effect.reason === "reduceBudget") this.#timers.trouble(this.#exchange.now());
    } else if (effect.type === "alert") {
      this.#timers.trouble(this.#exchange.now());
      this.#observer.alert(effect);
    } else if (effect.type === "engineFailed") {
      throw new EngineFailure(`engine ${effect.engine} stopped itself: ${effect.error}`);
    }
  }

  #carryOut(request: Request): void {
    for (const answer of this.#hands.do(request)) this.#inbox.push(answer);
  }

  #result(): BacktestRun {
    const { state } = this.#kernel;
    const balance = this.#exchange.balance(this.#account);
    return {
      grids: this.#grids,
      instruments: this.#instruments,
      from: this.#from,
      to: this.#exchange.now(),
      firstPrice: this.#firstPrice,
      start: this.#start.wallet,
      balance,
      observer: this.#observer,
      turns: state.counts.turns,
      riskState: state.riskState,
      stateHash: this.#observer.hash(state, balance),
    };
  }
}

/** Of mark and best prices the latest each, in their order. */
const latestOfEach = (quotes: readonly DeskEvent[]): readonly DeskEvent[] =>
  quotes.filter(({ type }, at) => !quotes.slice(at + 1).some((later) => later.type === type));
const isQuote = ({ type }: DeskEvent): boolean => type === "mark" || type === "top";

const TROUBLES: ReadonlySet<DeskEvent["type"]> = new Set([
  "placeRejected",
  "placeUnknown",
  "orderAbsent",
  "cancelFailed",
  "configRefused",
]);

/** After these something may wait for a moment of its own. */
const isTrouble = (event: DeskEvent): boolean =>
  TROUBLES.has(event.type) ||
  (event.type === "orderReport" && (event.status === "expired" || event.status === "rejected"));
