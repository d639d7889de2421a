import type { Decision } from "../core/proposal.ts";

/** What a button carries. A tap's text comes from the person's app, so anything may stand in it. */
export type TapText =
  | { readonly type: "decide"; readonly decision: Decision; readonly token: string }
  | { readonly type: "run"; readonly line: string };

/** The most bytes that Telegram carries in a button; Discord carries 100 characters. */
export const TAP_BYTES_MAX = 64;

const TOKEN = /^[A-Za-z0-9_-]{16,43}$/;

/** The text behind a button; undefined when it is too long to be carried. */
export function tapText(
  action:
    | { readonly type: "approve" | "reject"; readonly token: string }
    | { readonly type: "run"; readonly line: string },
): string | undefined {
  const text =
    action.type === "run"
      ? `v1:x:${action.line}`
      : `v1:${action.type === "approve" ? "a" : "r"}:${action.token}`;
  return Buffer.byteLength(text) <= TAP_BYTES_MAX ? text : undefined;
}

/** Reads what a tap carried; undefined when it is none of our buttons. */
export function readTap(text: string): TapText | undefined {
  if (Buffer.byteLength(text) > TAP_BYTES_MAX) return undefined;
  const [, kind, rest = ""] = /^v1:([arx]):(.+)$/.exec(text) ?? [];
  if (kind === "x") return { type: "run", line: rest };
  if (kind === undefined || !TOKEN.test(rest)) return undefined;
  return { type: "decide", decision: kind === "a" ? "approve" : "reject", token: rest };
}
