import type { ResetRiskAction } from "../core/proposal.ts";
import type { KernelState } from "./kernel/state.ts";

/** What begins anew with a reset that is asked for now, or one sentence why nothing can. */
export function resetActionOf(
  { config, risk, riskState }: Pick<KernelState, "config" | "risk" | "riskState">,
  cause: string,
): ResetRiskAction | string {
  if (risk.equity === undefined)
    return "Not yet: the equity is unknown, so there is nothing to begin anew from.";
  const peak = risk.peak.value === undefined ? {} : { peak: risk.peak.value };
  const { account, asset } = config;
  return { type: "resetRisk", account, cause, riskState, equity: risk.equity, ...peak, asset };
}
