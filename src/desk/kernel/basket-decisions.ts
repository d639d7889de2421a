import { ownLots } from "../../core/book.ts";
import type { OperatorEvent, ProposalClaimedEvent } from "../../core/event.ts";
import { sizeUnit } from "../../core/instrument.ts";
import { isLive } from "../../core/order.ts";
import type { Actor, BasketAction, BasketPart, BasketProposal, Proposal } from "../../core/proposal.ts";
import { textOf } from "../../core/text.ts";
import type { Outcome } from "../ports.ts";
import { closeOf, isHeld, isMeant, isSameBook, nameOf, noneText } from "./basket-list.ts";
import type { CloseDecisions } from "./close-decisions.ts";
import type { DecisionHands } from "./decisions.ts";
import { type Flattening, flatten, isLeft, lateAlert, newFlattening } from "./panic.ts";
import type { ProposalNews } from "./proposal-news.ts";
import { ordersOf, resultText } from "./proposal-result.ts";
import { executed } from "./proposals.ts";
import type { KernelState } from "./state.ts";

const NOT_LEFT = "Nothing is held, and nothing of the desk's rests.";

const FOREIGN_LEFT =
  "The engines hold nothing, and a part of what is not the desk's is still held: /close SYMBOL foreign asks for the rest.";

/** What becomes of cards about several books at once: the list, its figures, its orders, its end. */
export class BasketDecisions {
  readonly #state: KernelState;
  readonly #hands: DecisionHands;
  readonly #news: ProposalNews;
  readonly #closes: CloseDecisions;
  /** Flattenings under way, by proposal. */
  readonly #running = new Map<string, Flattening>();

  constructor(state: KernelState, hands: DecisionHands, news: ProposalNews, closes: CloseDecisions) {
    this.#state = state;
    this.#hands = hands;
    this.#news = news;
    this.#closes = closes;
  }

  /** A person asks: the list is made now, and stays as it is on the card. */
  propose(id: string, asked: BasketAction, actor: Actor): Outcome {
    const action = this.#listed(asked);
    const isEmpty = action.parts.length === 0 && action.unquoted.length === 0;
    if (action.what !== "flatten" && action.parts.length === 0)
      return { isOk: false, text: noneText(action) };
    if (isEmpty && !isLeft(this.#state)) return { isOk: false, text: NOT_LEFT };
    this.#raise(id, action, actor);
    const text =
      action.what === "flatten"
        ? "The first tap on the card pauses, the second one closes."
        : "The list is on the card, on every connected platform; another person with the role risk approves it.";
    return { isOk: true, text };
  }

  /** A tap won: the figures are looked at again, every one (I7). */
  claimed(proposal: BasketProposal, event: ProposalClaimedEvent): Outcome {
    const { action } = proposal;
    if (action.tap === "first") return this.#pause(proposal, event);
    const now = this.#listed(action, action.what === "flatten" ? undefined : action.parts);
    const reason = this.#changed(action, now, event);
    if (reason !== undefined) return this.#requote(proposal, now, event, `Not executed: ${reason}.`);
    return this.#execute(proposal, event);
  }

  /** A new card with the figures of now. Of losers and winners what is none any more is left out; a list with none left ends. */
  #requote(proposal: BasketProposal, now: BasketAction, event: ProposalClaimedEvent, why: string): Outcome {
    const { action } = proposal;
    const parts = now.parts.filter(({ quote }) => isMeant({ what: action.what }, quote));
    const verb = action.what === "losers" ? "loses" : "gains";
    const gone = now.parts.filter((part) => !parts.includes(part));
    const text = [why, ...gone.map(({ close }) => `${close.instrument} ${verb} no more.`)].join(" ");
    if (action.what !== "flatten" && parts.length === 0) {
      const end = `${text} Nothing of the list is left; /close_${action.what} asks again.`;
      this.#news.finish(proposal, "failed", end, event);
      return { isOk: false, text: end };
    }
    this.#again(proposal, { ...now, parts }, event, `${text} A new quote replaces it.`);
    return { isOk: false, text: `${text} Look at the new quote.` };
  }

  /** The first tap of two: nothing is opened from here on, so that the second card's figures hold. */
  #pause(proposal: BasketProposal, event: ProposalClaimedEvent): Outcome {
    this.#holdEntries(event);
    const action = { ...this.#listed(proposal.action), tap: "last" } as const;
    const text = "Entries are paused and taken back; the second tap closes.";
    this.#again(proposal, action, event, text);
    return { isOk: true, text: `${text} It is on the card ${event.requoteId}.` };
  }

  #holdEntries({ actor }: ProposalClaimedEvent): void {
    const state = this.#state;
    state.paused.set("*", actor.person);
    const request = { type: "pause" } as const;
    this.#news.fact("pause", actor, { request });
    const { at, wallAt } = state;
    const event: OperatorEvent = { type: "operator", at, wallAt, actor, request, isReplayed: false };
    this.#hands.toAll(event);
  }

