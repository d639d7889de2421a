import { explained } from "../../core/book.ts";
import type { FixedId, ProposalClaimedEvent } from "../../core/event.ts";
import { sizeUnit } from "../../core/instrument.ts";
import type { AskRecoveryIntent } from "../../core/intent.ts";
import { isLive } from "../../core/order.ts";
import {
  type Actor,
  DESK,
  type PricedProposal,
  type Proposal,
  type Quote,
  type RecoverAction,
  refusedWay,
} from "../../core/proposal.ts";
import { DEADLINE, type RecoveryChoice, type RungView } from "../../core/recovery.ts";
import { textOf } from "../../core/text.ts";
import type { Outcome } from "../ports.ts";
import type { DecisionHands } from "./decisions.ts";
import { quoteInput } from "./guarding.ts";
import { hedgeOffer, hedgeText, withHedge } from "./hedge-offer.ts";
import type { ProposalNews } from "./proposal-news.ts";
import { ordersOf, resultText } from "./proposal-result.ts";
import { askedId, executed, fixedIdOf, isOpen, type Targets } from "./proposals.ts";
import { quoteClose } from "./quote.ts";
import { recoveryOf } from "./recovery-action.ts";
import { ASK_AFTER_MS, type RungKey } from "./recovery-asks.ts";
import { rungOf, stuckRungs } from "./rungs-of.ts";
import type { KernelState } from "./state.ts";

type RecoverProposal = PricedProposal & { readonly action: RecoverAction };

const DOING: Readonly<Record<RecoveryChoice, string>> = {
  aggressive: "closing it at the market now",
  ladder: "placing the ladder now",
  hedge: "opening the hedge now",
};

/** What becomes of stuck rungs when people are asked: raise, withdraw, carry out, and look what came of it. */
export class RecoveryDecisions {
  readonly #state: KernelState;
  readonly #hands: Pick<DecisionHands, "toEngine">;
  readonly #news: ProposalNews;

  constructor(state: KernelState, hands: Pick<DecisionHands, "toEngine">, news: ProposalNews) {
    this.#state = state;
    this.#hands = hands;
    this.#news = news;
  }

  /** A person asks about a rung at once. */
  propose(id: string, action: RecoverAction, actor: Actor): Outcome {
    const open = this.#openOf(action);
    if (open !== undefined)
      return { isOk: false, text: `The card ${open.id} asks about this rung already; decide there.` };
    const quote = this.quote(action);
    if (typeof quote === "string") return { isOk: false, text: quote };
    this.#raise(id, withHedge(this.#state, action, quote).action, quote, actor);
    return { isOk: true, text: "The proposal is shown on every connected platform; choose a way there." };
  }

