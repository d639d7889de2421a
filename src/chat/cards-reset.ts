import type { ResetProposal } from "../core/proposal.ts";
import { ALONE } from "./card-words.ts";
import { cardOfTwo } from "./cards-two.ts";
import { money } from "./format.ts";
import type { Reply } from "./reply.ts";

/** A wish to leave Shutdown as a card: what begins anew and why, who must approve it, and what came of it. */
export function resetCard(proposal: ResetProposal, token: string | undefined, nowWall: number): Reply {
  const { action } = proposal;
  return cardOfTwo(proposal, token, nowWall, {
    subject: "Risk reset",
    question: "Begin the risk state anew?",
    lines: [
      `Why: ${action.cause}`,
      "Losses up to now count no more: drawdown begins at the present equity, and engines may enter again.",
    ],
    who: `another admin may approve it; a desk's only admin may, ${ALONE}`,
    fields: [
      { label: "Risk state", text: action.riskState },
      {
        label: "Peak of equity",
        text: `${money(action.peak, action.asset)} -> ${money(action.equity, action.asset)}`,
      },
    ],
    stays: "The risk state stays as it is.",
    look: "/risk",
  });
}
