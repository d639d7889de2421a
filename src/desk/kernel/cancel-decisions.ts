import type { OrderReportEvent, ProposalClaimedEvent } from "../../core/event.ts";
import type { Actor, CancelAction, CancelOrder, CancelProposal } from "../../core/proposal.ts";
import type { Outcome } from "../ports.ts";
import type { DecisionHands } from "./decisions.ts";
import { foreignFacts } from "./orders.ts";
import type { ProposalNews } from "./proposal-news.ts";
import type { KernelState } from "./state.ts";

const no = (text: string): Outcome => ({ isOk: false, text });

/** Orders that rest on the account and are no engine's: a person has them taken back, one at once, or those of a card. */
export class CancelDecisions {
  readonly #state: KernelState;
  readonly #hands: Pick<DecisionHands, "effect">;
  readonly #news: ProposalNews;

  constructor(state: KernelState, hands: Pick<DecisionHands, "effect">, news: ProposalNews) {
    this.#state = state;
    this.#hands = hands;
    this.#news = news;
  }

  /** One order, at once; a stop only by a card. */
  cancel(clientId: string): Outcome {
    const report = this.#resting(clientId);
    if (report === undefined) return no("No order of that name rests that is not an engine's.");
    if (orderOf(report).isStop) return no("It is a stop: a card asks about it.");
    this.#send(report);
    return { isOk: true, text: "The exchange was asked to take it back; /orders shows what rests." };
  }

  propose(id: string, action: CancelAction, actor: Actor): Outcome {
    if (action.orders.length === 0)
      return no(["Nothing rests that could be taken back.", ...action.left].join(" "));
    this.#news.show(this.#state.proposals.raise(id, { action }, actor, this.#state), "proposalRaised", actor);
    return {
      isOk: true,
      text: "The list is on the card, on every connected platform; approve or reject it there.",
    };
  }

  /** A tap won: what is listed must rest as it did (I7). */
  claimed(proposal: CancelProposal, event: ProposalClaimedEvent): Outcome {
    const { orders } = proposal.action;
    const present = orders.flatMap(({ clientId }) => this.#resting(clientId) ?? []).map(orderOf);
    if (!isSame(orders, present)) {
      const text = "Not executed: an order has changed or is gone.";
      const isAny = present.length > 0;
      const what = isAny ? `${text} A new card replaces it.` : text;
      this.#news.finish(
        proposal,
        isAny ? "superseded" : "failed",
        what,
        event,
        isAny ? event.requoteId : undefined,
      );
      if (!isAny) return no(text);
      const action = { ...proposal.action, orders: present };
      const { askedBy, id } = proposal;
      const raised = this.#state.proposals.raise(event.requoteId, { action }, askedBy, this.#state, id);
      this.#news.show(raised, "proposalRaised", askedBy);
      return no(`${text} Look at the new card.`);
    }
    this.#news.executing(proposal, event);
    this.#state.proposals.start(proposal.id, new Map(), this.#state.wallAt);
    for (const { clientId } of orders) {
      const report = this.#resting(clientId);
      if (report !== undefined) this.#send(report);
    }
    return { isOk: true, text: "Approved; the orders are being taken back." };
  }

  /** After every turn: do they still rest? */
  progress(): void {
    const { proposals, wallAt } = this.#state;
    for (const proposal of proposals.executing()) {
      if (proposal.action.type !== "cancel") continue;
      const left = proposal.action.orders.filter(
        ({ clientId }) => this.#resting(clientId) !== undefined,
      ).length;
      const all = proposal.action.orders.length;
      if (left === 0) this.#news.finish(proposal, "done", `None of the ${all} rests any more.`);
      else if (proposals.isOverdue(proposal.id, wallAt))
        this.#news.finish(proposal, "failed", `${left} of ${all} still rest: /orders shows them.`);
    }
  }

  #resting(clientId: string): OrderReportEvent | undefined {
    return [...this.#state.orders.foreign()].find((report) => report.clientId === clientId);
  }

  #send(report: OrderReportEvent): void {
    const { venueOrderId } = report;
    this.#hands.effect({
      type: "cancel",
      facts: foreignFacts(report),
      venueOrderId,
      reason: "a person asked",
    });
  }
}

/** An order that rests, as a card shows it. */
export const orderOf = ({
  clientId,
  instrument,
  side,
  price,
  trigger,
  lots,
  source,
}: OrderReportEvent): CancelOrder => ({
  clientId,
  instrument,
  side,
  price: price ?? trigger,
  lots,
  isStop: source === "conditional",
});

const isSame = (shown: readonly CancelOrder[], now: readonly CancelOrder[]): boolean =>
  shown.length === now.length &&
  shown.every(({ clientId, price, lots }, at) => {
    const other = now[at];
    return other?.clientId === clientId && other.price === price && other.lots === lots;
  });
