import { type Book, explained, ownLots } from "../../core/book.ts";
import type { CloseShareEvent, OperatorEvent, ProposalClaimedEvent } from "../../core/event.ts";
import type { EngineId, OrderFacts } from "../../core/order.ts";
import type { Actor, CloseAction, Proposal, Quote } from "../../core/proposal.ts";
import { lots, mulDiv, ONE } from "../../core/units.ts";
import type { Outcome } from "../ports.ts";
import { Adoption } from "./adoption.ts";
import type { Effect } from "./effect.ts";
import { closeForeign } from "./foreign-close.ts";
import { quoteInput } from "./guarding.ts";
import { closeShare, Panic } from "./panic.ts";
import { ordersOf, resultText } from "./proposal-result.ts";
import { executed } from "./proposals.ts";
import { quoteClose } from "./quote.ts";
import type { KernelState } from "./state.ts";

/** What the decisions may do in a turn. */
export interface DecisionHands {
  effect(effect: Effect): void;
  toEngine(engine: EngineId, event: CloseShareEvent): void;
  place(facts: OrderFacts, reason: string): void;
}

const ok = (text: string): Outcome => ({ isOk: true, text });
const no = (text: string): Outcome => ({ isOk: false, text });

/** What people decide: pause, resume, panic, proposals. Claim, then act (DESIGN.md section 4). */
export class Decisions {
  readonly #state: KernelState;
  readonly #hands: DecisionHands;
  readonly #panic: Panic;
  /** What a person had counted as foreign, to be looked at in the next reading. */
  readonly adoption: Adoption;

  constructor(state: KernelState, hands: DecisionHands) {
    this.#state = state;
    this.#hands = hands;
    this.#panic = new Panic(state, hands);
    this.adoption = new Adoption(state, (effect) => hands.effect(effect));
  }

  operator(event: OperatorEvent): Outcome {
    const { request, actor } = event;
    const { paused } = this.#state;
    const isRefused = request.type === "resume" && this.#needsAdmin(actor);
    // What was refused is no fact: the next start would take it for one.
    if (!event.isReplayed && request.type !== "propose" && !isRefused)
      this.#fact(request.type, actor, { request });
    switch (request.type) {
      case "pause":
        paused.set(request.engine ?? "*", actor.person);
        return ok("Entries are paused. Stops and take profits keep working. /resume starts entries again.");
      case "resume":
        return this.#resume(actor, request.engine, event.isReplayed);
      case "panic":
        return this.#startPanic(actor, event.isReplayed);
      case "setRiskState":
        this.#state.riskState = request.state;
        return ok(`The risk state is now ${request.state}.`);
      case "adopt":
        return event.isReplayed ? ok("") : this.adoption.ask(request.instrument);
      default:
        return this.#propose(request.proposalId, request.action, actor);
    }
  }

  /** One that is replayed at boot frees engines; it says nothing of what this start found out. */
  #resume(actor: Actor, engine: EngineId | undefined, isReplayed: boolean): Outcome {
    const state = this.#state;
    if (this.#needsAdmin(actor)) return no("The ledger is missing or broken: only an admin can resume.");
    if (engine === undefined) state.paused.clear();
    else state.paused.delete(engine);
    if (isReplayed) return ok("");
    this.#panic.end();
    state.foreignActivity = false;
    state.ledgerDoubt = false;
    state.accountConfig.retry();
    for (const { instrument } of state.config.instruments) state.circuit.retry(instrument.id, "person");
    const blocks = state.blocks();
    return ok(
      blocks.length === 0 ? "Entries run again." : `Resumed, but entries still wait: ${blocks.join("; ")}.`,
    );
  }

