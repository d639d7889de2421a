import type { Actor, Proposal, ProposalState } from "../core/proposal.ts";
import { chosenText } from "./cards-recover.ts";
import { clockTime, duration } from "./format.ts";
import type { Reply } from "./reply.ts";

const PLATFORMS: Readonly<Record<Actor["platform"], string>> = {
  telegram: "Telegram",
  discord: "Discord",
  terminal: "the terminal",
  desk: "its own",
};

/** What a card's title ends with in each state, and its tone; `executing` as the action has it. */
export function endings(
  executing: readonly [string, Reply["tone"]],
): Readonly<Record<ProposalState, readonly [string, Reply["tone"]]>> {
  return {
    pending: ["?", "warning"],
    claimed: [": decided", "plain"],
    executing,
    done: [": done", "good"],
    failed: [": failed", "danger"],
    rejected: [": rejected", "plain"],
    expired: [": expired", "plain"],
    superseded: [": see the next card", "warning"],
  };
}

/** "Until 09:04:02 UTC (59 s)". */
export function untilText({ expiresWallAt }: Proposal, nowWall: number): string {
  const left = expiresWallAt - nowWall;
  return `Until ${clockTime(expiresWallAt)}${left > 0 ? ` (${duration(left)})` : ""}`;
}

/** "Approved by operator on the terminal at 09:03:02 UTC." */
export function decidedText(proposal: Proposal): string {
  const { decidedBy, decidedWallAt } = proposal;
  const who =
    decidedBy === undefined ? "the desk" : `${decidedBy.person} on ${PLATFORMS[decidedBy.platform]}`;
  return `${verbOf(proposal)} by ${who}${decidedWallAt === undefined ? "" : ` at ${clockTime(decidedWallAt)}`}.`;
}

/** What was decided, in the words of the card's buttons. */
function verbOf({ action, decision, state }: Proposal): string {
  if (action.type === "recover") return chosenText(decision, action);
  if (decision !== "approve" && decision !== "reject") return "Decided";
  if (action.type !== "panic") return decision === "reject" ? "Rejected" : "Approved";
  if (decision === "approve") return "Close now chosen";
  return state === "rejected" ? "Taken back" : "Take it back chosen";
}

/** What stands in for a second person where there is none. Whoever sits at the machine could set up an authenticator there. */
export const ALONE =
  "a minute after asking, with a code of the authenticator (at the terminal only where one is set up).";

/** What came of it, if anything is known. */
export const outcomeLines = ({ outcome }: Proposal): string[] => (outcome === undefined ? [] : [outcome]);

/** "Card k1-e1, asked by operator on the terminal at 09:03:02 UTC". */
export function footerOf({ id, askedBy, createdWallAt }: Proposal): string {
  const { person, platform } = askedBy;
  const who = platform === "desk" ? "the desk" : `${person} on ${PLATFORMS[platform]}`;
  return `Card ${id}, asked by ${who} at ${clockTime(createdWallAt)}`;
}

/** The two buttons of a card with one way. */
export const yesOrNo = (token: string): NonNullable<Reply["buttons"]> => [
  [
    { label: "Approve", style: "danger", action: { type: "approve", token } },
    { label: "Reject", style: "plain", action: { type: "reject", token } },
  ],
];
