import { unreachable } from "../core/invariant.ts";
import type { LimitProposal } from "../core/proposal.ts";
import { decidedText, footerOf, outcomeLines, untilText, yesOrNo } from "./card-words.ts";
import { clockTime } from "./format.ts";
import type { Reply } from "./reply.ts";

/** A wish to loosen a limit as a card: what is in force, what is wanted, who must approve it, and what came of it. */
export function limitCard(proposal: LimitProposal, token: string | undefined, nowWall: number): Reply {
  const { action, askedBy, state, expiresWallAt } = proposal;
  const { limit, texts } = action;
  const footer = footerOf(proposal);
  const ended = (word: string, tone: Reply["tone"], lines: readonly string[]): Reply => ({
    title: `${limit} ${texts.to}: ${word}`,
    tone,
    lines,
    footer,
  });
  const stays = `${limit} stays at ${texts.from}.`;
  switch (state) {
    case "pending":
      return {
        title: `Loosen ${limit}?`,
        tone: "warning",
        lines: [
          "The desk may risk more than now, and no more than the settings say.",
          `${untilText(proposal, nowWall)} an admin other than ${askedBy.person} may approve it; a desk's only admin may, a minute after asking, with a code of the authenticator.`,
        ],
        fields: [
          { label: "Limit", text: `${texts.from} -> ${texts.to}` },
          { label: "Settings", text: texts.settings },
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
        "/set_limit shows what holds.",
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
