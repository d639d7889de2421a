import type { OperatorEvent, ProposalClaimedEvent } from "../../core/event.ts";
import { isTighter, type LimitTerm, limitText } from "../../core/limit.ts";
import type { OperatorRequest } from "../../core/operator-request.ts";
import type { Actor, LimitAction, LimitProposal } from "../../core/proposal.ts";
import { millis } from "../../core/units.ts";
import type { Outcome } from "../ports.ts";
import { approvedAlone, nobodyElse } from "./alone.ts";
import type { DecisionHands } from "./decisions.ts";
import { overText } from "./limit-use.ts";
import type { ProposalNews } from "./proposal-news.ts";
import { isOpen } from "./proposals.ts";
import type { KernelState } from "./state.ts";

type SetLimit = Extract<OperatorRequest, { type: "setLimit" }>;

const ok = (text: string): Outcome => ({ isOk: true, text });
const no = (text: string): Outcome => ({ isOk: false, text });

/** Limits that people move: tighter at once, looser by a card of two people, and never beyond what the settings say. */
export class LimitDecisions {
  readonly #state: KernelState;
  readonly #hands: Pick<DecisionHands, "riskOutlook" | "limitsMoved">;
  readonly #news: ProposalNews;

  constructor(
    state: KernelState,
    hands: Pick<DecisionHands, "riskOutlook" | "limitsMoved">,
    news: ProposalNews,
  ) {
    this.#state = state;
    this.#hands = hands;
    this.#news = news;
  }

