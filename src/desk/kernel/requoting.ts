import type { ProposalClaimedEvent } from "../../core/event.ts";
import type { PricedProposal, Quote } from "../../core/proposal.ts";
import type { Outcome } from "../ports.ts";
import type { CloseDecisions } from "./close-decisions.ts";
import type { ProposalNews } from "./proposal-news.ts";
import type { RecoveryDecisions } from "./recovery-decisions.ts";
import type { KernelState } from "./state.ts";

/** Who knows how to ask the same with other figures. */
interface Askers {
  readonly news: ProposalNews;
  readonly closes: Pick<CloseDecisions, "asked">;
  readonly recovery: Pick<RecoveryDecisions, "asked">;
}

/** What was shown no longer holds: the card ends, and another one asks with the figures of now, where there are any. */
export function requote(
  state: KernelState,
  { news, closes, recovery }: Askers,
  proposal: PricedProposal,
  event: ProposalClaimedEvent,
  quote: Quote | undefined,
  reason: string,
): Outcome {
  const { proposals } = state;
  const { requoteId } = event;
  const { action: before } = proposal;
  if (quote === undefined) {
    news.finish(proposal, "failed", `Not executed: ${reason}, and there is nothing to quote.`, event);
    if (before.type === "recover") state.recoveryAsks.wantAgain(before);
    return { isOk: false, text: `Not executed: ${reason}.` };
  }
  const text = `Not executed: ${reason}. A new quote replaces it.`;
  news.finish(proposal, "superseded", text, event, requoteId);
  const action =
    before.type === "close"
      ? closes.asked(before, quote)
      : recovery.asked({ ...before, lots: quote.lots }, quote);
  const fresh = proposals.raise(requoteId, { action, quote }, proposal.askedBy, state, proposal.id);
  news.show(fresh, "proposalRaised", proposal.askedBy);
  return { isOk: false, text: `Not executed: ${reason}. Look at the new quote.` };
}
