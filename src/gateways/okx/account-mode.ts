import type { InstrumentId } from "../../core/instrument.ts";
import { optionalText, type Payload, text } from "../binance/fields.ts";
import { type ExchangeClient, UnfitAccountError } from "../exchange-client.ts";
import { rowOf } from "./words.ts";

/** OKX's word for the account mode in which swaps have isolated margin. */
const FUTURES_MODE = "2";

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

  /**
   * Takes the position mode from `account/config`. Throws `UnfitAccountError` for an account mode without isolated swaps.
   * @see OKX "Get account configuration" (acctLv: 1 spot, 2 futures, 3 multi-currency margin, 4 portfolio margin)
   */
  noteConfig(config: Payload): boolean {
    const level = optionalText(config, "acctLv") ?? FUTURES_MODE;
    if (level !== FUTURES_MODE)
      throw new UnfitAccountError(
        `OKX says account mode ${level}, where swaps have no isolated margin: set the account to Futures mode (2) in its settings there`,
      );
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
