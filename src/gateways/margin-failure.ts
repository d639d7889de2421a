import type { MarginAnswer } from "../desk/ports.ts";
import { NoBudgetError } from "./exchange-client.ts";

/** What a request to add margin came to that did not answer with success; one that never left is refused. */
export function marginFailure(
  error: unknown,
  { type, reason }: { readonly type: "refused" | "lost"; readonly reason: string },
): MarginAnswer {
  if (error instanceof NoBudgetError) return { type: "refused", reason: error.message };
  return { type: type === "lost" ? "unknown" : "refused", reason };
}
