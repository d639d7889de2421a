import { countIn, millisIn, moneyIn, type TradeFields, wordIn } from "../../core/trade-log.ts";
import { mulDiv, ONE, type Rate, rate, type Value, value } from "../../core/units.ts";
import { averageOf, averagesRatio, partOf } from "./ratio.ts";

/** The last moment that has a day. */
const LAST_DAY_MS = 8_640_000_000_000_000;

/** What some trades came to. A trade is a rung's cycle, from its entry until nothing of it is held; money after fees is `net`. */
export interface TradeSums {
  readonly trades: number;
  readonly wins: number;
  readonly winRate: Rate | undefined;
  /** Before fees and funding. */
  readonly pnl: Value;
  readonly fees: Value;
  readonly net: Value;
  readonly averageNet: Value | undefined;
  /** Net of the trades that won over that of those that lost. */
  readonly profitFactor: Rate | undefined;
  /** Average win over average loss (S0-36). */
  readonly rewardToRisk: Rate | undefined;
}

/** Of one engine, rung or day. */
export interface NamedSums extends TradeSums {
  readonly name: string;
}

/** Closed parts of one kind of close. */
export interface ClosesOf {
  readonly action: string;
  readonly parts: number;
  readonly pnl: Value;
  readonly fees: Value;
}

/** How stops did. */
export interface StopSums {
  readonly count: number;
  /** From the price's being seen beyond the trigger to the execution, market milliseconds. */
  readonly latencyP50Ms: number | undefined;
  readonly latencyMaxMs: number | undefined;
  /** Parts whose latency nobody saw: the desk was down. */
  readonly latencyUnknown: number;
  /** Money beyond the triggers; positive is worse. */
  readonly slippage: Value;
  /** The worst execution against its trigger. */
  readonly slippageMax: Rate | undefined;
}

interface Sums {
  trades: number;
  wins: number;
  won: number;
  lost: number;
  pnl: number;
  fees: number;
}

const none = (): Sums => ({ trades: 0, wins: 0, won: 0, lost: 0, pnl: 0, fees: 0 });

/** Adds up GRID_TRADE lines: whole money in steps, nothing rounded before it is told. */
export class TradeTally {
  readonly #all = none();
  readonly #engines = new Map<string, Sums>();
  readonly #rungs = new Map<string, Sums>();
  readonly #days = new Map<string, Sums>();
  readonly #engineDays = new Map<string, Sums>();
  readonly #closes = new Map<string, { parts: number; pnl: number; fees: number }>();
  /** Net of the parts of trades that are not over, by rung. */
  readonly #open = new Map<string, number>();
  /** Latencies and how often each was measured. */
  readonly #latencies = new Map<number, number>();
  #stops = 0;
  #latencyUnknown = 0;
  #slippage = 0;
  #slippageMax: number | undefined;

