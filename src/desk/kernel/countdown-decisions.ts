import { approvalRefusal, needsCode } from "../../core/approval.ts";
import type { OperatorEvent, OperatorRequest, ProposalClaimedEvent } from "../../core/event.ts";
import type { Actor, DisarmAction, DisarmProposal } from "../../core/proposal.ts";
import type { Outcome } from "../ports.ts";
import { approvedAlone, nobodyElse } from "./alone.ts";
import type { ProposalNews } from "./proposal-news.ts";
import { isOpen } from "./proposals.ts";
import type { KernelState } from "./state.ts";

/** What is asked about the exchange's countdown. */
export type CountdownRequest = Extract<
  OperatorRequest,
  { type: "armCountdown" | "disarmCountdown" | "countdownTookStop" }
>;

const ok = (text: string): Outcome => ({ isOk: true, text });
const no = (text: string): Outcome => ({ isOk: false, text });

/** Whether the exchange cancels by itself when the desk falls silent: one person arms it, two disarm it. Never above the settings. */
export class CountdownDecisions {
  readonly #state: KernelState;
  readonly #news: ProposalNews;

  constructor(state: KernelState, news: ProposalNews) {
    this.#state = state;
    this.#news = news;
  }

  /** Why it is not done, in one sentence; undefined: it is. */
  refusal({ type }: CountdownRequest): string | undefined {
    const { config, countdowns } = this.#state;
    if (type === "countdownTookStop") return "Only the desk notes that a stop went with a countdown.";
    if (type === "disarmCountdown") return "Two people decide that: /deadman_disarm makes a card.";
    if (config.countdownSeconds === undefined) return NOT_IN_SETTINGS;
    if (countdowns.isArmed(config)) return "The countdown is armed already.";
    return countdowns.tookText === undefined
      ? undefined
      : `Chat does not arm it again, for ${countdowns.tookText}: start once with risk.cancelAfterSeconds: 0, and set it again only if stops do survive. Nothing was changed.`;
  }

  /** Carries it out, or recalls it at boot. */
  granted({ request, actor }: OperatorEvent & { readonly request: CountdownRequest }): Outcome {
    const { config, countdowns } = this.#state;
    switch (request.type) {
      case "armCountdown":
        countdowns.arm();
        return ok(
          `Armed: when the desk falls silent for ${config.countdownSeconds ?? 0} s, the exchange takes entries and take profits back. Stops stay.`,
        );
      case "disarmCountdown":
        countdowns.disarm(actor.person);
        return ok("Disarmed: when the desk falls silent, entries and take profits go on resting.");
      default:
        countdowns.tookStop(request.instrument, request.at);
        return ok("");
    }
  }

  /** Asks two people to end it. */
  propose(id: string, action: DisarmAction, actor: Actor): Outcome {
    const { proposals, roster } = this.#state;
    const refusal = this.#notArmed();
    if (refusal !== undefined) return no(refusal);
    const open = proposals.all().find(({ state, action: { type } }) => isOpen(state) && type === "disarm");
    if (open !== undefined) return no(`The card ${open.id} asks for it already; decide there.`);
    this.#news.show(proposals.raise(id, { action }, actor, this.#state), "proposalRaised", actor);
    const who = roster.holders("risk").some((person) => person !== actor.person)
      ? "another person with the role risk must approve it"
      : nobodyElse("person with the role risk", actor);
    return ok(`The proposal is shown on every connected platform; ${who}.`);
  }

  /** A tap won: whether this person may, and whether there is anything to end, is asked again (I7). */
  claimed(proposal: DisarmProposal, event: ProposalClaimedEvent): Outcome {
    const { actor, wallAt, decision } = event;
    const { askedBy, id } = proposal;
    const isAlone = needsCode(proposal, decision, actor);
    const refusal =
      approvalRefusal(proposal, decision, actor, wallAt, this.#state.roster) ?? this.#notArmed();
    if (refusal !== undefined) {
      this.#news.finish(proposal, "failed", refusal, event);
      return no(refusal);
    }
    const request = { type: "disarmCountdown" } as const;
    this.#news.fact(request.type, actor, { request, askedBy, proposal: id, isAlone });
    const { at } = this.#state;
    const { text } = this.granted({ type: "operator", at, wallAt, actor, request, isReplayed: false });
    const alone = isAlone ? ` Nobody else has the role: ${approvedAlone(actor)}` : "";
    this.#news.finish(proposal, "done", `${text}${alone}`, event);
    return ok(text);
  }

  #notArmed(): string | undefined {
    const { config, countdowns } = this.#state;
    if (config.countdownSeconds === undefined) return NOT_IN_SETTINGS;
    return countdowns.isArmed(config) ? undefined : "The countdown is not armed. Nothing was changed.";
  }
}

const NOT_IN_SETTINGS =
  "risk.cancelAfterSeconds is 0: the countdown begins in the settings on the machine. Nothing was changed.";

/** Whether a request is about the countdown. */
export const isAboutCountdown = (request: OperatorRequest): request is CountdownRequest =>
  request.type === "armCountdown" ||
  request.type === "disarmCountdown" ||
  request.type === "countdownTookStop";
