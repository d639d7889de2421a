import { type Book, explained, ownLots } from "../../core/book.ts";
import type { ProposalClaimedEvent } from "../../core/event.ts";
import { notional, sizeUnit } from "../../core/instrument.ts";
import type { EngineId } from "../../core/order.ts";
import type { Actor, CloseAction, PricedAction, PricedProposal, Quote } from "../../core/proposal.ts";
import { textOf } from "../../core/text.ts";
import { lots, mulDiv, ONE } from "../../core/units.ts";
import type { DecisionHands } from "./decisions.ts";
import { closeForeign } from "./foreign-close.ts";
import { quoteInput } from "./guarding.ts";
import { closeShare } from "./panic.ts";
import type { ProposalNews } from "./proposal-news.ts";
import { ordersOf, resultText } from "./proposal-result.ts";
import { executed, type Targets } from "./proposals.ts";
import { quoteClose } from "./quote.ts";
import type { KernelState } from "./state.ts";

/** What a person's close of a book comes to: its quote, its orders, its end. */
export class CloseDecisions {
  readonly #state: KernelState;
  readonly #hands: DecisionHands;
  readonly #news: ProposalNews;

  constructor(state: KernelState, hands: DecisionHands, news: ProposalNews) {
    this.#state = state;
    this.#hands = hands;
    this.#news = news;
  }

  /** Why more is not closed than there is, in a sentence; undefined: there is enough. */
  tooMuch(action: CloseAction): string | undefined {
    const { instrument, positionSide } = action;
    const book = this.#state.account.book(instrument, positionSide);
    const rules = this.#state.instrument(instrument);
    const closable = Math.abs(this.#closable(book, action));
    if (action.lots === undefined || rules === undefined || action.lots <= closable) return undefined;
    const [asked, held] = [action.lots, closable].map((size) => textOf(size, rules.lot));
    return `${asked} ${sizeUnit(rules)} is more than the ${held} of ours in ${instrument}; ask for less, or for all.`;
  }

  /** What is asked, with what is so now: the foreign part, no more lots than there are, and whether one person may decide. */
  asked(action: CloseAction, quote: Quote): CloseAction {
    const { isOverCap: _, ...rest } = action;
    const book = this.#state.account.book(action.instrument, action.positionSide);
    return {
      ...rest,
      ...(action.lots === undefined ? {} : { lots: lots(Math.min(action.lots, quote.lots)) }),
      ...(this.#isOverCap(action, quote) ? { isOverCap: true } : {}),
      foreignLots: book.foreign.lots,
    };
  }

  /** Why one person may not decide any more what they could when the card was made. */
  beyond(action: PricedAction, now: Quote | undefined): string | undefined {
    if (action.type !== "close" || action.isOverCap === true || now === undefined) return undefined;
    return this.#isOverCap(action, now) ? "it is beyond the cap for one person now" : undefined;
  }

  /** Whether it is worth, or loses, more than one person decides. */
  #isOverCap({ instrument }: CloseAction, quote: Quote): boolean {
    const { overCap } = this.#state.config.proposals;
    const rules = this.#state.instrument(instrument);
    if (overCap === undefined || rules === undefined) return false;
    const worth = Math.abs(notional(rules, quote.expectedFill, quote.lots, "up"));
    return worth > overCap.notional || quote.fee - quote.realized > overCap.loss;
  }

  /** The quote of a close, or one sentence why there is none. */
  quote(action: CloseAction): Quote | string {
    const state = this.#state;
    const book = state.account.book(action.instrument, action.positionSide);
    const input = quoteInput(state, book);
    if (input === undefined) return `${action.instrument} is not an instrument of this desk.`;
    const closable = this.#closable(book, action);
    if (closable === 0) {
      const hint =
        book.foreign.lots === 0 ? "" : " What is held is foreign: name it with `foreign` to close it too.";
      return `Nothing of ours is held in ${action.instrument}.${hint}`;
    }
    const part = Math.max(1, mulDiv(Math.abs(closable), action.part, ONE, "up"));
    const size = lots(Math.min(action.lots ?? part, Math.abs(closable)));
    return quoteClose(input, size) ?? `There are no prices for ${action.instrument} just now; try again.`;
  }

  /** Signed lots that a close may take: the engines', and the foreign part when it is named. */
  #closable(book: Book, action: CloseAction): number {
    const own = ownLots(book);
    if (!action.includesForeign) return own;
    return explained(book);
  }

