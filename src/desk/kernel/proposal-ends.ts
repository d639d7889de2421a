import { OUT_OF_TIME } from "../../core/approval.ts";
import type { ProposalClaimedEvent } from "../../core/event.ts";
import type { PricedProposal, Proposal, ProposalAction, RecoverAction } from "../../core/proposal.ts";
import { millis } from "../../core/units.ts";
import type { BasketDecisions } from "./basket-decisions.ts";
import type { CloseDecisions } from "./close-decisions.ts";
import type { PanicWindow } from "./panic-window.ts";
import { isBasket } from "./proposal-kinds.ts";
import type { ProposalNews } from "./proposal-news.ts";
import { isOpen } from "./proposals.ts";
import type { RecoveryDecisions } from "./recovery-decisions.ts";
import type { KernelState } from "./state.ts";

/** A tap that was in time may be a moment on its way: what happens unanswered waits for it (milliseconds). */
const ON_ITS_WAY_MS = 1_000;
const earlier = ({ wallAt, monotonicMs }: Pick<KernelState, "wallAt" | "monotonicMs">) => ({
  wallAt: millis(wallAt - ON_ITS_WAY_MS),
  monotonicMs: monotonicMs === undefined ? undefined : monotonicMs - ON_ITS_WAY_MS,
});

/** A card about a stuck rung, with what it asks; undefined: it is another one. */
const recoveryOf = (proposal: Proposal): readonly [PricedProposal, RecoverAction] | undefined =>
  proposal.quote !== undefined && proposal.action.type === "recover"
    ? [proposal, proposal.action]
    : undefined;

/** Who decides about each kind of proposal. */
interface DecisionsOf {
  readonly closes: CloseDecisions;
  readonly recovery: RecoveryDecisions;
  readonly baskets: BasketDecisions;
  readonly panics: PanicWindow;
}

/** How proposals end that nobody decides: their time runs out, they can't be trusted or shown, or the desk restarts. */
export class ProposalEnds {
  readonly #state: KernelState;
  readonly #news: ProposalNews;
  readonly #of: DecisionsOf;

  constructor(state: KernelState, news: ProposalNews, of: DecisionsOf) {
    this.#state = state;
    this.#news = news;
    this.#of = of;
  }

  /** Pending proposals whose time ran out. */
  expire(): void {
    for (const proposal of this.#state.proposals.expired(this.#state)) {
      const recovery = recoveryOf(proposal);
      if (recovery !== undefined) {
        if (this.#state.proposals.isExpired(proposal.id, earlier(this.#state)))
          this.#of.recovery.expired(...recovery);
      } else if (proposal.action.type === "panic") {
        if (this.#state.proposals.isExpired(proposal.id, earlier(this.#state)))
          this.#of.panics.begin(proposal, "Nobody took it back.");
      } else this.#news.finish(proposal, "expired", OUT_OF_TIME);
    }
  }

  /**
   * What is said to a tap that came too late; undefined: it did not. Then what happens unanswered happens. The desk's monotonic
   * time is as old as its last timer, and a recovery waits for taps that are on their way.
   */
  late(proposal: Proposal, event: ProposalClaimedEvent): string | undefined {
    const { proposals, monotonicMs } = this.#state;
    const recovery = recoveryOf(proposal);
    const now = recovery === undefined ? monotonicMs : earlier(this.#state).monotonicMs;
    if (!proposals.isExpired(event.id, { wallAt: event.wallAt, monotonicMs: now })) return undefined;
    if (recovery !== undefined) {
      this.#of.recovery.expired(...recovery);
      return "Too late: the proposal has expired, and what its card said for that case is done.";
    }
    this.#news.finish(proposal, "expired", "It expired before it was approved.", event);
    return "Too late: the proposal has expired. Nothing was done.";
  }

  /** A card that nobody could see decides nothing; a rung is asked about again by the next look. */
  unshown(id: string): void {
    const proposal = this.#state.proposals.get(id);
    if (proposal?.state !== "pending") return;
    // Nobody can take it back: there is nothing to wait for.
    if (proposal.action.type === "panic") {
      this.#of.panics.begin(proposal, "Its card could not be stored.");
      return;
    }
    if (proposal.action.type === "recover") this.#state.recoveryAsks.forget(proposal.action);
    this.#news.finish(
      proposal,
      "failed",
      "The card could not be stored, so nobody could decide; nothing was done.",
    );
  }

  /** Pending proposals can no longer be trusted: they end, with the reason; a panic waits no longer, unless it is `but`. */
  voidPending(reason: string, but?: "panic"): void {
    for (const proposal of this.#state.proposals.all()) {
      if (proposal.state !== "pending") continue;
      if (proposal.action.type === "panic") {
        if (but === undefined) this.#of.panics.begin(proposal, reason);
        continue;
      }
      if (proposal.action.type === "recover") this.#state.recoveryAsks.wantAgain(proposal.action);
      this.#news.finish(proposal, "expired", reason);
    }
  }

  /** At boot: what was claimed and never finished is judged by its orders, which have the same ids (DESIGN.md 4). */
  booted(): void {
    for (const proposal of this.#state.proposals.all())
      if (proposal.action.type === "panic" && isOpen(proposal.state)) this.#of.panics.booted(proposal);
    this.voidPending("The desk restarted; ask again for a new quote.");
    for (const proposal of this.#state.proposals.all()) {
      if (proposal.state !== "executing" && proposal.state !== "claimed") continue;
      if (isBasket(proposal)) this.#of.baskets.booted(proposal);
      else if (proposal.quote === undefined)
        this.#news.finish(
          proposal,
          "failed",
          `The desk restarted before it was done; ${LOOK[proposal.action.type] ?? "/risk shows what holds"}.`,
        );
      else if (proposal.action.type === "recover") this.#of.recovery.booted(proposal, proposal.action);
      else this.#of.closes.booted(proposal);
    }
  }
}

/** Where to look after a card that a restart cut short. */
const LOOK: Readonly<Partial<Record<ProposalAction["type"], string>>> = {
  addMargin: "/margin shows what stands behind it, and what purses count",
  cancel: "/orders shows what rests",
  disarm: "/deadman shows what holds",
  hedge: "hedges that were sent go on, and /grid shows them",
};
