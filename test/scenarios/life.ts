import { kernelConfig, whoIs } from "../../src/cli/desk-config.ts";
import { firstPrices } from "../../src/cli/grids.ts";
import { leadership, ledgerHistory, replayFacts } from "../../src/cli/history.ts";
import { reach } from "../../src/cli/reach.ts";
import type { DeskEvent } from "../../src/core/event.ts";
import type { AlertIntent } from "../../src/core/intent.ts";
import type { OrderFacts } from "../../src/core/order.ts";
import type { Proposal } from "../../src/core/proposal.ts";
import { lineKind } from "../../src/core/trade-log.ts";
import { millis, ONE, rate, value } from "../../src/core/units.ts";
import { watchClock } from "../../src/desk/clock-watch.ts";
import { Desk } from "../../src/desk/desk.ts";
import { Door } from "../../src/desk/door.ts";
import type { KernelConfig } from "../../src/desk/kernel/config.ts";
import { SKEW_MAX_MS } from "../../src/desk/kernel/interruptions.ts";
import { Kernel } from "../../src/desk/kernel/kernel.ts";
import type { DeskLog } from "../../src/desk/log.ts";
import type { Clock, Gateway, MachineDoor, Store } from "../../src/desk/ports.ts";
import { scopeOf } from "../../src/desk/scope.ts";
import type { HealthView } from "../../src/desk/snapshot.ts";
import { Grid } from "../../src/engines/grid/grid.ts";
import type { GridParameters } from "../../src/engines/grid/parameters.ts";
import { openBinanceDirect } from "../../src/gateways/binance-direct.ts";
import { openBinanceUsdm } from "../../src/gateways/binance-usdm.ts";
import type { Settings } from "../../src/settings/settings.ts";
import { KEY } from "../venue/binance/served-venue.ts";
import type { TurnTime } from "./turn-time.ts";

/** Who carries the calls of the real gateway. */
export type Carrier = "ccxt" | "direct";

const HEALTH_MS = 15_000;

/** What one life of a desk is started with. */
export interface LifeParts {
  readonly time: TurnTime;
  readonly port: number;
  readonly store: Store;
  readonly carrier: Carrier;
  readonly grids: readonly GridParameters[];
  /** What differs from the configuration that ships. */
  readonly config?: Partial<KernelConfig>;
  /** A request without an answer after this many real milliseconds is lost; the gateway's own unless set. */
  readonly timeoutMs?: number;
}

/** A card that people were shown, and its button's token while it can be decided. */
export interface Card {
  readonly proposal: Proposal;
  readonly token: string | undefined;
}

/** One life of the desk's program, from its start until it is killed: all rooms as in the composition root, chat aside. */
export class Life {
  readonly desk: Desk;
  readonly door: Door;
  readonly config: KernelConfig;
  readonly alerts: AlertIntent[] = [];
  readonly cards: Card[] = [];
  /** Every order that was handed to the gateway, in turn; and every cancel, every question. */
  readonly sent: OrderFacts[] = [];
  readonly canceled: OrderFacts[] = [];
  readonly asked: OrderFacts[] = [];
  /** Trade log lines. */
  readonly trades: Readonly<Record<string, string | number>>[] = [];
  readonly log: string[] = [];
  readonly #own: Own;

  private constructor(own: Own, made: { desk: Desk; door: Door; config: KernelConfig }) {
    this.#own = own;
    this.desk = made.desk;
    this.door = made.door;
    this.config = made.config;
  }

  get state() {
    return this.desk.kernel.state;
  }

