import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import type { ChatTuning } from "../../src/chat/hub.ts";
import { systemClock } from "../../src/cli/system-clock.ts";
import { bookKey, ownLots } from "../../src/core/book.ts";
import { lots, type Side } from "../../src/core/units.ts";
import type { LedgerEntry } from "../../src/desk/ports.ts";
import { type ReplayResult, replay } from "../../src/desk/replay.ts";
import { type RunningDesk, startDesk } from "../../src/main.ts";
import { createLog } from "../../src/observe/log.ts";
import { createRedactor } from "../../src/observe/redactor.ts";
import { loadSettings } from "../../src/settings/load.ts";
import { openStore } from "../../src/store/store.ts";
import type { VenueConditional, VenueOrder } from "../../src/venue/exchange.ts";
import { createDiscord, type Discord } from "../emulators/discord/discord.ts";
import { createTelegram, type Telegram } from "../emulators/telegram/telegram.ts";
import { type Served, serveVenue } from "../venue/binance/served-venue.ts";
import { CardWatch } from "./card-watch.ts";
import { filesOf, findLeaks, place } from "./secret-scan.ts";

/** Values that must never show up anywhere. */
export const WORLD_MARKERS = {
  TELEGRAM_BOT_TOKEN: "7000000001:AAmarker-of-telegram_0123456789abcdef",
  DISCORD_BOT_TOKEN: "marker-of-discord.0123456789.abcdef",
  PERPDESK_VENUE_KEY: "marker-of-the-venue-key-0123456789",
  PERPDESK_VENUE_SECRET: "marker-of-the-venue-secret-0123456789",
} as const;

/** A person with an account on both platforms. */
export interface Person {
  readonly telegram: { readonly id: number; readonly name: string };
  readonly discord: { readonly id: string; readonly name: string };
}
const person = (name: string, telegram: number, discord: string): Person => ({
  telegram: { id: telegram, name },
  discord: { id: discord, name },
});
/** An admin, a trader, and somebody whom the desk doesn't know. */
export const ann = person("Ann", 501, "400000000000000001");
export const bob = person("Bob", 502, "400000000000000002");
export const eve = person("Eve", 666, "400000000000000666");
/** The desk's group on Telegram, and its guild on Discord. */
export const GROUP = -42;
export const GUILD = "200000000000000001";
export const CHANNEL = "300000000000000001";
export const BTC = "BTCUSDT";
/** Where the hand-driven market stands at first, in ticks of 0.1. */
export const START_PRICE = 500_000;

const MANY = 1_000_000;
/** A venue that refuses nothing for its number. */
export const MANY_REQUESTS = { weightPerMinute: MANY, ordersPerTenSeconds: MANY, ordersPerMinute: MANY };
const UNBOUND = {
  roomPerSecond: MANY,
  roomBurst: MANY,
  groupPerMinute: { critical: MANY, loud: MANY, reply: MANY, edit: MANY, info: MANY },
  totalPerSecond: MANY,
};
/** Chat without flood limits, and without discord.js's own. */
export const RAISED: ChatTuning = {
  commandsPerMinute: 1_000_000,
  telegram: { pace: UNBOUND },
  discord: { pace: UNBOUND, requestsPerSecond: MANY },
};

/** What differs from the usual world. */
export interface WorldOptions {
  /** "raised": no flood limits on either platform, none of discord.js's own, and no weights on the venue. */
  readonly limits?: "shipped" | "raised";
  /** Where the desk speaks on Telegram: a group, or Ann's private chat. */
  readonly telegram?: "group" | "private";
  readonly tuning?: ChatTuning;
  readonly expiresSeconds?: number;
  /** Market seconds per wall second. */
  readonly speed?: number;
  /** Settings of the grid that differ, as they stand in the file. */
  readonly grid?: Readonly<Record<string, string | number>>;
}

/** How a world ended. */
export interface Ended {
  readonly replayed: ReplayResult;
  readonly ledger: readonly LedgerEntry[];
  readonly log: string;
}

