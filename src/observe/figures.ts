import { mulDiv, ONE, type Rate, rate, type Value, value } from "../core/units.ts";
import { LatencyRecorder, type LatencyReport } from "./latency.ts";

/** What became of an order that was sent. A post-only refusal is the exchange doing as it was asked. */
export type OrderOutcome = "acknowledged" | "postOnlyRefused" | "refused" | "unknown";

/** Seed S0's figures of one grid. */
interface GridFigures {
  readonly engine: string;
  readonly cycles: number;
  readonly wins: number;
  readonly stops: number;
  /** Realised profit after fees, in steps of the settle asset. */
  readonly profit: Value;
  /** Average win over average loss; undefined while there is none of one kind (S0-36). */
  readonly rewardToRisk: number | undefined;
}

/** Seed S0's figures since the start (S0-33 to S0-36). Rates are undefined while nothing was counted. */
export interface DeskFigures {
  readonly sent: number;
  readonly acknowledged: number;
  readonly postOnlyRefused: number;
  readonly refused: number;
  readonly unknown: number;
  /** Orders that did what they were sent for (acknowledged, or refused as post-only asks) over all that are answered or lost (S0-33). */
  readonly executionRate: Rate | undefined;
  readonly entriesPlaced: number;
  readonly entriesFilled: number;
  readonly fillRate: Rate | undefined;
  /** Decision to acknowledgement, wall milliseconds (S0-34). */
  readonly placement: LatencyReport;
  readonly grids: readonly GridFigures[];
  /** Grids with a profit over grids with a cycle (S0-35). */
  readonly profitableGrids: Rate | undefined;
}

interface GridCount {
  cycles: number;
  wins: number;
  stops: number;
  won: number;
  lost: number;
}

/** Counts what S0 asks for, from the first order on; no clock of its own, nothing kept per order. */
export class Figures {
  readonly #placement = new LatencyRecorder(50);
  readonly #outcomes: Record<OrderOutcome, number> = {
    acknowledged: 0,
    postOnlyRefused: 0,
    refused: 0,
    unknown: 0,
  };
  #sent = 0;
  #entriesPlaced = 0;
  #entriesFilled = 0;
  readonly #grids = new Map<string, GridCount>();

  /** An order leaves. */
  orderSent(): void {
    this.#sent += 1;
  }

  /** Its answer is known. An unknown that is cleared up later is counted by `settleUnknown`. */
  orderAnswered(outcome: OrderOutcome): void {
    this.#outcomes[outcome] += 1;
  }

  /** A query found out what an unknown order became. */
  settleUnknown(outcome: Exclude<OrderOutcome, "unknown">): void {
    this.#outcomes.unknown -= 1;
    this.#outcomes[outcome] += 1;
  }

  /** From the decision to the acknowledgement; `cause` is asked when it took over 50 ms. */
  placed(ms: number, wallAt: number, cause?: () => string): void {
    this.#placement.record(ms, wallAt, cause);
  }

  /** An entry rests on the exchange. */
  entryPlaced(): void {
    this.#entriesPlaced += 1;
  }

  /** An entry got its first fill. */
  entryFilled(): void {
    this.#entriesFilled += 1;
  }

  /** A grid closed (a part of) a rung; `profit` after fees. */
  cycleClosed(engine: string, profit: Value, isStop: boolean): void {
    const grid = this.#grids.get(engine) ?? { cycles: 0, wins: 0, stops: 0, won: 0, lost: 0 };
    grid.cycles += 1;
    if (isStop) grid.stops += 1;
    if (profit > 0) {
      grid.wins += 1;
      grid.won += profit;
    } else grid.lost -= profit;
    this.#grids.set(engine, grid);
  }

  report(): DeskFigures {
    const { acknowledged, postOnlyRefused, refused, unknown } = this.#outcomes;
    const grids = [...this.#grids].map(([engine, grid]) => ({
      engine,
      cycles: grid.cycles,
      wins: grid.wins,
      stops: grid.stops,
      profit: value(grid.won - grid.lost),
      rewardToRisk: ratio(grid),
    }));
    return {
      sent: this.#sent,
      ...this.#outcomes,
      executionRate: partOf(
        acknowledged + postOnlyRefused,
        acknowledged + postOnlyRefused + refused + unknown,
      ),
      entriesPlaced: this.#entriesPlaced,
      entriesFilled: this.#entriesFilled,
      fillRate: partOf(this.#entriesFilled, this.#entriesPlaced),
      placement: this.#placement.report(),
      grids,
      profitableGrids: partOf(grids.filter((grid) => grid.profit > 0).length, grids.length),
    };
  }
}

function partOf(count: number, all: number): Rate | undefined {
  return all === 0 ? undefined : rate(mulDiv(count, ONE, all, "nearest"));
}

function ratio(grid: GridCount): number | undefined {
  const losses = grid.cycles - grid.wins;
  if (grid.wins === 0 || losses === 0 || grid.lost === 0) return undefined;
  return grid.won / grid.wins / (grid.lost / losses);
}
