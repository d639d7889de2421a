import { countIn, millisIn, moneyIn, type TradeFields, wordIn } from "../../core/trade-log.ts";
import { mulDiv, ONE, type Rate, rate, type Value, value } from "../../core/units.ts";
import { shiftedPeak } from "../../risk/drawdown.ts";
import { EquityCurve, type EquityPoint } from "./equity-curve.ts";
import { partOf } from "./ratio.ts";

/** One engine's purse as the last line told it. */
export interface PurseUse {
  readonly engine: string;
  readonly used: Value;
  readonly cap: Value;
  /** Notional of what it holds, at the mark. */
  readonly exposure: Value;
  /** Used over cap, now and at its highest. */
  readonly utilization: Rate | undefined;
  readonly utilizationMax: Rate | undefined;
}

/** The account as its GRID_EQUITY lines tell it. */
export interface EquityFigures {
  readonly minutes: number;
  readonly equity: Value | undefined;
  /** The highest equity so far, moved along with deposits and withdrawals as that of the risk ladder is. */
  readonly peak: Value | undefined;
  /** 1 - equity / peak, now and at its worst; the worst also in money. */
  readonly drawdown: Rate | undefined;
  readonly drawdownMax: Rate | undefined;
  readonly drawdownMaxAmount: Value | undefined;
  readonly funding: Value;
  readonly transferred: Value;
  readonly exposure: Value | undefined;
  /** Exposure over equity, and the largest engine's part of it. */
  readonly leverage: Rate | undefined;
  readonly concentration: Rate | undefined;
  /** Of all purses together. */
  readonly utilization: Rate | undefined;
  readonly utilizationMax: Rate | undefined;
  readonly purses: readonly PurseUse[];
  /** The course of the present account, oldest first. */
  readonly curve: readonly EquityPoint[];
}

interface Purse {
  used: number;
  cap: number;
  exposure: number;
  utilizationMax: number | undefined;
}

/** A sum that every start of the desk counts from nothing. */
class AcrossStarts {
  #before = 0;
  #now = 0;

  get sum(): number {
    return this.#before + this.#now;
  }

  /** What this start has counted so far. */
  set(count: number, isNewStart: boolean): void {
    if (isNewStart) this.#before += this.#now;
    this.#now = count;
  }
}

/** Follows equity, drawdown, funding and purses from one GRID_EQUITY line to the next. */
export class EquityCourse {
  readonly #funding = new AcrossStarts();
  readonly #transferred = new AcrossStarts();
  readonly #purses = new Map<string, Purse>();
  readonly #curve = new EquityCurve();
  #start: string | undefined;
  #minutes = 0;
  #equity: number | undefined;
  #peak: Value | undefined;
  /** What had been transferred by the last line. */
  #moved = 0;
  #drawdownMax: number | undefined;
  #drawdownMaxAmount: number | undefined;
  #utilizationMax: number | undefined;

