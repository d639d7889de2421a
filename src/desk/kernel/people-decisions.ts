import { approvalRefusal, needsCode } from "../../core/approval.ts";
import type { OperatorEvent, OperatorRequest, ProposalClaimedEvent } from "../../core/event.ts";
import type { AlertIntent } from "../../core/intent.ts";
import { type Actor, DESK, type GrantAction, type GrantProposal } from "../../core/proposal.ts";
import { type NewAccount, type RosterPerson, rankOf, takesCard } from "../../core/roster.ts";
import { millis } from "../../core/units.ts";
import type { Outcome } from "../ports.ts";
import { approvedAlone, nobodyElse } from "./alone.ts";
import type { Effect } from "./effect.ts";
import { grantedAlert, linkedAlert, platformName, revokedAlert } from "./people-alerts.ts";
import type { ProposalNews } from "./proposal-news.ts";
import { isOpen } from "./proposals.ts";
import type { KernelState } from "./state.ts";

type Grant = Extract<OperatorRequest, { type: "grant" }>;
type Revoke = Extract<OperatorRequest, { type: "revoke" }>;
type Link = Extract<OperatorRequest, { type: "link" }>;
/** What is asked about people. */
export type PeopleRequest = Grant | Revoke | Link;

const ok = (text: string): Outcome => ({ isOk: true, text });
const no = (text: string): Outcome => ({ isOk: false, text });

/** Who may do what: roles that are given and taken in chat, and further accounts of a person. Never above the settings. */
export class PeopleDecisions {
  readonly #state: KernelState;
  readonly #effect: (effect: Effect) => void;
  readonly #news: ProposalNews;

  constructor(state: KernelState, effect: (effect: Effect) => void, news: ProposalNews) {
    this.#state = state;
    this.#effect = effect;
    this.#news = news;
  }

  /** Why it is not done, in one sentence; undefined: it is. */
  refusal(request: PeopleRequest, actor: Actor): string | undefined {
    switch (request.type) {
      case "grant": {
        const refusal = this.#grantRefusal(request, actor);
        if (refusal !== undefined) return refusal;
        const { role: now } = this.#state.roster.find(request.person) ?? {};
        return takesCard(request.role, now) ? "Two people decide that: /grant makes a card." : undefined;
      }
      case "revoke":
        return this.#revokeRefusal(request, actor);
      default:
        return this.#linkRefusal(request);
    }
  }

  /** Carries it out; one that is replayed at boot was answered and announced long ago. */
  granted({ request, actor, isReplayed }: OperatorEvent & { readonly request: PeopleRequest }): Outcome {
    const { roster } = this.#state;
    const before = roster.find(request.person);
    const name = before?.name ?? request.person;
    if (request.type === "grant") {
      roster.grant(name, request.role, request.account);
      if (!isReplayed)
        this.#announce(grantedAlert(name, before?.role, request.role, actor.person, request.account));
      return ok(`${name} is ${request.role} from now on.`);
    }
    if (request.type === "link") {
      roster.link(name, request.account);
      if (!isReplayed) this.#announce(linkedAlert(name, request.account));
      return ok(`This ${platformName(request.account.platform)} account is ${name}'s from now on.`);
    }
    roster.revoke(name, request.platform);
    if (!isReplayed) this.#announce(revokedAlert(name, request.platform, actor.person));
    return ok(
      request.platform === undefined
        ? `${name} has no role any more: whatever they send is a stranger's.`
        : `The ${platformName(request.platform)} account of ${name} is cut off; what it sends is a stranger's.`,
    );
  }

  /** Asks two people to give somebody the role risk or admin. */
  propose(id: string, action: GrantAction, actor: Actor): Outcome {
    const refusal = this.#grantRefusal(action, actor);
    if (refusal !== undefined) return no(refusal);
    const { proposals, roster } = this.#state;
    const { role: now, name = action.person } = roster.find(action.person) ?? {};
    if (!takesCard(action.role, now))
      return no(`${action.role} for ${name} takes no card; /grant does it at once.`);
    const open = proposals
      .all()
      .find(({ state, action: asked }) => isOpen(state) && asked.type === "grant" && asked.person === name);
    if (open !== undefined) return no(`The card ${open.id} asks about ${name} already; decide there.`);
    const asked: GrantAction = { ...action, person: name, from: now ?? "none" };
    this.#news.show(proposals.raise(id, { action: asked }, actor, this.#state), "proposalRaised", actor);
    const who =
      roster.holders("admin").length > 1 ? "another admin must approve it" : nobodyElse("admin", actor);
    return ok(`The proposal is shown on every connected platform; ${who}.`);
  }

  /** A tap won: everything is looked at again in this turn (I7). */
  claimed(proposal: GrantProposal, event: ProposalClaimedEvent): Outcome {
    const { actor, wallAt, decision } = event;
    const { roster } = this.#state;
    const { action, askedBy, id } = proposal;
    const isAlone = needsCode(proposal, decision, actor);
    const refusal =
      approvalRefusal(proposal, decision, actor, wallAt, roster) ??
      this.#changed(action) ??
      this.#grantRefusal(action, actor);
    if (refusal !== undefined) {
      this.#news.finish(proposal, "failed", refusal, event);
      return no(refusal);
    }
    const { person, role, account } = action;
    const request: Grant = {
      type: "grant",
      person,
      role,
      ...(account === undefined ? {} : { account: { ...account, wallAt: millis(wallAt) } }),
    };
    this.#news.fact("grant", actor, { request, askedBy, proposal: id, isAlone });
    const { at } = this.#state;
    const { text } = this.granted({ type: "operator", at, wallAt, actor, request, isReplayed: false });
    const alone = isAlone ? ` The desk's only admin ${approvedAlone(actor)}` : "";
    this.#news.finish(proposal, "done", `${text}${alone}`, event);
    return ok(text);
  }

