import type { Outcome } from "../desk/ports.ts";
import type { Reply } from "./reply.ts";

/** The desk's answer to a request, with what can be done next. */
export function outcomeReply(outcome: Outcome, done: string, refused: string, next?: string): Reply {
  return {
    title: outcome.isOk ? done : refused,
    tone: outcome.isOk ? "good" : "warning",
    lines: [outcome.text, ...(outcome.isOk && next !== undefined ? [next] : [])],
    ...(outcome.isOk ? {} : { isPrivate: true }),
  };
}
