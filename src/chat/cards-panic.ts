import type { PanicProposal, ProposalState } from "../core/proposal.ts";
import { decidedText, footerOf, outcomeLines } from "./card-words.ts";
import { clockTime } from "./format.ts";
import type { Reply } from "./reply.ts";

const WORDS: Readonly<Record<ProposalState, readonly [string, Reply["tone"]]>> = {
  pending: ["closing begins in a moment", "danger"],
  claimed: ["decided", "plain"],
  executing: ["closing", "danger"],
  done: ["done", "good"],
  failed: ["ended", "warning"],
  rejected: ["taken back", "good"],
  expired: ["goes on", "danger"],
  superseded: ["ended", "plain"],
};

/** A panic as a card: until when it can be taken back, then what came of it. */
export function panicCard(proposal: PanicProposal, token: string | undefined): Reply {
  const { state, askedBy, expiresWallAt } = proposal;
  const [word, tone] = WORDS[state];
  const lines =
    state === "pending"
      ? [
          "Entries are paused and taken back already.",
          `At ${clockTime(expiresWallAt)} all that the engines hold is closed at the market, unless ${askedBy.person} or somebody with the role risk takes it back.`,
        ]
      : [...(proposal.decidedBy === undefined ? [] : [decidedText(proposal)]), ...outcomeLines(proposal)];
  return {
    title: `Panic: ${word}`,
    tone,
    lines,
    ...(token === undefined ? {} : { buttons: buttonsOf(token) }),
    footer: footerOf(proposal),
  };
}

const buttonsOf = (token: string): NonNullable<Reply["buttons"]> => [
  [
    { label: "Take it back", style: "primary", action: { type: "reject", token } },
    { label: "Close now", style: "danger", action: { type: "approve", token } },
  ],
];
