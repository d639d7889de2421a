import type { AlertDesk } from "../../src/chat/alert-desk.ts";
import type { CardDesk } from "../../src/chat/card-desk.ts";
import type { PeopleDesk } from "../../src/chat/people-desk.ts";
import { OUT_OF_TIME } from "../../src/core/approval.ts";
import { type Candle, TIMEFRAMES, type Timeframe } from "../../src/core/candle.ts";
import type { Instrument } from "../../src/core/instrument.ts";
import { unitOf } from "../../src/core/instrument.ts";
import type { LimitView } from "../../src/core/limit.ts";
import type {
  Actor,
  CloseAction,
  Decision,
  PricedProposal,
  Proposal,
  RecoverAction,
} from "../../src/core/proposal.ts";
import { reasonRefusal } from "../../src/core/reason.ts";
import { type NewAccount, Roster } from "../../src/core/roster.ts";
import { stepOf } from "../../src/core/text.ts";
import { lots, millis, ONE, rate, ticks, value } from "../../src/core/units.ts";
import type {
  Chat,
  Clock,
  CloseRequest,
  DeskDoor,
  LedgerEntry,
  LedgerFilter,
  MachineDoor,
  MessageStore,
  Outcome,
  StoredMessage,
} from "../../src/desk/ports.ts";
import type { DeskSnapshot, GridView } from "../../src/desk/snapshot.ts";
import { GridMetrics } from "../../src/engines/grid/metrics.ts";

/** 2026-05-02 14:03:20 UTC. */
export const NOON = Date.UTC(2026, 4, 2, 14, 3, 20);

/** An instrument with Binance's usual steps. */
function perpetual(id: string, base: string, tick: string, lot: string): Instrument {
  return {
    id,
    venue: "binanceusdm",
    kind: "linear",
    base,
    quote: "USDT",
    settle: "USDT",
    tick: stepOf(tick),
    lot: stepOf(lot),
    unit: unitOf(stepOf(tick), stepOf(lot)),
    priceMin: ticks(1),
    priceMax: ticks(100_000_000),
    lotsMin: lots(1),
    lotsMax: lots(1_000_000),
    marketLotsMax: lots(100_000),
    notionalMin: value(100 * ONE),
    ordersMax: 200,
    conditionalOrdersMax: 10,
    makerFee: rate(20_000),
    takerFee: rate(50_000),
    liquidationFee: rate(1_250_000),
  };
}

export const bitcoin = perpetual("BTCUSDT", "BTC", "0.1", "0.001");
const ether = perpetual("ETHUSDT", "ETH", "0.01", "0.001");

/** Sixty candles around the rungs of `GRID_VIEW`, the last one unfinished. */
function candles(timeframe: Timeframe, count = 60): readonly Candle[] {
  const span = TIMEFRAMES[timeframe];
  const first = Math.floor(NOON / span) * span - (count - 1) * span;
  const at = (index: number): number => 970_000 + Math.round(6_000 * Math.sin(index / 5)) + index * 30;
  return Array.from({ length: count }, (_, index) => {
    const [open, close] = [at(index), index === count - 1 ? 972_000 : at(index + 1)];
    return {
      openAt: millis(first + index * span),
      open: ticks(open),
      high: ticks(Math.max(open, close) + 700),
      low: ticks(Math.min(open, close) - 900),
      close: ticks(close),
    };
  });
}

/** A buy grid with a rung that holds and one whose entry waits. */
export const GRID_VIEW: GridView = {
  direction: "buy",
  positionSide: "both",
  step: rate(200_000),
  quantity: lots(10),
  takeProfit: rate(800_000),
  stopLoss: rate(2_000_000),
  ordersMax: 5,
  positionMax: lots(50),
  priceMin: undefined,
  priceMax: undefined,
  stopPrice: undefined,
  pausePrice: undefined,
  recovery: "ladder",
  entriesEnded: 8,
  entriesFilled: 6,
  rungs: [
    {
      index: 3,
      price: ticks(969_000),
      status: "opening",
      held: lots(0),
      entry: undefined,
      openedAt: undefined,
      stop: undefined,
      closes: [],
      stage: "none",
      stuckSince: undefined,
      attempts: 0,
    },
    {
      index: 4,
      price: ticks(971_234),
      status: "holding",
      held: lots(10),
      entry: ticks(971_234),
      openedAt: millis(NOON - 600_000),
      stop: ticks(951_809),
      closes: [{ price: ticks(980_000), lots: lots(10), isLadder: false }],
      stage: "none",
      stuckSince: undefined,
      attempts: 0,
    },
  ],
};