  #needsAdmin(actor: Actor): boolean {
    return this.#state.ledgerDoubt && actor.role !== "admin";
  }

  #startPanic(actor: Actor, isReplayed: boolean): Outcome {
    const state = this.#state;
    state.paused.set("*", actor.person);
    if (isReplayed) return ok("");
    this.voidPending("Panic was pressed; nothing else was done.");
    for (const { instrument } of state.config.instruments) state.circuit.retry(instrument.id, "person");
    this.#panic.start();
    return ok(
      "Panic: entries are paused and taken back; everything the desk's engines hold is being closed.",
    );
  }

  #propose(id: string, action: CloseAction, actor: Actor): Outcome {
    const quote = this.#quote(action);
    if (typeof quote === "string") return no(quote);
    const proposal = this.#state.proposals.raise(id, this.#withForeign(action), quote, actor, this.#state);
    this.#show(proposal, "proposalRaised", actor);
    return ok("The proposal is shown on every connected platform; approve or reject it there.");
  }

  #withForeign(action: CloseAction): CloseAction {
    const book = this.#state.account.book(action.instrument, action.positionSide);
    return { ...action, foreignLots: book.foreign.lots };
  }

  /** The quote of a close, or one sentence why there is none. */
  #quote(action: CloseAction): Quote | string {
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
    const size = lots(Math.max(1, mulDiv(Math.abs(closable), action.part, ONE, "up")));
    return quoteClose(input, size) ?? `There are no prices for ${action.instrument} just now; try again.`;
  }

  /** Signed lots that a close may take: the engines', and the foreign part when it is named. */
  #closable(book: Book, action: CloseAction): number {
    const own = ownLots(book);
    if (!action.includesForeign) return own;
    return explained(book);
  }

  /** A tap won: everything is checked again in this turn (I7), then the orders go out or a new card is shown. */
  claimed(event: ProposalClaimedEvent): Outcome {
    const state = this.#state;
    const proposal = state.proposals.get(event.id);
    if (proposal === undefined || proposal.state !== "pending") return no("This proposal is no longer open.");
    if (event.decision === "reject") {
      this.#finish(proposal, "rejected", "Rejected; nothing was done.", event);
      return ok("Rejected; nothing was done.");
    }
    if (state.proposals.isExpired(event.id, { wallAt: event.wallAt, monotonicMs: state.monotonicMs })) {
      this.#finish(proposal, "expired", "It expired before it was approved.", event);
      return no("Too late: the proposal has expired. Nothing was done.");
    }
    const { action } = proposal;
    const book = state.account.book(action.instrument, action.positionSide);
    const quote = this.#quote(action);
    const now = typeof quote === "string" ? undefined : quote;
    const reason = state.proposals.drifted(event, now, state.board.of(action.instrument).topWallAt);
    if (reason !== undefined) return this.#requote(proposal, event, now, reason);
    this.#execute(proposal, event, book);
    return ok("Approved; closing now.");
  }

  #requote(
    proposal: Proposal,
    event: ProposalClaimedEvent,
    quote: Quote | undefined,
    reason: string,
  ): Outcome {
    if (quote === undefined) {
      this.#finish(proposal, "failed", `Not executed: ${reason}, and there is nothing to quote.`, event);
      return no(`Not executed: ${reason}.`);
    }
    const { proposals } = this.#state;
    this.#finish(
      proposal,
      "superseded",
      `Not executed: ${reason}. A new quote replaces it.`,
      event,
      event.requoteId,
    );
    const action = this.#withForeign(proposal.action);
    const fresh = proposals.raise(event.requoteId, action, quote, proposal.askedBy, this.#state, proposal.id);
    this.#show(fresh, "proposalRaised", proposal.askedBy);
    return no(`Not executed: ${reason}. Look at the new quote.`);
  }

  #execute(proposal: Proposal, event: ProposalClaimedEvent, book: Book): void {
    const state = this.#state;
    const { action, quote } = proposal;
    const targets = new Map<string, number>();
    const moved = state.proposals.move(proposal.id, "executing", {
      decision: "approve",
      decidedBy: event.actor,
      decidedWallAt: event.wallAt,
    });
    if (moved !== undefined) this.#show(moved, "proposalExecuting", event.actor);
    state.circuit.retry(action.instrument, "person");
    const isWhole = action.part >= ONE;
    let left: number = quote.lots;
    const closable = Math.abs(this.#closable(book, action));
    const holders = [...book.shares].sort(([a], [b]) => (a < b ? -1 : 1));
    for (const [engine, share] of holders) {
      if (isWhole) this.#pauseFor(engine, event.actor);
      // The card's side closes what stands on the other side only; who stands against the book keeps it.
      if (Math.sign(share.lots) !== Math.sign(this.#closable(book, action))) continue;
      const held = Math.abs(share.lots);
      const part = Math.min(held, left, isWhole ? held : mulDiv(quote.lots, held, closable, "up"));
      if (part <= 0) continue;
      left -= part;
      targets.set(engine, held - part);
      this.#hands.toEngine(
        engine,
        closeShare(this.#state, book, engine, lots(part), proposal.id, event.actor.person),
      );
    }
    if (action.includesForeign && left > 0 && book.foreign.lots !== 0) {
      const part = Math.min(Math.abs(book.foreign.lots), left);
      targets.set("foreign", Math.abs(book.foreign.lots) - part);
      const most = state.instrument(book.instrument)?.marketLotsMax ?? lots(part);
      const sizes = { ...state.instruments.sizes(book.instrument), most };
      for (const facts of closeForeign(state.config.desk, proposal.id, book, lots(part), sizes))
        this.#hands.place(facts, `proposal ${proposal.id}`);
    }
    state.proposals.start(proposal.id, targets, state.wallAt);
  }

  /** A whole close must not be undone by the next entry: the engine waits for /resume. */
  #pauseFor(engine: EngineId, actor: Actor): void {
    this.#state.pauseEngine(engine, `${actor.person} closed its position`);
    this.#fact("pause", actor, { request: { type: "pause", engine } });
  }

  /** Pending proposals whose time ran out. */
  expire(): void {
    for (const proposal of this.#state.proposals.expired(this.#state)) {
      this.#finish(proposal, "expired", "Nobody decided in time; nothing was done.");
    }
  }

  /** Pending proposals can no longer be trusted: they end, with the reason. */
  voidPending(reason: string): void {
    for (const proposal of this.#state.proposals.all()) {
      if (proposal.state === "pending") this.#finish(proposal, "expired", reason);
    }
  }

  /** At boot: what was claimed and never finished is judged by its orders, which have the same ids (DESIGN.md 4). */
  booted(): void {
    this.voidPending("The desk restarted; ask again for a new quote.");
    for (const proposal of this.#state.proposals.all()) {
      if (proposal.state !== "executing" && proposal.state !== "claimed") continue;
      const done = executed(ordersOf(this.#state, proposal.id));
      const text =
        done.executedLots === 0
          ? "The desk restarted before its order was sent; nothing was done."
          : `The desk restarted while it ran. ${resultText(this.#state, proposal)}`;
      this.#finish(proposal, done.executedLots === 0 ? "failed" : "done", text);
    }
  }

  /** After every turn: have approved closes and a panic reached their targets? */
  progress(): void {
    // Before the first reading nothing is known of a restored proposal's orders: `booted` judges it.
    if (!this.#state.isBooted) return;
    for (const proposal of this.#state.proposals.executing()) this.#progressOf(proposal);
    this.#panic.progress();
  }

  #progressOf(proposal: Proposal): void {
    const state = this.#state;
    const { action } = proposal;
    const book = state.account.book(action.instrument, action.positionSide);
    let isReached = true;
    for (const [engine, target] of state.proposals.targets(proposal.id)) {
      const holder = engine === "foreign" ? book.foreign : book.shares.get(engine);
      if (Math.abs(holder?.lots ?? 0) > target) isReached = false;
    }
    if (isReached) {
      this.#finish(proposal, "done", resultText(this.#state, proposal));
      return;
    }
    const orders = ordersOf(this.#state, proposal.id);
    const isDead =
      orders.length > 0 && orders.every((o) => o.state === "rejected" && o.facts.engine === "foreign");
    if (isDead || state.proposals.isOverdue(proposal.id, state.wallAt)) {
      const why = orders.find((order) => order.reason !== undefined)?.reason ?? "it took too long";
      this.#finish(
        proposal,
        "failed",
        `Not closed as approved (${why}). ${resultText(this.#state, proposal)}`,
      );
    }
  }

  #finish(
    proposal: Proposal,
    to: Proposal["state"],
    outcome: string,
    claim?: ProposalClaimedEvent,
    supersededBy?: string,
  ): void {
    const done = executed(ordersOf(this.#state, proposal.id));
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
      this.#show(moved, "proposalEnded", claim?.actor ?? proposal.decidedBy ?? proposal.askedBy);
  }

  #show(proposal: Proposal, kind: string, actor: Actor): void {
    this.#fact(kind, actor, {
      id: proposal.id,
      state: proposal.state,
      action: proposal.action,
      quote: proposal.quote,
      outcome: proposal.outcome ?? null,
    });
    this.#hands.effect({ type: "show", proposal });
  }

  #fact(kind: string, actor: Actor, body: Readonly<Record<string, unknown>>): void {
    this.#hands.effect({
      type: "fact",
      kind,
      actor: `${actor.person}@${actor.platform}`,
      body: { ...body, actor },
    });
  }
}
