import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Role } from "../../src/core/order.ts";
import type { Actor } from "../../src/core/proposal.ts";
import { ONE, rate } from "../../src/core/units.ts";
import type { KernelConfig } from "../../src/desk/kernel/config.ts";
import type { Outcome, Store } from "../../src/desk/ports.ts";
import type { GridParameters } from "../../src/engines/grid/parameters.ts";
import { openStore } from "../../src/store/store.ts";
import { Wire } from "../gateways/wire.ts";
import { differences } from "./agreement.ts";
import { MANY_RUNGS, ONE_RUNG } from "./grids.ts";
import { type Carrier, Life } from "./life.ts";
import { Stage } from "./stage.ts";
import { TurnTime } from "./turn-time.ts";
import { openVenue, type ScenarioVenue, type VenueChanges } from "./venue.ts";

export { MANY_RUNGS };

/** A scenario is given up after this long, real milliseconds. */
const PATIENCE_MS = 15_000;

/** What a scenario's world is made of; without any of it, a desk with `ONE_RUNG` on a calm exchange, carried by ccxt. */
export interface WorldChanges extends VenueChanges {
  readonly carrier?: Carrier;
  readonly grids?: readonly GridParameters[];
  readonly config?: Partial<KernelConfig>;
  /** See `LifeParts.timeoutMs`: real time, so a hanging request is not waited for long. */
  readonly timeoutMs?: number;
  /** Puts a line between gateway and venue that writes requests down and can answer in the venue's place. */
  readonly isWired?: boolean;
}

export const ALICE: Actor = { person: "alice", role: "admin", platform: "telegram" };
export const CAROL: Actor = { person: "carol", role: "admin", platform: "discord" };

/** A venue, a disk and the lives of one desk on them, in one time. */
export class World extends Stage {
  readonly lives: Life[] = [];
  readonly #changes: WorldChanges;
  readonly #folder: string;
  readonly #stores: Store[] = [];
  #wire: Wire | undefined;
  private constructor(time: TurnTime, venue: ScenarioVenue, changes: WorldChanges) {
    super(time, venue);
    this.#changes = changes;
    this.#folder = mkdtempSync(join(tmpdir(), "perpdesk-scenario-"));
  }

  /** A world whose desk has not been started yet. */
  static async open(changes: WorldChanges = {}): Promise<World> {
    const time = new TurnTime();
    const world = new World(time, await openVenue(time, changes), changes);
    if (changes.isWired === true) world.#wire = await Wire.to(world.venue.server.port);
    return world;
  }

  /** A world whose desk runs, has read its account twice and rests its first entry. */
  static async running(changes: WorldChanges = {}): Promise<World> {
    const world = await World.open(changes);
    await world.boot();
    await world.quotes();
    return world;
  }

  /** A world whose desk holds the rung of 50,000.0 with its stop and its take profit resting. */
  static async holding(changes: WorldChanges = {}): Promise<World> {
    const world = await World.running(changes);
    await world.fillEntry();
    await world.until(() => world.desk.inFlight === 0, "the exits are acknowledged");
    return world;
  }

  /** The present (or last) life of the desk. */
  get life(): Life {
    const life = this.lives.at(-1);
    if (life === undefined) throw new Error("no desk was started");
    return life;
  }

  get desk() {
    return this.life.desk;
  }

  get state() {
    return this.life.state;
  }