const limit = (name: LimitView["name"], settings: number, tightest: number): LimitView => ({
  key: name,
  name,
  settings,
  tightest,
  now: settings,
  set: undefined,
});
/** Nobody tightened anything. */
export const LIMITS: readonly LimitView[] = [
  limit("drawdown_warning", ONE / 20, ONE / 200),
  limit("drawdown_emergency", ONE / 10, ONE / 200),
  limit("drawdown_shutdown", (3 * ONE) / 20, ONE / 200),
  limit("exposure", 3, 0.1),
  limit("liquidation_buffer", ONE / 5, (9 * ONE) / 10),
  {
    ...limit("purse", 2_000 * ONE, 100 * ONE),
    key: "purse:grid1",
    engine: "grid1",
    instrument: "BTCUSDT",
  },
  { ...limit("position", 50, 1), key: "position:grid1", engine: "grid1", instrument: "BTCUSDT" },
];

/** A desk that holds a long in bitcoin, a small short in ether with a foreign part, and two resting orders. */
export function snapshot(changes: Partial<DeskSnapshot> = {}): DeskSnapshot {
  return {
    metrics: new GridMetrics().report(),
    version: "0.1.0",
    mode: "sim",
    account: "main",
    venue: "binanceusdm",
    at: millis(NOON),
    wallAt: millis(NOON - 400),
    startedWallAt: millis(NOON - 3_900_000),
    speed: 60,
    riskState: "monitoring",
    riskFloor: "monitoring",
    peak: value(10_400 * ONE),
    drawdown: rate(3_772_115),
    isPaused: false,
    pausedBy: undefined,
    blocks: [],
    asset: "USDT",
    wallet: value(10_000 * ONE),
    unrealized: value(77_000_000),
    equity: value(10_000 * ONE + 77_000_000),
    instruments: [bitcoin, ether],
    others: [],
    books: [
      {
        instrument: "BTCUSDT",
        positionSide: "both",
        lots: lots(10),
        entry: ticks(971_234),
        mark: ticks(972_000),
        bid: ticks(971_999),
        ask: ticks(972_001),
        unrealized: value(77_000_000),
        realized: value(123_000_000),
        liquidation: ticks(640_000),
        distance: rate(34_156_378),
        level: "LOW",
        marginMode: "isolated",
        leverage: 3,
        marginRatio: rate(400_000),
        margin: value(323 * ONE),
        shares: [{ engine: "grid1", lots: lots(10) }],
        foreignLots: lots(0),
        mismatchLots: lots(0),
      },
      {
        instrument: "ETHUSDT",
        positionSide: "both",
        lots: lots(-250),
        entry: undefined,
        mark: ticks(350_012),
        bid: undefined,
        ask: undefined,
        unrealized: undefined,
        realized: value(0),
        liquidation: undefined,
        distance: undefined,
        level: "HIGH",
        marginMode: undefined,
        leverage: undefined,
        marginRatio: undefined,
        margin: undefined,
        shares: [],
        foreignLots: lots(-250),
        mismatchLots: lots(0),
      },
    ],
    funding: [
      {
        instrument: "BTCUSDT",
        rate: rate(10_000),
        nextAt: millis(NOON + 7_000_000),
        paid: value(-1_000_000),
      },
      { instrument: "ETHUSDT", rate: undefined, nextAt: undefined, paid: value(0) },
    ],
    orders: [
      {
        clientId: "pd1",
        instrument: "BTCUSDT",
        engine: "grid1",
        role: "entry",
        rung: 3,
        side: "buy",
        kind: "limit",
        price: ticks(969_000),
        lots: lots(10),
        filled: lots(4),
        state: "resting",
        since: millis(NOON - 60_000),
      },
      {
        clientId: "pd2",
        instrument: "BTCUSDT",
        engine: "grid1",
        role: "takeProfit",
        rung: 4,
        side: "sell",
        kind: "limit",
        price: ticks(980_000),
        lots: lots(10),
        filled: lots(0),
        state: "unknown",
        since: millis(NOON - 60_000),
      },
    ],
    engines: [
      {
        engine: "grid1",
        instrument: "BTCUSDT",
        isRunning: true,
        summary: "1 rung held, 1 waiting",
        rungsHeld: 1,
        rungsOpening: 1,
        purseCap: value(2_000 * ONE),
        purseUsed: value(324 * ONE),
        purseAdded: value(0),
        cycles: 12,
        realized: value(123_000_000),
        pausedBy: undefined,
        entriesWait: undefined,
        grid: GRID_VIEW,
      },
    ],
    locks: [],
    limits: LIMITS,
    proposals: [],
    totals: {
      turns: 9_000,
      fills: 31,
      cycles: 12,
      stops: 0,
      realized: value(123_000_000),
      fees: value(45_600_000),
      otherFees: [],
      funding: value(-1_000_000),
      mismatches: 0,
      ordersSent: 40,
      ordersAcked: 39,
      ordersRefused: 1,
      ordersHeldBack: 0,
      ordersUnknown: 0,
    },
    health: {
      isHealthy: true,
      marketAgeMs: 120,
      accountAgeMs: undefined,
      clockSkewMs: -3,
      eventLoopDelayMs: 1.25,
      memoryMb: 141.4,
      queue: "in process",
      queueLagMs: undefined,
      lastCheckWallAt: millis(NOON - 12_000),
      problems: [],
      platforms: [{ platform: "terminal", isConnected: true, lastError: undefined, messagesSent: 4 }],
      placementP50Ms: 4.2,
      placementP999Ms: 31,
    },
    ...changes,
  };
}