  /** What is asked anew with other figures: whether a hedge is among the ways goes by them too. */
  asked(action: RecoverAction, quote: Quote): RecoverAction {
    const { action: offered } = withHedge(this.#state, action, quote);
    // With nothing left to choose the choice of before is shown once more: whoever takes it is told why not.
    return offered.ways.length === 0 ? { ...offered, ways: action.ways } : offered;
  }

  /** What closing the rung now would cost, or one sentence why nobody can say. */
  quote(action: Pick<RecoverAction, "engine" | "rung" | "instrument" | "positionSide">): Quote | string {
    const state = this.#state;
    const book = state.account.book(action.instrument, action.positionSide);
    const input = quoteInput(state, book);
    if (input === undefined) return `${action.instrument} is not an instrument of this desk.`;
    const view = rungOf(state, action);
    if (view === undefined || view.held === 0)
      return `Rung ${action.rung} of ${action.engine} holds nothing.`;
    const share = state.account.share(action.instrument, action.positionSide, action.engine).lots;
    if (Math.sign(share) !== Math.sign(explained(book)))
      return `The position of ${action.instrument} stands against ${action.engine}; close it with /close.`;
    const quote = quoteClose(input, view.held, view.entry);
    return quote ?? `There are no prices for ${action.instrument} just now; try again.`;
  }

  /** After turns, now and then: shows what is asked, takes back what is settled, and looks what became of decisions. */
  progress(): void {
    const state = this.#state;
    if (!state.recoveryAsks.isLookDue(state.wallAt)) return;
    for (const proposal of recoveries(state.proposals.all())) {
      if (proposal.state === "pending") this.#withdraw(proposal);
      else if (proposal.state === "executing") this.#progressOf(proposal);
    }
    for (const intent of state.recoveryAsks.wanted()) this.#ask(intent);
  }

  /** A job asks to look: rungs that are stuck for long, and about which nobody was asked for long, are asked about. */
  askAgain(): void {
    const state = this.#state;
    for (const { view, ...key } of stuckRungs(state)) {
      const { stuckSince } = view;
      const grid = state.config.grids.find(({ engine }) => engine === key.engine);
      if (grid?.recovery === "none" || state.recoveryAsks.holds(key, state.at) !== undefined) continue;
      if (stuckSince === undefined || state.at - stuckSince < ASK_AFTER_MS) continue;
      const last = state.recoveryAsks.last(key);
      const action = recoveryOf(state, key);
      if (typeof action === "string") continue;
      // The first question of a hedge offers nothing else; whatever came of it, all ways are asked about now.
      const isFirst = last === undefined || last.ways.length === 1;
      // Nobody has asked for this card: unanswered it closes, as the engine's own does (decision 0018).
      const asked = isFirst ? ({ ...action, fallback: "aggressive", type: "askRecovery" } as const) : last;
      state.recoveryAsks.want({ ...asked, lots: view.held, stuckSince });
    }
  }

  /** Approved in one of its ways, by a person or by the deadline that the card named. */
  carryOut(
    proposal: PricedProposal,
    action: RecoverAction,
    how: RecoveryChoice,
    claim?: ProposalClaimedEvent,
  ): Outcome {
    const state = this.#state;
    if (!state.engines.has(action.engine) || state.failed.has(action.engine)) {
      const text = `Engine ${action.engine} is stopped; close with /close ${action.instrument}.`;
      this.#news.finish(proposal, "failed", text, claim);
      return { isOk: false, text };
    }
    const refusal = how === "hedge" ? this.#hedgeRefusal(action) : undefined;
    if (refusal !== undefined) return this.#notHedged(proposal, action, refusal, claim);
    const by = claim === undefined ? {} : { decidedBy: claim.actor };
    const decidedWallAt = claim?.wallAt ?? state.wallAt;
    const moved = state.proposals.move(proposal.id, "executing", { decision: how, decidedWallAt, ...by });
    if (moved !== undefined) this.#news.show(moved, "proposalExecuting", claim?.actor ?? DESK);
    this.#answered(proposal, action);
    state.circuit.retry(action.instrument, "person");
    state.proposals.start(proposal.id, restingNow(rungOf(state, action)), state.wallAt);
    const fixed = how === "aggressive" ? fixedIdOf(proposal.id) : undefined;
    this.#tellEngine(action, how, { fixed, by: claim?.actor.person ?? DEADLINE });
    return { isOk: true, text: `Decided; ${DOING[how]}.` };
  }

  /** A person said no: nothing is done, or what the card declared for it. */
  rejected(proposal: Proposal, action: RecoverAction, claim: ProposalClaimedEvent): Outcome {
    this.#answered(proposal, action);
    const way = refusedWay(action);
    const text =
      way === "wait"
        ? "It stays as it is; nothing was done."
        : `The ${action.ways.join()} is refused; ${DOING[way]}.`;
    this.#news.finish(proposal, "rejected", text, claim);
    if (way !== "wait") this.#tellEngine(action, way, { by: claim.actor.person });
    return { isOk: true, text };
  }

  #answered({ askedBy }: Proposal, action: RecoverAction): void {
    this.#state.recoveryAsks.answered(action, this.#state.at, askedBy.person !== DESK.person);
  }

