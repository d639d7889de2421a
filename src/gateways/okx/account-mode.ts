import type { InstrumentId } from "../../core/instrument.ts";
import { type Payload, text } from "../binance/fields.ts";
import type { ExchangeClient } from "../exchange-client.ts";
import { rowOf } from "./words.ts";

/** How margin is set aside for a position. */
export type MarginMode = "isolated" | "cross";

/**
 * What OKX keeps nowhere but wants with every order: the margin mode. Isolated unless chosen otherwise, or unless a position
 * is held in the other one; also whether the account has one or two books for each instrument.
 */
export class AccountMode {
  readonly #modes = new Map<InstrumentId, MarginMode>();
  #isHedge: boolean | undefined;

  marginMode(instrument: InstrumentId): MarginMode {
    return this.#modes.get(instrument) ?? "isolated";
  }

  /** The next orders of an instrument say this; also what a position that is held says of itself. */
  setMarginMode(instrument: InstrumentId, mode: MarginMode): void {
    this.#modes.set(instrument, mode);
  }

  /** Takes the position mode from `account/config`. */
  noteConfig(config: Payload): boolean {
    this.#isHedge = text(config, "posMode") === "long_short_mode";
    return this.#isHedge;
  }

  /** Whether the account has two books for each instrument; asks when that is not known yet. */
  async isHedge(client: ExchangeClient): Promise<boolean> {
    return (
      this.#isHedge ??
      this.noteConfig(rowOf(await client.call("GET /api/v5/account/config", {}, "read"), "config"))
    );
  }
}