/** Close all of the bitcoin long. */
export const CLOSE: CloseAction = {
  type: "close",
  account: "main",
  instrument: "BTCUSDT",
  positionSide: "both",
  part: rate(ONE),
  includesForeign: false,
  foreignLots: lots(0),
};

/** A rung of a grid that is stuck for two hours. */
export const STUCK: RecoverAction = {
  type: "recover",
  account: "main",
  instrument: "BTCUSDT",
  positionSide: "long",
  engine: "grid-btc",
  rung: 3,
  lots: lots(10),
  stuckSince: millis(NOON - 7_260_000),
  ways: ["aggressive", "ladder", "hedge"],
  fallback: "ladder",
  lines: ["The ladder was tried once and did not fill."],
};

/** A card that asks to close all of a bitcoin long. */
export function proposal(changes: Partial<PricedProposal> = {}): PricedProposal {
  return {
    id: "c4f2-17",
    action: CLOSE,
    quote: {
      quotedAt: millis(NOON),
      quotedWallAt: millis(NOON),
      bid: ticks(971_999),
      ask: ticks(972_001),
      positionLots: lots(10),
      entryPrice: ticks(971_234),
      mark: ticks(972_000),
      marginMode: "isolated",
      riskState: "monitoring",
      side: "sell",
      lots: lots(10),
      expectedFill: ticks(971_990),
      slippage: rate(1_029),
      fee: value(48_599_500),
      realized: value(75_600_000),
      marginRatioBefore: rate(400_000),
      marginRatioAfter: rate(0),
      liquidationBefore: ticks(640_000),
      liquidationAfter: undefined,
    },
    askedBy: alice("telegram"),
    createdWallAt: millis(NOON),
    expiresWallAt: millis(NOON + 60_000),
    state: "pending",
    ...changes,
  };
}

/** A trader with accounts on both platforms. */
export const alice = (platform: Actor["platform"]): Actor => ({ person: "alice", role: "trader", platform });

/** A process whose log, settings and queues say something. */
export const MACHINE: MachineDoor = {
  logLines: (count) =>
    [
      { wallAt: NOON - 1_000, level: "warn" as const, text: "Telegram is not reached; reason timeout" },
      { wallAt: NOON - 2_000, level: "info" as const, text: "the desk started" },
    ].slice(0, count),
  settings: () => [
    { path: "mode", text: "sim" },
    { path: "chat.telegram.token", text: `$${"{TELEGRAM_BOT_TOKEN}"}` },
    { path: "engines[0].name", text: "grid1" },
    { path: "engines[0].take_profit", text: "0.8%" },
  ],
  queues: async () => [
    {
      name: "health",
      waiting: 1,
      active: 0,
      completed: 412,
      failed: 0,
      nextWallAt: NOON + 10_000,
      lastFailure: undefined,
    },
    {
      name: "upkeep",
      waiting: 0,
      active: 1,
      completed: 3,
      failed: 1,
      nextWallAt: undefined,
      lastFailure: "the ledger is locked",
    },
  ],
};