  /** Counts a line; false when it lacks what such a line must say. */
  add(fields: TradeFields): boolean {
    const equity = moneyIn(fields, "Equity");
    const purses = pursesIn(wordIn(fields, "Purses"));
    const at = millisIn(fields, "At");
    if (equity === undefined || purses === undefined || at === undefined) return false;
    const start = wordIn(fields, "Epoch");
    const isNewStart = this.#start !== undefined && this.#start !== start;
    this.#start = start;
    this.#funding.set(countIn(fields, "Funding") ?? 0, isNewStart);
    this.#transferred.set(countIn(fields, "Transferred") ?? 0, isNewStart);
    this.#minutes += 1;
    this.#equity = equity;
    const moved = value(this.#transferred.sum - this.#moved);
    this.#moved = this.#transferred.sum;
    if (moved !== 0 && this.#peak !== undefined)
      this.#peak = shiftedPeak(this.#peak, value(equity - moved), moved);
    if (this.#peak === undefined || equity > this.#peak) this.#peak = value(equity);
    this.#noteDrawdown();
    this.#notePurses(purses);
    this.#curve.add(at, equity, this.peak ?? equity);
    return true;
  }

  get peak(): Value | undefined {
    return this.#peak;
  }

  get drawdown(): Rate | undefined {
    const [equity, peak] = [this.#equity, this.peak];
    if (equity === undefined || peak === undefined || peak <= 0) return undefined;
    return rate(mulDiv(peak - equity, ONE, peak, "nearest"));
  }

  figures(): EquityFigures {
    const exposure = this.#sum(({ exposure }) => exposure);
    const largest = Math.max(0, ...[...this.#purses.values()].map((purse) => purse.exposure));
    const equity = this.#equity;
    return {
      minutes: this.#minutes,
      equity: optional(equity),
      peak: this.peak,
      drawdown: this.drawdown,
      drawdownMax: this.#drawdownMax === undefined ? undefined : rate(this.#drawdownMax),
      drawdownMaxAmount: optional(this.#drawdownMaxAmount),
      funding: value(this.#funding.sum),
      transferred: value(this.#transferred.sum),
      exposure: equity === undefined ? undefined : value(exposure),
      leverage: equity === undefined || equity <= 0 ? undefined : partOf(exposure, equity),
      concentration: partOf(largest, exposure),
      utilization: this.#utilization(),
      utilizationMax: this.#utilizationMax === undefined ? undefined : rate(this.#utilizationMax),
      purses: [...this.#purses]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([engine, { used, cap, exposure: own, utilizationMax }]) => ({
          engine,
          used: value(used),
          cap: value(cap),
          exposure: value(own),
          utilization: partOf(used, cap),
          utilizationMax: utilizationMax === undefined ? undefined : rate(utilizationMax),
        })),
      curve: this.#curve.points,
    };
  }

  #noteDrawdown(): void {
    const { drawdown, peak } = this;
    if (drawdown === undefined || peak === undefined) return;
    this.#drawdownMax = Math.max(this.#drawdownMax ?? 0, drawdown);
    this.#drawdownMaxAmount = Math.max(this.#drawdownMaxAmount ?? 0, peak - (this.#equity ?? peak));
  }

  #notePurses(purses: readonly (readonly [engine: string, used: number, cap: number, exposure: number])[]) {
    const before = new Map(this.#purses);
    this.#purses.clear();
    for (const [engine, used, cap, exposure] of purses) {
      const utilizationMax = highest(before.get(engine)?.utilizationMax, partOf(used, cap));
      this.#purses.set(engine, { used, cap, exposure, utilizationMax });
    }
    this.#utilizationMax = highest(this.#utilizationMax, this.#utilization());
  }

  #utilization(): Rate | undefined {
    return partOf(
      this.#sum(({ used }) => used),
      this.#sum(({ cap }) => cap),
    );
  }

  #sum(of: (purse: Purse) => number): number {
    let sum = 0;
    for (const purse of this.#purses.values()) sum += of(purse);
    return sum;
  }
}

const optional = (amount: number | undefined): Value | undefined =>
  amount === undefined ? undefined : value(amount);

const highest = (a: number | undefined, b: number | undefined): number | undefined =>
  a === undefined ? b : b === undefined ? a : Math.max(a, b);

/** `grid1:USED/CAP/EXPOSURE,grid2:...`; undefined when it is written otherwise. */
function pursesIn(text: string): (readonly [string, number, number, number])[] | undefined {
  const purses: (readonly [string, number, number, number])[] = [];
  for (const part of text === "" ? [] : text.split(",")) {
    const [engine = "", amounts = ""] = part.split(":");
    const [used, cap, exposure] = amounts.split("/").map((amount) => countIn({ amount }, "amount"));
    if (engine === "" || used === undefined || cap === undefined || exposure === undefined) return undefined;
    purses.push([engine, used, cap, exposure]);
  }
  return purses;
}
