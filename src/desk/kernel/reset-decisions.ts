import { approvalRefusal, needsCode } from "../../core/approval.ts";
import type { OperatorEvent, ProposalClaimedEvent } from "../../core/event.ts";
import type { Actor, ResetProposal, ResetRiskAction } from "../../core/proposal.ts";
import type { Outcome } from "../ports.ts";
import { approvedAlone, nobodyElse } from "./alone.ts";
import type { DecisionHands } from "./decisions.ts";
import type { ProposalNews } from "./proposal-news.ts";
import { isOpen } from "./proposals.ts";
import type { KernelState } from "./state.ts";

/** By so much, as a part, the account may be worth less than the card says. */
const FALL_MAX = 0.02;

/** Leaving Shutdown: one admin asks with a cause, another one approves, and only then anything changes. */
export class ResetDecisions {
  readonly #state: KernelState;
  readonly #hands: Pick<DecisionHands, "riskRefusal" | "riskGranted">;
  readonly #news: ProposalNews;

  constructor(
    state: KernelState,
    hands: Pick<DecisionHands, "riskRefusal" | "riskGranted">,
    news: ProposalNews,
  ) {
    this.#state = state;
    this.#hands = hands;
    this.#news = news;
  }

  /** An admin asks; what could not be granted is refused at once. */
  propose(id: string, action: ResetRiskAction, actor: Actor): Outcome {
    const refusal = this.#hands.riskRefusal(this.#wish(actor));
    if (refusal !== undefined) return { isOk: false, text: refusal };
    const { proposals, roster } = this.#state;
    const open = proposals.all().find(({ state, action: { type } }) => isOpen(state) && type === "resetRisk");
    if (open !== undefined)
      return { isOk: false, text: `The card ${open.id} asks for it already; decide there.` };
    this.#news.show(proposals.raise(id, { action }, actor, this.#state), "proposalRaised", actor);
    const who =
      roster.holders("admin").length > 1 ? "another admin must approve it" : nobodyElse("admin", actor);
    return { isOk: true, text: `The proposal is shown on every connected platform; ${who}.` };
  }

  /** A tap won: whether this person may, and whether it may still be granted, is asked again (I7). */
  claimed(proposal: ResetProposal, event: ProposalClaimedEvent): Outcome {
    const { actor, wallAt } = event;
    const isAlone = needsCode(proposal, event.decision, actor);
    const wish = this.#wish(actor);
    const refusal =
      approvalRefusal(proposal, event.decision, actor, wallAt, this.#state.roster) ??
      this.#hands.riskRefusal(wish);
    if (refusal !== undefined) {
      this.#news.finish(proposal, "failed", refusal, event);
      return { isOk: false, text: refusal };
    }
    const { askedBy, action } = proposal;
    const changed = this.#changed(action);
    if (changed !== undefined) {
      const text = `Not done: ${changed}. Ask again with /risk_reset.`;
      this.#news.finish(proposal, "superseded", text, event);
      return { isOk: false, text };
    }
    const { request } = wish;
    this.#news.fact("resetRisk", actor, {
      request,
      askedBy,
      cause: action.cause,
      proposal: proposal.id,
      isAlone,
    });
    const { text } = this.#hands.riskGranted(wish);
    const alone = isAlone ? ` The desk's only admin ${approvedAlone(actor)}` : "";
    this.#news.finish(proposal, "done", `${text}${alone}`, event);
    return { isOk: true, text };
  }

  /** What is not as the card showed it: what two people forgave was less than this. */
  #changed({ riskState, equity }: ResetRiskAction): string | undefined {
    const state = this.#state;
    if (riskState !== state.riskState)
      return `the risk state was ${riskState} when it was asked and is ${state.riskState} now`;
    const now = state.risk.equity;
    if (now === undefined) return "what the account is worth is not known now";
    return equity - now > Math.abs(equity) * FALL_MAX
      ? `the account fell by more than ${FALL_MAX * 100} % since it was asked`
      : undefined;
  }

  /** What an approval comes to, as the ledger tells it to the next start. */
  #wish(actor: Actor): OperatorEvent {
    const { at, wallAt } = this.#state;
    return { type: "operator", at, wallAt, actor, request: { type: "resetRisk" }, isReplayed: false };
  }
}
