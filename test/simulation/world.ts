import type { DeskEvent } from "../../src/core/event.ts";
import { type ClientId, engineTag } from "../../src/core/ids.ts";
import { seeded } from "../../src/core/random.ts";
import { millis, type Value } from "../../src/core/units.ts";
import type { Effect } from "../../src/desk/kernel/effect.ts";
import { openBinanceCore } from "../../src/venue/binance/core.ts";
import { createExchange } from "../../src/venue/built-in-exchange.ts";
import type { Exchange } from "../../src/venue/exchange.ts";
import { apply } from "../../src/venue/faults/apply.ts";
import type { FaultKind } from "../../src/venue/faults/kinds.ts";
import { FaultPlan } from "../../src/venue/faults/plan.ts";
import type { Occurrence } from "../../src/venue/faults/schedule.ts";
import { ShakenMarket } from "../../src/venue/faults/shaken-market.ts";
import type { Stage } from "../../src/venue/faults/stage.ts";
import type { Weather } from "../../src/venue/faults/weather.ts";
import { BRACKETS } from "../../src/venue/instruments.ts";
import { Frames } from "../../src/venue/web/frames.ts";
import type { Bot } from "./bot.ts";
import { Calm } from "./calm.ts";
import { Network } from "./connection.ts";
import { Inspector } from "./inspector.ts";
import { Lives } from "./lives.ts";
import { livelyMarket } from "./market.ts";
import { misfortunesOf } from "./misfortunes.ts";
import { Operations } from "./operations.ts";
import { People } from "./people.ts";
import type { Plant } from "./plants.ts";
import { RunningHash } from "./running-hash.ts";
import { Safety, type SafetyFigures } from "./safety.ts";
import {
  ACCOUNT,
  CALM_MS,
  DESK,
  type Scenario,
  SPEED,
  scenarioOf,
  TROUBLE_MS,
  WALL_START,
} from "./scenario.ts";
import { Timeline } from "./timeline.ts";
import { Trace } from "./trace.ts";
import { Violation } from "./violation.ts";
import { watched } from "./watched-weather.ts";
import { type Place, placeOf, Witness } from "./witness.ts";

const LOOK_MS = 250;
/** The end of a run in which the market stands still, wall milliseconds. */
const STILL_MS = 3_000;
const AUDIT_MS = 20_000;
const KEY = { apiKey: "simulation", secret: "simulated", account: ACCOUNT };

/** What one seed came to. */
export interface SeedResult {
  readonly seed: number;
  /** The first promise that did not hold. */
  readonly violation: string | undefined;
  readonly turn: number;
  readonly hash: string;
  readonly orders: number;
  readonly fills: number;
  readonly stops: number;
  readonly restarts: number;
  readonly turns: number;
  readonly marketHours: number;
  readonly faults: Readonly<Partial<Record<FaultKind, number>>>;
  readonly safety: SafetyFigures;
  /** What happened last, oldest first. */
  readonly last: readonly string[];
}

/** How a seed is run. */
export interface RunOptions {
  /** Bugs that a test plants. */
  readonly plant?: Plant;
  /** Nothing goes wrong but these kinds (and a restart): to look closer. */
  readonly kinds?: readonly FaultKind[];
  /** What the account begins with instead: a small one comes into every risk state. */
  readonly deposit?: Value;
  /** Hears every line of the trace. */
  readonly trace?: (line: string) => void;
}

/** Runs one seed from its first moment to its last, or to the first broken promise. The same seed gives the same result. */
export async function runSeed(seed: number, options: RunOptions = {}): Promise<SeedResult> {
  const world = new World(seed, options);
  return world.run();
}

class World {
  readonly #seed: number;
  readonly #timeline = new Timeline(WALL_START);
  readonly #exchange: Exchange;
  readonly #plan: FaultPlan;
  readonly #stage: Stage;
  readonly #network: Network;
  readonly #witness: Witness;
  readonly #inspector: Inspector;
  readonly #operations: Operations;
  readonly #people: People;
  readonly #calm = new Calm();
  readonly #hash = new RunningHash();
  readonly #safety: Safety;
  readonly #trace: Trace;
  readonly #expireListenKeys: () => void;
  readonly #marketFrom: number;
  #violation: string | undefined;
  #turns = 0;
  #isCalm = false;

