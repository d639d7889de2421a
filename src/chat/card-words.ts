import { OUT_OF_TIME } from "../core/approval.ts";
import type { Actor, Proposal, ProposalAction, ProposalState } from "../core/proposal.ts";
import { chosenText } from "./cards-recover.ts";
import { clockTime, duration } from "./format.ts";
import { cut } from "./layout.ts";
import type { Reply } from "./reply.ts";

const PLATFORMS: Readonly<Record<Actor["platform"], string>> = {
  telegram: "Telegram",
  discord: "Discord",
  terminal: "the terminal",
  desk: "its own",
};

type Ending = readonly [string, Reply["tone"]];

/** What a card's title ends with in each state, and its tone; `executing` as the action has it. */
export function endings(executing: Ending): (proposal: Proposal) => Ending {
  const words: Readonly<Record<ProposalState, Ending>> = {
    pending: ["?", "warning"],
    claimed: [": decided", "plain"],
    executing,
    done: [": done", "good"],
    failed: [": failed", "danger"],
    rejected: [": rejected", "plain"],
    expired: [": expired", "plain"],
    superseded: [": see the next card", "warning"],
  };
  return (proposal) => (isWithdrawn(proposal) ? [": withdrawn", "plain"] : words[proposal.state]);
}

/** Whether a card ended before its time was over: a panic, a restart or a clock that moved made it void. */
export const isWithdrawn = ({ state, action, decidedBy, outcome }: Proposal): boolean =>
  state === "expired" &&
  action.type !== "recover" &&
  action.type !== "panic" &&
  decidedBy === undefined &&
  !isOutOfTime(outcome);

/** Whether nothing else ended it than that its time was over. */
const isOutOfTime = (outcome: string | undefined): outcome is typeof OUT_OF_TIME | undefined =>
  outcome === undefined || outcome === OUT_OF_TIME;

/** Why nobody can decide a card any more, with what that leaves ("Nothing was sent."), and how to ask again. */
export function expiredLines(proposal: Proposal, leaves: string): string[] {
  const { outcome, expiresWallAt, action } = proposal;
  const why = isOutOfTime(outcome) ? `Nobody decided by ${clockTime(expiresWallAt)}.` : outcome;
  return [`${why} ${leaves}`, askAgain(action)];
}

/** What is said to a decision about a card that waits for none any more; undefined: no card of this name is known. */
export function noDecisionText(id: string, proposal: Proposal | undefined): string {
  if (proposal === undefined)
    return `No card "${cut(id, 40)}" waits for a decision; /proposals lists those that do.`;
  const { state, action, outcome, decidedBy, expiresWallAt, supersededBy } = proposal;
  if (state === "superseded" && supersededBy !== undefined)
    return `Card ${id} was replaced by ${supersededBy}, which shows the new figures. Nothing was done.`;
  const said = isOutOfTime(outcome) ? "" : ` ${outcome}`;
  if (state === "expired") {
    const how = isWithdrawn(proposal) ? "was withdrawn" : `expired at ${clockTime(expiresWallAt)}`;
    return `Card ${id} ${how}.${said} ${askAgain(action)}`;
  }
  return decidedBy === undefined
    ? `Card ${id} waits for no decision any more.${said}`
    : `Card ${id} waits for no decision any more. ${decidedText(proposal)}`;
}

/** Which command makes such a card. */
function askAgain(action: ProposalAction): string {
  if (action.type === "recover") return "/stuck shows what is stuck.";
  const name =
    action.type === "basket" && action.what !== "flatten" ? `close_${action.what}` : ASKS[action.type];
  return `/${name} asks again.`;
}

const ASKS: Readonly<Record<Exclude<ProposalAction["type"], "recover">, string>> = {
  close: "close",
  resetRisk: "risk_reset",
  grant: "grant",
  limit: "set_limit",
  hedge: "hedge",
  basket: "flatten",
  panic: "panic",
  cancel: "cancel",
  disarm: "deadman_disarm",
  addMargin: "add_margin",
};

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
