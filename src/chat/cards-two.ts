import { unreachable } from "../core/invariant.ts";
import type { Proposal } from "../core/proposal.ts";
import {
  decidedText,
  expiredLines,
  footerOf,
  isWithdrawn,
  outcomeLines,
  untilText,
  yesOrNo,
} from "./card-words.ts";
import type { Field, Reply } from "./reply.ts";

/** The words of a card that two people decide, and that changes no position. */
export interface CardOfTwo {
  /** What it is about, before ": done". */
  readonly subject: string;
  readonly question: string;
  /** What it means, above who may approve it. */
  readonly lines: readonly string[];
  /** Who may approve it, after "until TIME". */
  readonly who: string;
  readonly fields?: readonly Field[];
  /** What holds when it is not approved. */
  readonly stays: string;
  /** Which command shows what holds. */
  readonly look: string;
  /** What to type when it was done. */
  readonly afterDone?: string;
}

/** Draws such a card in each of its states; `token` puts its buttons on it. */
export function cardOfTwo(
  proposal: Proposal,
  token: string | undefined,
  nowWall: number,
  words: CardOfTwo,
): Reply {
  const { state } = proposal;
  const { subject, question, lines, who, fields, stays, look, afterDone } = words;
  const footer = footerOf(proposal);
  const optional = (line: string | undefined): readonly string[] => (line === undefined ? [] : [line]);
  const ended = (word: string, tone: Reply["tone"], told: readonly string[]): Reply => ({
    title: `${subject}: ${word}`,
    tone,
    lines: told,
    footer,
  });
  switch (state) {
    case "pending":
      return {
        title: question,
        tone: "warning",
        lines: [...lines, `${untilText(proposal, nowWall)} ${who}`],
        ...(fields === undefined ? {} : { fields }),
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
        ...optional(afterDone),
      ]);
    case "rejected":
      return ended("rejected", "plain", [decidedText(proposal), stays]);
    case "failed":
    case "superseded":
      return ended("failed", "danger", [
        decidedText(proposal),
        ...outcomeLines(proposal),
        `${look} shows what holds.`,
      ]);
    case "expired":
      return ended(isWithdrawn(proposal) ? "withdrawn" : "expired", "plain", expiredLines(proposal, stays));
    default:
      return unreachable(state);
  }
}
