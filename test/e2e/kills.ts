import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { type Random, seeded } from "../../src/core/random.ts";
import { replay } from "../../src/desk/replay.ts";
import { differences } from "./agreement.ts";
import { LIVELY_GRID } from "./lively-grid.ts";
import { ownFolder, Perpdesk, pause, perpdesk, recordingsOf, startVenue, until } from "./processes.ts";
import { mindOf, rungsOf } from "./recorded.ts";
import { heldOf, neverSo, VenueAccount, type VenueRung, type VenueState } from "./venue-account.ts";

/** How often and how the bot is killed. */
export interface KillPlan {
  readonly kills: number;
  /** Of the moments of the kills; the market's is `marketSeed`. */
  readonly seed: number;
  readonly marketSeed: number;
  readonly speed: number;
  /** Hears of every round. */
  readonly tell: (line: string) => void;
}

/** What came of it. `violations` must be empty. */
export interface KillReport {
  readonly kills: number;
  readonly killedAt: Readonly<Record<Moment, number>>;
  /** Comparisons of desk and venue with the market held still, and looks at the venue in between. */
  readonly comparisons: number;
  readonly looks: number;
  readonly violations: readonly string[];
  /** Longest time from "the account was read" with a still market to full agreement, wall milliseconds. */
  readonly settleMsMax: number;
  /** Rungs held at a kill, of them still held by the next life with the same entry, and closed meanwhile by their exits. */
  readonly rungsAtKills: number;
  readonly rungsCarriedOn: number;
  readonly rungsClosedMeanwhile: number;
  readonly fills: number;
  /** Lots that exits of flat rungs sold while the bot was dead. */
  readonly overClosedLots: number;
  readonly recordings: number;
  readonly tornRecordings: number;
  readonly turnsReplayed: number;
  readonly mismatches: number;
  /** Over the final state hashes of all recordings. */
  readonly hash: string;
  readonly last: Readonly<Record<string, unknown>>;
  readonly venuePosition: number;
}

type Moment = "boot" | "running" | "sending";

const CONFIG = `${LIVELY_GRID}
desk:
  recordings:
    keepRuns: 1000
`;

const SETTLE_MS = 15_000;
const LOOK_MS = 100;
const LOTS_PER_UNIT = 1_000;

/** Story C: kills the bot again and again at random moments and looks, after each restart, whether anything is amiss. */
export async function killStory(plan: KillPlan): Promise<KillReport> {
  const folder = ownFolder();
  const config = folder.write("story-c.yaml", CONFIG);
  const market = `synthetic:${plan.marketSeed}`;
  const speed = String(plan.speed);
  const cwd = folder.path;
  const venue = await startVenue(["--config", config, "--market", market, "--speed", speed], { cwd });
  const story = new KillStory(plan, cwd, new VenueAccount(venue.url), (more) => [
    "start",
    "--config",
    config,
    "--venue",
    venue.url,
    "--market",
    market,
    "--speed",
    speed,
    ...more,
  ]);
  try {
    return await story.run();
  } finally {
    await story.end();
    await venue.run.kill();
    folder.gone();
  }
}

class KillStory {
  readonly #plan: KillPlan;
  readonly #cwd: string;
  readonly #account: VenueAccount;
  readonly #arguments: (more: readonly string[]) => readonly string[];
  readonly #random: Random;
  readonly #violations: string[] = [];
  readonly #killedAt: Record<Moment, number> = { boot: 0, running: 0, sending: 0 };
  #bot: Perpdesk | undefined;
  #isWatching = true;
  #looks = 0;
  #comparisons = 0;
  #settleMsMax = 0;
  #atKill: ReadonlyMap<number, VenueRung> = new Map();
  #carriedOn = 0;
  #closedMeanwhile = 0;
  #rungsAtKills = 0;

  constructor(
    plan: KillPlan,
    cwd: string,
    account: VenueAccount,
    args: (more: readonly string[]) => readonly string[],
  ) {
    this.#plan = plan;
    this.#cwd = cwd;
    this.#account = account;
    this.#arguments = args;
    this.#random = seeded(plan.seed, "kills");
  }

