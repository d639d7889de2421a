import { seeded } from "../../src/core/random.ts";
import { lots, millis, ONE, rate, ticks, value } from "../../src/core/units.ts";
import type { Chat, DeskDoor } from "../../src/desk/ports.ts";
import type { GridParameters } from "../../src/engines/grid/parameters.ts";
import { openBinanceCore } from "../../src/venue/binance/core.ts";
import { createExchange } from "../../src/venue/built-in-exchange.ts";
import type { Exchange } from "../../src/venue/exchange.ts";
import { BRACKETS, INSTRUMENTS } from "../../src/venue/instruments.ts";
import { DEPTH_SHAPE } from "../../src/venue/seeded-depth.ts";
import { Frames } from "../../src/venue/web/frames.ts";
import { startBot } from "../simulation/bot.ts";
import { Network } from "../simulation/connection.ts";
import { Machine, Process } from "../simulation/machine.ts";
import { Disk } from "../simulation/memory-store.ts";
import { Timeline } from "../simulation/timeline.ts";
import { CourseMarket } from "./course.ts";

const HOUR_MS = 3_600_000;
/** 2026-05-02 09:30 UTC, on the wall and in the market. */
const START = Date.UTC(2026, 4, 2, 9, 30);
/** The market is there before the desk, so that charts have a past. */
const PAST_MS = 16 * HOUR_MS;
const ACCOUNT = "main";
const KEY = { apiKey: "screens", secret: "screens", account: ACCOUNT };

/** The person of the screens, on both platforms. */
export const ANN = { id: 501, name: "Ann" };
export const ANN_ON_DISCORD = { id: "400000000000000001", name: "Ann" };
const ANN_EVERYWHERE = {
  name: "ann",
  role: "admin",
  telegramId: String(ANN.id),
  discordId: ANN_ON_DISCORD.id,
} as const;

const GRID: GridParameters = {
  engine: "grid-btc",
  account: ACCOUNT,
  instrument: "BTCUSDT",
  positionSide: "both",
  direction: "buy",
  quantity: lots(10),
  takeProfit: rate(800_000),
  step: rate(400_000),
  ordersMax: 3,
  waitMs: millis(5_000),
  positionMax: lots(30),
  purse: value(2_500 * ONE),
  leverage: 3,
  stopLoss: rate(31_000_000),
  anchor: ticks(970_000),
  priceMin: undefined,
  priceMax: undefined,
  stuckAfterMs: millis(10 * 60_000),
  recovery: "none",
  stopPrice: undefined,
  pausePrice: ticks(930_000),
  lossMax: undefined,
};

/** The price of bitcoin when the story begins, and how widely it sways. */
const BTC = { price: 970_000, sway: 0.007 };

/**
 * A real desk with one grid on the built-in exchange, in simulated time that passes only when the story says so: every run shows the
 * same words.
 */
export class ScreensDesk {
  readonly timeline = new Timeline(START);
  /** Hears what the desk tells people, once there is somebody to hear it. */
  chat: Pick<Chat, "alert" | "card"> | undefined;
  readonly log: string[] = [];
  readonly #market: CourseMarket;
  readonly #exchange: Exchange;
  #door: DeskDoor | undefined;