  /** Approved: each engine gets its part, and what is foreign and named goes too. */
  execute(proposal: PricedProposal, action: CloseAction, event: ProposalClaimedEvent): void {
    this.#news.executing(proposal, event);
    const targets = this.shareOut(proposal.id, action, proposal.quote, event.actor);
    this.#state.proposals.start(proposal.id, targets, this.#state.wallAt);
  }

  /** Sends what closes a book as it was quoted, under the id `named`; what each holder may keep. */
  shareOut(named: string, action: CloseAction, quote: Quote, actor: Actor): Targets {
    const state = this.#state;
    const book = state.account.book(action.instrument, action.positionSide);
    const targets = new Map<string, number>();
    state.circuit.retry(action.instrument, "person");
    const closable = Math.abs(this.#closable(book, action));
    const isWhole = action.lots === undefined ? action.part >= ONE : quote.lots >= closable;
    let left: number = quote.lots;
    const holders = [...book.shares].sort(([a], [b]) => (a < b ? -1 : 1));
    for (const [engine, share] of holders) {
      if (isWhole) this.#pauseFor(engine, actor);
      // The card's side closes what stands on the other side only; who stands against the book keeps it.
      if (Math.sign(share.lots) !== Math.sign(this.#closable(book, action))) continue;
      const held = Math.abs(share.lots);
      const part = Math.min(held, left, isWhole ? held : mulDiv(quote.lots, held, closable, "up"));
      if (part <= 0) continue;
      left -= part;
      targets.set(engine, held - part);
      this.#hands.toEngine(engine, closeShare(this.#state, book, engine, lots(part), named, actor.person));
    }
    if (action.includesForeign && left > 0 && book.foreign.lots !== 0) {
      const part = Math.min(Math.abs(book.foreign.lots), left);
      targets.set("foreign", Math.abs(book.foreign.lots) - part);
      const most = state.instrument(book.instrument)?.marketLotsMax ?? lots(part);
      const sizes = { ...state.instruments.sizes(book.instrument), most };
      for (const facts of closeForeign(state.config.desk, named, book, lots(part), sizes))
        this.#hands.place(facts, `proposal ${named}`);
    }
    return targets;
  }

  /** Whether every holder of a book has come down to what it may keep. */
  isReached({ instrument, positionSide }: CloseAction, targets: Targets): boolean {
    const book = this.#state.account.book(instrument, positionSide);
    for (const [engine, target] of targets) {
      const holder = engine === "foreign" ? book.foreign : book.shares.get(engine);
      if (Math.abs(holder?.lots ?? 0) > target) return false;
    }
    return true;
  }

  /** A whole close must not be undone by the next entry: the engine waits for /resume. */
  #pauseFor(engine: EngineId, actor: Actor): void {
    this.#state.pauseEngine(engine, `${actor.person} closed its position`);
    this.#news.fact("pause", actor, { request: { type: "pause", engine } });
  }

  /** At boot: what was approved is judged by its orders, which have the same ids. */
  booted(proposal: PricedProposal): void {
    const done = executed(ordersOf(this.#state, proposal.id));
    const text =
      done.executedLots === 0
        ? "The desk restarted before its order was sent; nothing was done."
        : `The desk restarted while it ran. ${resultText(this.#state, proposal)}`;
    this.#news.finish(proposal, done.executedLots === 0 ? "failed" : "done", text);
  }

  /** After every turn: have approved closes reached their targets? */
  progress(): void {
    for (const proposal of this.#state.proposals.executing())
      if (proposal.quote !== undefined && proposal.action.type === "close") this.#progressOf(proposal);
  }

  #progressOf(proposal: PricedProposal): void {
    const state = this.#state;
    const { action } = proposal;
    if (action.type === "close" && this.isReached(action, state.proposals.targets(proposal.id))) {
      this.#news.finish(proposal, "done", resultText(this.#state, proposal));
      return;
    }
    const orders = ordersOf(this.#state, proposal.id);
    const isDead =
      orders.length > 0 && orders.every((o) => o.state === "rejected" && o.facts.engine === "foreign");
    if (isDead || state.proposals.isOverdue(proposal.id, state.wallAt)) {
      const why = orders.find((order) => order.reason !== undefined)?.reason ?? "it took too long";
      this.#news.finish(
        proposal,
        "failed",
        `Not closed as approved (${why}). ${resultText(this.#state, proposal)}`,
      );
    }
  }
}
