import type { RejectKind } from "../core/reject-kind.ts";
import type { KeyRights } from "../desk/ports.ts";
import { PayloadError } from "./binance/fields.ts";
import { NoBudgetError } from "./exchange-client.ts";

/**
 * Why nobody knows what a key may do: the exchange refused the question, `lost`: no answer came, or `unreadable`: one came
 * that does not say it.
 */
export class KeyUnreadError extends Error {
  override readonly name = "KeyUnreadError";
  readonly kind: RejectKind | "lost" | "unreadable";

  /** `reason`: the exchange's own words, or what kind of trouble it was; never an address that was signed. */
  constructor(kind: KeyUnreadError["kind"], reason: string) {
    super(reason);
    this.kind = kind;
  }
}

/** How an exchange's errors are sorted; each has a `failureOf` of its own. */
type Sorting = (
  error: unknown,
) =>
  | { readonly type: "refused"; readonly kind: RejectKind; readonly reason: string }
  | { readonly type: "lost"; readonly reason: string };

/** Asks what a key may do. Rejects with `KeyUnreadError` alone: a person mends a dead line elsewhere than a wrong clock. */
export async function askRights(ask: () => Promise<KeyRights>, failureOf: Sorting): Promise<KeyRights> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof PayloadError) throw new KeyUnreadError("unreadable", error.message);
    if (error instanceof NoBudgetError) throw new KeyUnreadError("rateLimit", error.message);
    const failure = failureOf(error);
    throw new KeyUnreadError(failure.type === "lost" ? "lost" : failure.kind, failure.reason);
  }
}
