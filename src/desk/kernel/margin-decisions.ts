import type { MarginAnsweredEvent, OperatorEvent, ProposalClaimedEvent } from "../../core/event.ts";
import { sizeUnit } from "../../core/instrument.ts";
import type { AddMarginAction, MarginCount, MarginWish } from "../../core/margin-action.ts";
import { type Actor, DESK, type MarginProposal } from "../../core/proposal.ts";
import { digitsOf, moneyText, textOf } from "../../core/text.ts";
import { mulDiv, ONE, type Ticks, type Value, value } from "../../core/units.ts";
import type { Outcome } from "../ports.ts";
import type { Effect } from "./effect.ts";
import { marginActionOf } from "./margin-quote.ts";
import { isMargin } from "./proposal-kinds.ts";
import type { ProposalNews } from "./proposal-news.ts";
import { isOpen } from "./proposals.ts";
import type { KernelState } from "./state.ts";

const no = (text: string): Outcome => ({ isOk: false, text });

/** Margin that a person adds to an isolated position: a card, one request that is never repeated, and purses that count it (X26). */
export class MarginDecisions {
  readonly #state: KernelState;
  readonly #news: ProposalNews;
  readonly #effect: (effect: Effect) => void;

  constructor(state: KernelState, news: ProposalNews, effect: (effect: Effect) => void) {
    this.#state = state;
    this.#news = news;
    this.#effect = effect;
  }

  /** The figures are made now, and stay as they are on the card. */
  propose(id: string, wish: MarginWish, actor: Actor): Outcome {
    const action = marginActionOf(this.#state, wish);
    if (typeof action === "string") return no(action);
    const open = this.#open().find((each) => isSameBook(each.action, action));
    if (open !== undefined)
      return no(`The card ${open.id} asks about ${action.instrument} already; decide there.`);
    this.#raise(id, action, actor);
    return {
      isOk: true,
      text: "The card is on every connected platform; somebody with the role risk approves it.",
    };
  }

  /** A tap won: every figure is looked at again (I7). */
  claimed(proposal: MarginProposal, event: ProposalClaimedEvent): Outcome {
    const { action } = proposal;
    const now = marginActionOf(this.#state, wishOf(action));
    const reason = typeof now === "string" ? now : this.#changed(action, now, event);
    if (typeof now === "string" || reason !== undefined) {
      const text = `Not added: ${reason}`;
      if (typeof now === "string") this.#news.finish(proposal, "failed", text, event);
      else {
        const told = `${text} A new card replaces it.`;
        this.#news.finish(proposal, "superseded", told, event, event.requoteId);
        this.#raise(event.requoteId, now, proposal.askedBy, proposal.id);
      }
      return no(typeof now === "string" ? text : `${text} Look at the new card.`);
    }
    this.#news.executing(proposal, event);
    this.#state.proposals.start(proposal.id, new Map(), this.#state.wallAt);
    // Counted before it leaves: if its answer is lost, the purse is safe.
    this.#count(countOf(now, 1), event.actor);
    const { account, instrument, positionSide, amount } = now;
    this.#effect({ type: "addMargin", id: proposal.id, account, instrument, positionSide, amount });
    return { isOk: true, text: "Approved; adding the margin now." };
  }

  /** The exchange answered, or did not. */
  answered({ id, status, reason = "no reason given" }: MarginAnsweredEvent): void {
    const proposal = this.#state.proposals.get(id);
    if (proposal === undefined || !isMargin(proposal) || proposal.state !== "executing") return;
    const { action } = proposal;
    if (status === "refused") {
      this.#count(countOf(action, -1), DESK);
      this.#news.finish(proposal, "failed", `The exchange refused it: ${reason}. Nothing was added.`);
      return;
    }
    const has = this.#has(action);
    // Funding may have taken a little of it since: what was sent is far more.
    const isThere =
      has !== undefined && has - action.figures.behind >= mulDiv(action.amount, ONE / 2, ONE, "down");
    if (status === "added" || isThere) {
      const how = status === "added" ? "" : "Its answer was lost, and the margin is there. ";
      this.#news.finish(proposal, "done", `${how}${this.#standsText(action)}`);
      return;
    }
    this.#news.finish(
      proposal,
      "failed",
      `The exchange did not say whether it was added (${reason}). ${this.#standsText(action)} The purse counts it until the position is closed; look again in a minute before you ask for more.`,
    );
  }

  /** After every turn: nobody answers any more, and engines that hold nothing there any more have their purse back. */
  progress(): void {
    const { proposals, wallAt, facts, account, isConfirmed } = this.#state;
    for (const proposal of proposals.executing())
      if (isMargin(proposal) && proposals.isOverdue(proposal.id, wallAt))
        this.answered({ type: "marginAnswered", ...TOO_LATE, ...this.#times(proposal), id: proposal.id });
    if (!isConfirmed) return;
    for (const { instrument, positionSide, engine, amount } of facts.margins.all()) {
      if (account.share(instrument, positionSide, engine).lots !== 0) continue;
      this.#count({ instrument, positionSide, parts: [[engine, value(-amount)]] }, DESK);
    }
  }

  /** What counts against purses, from the ledger at boot. */
  recalled(request: OperatorEvent["request"] & { readonly type: "marginCounted" }): Outcome {
    this.#state.facts.margins.count(request);
    return { isOk: true, text: "" };
  }

  #open(): readonly MarginProposal[] {
    return this.#state.proposals
      .all()
      .filter(isMargin)
      .filter(({ state }) => isOpen(state));
  }

  #raise(id: string, action: AddMarginAction, actor: Actor, supersedes?: string): void {
    const raised = this.#state.proposals.raise(id, { action }, actor, this.#state, supersedes);
    this.#news.show(raised, "proposalRaised", actor);
  }

  #count(count: MarginCount, actor: Actor): void {
    this.#state.facts.margins.count(count);
    this.#news.fact("marginCounted", actor, { request: { type: "marginCounted", ...count } });
  }

