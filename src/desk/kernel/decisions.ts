import type { Book } from "../../core/book.ts";
import type {
  CloseShareEvent,
  OperatorEvent,
  ProposalClaimedEvent,
  RecoverRungEvent,
} from "../../core/event.ts";
import type { EngineId, OrderFacts } from "../../core/order.ts";
import {
  type Actor,
  misfitOf,
  type PricedAction,
  type PricedProposal,
  type Proposal,
  type ProposalAction,
  type Quote,
} from "../../core/proposal.ts";
import type { Outcome } from "../ports.ts";
import { Adoption } from "./adoption.ts";
import { CloseDecisions } from "./close-decisions.ts";
import type { Effect } from "./effect.ts";
import { forgiveness } from "./forgiveness.ts";
import { pausedText } from "./messages.ts";
import { Panic } from "./panic.ts";
import { priceRefusal, priceSetText } from "./price-setting.ts";
import { ProposalEnds } from "./proposal-ends.ts";
import { ProposalNews } from "./proposal-news.ts";
import { RecoveryDecisions } from "./recovery-decisions.ts";
import { ResetDecisions } from "./reset-decisions.ts";
import { riskBlocks } from "./risk-alerts.ts";
import type { KernelState } from "./state.ts";

/** What the decisions may do in a turn. */
export interface DecisionHands {
  effect(effect: Effect): void;
  toEngine(engine: EngineId, event: CloseShareEvent | RecoverRungEvent): void;
  place(facts: OrderFacts, reason: string): void;
  /** Why a person's wish about the risk state is not granted, and what comes of one that is. */
  riskRefusal(event: OperatorEvent): string | undefined;
  riskGranted(event: OperatorEvent): Outcome;
  /** An admin goes on without what the ledger knew. */
  riskAccepted(actor: Actor): void;
}

const ok = (text: string): Outcome => ({ isOk: true, text });
const no = (text: string): Outcome => ({ isOk: false, text });

const NEEDS_ADMIN = "The ledger is missing or broken: only an admin can resume.";

/** What people decide: pause, resume, panic, proposals. Claim, then act (DESIGN.md section 4). */
export class Decisions {
  readonly #state: KernelState;
  readonly #hands: DecisionHands;
  readonly #panic: Panic;
  readonly #news: ProposalNews;
  readonly #closes: CloseDecisions;
  readonly #recovery: RecoveryDecisions;
  readonly #reset: ResetDecisions;
  /** How proposals end that nobody decides. */
  readonly ends: ProposalEnds;
  #isForeignRecalled = false;
  /** What a person had counted as foreign, to be looked at in the next reading. */
  readonly adoption: Adoption;