  /** Counts a line; false when it lacks what a trade must say. */
  add(fields: TradeFields): boolean {
    const [pnl, fees] = [moneyIn(fields, "PnL"), moneyIn(fields, "Fees")];
    const engine = wordIn(fields, "Engine");
    if (pnl === undefined || fees === undefined || engine === "") return false;
    const rung = `${engine}:${wordIn(fields, "Rung")}`;
    const at = millisIn(fields, "At");
    if (at !== undefined && Math.abs(at) > LAST_DAY_MS) return false;
    const groups = [
      this.#all,
      sumsOf(this.#engines, engine),
      ...(fields["Rung"] === undefined ? [] : [sumsOf(this.#rungs, rung)]),
      ...(at === undefined
        ? []
        : [sumsOf(this.#days, dayOf(at)), sumsOf(this.#engineDays, `${engine}:${dayOf(at)}`)]),
    ];
    for (const sums of groups) {
      sums.pnl += pnl;
      sums.fees += fees;
    }
    const key = `${rung}:${wordIn(fields, "Symbol")}:${wordIn(fields, "Leg")}`;
    const net = (this.#open.get(key) ?? 0) + pnl - fees;
    // A line without lots only says that what was told was paid differently; one that does not say what is left closed all.
    if (countIn(fields, "Size") === 0) return true;
    if ((countIn(fields, "Left") ?? 0) > 0) this.#open.set(key, net);
    else {
      this.#open.delete(key);
      for (const sums of groups) end(sums, net);
    }
    const action = wordIn(fields, "Action");
    const closes = this.#closes.get(action) ?? { parts: 0, pnl: 0, fees: 0 };
    this.#closes.set(action, { parts: closes.parts + 1, pnl: closes.pnl + pnl, fees: closes.fees + fees });
    if (action === "STOP_LOSS" || fields["Trigger"] !== undefined) this.#addStop(fields);
    return true;
  }

  get all(): TradeSums {
    return told(this.#all);
  }

  get engines(): readonly NamedSums[] {
    return named(this.#engines);
  }

  /** By `ENGINE:INDEX`. */
  get rungs(): readonly NamedSums[] {
    return named(this.#rungs);
  }

  /** By day of market time, UTC. */
  get days(): readonly NamedSums[] {
    return named(this.#days);
  }

  /** By `ENGINE:DAY`. */
  get engineDays(): readonly NamedSums[] {
    return named(this.#engineDays);
  }

  get closes(): readonly ClosesOf[] {
    return [...this.#closes]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([action, { parts, pnl, fees }]) => ({ action, parts, pnl: value(pnl), fees: value(fees) }));
  }

  get stops(): StopSums {
    const measured = [...this.#latencies].sort(([a], [b]) => a - b);
    return {
      count: this.#stops,
      latencyP50Ms: median(measured),
      latencyMaxMs: measured.at(-1)?.[0],
      latencyUnknown: this.#latencyUnknown,
      slippage: value(this.#slippage),
      slippageMax: this.#slippageMax === undefined ? undefined : rate(this.#slippageMax),
    };
  }

  #addStop(fields: TradeFields): void {
    const isFirstPart = countIn(fields, "Filled") === countIn(fields, "Size");
    if (isFirstPart) this.#stops += 1;
    const latency = millisIn(fields, "StopLatencyMs");
    if (latency === undefined) this.#latencyUnknown += 1;
    else this.#latencies.set(latency, (this.#latencies.get(latency) ?? 0) + 1);
    const slippage = moneyIn(fields, "Slippage");
    const [trigger, exit] = [countIn(fields, "Trigger"), countIn(fields, "Exit")];
    if (slippage === undefined) return;
    this.#slippage += slippage;
    if (trigger === undefined || exit === undefined || trigger <= 0) return;
    // The sign is the money's: below the trigger is worse for a long and better for a short.
    const part = Math.sign(slippage) * mulDiv(Math.abs(exit - trigger), ONE, trigger, "nearest");
    if (this.#slippageMax === undefined || part > this.#slippageMax) this.#slippageMax = part;
  }
}

function end(sums: Sums, net: number): void {
  sums.trades += 1;
  if (net > 0) {
    sums.wins += 1;
    sums.won += net;
  } else sums.lost -= net;
}

function sumsOf(groups: Map<string, Sums>, name: string): Sums {
  const known = groups.get(name);
  if (known !== undefined) return known;
  const fresh = none();
  groups.set(name, fresh);
  return fresh;
}

const told = ({ trades, wins, won, lost, pnl, fees }: Sums): TradeSums => ({
  trades,
  wins,
  winRate: partOf(wins, trades),
  pnl: value(pnl),
  fees: value(fees),
  net: value(pnl - fees),
  averageNet: averageOf(won - lost, trades),
  profitFactor: partOf(won, lost),
  rewardToRisk: averagesRatio(won, wins, lost, trades - wins),
});

const named = (groups: ReadonlyMap<string, Sums>): readonly NamedSums[] =>
  [...groups].sort(([a], [b]) => byName(a, b)).map(([name, sums]) => ({ name, ...told(sums) }));

/** By engine, then rungs by their number, days as they come. */
function byName(a: string, b: string): number {
  const [one = "", oneRung] = a.split(":");
  const [other = "", otherRung] = b.split(":");
  if (one !== other || oneRung === undefined || otherRung === undefined) return a < b ? -1 : 1;
  const step = Number(oneRung) - Number(otherRung);
  return Number.isNaN(step) ? (oneRung < otherRung ? -1 : 1) : step;
}

/** The lower of the two middle ones, where there are two. */
function median(measured: readonly (readonly [ms: number, times: number])[]): number | undefined {
  const count = measured.reduce((sum, [, times]) => sum + times, 0);
  let left = Math.ceil(count / 2);
  for (const [ms, times] of measured) {
    left -= times;
    if (left <= 0) return ms;
  }
  return undefined;
}

/** The UTC day of a market time, e.g. "2026-11-29". */
const dayOf = (at: number): string => new Date(at).toISOString().slice(0, 10);