  /** What is not as the card showed it. */
  #changed({ person, from }: GrantAction): string | undefined {
    const now = this.#state.roster.find(person)?.role ?? "none";
    return now === from
      ? undefined
      : `${person} was ${from} when it was asked and is ${now} now: ask again with /grant. Nothing was done.`;
  }

  #grantRefusal({ person, role, account }: Grant | GrantAction, actor: Actor): string | undefined {
    const { roster } = this.#state;
    const known = roster.find(person);
    const notAdmin = this.#notAdmin(actor);
    if (notAdmin !== undefined) return notAdmin;
    if (known === undefined && person.toLowerCase() === DESK.person)
      return `"${person}" is the desk's own name: choose another one. Nothing was changed.`;
    const ceiling = known === undefined ? roster.rules.newPeople : known.ceiling;
    if (ceiling === undefined)
      return `"${person}" is not in the settings, and chat.newPeople lets nobody in by chat: add them to chat.people on the machine, or set chat.newPeople there. Nothing was changed.`;
    if (rankOf(role) > rankOf(ceiling))
      return `The settings let ${known?.name ?? person} be ${ceiling} at most (${known?.isListed === true ? "chat.people" : "chat.newPeople"}); only the machine can raise that. Nothing was changed.`;
    if (known === undefined && account === undefined)
      return `${person} is new: say which account is theirs, e.g. /grant ${person} ${role} telegram:123456789. Nothing was changed.`;
    if (known !== undefined && account !== undefined)
      return `${known.name} is known already and adds an account with /link: leave ${account.platform}:${account.id} out. Nothing was changed.`;
    if (account !== undefined) {
      const owner = this.#ownerOf(account);
      if (owner !== undefined)
        return `This ${platformName(account.platform)} account is ${owner}'s. Nothing was changed.`;
    }
    if (known?.role === role) return `${known.name} is ${role} already. Nothing was changed.`;
    return known !== undefined && rankOf(role) < rankOf(known.role) ? this.#lastAdmin(known) : undefined;
  }

  #revokeRefusal({ person, platform }: Revoke, actor: Actor): string | undefined {
    const { roster } = this.#state;
    const notAdmin = this.#notAdmin(actor);
    if (notAdmin !== undefined) return notAdmin;
    const known = roster.find(person);
    if (known === undefined)
      return `There is no "${person}" here; /users lists everybody. Nothing was changed.`;
    if (platform === undefined)
      return known.role === undefined
        ? `${known.name} has no role. Nothing was changed.`
        : this.#lastAdmin(known);
    if (!known.accounts.some((account) => account.platform === platform))
      return `${known.name} has no ${platformName(platform)} account. Nothing was changed.`;
    const ways = known.accounts.length - 1 + (this.#sitsAtTerminal(known) ? 1 : 0);
    return ways > 0 ? undefined : this.#lastAdmin(known);
  }

  #linkRefusal({ person, account }: Link): string | undefined {
    const { roster } = this.#state;
    const known = roster.find(person);
    if (known?.role === undefined) return `${person} has no role. Nothing was linked.`;
    const owner = this.#ownerOf(account, known.name);
    if (owner !== undefined) return `This account is ${owner}'s already. Nothing was linked.`;
    return known.accounts.some(({ platform }) => platform === account.platform)
      ? `${known.name} has a ${platformName(account.platform)} account already; an admin takes it away with /revoke ${known.name} ${account.platform}. Nothing was linked.`
      : undefined;
  }

  /**
   * Whose account this is; one that was cut off is still whose the settings say, but that person may link it again (`linker`):
   * anybody else who had it would act under that person's name and role.
   */
  #ownerOf({ platform, id }: NewAccount, linker?: string): string | undefined {
    const { roster } = this.#state;
    const owner = roster.owner(platform, id);
    if (owner !== undefined) return owner.name;
    const listed = roster.listedOwner(platform, id);
    return listed === linker ? undefined : listed;
  }

  /** A role that was taken away a moment ago counts no more, whatever the platform said. */
  #notAdmin(actor: Actor): string | undefined {
    return this.#state.roster.holders("admin").includes(actor.person)
      ? undefined
      : "Only an admin says who may do what. Nothing was changed.";
  }

  #lastAdmin({ name, role }: RosterPerson): string | undefined {
    return role === "admin" && this.#state.roster.holders("admin").length === 1
      ? `${name} is the only admin: make somebody else admin first. Nothing was changed.`
      : undefined;
  }

  #sitsAtTerminal({ name }: RosterPerson): boolean {
    return this.#state.roster.rules.terminal?.toLowerCase() === name.toLowerCase();
  }

  #announce(alert: AlertIntent): void {
    this.#effect(alert);
  }
}

/** Whether a request is about people. */
export const isAboutPeople = (request: OperatorRequest): request is PeopleRequest =>
  request.type === "grant" || request.type === "revoke" || request.type === "link";