  /** The line of a world that `isWired`. */
  get wire(): Wire {
    if (this.#wire === undefined) throw new Error("this world has no wire");
    return this.#wire;
  }

  /** Starts the desk (again) on the same disk and waits until it is steady: entries may leave. */
  async boot(config: Partial<KernelConfig> = {}): Promise<Life> {
    const life = await this.begin(config);
    await this.until(() => life.state.interruptions.isSteady, "the account was read twice after the start");
    return life;
  }

  /** Starts the desk without waiting for its readings. */
  async begin(config: Partial<KernelConfig> = {}): Promise<Life> {
    const { carrier = "ccxt", grids = [ONE_RUNG], timeoutMs } = this.#changes;
    const opened = await openStore({ file: join(this.#folder, "desk.db"), now: () => this.time.now() });
    if (!opened.ok) throw new Error(opened.problem);
    this.#stores.push(opened.store);
    const life = await Life.begin({
      time: this.time,
      port: this.#wire?.port ?? this.venue.server.port,
      store: opened.store,
      carrier,
      grids,
      config: { ...this.#changes.config, ...config },
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
    });
    this.lives.push(life);
    return life;
  }

  /** The desk's process is gone at this very moment. */
  kill(): void {
    this.life.kill();
  }

  /** Waits until one entry rests and the desk knows it. */
  async quotes(): Promise<void> {
    const isQuoting = (): boolean =>
      this.live("entry").length === 1 && this.orderState(this.one("entry").clientId) === "resting";
    await this.until(() => isQuoting() && this.desk.inFlight === 0, "an entry rests");
  }

  /** The market passes the rung of 50,000.0; its resting entry fills whole, and its exits rest. */
  async fillEntry(): Promise<void> {
    this.price(499_990);
    await this.protected();
  }

  /** Waits until the exchange has stops and take profits for all that it holds. */
  async protected(): Promise<void> {
    const sum = (role: Role): number =>
      this.live(role).reduce(
        (lots, order) => lots + (order.request.lots ?? 0) - ("filled" in order ? order.filled : 0),
        0,
      );
    await this.until(
      () => this.position > 0 && sum("stop") === this.position && sum("takeProfit") === this.position,
      "what is held is protected",
    );
  }

  /** What the desk says of an order of ours. */
  orderState(clientId: string): string | undefined {
    return this.state.orders.get(clientId)?.state;
  }

  /** How many orders of each role were handed to the gateway, over all lives. */
  get sent(): Readonly<Partial<Record<Role, number>>> {
    const counts: Partial<Record<Role, number>> = {};
    for (const { role } of this.lives.flatMap(({ sent }) => sent)) counts[role] = (counts[role] ?? 0) + 1;
    return counts;
  }

  /** Levels and keys of what people were told, from the `from`th on, over all lives; reports of trades aside. */
  alerts(from = 0): readonly string[] {
    return this.lives
      .flatMap(({ alerts }) => alerts)
      .filter(({ key }) => !key.startsWith("trades:"))
      .map(({ level, key }) => `${level} ${key}`)
      .slice(from);
  }

  /** A person asks the desk for something. */
  ask(what: "pause" | "resume" | "panic"): Promise<Outcome> {
    return this.life.door[what](ALICE);
  }

  /** A person asks to close a part of what is held in the only book, and approves the card. */
  async close(part = ONE, includesForeign = false): Promise<Outcome> {
    const { door, cards } = this.life;
    const request = { instrument: undefined, positionSide: undefined, part: rate(part), includesForeign };
    const proposed = await door.proposeClose(ALICE, request);
    if (!proposed.isOk) return proposed;
    const token = (): string | undefined => cards.at(-1)?.token;
    await this.until(() => token() !== undefined, "the card is shown");
    return door.decide(token() ?? "", "approve", ALICE);
  }

  /** One admin asks to begin the risk state anew, another one approves the card. */
  async resetRisk(): Promise<Outcome> {
    const { door, cards } = this.life;
    const proposed = await door.resetRisk(ALICE, "it is understood");
    if (!proposed.isOk) return proposed;
    const token = (): string | undefined =>
      cards.findLast(({ proposal }) => proposal.action.type === "resetRisk")?.token;
    await this.until(() => token() !== undefined, "the card is shown");
    return door.decide(token() ?? "", "approve", CAROL);
  }

  /** Waits until `holds`, looking after every turn of the world. */
  async until(holds: () => boolean, what: string): Promise<void> {
    const patience = performance.now() + PATIENCE_MS;
    while (!holds()) {
      if (performance.now() > patience) throw new Error(`waited in vain: ${what}\n${this.story()}`);
      await turn();
    }
  }

  /** Lets so many milliseconds of the world pass. */
  async pass(ms: number): Promise<void> {
    const end = this.time.monotonic() + ms;
    while (this.time.monotonic() < end) await turn();
  }

  /** Time all but stands still until `holds`: real time passes, for what waits on it (a request's own time-out). */
  async meanwhile(holds: () => boolean, what: string): Promise<void> {
    const { stepMs } = this.time;
    this.time.stepMs = 0.5;
    await this.until(holds, what).finally(() => {
      this.time.stepMs = stepMs;
    });
  }

  /** Like `pass`, four times as fast: for long waits in which little is on its way. */
  async idle(ms: number): Promise<void> {
    const { stepMs } = this.time;
    this.time.stepMs = 4 * stepMs;
    await this.pass(ms);
    this.time.stepMs = stepMs;
  }

  /** Five times as slow as ever while `work` lasts: for answers that must come before a deadline, on a busy machine as well. */
  async slowly<T>(work: () => Promise<T>): Promise<T> {
    const { stepMs } = this.time;
    this.time.stepMs = stepMs / 5;
    return work().finally(() => {
      this.time.stepMs = stepMs;
    });
  }

  /**
   * Waits until desk and exchange agree in everything (see `differences`) and nothing is on its way, and says
   * how they still differ when that does not come: empty is the whole outcome as it should be.
   */
  async differences(): Promise<readonly string[]> {
    const patience = performance.now() + PATIENCE_MS / 2;
    for (;;) {
      const found = differences(this);
      if (found.length === 0 || performance.now() > patience)
        return found.length === 0 ? found : [...found, this.story()];
      await turn();
    }
  }

  /** The last lines of the desk's log, for a scenario that failed. */
  story(): string {
    return [
      ...(this.lives.at(-1)?.log.slice(-25) ?? []),
      `blocks: ${this.lives.at(-1)?.state.blocks()}, paused: ${[...(this.lives.at(-1)?.state.paused ?? [])]}`,
      `sent: ${JSON.stringify(this.sent)}, position: ${this.position}`,
      ...[...(this.lives.at(-1)?.state.engines.values() ?? [])].map((engine) =>
        JSON.stringify(engine.snapshot()),
      ),
    ].join("\n");
  }

  async shut(): Promise<void> {
    for (const life of this.lives) life.kill();
    await this.#wire?.down();
    await this.venue.server.close();
    this.time.stop();
    for (const store of this.#stores) await store.close().catch(() => {});
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** The event loop turns once or twice. */
const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1));