/** A desk with its exchange and its chat platforms, all real sockets in one process. */
export interface World extends Omit<Served, "close" | "move"> {
  readonly telegram: Telegram;
  readonly discord: Discord;
  readonly running: RunningDesk;
  readonly cards: CardWatch;
  /** The Telegram chat that the desk speaks in. */
  readonly chat: number;
  /** Executions on the venue by client order id: the orders that had it, and the lots that were filled. */
  readonly executions: ReadonlyMap<string, { readonly orders: ReadonlySet<number>; readonly lots: number }>;
  /** Moves the market to a price in ticks, a second of market time later. */
  move(price: number): void;
  /** Somebody trades on the account with the exchange's own app. */
  trade(side: Side, size: number): void;
  say(by: Person, text: string): void;
  /** Lots in bitcoin that the venue holds for the account. */
  held(): number;
  /** Lots that the desk counts for its engines, and as foreign. */
  known(): { readonly own: number; readonly foreign: number };
  openOrders(): readonly VenueOrder[];
  openStops(): readonly VenueConditional[];
  /** Stops the desk, and asserts that it ended in time, replays the same, kept its ledger whole and told no secret. */
  close(): Promise<Ended>;
  /** Ends everything without asking how; for after a failure. */
  abandon(): Promise<void>;
}

/** Opens a world and waits until the desk may trade and both platforms listen. */
export async function openWorld(options: WorldOptions = {}): Promise<World> {
  const isRaised = options.limits === "raised";
  const { apiKey, secret } = {
    apiKey: WORLD_MARKERS.PERPDESK_VENUE_KEY,
    secret: WORLD_MARKERS.PERPDESK_VENUE_SECRET,
  };
  const served = await serveVenue({
    keys: [{ apiKey, secret, account: "main" }],
    isPaused: false,
    speed: options.speed ?? 1,
    ...(isRaised ? { limits: MANY_REQUESTS } : {}),
  });
  const executions = watchExecutions(served);
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
  const chat = options.telegram === "private" ? ann.telegram.id : GROUP;
  // A bot may only write to people who wrote to it.
  if (chat > 0) telegram.say(ann.telegram, ann.telegram, "/version");
  const folder = mkdtempSync(join(tmpdir(), "perpdesk-story-"));
  writeSettings(folder, options, { chat, apiRoot: telegram.apiRoot, api: discord.api });
  const settings = readSettings(folder, options.speed);
  const redactor = createRedactor(settings.secrets);
  const log = createLog({ file: settings.settings.log.file, level: "info", redactor, screen: null });
  const printed: string[] = [];
  const output = new PassThrough().on("data", (text: Buffer) => printed.push(text.toString()));
  const chatTuning = tuningOf(isRaised, options.tuning);
  const running = await startDesk({
    settings: settings.settings,
    version: "0.1.0",
    log,
    redactor,
    clock: systemClock,
    venue: { host: "127.0.0.1", port: served.server.port },
    keys: { apiKey, secret },
    ...(chatTuning === undefined ? {} : { chatTuning }),
    terminal: { input: new PassThrough(), output },
  });
  const { state } = running.desk.kernel;
  let hand = 0;
  let isOver = false;
  const abandon = async (): Promise<void> => {
    if (isOver) return;
    isOver = true;
    await running.stop();
    log.close();
    await Promise.all([served.close(), telegram.close(), discord.close()]);
    rmSync(folder, { recursive: true, force: true });
  };
  const world: World = {
    ...served,
    telegram,
    discord,
    running,
    chat,
    executions,
    cards: new CardWatch(telegram, discord, chat),
    move: (price) => {
      // The market's clock goes on from where this leaves it.
      served.server.pause();
      served.move(price);
      served.server.resume();
    },
    trade: (side, size) => {
      hand += 1;
      const answer = served.exchange.place("main", {
        instrument: BTC,
        clientId: `by-hand-${hand}`,
        side,
        positionSide: "both",
        kind: "market",
        timeInForce: "GTC",
        lots: lots(size),
        reduceOnly: false,
      });
      assert(answer.ok, "the order by hand was taken");
    },
    say: (by, text) => {
      telegram.say(by.telegram, chat > 0 ? by.telegram : chat, text);
    },
    held: () => {
      const position = served.exchange.positions("main").find(({ instrument }) => instrument === BTC);
      return position?.lots ?? 0;
    },
    known: () => {
      const book = state.account.books.get(bookKey("main", BTC, "both"));
      return { own: book === undefined ? 0 : ownLots(book), foreign: book?.foreign.lots ?? 0 };
    },
    openOrders: () => served.exchange.openOrders("main", BTC),
    openStops: () => served.exchange.openConditionals("main", BTC),
    close: async () => {
      isOver = true;
      assert(await running.stop(), "the desk ended in time");
      log.close();
      await Promise.all([served.close(), telegram.close(), discord.close()]);
      const told = [
        ...telegram.calls.map(({ params, error }) => JSON.stringify([params, error])),
        ...discord.calls.map(({ params, body, error }) => JSON.stringify([params, body, error])),
        printed.join(""),
      ];
      const ended = await judge(folder, running.recording ?? "", told);
      rmSync(folder, { recursive: true, force: true });
      return ended;
    },
    abandon,
  };
  await until(() => telegram.calls.some(({ method }) => method === "setMyCommands"), "Telegram listens");
  await until(() => discord.calls.some(({ route }) => route.startsWith("PUT")), "Discord listens");
  await until(() => state.isBooted && state.blocks().length === 0, "entries are allowed", 15_000);
  return world;
}