  /** What is not as the card showed it, in words. */
  #changed(
    { figures: shown, instrument }: AddMarginAction,
    { figures: now }: AddMarginAction,
    { wallAt }: ProposalClaimedEvent,
  ): string | undefined {
    const { config, board } = this.#state;
    const { dataAgeMaxMs, drift } = config.proposals;
    const { markWallAt } = board.of(instrument);
    if (markWallAt === undefined || wallAt - markWallAt > dataAgeMaxMs) return "the market data is too old.";
    if (now.lots !== shown.lots) return "the position is not as it was when the card was made.";
    if (now.riskState !== shown.riskState) return "the desk's risk state changed.";
    if (now.behind !== shown.behind) return "its margin is not as it was when the card was made.";
    const move = Math.abs(now.mark - shown.mark);
    return mulDiv(move, ONE, shown.mark, "up") > drift ? "the price moved." : undefined;
  }

  /** What stands behind the position now, as the exchange says; undefined: it says nothing. */
  #has({ instrument, positionSide }: AddMarginAction): Value | undefined {
    const book = this.#state.account.look(instrument, positionSide);
    return book === undefined ? undefined : this.#state.account.exposure(book)?.isolatedWallet;
  }

  #standsText(action: AddMarginAction): string {
    const { instrument: id, positionSide, figures } = action;
    const book = this.#state.account.look(id, positionSide);
    const exposure = book === undefined ? undefined : this.#state.account.exposure(book);
    const instrument = this.#state.instrument(id);
    if (exposure === undefined || instrument === undefined) return `/positions ${id} shows what holds.`;
    const size = `${textOf(Math.abs(exposure.lots), instrument.lot)} ${sizeUnit(instrument)}`;
    const at = (price: Ticks | undefined): string =>
      price === undefined ? "at no price that the exchange tells" : `at ${textOf(price, instrument.tick)}`;
    return `${moneyText(exposure.isolatedWallet, digitsOf(figures.asset))} ${figures.asset} stand behind ${size} now, with liquidation ${at(exposure.liquidation)}.`;
  }

  #times({ action: { account } }: MarginProposal) {
    const { at, wallAt } = this.#state;
    return { at, wallAt, account };
  }
}

const TOO_LATE = { status: "unknown", reason: "no answer came" } as const;

const isSameBook = (one: AddMarginAction, other: AddMarginAction): boolean =>
  one.instrument === other.instrument && one.positionSide === other.positionSide;

/** The same wish again; in one-way mode the side is what is held. */
const wishOf = ({ instrument, positionSide, amount }: AddMarginAction): MarginWish => ({
  instrument,
  positionSide: positionSide === "both" ? undefined : positionSide,
  amount,
});

const countOf = ({ instrument, positionSide, figures }: AddMarginAction, sign: 1 | -1): MarginCount => ({
  instrument,
  positionSide,
  parts: figures.purses.map(({ engine, part }) => [engine, value(sign * part)] as const),
});
