import { approvalRefusal } from "../../core/approval.ts";
import type { ProposalClaimedEvent } from "../../core/event.ts";
import type { Actor, PanicProposal, Proposal } from "../../core/proposal.ts";
import type { Outcome } from "../ports.ts";
import type { Panic } from "./panic.ts";
import type { ProposalNews } from "./proposal-news.ts";
import type { KernelState } from "./state.ts";

const TAKEN_BACK = "Taken back: nothing was closed. Entries stay paused; /resume lets engines enter again.";
const DONE = "The engines hold nothing, and nothing of theirs rests.";

/**
 * A panic that was pressed and can still be taken back for some seconds. Entries are paused at once; when the time is over, or
 * nobody could take it back any more, everything is closed.
 */
export class PanicWindow {
  readonly #state: KernelState;
  readonly #panic: Panic;
  readonly #news: ProposalNews;

  constructor(state: KernelState, panic: Panic, news: ProposalNews) {
    this.#state = state;
    this.#panic = panic;
    this.#news = news;
  }

  /** The card that waits; undefined: there is none. */
  get #waiting(): PanicProposal | undefined {
    return panics(this.#state.proposals.all()).find(({ state }) => state === "pending");
  }

  /** Somebody pressed: a card takes it back for so long. `id` undefined: there can be none. A second press waits for nothing. */
  press(id: string | undefined, actor: Actor): Outcome {
    const state = this.#state;
    const { panicUndoMs = 0 } = state.config.proposals;
    const waiting = this.#waiting;
    if (waiting !== undefined) this.begin(waiting, "It was pressed once more: nobody waits any longer.");
    else if (id !== undefined && panicUndoMs > 0 && !this.#panic.isRunning) {
      const action = { type: "panic", account: state.config.account } as const;
      this.#news.show(state.proposals.raise(id, { action }, actor, state), "proposalRaised", actor);
      const seconds = Math.ceil(panicUndoMs / 1_000);
      const text = `Panic: entries are paused and taken back. In ${seconds} s all that the engines hold is closed; until then the card takes it back.`;
      return { isOk: true, text };
    } else this.#panic.start();
    const text =
      "Panic: entries are paused and taken back; everything the desk's engines hold is being closed.";
    return { isOk: true, text };
  }

  /** Everything is closed now. */
  begin(proposal: Proposal, why: string, claim?: ProposalClaimedEvent): void {
    const by =
      claim === undefined
        ? {}
        : { decision: claim.decision, decidedBy: claim.actor, decidedWallAt: claim.wallAt };
    const moved = this.#state.proposals.move(proposal.id, "executing", { outcome: why, ...by });
    if (moved !== undefined) this.#news.show(moved, "proposalExecuting", claim?.actor ?? proposal.askedBy);
    this.#panic.start();
  }

  /** Somebody decided in time: at once, or not at all. */
  claimed(proposal: Proposal, event: ProposalClaimedEvent): Outcome {
    if (event.decision !== "reject") {
      this.begin(proposal, "Nobody waits any longer.", event);
      return { isOk: true, text: "Everything that the engines hold is being closed." };
    }
    const refusal = approvalRefusal(proposal, event.decision, event.actor, event.wallAt, this.#state.roster);
    if (refusal !== undefined) {
      this.begin(proposal, refusal, event);
      return { isOk: false, text: refusal };
    }
    this.#takeBack(proposal, event.actor, event);
    return { isOk: true, text: TAKEN_BACK };
  }

  #takeBack(proposal: Proposal, actor: Actor, claim?: ProposalClaimedEvent): void {
    this.#panic.end();
    this.#news.fact("panicUndone", actor, { request: { type: "panicUndone" } });
    this.#news.finish(proposal, "rejected", TAKEN_BACK, claim);
  }

  /** After every turn: what runs may be done. */
  progress(): void {
    if (this.#panic.isRunning) return;
    for (const proposal of panics(this.#state.proposals.executing()))
      this.#news.finish(proposal, "done", DONE);
  }

  /** Somebody resumed: what is held now is meant to be. */
  resumed(actor: Actor): void {
    for (const proposal of panics(this.#state.proposals.all())) {
      if (proposal.state === "pending" || proposal.state === "executing")
        this.#news.finish(proposal, "failed", `${actor.person} resumed before everything was closed.`);
    }
  }

  /** At boot: the ledger knows of the panic. Taken back in the moment before the restart it is so; else it goes on without its card. */
  booted(proposal: Proposal): void {
    const { state, decision, decidedBy } = proposal;
    if (state === "claimed" && decision === "reject" && decidedBy !== undefined) {
      this.#takeBack(proposal, decidedBy);
      return;
    }
    this.#news.finish(proposal, "expired", "The desk restarted; the panic goes on, nobody can take it back.");
  }
}

const panics = (proposals: readonly Proposal[]): readonly PanicProposal[] =>
  proposals.filter((proposal) => proposal.action.type === "panic") as readonly PanicProposal[];
