import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readClientId } from "../../src/core/ids.ts";
import { type Random, seeded } from "../../src/core/random.ts";
import { lots } from "../../src/core/units.ts";
import { replay } from "../../src/desk/replay.ts";
import { openStore } from "../../src/store/store.ts";
import { createDiscord, type Discord } from "../emulators/discord/discord.ts";
import { createTelegram, type Telegram } from "../emulators/telegram/telegram.ts";
import { type Served, serveVenue } from "../venue/binance/served-venue.ts";
import { executedBy, proposalOrders } from "./close-race.ts";
import { ownFolder, Perpdesk, pause, ROOT, recordingsOf, until } from "./processes.ts";
import { filesOf, findLeaks } from "./secret-scan.ts";
import { TapWatch } from "./tap-watch.ts";
import {
  ann,
  BTC,
  bob,
  CHANNEL,
  eve,
  GROUP,
  GUILD,
  MANY_REQUESTS,
  WORLD_MARKERS,
  watchExecutions,
  writeSettings,
} from "./world.ts";

/** When the bot is killed: with the card open, in the tap before and after its claim, and when the venue has its order. */
export const MOMENTS = ["cardOpen", "beforeClaim", "afterClaim", "afterSend"] as const;
type Moment = (typeof MOMENTS)[number];

/** How many rounds are run, and how. */
export interface TapPlan {
  readonly rounds: number;
  readonly kills: number;
  readonly seed: number;
  readonly limits: "raised" | "shipped";
  readonly tell: (line: string) => void;
}

/** What came of all rounds. */
export interface TapReport {
  readonly rounds: number;
  readonly limits: TapPlan["limits"];
  readonly seed: number;
  readonly proposals: number;
  readonly taps: number;
  readonly tapsWon: number;
  /** Taps that the platform gave up before the bot answered; the person sees that there. */
  readonly tapsTooLate: number;
  readonly kills: Readonly<Record<Moment, number>>;
  /** Orders with a proposal's id that the venue executed, and proposals with more than one. */
  readonly executions: number;
  readonly doubles: number;
  /** Rounds whose tap had won when the bot was killed: carried out, or told as not done and asked again. */
  readonly afterKill: { readonly carriedOut: number; readonly askedAgain: number };
  readonly lostDecisions: readonly string[];
  /** Milliseconds of each tap until it was acknowledged, and of each winner until the other platform's card told of it. */
  readonly tapMs: readonly number[];
  readonly otherCardMs: readonly number[];
  readonly restartMsMax: number;
  readonly ledgerEntries: number;
  readonly turnsReplayed: number;
  readonly seconds: number;
}

/** Of many times, in their unit. */
export interface Percentiles {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
}

const WON = "Approved; closing now.";
const LOST = /^Already approved by (ann|bob) on (telegram|discord)\. Your tap did nothing\.$/;
const PATIENCE_MS = 150_000;
const TAPS_WITHIN_MS = 25;
const LOOK_MS = 3;

/** Runs the rounds: the bot in a process of its own, platforms and exchange here, all over sockets. */
export async function tapStory(plan: TapPlan): Promise<TapReport> {
  const folder = ownFolder();
  const isRaised = plan.limits === "raised";
  const { PERPDESK_VENUE_KEY: apiKey, PERPDESK_VENUE_SECRET: secret } = WORLD_MARKERS;
  const served = await serveVenue({
    keys: [{ apiKey, secret, account: "main" }],
    isPaused: false,
    ...(isRaised ? { limits: MANY_REQUESTS } : {}),
  });
  const telegram = await createTelegram({
    token: WORLD_MARKERS.TELEGRAM_BOT_TOKEN,
    users: [ann.telegram, bob.telegram, eve.telegram],
    chats: [{ id: GROUP, title: "desk" }],
    ...(isRaised ? { flood: "off" } : {}),
  });
  const discord = await createDiscord({
    token: WORLD_MARKERS.DISCORD_BOT_TOKEN,
    users: [ann.discord, bob.discord, eve.discord],
    guilds: [{ id: GUILD, name: "desk" }],
    channels: [{ id: CHANNEL, name: "desk", guild: GUILD }],
    ...(isRaised ? { rates: "off" } : {}),
  });
  writeSettings(
    folder.path,
    { expiresSeconds: 120 },
    { chat: GROUP, apiRoot: telegram.apiRoot, api: discord.api },
  );
  const story = new TapStory(plan, folder.path, served, telegram, discord);
  try {
    return await story.run();
  } catch (error) {
    throw new Error(`${String(error)}\n${story.scene()}`);
  } finally {
    await story.end();
    await Promise.all([served.close(), telegram.close(), discord.close()]);
    folder.gone();
  }
}

