import type { DeskEvent } from "../../core/event.ts";
import { moneyOf } from "../../core/text.ts";
import { millis, value } from "../../core/units.ts";
import { type Payload, text, whole } from "../binance/fields.ts";
import { failureOf } from "./errors.ts";
import type { OkxParts } from "./parts.ts";
import { filled, rowsOf } from "./words.ts";

/** The bill type of funding. @see OKX v5 "Bills details" */
const FUNDING = "8";
/** How far before the last market time the first bill may lie. */
const BEHIND_MS = 60_000;

/** Funding payments: the stream only says that funding moved a balance, the bills say what was paid for which position. */
export class FundingBills {
  readonly #parts: OkxParts;
  readonly #marketNow: () => number;
  readonly #emit: (event: DeskEvent) => void;
  readonly #seen = new Set<string>();
  #since = 0;
  #isDue = false;
  #isReading = false;

  constructor(parts: OkxParts, marketNow: () => number, emit: (event: DeskEvent) => void) {
    this.#parts = parts;
    this.#marketNow = marketNow;
    this.#emit = emit;
  }

  /** Funding was settled: reads the new bills, now or, if that fails, with the next reading of the account. */
  due(): void {
    if (!this.#isDue) this.#since = Math.max(0, this.#marketNow() - BEHIND_MS);
    this.#isDue = true;
    this.retry();
  }

  /** Reads what is still due. */
  retry(): void {
    if (!this.#isDue || this.#isReading) return;
    this.#isReading = true;
    this.#isDue = false;
    const params = { instType: "SWAP", type: FUNDING, begin: String(this.#since) };
    this.#parts.client.call("GET /api/v5/account/bills", params, "read").then(
      (answer) => {
        this.#isReading = false;
        const paid: DeskEvent[] = [];
        try {
          for (const row of rowsOf(answer, "bills").toReversed()) paid.push(...this.#read(row));
        } catch (error) {
          this.#parts.log.warn("a funding bill could not be read", { error: String(error) });
        }
        // Told outside of the try: what the desk can't bear is its own fault, not the bill's.
        for (const event of paid) this.#emit(event);
        this.retry();
      },
      (error: unknown) => {
        this.#isReading = false;
        this.#isDue = true;
        this.#parts.log.warn("funding bills could not be read", { reason: failureOf(error).reason });
      },
    );
  }

  /** The payment of a bill; nothing when it was told before. */
  #read(row: Payload): readonly DeskEvent[] {
    const id = text(row, "billId");
    if (this.#seen.has(id)) return [];
    this.#seen.add(id);
    const moved = (field: string): number => moneyOf(filled(row, field) ?? "0", field);
    const paid: DeskEvent = {
      type: "fundingPaid",
      at: millis(whole(row, "ts")),
      wallAt: millis(this.#parts.client.now()),
      account: this.#parts.account,
      instrument: text(row, "instId"),
      // Cross positions pay from the account, isolated ones from their own margin.
      amount: value(moved("balChg") + moved("posBalChg")),
    };
    return [paid];
  }
}