  #raise(id: string, action: BasketAction, actor: Actor, supersedes?: string): void {
    const { proposals } = this.#state;
    const raised = proposals.raise(id, { action }, actor, this.#state, supersedes);
    this.#news.show(raised, "proposalRaised", actor);
  }

  #again(proposal: Proposal, action: BasketAction, event: ProposalClaimedEvent, text: string): void {
    this.#news.finish(proposal, "superseded", text, event, event.requoteId);
    this.#raise(event.requoteId, action, proposal.askedBy, proposal.id);
  }

  /** The list with its figures as they are now: of a list that is `frozen` already, no other books than those. */
  #listed(action: BasketAction, frozen?: readonly BasketPart[]): BasketAction {
    const { account } = this.#state;
    const parts: BasketPart[] = [];
    const unquoted: string[] = [];
    const ids = [...action.ids];
    for (const book of [...account.books.values()].sort((a, b) => (a.key < b.key ? -1 : 1))) {
      if (!isHeld(book, action.includesForeign)) continue;
      const close = closeOf(book, action.includesForeign);
      if (frozen?.every((part) => !isSameBook(part.close, close)) === true) continue;
      const quote = this.#closes.quote(close);
      const id = typeof quote === "string" ? undefined : ids.shift();
      if (typeof quote !== "string" && frozen === undefined && !isMeant(action, quote)) continue;
      if (typeof quote === "string" || id === undefined) unquoted.push(nameOf(book));
      else parts.push({ id, close, quote });
    }
    return { ...action, parts, unquoted };
  }

  /** What is not as the card showed it, in words. */
  #changed(shown: BasketAction, now: BasketAction, { wallAt }: ProposalClaimedEvent): string | undefined {
    const { proposals, board } = this.#state;
    for (const part of now.parts)
      if (shown.parts.every(({ close }) => !isSameBook(close, part.close)))
        return `${part.close.instrument} is held now as well`;
    for (const { close, quote } of shown.parts) {
      const present = now.parts.find((part) => isSameBook(part.close, close))?.quote;
      const { topWallAt } = board.of(close.instrument);
      const reason =
        present === undefined
          ? "the position's size changed"
          : proposals.driftOf(quote, present, topWallAt, wallAt, false);
      if (reason !== undefined) return `${close.instrument}: ${reason}`;
    }
    return undefined;
  }

  #execute(proposal: BasketProposal, event: ProposalClaimedEvent): Outcome {
    const state = this.#state;
    const { action } = proposal;
    this.#news.executing(proposal, event);
    if (action.what === "flatten") this.#holdEntries(event);
    const targets = new Map<string, number>();
    for (const { id, close, quote } of action.parts)
      for (const [holder, target] of this.#closes.shareOut(id, close, quote, event.actor))
        targets.set(`${id}/${holder}`, target);
    state.proposals.start(proposal.id, targets, state.wallAt);
    if (action.what !== "flatten") return { isOk: true, text: "Approved; closing now." };
    this.#running.set(proposal.id, newFlattening(state));
    return { isOk: true, text: "Approved; everything is being closed. The card shows how far it is." };
  }

  /** At boot: what was under way goes on; what nobody began is not begun now. */
  booted(proposal: BasketProposal): void {
    if (proposal.action.what !== "flatten") this.#listBooted(proposal);
    else if (proposal.state === "executing") this.#running.set(proposal.id, newFlattening(this.#state));
    else
      this.#news.finish(
        proposal,
        "failed",
        "The desk restarted before anything was closed. Entries stay paused until /resume.",
      );
  }

  /** What was approved is judged by the orders that carry its parts' ids. */
  #listBooted(proposal: BasketProposal): void {
    const isBegun = proposal.action.parts.some(({ id }) =>
      ordersOf(this.#state, id).some(({ filled }) => filled > 0),
    );
    const text = isBegun
      ? `The desk restarted while it ran. ${this.#results(proposal)}`
      : "The desk restarted before its orders were sent; nothing was done.";
    this.#news.finish(proposal, isBegun ? "done" : "failed", text);
  }

  /** Somebody resumed: what is held now is meant to be. */
  resumed(actor: Actor): void {
    for (const proposal of this.#executing()) {
      const running = this.#running.get(proposal.id);
      if (running === undefined) continue;
      if (running.isTold) this.#hands.effect(lateAlert("resumed"));
      this.#finish(proposal, "failed", `${actor.person} resumed before everything was closed.`);
    }
  }

  get isRunning(): boolean {
    return this.#running.size > 0;
  }

  /** After every turn: how far is it? */
  progress(): void {
    for (const proposal of this.#executing()) this.#progressOf(proposal);
  }

  #progressOf(proposal: BasketProposal): void {
    const running = this.#running.get(proposal.id);
    if (running === undefined) {
      this.#listProgress(proposal);
      return;
    }
    const found = flatten(this.#state, this.#hands, running, proposal.decidedBy?.person ?? "flatten");
    this.#tell(proposal);
    if (found === "late") {
      running.isTold = true;
      this.#hands.effect(lateAlert("late"));
    }
    if (found !== "done") return;
    if (running.isTold) this.#hands.effect(lateAlert("done"));
    running.isTold = false;
    if (!this.#isForeignGone(proposal)) {
      if (this.#isForeignLeft(proposal))
        this.#finish(proposal, "failed", `${FOREIGN_LEFT} ${this.#results(proposal)}`);
      return;
    }
    const text = `The engines hold nothing, and nothing of theirs rests. ${this.#results(proposal)}`.trim();
    this.#finish(proposal, "done", text);
  }

  #tell(proposal: BasketProposal): void {
    this.#news.progress(
      proposal,
      proposal.action.parts.map((part) => this.#lineOf(part)),
    );
  }

  /** A list is done when every part of it is, and is given up after half a minute, as a single close is. */
  #listProgress(proposal: BasketProposal): void {
    const { proposals, wallAt } = this.#state;
    const targets = [...proposals.targets(proposal.id)];
    this.#tell(proposal);
    const isDone = proposal.action.parts.every(({ id, close }) => {
      const own = targets.flatMap(([key, target]) =>
        key.startsWith(`${id}/`) ? [[key.slice(id.length + 1), target] as const] : [],
      );
      return this.#closes.isReached(close, new Map(own));
    });
    if (isDone) this.#finish(proposal, "done", this.#results(proposal));
    else if (proposals.isOverdue(proposal.id, wallAt))
      this.#finish(proposal, "failed", `Not all was closed in time. ${this.#results(proposal)}`);
  }

  /** What came of each part. */
  #results({ action }: BasketProposal): string {
    return action.parts
      .map(({ id, close }) => `${close.instrument}: ${resultText(this.#state, { id, action: close })}`)
      .join(" ");
  }

  /** Whether what was named as foreign is gone too, or its orders were refused, which the exchange's word ends. */
  #isForeignGone({ id, action }: BasketProposal): boolean {
    const targets = this.#state.proposals.targets(id);
    return action.parts.every((part) => {
      const target = targets.get(`${part.id}/foreign`);
      if (target === undefined) return true;
      const isReached = this.#closes.isReached(part.close, new Map([["foreign", target]]));
      const orders = ordersOf(this.#state, part.id).filter(({ facts }) => facts.engine === "foreign");
      return isReached || (orders.length > 0 && orders.every(({ state }) => state === "rejected"));
    });
  }

  /** Whether the orders for what is foreign have ended, and not all of it was closed: no other ones follow by themselves. */
  #isForeignLeft({ id, action }: BasketProposal): boolean {
    const { proposals, wallAt } = this.#state;
    const orders = action.parts.flatMap((part) => ordersOf(this.#state, part.id));
    const isAnyLive = orders.some(({ facts, state }) => facts.engine === "foreign" && isLive(state));
    return !isAnyLive && proposals.isOverdue(id, wallAt);
  }

  #finish(proposal: Proposal, to: "done" | "failed", text: string): void {
    this.#running.delete(proposal.id);
    this.#news.finish(proposal, to, text);
  }

  /** "BTCUSDT long: 0.006 of 0.010 BTC closed". */
  #lineOf({ id, close, quote }: BasketPart): string {
    const instrument = this.#state.instrument(close.instrument);
    const book = this.#state.account.book(close.instrument, close.positionSide);
    const name = `${close.instrument} ${quote.positionLots > 0 ? "long" : "short"}`;
    if (instrument === undefined) return name;
    const left = close.includesForeign ? ownLots(book) + book.foreign.lots : ownLots(book);
    const closed = Math.max(executed(ordersOf(this.#state, id)).executedLots, quote.lots - Math.abs(left));
    const size = (count: number): string => textOf(Math.min(count, quote.lots), instrument.lot);
    return `${name}: ${size(Math.max(0, closed))} of ${size(quote.lots)} ${sizeUnit(instrument)} closed`;
  }

  #executing(): readonly BasketProposal[] {
    const { proposals } = this.#state;
    return proposals
      .executing()
      .filter(({ action }) => action.type === "basket") as readonly BasketProposal[];
  }
}
