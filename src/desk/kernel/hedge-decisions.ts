import type { ProposalClaimedEvent } from "../../core/event.ts";
import type { HedgeAction } from "../../core/hedge-action.ts";
import type { Actor, HedgeProposal, Proposal } from "../../core/proposal.ts";
import type { RungView } from "../../core/recovery.ts";
import { mulDiv, ONE } from "../../core/units.ts";
import type { Outcome } from "../ports.ts";
import type { DecisionHands } from "./decisions.ts";
import { hedgeListOf, type QuoteOfRung } from "./hedge-list.ts";
import { hedgeText } from "./hedge-offer.ts";
import { isHedge } from "./proposal-kinds.ts";
import type { ProposalNews } from "./proposal-news.ts";
import { isOpen } from "./proposals.ts";
import { rungsOf } from "./rungs-of.ts";
import type { KernelState } from "./state.ts";

/** Hedges that a person asks for by himself: a list of losing rungs, opened when somebody else approves it. */
export class HedgeDecisions {
  readonly #state: KernelState;
  readonly #hands: Pick<DecisionHands, "toEngine">;
  readonly #news: ProposalNews;
  readonly #quoteOf: QuoteOfRung;

  constructor(
    state: KernelState,
    hands: Pick<DecisionHands, "toEngine">,
    news: ProposalNews,
    quoteOf: QuoteOfRung,
  ) {
    this.#state = state;
    this.#hands = hands;
    this.#news = news;
    this.#quoteOf = quoteOf;
  }

  /** The list is made now, and stays as it is on the card. */
  propose(id: string, asked: Pick<HedgeAction, "engine" | "part">, actor: Actor): Outcome {
    const open = this.#state.proposals
      .all()
      .find(
        ({ state, action }) => isOpen(state) && action.type === "hedge" && action.engine === asked.engine,
      );
    if (open !== undefined)
      return { isOk: false, text: `The card ${open.id} asks about ${asked.engine} already; decide there.` };
    const action = hedgeListOf(this.#state, asked, this.#quoteOf);
    if (typeof action === "string") return { isOk: false, text: action };
    this.#raise(id, action, actor);
    return {
      isOk: true,
      text: "The card is on every connected platform; another person with the role risk approves it.",
    };
  }

  /** A tap won: every rung and every figure is looked at again (I7). */
  claimed(proposal: HedgeProposal, event: ProposalClaimedEvent): Outcome {
    const { action } = proposal;
    const now = hedgeListOf(this.#state, action, this.#quoteOf, action.rungs);
    const reason = typeof now === "string" ? now.replace(/\.$/, "") : this.#changed(action, now, event);
    if (reason !== undefined) {
      const text = `Not hedged: ${reason}.`;
      const next = typeof now === "string" ? undefined : event.requoteId;
      const told = next === undefined ? text : `${text} A new card replaces it.`;
      this.#news.finish(proposal, next === undefined ? "failed" : "superseded", told, event, next);
      if (typeof now !== "string") this.#raise(event.requoteId, now, proposal.askedBy, proposal.id);
      return { isOk: false, text: next === undefined ? text : `${text} Look at the new card.` };
    }
    this.#execute(proposal, event);
    return { isOk: true, text: "Approved; opening the hedges now." };
  }

  /** After every turn: does each pair stand, or has a ladder taken its place? */
  progress(): void {
    for (const proposal of this.#state.proposals.executing())
      if (isHedge(proposal)) this.#progressOf(proposal);
  }

  #raise(id: string, action: HedgeAction, actor: Actor, supersedes?: string): void {
    const raised = this.#state.proposals.raise(id, { action }, actor, this.#state, supersedes);
    this.#news.show(raised, "proposalRaised", actor);
  }

  /** What is not as the card showed it, in words. */
  #changed(shown: HedgeAction, now: HedgeAction, { wallAt }: ProposalClaimedEvent): string | undefined {
    const { config, board } = this.#state;
    const { dataAgeMaxMs, drift } = config.proposals;
    for (const { rung, lots } of shown.rungs)
      if (now.rungs.find((each) => each.rung === rung)?.lots !== lots)
        return `rung ${rung} is not as it was when the card was made`;
    const { topWallAt } = board.of(shown.instrument);
    if (topWallAt === undefined || wallAt - topWallAt > dataAgeMaxMs) return "the market data is too old";
    if (now.figures.riskState !== shown.figures.riskState) return "the desk's risk state changed";
    const move = Math.abs(now.figures.price - shown.figures.price);
    return mulDiv(move, ONE, shown.figures.price, "up") > drift ? "the price moved" : undefined;
  }

  #execute(proposal: HedgeProposal, event: ProposalClaimedEvent): void {
    const state = this.#state;
    const { engine, instrument, positionSide, rungs } = proposal.action;
    this.#news.executing(proposal, event);
    state.circuit.retry(instrument, "person");
    state.proposals.start(proposal.id, new Map(), state.wallAt);
    const { at, wallAt } = state;
    const by = event.actor.person;
    for (const { rung } of rungs)
      this.#hands.toEngine(engine, {
        type: "recoverRung",
        at,
        wallAt,
        engine,
        instrument,
        positionSide,
        rung,
        how: "hedge",
        fixed: undefined,
        by,
      });
  }

  #progressOf(proposal: HedgeProposal): void {
    const { proposals, wallAt } = this.#state;
    const views = rungsOf(this.#state, proposal.action.engine);
    const results = proposal.action.rungs.map(({ rung }) => ({
      rung,
      text: resultOf(views.find(({ index }) => index === rung)),
    }));
    const lines = results.map(({ rung, text }) => `Rung ${rung}: ${text ?? "its hedge is being opened"}`);
    this.#news.progress(proposal, lines);
    const isDone = results.every(({ text }) => text !== undefined);
    if (!isDone && !proposals.isOverdue(proposal.id, wallAt)) return;
    const isGood = results.every(({ text }) => text === STANDS);
    this.#finish(proposal, isGood ? "done" : "failed", lines.join("; "));
  }

  #finish(proposal: Proposal, to: "done" | "failed", text: string): void {
    const { engine } = proposal.action as HedgeAction;
    const next = to === "done" ? "" : ` The engine goes on; /grid ${engine} shows how far it is.`;
    this.#news.finish(proposal, to, `${text}.${next}`);
  }
}

const STANDS = "the hedge stands";

/** What came of one rung; undefined: its hedge is being opened. */
function resultOf(view: RungView | undefined): string | undefined {
  if (view === undefined || view.held === 0) return "it is flat";
  const text = hedgeText(view);
  return text === undefined
    ? undefined
    : text === "The hedge stands."
      ? STANDS
      : "no hedge, a ladder instead";
}
