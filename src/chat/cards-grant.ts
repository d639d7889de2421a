import type { GrantProposal } from "../core/proposal.ts";
import { ALONE } from "./card-words.ts";
import { cardOfTwo } from "./cards-two.ts";
import type { Reply } from "./reply.ts";

/** A wish to give somebody the role risk or admin as a card: what it lets them do, who must approve it, and what came of it. */
export function grantCard(proposal: GrantProposal, token: string | undefined, nowWall: number): Reply {
  const { action, askedBy } = proposal;
  const { person, role, from, account } = action;
  const before = from === "none" ? "no role" : from;
  return cardOfTwo(proposal, token, nowWall, {
    subject: `${person} as ${role}`,
    question: `Make ${person} ${role}?`,
    lines: [
      role === "admin"
        ? "An admin does everything, says who may do what, and approves what two people decide."
        : "The role risk lets people resume, approve hedges, and loosen prices.",
    ],
    who: `an admin other than ${askedBy.person} may approve it; a desk's only admin may, ${ALONE}`,
    fields: [
      { label: "Role", text: `${before} -> ${role}` },
      ...(account === undefined
        ? []
        : [{ label: "Account", text: `${account.platform} ${account.id}, new here` }]),
    ],
    stays: `${person} stays as before: ${before}.`,
    look: "/users",
  });
}
