import { approvalRefusal, NO_CODE, needsCode } from "../../core/approval.ts";
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
  type Proposal,
  type ProposalAction,
  type Quote,
} from "../../core/proposal.ts";
import type { Drawdowns } from "../../risk/ladder.ts";
import type { Outcome } from "../ports.ts";
import { Adoption } from "./adoption.ts";
import { BasketDecisions } from "./basket-decisions.ts";
import { CancelDecisions } from "./cancel-decisions.ts";
import { CloseDecisions } from "./close-decisions.ts";
import { CountdownDecisions, isAboutCountdown } from "./countdown-decisions.ts";
import type { Effect } from "./effect.ts";
import { HedgeDecisions } from "./hedge-decisions.ts";
import { LimitDecisions } from "./limit-decisions.ts";
import { lockRefusal } from "./locks.ts";
import { MarginDecisions } from "./margin-decisions.ts";
import { pausedText } from "./messages.ts";
import { Panic } from "./panic.ts";
import { PanicWindow } from "./panic-window.ts";
import { isAboutPeople, PeopleDecisions } from "./people-decisions.ts";
import { priceRefusal, priceSetText } from "./price-setting.ts";
import { ProposalEnds } from "./proposal-ends.ts";
import {
  isBasket,
  isCancel,
  isDisarm,
  isGrant,
  isHedge,
  isLimit,
  isMargin,
  isPanic,
  isReset,
} from "./proposal-kinds.ts";
import { ProposalNews } from "./proposal-news.ts";
import { RecoveryDecisions } from "./recovery-decisions.ts";
import { requote } from "./requoting.ts";
import { ResetDecisions } from "./reset-decisions.ts";
import { NEEDS_ADMIN, Resuming } from "./resuming.ts";
import type { KernelState } from "./state.ts";

/** What the decisions may do in a turn. */
export interface DecisionHands {
  effect(effect: Effect): void;
  toEngine(engine: EngineId, event: CloseShareEvent | RecoverRungEvent): void;
  /** What every engine hears of what a person decided. */
  toAll(event: OperatorEvent): void;
  place(facts: OrderFacts, reason: string): void;
  /** Why a person's wish about the risk state is not granted, and what comes of one that is. */
  riskRefusal(event: OperatorEvent): string | undefined;
  riskGranted(event: OperatorEvent): Outcome;
  /** What other drawdown limits would make of the risk state now, as a sentence; undefined: nothing stricter. */
  riskOutlook(drawdowns: Drawdowns): string | undefined;
  /** A limit was moved: the account is judged by it at once, and entries are placed anew where they may be beyond it. */
  limitsMoved(mayExceed: boolean): void;
  /** An admin goes on without what the ledger knew. */
  riskAccepted(actor: Actor): void;
}

const ok = (text: string): Outcome => ({ isOk: true, text });
const no = (text: string): Outcome => ({ isOk: false, text });

/** What people decide: pause, resume, panic, proposals. Claim, then act (DESIGN.md section 4). */
export class Decisions {
  readonly #state: KernelState;
  readonly #hands: DecisionHands;
  readonly #panic: Panic;
  readonly #window: PanicWindow;
  readonly #baskets: BasketDecisions;
  readonly #resuming: Resuming;
  readonly #cancels: CancelDecisions;
  readonly #news: ProposalNews;
  readonly #closes: CloseDecisions;
  readonly #recovery: RecoveryDecisions;
  readonly #reset: ResetDecisions;
  readonly #people: PeopleDecisions;
  readonly #limits: LimitDecisions;
  readonly #countdowns: CountdownDecisions;
  readonly #hedges: HedgeDecisions;
  /** Margin that people add to positions. */
  readonly margins: MarginDecisions;
  /** How proposals end that nobody decides. */
  readonly ends: ProposalEnds;
  /** What a person had counted as foreign, to be looked at in the next reading. */
  readonly adoption: Adoption;

