import { unreachable } from "../core/invariant.ts";
import type { DisarmProposal } from "../core/proposal.ts";
import { decidedText, footerOf, outcomeLines, untilText, yesOrNo } from "./card-words.ts";
import { clockTime } from "./format.ts";
import type { Reply } from "./reply.ts";

/** A wish to end the exchange's countdown as a card: what nothing does any more then, who must approve it, and what came of it. */
export function disarmCard(proposal: DisarmProposal, token: string | undefined, nowWall: number): Reply {
  const { action, state, expiresWallAt } = proposal;
  const footer = footerOf(proposal);
  const ended = (word: string, tone: Reply["tone"], lines: readonly string[]): Reply => ({
    title: `Disarm the countdown: ${word}`,
    tone,
    lines,
    footer,
  });
  switch (state) {
    case "pending":
      return {
        title: "Disarm the exchange's countdown?",
        tone: "warning",
        lines: [
          `Now the exchange takes entries and take profits back when it hears nothing from the desk for ${action.seconds} s.`,
          "Without it they go on resting when the desk falls silent: an entry that fills then has no stop.",
          `${untilText(proposal, nowWall)} another person with the role risk may approve it; where there is none, whoever asked may, a minute after asking, with a code of the authenticator.`,
        ],
        ...(token === undefined ? {} : { buttons: yesOrNo(token) }),
        footer,
      };
    case "claimed":
    case "executing":
      return ended("decided", "plain", [decidedText(proposal), "Being checked again."]);
    case "done":
      return ended("done", "good", [
        decidedText(proposal),
        ...outcomeLines(proposal),
        "/deadman_arm arms it again.",
      ]);
    case "rejected":
      return ended("rejected", "plain", [decidedText(proposal), "It stays armed."]);
    case "failed":
    case "superseded":
      return ended("failed", "danger", [
        decidedText(proposal),
        ...outcomeLines(proposal),
        "/deadman shows what holds.",
      ]);
    case "expired":
      return ended("expired", "plain", [
        `Nobody approved it by ${clockTime(expiresWallAt)}. It stays armed.`,
        ...outcomeLines(proposal),
        "/deadman_disarm asks again.",
      ]);
    default:
      return unreachable(state);
  }
}
