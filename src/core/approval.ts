import {
  type Actor,
  type Decision,
  hasRole,
  type PersonRole,
  type Proposal,
  type ProposalAction,
} from "./proposal.ts";

/** Wall time that lets one person approve alone what two people should decide, where there is no second one. */
export const ALONE_MS = 60_000;

/** How many of the desk's people may approve what one person should not decide alone. */
export interface Deciders {
  readonly admins: number;
  /** With the role risk or admin; left out: the admins. */
  readonly approvers?: number;
}

/**
 * Who approves: `one` anybody with the role, whoever asked included; `another` somebody else than whoever asked, or, where there
 * is nobody else, that person; `two` the same, a minute later.
 */
interface ApprovalRule {
  readonly role: PersonRole;
  readonly people: "one" | "another" | "two";
}

const ANY: ApprovalRule = { role: "trader", people: "one" };

/** Who approves an action. */
function approvalRule(action: ProposalAction): ApprovalRule {
  switch (action.type) {
    case "resetRisk":
      return { role: "admin", people: "two" };
    case "close":
      return action.isOverCap === true ? { role: "risk", people: "two" } : ANY;
    case "basket":
      return { role: "risk", people: action.what === "flatten" ? "one" : "another" };
    default:
      return ANY;
  }
}

/**
 * Why this person may not decide so, as a sentence; undefined: they may. What needs two people is never approved by whoever
 * asked for it, from whatever platform: a person is a name in the settings. Where there is nobody else, a minute stands in for
 * the second one.
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
  const all = asked === "admin" ? deciders.admins : (deciders.approvers ?? deciders.admins);
  // Where nobody has the role, whoever may ask may approve as well.
  const role = all === 0 ? "trader" : asked;
  if (!hasRole(actor.role, role)) {
    const who = role === "admin" ? "Only an admin approves this" : `Approving this needs the role ${role}`;
    return `${who}; you are ${actor.role}. Nothing was done.`;
  }
  if (people === "one" || actor.person !== askedBy.person) return undefined;
  const others = all - (hasRole(askedBy.role, role) ? 1 : 0);
  const name = role === "admin" ? "admin" : "person with the role risk";
  if (others > 0) return `You asked for it: another ${name} must approve it. Nothing was done.`;
  if (people === "another") return undefined;
  const left = Math.ceil((createdWallAt + ALONE_MS - wallAt) / 1_000);
  return left <= 0
    ? undefined
    : `There is no second ${name}: a minute stands in for one. Approve again in ${left} s. Nothing was done.`;
}

/** A panic is taken back by whoever pressed it, or by somebody who may let engines enter again. */
const takeBackRefusal = (action: ProposalAction, askedBy: Actor, actor: Actor): string | undefined =>
  action.type !== "panic" || actor.person === askedBy.person || hasRole(actor.role, "risk")
    ? undefined
    : `${askedBy.person} pressed panic: only they or somebody with the role risk take it back. Nothing was done.`;
