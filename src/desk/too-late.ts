import type { Proposal } from "../core/proposal.ts";

/** What somebody hears whose decision came after another one's, or after the end. Undefined: a card that is not known. */
export function tooLateText(proposal: Proposal | undefined): string {
  const by = proposal?.decidedBy;
  if (proposal?.state === "superseded") return "This card was replaced by a new quote. Nothing was done.";
  if (by !== undefined && (proposal?.state === "failed" || proposal?.state === "expired"))
    return `${by.person} on ${by.platform} decided before you, and it was not carried out: the card says why.`;
  if (by !== undefined) {
    return `Already ${decidedAs(proposal)} by ${by.person} on ${by.platform}. Your tap did nothing.`;
  }
  return "This proposal has expired. Nothing was done.";
}

/** What was decided, for whoever comes late. */
function decidedAs(proposal: Proposal | undefined): string {
  if (proposal?.action.type === "recover") return "decided";
  if (proposal?.decision !== "reject") return "approved";
  return proposal.action.type === "panic" ? "taken back" : "rejected";
}