class TapStory {
  readonly executions: ReturnType<typeof watchExecutions>;
  readonly #plan: TapPlan;
  readonly #folder: string;
  readonly #served: Served;
  readonly #telegram: Telegram;
  readonly #discord: Discord;
  readonly #watch: TapWatch;
  readonly #random: Random;
  readonly #kills: Record<Moment, number> = { cardOpen: 0, beforeClaim: 0, afterClaim: 0, afterSend: 0 };
  readonly #tapMs: number[] = [];
  readonly #otherCardMs: number[] = [];
  readonly #lost: string[] = [];
  readonly #afterKill = { carriedOut: 0, askedAgain: 0 };
  #bot: Perpdesk | undefined;
  #killOnSend = false;
  #hand = 0;
  #proposals = 0;
  #taps = 0;
  #won = 0;
  #tooLate = 0;
  #restartMsMax = 0;

  constructor(plan: TapPlan, folder: string, served: Served, telegram: Telegram, discord: Discord) {
    this.#plan = plan;
    this.#folder = folder;
    this.#served = served;
    this.#telegram = telegram;
    this.#discord = discord;
    this.#watch = new TapWatch(telegram, discord);
    this.#random = seeded(plan.seed, "taps");
    this.executions = watchExecutions(served);
    served.exchange.listen((event) => {
      if (!this.#killOnSend || event.type !== "order") return;
      if (readClientId(event.order.clientId)?.role !== "close") return;
      this.#killOnSend = false;
      this.#bot?.signal("SIGKILL");
    });
  }

  async run(): Promise<TapReport> {
    const { rounds, kills, tell } = this.#plan;
    const from = performance.now();
    await this.#start();
    let done = 0;
    let killed = 0;
    while (done < rounds) {
      done += 1;
      // Spread evenly, each moment in turn.
      const isDue = Math.floor((done * kills) / rounds) > killed;
      const moment = isDue ? MOMENTS[killed % MOMENTS.length] : undefined;
      if (isDue) killed += 1;
      await this.#round(done, moment);
      if (done % 100 === 0 || moment !== undefined)
        tell(`round ${done} of ${rounds}${moment === undefined ? "" : `: killed, ${moment}`}`);
    }
    this.#bot?.signal("SIGTERM");
    const ended = await this.#bot?.ended;
    const how = `code ${ended?.code}, signal ${ended?.signal}`;
    assert.equal(ended?.code, 0, `the last life ended cleanly: ${how}: ${ended?.stderr}`);
    const orders = [...proposalOrders(this).values()];
    return {
      rounds: done,
      limits: this.#plan.limits,
      seed: this.#plan.seed,
      proposals: this.#proposals,
      taps: this.#taps,
      tapsWon: this.#won,
      tapsTooLate: this.#tooLate,
      kills: this.#kills,
      executions: orders.reduce((sum, each) => sum + each.orders, 0),
      doubles: orders.filter((each) => each.orders > 1).length,
      afterKill: this.#afterKill,
      tapMs: this.#tapMs,
      otherCardMs: this.#otherCardMs,
      restartMsMax: this.#restartMsMax,
      ...(await this.#judged()),
      lostDecisions: this.#lost,
      seconds: Math.round((performance.now() - from) / 1_000),
    };
  }

  /** How things stand, for a failure. */
  scene(): string {
    const log = join(this.#folder, "desk.log");
    const lines = existsSync(log) ? readFileSync(log, "utf8").split("\n").slice(-40) : [];
    const cards = this.#watch.ids().map((id) => JSON.stringify([id, this.#watch.card(id)]));
    return [...lines, ...cards.slice(-3), `held ${this.#held()}`].join("\n");
  }

  /** Ends what may still run. */
  async end(): Promise<void> {
    await this.#bot?.kill();
  }

  /** A fresh small position, closed by a card; after a kill it is asked again until it is flat. */
  async #round(round: number, kill: Moment | undefined): Promise<void> {
    const size = 2 + this.#random.below(5);
    this.#trade(size);
    for (let moment = kill; ; moment = undefined) {
      const id = await this.#ask(size);
      this.#proposals += 1;
      if (moment === undefined) await this.#race(round, id);
      else await this.#killed(round, id, moment);
      const [orders, filled] = executedBy(this, id);
      if (this.#held() === 0) {
        assert.deepEqual([orders, filled], [1, size], `round ${round}: one order closed the position`);
        break;
      }
      assert(moment !== undefined, `round ${round}: an approved card closes the position`);
      assert.deepEqual([orders, this.#held()], [0, size], `round ${round}: all or nothing`);
    }
    if (round % 20 === 0) this.#watch.forget();
  }

  /** Asks until the card on both platforms is about the whole position: the desk may not have seen all of it yet. */
  async #ask(size: number): Promise<string> {
    const says = `sell 0.00${size} BTC (100%)`;
    for (;;) {
      const before = this.#watch.ids().length;
      const { replies } = this.#watch;
      this.#telegram.say(ann.telegram, GROUP, "/close BTCUSDT foreign");
      const isAnswered = (): boolean =>
        this.#watch.ids().length > before ||
        (this.#watch.replies > replies && !this.#watch.reply.includes("proposal is shown"));
      await until(isAnswered, "the question is answered", PATIENCE_MS, LOOK_MS);
      const id = this.#watch.ids()[before];
      if (id === undefined) {
        await pause(20);
        continue;
      }
      if (this.#watch.card(id)?.telegram?.text.includes(says)) return id;
      this.#press("telegram", id, "r");
      await until(() => this.#watch.reads(id, /: rejected/), "it is taken back", PATIENCE_MS, LOOK_MS);
    }
  }

  /** Eight taps, one of which wins; both cards tell the result. */
  async #race(round: number, id: string): Promise<void> {
    const taps = await this.#pressAll(id);
    const answers = taps.map(({ tap }) => this.#watch.answer(tap));
    // A platform gives a tap up after seconds and says so itself: a busy machine may be that late.
    const isOver = ({ tap, platform, at }: (typeof taps)[number]): boolean => {
      const { text, ackAt } = this.#watch.answer(tap);
      const afterMs = platform === "discord" && ackAt === undefined ? 4_000 : 20_000;
      return text !== undefined || performance.now() - at > afterMs;
    };
    await until(() => taps.every(isOver), `round ${round}: all taps are answered`, PATIENCE_MS, LOOK_MS);
    const winners = taps.filter(({ tap }) => this.#watch.answer(tap).text === WON);
    const losers = answers.filter(({ text }) => LOST.test(text ?? ""));
    const late = answers.filter(({ text }) => text === undefined).length;
    this.#tooLate += late;
    const told = JSON.stringify(answers.map(({ text }) => text));
    const isOne = winners.length === 1 || (winners.length === 0 && late > 0);
    assert(isOne && losers.length >= 7 - late, `round ${round}: one of eight wins: ${told}`);
    const isTold = (): boolean => this.#watch.reads(id, /: (done|failed)/);
    await until(isTold, `round ${round}: both cards tell the result`, PATIENCE_MS, LOOK_MS);
    assert(this.#watch.reads(id, /: done/), `round ${round}: ${this.#watch.card(id)?.telegram?.text}`);
    for (const { tap, at } of taps)
      this.#tapMs.push((this.#watch.answer(tap).ackAt ?? performance.now()) - at);
    const [winner] = winners;
    if (winner === undefined) return;
    this.#won += 1;
    const card = this.#watch.card(id);
    const other = winner.platform === "telegram" ? card?.discord : card?.telegram;
    this.#otherCardMs.push((other?.decidedAt ?? Number.POSITIVE_INFINITY) - winner.at);
  }

  /** Eight taps around a kill -9; after the restart both cards must tell an end that is true. */
  async #killed(round: number, id: string, moment: Moment): Promise<void> {
    this.#kills[moment] += 1;
    const dying = this.#bot?.ended;
    if (moment === "cardOpen") await this.#bot?.kill();
    else if (moment === "afterSend") this.#killOnSend = true;
    else writeFileSync(join(this.#folder, "die"), moment);
    const taps = await this.#pressAll(id);
    const ended = await dying;
    assert.equal(ended?.signal, "SIGKILL", `round ${round}: killed, not ended: ${ended?.stderr}`);
    assert(!existsSync(join(this.#folder, "die")) && !this.#killOnSend, "it died where it was to");
    await this.#start();
    const isEnded = (): boolean => this.#watch.reads(id, /: (done|failed|expired|withdrawn)/);
    const isTold = await until(isEnded, "both cards tell an end", 60_000, LOOK_MS).then(
      () => true,
      () => false,
    );
    const [orders] = executedBy(this, id);
    const isDone = this.#watch.reads(id, /: done/);
    const approved = taps.filter(({ tap }) => this.#watch.answer(tap).text === WON).length;
    if (!isTold || isDone !== orders > 0 || (approved > 0 && orders === 0))
      this.#lost.push(`round ${round}, ${moment}: ${JSON.stringify({ isTold, isDone, orders, approved })}`);
    if (moment === "afterClaim" || moment === "afterSend")
      this.#afterKill[orders > 0 ? "carriedOut" : "askedAgain"] += 1;
  }

  /** Four taps on each platform by the two who may, in a shuffled order and a few milliseconds apart. */
  async #pressAll(id: string) {
    const platforms = [0, 1, 2, 3, 4, 5, 6, 7].map((at) => (at % 2 === 0 ? "telegram" : "discord"));
    const order = platforms.map((platform, at) => ({
      platform,
      by: at % 4 < 2 ? ann : bob,
      afterMs: this.#random.below(TAPS_WITHIN_MS),
    }));
    order.sort((a, b) => a.afterMs - b.afterMs);
    const from = performance.now();
    const taps: { readonly tap: string; readonly platform: string; readonly at: number }[] = [];
    for (const { platform, by, afterMs } of order) {
      const wait = from + afterMs - performance.now();
      if (wait > 1) await pause(wait);
      const at = performance.now();
      taps.push({ tap: this.#press(platform, id, "a", by), platform, at });
    }
    this.#taps += taps.length;
    return taps;
  }

  #press(platform: string, id: string, letter: string, by = ann): string {
    const card = this.#watch.card(id);
    assert(card?.telegram !== undefined && card.discord !== undefined, `card ${id} is shown`);
    const { telegram, discord } = card;
    const data = `v1:${letter}:${telegram.token}`;
    if (platform === "telegram") {
      const place = { chat: { id: GROUP }, message_id: Number(telegram.message) };
      return this.#telegram.press(by.telegram, place, data);
    }
    return this.#discord.press(by.discord, { id: discord.message, channel_id: CHANNEL }, data).id;
  }

  #trade(size: number): void {
    this.#hand += 1;
    const answer = this.#served.exchange.place("main", {
      instrument: BTC,
      clientId: `by-hand-${this.#hand}`,
      side: "buy",
      positionSide: "both",
      kind: "market",
      timeInForce: "GTC",
      lots: lots(size),
      reduceOnly: false,
    });
    assert(answer.ok, "the order by hand was taken");
  }

  #held(): number {
    return this.#served.exchange.positions("main").find(({ instrument }) => instrument === BTC)?.lots ?? 0;
  }

  async #start(): Promise<void> {
    const from = performance.now();
    const { announced } = this.#watch;
    const { menu, commands } = announced;
    this.#bot = new Perpdesk([this.#folder, String(this.#served.server.port), this.#plan.limits], {
      cwd: ROOT,
      program: ["--import", "tsx", join(ROOT, "test", "e2e", "taps-bot.ts")],
    });
    await this.#bot.said("ready", PATIENCE_MS);
    const isListening = (): boolean => announced.menu > menu && announced.commands > commands;
    await until(isListening, "both platforms are listened to", PATIENCE_MS, LOOK_MS);
    this.#restartMsMax = Math.max(this.#restartMsMax, Math.round(performance.now() - from));
  }

  /** The ledger is whole and no decision in it is without its end; every recording replays; no secret was told. */
  async #judged() {
    const opened = await openStore({ file: join(this.#folder, "data", "perpdesk.db") });
    assert(opened.ok);
    const { store } = opened;
    assert.equal(await store.ledger.verify(), undefined, "the ledger's chain is whole");
    const ledger = await store.ledger.read();
    const unfinished = await store.proposals.unfinished();
    await store.close();
    for (const { id, state } of unfinished) this.#lost.push(`${id} is still ${state}`);
    const idsOf = (kind: string, key: string): readonly string[] =>
      ledger.flatMap((entry) => (entry.kind === kind ? [String(JSON.parse(entry.body)[key])] : []));
    const ended = new Set(idsOf("proposalEnded", "id"));
    for (const id of idsOf("tap", "proposal")) if (!ended.has(id)) this.#lost.push(`${id} has no end`);
    let turnsReplayed = 0;
    for (const path of recordingsOf(this.#folder, "data")) {
      const result = await replay(path);
      assert(result.isSame, `a recording differs: ${result.problem}`);
      turnsReplayed += result.turns;
    }
    assert.deepEqual(findLeaks(WORLD_MARKERS, filesOf(this.#folder)), []);
    return { ledgerEntries: ledger.length, turnsReplayed };
  }
}

/** The percentiles of times, to a tenth of their unit; 0 of none. */
export function percentiles(times: readonly number[]): Percentiles {
  const sorted = [...times].sort((a, b) => a - b);
  const at = (part: number): number =>
    Math.round(10 * (sorted[Math.min(sorted.length - 1, Math.ceil(part * sorted.length) - 1)] ?? 0)) / 10;
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1) };
}