  private constructor() {
    this.#market = new CourseMarket(START - PAST_MS, {
      BTCUSDT: { ...BTC },
      ETHUSDT: { price: 352_000, sway: 0.01 },
    });
    const instruments = INSTRUMENTS.filter(({ id }) => this.#market.instruments.includes(id));
    this.#exchange = createExchange({
      instruments,
      brackets: BRACKETS,
      market: this.#market,
      accounts: [{ id: ACCOUNT, deposit: value(10_000 * ONE) }],
      depth: DEPTH_SHAPE,
      seed: 5,
    });
    this.#step();
    this.#follow();
    const { timeline } = this;
    const wall = {
      now: () => timeline.now,
      setTimeout: (run: () => void, ms: number) => timeline.after(ms, run),
      clearTimeout: (cancel: unknown) => (cancel as (() => void) | undefined)?.(),
    };
    const weather = { request: () => STRAIGHT, frame: () => ONCE, skewMs: () => 0 };
    const onBug = (error: unknown): void => {
      throw error;
    };
    const core = openBinanceCore(
      { exchange: this.#exchange, keys: [KEY] },
      { wall, frames: new Frames(wall, weather), weather, onBug },
    );
    const network = new Network({
      timeline,
      core,
      key: KEY,
      weather,
      chance: seeded(5, "network"),
      onBug,
      met: () => undefined,
    });
    const bot = startBot({
      name: "desk",
      process: new Process(new Machine(timeline, "10.0.0.1")),
      disk: new Disk(),
      network,
      scenario: {
        seed: 5,
        speed: 1,
        people: [ANN_EVERYWHERE, { name: "bob", role: "admin" }],
        startAt: millis(START),
        skipMinutes: 0,
        instruments,
        grids: [GRID],
        deposit: value(10_000 * ONE),
        depth: DEPTH_SHAPE,
        stopUnderFullTakeProfit: "refuse",
        isHedge: false,
        lastStop: false,
        jolts: [],
      },
      watcher: {
        turn: () => undefined,
        alert: (_, alert) => this.chat?.alert(alert),
        card: (_, proposal, token) => this.chat?.card(proposal, token),
        log: (_, line) => this.log.push(line),
      },
      nonce: "scrn",
      plant: undefined,
    });
    this.#bot = bot;
  }

  readonly #bot: ReturnType<typeof startBot>;

  /** A desk that has begun and rests its first entry. */
  static async open(): Promise<ScreensDesk> {
    const desk = new ScreensDesk();
    await desk.pass(60_000);
    if (desk.#bot.door === undefined) throw new Error(`the desk did not start: ${desk.#bot.failure}`);
    return desk;
  }

  /** Lets wall and market time pass. */
  pass(ms: number): Promise<void> {
    return this.timeline.runUntil(this.timeline.now + ms);
  }

  /** Lets time pass until something holds, looking every second; gives up after a day. */
  async until(holds: () => boolean, what: string): Promise<void> {
    const end = this.timeline.now + 24 * HOUR_MS;
    while (!holds()) {
      if (this.timeline.now > end) throw new Error(`waited a day in vain until ${what}`);
      await this.pass(1_000);
    }
  }

  /** Bitcoin goes to a price in so many minutes, and sways about it from then on. */
  async move(to: number, minutes: number): Promise<void> {
    const level = this.#market.levels.get("BTCUSDT");
    if (level === undefined) return;
    const from = level.price;
    for (let step = 1; step <= minutes * 6; step += 1) {
      level.price = Math.round(from + ((to - from) * step) / (minutes * 6));
      await this.pass(10_000);
    }
  }

  /** What chat may ask; time passes only while the desk has something to wait for. */
  get door(): DeskDoor {
    const door = this.#door ?? this.#timed(this.#bot.door as DeskDoor);
    this.#door = door;
    return door;
  }

  #timed(door: DeskDoor): DeskDoor {
    return new Proxy(door, {
      get: (target, name) => {
        const found: unknown = Reflect.get(target, name, target);
        if (typeof found !== "function" || name === "snapshot" || name === "roster")
          return bound(found, target);
        return (...asked: unknown[]): Promise<unknown> => this.#answered(Reflect.apply(found, target, asked));
      },
    });
  }

  async #answered(asked: Promise<unknown>): Promise<unknown> {
    let isOver = false;
    const over = (): void => {
      isOver = true;
    };
    asked.then(over, over);
    while (!isOver) await this.pass(5);
    return await asked;
  }

  /** Market time follows wall time. */
  #follow(): void {
    this.#step();
    this.timeline.after(1_000, () => this.#follow());
  }

  #step(): void {
    while (this.#exchange.step(millis(this.timeline.now))) {
      // Until the market has caught up.
    }
  }
}

const bound = (found: unknown, target: DeskDoor): unknown =>
  typeof found === "function" ? found.bind(target) : found;

const STRAIGHT = { delayMs: 0, answerDelayMs: 0, end: "answered" } as const;
const ONCE = [0];
