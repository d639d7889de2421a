import { type Actor, hasRole, type Proposal } from "./proposal.ts";

/** Characters of a reason that are kept. */
export const REASON_MOST = 500;

const MINUTES = 15;
/** For so long after a rejection its reason is taken, in wall milliseconds: every platform still edits the card then. */
const REASON_MS = MINUTES * 60_000;

/** Whether a person rejected it, without a reason so far, and may still give one. */
export const wantsReason = (proposal: Proposal, wallAt: number): boolean =>
  proposal.state !== "pending" &&
  proposal.state !== "claimed" &&
  proposal.decidedBy !== undefined &&
  reasonRefusal(proposal, proposal.decidedBy, wallAt) === undefined;

/** Why a reason for a rejection is not taken from this person, as a sentence; undefined: it is. Undefined proposal: not known. */
export function reasonRefusal(
  proposal: Proposal | undefined,
  actor: Actor,
  wallAt: number,
): string | undefined {
  if (proposal === undefined) return "This card is not known. Nothing was kept.";
  const { id, decision, decidedBy, decidedWallAt } = proposal;
  if (decision !== "reject" || decidedBy === undefined || decidedWallAt === undefined)
    return `Card ${id} was not rejected by anybody, so there is no reason to give.`;
  if (decidedBy.person !== actor.person)
    return `${decidedBy.person} rejected card ${id}, so only ${decidedBy.person} says why. Nothing was kept.`;
  if (!hasRole(actor.role, "trader"))
    return `Giving a reason needs the role trader; you are ${actor.role}. Nothing was kept.`;
  if (proposal.reason !== undefined) return givenText(id);
  return wallAt - decidedWallAt > REASON_MS
    ? `Card ${id} was rejected more than ${MINUTES} minutes ago: a reason is not taken any more. Nothing was kept.`
    : undefined;
}

/** What is said to a second reason. */
export const givenText = (id: string): string =>
  `Card ${id} has its reason already, and keeps it. Nothing was changed.`;
