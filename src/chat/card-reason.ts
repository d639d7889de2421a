import type { Proposal } from "../core/proposal.ts";
import { wantsReason } from "../core/reason.ts";
import type { Reply } from "./reply.ts";

/** A card with the reason of its rejection; while there is none and one may still be given, with a button that asks for it. */
export function withReason(reply: Reply, proposal: Proposal, nowWall: number): Reply {
  const { id, reason } = proposal;
  if (reason !== undefined)
    return { ...reply, lines: [...(reply.lines ?? []), `Reason: ${plainWords(reason)}`] };
  if (!wantsReason(proposal, nowWall)) return reply;
  const ask = { label: "Add a reason", style: "plain", action: { type: "why", card: id } } as const;
  return { ...reply, buttons: [...(reply.buttons ?? []), [ask]] };
}

/** Somebody's words as words alone: they call nobody, and nothing in them is a command to tap. */
const plainWords = (text: string): string =>
  text.replaceAll("@", "\uff20").replaceAll(/(?<![\p{L}\p{N}])\/(?=\p{L})/gu, "\u2215");
