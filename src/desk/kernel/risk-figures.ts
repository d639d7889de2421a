import type { LimitSet } from "../../core/limit.ts";
import { type Millis, millis, type Rate, type Value } from "../../core/units.ts";
import { drawdownOf, EquityPeak } from "../../risk/drawdown.ts";
import { RiskLadder } from "../../risk/ladder.ts";
import type { KernelConfig } from "./config.ts";
import type { Course } from "./deleverage.ts";
import { Limits } from "./limits.ts";
import type { Flattening } from "./panic.ts";
import type { Worth } from "./worth.ts";

/** All that the desk knows of its own risk: what it is worth, its peak, its state, and what it does about it. */
export class RiskFigures {
  readonly worth: Worth;
  readonly peak = new EquityPeak();
  readonly ladder = new RiskLadder();
  readonly limits: Limits;
  /** Books whose positions are being made smaller. */
  readonly courses = new Map<string, Course>();
  /** Shutdown closes all that the engines hold. */
  flattening: Flattening | undefined;
  /** As last measured; undefined: a part of it is unknown. */
  equity: Value | undefined;
  /** Wall time of the first reading of the account in this life. */
  bootedWallAt: number | undefined;
  /** Market time from which that reading had all executions. */
  historyFrom: Millis | undefined;
  /** A position was at CRITICAL since the last judgement. */
  isCriticalSeen = false;
  /** Market time of an admin's last reset: forced closes of before are no news to a start. */
  resetAt: Millis = millis(0);
  /** Whether it was judged in this life: the equity was known, or took too long to be. */
  hasBegun = false;

  /** The last drawdown that was worked out, and of what. */
  #drawdown: { readonly equity: Value; readonly peak: Value; readonly drawdown: Rate } | undefined;

  constructor(worth: Worth, config: KernelConfig) {
    this.worth = worth;
    this.limits = new Limits(config);
  }

  /** How far the equity is below its peak; undefined while either is unknown. Asked several times in a turn. */
  get drawdown(): Rate | undefined {
    const { equity } = this;
    const peak = this.peak.value;
    if (equity === undefined || peak === undefined) return undefined;
    const last = this.#drawdown;
    if (last?.equity === equity && last.peak === peak) return last.drawdown;
    const drawdown = drawdownOf(equity, peak);
    this.#drawdown = { equity, peak, drawdown };
    return drawdown;
  }

  /** A person moved a limit; undefined: it is what the settings say. */
  setLimit(key: string, set: LimitSet | undefined): void {
    this.limits.set(key, set);
    this.ladder.limit(this.limits.drawdowns);
  }

  /** All that decides, as plain data. */
  canonical(): unknown {
    return [
      this.worth.canonical(),
      this.peak.value ?? null,
      this.peak.written ?? null,
      this.ladder.canonical(),
      this.equity ?? null,
      this.bootedWallAt ?? null,
      this.historyFrom ?? null,
      this.isCriticalSeen,
      this.resetAt,
      this.hasBegun,
      [...this.courses].map(([key, course]) => [key, { ...course, keeps: [...course.keeps] }]),
      this.flattening ?? null,
      ...(this.limits.isEmpty ? [] : [this.limits.canonical()]),
    ];
  }
}
