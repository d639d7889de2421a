import { isTighter, limitText } from "../core/limit.ts";
import type { LimitWish, OperatorRequest } from "../core/operator-request.ts";
import type { LimitAction } from "../core/proposal.ts";
import type { Millis } from "../core/units.ts";
import type { KernelState } from "./kernel/state.ts";

type SetLimit = Extract<OperatorRequest, { type: "setLimit" }>;

/** What a wish about a limit comes to: a request where it tightens, a card where it loosens. What it can't be the kernel says. */
export function limitRequestOf(
  state: KernelState,
  { limit, value, isSure }: LimitWish,
  wallAt: Millis,
): SetLimit | LimitAction {
  const { config, risk } = state;
  const term = risk.limits.find(limit);
  const from = risk.limits.now(limit);
  if (term === undefined || !isTighter(term, from, value))
    return {
      type: "setLimit",
      limit,
      ...(value === term?.settings ? {} : { value }),
      wallAt,
      ...(isSure ? { isSure } : {}),
    };
  const text = (count: number): string =>
    limitText(
      term,
      count,
      config.asset,
      term.instrument === undefined ? undefined : state.instrument(term.instrument),
    );
  const { settings } = term;
  return {
    type: "limit",
    account: config.account,
    limit,
    from,
    to: value,
    settings,
    texts: { from: text(from), to: text(value), settings: text(settings) },
  };
}
