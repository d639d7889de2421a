import {
  type Actor,
  type Decision,
  hasRole,
  type PersonRole,
  type Proposal,
  type ProposalAction,
} from "./proposal.ts";
import type { RosterView } from "./roster.ts";

/** Wall time that lets one person approve alone what two people should decide, where there is no second one. */
export const ALONE_MS = 60_000;

/** Who may approve what one person should not decide alone, by name. */
export type Deciders = Pick<RosterView, "holders">;

/**
 * Who approves: `one` anybody with the role, whoever asked included; `another` somebody else than whoever asked, or, where there
 * is nobody else, that person; `two` the same, a minute later.
 */
interface ApprovalRule {
  readonly role: PersonRole;
  readonly people: "one" | "another" | "two";
}

const ANY: ApprovalRule = { role: "trader", people: "one" };

/** Whether a position has no stop any more, or one fewer, when it is done (R3). */
const endsStop = (action: ProposalAction): boolean =>
  action.type === "cancel" && action.orders.some(({ isStop }) => isStop);

/** Who approves an action. */
function approvalRule(action: ProposalAction): ApprovalRule {
  switch (action.type) {
    case "resetRisk":
    case "grant":
    case "limit":
      return { role: "admin", people: "two" };
    case "disarm":
      return { role: "risk", people: "two" };
    case "close":
      return action.isOverCap === true ? { role: "risk", people: "two" } : ANY;
    case "cancel":
      return endsStop(action) ? { role: "risk", people: "one" } : ANY;
    case "addMargin":
      return { role: "risk", people: "one" };
    case "hedge":
      return { role: "risk", people: "another" };
    case "basket":
      return { role: "risk", people: action.what === "flatten" ? "one" : "another" };
    default:
      return ANY;
  }
}

/**
 * Why this person may not decide so, as a sentence; undefined: they may. What needs two people is never approved by whoever
 * asked for it, from whatever platform: a person is a name with all their accounts. Where there is nobody else, a minute stands in for
 * the second one, and a one-time code besides (`needsCode`). What a person may is what they may now (`deciders`).
 */
export function approvalRefusal(
  { action, askedBy, createdWallAt }: Proposal,
  decision: Decision,
  actor: Actor,
  wallAt: number,
  deciders: Deciders,
): string | undefined {
  if (decision === "reject") return takeBackRefusal(action, askedBy, actor);
  const { role: asked, people } = approvalRule(action);
  const isRisky = people === "two" || decision === "hedge" || action.type === "hedge" || endsStop(action);
  if (actor.barred !== undefined && isRisky) return actor.barred;
  const able = deciders.holders(asked);
  // Where nobody has the role, whoever may ask may approve as well.
  const role = able.length === 0 ? "trader" : asked;
  if (!hasRole(actor.role, role)) {
    const who = role === "admin" ? "Only an admin approves this" : `Approving this needs the role ${role}`;
    return `${who}; you are ${actor.role}. Nothing was done.`;
  }
  if (people === "one") return undefined;
  if (able.length > 0 && !able.includes(actor.person))
    return `Your role ${role} was taken away. Nothing was done.`;
  if (asked === "admin" && !able.includes(askedBy.person))
    return `${askedBy.person}, who asked for it, is no admin any more. Nothing was done.`;
  if (actor.person !== askedBy.person) return undefined;
  const name = role === "admin" ? "admin" : "person with the role risk";
  if (able.some((person) => person !== askedBy.person))
    return `You asked for it: another ${name} must approve it. Nothing was done.`;
  if (people === "another") return undefined;
  const left = Math.ceil((createdWallAt + ALONE_MS - wallAt) / 1_000);
  return left <= 0
    ? undefined
    : `There is no second ${name}: a minute stands in for one. Approve again in ${left} s. Nothing was done.`;
}

/** Whether somebody approves alone what two people should decide: a one-time code must prove that it is them. */
export const needsCode = ({ action, askedBy }: Proposal, decision: Decision, actor: Actor): boolean =>
  decision !== "reject" && approvalRule(action).people === "two" && actor.person === askedBy.person;

/** What somebody alone is told whose code the desk has not seen. */
export const NO_CODE =
  "There is nobody else: your one-time code must come with the approval. Nothing was done.";

/** What a card ends with that nobody decided until its time was over. Any other end came before. */
export const OUT_OF_TIME = "Nobody decided in time; nothing was done.";

/** A panic is taken back by whoever pressed it, or by somebody who may let engines enter again. */
const takeBackRefusal = (action: ProposalAction, askedBy: Actor, actor: Actor): string | undefined =>
  action.type !== "panic" || actor.person === askedBy.person
    ? undefined
    : hasRole(actor.role, "risk")
      ? actor.barred
      : `${askedBy.person} pressed panic: only they or somebody with the role risk take it back. Nothing was done.`;