  constructor(state: KernelState, hands: DecisionHands) {
    this.#state = state;
    this.#hands = hands;
    this.#panic = new Panic(state, hands);
    this.#news = new ProposalNews(state, (effect) => hands.effect(effect));
    this.#closes = new CloseDecisions(state, hands, this.#news);
    this.#recovery = new RecoveryDecisions(state, hands, this.#news);
    this.#reset = new ResetDecisions(state, hands, this.#news);
    this.ends = new ProposalEnds(state, this.#news, this.#closes, this.#recovery);
    this.adoption = new Adoption(state, (effect) => hands.effect(effect));
  }

  operator(event: OperatorEvent): Outcome {
    const { request, actor } = event;
    const { paused } = this.#state;
    const refusal = event.isReplayed ? undefined : this.#refusal(event);
    if (refusal !== undefined) return no(refusal);
    // What was refused is no fact: the next start would take it for one.
    if (!event.isReplayed && request.type !== "propose") this.#fact(request.type, actor, { request });
    switch (request.type) {
      case "pause":
        paused.set(request.engine ?? "*", actor.person);
        return ok(pausedText(request.engine));
      case "reconcile":
        this.#state.truthDueWallAt = this.#state.wallAt;
        return ok("The account is read now.");
      case "resume":
        return this.#resume(actor, request.engine, event.isReplayed);
      case "panic":
        return this.#startPanic(actor, event.isReplayed);
      case "setRiskState":
      case "resetRisk":
        return this.#hands.riskGranted(event);
      case "setPrice":
        this.#state.facts.setPrice(request.engine, request.which, request.price);
        return ok(priceSetText(this.#state, request));
      case "halt":
        this.#state.pauseEngine(request.engine, request.reason);
        this.#state.facts.halt(request.engine, request.reason);
        return ok("");
      case "forgive":
        this.#state.facts.forgive(request.engine, request.before, request.loss);
        return ok("");
      case "foreignSeen":
        this.#isForeignRecalled = true;
        this.#state.foreignActivity = true;
        return ok("");
      case "adopt":
        return event.isReplayed ? ok("") : this.adoption.ask(request.instrument);
      default:
        return this.#propose(request.proposalId, request.action, actor);
    }
  }

  /** One that is replayed at boot frees engines; it says nothing of what this start found out. */
  #resume(actor: Actor, engine: EngineId | undefined, isReplayed: boolean): Outcome {
    const state = this.#state;
    if (this.#needsAdmin(actor)) return no(NEEDS_ADMIN);
    const freed = state.facts.resume(engine);
    if (!isReplayed) for (const each of freed) this.#forgive(each, actor);
    if (engine !== undefined) state.paused.delete(engine);
    else {
      state.paused.clear();
      this.#panic.end();
      // What an earlier life saw was accepted then; what this start found out was not.
      if (!isReplayed || this.#isForeignRecalled) state.foreignActivity = false;
      this.#isForeignRecalled = false;
    }
    if (isReplayed) return ok("");
    if (engine !== undefined) return this.#resumedOne(engine);
    if (state.ledgerDoubt) {
      state.ledgerDoubt = false;
      this.#hands.riskAccepted(actor);
    }
    state.accountConfig.retry();
    for (const { instrument } of state.config.instruments) state.circuit.retry(instrument.id, "person");
    const blocks = [...riskBlocks(state.riskState), ...state.blocks()];
    return ok(
      blocks.length === 0 ? "Entries run again." : `Resumed, but entries still wait: ${blocks.join("; ")}.`,
    );
  }

  /** One engine is free again; what holds the whole desk back is not lifted with it. */
  #resumedOne(engine: EngineId): Outcome {
    const state = this.#state;
    const by = state.paused.get("*");
    if (by !== undefined)
      return ok(`${engine} is free, but the whole desk is paused by ${by}: /resume ends that.`);
    const blocks = state.blocks();
    return ok(
      blocks.length === 0
        ? `${engine} enters again.`
        : `${engine} is free, but entries still wait: ${blocks.join("; ")}.`,
    );
  }

  #forgive(engine: EngineId, actor: Actor): void {
    const found = forgiveness(this.#state, engine);
    if (found === undefined) return;
    this.#state.facts.forgive(engine, found.before, found.loss);
    this.#fact("forgive", actor, { request: { type: "forgive", engine, ...found } });
  }

  /** Why what a person asks for is not done, in one sentence; undefined: it is. */
  #refusal(event: OperatorEvent): string | undefined {
    const { request, actor } = event;
    if (request.type === "resume" && this.#needsAdmin(actor)) return NEEDS_ADMIN;
    if ((request.type === "pause" || request.type === "resume") && request.engine !== undefined) {
      const known = [...this.#state.engines.keys()];
      if (!known.includes(request.engine))
        return `There is no engine "${request.engine}"; use one of ${known.join(", ")}.`;
    }
    if (request.type === "halt" || request.type === "forgive" || request.type === "foreignSeen")
      return "Only an engine halts itself; use /pause or /panic.";
    if (request.type === "resetRisk") return "Two people decide that: /risk_reset makes a card.";
    if (request.type === "setPrice") return priceRefusal(this.#state, request);
    return this.#hands.riskRefusal(event);
  }

  /** Whether a person's close of this book, or of everything, is under way. */
  isClosing({ instrument, positionSide }: Book): boolean {
    if (this.#panic.isRunning) return true;
    return this.#state.proposals
      .executing()
      .some(
        ({ action }) =>
          action.type === "close" && action.instrument === instrument && action.positionSide === positionSide,
      );
  }

  #needsAdmin(actor: Actor): boolean {
    return this.#state.ledgerDoubt && actor.role !== "admin";
  }

  #startPanic(actor: Actor, isReplayed: boolean): Outcome {
    const state = this.#state;
    state.paused.set("*", actor.person);
    if (isReplayed) {
      this.#panic.recall();
      return ok("");
    }
    this.ends.voidPending("Panic was pressed; nothing else was done.");
    for (const { instrument } of state.config.instruments) state.circuit.retry(instrument.id, "person");
    this.#panic.start();
    return ok(
      "Panic: entries are paused and taken back; everything the desk's engines hold is being closed.",
    );
  }

  #propose(id: string, action: ProposalAction, actor: Actor): Outcome {
    if (action.type === "recover") return this.#recovery.propose(id, action, actor);
    if (action.type === "resetRisk") return this.#reset.propose(id, action, actor);
    const quote = this.#closes.quote(action);
    if (typeof quote === "string") return no(quote);
    const asked = this.#closes.withForeign(action);
    const proposal = this.#state.proposals.raise(id, { action: asked, quote }, actor, this.#state);
    this.#news.show(proposal, "proposalRaised", actor);
    return ok("The proposal is shown on every connected platform; approve or reject it there.");
  }

  /** A tap won: everything is checked again in this turn (I7), then the orders go out or a new card is shown. */
  claimed(event: ProposalClaimedEvent): Outcome {
    const state = this.#state;
    const proposal = state.proposals.get(event.id);
    if (proposal === undefined || proposal.state !== "pending") return no("This proposal is no longer open.");
    const misfit = misfitOf(proposal.action, event.decision);
    if (misfit !== undefined) {
      this.#news.finish(proposal, "failed", misfit, event);
      return no(misfit);
    }
    if (event.decision === "reject") return this.#reject(proposal, event);
    if (state.proposals.isExpired(event.id, { wallAt: event.wallAt, monotonicMs: state.monotonicMs })) {
      this.#news.finish(proposal, "expired", "It expired before it was approved.", event);
      return no("Too late: the proposal has expired. Nothing was done.");
    }
    if (proposal.quote === undefined) return this.#reset.claimed(proposal, event);
    const { action } = proposal;
    const quote = this.#quote(action);
    const now = typeof quote === "string" ? undefined : quote;
    const reason = state.proposals.drifted(event, now, state.board.of(action.instrument).topWallAt);
    if (reason !== undefined) return this.#requote(proposal, event, now, reason);
    if (action.type === "recover" && event.decision !== "approve")
      return this.#recovery.carryOut(proposal, action, event.decision, event);
    if (action.type === "close") this.#closes.execute(proposal, action, event);
    return ok("Approved; closing now.");
  }

  #reject(proposal: Proposal, event: ProposalClaimedEvent): Outcome {
    const { action } = proposal;
    if (action.type === "recover") return this.#recovery.rejected(proposal, action, event);
    const text = "Rejected; nothing was done.";
    this.#news.finish(proposal, "rejected", text, event);
    return ok(text);
  }

  #requote(
    proposal: PricedProposal,
    event: ProposalClaimedEvent,
    quote: Quote | undefined,
    reason: string,
  ): Outcome {
    if (quote === undefined) {
      this.#news.finish(proposal, "failed", `Not executed: ${reason}, and there is nothing to quote.`, event);
      if (proposal.action.type === "recover") this.#state.recoveryAsks.wantAgain(proposal.action);
      return no(`Not executed: ${reason}.`);
    }
    const { proposals } = this.#state;
    this.#news.finish(
      proposal,
      "superseded",
      `Not executed: ${reason}. A new quote replaces it.`,
      event,
      event.requoteId,
    );
    const { action: before } = proposal;
    const action =
      before.type === "close"
        ? this.#closes.withForeign(before)
        : this.#recovery.asked({ ...before, lots: quote.lots }, quote);
    const fresh = proposals.raise(
      event.requoteId,
      { action, quote },
      proposal.askedBy,
      this.#state,
      proposal.id,
    );
    this.#news.show(fresh, "proposalRaised", proposal.askedBy);
    return no(`Not executed: ${reason}. Look at the new quote.`);
  }

  /** A job asks the desk to look at its stuck rungs. */
  lookAtStuck(): void {
    this.#recovery.askAgain();
  }

  /** The account was read: what an earlier life did not finish is judged, or goes on. */
  booted(): void {
    this.ends.booted();
    this.#panic.booted();
  }

  /** After every turn: have approved closes and a panic reached their targets? */
  progress(): void {
    // Before the first reading nothing is known of a restored proposal's orders: `booted` judges it.
    if (!this.#state.isBooted) return;
    this.#closes.progress();
    this.#recovery.progress();
    this.#panic.progress();
  }

  /** The quote of what is asked, or one sentence why there is none. */
  #quote(action: PricedAction): Quote | string {
    return action.type === "recover" ? this.#recovery.quote(action) : this.#closes.quote(action);
  }

  #fact(kind: string, actor: Actor, body: Readonly<Record<string, unknown>>): void {
    this.#news.fact(kind, actor, body);
  }
}