/** A call that reached the desk. */
export interface DoorCall {
  readonly type:
    | "pause"
    | "resume"
    | "panic"
    | "proposeFlatten"
    | "proposeList"
    | "cancel"
    | "proposeCancelAll"
    | "lock"
    | "unlock"
    | "setRiskState"
    | "resetRisk"
    | "armCountdown"
    | "proposeDisarm"
    | "adopt"
    | "proposeClose"
    | "giveReason"
    | "proposeRecovery"
    | "proposeHedge"
    | "proposeMargin"
    | "setPrice"
    | "setLimit"
    | "reconcile"
    | "grant"
    | "revoke"
    | "link"
    | "decide";
  readonly actor: Actor;
  readonly request?: unknown;
  readonly engine?: string;
  readonly decision?: Decision;
}

/** A desk behind its door: proposals are decided once, and every change is shown on the chat that is set. */
export class DeskOfOneCard implements DeskDoor {
  readonly calls: DoorCall[] = [];
  readonly executed: string[] = [];
  chat: Chat | undefined;
  /** Alice is admin, bob only looks; both have two accounts. */
  people = new Roster({
    listed: [
      { name: "alice", role: "admin", telegram: "501", discord: "400000000000000001" },
      { name: "bob", role: "viewer", telegram: "502", discord: "400000000000000002" },
    ],
    terminal: "alice",
  });
  view: DeskSnapshot = snapshot();
  /** Newest first. */
  ledger: readonly LedgerEntry[] = [];
  /** Set: the next call ends in this. */
  fault: Error | undefined;
  machine: MachineDoor = MACHINE;
  /** Set: the exchange gives no candles, and says why. */
  candleProblem: string | undefined;
  /** How long a decision takes. */
  thinkMs = 0;
  readonly #clock: Clock;
  readonly #open = new Map<string, Proposal>();
  #count = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  snapshot(): DeskSnapshot {
    if (this.fault !== undefined) throw this.fault;
    return this.view;
  }

  async candles(instrument: string, timeframe: Timeframe, count: number) {
    if (this.candleProblem !== undefined) return { problem: this.candleProblem };
    return { candles: instrument === "BTCUSDT" ? candles(timeframe, count) : [] };
  }

  pause(actor: Actor, engine?: string): Promise<Outcome> {
    return this.#note(
      { type: "pause", actor, ...(engine === undefined ? {} : { engine }) },
      "No engine enters any more.",
    );
  }

  resume(actor: Actor, engine?: string): Promise<Outcome> {
    return this.#note(
      { type: "resume", actor, ...(engine === undefined ? {} : { engine }) },
      "Engines may enter again.",
    );
  }

  panic(actor: Actor): Promise<Outcome> {
    return this.#note({ type: "panic", actor }, "All engine positions are being closed.");
  }

  proposeFlatten(actor: Actor, request: unknown): Promise<Outcome> {
    return this.#note({ type: "proposeFlatten", actor, request }, "A card asks on every platform.");
  }

  proposeList(actor: Actor, request: unknown): Promise<Outcome> {
    return this.#note({ type: "proposeList", actor, request }, "A card asks on every platform.");
  }

  cancel(actor: Actor, request: string): Promise<Outcome> {
    return this.#note({ type: "cancel", actor, request }, "The exchange was asked to take it back.");
  }

  proposeCancelAll(actor: Actor, request: string | undefined): Promise<Outcome> {
    return this.#note({ type: "proposeCancelAll", actor, request }, "A card asks on every platform.");
  }

  proposeMargin(actor: Actor, request: unknown): Promise<Outcome> {
    return this.#note({ type: "proposeMargin", actor, request }, "The card is on every connected platform.");
  }

  proposeHedge(actor: Actor, request: unknown): Promise<Outcome> {
    return this.#note({ type: "proposeHedge", actor, request }, "The card is on every connected platform.");
  }

  setLimit(actor: Actor, request: unknown): Promise<Outcome> {
    return this.#note({ type: "setLimit", actor, request }, "exposure: 3x before, 1.5x now.");
  }

  lock(actor: Actor, request: unknown): Promise<Outcome> {
    return this.#note({ type: "lock", actor, request }, "No engine enters any more.");
  }

  unlock(actor: Actor, request: unknown): Promise<Outcome> {
    return this.#note({ type: "unlock", actor, request }, "Engines may enter again.");
  }

  setRiskState(actor: Actor): Promise<Outcome> {
    return this.#note({ type: "setRiskState", actor }, "Done.");
  }

  resetRisk(actor: Actor, cause: string): Promise<Outcome> {
    return this.#note({ type: "resetRisk", actor, request: cause }, "A card asks on every platform.");
  }

  armCountdown(actor: Actor): Promise<Outcome> {
    return this.#note({ type: "armCountdown", actor, request: undefined }, "Armed.");
  }

  proposeDisarm(actor: Actor): Promise<Outcome> {
    return this.#note({ type: "proposeDisarm", actor, request: undefined }, "A card asks on every platform.");
  }

  proposeRecovery(actor: Actor, request: unknown): Promise<Outcome> {
    return this.#note({ type: "proposeRecovery", actor, request }, "A card asks on every platform.");
  }

  setPrice(actor: Actor, request: unknown): Promise<Outcome> {
    return this.#note({ type: "setPrice", actor, request }, "The price is set.");
  }

  reconcile(actor: Actor): Promise<Outcome> {
    return this.#note({ type: "reconcile", actor }, "The account has been read.");
  }

  adopt(actor: Actor, instrument: string): Promise<Outcome> {
    return this.#note(
      { type: "adopt", actor },
      `The account is read once more; then ${instrument} is adopted.`,
    );
  }

  async audit(count: number, of: LedgerFilter = {}) {
    const entries = this.ledger
      .filter(
        ({ kind, actor }) =>
          kind === (of.kind ?? kind) && actor.split("@")[0] === (of.actor ?? actor.split("@")[0]),
      )
      .slice(0, count);
    return { entries, head: { sequence: 12, hash: "0123456789abcdef".repeat(4) } };
  }

  roster(): Roster {
    return this.people;
  }

  grant(actor: Actor, request: unknown): Promise<Outcome> {
    return this.#note({ type: "grant", actor, request }, "The role is given.");
  }

  revoke(actor: Actor, request: unknown): Promise<Outcome> {
    return this.#note({ type: "revoke", actor, request }, "The role is taken away.");
  }

  link(actor: Actor, account: NewAccount): Promise<Outcome> {
    this.people.link(actor.person, { ...account, wallAt: millis(this.#clock.now()) });
    return this.#note({ type: "link", actor, request: account }, `This account is ${actor.person}'s.`);
  }

  async proposeClose(actor: Actor, request: CloseRequest): Promise<Outcome> {
    this.calls.push({ type: "proposeClose", actor, request });
    this.#count += 1;
    const id = `c4f2-${this.#count}`;
    this.ask(id, actor);
    return { isOk: true, text: `Card ${id} asks for approval on every platform.` };
  }

  /** Shows a fresh card; gives its token. */
  ask(id: string, askedBy: Actor = alice("telegram"), changes: Partial<PricedProposal> = {}): string {
    const token = `${id.replaceAll("-", "_")}_TOKEN_0123456789`.slice(0, 22).padEnd(22, "x");
    const now = this.#clock.now();
    const times = { createdWallAt: millis(now), expiresWallAt: millis(now + 60_000) };
    const card = proposal({ id, askedBy, ...times, ...changes });
    this.#open.set(token, card);
    this.chat?.card(card, token);
    return token;
  }

  /** A decision was made so much earlier. */
  age(id: string, ms: number): void {
    const [token = "", card] = [...this.#open].find(([, each]) => each.id === id) ?? [];
    if (card?.decidedWallAt !== undefined)
      this.#change(token, { ...card, decidedWallAt: millis(card.decidedWallAt - ms) });
  }

  /** Nobody decided in time, or something made it void before. */
  expire(token: string, outcome = OUT_OF_TIME): void {
    const card = this.#open.get(token);
    if (card !== undefined) this.#change(token, { ...card, state: "expired", outcome });
  }

  async decide(token: string, decision: Decision, actor: Actor): Promise<Outcome> {
    this.calls.push({ type: "decide", actor, decision });
    const card = this.#open.get(token);
    if (card === undefined)
      return { isOk: false, text: "This button belongs to no open proposal. Nothing was done." };
    if (card.state !== "pending") {
      const by =
        card.decidedBy === undefined
          ? "It has expired"
          : `Already decided by ${card.decidedBy.person} on ${card.decidedBy.platform}`;
      return { isOk: false, text: `${by}. Your tap did nothing.` };
    }
    const decided = { ...card, decision, decidedBy: actor, decidedWallAt: millis(this.#clock.now()) };
    this.#change(token, { ...decided, state: "claimed" });
    if (this.thinkMs > 0) await new Promise((resolve) => setTimeout(resolve, this.thinkMs));
    if (decision === "reject") {
      this.#change(token, { ...decided, state: "rejected" });
      return { isOk: true, text: "Rejected. Nothing was sent." };
    }
    this.executed.push(card.id);
    this.#change(token, {
      ...decided,
      state: "done",
      executedLots: lots(10),
      executedCost: value(971_990 * 10 * bitcoin.unit),
      fees: value(48_599_500),
      realized: value(75_600_000),
      outcome: "Closed 0.010 BTC; the book is flat.",
    });
    return { isOk: true, text: "Approved. Closed 0.010 BTC." };
  }

  async giveReason(id: string, reason: string | undefined, actor: Actor): Promise<Outcome> {
    const [token = "", card] = [...this.#open].find(([, each]) => each.id === id) ?? [];
    const refusal = reasonRefusal(card, actor, this.#clock.now());
    if (card === undefined || refusal !== undefined) return { isOk: false, text: refusal ?? "" };
    if (reason === undefined) return { isOk: true, text: "It would be kept." };
    this.calls.push({ type: "giveReason", actor, request: reason });
    this.#change(token, { ...card, reason });
    return { isOk: true, text: `Your reason is on card ${id}, and in the ledger.` };
  }

  #change(token: string, card: Proposal): void {
    this.#open.set(token, card);
    this.chat?.card(card, undefined);
  }

  async #note(call: DoorCall, text: string): Promise<Outcome> {
    if (this.fault !== undefined) throw this.fault;
    this.calls.push(call);
    return { isOk: true, text };
  }
}

/** Message places in memory, like the store keeps them. */
export class MessagesInMemory implements MessageStore {
  rows: StoredMessage[] = [];

  async save(message: StoredMessage): Promise<void> {
    const isSame = (row: StoredMessage): boolean =>
      row.topic === message.topic &&
      row.platform === message.platform &&
      row.chat === message.chat &&
      row.message === message.message;
    this.rows = [...this.rows.filter((row) => !isSame(row)), message];
  }

  async find(topic: string): Promise<readonly StoredMessage[]> {
    return this.rows.filter((row) => row.topic === topic).sort((a, b) => a.sentWallAt - b.sentWallAt);
  }

  async remove(topic: string): Promise<void> {
    this.rows = this.rows.filter((row) => row.topic !== topic);
  }
}

/** The machine's clock, for tests with real sockets. */
export const machineClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after: (ms, call) => {
    const timer = setTimeout(call, ms);
    return () => clearTimeout(timer);
  },
};

/** A clock that stands until it is moved. */
export class ManualClock implements Clock {
  #now = NOON;
  #timers: { readonly at: number; readonly call: () => void }[] = [];

  now(): number {
    return this.#now;
  }

  monotonic(): number {
    return this.#now - NOON;
  }

  after(ms: number, call: () => void): () => void {
    const timer = { at: this.#now + ms, call };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((each) => each !== timer);
    };
  }

  /** Lets time pass; timers fire in order, each with all that follows from it. */
  async pass(ms: number): Promise<void> {
    const end = this.#now + ms;
    await settle();
    for (;;) {
      const [next] = this.#timers.filter((each) => each.at <= end).sort((a, b) => a.at - b.at);
      if (next === undefined) break;
      this.#timers = this.#timers.filter((each) => each !== next);
      this.#now = Math.max(this.#now, next.at);
      next.call();
      await settle();
    }
    this.#now = end;
  }
}

/** A clock whose two hands can be moved apart. */
export class TwoHands extends ManualClock {
  /** By so much the wall's hand is off. */
  wallOff = 0;

  override now(): number {
    return super.now() + this.wallOff;
  }
}

/** Lets everything happen that waits for nothing but its turn. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

/** A chat in which no alert is open. */
export const NO_ALERTS: AlertDesk = {
  open: () => [],
  seen: (mark) => ({ isOk: false, text: `No alert ${mark} is open: /alerts lists those that are.` }),
  notices: () => [],
  choose: () => undefined,
  own: () => [],
  chooseOwn: () => ({ isOk: true, text: "" }),
};

/** Nobody has an authenticator. */
export const NO_CODES: PeopleDesk = {
  hasAuthenticator: () => false,
  linkCode: async () => ({ isOk: false, text: "No authenticator is set up." }),
};

/** A chat in which no card waits. */
export const NO_CARDS: CardDesk = {
  decide: async (id) => ({ isOk: false, text: `Card "${id}" waits for no decision.` }),
  explain: async () => ({ isOk: false, text: "This card is not known. Nothing was kept." }),
};