  /** Starts a desk as `main.ts` does; resolves when its feeds run and its timers tick. */
  static async begin(parts: LifeParts): Promise<Life> {
    const own = new Own(parts);
    const { clock, log } = own;
    const gateway = await own.openGateway();
    const patience = { target: "the venue of the scenario", clock, log };
    const symbols = [...new Set(parts.grids.map(({ instrument }) => instrument))];
    const infos = await reach(() => gateway.market.instruments(symbols), patience);
    const first = firstPrices(symbols);
    await gateway.market.start(symbols, (event) => {
      first.see(event);
      own.emit(event);
    });
    await gateway.account.start((event) => own.emit(event));
    await first.all;
    const { store, grids } = parts;
    const history = await ledgerHistory(store, scopeOf(whoIs(SETTINGS, gateway.venue)), first.at(), false);
    // Grids of an account in hedge mode name their side.
    const positionMode = grids.some(({ positionSide }) => positionSide !== "both") ? "hedge" : "oneWay";
    const settings = { ...SETTINGS, account: { ...SETTINGS.account, positionMode } } as const;
    const options = { settings, clock, version: "0.0.0-test" };
    const drawn = await kernelConfig(options, store, gateway, infos, grids, history, first.at(), patience);
    const config = { ...drawn.config, ...parts.config };
    const kernel = new Kernel(
      config,
      grids.map((grid) => new Grid(grid)),
    );
    const desk: Desk = new Desk({
      kernel,
      gateway,
      store,
      clock,
      recorder: undefined,
      chat: () => chat,
      isLeader: leadership(store, scopeOf(config), config.epoch, clock).isLeader,
      showProposal: (proposal) => door.show(proposal),
      log,
      historyFrom: drawn.historyFrom,
    });
    const chat = {
      alert: (alert: AlertIntent) => life.alerts.push(alert),
      card: (proposal: Proposal, token: string | undefined) => life.cards.push({ proposal, token }),
      health: () => [],
    };
    const clockWatch = watchClock(
      clock,
      () => kernel.state.at,
      (event) => desk.emit(event),
    );
    const door: Door = new Door({
      desk,
      store,
      market: gateway.market,
      clock,
      chat: () => chat,
      health: () => NO_HEALTH,
      machine: NO_MACHINE,
      clockWatch,
    });
    const life: Life = new Life(own, { desk, door, config });
    own.life = life;
    await replayFacts(store, desk, clock);
    desk.start();
    own.checkHealth(desk, gateway);
    return life;
  }

  /** The process is gone, in the middle of whatever it was doing; what it has sent is on its way. */
  kill(): void {
    this.#own.kill();
  }
}

/** What belongs to one process: its clock's timers, its gateway, what it wrote down. */
class Own {
  life: Life | undefined;
  readonly clock: Clock;
  readonly log: DeskLog;
  readonly #parts: LifeParts;
  readonly #early: string[] = [];
  #gateway: Gateway | undefined;
  #isDead = false;