  async run(): Promise<KillReport> {
    const watching = this.#watch();
    for (let kill = 1; kill <= this.#plan.kills; kill += 1) await this.#round(kill);
    const last = await this.#lastLife();
    this.#isWatching = false;
    await watching;
    const state = await this.#account.state();
    const rest = this.#compare(state, await this.#account.rungs(state));
    for (const text of rest) this.#violated(`the end: ${text}`);
    const venuePosition = heldOf(state) / LOTS_PER_UNIT;
    if (Number(last["position"]) !== venuePosition || Number(last["venuePosition"]) !== venuePosition)
      this.#violated(`the end: the desk says ${last["position"]}, the venue ${venuePosition}`);
    return {
      kills: this.#plan.kills,
      killedAt: this.#killedAt,
      comparisons: this.#comparisons,
      looks: this.#looks,
      settleMsMax: this.#settleMsMax,
      rungsAtKills: this.#rungsAtKills,
      rungsCarriedOn: this.#carriedOn,
      rungsClosedMeanwhile: this.#closedMeanwhile,
      fills: state.trades.length,
      overClosedLots: this.#account.overClosed,
      ...(await this.#replays()),
      violations: this.#violations,
      last,
      venuePosition,
    };
  }

  /** Told once, however often it is seen. */
  #violated(text: string): void {
    if (this.#violations.includes(text)) return;
    this.#violations.push(text);
    this.#plan.tell(`VIOLATION ${text}`);
  }

  /** Ends what may still run. */
  async end(): Promise<void> {
    this.#isWatching = false;
    await this.#bot?.kill();
  }

  /** One life of the bot, ended by kill -9. */
  async #round(kill: number): Promise<void> {
    const before = recordingsOf(this.#cwd).length;
    const moment = kill === 1 ? "sending" : this.#moment();
    this.#killedAt[moment] += 1;
    this.#bot = new Perpdesk(this.#arguments([]), { cwd: this.#cwd });
    if (moment === "boot") await pause(this.#random.below(4_000));
    else {
      await this.#settled(`life ${kill}`);
      // The first life gets far enough to have something to lose.
      if (kill === 1)
        await until(async () => heldOf(await this.#account.state()) >= 8, "rungs are held", 60_000);
      if (moment === "running") await pause(this.#random.below(12_000));
      else await this.#untilSending(before);
    }
    await this.#bot.kill();
    // The venue goes on meanwhile: exits fill with nobody looking.
    await pause(this.#random.below(2_000));
    const state = await this.#account.state();
    const held = await this.#account.rungs(state);
    // A life that ended before it could be compared leaves the question to the next one.
    if (this.#atKill.size === 0) {
      this.#atKill = held;
      this.#rungsAtKills += held.size;
    }
    const rests = `${state.openOrders.length}+${state.conditionals.length} resting`;
    this.#plan.tell(
      `kill ${kill} (${moment}): ${held.size} rungs held, ${rests}, ${state.trades.length} fills`,
    );
  }

  #moment(): Moment {
    const chance = this.#random.below(10);
    return chance < 3 ? "boot" : chance < 6 ? "running" : "sending";
  }

  /** Until just after the desk wrote down that it sends an order, anywhere in its first seconds of trading. */
  async #untilSending(before: number): Promise<void> {
    await pause(this.#random.below(8_000));
    const path = recordingsOf(this.#cwd)[before] ?? "";
    const from = statSync(path).size;
    // Sends are flushed before they leave: what is seen here may or may not have reached the venue.
    const isSending = (): boolean => readFileSync(path).subarray(from).includes('"type":"send"');
    // It may have nothing to send for a while, or wait for the weight of its second reading.
    await until(isSending, "the desk sends an order", 75_000, 1).catch(() => undefined);
    await pause(this.#random.below(12));
  }

  /** Holds the market still and compares until both agree, or for so long that they never will. */
  async #settled(life: string): Promise<void> {
    // Many starts within a minute use up the weight of a minute: the desk then waits for the next one.
    await this.#bot?.said("the account was read", 150_000);
    await this.#account.pause();
    const from = performance.now();
    let found: readonly string[] = [];
    let rungs: ReadonlyMap<number, VenueRung> = new Map();
    do {
      await pause(250);
      const state = await this.#account.state();
      rungs = await this.#account.rungs(state);
      found = this.#compare(state, rungs);
    } while (found.length > 0 && performance.now() - from < SETTLE_MS);
    this.#settleMsMax = Math.max(this.#settleMsMax, Math.round(performance.now() - from));
    for (const text of found) this.#violated(`${life}: ${text}`);
    this.#follow(rungs);
    await this.#account.resume();
  }

  #compare(state: VenueState, rungs: ReadonlyMap<number, VenueRung>): readonly string[] {
    this.#comparisons += 1;
    const path = recordingsOf(this.#cwd).at(-1);
    const desk = path === undefined ? undefined : mindOf(path);
    if (desk === undefined) return ["there is no recording"];
    return [...neverSo(state), ...differences(state, rungs, desk)];
  }

  /** What became of the rungs that were held at the kill before. */
  #follow(rungs: ReadonlyMap<number, VenueRung>): void {
    const path = recordingsOf(this.#cwd).at(-1);
    const shown = path === undefined ? undefined : mindOf(path);
    const own = shown === undefined ? undefined : rungsOf(shown);
    for (const [index, rung] of this.#atKill) {
      if (rungs.get(index)?.entryClientId !== rung.entryClientId) this.#closedMeanwhile += 1;
      else if (own?.get(index)?.entryClientId === rung.entryClientId) this.#carriedOn += 1;
      else this.#violated(`rung ${index} was held at the kill and is not carried on`);
    }
    this.#atKill = new Map();
  }

  /** A last life that ends cleanly, with the market held still before it does. */
  async #lastLife(): Promise<Readonly<Record<string, unknown>>> {
    this.#bot = new Perpdesk(this.#arguments(["--for", "30s", "--json"]), { cwd: this.#cwd });
    await this.#settled("the last life");
    await pause(8_000);
    await this.#account.pause();
    const { code, stdout, stderr } = await this.#bot.ended;
    if (code !== 0) this.#violated(`the last life ended with ${code}: ${stderr.slice(-500)}`);
    return JSON.parse(stdout) as Readonly<Record<string, unknown>>;
  }

  /** Looks at the venue all the time, whether the bot lives or not. */
  async #watch(): Promise<void> {
    while (this.#isWatching) {
      try {
        const found = neverSo(await this.#account.state());
        this.#looks += 1;
        for (const text of found) this.#violated(text);
      } catch (error) {
        this.#violated(`the venue could not be looked at: ${String(error)}`);
        return;
      }
      await pause(LOOK_MS);
    }
  }

  /** Every recording that was left behind gives the same again; the newest also through the command line. */
  async #replays() {
    const hash = createHash("sha256");
    const paths = recordingsOf(this.#cwd);
    let tornRecordings = 0;
    let turnsReplayed = 0;
    let mismatches = 0;
    for (const path of paths) {
      const result = await replay(path);
      if (!result.isSame) this.#violated(`recording ${path} differs: ${result.problem}`);
      hash.update(result.stateHash);
      turnsReplayed += result.turns;
      if (result.isTorn) tornRecordings += 1;
      mismatches += mindOf(path)?.state.counts.mismatches ?? 0;
    }
    // A kill in the middle of a write: the same recording without the end of its last line.
    const whole = paths.at(-2) ?? "";
    const folder = join(this.#cwd, "torn");
    const torn = join(folder, basename(whole));
    mkdirSync(folder);
    writeFileSync(torn, readFileSync(whole).subarray(0, -9));
    const cut = await replay(torn);
    if (!cut.isSame || !cut.isTorn) this.#violated(`a torn recording differs: ${cut.problem}`);
    const newest = paths.at(-1) ?? "";
    const { code, stdout } = await perpdesk(["replay", newest, "--json"], { cwd: this.#cwd });
    if (code !== 0) this.#violated(`perpdesk replay of the newest recording: ${stdout}`);
    return {
      recordings: paths.length,
      tornRecordings,
      turnsReplayed,
      mismatches,
      hash: hash.digest("hex").slice(0, 32),
    };
  }
}