  /** Why a limit is not tightened, in one sentence; undefined: it is. */
  refusal({ limit, value, isSure }: SetLimit, actor: Actor): string | undefined {
    const refusal = this.#valueRefusal(limit, value, actor);
    const term = this.#limits.find(limit);
    if (refusal !== undefined || term === undefined) return refusal;
    const wanted = value ?? term.settings;
    if (!isTighter(term, wanted, this.#limits.now(limit)))
      return "Two people decide what loosens a limit: /set_limit makes a card.";
    if (isSure === true) return undefined;
    const outlook = this.#hands.riskOutlook(this.#limits.drawdownsWith(limit, wanted));
    return outlook === undefined
      ? undefined
      : `${outlook} Nothing was changed. To do it all the same: /set_limit ${limit} ${this.#typed(term, wanted)} now`;
  }

  /** Carries it out; one that is replayed at boot was answered long ago. */
  granted({ request, actor, isReplayed }: OperatorEvent & { readonly request: SetLimit }): Outcome {
    const { limit, value, wallAt } = request;
    const term = this.#limits.find(limit);
    const before = this.#limits.now(limit);
    const { risk, riskState } = this.#state;
    risk.setLimit(limit, value === undefined ? undefined : { value, by: actor.person, wallAt });
    if (isReplayed || term === undefined) return ok("");
    const now = this.#limits.now(limit);
    this.#hands.limitsMoved(isTighter(term, now, before) && !term.name.startsWith("drawdown"));
    const after = this.#state.riskState;
    const settings =
      now === term.settings ? "as the settings say" : `the settings say ${this.#text(term, term.settings)}`;
    return ok(
      [
        `${limit}: ${this.#text(term, before)} before, ${this.#text(term, now)} now; ${settings}.`,
        ...(term.name.startsWith("drawdown")
          ? [
              riskState === after
                ? `The risk state stays ${riskState}.`
                : `The risk state was ${riskState} and is ${after} now.`,
            ]
          : overText(this.#state, term, now)),
      ].join(" "),
    );
  }

  /** Asks two people to loosen a limit. */
  propose(id: string, action: LimitAction, actor: Actor): Outcome {
    const { limit, to } = action;
    const refusal = this.#valueRefusal(limit, to, actor);
    const term = this.#limits.find(limit);
    if (refusal !== undefined || term === undefined) return no(refusal ?? "");
    if (!isTighter(term, this.#limits.now(limit), to))
      return no("What tightens a limit takes no card: /set_limit does it at once.");
    const { proposals, roster } = this.#state;
    const open = proposals
      .all()
      .find(({ state, action: asked }) => isOpen(state) && asked.type === "limit" && asked.limit === limit);
    if (open !== undefined) return no(`The card ${open.id} asks about ${limit} already; decide there.`);
    this.#news.show(proposals.raise(id, { action }, actor, this.#state), "proposalRaised", actor);
    const who =
      roster.holders("admin").length > 1 ? "another admin must approve it" : nobodyElse("admin", actor);
    return ok(`That loosens it. The proposal is shown on every connected platform; ${who}.`);
  }

  /** A tap won: everything is looked at again in this turn (I7). */
  claimed(proposal: LimitProposal, event: ProposalClaimedEvent, isAlone: boolean): Outcome {
    const { action, askedBy, id } = proposal;
    const { actor, wallAt } = event;
    const refusal = this.#changed(action) ?? this.#valueRefusal(action.limit, action.to, actor);
    if (refusal !== undefined) {
      this.#news.finish(proposal, "failed", refusal, event);
      return no(refusal);
    }
    const { limit, to, settings } = action;
    const value = to === settings ? {} : { value: to };
    const request: SetLimit = { type: "setLimit", limit, ...value, wallAt: millis(wallAt) };
    this.#news.fact("setLimit", actor, { request, askedBy, proposal: id, isAlone });
    const { at } = this.#state;
    const { text } = this.granted({ type: "operator", at, wallAt, actor, request, isReplayed: false });
    const alone = isAlone ? ` The desk's only admin ${approvedAlone(actor)}` : "";
    this.#news.finish(proposal, "done", `${text}${alone}`, event);
    return ok(text);
  }

  get #limits() {
    return this.#state.risk.limits;
  }

  /** What is not as the card showed it. */
  #changed({ limit, from, settings, texts }: LimitAction): string | undefined {
    const term = this.#limits.find(limit);
    if (term === undefined) return `There is no limit ${limit} any more. Nothing was changed.`;
    const now = this.#limits.now(limit);
    return now === from && term.settings === settings
      ? undefined
      : `${limit} was ${texts.from} when it was asked and is ${this.#text(term, now)} now: ask again with /set_limit. Nothing was changed.`;
  }

  /** Why no limit may have this value, whether it loosens or tightens; undefined: back to the settings. */
  #valueRefusal(limit: string, value: number | undefined, actor: Actor): string | undefined {
    // A role that was taken away a moment ago counts no more, whatever the platform said.
    if (!this.#state.roster.holders("admin").includes(actor.person))
      return "Only an admin moves limits. Nothing was changed.";
    const term = this.#limits.find(limit);
    if (term === undefined)
      return `There is no limit "${limit}"; use one of ${this.#limits
        .all()
        .map(({ key }) => key)
        .join(", ")}.`;
    const wanted = value ?? term.settings;
    // A count is whole; and what is no number at all would be a limit that nothing exceeds.
    if (!(term.name === "exposure" ? Number.isFinite(wanted) : Number.isSafeInteger(wanted)))
      return `${limit} can't be ${wanted}: say a number. Nothing was changed.`;
    const shown = `${limit} ${this.#text(term, wanted)}`;
    const [settings, tightest] = [this.#text(term, term.settings), this.#text(term, term.tightest)];
    if (isTighter(term, term.settings, wanted))
      return `${shown} is looser than ${settings}, which ${isOfDesk(term) ? "binds every desk" : "the settings say"}: name one from ${tightest} to ${settings}. Nothing was changed.`;
    if (wanted !== term.settings && isTighter(term, wanted, term.tightest))
      return `${shown} is tighter than any setting may be: name one from ${tightest} to ${settings}. Nothing was changed.`;
    if (wanted === this.#limits.now(limit)) return `${limit} is ${this.#text(term, wanted)} already.`;
    const { warning, emergency, shutdown } = this.#limits.drawdownsWith(limit, wanted);
    return warning < emergency && emergency < shutdown
      ? undefined
      : `${shown} would not leave the drawdowns in their order: Warning before Emergency before Shutdown. They are at ${this.#steps()} now; move the others first. Nothing was changed.`;
  }

  #steps(): string {
    const { warning, emergency, shutdown } = this.#limits.drawdowns;
    return [warning, emergency, shutdown]
      .map((at) => limitText({ name: "drawdown_warning" }, at, "", undefined))
      .join(", ");
  }

  #text(term: LimitTerm, value: number): string {
    const instrument = term.instrument === undefined ? undefined : this.#state.instrument(term.instrument);
    return limitText(term, value, this.#state.config.asset, instrument);
  }

  /** The same as people type it: without a unit. */
  #typed(term: LimitTerm, value: number): string {
    return value === term.settings ? "settings" : this.#text(term, value).replace(/ .*$/, "");
  }
}

/** Whether it is no setting but a rule of every desk. */
const isOfDesk = ({ name }: LimitTerm): boolean => name.startsWith("drawdown");
