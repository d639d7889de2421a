import type { BalanceEvent } from "../../core/event.ts";
import { moneyLess } from "../../core/text.ts";
import type { Value } from "../../core/units.ts";
import { list, type Payload, text } from "../binance/fields.ts";
import { filled } from "./words.ts";

type Cause = BalanceEvent["cause"];

/** OKX's words for what moved a balance; the ones that are missing here are "other". */
const CAUSES: Readonly<Record<string, Cause>> = {
  filled: "trade",
  liquidation: "trade",
  adl: "trade",
  delivered: "trade",
  funding_fee: "funding",
  transferred: "transfer",
};

/** A wallet that moved, and why. */
export interface WalletNews {
  readonly asset: string;
  readonly wallet: Value;
  readonly cause: Cause;
}

/** A wallet is equity without unrealised profit; OKX's `cashBal` lacks what isolated positions hold. */
export function walletOf(detail: Payload): { readonly asset: string; readonly wallet: Value } {
  // An account that may hold no positions has no unrealised profit: OKX writes "".
  const wallet = moneyLess(text(detail, "eq"), filled(detail, "upl") ?? "0", "eq less upl");
  return { asset: text(detail, "ccy"), wallet };
}

interface Move {
  readonly at: string;
  readonly cause: Cause;
}

/**
 * Joins the two channels that tell of one move: `balance_and_position` says why, `account` what the wallet is now. They come
 * in either order and carry the same time.
 */
export class Wallets {
  readonly #told = new Map<string, Value>();
  readonly #causes = new Map<string, Move>();
  readonly #waiting = new Map<string, WalletNews & { readonly at: string }>();

  /** A row of the `account` channel. A wallet that did not move is no news; `isFirst` only notes what is there. */
  account(row: Payload, isFirst: boolean): readonly WalletNews[] {
    return list(row["details"], "details").flatMap((detail) => {
      const { asset, wallet } = walletOf(detail);
      if (isFirst || this.#told.get(asset) === wallet) {
        this.#told.set(asset, wallet);
        return [];
      }
      const at = text(detail, "uTime");
      const cause = this.#causes.get(asset);
      if (cause?.at === at) return [this.#news({ asset, wallet, cause: cause.cause })];
      // What waits already is told without its reason: its twin will not come any more.
      const late = this.#waiting.get(asset);
      this.#waiting.set(asset, { asset, wallet, cause: "other", at });
      return late === undefined ? [] : [this.#news(late)];
    });
  }

  /** A row of the `balance_and_position` channel. */
  moved(row: Payload): readonly WalletNews[] {
    const cause = CAUSES[text(row, "eventType")] ?? "other";
    return list(row["balData"] ?? [], "balData").flatMap((balance) => {
      const asset = text(balance, "ccy");
      const at = text(balance, "uTime");
      this.#causes.set(asset, { at, cause });
      const waiting = this.#waiting.get(asset);
      return waiting?.at === at ? [this.#news({ asset, wallet: waiting.wallet, cause })] : [];
    });
  }

  /** After a gap nothing that waits will be completed. */
  forget(): void {
    this.#told.clear();
    this.#causes.clear();
    this.#waiting.clear();
  }

  #news({ asset, wallet, cause }: WalletNews): WalletNews {
    if (this.#waiting.get(asset)?.wallet === wallet) this.#waiting.delete(asset);
    this.#told.set(asset, wallet);
    return { asset, wallet, cause };
  }
}