  /** Why a hedge that was chosen is not opened after all: looked at again in the turn in which it is to be sent. */
  #hedgeRefusal(action: RecoverAction): string | undefined {
    const quote = this.quote(action);
    if (typeof quote === "string") return quote;
    const offer = hedgeOffer(this.#state, action, quote);
    return offer.isOk ? undefined : offer.reason;
  }

  #notHedged(
    proposal: Proposal,
    action: RecoverAction,
    reason: string,
    claim: ProposalClaimedEvent | undefined,
  ): Outcome {
    const way = refusedWay(action);
    const then = way === "wait" ? "Nothing was done." : `Instead: ${DOING[way]}.`;
    const text = `Not hedged: ${reason}. ${then}`;
    this.#answered(proposal, action);
    this.#news.finish(proposal, "failed", text, claim);
    if (way !== "wait") this.#tellEngine(action, way, { instead: reason });
    return { isOk: false, text };
  }

  /** Left out of `why`: nobody chose this way, it stands in for a hedge that there can't be. */
  #tellEngine(
    action: RecoverAction,
    how: RecoveryChoice,
    why: { readonly fixed?: FixedId | undefined; readonly by?: string; readonly instead?: string },
  ): void {
    const { at, wallAt } = this.#state;
    const { engine, instrument, positionSide, rung } = action;
    const event = {
      type: "recoverRung",
      at,
      wallAt,
      engine,
      instrument,
      positionSide,
      rung,
      how,
      fixed: why.fixed,
      ...(why.by === undefined ? {} : { by: why.by }),
      ...(why.instead === undefined ? {} : { instead: why.instead }),
    } as const;
    this.#hands.toEngine(engine, event);
  }

  /** Nobody decided in time: what the card said happens. */
  expired(proposal: PricedProposal, action: RecoverAction): void {
    const { fallback } = action;
    // A hedge adds a position: never without a person.
    if (fallback === "wait" || fallback === "hedge") {
      this.#answered(proposal, action);
      this.#news.finish(proposal, "expired", "Nobody decided in time; the desk waits, as the card said.");
      return;
    }
    this.carryOut(proposal, action, fallback);
  }

  /** At boot: what was decided is judged by the orders that there are. */
  booted(proposal: PricedProposal, action: RecoverAction): void {
    const state = this.#state;
    const role =
      proposal.decision === "ladder" || proposal.decision === "hedge" ? proposal.decision : undefined;
    const isOurs = (order: { readonly facts: { engine: string; rung: number; role: string } }): boolean =>
      order.facts.engine === action.engine && order.facts.rung === action.rung && order.facts.role === role;
    const made =
      role === undefined
        ? ordersOf(state, proposal.id)
        : [...state.orders.all()].filter(
            (order) => isOurs(order) && order.createdAt >= proposal.quote.quotedAt,
          );
    const isDone = made.some((order) => order.filled > 0 || isLive(order.state));
    const text = !isDone
      ? "The desk restarted before its orders were sent; nothing was done."
      : role === undefined
        ? `The desk restarted while it ran. ${resultText(state, proposal)}`
        : `The desk restarted while it ran; its orders are there. /grid ${action.engine} shows them.`;
    this.#news.finish(proposal, isDone ? "done" : "failed", text);
  }

  #ask(intent: AskRecoveryIntent): void {
    const state = this.#state;
    const { type: _, ...asked } = intent;
    const action: RecoverAction = { type: "recover", ...asked };
    const settled = this.#settledText(action);
    if (settled !== undefined) {
      state.recoveryAsks.forget(intent);
      return;
    }
    // Somebody who asked by himself decided a moment ago: that holds, though the engine's time has come.
    if (state.recoveryAsks.holds(intent, state.at) === "person") {
      state.recoveryAsks.shown(intent);
      return;
    }
    if (this.#openOf(action) === undefined) {
      const quote = this.quote(action);
      // Without prices it waits: a card without figures would be approved blindly.
      if (typeof quote === "string") return;
      const { action: offered, reason } = withHedge(state, { ...action, lots: quote.lots }, quote);
      if (offered.ways.length === 0) {
        // Nothing is left to decide: what was declared for it is done.
        state.recoveryAsks.answered(action, state.at, false);
        if (action.fallback !== "wait")
          this.#tellEngine(action, action.fallback, reason === undefined ? {} : { instead: reason });
        return;
      }
      const id = askedId(state.recoveryAsks.nextCount(), state.config.epoch);
      this.#raise(id, offered, quote, DESK);
    }
    state.recoveryAsks.shown(intent);
  }

  #raise(id: string, action: RecoverAction, quote: Quote, actor: Actor): void {
    const proposal = this.#state.proposals.raise(id, { action, quote }, actor, this.#state);
    this.#news.show(proposal, "proposalRaised", actor);
  }

  #openOf({ engine, rung }: RungKey): Proposal | undefined {
    return recoveries(this.#state.proposals.all()).find(
      ({ state, action }) => isOpen(state) && action.engine === engine && action.rung === rung,
    );
  }

  /** Why there is nothing to decide any more; undefined: there is. */
  #settledText(action: RecoverAction): string | undefined {
    const view = rungOf(this.#state, action);
    if (view === undefined || view.held === 0) return "The rung is flat: there is nothing left to recover.";
    if (view.status === "closing" || view.stage === "closing") return "The rung is being closed already.";
    if (view.stuckSince === undefined) return "The rung is not stuck any more.";
    return undefined;
  }

  #withdraw(proposal: RecoverProposal): void {
    const text = this.#settledText(proposal.action);
    if (text === undefined) return;
    this.#state.recoveryAsks.forget(proposal.action);
    this.#news.finish(proposal, "expired", text);
  }

  #progressOf(proposal: RecoverProposal): void {
    const state = this.#state;
    const text = this.#reachedText(proposal);
    if (text !== undefined) {
      this.#news.finish(proposal, "done", text);
      return;
    }
    if (!state.proposals.isOverdue(proposal.id, state.wallAt)) return;
    const orders = ordersOf(state, proposal.id);
    const why = orders.find((order) => order.reason !== undefined)?.reason ?? "it took too long";
    const done = executed(orders).executedLots === 0 ? "" : ` ${resultText(state, proposal)}`;
    this.#news.finish(proposal, "failed", `Not reached yet (${why}); the engine goes on.${done}`);
  }

  /** What came of a decision; undefined: it is still under way. */
  #reachedText(proposal: RecoverProposal): string | undefined {
    const { action, decision } = proposal;
    const state = this.#state;
    const view = rungOf(state, action);
    if (view === undefined || view.held === 0) return resultText(state, proposal);
    const instrument = state.instrument(action.instrument);
    if (decision === "hedge") return hedgeText(view);
    if (decision !== "ladder" || instrument === undefined) return undefined;
    const before = state.proposals.targets(proposal.id);
    const slices = view.closes.filter(({ isLadder }) => isLadder);
    const resting = slices.reduce((sum, slice) => sum + slice.lots, 0);
    // The slices of an earlier ladder rest until the exchange has taken them back.
    const isOld = slices.every(({ price }) => before.has(String(price)));
    if (view.attempts <= (before.get("attempts") ?? 0) || isOld || resting < view.held) return undefined;
    const texts = slices.map(
      (slice) => `${textOf(slice.lots, instrument.lot)} at ${textOf(slice.price, instrument.tick)}`,
    );
    return `The ladder rests: ${texts.join(", ")} (${sizeUnit(instrument)}).`;
  }
}

/** What stands when a ladder is decided: its prices, and the recoveries that were begun. */
const restingNow = (view: RungView | undefined): Targets =>
  new Map([
    ["attempts", view?.attempts ?? 0],
    ...(view?.closes ?? [])
      .filter(({ isLadder }) => isLadder)
      .map(({ price, lots }): [string, number] => [String(price), lots]),
  ]);

const recoveries = (proposals: readonly Proposal[]): readonly RecoverProposal[] =>
  proposals.filter((proposal): proposal is RecoverProposal => proposal.action.type === "recover");