  constructor(state: KernelState, hands: DecisionHands) {
    this.#state = state;
    this.#hands = hands;
    const send = (effect: Effect): void => hands.effect(effect);
    this.#panic = new Panic(state, hands);
    this.#news = new ProposalNews(state, send);
    this.#closes = new CloseDecisions(state, hands, this.#news);
    this.#recovery = new RecoveryDecisions(state, hands, this.#news);
    this.#hedges = new HedgeDecisions(state, hands, this.#news, (rung) => this.#recovery.quote(rung));
    this.#reset = new ResetDecisions(state, hands, this.#news);
    this.#people = new PeopleDecisions(state, send, this.#news);
    this.#limits = new LimitDecisions(state, hands, this.#news);
    this.#countdowns = new CountdownDecisions(state, this.#news);
    this.margins = new MarginDecisions(state, this.#news, send, (book) => this.isClosing(book));
    this.#window = new PanicWindow(state, this.#panic, this.#news);
    this.#baskets = new BasketDecisions(state, hands, this.#news, this.#closes);
    this.#cancels = new CancelDecisions(state, hands, this.#news);
    this.#resuming = new Resuming(state, hands, this.#news, (actor) => {
      this.#window.resumed(actor);
      this.#baskets.resumed(actor);
      this.#panic.end();
    });
    this.ends = new ProposalEnds(state, this.#news, {
      closes: this.#closes,
      recovery: this.#recovery,
      baskets: this.#baskets,
      panics: this.#window,
    });
    this.adoption = new Adoption(state, send);
  }

  operator(event: OperatorEvent): Outcome {
    const { request, actor } = event;
    const { paused } = this.#state;
    const refusal = event.isReplayed ? undefined : this.#refusal(event);
    if (refusal !== undefined) return no(refusal);
    // What was refused is no fact: the next start would take it for one.
    if (!event.isReplayed && !request.type.startsWith("propose"))
      this.#news.fact(request.type, actor, { request });
    if (isAboutPeople(request)) return this.#people.granted({ ...event, request });
    if (isAboutCountdown(request)) return this.#countdowns.granted({ ...event, request });
    switch (request.type) {
      case "pause":
        paused.set(request.engine ?? "*", actor.person);
        return ok(pausedText(request.engine));
      case "reconcile":
        this.#state.truthDueWallAt = this.#state.wallAt;
        return ok("The account is read now.");
      case "resume":
        return this.#resuming.resume(actor, request.engine, event.isReplayed);
      case "panic":
        return this.#startPanic(actor, event.isReplayed, request.proposalId);
      case "cancelOrder":
        return this.#cancels.cancel(request.clientId);
      case "lock":
        this.#state.locks.set(request, actor.person);
        return ok(`${request.instrument}: no engine enters any more; stops and take profits stay.`);
      case "unlock":
        this.#state.locks.end(request);
        return ok(`${request.instrument}: engines may enter again, as far as nothing else holds them back.`);
      case "panicUndone":
        this.#panic.end();
        return ok("");
      case "setRiskState":
      case "resetRisk":
        return this.#hands.riskGranted(event);
      case "setPrice":
        this.#state.facts.setPrice(request.engine, request.which, request.price);
        return ok(priceSetText(this.#state, request));
      case "setLimit":
        return this.#limits.granted({ ...event, request });
      case "proposeHedge":
        return this.#hedges.propose(request.proposalId, request, actor);
      case "proposeMargin":
        return this.margins.propose(request.proposalId, request, actor);
      case "marginCounted":
        return this.margins.recalled(request);
      case "halt":
        this.#state.pauseEngine(request.engine, request.reason);
        this.#state.facts.halt(request.engine, request.reason);
        return ok("");
      case "forgive":
        this.#state.facts.forgive(request.engine, request.before, request.loss);
        return ok("");
      case "foreignSeen":
        this.#resuming.foreignRecalled();
        return ok("");
      case "adopt":
        return event.isReplayed ? ok("") : this.adoption.ask(request.instrument);
      default:
        return this.#propose(request.proposalId, request.action, actor);
    }
  }

  /** Why what a person asks for is not done, in one sentence; undefined: it is. */
  #refusal(event: OperatorEvent): string | undefined {
    const { request, actor } = event;
    if (request.type === "resume" && this.#resuming.needsAdmin(actor)) return NEEDS_ADMIN;
    if ((request.type === "pause" || request.type === "resume") && request.engine !== undefined) {
      const known = [...this.#state.engines.keys()];
      if (!known.includes(request.engine))
        return `There is no engine "${request.engine}"; use one of ${known.join(", ")}.`;
    }
    if (request.type === "halt" || request.type === "forgive" || request.type === "foreignSeen")
      return "Only an engine halts itself; use /pause or /panic.";
    if (request.type === "lock" || request.type === "unlock") return lockRefusal(this.#state, request, actor);
    if (request.type === "marginCounted") return "Only the desk counts margin: /add_margin adds some.";
    if (request.type === "panicUndone") return "The card of a panic takes it back.";
    if (request.type === "resetRisk") return "Two people decide that: /risk_reset makes a card.";
    if (request.type === "setPrice") return priceRefusal(this.#state, request);
    if (request.type === "setLimit") return this.#limits.refusal(request, actor);
    if (isAboutPeople(request)) return this.#people.refusal(request, actor);
    if (isAboutCountdown(request)) return this.#countdowns.refusal(request);
    return this.#hands.riskRefusal(event);
  }

  /** Whether a person's close of this book, or of everything, is under way. */
  isClosing({ instrument, positionSide }: Book): boolean {
    if (this.#panic.isRunning || this.#baskets.isRunning) return true;
    return this.#state.proposals
      .executing()
      .some(
        ({ action }) =>
          action.type === "close" && action.instrument === instrument && action.positionSide === positionSide,
      );
  }

  #startPanic(actor: Actor, isReplayed: boolean, proposalId: string | undefined): Outcome {
    const state = this.#state;
    state.paused.set("*", actor.person);
    if (isReplayed) {
      this.#panic.recall();
      return ok("");
    }
    this.ends.voidPending("Panic was pressed.", "panic");
    for (const { instrument } of state.config.instruments) state.circuit.retry(instrument.id, "person");
    return this.#window.press(proposalId, actor);
  }

  #propose(id: string, action: ProposalAction, actor: Actor): Outcome {
    if (action.type === "recover") return this.#recovery.propose(id, action, actor);
    if (action.type === "resetRisk") return this.#reset.propose(id, action, actor);
    if (action.type === "grant") return this.#people.propose(id, action, actor);
    if (action.type === "limit") return this.#limits.propose(id, action, actor);
    if (action.type === "disarm") return this.#countdowns.propose(id, action, actor);
    if (action.type === "basket") return this.#baskets.propose(id, action, actor);
    if (action.type === "cancel") return this.#cancels.propose(id, action, actor);
    if (action.type === "panic" || action.type === "hedge") return no(`Use /${action.type}.`);
    if (action.type === "addMargin") return no("Use /add_margin.");
    const quote = this.#closes.tooMuch(action) ?? this.#closes.quote(action);
    if (typeof quote === "string") return no(quote);
    const asked = this.#closes.asked(action, quote);
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
    if (isPanic(proposal)) return this.#window.claimed(proposal, event);
    if (event.decision === "reject") return this.#reject(proposal, event);
    const late = this.ends.late(proposal, event);
    if (late !== undefined) return no(late);
    const { decision, actor, wallAt } = event;
    const isAlone = needsCode(proposal, decision, actor);
    const refusal =
      approvalRefusal(proposal, decision, actor, wallAt, state.roster) ??
      (isAlone && event.isProven !== true ? NO_CODE : undefined);
    if (refusal !== undefined) {
      this.#news.finish(proposal, "failed", refusal, event);
      return no(refusal);
    }
    if (isBasket(proposal)) return this.#baskets.claimed(proposal, event);
    if (isGrant(proposal)) return this.#people.claimed(proposal, event);
    if (isHedge(proposal)) return this.#hedges.claimed(proposal, event);
    if (isMargin(proposal)) return this.margins.claimed(proposal, event);
    if (isLimit(proposal)) return this.#limits.claimed(proposal, event, isAlone);
    if (isCancel(proposal)) return this.#cancels.claimed(proposal, event);
    if (isDisarm(proposal)) return this.#countdowns.claimed(proposal, event);
    if (isReset(proposal)) return this.#reset.claimed(proposal, event);
    const { action } = proposal;
    const quote = this.#quote(action);
    const now = typeof quote === "string" ? undefined : quote;
    const reason =
      state.proposals.drifted(event, now, state.board.of(action.instrument).topWallAt) ??
      this.#closes.beyond(action, now);
    if (reason !== undefined) return requote(state, this.#askers, proposal, event, now, reason);
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

  get #askers() {
    return { news: this.#news, closes: this.#closes, recovery: this.#recovery };
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
    this.#hedges.progress();
    this.margins.progress();
    this.#panic.progress();
    this.#window.progress();
    this.#baskets.progress();
    this.#cancels.progress();
  }

  /** The quote of what is asked, or one sentence why there is none. */
  #quote(action: PricedAction): Quote | string {
    return action.type === "recover" ? this.#recovery.quote(action) : this.#closes.quote(action);
  }
}
