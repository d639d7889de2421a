import type { ProposalClaimedEvent } from "../../core/event.ts";
import type { Actor, Proposal } from "../../core/proposal.ts";
import type { Effect } from "./effect.ts";
import { ordersOf } from "./proposal-result.ts";
import { executed } from "./proposals.ts";
import type { KernelState } from "./state.ts";

/** Tells people and the ledger what becomes of proposals. */
export class ProposalNews {
  readonly #state: KernelState;
  readonly #effect: (effect: Effect) => void;

  constructor(state: KernelState, effect: (effect: Effect) => void) {
    this.#state = state;
    this.#effect = effect;
  }

  /** Somebody approved it, and it may be carried out. */
  executing(proposal: Proposal, { actor, wallAt }: ProposalClaimedEvent): void {
    const moved = this.#state.proposals.move(proposal.id, "executing", {
      decision: "approve",
      decidedBy: actor,
      decidedWallAt: wallAt,
    });
    if (moved !== undefined) this.show(moved, "proposalExecuting", actor);
  }

  /** How far the parts of it are; people are told when that changes. */
  progress(proposal: Proposal, lines: readonly string[]): void {
    if (proposal.progress?.join("\n") === lines.join("\n")) return;
    const moved = this.#state.proposals.move(proposal.id, "executing", { progress: lines });
    if (moved !== undefined) this.#effect({ type: "show", proposal: moved });
  }

  /** It ends, with what came of it in a sentence. */
  finish(
    proposal: Proposal,
    to: Proposal["state"],
    outcome: string,
    claim?: ProposalClaimedEvent,
    supersededBy?: string,
  ): void {
    const { action } = proposal;
    const ids = action.type === "basket" ? action.parts.map(({ id }) => id) : [proposal.id];
    const done = executed(ids.flatMap((id) => ordersOf(this.#state, id)));
    const moved = this.#state.proposals.move(proposal.id, to, {
      outcome,
      executedLots: done.executedLots,
      executedCost: done.executedCost,
      realized: done.realized,
      fees: done.fees,
      ...(supersededBy === undefined ? {} : { supersededBy }),
      ...(claim === undefined
        ? {}
        : { decision: claim.decision, decidedBy: claim.actor, decidedWallAt: claim.wallAt }),
    });
    if (moved !== undefined)
      this.show(moved, "proposalEnded", claim?.actor ?? proposal.decidedBy ?? proposal.askedBy);
  }

  /** A proposal as it is now, on every platform and in the ledger. */
  show(proposal: Proposal, kind: string, actor: Actor): void {
    this.fact(kind, actor, {
      id: proposal.id,
      state: proposal.state,
      action: proposal.action,
      ...(proposal.quote === undefined ? {} : { quote: proposal.quote }),
      outcome: proposal.outcome ?? null,
    });
    this.#effect({ type: "show", proposal });
  }

  /** A line for the audit ledger. */
  fact(kind: string, actor: Actor, body: Readonly<Record<string, unknown>>): void {
    this.#effect({
      type: "fact",
      kind,
      actor: `${actor.person}@${actor.platform}`,
      body: { ...body, actor },
    });
  }
}