/** Waits until something holds, looking every two milliseconds; rejects after `ms`, saying what was waited for. */
export async function until(holds: () => boolean, what: string, ms = 20_000): Promise<void> {
  const end = performance.now() + ms;
  while (!holds()) {
    if (performance.now() > end) throw new Error(`waited ${ms} ms in vain until ${what}`);
    await pause(2);
  }
}

/** Lets wall time pass. */
export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Collects what a venue executes for the account, by client order id. */
export function watchExecutions({ exchange }: Pick<Served, "exchange">) {
  const found = new Map<string, { orders: Set<number>; lots: number }>();
  exchange.listen((event) => {
    if (event.type !== "order" || event.trade === undefined || event.order.account !== "main") return;
    const { clientId, orderId } = event.order;
    const entry = found.get(clientId) ?? { orders: new Set<number>(), lots: 0 };
    entry.orders.add(orderId);
    entry.lots += event.trade.lots;
    found.set(clientId, entry);
  });
  return found;
}

function tuningOf(isRaised: boolean, own: ChatTuning | undefined): ChatTuning | undefined {
  if (!isRaised) return own;
  return {
    ...RAISED,
    ...own,
    telegram: { ...RAISED.telegram, ...own?.telegram },
    discord: { ...RAISED.discord, ...own?.discord },
  };
}

/** Writes the settings of a desk with its people and platforms into a folder. */
export function writeSettings(
  folder: string,
  options: WorldOptions,
  at: { readonly chat: number; readonly apiRoot: string; readonly api: string },
): void {
  const grid = {
    type: "grid",
    name: "grid",
    symbol: BTC,
    direction: "buy",
    quantity: "0.004",
    take_profit: "0.5%",
    grid_step: "0.1%",
    max_orders: 1,
    wait_time: 0,
    max_position_size: "0.02",
    max_margin_usd: 1_000,
    leverage: 3,
    ...options.grid,
  };
  const people = [
    { name: "ann", role: "admin", telegramId: `${ann.telegram.id}`, discordId: ann.discord.id },
    { name: "bob", role: "trader", telegramId: `${bob.telegram.id}`, discordId: bob.discord.id },
  ];
  const file = {
    engines: [grid],
    proposals: { expiresSeconds: options.expiresSeconds ?? 60 },
    chat: {
      people,
      terminal: { person: "ann" },
      telegram: {
        token: `\${TELEGRAM_BOT_TOKEN}`,
        chats: [{ id: `${at.chat}`, alerts: true, accountData: true }],
        apiRoot: at.apiRoot,
      },
      discord: {
        token: `\${DISCORD_BOT_TOKEN}`,
        guild: GUILD,
        channels: [{ id: CHANNEL, alerts: true }],
        apiRoot: at.api,
      },
    },
    desk: { dataDir: "data", recordings: { keepRuns: 1_000 } },
    log: { file: "desk.log" },
  };
  // JSON is YAML.
  writeFileSync(join(folder, "desk.yaml"), JSON.stringify(file));
}

/** Reads them back, as a start does. */
export function readSettings(folder: string, speed = 1) {
  const loaded = loadSettings({
    configFile: "desk.yaml",
    cwd: folder,
    env: { ...WORLD_MARKERS },
    overrides: { speed },
  });
  if (!loaded.ok) throw new Error(loaded.problems.join("\n"));
  return loaded;
}

async function judge(folder: string, recording: string, told: readonly string[]): Promise<Ended> {
  const replayed = await replay(recording);
  assert(replayed.isSame, `the recording replays the same: ${replayed.problem}`);
  assert(replayed.hashesChecked > 0 && !replayed.isTorn);
  const opened = await openStore({ file: join(folder, "data", "perpdesk.db") });
  assert(opened.ok);
  const fault = await opened.store.ledger.verify();
  const ledger = await opened.store.ledger.read();
  await opened.store.close();
  assert.equal(fault, undefined, "the ledger's chain is whole");
  const places = [...filesOf(folder), place("chat and terminal", told.join("\n"))];
  assert(places.length >= 5, "settings, log, database, recording and chat are there to be scanned");
  assert.deepEqual(findLeaks(WORLD_MARKERS, places), []);
  return { replayed, ledger, log: readFileSync(join(folder, "desk.log"), "utf8") };
}
