import type { DeskEvent } from "../../src/core/event.ts";
import type { Random } from "../../src/core/random.ts";
import { millis } from "../../src/core/units.ts";
import { stateHash } from "../../src/desk/recorder.ts";
import type { FaultOf } from "../../src/venue/faults/fault.ts";
import { type Bot, type BotWatcher, nonceOf, startBot } from "./bot.ts";
import type { Calm } from "./calm.ts";
import type { Network } from "./connection.ts";
import type { Lives } from "./lives.ts";
import { Machine, Process } from "./machine.ts";
import { Disk } from "./memory-store.ts";
import type { Plant } from "./plants.ts";
import { Replays } from "./replays.ts";
import type { Scenario } from "./scenario.ts";
import type { Trace } from "./trace.ts";

const START_AGAIN_MS = 3_000;

/** What operations are made of. */
export interface OperationsParts {
  readonly seed: number;
  readonly scenario: Scenario;
  readonly network: Network;
  readonly lives: Lives;
  readonly calm: Calm;
  readonly trace: Trace;
  readonly plant: Plant | undefined;
  readonly watcher: BotWatcher;
  readonly fail: (finding: string) => void;
}

/** Who starts the desk's program, kills it, starts it again, and now and then runs it twice. */
export class Operations {
  readonly #parts: OperationsParts;
  readonly #machine: Machine;
  readonly #disk = new Disk();
  readonly #replays: Replays;
  #scenario: Scenario;
  #main: Bot | undefined;
  #twin: Bot | undefined;
  #count = 0;
  #isCalm = false;
  restarts = 0;

  constructor(parts: OperationsParts) {
    this.#parts = parts;
    this.#scenario = parts.scenario;
    this.#machine = new Machine(parts.network.timeline, "10.0.0.1");
    this.#replays = new Replays(parts.scenario, (finding) => parts.fail(finding));
  }

  /** The desk that runs, or is starting. */
  get main(): Bot | undefined {
    return this.#main;
  }

  /** Desks that have read the account. */
  get running(): readonly Bot[] {
    return [this.#main, this.#twin].filter(
      (bot): bot is Bot =>
        bot !== undefined && !bot.process.isDead && bot.desk?.kernel.state.isBooted === true,
    );
  }

  begin(): void {
    this.#start();
  }

