import type { Desk } from "./desk.ts";
import { SKEW_MAX_MS } from "./kernel/interruptions.ts";
import { type EventLoopDelayMonitor, monitorEventLoopDelay } from "./loop-delay.ts";
import type { Chat, Clock, Gateway } from "./ports.ts";
import type { HealthView } from "./snapshot.ts";
import { ageOf } from "./view.ts";

/** What the health keeper looks at. */
export interface HealthParts {
  readonly desk: () => Desk | undefined;
  readonly gateway: Gateway;
  readonly clock: Clock;
  readonly chat: () => Chat | undefined;
  readonly describeQueue: () => string;
  readonly placements: () => { readonly p50: number | undefined; readonly p999: number | undefined };
}

/** News older than this (wall milliseconds) is a problem. */
const STALE_MS = 15_000;
const LAG_MAX_MS = 5_000;
const LOOP_DELAY_MAX_MS = 200;
const MEMORY_MAX_MB = 2_048;

/** Keeps what the last health check found and computes the rest when asked. */
export class HealthKeeper {
  readonly #parts: HealthParts;
  readonly #loop: EventLoopDelayMonitor = monitorEventLoopDelay();
  #skewMs: number | undefined;
  #lagMs: number | undefined;
  #delayMs: number | undefined;
  #memoryMb: number | undefined;
  #checkedWallAt: number | undefined;
  #problems: readonly string[] = [];

  constructor(parts: HealthParts) {
    this.#parts = parts;
  }

  /** One check: asks the exchange for its time and measures this process. Never rejects. */
  async check(queueLagMs: number): Promise<Readonly<Record<string, string | number | boolean | null>>> {
    const { gateway, clock } = this.#parts;
    let reach = "";
    try {
      this.#skewMs = Math.round(await gateway.market.clockSkew());
    } catch {
      this.#skewMs = undefined;
      reach = "the exchange can't be reached";
    }
    this.#lagMs = queueLagMs;
    this.#delayMs = this.#loop.takeP99Ms();
    this.#memoryMb = Math.round(process.memoryUsage.rss() / 1e6);
    this.#checkedWallAt = Math.round(clock.now());
    const ages = this.#ages();
    this.#problems = [
      reach,
      tooOld("market data", ages.marketAgeMs),
      over("clock skew", this.#skewMs === undefined ? undefined : Math.abs(this.#skewMs), SKEW_MAX_MS),
      over("queue lag", queueLagMs, LAG_MAX_MS),
      over("event loop delay", this.#delayMs, LOOP_DELAY_MAX_MS),
      (this.#memoryMb ?? 0) > MEMORY_MAX_MB ? `memory is ${this.#memoryMb} MB` : "",
    ].filter((problem) => problem !== "");
    return {
      reachable: reach === "",
      skewMs: this.#skewMs ?? null,
      marketAgeMs: ages.marketAgeMs ?? null,
      accountAgeMs: ages.accountAgeMs ?? null,
      queueLagMs,
      eventLoopDelayMs: this.#delayMs ?? null,
      memoryMb: this.#memoryMb,
      problems: this.#problems.join("; "),
    };
  }

  /** What people are shown. */
  view(): HealthView {
    const { describeQueue, chat, placements } = this.#parts;
    const { p50, p999 } = placements();
    const platforms = chat()?.health() ?? [];
    const away = platforms
      .filter((each) => !each.isConnected)
      .map((each) => `${each.platform} is not connected`);
    const problems = [...this.#problems, ...away];
    return {
      isHealthy: problems.length === 0,
      ...this.#ages(),
      clockSkewMs: this.#skewMs,
      eventLoopDelayMs: this.#delayMs,
      memoryMb: this.#memoryMb,
      queue: describeQueue(),
      queueLagMs: this.#lagMs,
      lastCheckWallAt: this.#checkedWallAt as HealthView["lastCheckWallAt"],
      problems,
      platforms,
      placementP50Ms: p50,
      placementP999Ms: p999,
    };
  }

  /** Forgets how busy the start was. */
  begin(): void {
    this.#loop.takeP99Ms();
  }

  stop(): void {
    this.#loop.stop();
  }

  #ages() {
    const state = this.#parts.desk()?.kernel.state;
    const now = this.#parts.clock.now();
    return {
      marketAgeMs: ageOf(now, state?.board.youngest()),
      accountAgeMs: ageOf(now, state?.lastAccountWallAt),
    };
  }
}

const tooOld = (what: string, age: number | undefined): string =>
  age === undefined ? `no ${what} yet` : age > STALE_MS ? `${what} is ${Math.round(age / 1000)} s old` : "";

const over = (what: string, found: number | undefined, most: number): string =>
  found !== undefined && found > most ? `${what} is ${Math.round(found)} ms` : "";