  constructor(seed: number, options: RunOptions) {
    this.#seed = seed;
    const { deposit, ...rest } = scenarioOf(seed);
    const scenario = { ...rest, deposit: options.deposit ?? deposit };
    this.#safety = new Safety(scenario.grids);
    const timeline = this.#timeline;
    const now = (): number => timeline.now;
    this.#trace = new Trace(now, options.trace);
    const market = new ShakenMarket(livelyMarket({ ...scenario }).source);
    const made = createExchange({
      instruments: scenario.instruments,
      brackets: BRACKETS,
      market,
      accounts: [{ id: ACCOUNT, deposit: scenario.deposit, hedgeMode: scenario.isHedge }],
      rules: { triggeredStopUnderFullTakeProfit: scenario.stopUnderFullTakeProfit },
      depth: scenario.depth,
      seed,
    });
    this.#exchange = options.plant?.exchange?.(made) ?? made;
    this.#marketFrom = this.#exchange.now();
    this.#plan = new FaultPlan({ seed, startAt: WALL_START });
    for (const fault of misfortunesOf(scenario, options.kinds)) this.#plan.write(fault, WALL_START);
    const lives = new Lives();
    const planned: Weather = {
      request: (seen) => (this.#isCalm ? STRAIGHT : this.#plan.request(seen)),
      frame: (seen) => (this.#isCalm ? ONCE : this.#plan.frame(seen)),
      skewMs: (wallAt) => (this.#isCalm ? 0 : this.#plan.skewMs(wallAt)),
    };
    const weather = watched(options.plant?.weather?.(planned) ?? planned, this.#calm, lives);
    const wall = {
      now: () => timeline.now + weather.skewMs(timeline.now),
      setTimeout: (run: () => void, ms: number) => timeline.after(ms, run),
      clearTimeout: (cancel: unknown) => (cancel as (() => void) | undefined)?.(),
    };
    const onBug = (error: unknown, call: string): void =>
      this.#fail(`the exchange broke at ${call}: ${text(error)}`);
    const core = openBinanceCore(
      { exchange: this.#exchange, keys: [KEY] },
      { wall, frames: new Frames(wall, weather), weather, onBug },
    );
    this.#expireListenKeys = () => core.venue.listenKeys.expireAll();
    this.#witness = new Witness(this.#exchange, ACCOUNT, DESK, now, misfitsOf(scenario));
    this.#network = new Network({
      timeline,
      core,
      key: KEY,
      weather,
      chance: seeded(seed, "network"),
      onBug,
      met: ({ name, end }) => this.#trace.note(`> ${name} ${end === "answered" ? "" : end}`),
    });
    this.#stage = {
      venue: "binanceusdm",
      exchange: this.#exchange,
      accounts: [ACCOUNT],
      shock: (instrument, percent, fadeMs) => market.shock(instrument, percent, fadeMs),
    };
    this.#people = new People({
      timeline,
      chance: seeded(seed, "people"),
      ways: seeded(seed, "ways"),
      trace: this.#trace,
    });
    this.#operations = new Operations({
      seed,
      scenario,
      network: this.#network,
      lives,
      calm: this.#calm,
      trace: this.#trace,
      plant: options.plant,
      fail: (finding) => this.#fail(finding),
      watcher: {
        turn: (bot, event, effects) => this.#turn(bot, event, effects),
        alert: (bot, alert) => this.#trace.note(`! ${bot.name} ${alert.level} ${alert.title}`),
        card: (bot, proposal, token) => this.#people.card(bot, proposal, token),
        log: (bot, line) => this.#trace.note(`  ${bot.name} ${line}`),
      },
    });
    this.#inspector = new Inspector({
      scenario,
      exchange: this.#exchange,
      witness: this.#witness,
      calm: this.#calm,
      lives,
      now,
      skewMs: () => (this.#isCalm ? 0 : this.#plan.skewMs(timeline.now)),
      running: () => this.#operations.running,
      note: (line) => this.#trace.note(line),
      fail: (finding) => this.#fail(finding),
    });
    this.#exchange.listen(
      (event) => {
        if (event.type === "order")
          this.#event(
            `order ${event.order.clientId} ${event.change} ${event.order.status} ${event.order.filled}`,
          );
        if (event.type === "conditional")
          this.#event(`conditional ${event.conditional.clientId} ${event.conditional.status}`);
      },
      { depth: false },
    );
  }

  async run(): Promise<SeedResult> {
    const timeline = this.#timeline;
    // A promise of the desk that rejects unseen is a bug of the desk, not of this program.
    const uncaught = (error: unknown): void => {
      this.#violation ??= `thrown unseen: ${text(error)}`;
    };
    process.on("uncaughtException", uncaught);
    process.on("unhandledRejection", uncaught);
    try {
      this.#pump();
      this.#mischief();
      this.#operations.begin();
      this.#people.begin(() => this.#operations.main);
      // Between the market's steps, which come on the half second.
      timeline.after(LOOK_MS / 2, () =>
        this.#every(LOOK_MS, () => {
          this.#operations.look();
          this.#inspector.look();
        }),
      );
      this.#every(AUDIT_MS, () => this.#inspector.audit());
      await timeline.runUntil(WALL_START + TROUBLE_MS);
      this.#isCalm = true;
      this.#operations.calmDown();
      this.#people.mend(() => this.#operations.main);
      await timeline.runUntil(WALL_START + TROUBLE_MS + CALM_MS);
      this.#inspector.audit();
      this.#inspector.finale(this.#operations.main);
      for (const line of this.#operations.hashes()) this.#hash.note(line);
      this.#operations.end();
    } catch (error) {
      this.#violation ??= error instanceof Violation ? error.message : `thrown: ${text(error)}`;
    }
    process.off("uncaughtException", uncaught);
    process.off("unhandledRejection", uncaught);
    return this.#result();
  }

  #result(): SeedResult {
    const { counts } = this.#witness;
    this.#hash.note(`${this.#exchange.balance(ACCOUNT).wallet} ${this.#timeline.steps}`);
    return {
      seed: this.#seed,
      violation: this.#violation,
      turn: this.#turns,
      hash: this.#hash.text(),
      orders: counts.ownOrders,
      fills: counts.ownFills,
      stops: counts.stops,
      restarts: this.#operations.restarts,
      turns: this.#turns,
      marketHours: (this.#exchange.now() - this.#marketFrom) / 3_600_000,
      faults: Object.fromEntries([...this.#plan.counts].filter(([, count]) => count > 0)),
      safety: this.#safety.figures(counts.liquidations),
      last: this.#trace.lines,
    };
  }

  #turn(bot: Bot, event: DeskEvent, effects: readonly Effect[]): void {
    this.#turns += 1;
    this.#hash.note(`${bot.name} ${event.type} ${event.at} ${event.wallAt} ${effects.length}`);
    this.#trace.turn(this.#turns, bot, event, effects);
    this.#operations.record(bot, event);
    this.#inspector.turn(bot, event, effects);
    if (bot === this.#operations.main) this.#safety.turn(effects, bot.desk?.kernel.state.secondBot === true);
  }

  #event(line: string): void {
    this.#hash.note(line);
    this.#trace.note(`= ${line}`);
  }

  /** Ends the run: the entry that is under way throws, or, where somebody catches, the next one. */
  #fail(finding: string): never {
    this.#violation ??= finding;
    throw new Violation(this.#violation);
  }

  /** Market time follows wall time. */
  #pump(): void {
    const step = (): void => {
      // The market stands still for the last moments: what was on its way has arrived when the desk is judged.
      if (this.#timeline.now > WALL_START + TROUBLE_MS + CALM_MS - STILL_MS) return;
      const target = millis(Math.floor(this.#marketFrom + (this.#timeline.now - WALL_START) * SPEED));
      while (this.#exchange.step(target)) this.#ended();
      this.#ended();
      const next = this.#exchange.nextStepAt();
      if (next !== undefined) this.#timeline.after(Math.max(1, (next - target) / SPEED), step);
    };
    step();
  }

  /** What was found inside a call that catches ends the run here. */
  #ended(): void {
    if (this.#violation !== undefined) throw new Violation(this.#violation);
  }

  #every(ms: number, act: () => void): void {
    this.#timeline.after(ms, () => {
      this.#ended();
      act();
      this.#every(ms, act);
    });
  }

  /** Carries out what the plan says is due. */
  #mischief(): void {
    const look = (): void => {
      if (this.#isCalm) return;
      const { now } = this.#timeline;
      for (const occurrence of this.#plan.due(now)) {
        const isDone = this.#carryOut(occurrence);
        if (isDone) this.#trace.note(`# ${occurrence.fault.kind} ${JSON.stringify(occurrence.fault.fields)}`);
        this.#plan.settle(occurrence, isDone ? "done" : "notYet", now);
      }
      this.#timeline.after(100, look);
    };
    look();
  }

  #carryOut(occurrence: Occurrence): boolean {
    const { fault } = occurrence;
    const { now } = this.#timeline;
    switch (fault.kind) {
      case "halfOpen":
        this.#calm.trouble("half-open sockets", now + 13_000);
        return this.#network.pairs(kindOf(fault.fields.sockets)).map((pair) => pair.deafen()).length > 0;
      case "disconnect":
        this.#calm.trouble("sockets cut", now);
        return this.#network.pairs(kindOf(fault.fields.sockets)).map((pair) => pair.terminate()).length > 0;
      case "listenKeyExpiry":
        this.#calm.trouble("listen key expired", now);
        this.#expireListenKeys();
        return true;
      case "exchangeRestart":
        this.#calm.trouble("exchange restarts", now);
        for (const pair of this.#network.pairs("all")) pair.terminate();
        return true;
      case "deskRestart":
      case "twinDesk":
        return this.#operations.carryOut(fault, occurrence.random());
      default:
        this.#calm.trouble(fault.kind, now);
        return apply(occurrence, this.#stage);
    }
  }
}

/** In hedge mode an engine has entries in the book of its own side alone. */
const misfitsOf = ({ grids }: Scenario): ((own: ClientId, place: Place) => boolean) => {
  const places = new Map(
    grids.map((grid) => [`${grid.instrument}/${engineTag(grid.engine)}`, placeOf(grid)]),
  );
  return ({ role, engineTag: tag }, place) => {
    const its = places.get(`${place.split("/")[0]}/${tag}`);
    return role === "entry" && its !== undefined && its !== place;
  };
};

/** The desk keeps no order sockets: faults of those hit all. */
const kindOf = (word: "all" | "private" | "market" | "api"): "all" | "private" | "market" =>
  word === "api" ? "all" : word;

const STRAIGHT = { delayMs: 0, answerDelayMs: 0, end: "answered" } as const;
const ONCE = [0];
const text = (error: unknown): string =>
  error instanceof Error ? (error.stack ?? error.message) : String(error);
