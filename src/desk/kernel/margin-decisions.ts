import { type Book, explained } from "../../core/book.ts";
import type {
  ExposureOfBook,
  MarginAnsweredEvent,
  OperatorEvent,
  ProposalClaimedEvent,
} from "../../core/event.ts";
import { sizeUnit } from "../../core/instrument.ts";
import {
  type AddMarginAction,
  type MarginCount,
  type MarginWish,
  NOT_KNOWN,
} from "../../core/margin-action.ts";
import { type Actor, DESK, type MarginProposal } from "../../core/proposal.ts";
import { digitsOf, moneyText, textOf } from "../../core/text.ts";
import { mulDiv, ONE, value } from "../../core/units.ts";
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
  readonly #isClosing: (book: Book) => boolean;

  constructor(
    state: KernelState,
    news: ProposalNews,
    effect: (effect: Effect) => void,
    isClosing: (book: Book) => boolean,
  ) {
    this.#state = state;
    this.#news = news;
    this.#effect = effect;
    this.#isClosing = isClosing;
  }

  /** The figures are made now, and stay as they are on the card. */
  propose(id: string, wish: MarginWish, actor: Actor): Outcome {
    const action = this.#actionOf(wish);
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
    const now = this.#actionOf(wishOf(action));
    const reason = typeof now === "string" ? now : this.#changed(action, now, event);
    if (reason !== undefined) {
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
    this.#count(countOf(action, 1), event.actor);
    const { account, instrument, positionSide, amount } = action;
    this.#effect({ type: "addMargin", id: proposal.id, account, instrument, positionSide, amount });
    return { isOk: true, text: "Approved; adding the margin now." };
  }

  /** The exchange answered, or did not. */
  answered({ id, status, isRead, reason = "no reason given" }: MarginAnsweredEvent): void {
    const proposal = this.#state.proposals.get(id);
    if (proposal === undefined || !isMargin(proposal) || proposal.state !== "executing") return;
    const { action } = proposal;
    if (status === "refused") {
      this.#count(countOf(action, -1), DESK);
      this.#news.finish(proposal, "failed", `The exchange refused it: ${reason}. Nothing was added.`);
      return;
    }
    const stands = isRead ? this.#standsText(action) : "/margin shows what stands behind it.";
    if (status === "added") this.#news.finish(proposal, "done", `It was added. ${stands}`);
    else if (isRead && this.#isThere(action))
      this.#news.finish(proposal, "done", `Its answer was lost, and the margin is there. ${stands}`);
    else
      this.#news.finish(
        proposal,
        "failed",
        `${NOT_KNOWN} (${reason}). ${stands} The purse counts it until the position is flat; look again in a minute before you ask for more.`,
      );
  }

  /** After every turn: nobody answers any more, and engines have their purse back where the position is flat. */
  progress(): void {
    const { proposals, wallAt, facts, account, interruptions } = this.#state;
    for (const proposal of proposals.executing())
      if (isMargin(proposal) && proposals.isOverdue(proposal.id, wallAt))
        this.answered({ type: "marginAnswered", ...TOO_LATE, ...this.#times(proposal), id: proposal.id });
    const added = facts.margins.all();
    // While a start or a gap may hide what is held, nothing is flat.
    if (added.length === 0 || !interruptions.isSteady) return;
    for (const each of added) {
      const book = account.look(each.instrument, each.positionSide);
      const isFlat =
        book === undefined ||
        (explained(book) === 0 && (book.told ?? 0) === 0 && book.mismatch === undefined);
      if (!isFlat || this.#executing().some(({ action }) => isSameBook(action, each))) continue;
      const { instrument, positionSide, engine, amount } = each;
      this.#count({ instrument, positionSide, parts: [[engine, value(-amount)]] }, DESK);
    }
  }

  /** What counts against purses, from the ledger at boot. */
  recalled(request: OperatorEvent["request"] & { readonly type: "marginCounted" }): Outcome {
    this.#state.facts.margins.count(request);
    return { isOk: true, text: "" };
  }

  /** What it comes to now; or why nothing is added while the desk closes what it would stand behind. */
  #actionOf(wish: MarginWish): AddMarginAction | string {
    if (this.#state.riskState === "shutdown")
      return "The desk is in Shutdown and closes what its engines hold.";
    const action = marginActionOf(this.#state, wish);
    if (typeof action === "string") return action;
    const book = this.#state.account.book(action.instrument, action.positionSide);
    return this.#isClosing(book) ? `${action.instrument} is being closed just now.` : action;
  }

  /** Whether a lost request was carried out: the exchange told of this very size before and tells of it now. */
  #isThere(action: AddMarginAction): boolean {
    const { told, lots } = action.figures;
    const now = this.#exposure(action);
    if (told === undefined || now?.lots !== lots) return false;
    // Funding may have moved it a little since: what was sent is far more.
    return now.isolatedWallet - told >= mulDiv(action.amount, ONE / 2, ONE, "down");
  }

  #executing(): readonly MarginProposal[] {
    return this.#state.proposals.executing().filter(isMargin);
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
    asked: AddMarginAction,
    again: AddMarginAction,
    { wallAt }: ProposalClaimedEvent,
  ): string | undefined {
    const [shown, now] = [asked.figures, again.figures];
    const { instrument } = asked;
    const { config, board } = this.#state;
    const { dataAgeMaxMs, drift } = config.proposals;
    const { markWallAt } = board.of(instrument);
    if (markWallAt === undefined || wallAt - markWallAt > dataAgeMaxMs) return "the market data is too old.";
    if (now.lots !== shown.lots) return "the position is not as it was when the card was made.";
    if (now.riskState !== shown.riskState) return "the desk's risk state changed.";
    if (now.behind !== shown.behind) return "its margin is not as it was when the card was made.";
    if (!isSameCount(countOf(asked, 1), countOf(again, 1)))
      return "the engines hold other parts of it than when the card was made.";
    const move = Math.abs(now.mark - shown.mark);
    return mulDiv(move, ONE, shown.mark, "up") > drift ? "the price moved." : undefined;
  }

  /** The position as the exchange tells it now; undefined: it tells of none. */
  #exposure({ instrument, positionSide }: AddMarginAction): ExposureOfBook | undefined {
    const book = this.#state.account.look(instrument, positionSide);
    return book === undefined ? undefined : this.#state.account.exposure(book);
  }

  #standsText(action: AddMarginAction): string {
    const exposure = this.#exposure(action);
    const instrument = this.#state.instrument(action.instrument);
    if (exposure === undefined || instrument === undefined)
      return `The exchange holds no position in ${action.instrument} now.`;
    const { asset } = action.figures;
    const size = `${textOf(Math.abs(exposure.lots), instrument.lot)} ${sizeUnit(instrument)}`;
    const { liquidation } = exposure;
    const at =
      liquidation === undefined
        ? "at no price that the exchange tells"
        : `at ${textOf(liquidation, instrument.tick)}`;
    return `${moneyText(exposure.isolatedWallet, digitsOf(asset))} ${asset} stand behind ${size} now, with liquidation ${at}.`;
  }

  #times({ action: { account } }: MarginProposal) {
    const { at, wallAt } = this.#state;
    return { at, wallAt, account };
  }
}

const TOO_LATE = { status: "unknown", reason: "no answer came", isRead: false } as const;

type OfBook = Pick<AddMarginAction, "instrument" | "positionSide">;
const isSameBook = (one: OfBook, other: OfBook): boolean =>
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

const isSameCount = (one: MarginCount, other: MarginCount): boolean =>
  one.parts.length === other.parts.length &&
  one.parts.every(([engine, part], at) => other.parts[at]?.[0] === engine && other.parts[at]?.[1] === part);