  constructor(parts: LifeParts) {
    this.#parts = parts;
    const { time } = parts;
    this.clock = {
      now: () => time.now() + time.deskAheadMs,
      monotonic: () => time.monotonic(),
      after: (ms, call) => time.after(ms, () => !this.#isDead && call()),
    };
    const write = (level: string) => (message: string, fields?: Readonly<Record<string, unknown>>) => {
      const lines = this.life?.log ?? this.#early;
      lines.push(
        `${Math.round(time.monotonic())} ${level} ${message} ${fields === undefined ? "" : JSON.stringify(fields)}`,
      );
    };
    this.log = {
      info: write("info"),
      warn: write("warn"),
      error: write("error"),
      // Closed parts only: the account's line comes every minute beside them.
      trade: (fields) => lineKind(fields) === "GRID_TRADE" && this.life?.trades.push(fields),
      placement: () => {},
      entryFilled: () => {},
    };
  }

  async openGateway(): Promise<Gateway> {
    const { carrier, port, timeoutMs } = this.#parts;
    const options = {
      account: "main",
      keys: { apiKey: KEY.apiKey, secret: KEY.secret },
      target: { host: "127.0.0.1", port },
      clock: this.clock,
      log: this.log,
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
    };
    const gateway = carrier === "ccxt" ? await openBinanceUsdm(options) : openBinanceDirect(options);
    this.#gateway = gateway;
    return { ...gateway, trading: this.#watched(gateway) };
  }

  emit(event: DeskEvent): void {
    if (!this.#isDead) this.life?.desk.emit(event);
  }

  /** The health job, as far as the desk hears of it. */
  checkHealth(desk: Desk, gateway: Gateway): void {
    const report = (skewMs: number | null, problems: string): void => {
      const times = { at: desk.kernel.state.at, wallAt: millis(Math.round(this.clock.now())) };
      const isOk = problems === "";
      this.emit({ type: "jobResult", ...times, job: "health", isOk, report: { skewMs, problems } });
      if (skewMs === null || Math.abs(skewMs) <= SKEW_MAX_MS) return;
      this.emit({ type: "clockStep", ...times, stepMs: skewMs, against: "exchange" });
    };
    const look = (): void => {
      gateway.market.clockSkew().then(
        (skewMs) => report(Math.round(skewMs), Math.abs(skewMs) > SKEW_MAX_MS ? "clock skew" : ""),
        () => report(null, "the exchange can't be reached"),
      );
      this.clock.after(HEALTH_MS, look);
    };
    this.clock.after(HEALTH_MS, look);
  }

  kill(): void {
    this.#isDead = true;
    this.life?.desk.stop();
    // A dead process leaves no sockets; neither of these sends a request.
    for (const part of [this.#gateway?.account, this.#gateway?.market]) part?.stop().catch(() => {});
  }

  /** The gateway's own trading, written down. */
  #watched({ trading }: Gateway): Gateway["trading"] {
    const note = (list: "sent" | "canceled" | "asked", facts: OrderFacts): void => {
      this.life?.[list].push(facts);
    };
    return {
      recvWindowMs: trading.recvWindowMs,
      place: (facts) => {
        note("sent", facts);
        return trading.place(facts);
      },
      cancel: (facts, venueOrderId) => {
        note("canceled", facts);
        return trading.cancel(facts, venueOrderId);
      },
      query: (facts, venueOrderId) => {
        note("asked", facts);
        return trading.query(facts, venueOrderId);
      },
      setLeverage: (instrument, leverage) => trading.setLeverage(instrument, leverage),
      setMarginMode: (instrument, mode) => trading.setMarginMode(instrument, mode),
      addMargin: (instrument, side, amount) => trading.addMargin(instrument, side, amount),
    };
  }
}

/** The part of the settings that a desk's core is configured from, as shipped. */
const SETTINGS = {
  mode: "sim",
  account: { name: "main", deposit: value(10_000 * ONE) },
  speed: 1,
  desk: { name: "abc" },
  risk: { leverageMax: 3, grossLeverageMax: 3, liquidationBuffer: rate(ONE / 5), lastStop: false },
  chat: {
    people: [
      { name: "alice", role: "admin" },
      { name: "carol", role: "admin" },
    ],
    newPeople: "none",
    terminal: { person: "alice" },
  },
  proposals: {
    expiresMs: 60_000,
    recoveryExpiresMs: 600_000,
    panicUndoMs: 0,
    closeNotionalMax: value(1_000_000 * ONE),
    closeLossMax: value(1_000_000 * ONE),
    drift: rate(ONE / 200),
    maxDataAgeMs: 5_000,
  },
} satisfies Partial<Record<keyof Settings, unknown>> as unknown as Settings;

/** Nobody looks at the process here. */
const NO_MACHINE: MachineDoor = { logLines: () => [], settings: () => [], queues: async () => undefined };

const NO_HEALTH: HealthView = {
  isHealthy: true,
  marketAgeMs: undefined,
  accountAgeMs: undefined,
  clockSkewMs: undefined,
  eventLoopDelayMs: undefined,
  memoryMb: undefined,
  queue: "",
  queueLagMs: undefined,
  lastCheckWallAt: undefined,
  problems: [],
  platforms: [],
  placementP50Ms: undefined,
  placementP999Ms: undefined,
};
