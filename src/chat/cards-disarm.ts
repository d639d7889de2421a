import type { DisarmProposal } from "../core/proposal.ts";
import { ALONE } from "./card-words.ts";
import { cardOfTwo } from "./cards-two.ts";
import type { Reply } from "./reply.ts";

/** A wish to end the exchange's countdown as a card: what nothing does any more then, who must approve it, and what came of it. */
export function disarmCard(proposal: DisarmProposal, token: string | undefined, nowWall: number): Reply {
  const { seconds } = proposal.action;
  return cardOfTwo(proposal, token, nowWall, {
    subject: "Disarm the countdown",
    question: "Disarm the exchange's countdown?",
    lines: [
      `Now the exchange takes entries and take profits back when it hears nothing from the desk for ${seconds} s.`,
      "Without it they go on resting when the desk falls silent: an entry that fills then has no stop.",
    ],
    who: `another person with the role risk may approve it; where there is none, whoever asked may, ${ALONE}`,
    stays: "It stays armed.",
    look: "/deadman",
    afterDone: "/deadman_arm arms it again.",
  });
}
