import type { OrderReportEvent } from "../core/event.ts";
import type { Lots } from "../core/units.ts";

/**
 * What the report of an order that ended before it was whole says beside that: how much of it was executed all the same.
 * `told` is the exchange's own word for it; nothing where that is 0 or missing.
 */
export function endedShort(
  status: OrderReportEvent["status"],
  told: string | undefined,
  executed: () => Lots,
): { readonly executed?: Lots } {
  const isEnded = status === "canceled" || status === "expired";
  return isEnded && Number(told ?? "0") > 0 ? { executed: executed() } : {};
}
