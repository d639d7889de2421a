import { mulDiv, ONE, type Rate, rate } from "../core/units.ts";
import { LatencyRecorder, type LatencyReport } from "./latency.ts";

/** What became of an order that was sent. A post-only refusal is the exchange doing as it was asked. */
export type OrderOutcome = "acknowledged" | "postOnlyRefused" | "refused" | "unknown";

/** Seed S0's figures of orders since the start (S0-33, S0-34, S0-65); those of trades are the trade log's. Rates are undefined while nothing was counted. */
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

  report(): DeskFigures {
    const { acknowledged, postOnlyRefused, refused, unknown } = this.#outcomes;
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
    };
  }
}

function partOf(count: number, all: number): Rate | undefined {
  return all === 0 ? undefined : rate(mulDiv(count, ONE, all, "nearest"));
}