  /** Several times a second: a program that is gone is started again; while none runs there is no calm. */
  look(): void {
    const { calm, network } = this.#parts;
    const { now } = network.timeline;
    const state = this.#main?.desk?.kernel.state;
    if (this.#main?.process.isDead !== false || state === undefined || !state.isBooted)
      calm.trouble("no desk runs", now);
    if (this.#main?.process.isDead === true) {
      this.#editConfiguration(this.#main.failure ?? "");
      this.#main = undefined;
      this.#later(START_AGAIN_MS);
    }
    // A desk that saw a second bot wants to be started again, by somebody who looked.
    if (
      state?.secondBot === true &&
      this.#twin === undefined &&
      this.#parts.network.timeline.now % 20_000 < 250
    )
      this.#main?.process.kill();
  }

  /** Restarts and twins. */
  carryOut(fault: FaultOf<"deskRestart"> | FaultOf<"twinDesk">, chance: Random): boolean {
    if (this.#main === undefined || this.#main.process.isDead) return false;
    if (fault.kind === "twinDesk") return this.#startTwins(fault.fields.seconds, chance);
    const [low, high] = fault.fields.downSeconds;
    const downMs = (low + (high - low) * chance.unit()) * 1_000;
    const bot = this.#main;
    this.#main = undefined;
    if (fault.fields.how === "killed") this.#kill(bot);
    else this.#stop(bot);
    this.#later(downMs);
    return true;
  }

  /** Trouble is over: one desk is left, and one last broken connection makes it read the account. */
  calmDown(): void {
    this.#isCalm = true;
    for (const pair of this.#parts.network.pairs("private")) pair.terminate();
    this.#endTwin();
    if (this.#main?.desk?.kernel.state.secondBot === true) this.#main.process.kill();
  }

  /** A turn of a desk: kept, to be replayed when its life is over. */
  record(bot: Bot, event: DeskEvent): void {
    this.#replays.record(bot, event);
  }

  /** One line for the state of each desk that lives. */
  hashes(): readonly string[] {
    return this.running.map((bot) => `${bot.name} ${stateHash(bot.desk?.kernel.state.canonical())}`);
  }

  /** Ends all programs. */
  end(): void {
    for (const bot of [this.#main, this.#twin]) bot?.process.kill();
  }

  /** A symbol that is gone keeps the desk from starting: somebody takes it out of the configuration. */
  #editConfiguration(failure: string): void {
    const gone = /symbol "(\w+)" is not traded/.exec(failure)?.[1];
    if (gone === undefined) return;
    const { instruments, grids } = this.#scenario;
    this.#scenario = {
      ...this.#scenario,
      instruments: instruments.filter(({ id }) => id !== gone),
      grids: grids.filter(({ instrument }) => instrument !== gone),
    };
    this.#parts.trace.note(`# ${gone} is taken out of the configuration`);
  }

  #later(ms: number): void {
    const { network, calm } = this.#parts;
    calm.trouble("the desk is down", network.timeline.now + ms);
    network.timeline.after(ms, () => {
      if (this.#main === undefined && this.#scenario.instruments.length > 0) this.#start();
    });
  }

  #start(): void {
    if (this.#count > 0) this.restarts += 1;
    this.#main = this.#run(this.#machine, this.#disk);
  }

  #run(machine: Machine, disk: Disk): Bot {
    const { seed, network, lives, watcher, plant, trace } = this.#parts;
    const scenario = this.#scenario;
    this.#count += 1;
    const name = `desk${this.#count}`;
    const nonce = nonceOf(seed, name);
    const process = new Process(machine);
    trace.note(`# ${name} starts`);
    const bot = startBot({ name, process, disk, network, scenario, watcher, nonce, plant });
    lives.begin(nonce, network.timeline.now);
    process.atDeath(() => {
      trace.note(`# ${name} is gone`);
      lives.end(nonce, network.timeline.now);
      if (plant?.isReplayed !== false) this.#replays.check(bot);
    });
    return bot;
  }

  #kill(bot: Bot): void {
    bot.process.kill();
  }

  /** As the program ends itself: entries are taken back, what is on its way is waited for, up to five seconds. */
  #stop(bot: Bot): void {
    const { clock } = bot.process;
    const { desk } = bot;
    if (desk === undefined) {
      bot.process.kill();
      return;
    }
    const { state } = desk.kernel;
    desk.emit({
      type: "engineStopped",
      at: state.at,
      wallAt: millis(Math.round(clock.now())),
      engine: "*",
      reason: "the desk ends",
    });
    const look = (left: number): void => {
      const isOver = !state.liveOrders().some(({ facts }) => facts.role === "entry") && desk.inFlight === 0;
      if (!isOver && left > 0) clock.after(20, () => look(left - 1));
      else bot.process.kill();
    };
    look(150);
  }

  /** Two desks from one configuration, each with a store of its own, started in the same second. */
  #startTwins([low, high]: readonly [number, number], chance: Random): boolean {
    if (this.#twin !== undefined || this.#isCalm) return false;
    const { network, calm } = this.#parts;
    const { timeline } = network;
    const ms = (low + (high - low) * chance.unit()) * 1_000;
    calm.trouble("twin desks", timeline.now + ms);
    this.#main?.process.kill();
    this.#main = this.#run(this.#machine, this.#disk);
    this.restarts += 1;
    timeline.after(chance.below(1_000), () => {
      if (!this.#isCalm) this.#twin = this.#run(new Machine(timeline, "10.0.0.2"), new Disk());
    });
    timeline.after(ms, () => this.#endTwin());
    return true;
  }

  /** Somebody has noticed: one of them is ended, the other one is started anew. */
  #endTwin(): void {
    if (this.#twin === undefined) return;
    this.#parts.calm.trouble("twin desks end", this.#parts.network.timeline.now);
    this.#twin.process.kill();
    this.#twin = undefined;
    this.#main?.process.kill();
  }
}
