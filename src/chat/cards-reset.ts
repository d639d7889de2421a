import { unreachable } from "../core/invariant.ts";
import type { ResetProposal } from "../core/proposal.ts";
import { decidedText, footerOf, outcomeLines, untilText, yesOrNo } from "./card-words.ts";
import { clockTime, money } from "./format.ts";
import type { Reply } from "./reply.ts";

/** A wish to leave Shutdown as a card: what begins anew and why, who must approve it, and what came of it. */
export function resetCard(proposal: ResetProposal, token: string | undefined, nowWall: number): Reply {
  const { action, state, expiresWallAt } = proposal;
  const footer = footerOf(proposal);
  const ended = (word: string, tone: Reply["tone"], lines: readonly string[]): Reply => ({
    title: `Risk reset: ${word}`,
    tone,
    lines,
    footer,
  });
  switch (state) {
    case "pending":
      return {
        title: "Begin the risk state anew?",
        tone: "warning",
        lines: [
          `Why: ${action.cause}`,
          "Losses up to now count no more: drawdown begins at the present equity, and engines may enter again.",
          `${untilText(proposal, nowWall)} another admin may approve it; a desk's only admin may, a minute after asking, with a code of the authenticator.`,
        ],
        fields: [
          { label: "Risk state", text: action.riskState },
          {
            label: "Peak of equity",
            text: `${money(action.peak, action.asset)} -> ${money(action.equity, action.asset)}`,
          },
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
      return ended("rejected", "plain", [decidedText(proposal), "The risk state stays as it is."]);
    case "failed":
    case "superseded":
      return ended("failed", "danger", [
        decidedText(proposal),
        ...outcomeLines(proposal),
        "/risk shows what holds.",
      ]);
    case "expired":
      return ended("expired", "plain", [
        `Nobody approved it by ${clockTime(expiresWallAt)}. The risk state stays as it is.`,
        ...outcomeLines(proposal),
        "/risk_reset asks again.",
      ]);
    default:
      return unreachable(state);
  }
}
