import type { Decision } from "../core/proposal.ts";
import type { Button } from "./reply.ts";

/** What a button carries. A tap's text comes from the person's app, so anything may stand in it. */
export type TapText =
  | { readonly type: "decide"; readonly decision: Decision; readonly token: string }
  | {
      readonly type: "run";
      readonly line: string;
      /** Of its answer, from 1. */
      readonly page: number;
      /** The line may act, until then (wall); undefined: it only reads. */
      readonly untilWallAt: number | undefined;
    }
  | { readonly type: "see"; readonly mark: string; readonly minutes: number | undefined }
  /** Asks for the reason of a rejection, or on a form brings it. */
  | { readonly type: "why"; readonly card: string };

/** The letter of each decision. */
const LETTERS: Readonly<Record<Decision, string>> = {
  approve: "a",
  reject: "r",
  aggressive: "c",
  ladder: "l",
  hedge: "h",
};
const DECISIONS = new Map(
  Object.entries(LETTERS).map(([decision, letter]) => [letter, decision as Decision]),
);

/** The most bytes that Telegram carries in a button; Discord carries 100 characters. */
export const TAP_BYTES_MAX = 64;

const TOKEN = /^[A-Za-z0-9_-]{16,43}$/;

/** The text behind a button; undefined when it is too long to be carried. */
export function tapText(action: Button["action"]): string | undefined {
  const text = written(action);
  return Buffer.byteLength(text) <= TAP_BYTES_MAX ? text : undefined;
}

function written(action: Button["action"]): string {
  switch (action.type) {
    case "run":
      return `v1:x:${action.line}`;
    case "page":
      return `v1:p:${action.page}:${action.line}`;
    case "pick":
      return `v1:k:${action.untilWallAt.toString(36)}:${action.line}`;
    case "why":
      return `v1:w:${action.card}`;
    case "see":
      return `v1:s:${action.mark}${action.minutes === undefined ? "" : `:${action.minutes}`}`;
    default:
      return `v1:${LETTERS[action.type]}:${action.token}`;
  }
}

const CARD = /^[a-z0-9]{1,24}-[a-z0-9]{1,24}$/;
const SEE = /^([0-9a-z]{4})(?::(\d{1,4}))?$/;

/** Reads what a tap carried; undefined when it is none of our buttons. */
export function readTap(text: string): TapText | undefined {
  if (Buffer.byteLength(text) > TAP_BYTES_MAX) return undefined;
  const [, kind, rest = ""] = /^v1:([a-z]):(.+)$/.exec(text) ?? [];
  if (kind === "x") return { type: "run", line: rest, page: 1, untilWallAt: undefined };
  if (kind === "p" || kind === "k") return readLine(kind, rest);
  if (kind === "w") return CARD.test(rest) ? { type: "why", card: rest } : undefined;
  if (kind === "s") {
    const [, mark, minutes] = SEE.exec(rest) ?? [];
    if (mark === undefined) return undefined;
    return { type: "see", mark, minutes: minutes === undefined ? undefined : Number(minutes) };
  }
  const decision = kind === undefined ? undefined : DECISIONS.get(kind);
  if (decision === undefined || !TOKEN.test(rest)) return undefined;
  return { type: "decide", decision, token: rest };
}

const PAGE = /^([1-9]\d{0,3}):(.+)$/;
const PICK = /^([0-9a-z]{1,9}):(.+)$/;

/** A page of an answer, or a pick that ends at a moment. */
function readLine(kind: "p" | "k", rest: string): TapText | undefined {
  const [, count = "", line] = (kind === "p" ? PAGE : PICK).exec(rest) ?? [];
  if (line === undefined) return undefined;
  return kind === "p"
    ? { type: "run", line, page: Number(count), untilWallAt: undefined }
    : { type: "run", line, page: 1, untilWallAt: Number.parseInt(count, 36) };
}
