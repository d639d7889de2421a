import { unreachable } from "../core/invariant.ts";
import type { GrantProposal } from "../core/proposal.ts";
import { decidedText, footerOf, outcomeLines, untilText, yesOrNo } from "./card-words.ts";
import { clockTime } from "./format.ts";
import type { Reply } from "./reply.ts";

/** A wish to give somebody the role risk or admin as a card: what it lets them do, who must approve it, and what came of it. */
export function grantCard(proposal: GrantProposal, token: string | undefined, nowWall: number): Reply {
  const { action, askedBy, state, expiresWallAt } = proposal;
  const { person, role, from, account } = action;
  const footer = footerOf(proposal);
  const ended = (word: string, tone: Reply["tone"], lines: readonly string[]): Reply => ({
    title: `${person} as ${role}: ${word}`,
    tone,
    lines,
    footer,
  });
  const stays = `${person} stays as before: ${from === "none" ? "no role" : from}.`;
  switch (state) {
    case "pending":
      return {
        title: `Make ${person} ${role}?`,
        tone: "warning",
        lines: [
          role === "admin"
            ? "An admin does everything, says who may do what, and approves what two people decide."
            : "The role risk lets people resume, approve hedges, and loosen prices.",
          `${untilText(proposal, nowWall)} an admin other than ${askedBy.person} may approve it; a desk's only admin may, a minute after asking, with a code of the authenticator.`,
        ],
        fields: [
          { label: "Role", text: `${from === "none" ? "no role" : from} -> ${role}` },
          ...(account === undefined
            ? []
            : [{ label: "Account", text: `${account.platform} ${account.id}, new here` }]),
        ],
        ...(token === undefined ? {} : { buttons: yesOrNo(token) }),
        footer,
      };
    case "claimed":
    case "executing":
      return ended("decided", "plain", [decidedText(proposal), "Being checked again."]);
    case "done":
      return ended("done", "good", [decidedText(proposal), ...outcomeLines(proposal)]);
    case "rejected":
      return ended("rejected", "plain", [decidedText(proposal), stays]);
    case "failed":
    case "superseded":
      return ended("failed", "danger", [
        decidedText(proposal),
        ...outcomeLines(proposal),
        "/users shows what holds.",
      ]);
    case "expired":
      return ended("expired", "plain", [
        `Nobody approved it by ${clockTime(expiresWallAt)}. ${stays}`,
        ...outcomeLines(proposal),
      ]);
    default:
      return unreachable(state);
  }
}
