import type { LimitProposal } from "../core/proposal.ts";
import { ALONE } from "./card-words.ts";
import { cardOfTwo } from "./cards-two.ts";
import type { Reply } from "./reply.ts";

/** A wish to loosen a limit as a card: what is in force, what is wanted, who must approve it, and what came of it. */
export function limitCard(proposal: LimitProposal, token: string | undefined, nowWall: number): Reply {
  const { action, askedBy } = proposal;
  const { limit, texts } = action;
  return cardOfTwo(proposal, token, nowWall, {
    subject: `${limit} ${texts.to}`,
    question: `Loosen ${limit}?`,
    lines: ["The desk may risk more than now, and no more than the settings say."],
    who: `an admin other than ${askedBy.person} may approve it; a desk's only admin may, ${ALONE}`,
    fields: [
      { label: "Limit", text: `${texts.from} -> ${texts.to}` },
      { label: "Settings", text: texts.settings },
    ],
    stays: `${limit} stays at ${texts.from}.`,
    look: "/set_limit",
  });
}
