import type { RejectKind } from "../../core/reject-kind.ts";
import { plain } from "../binance/errors.ts";
import { optionalText, type Payload } from "../binance/fields.ts";

/** What became of a request that did not succeed. `lost`: it may have been carried out (I1, I9). */
export type Failure =
  | { readonly type: "refused"; readonly code: number; readonly kind: RejectKind; readonly reason: string }
  | { readonly type: "lost"; readonly reason: string };

const CODES: Readonly<Partial<Record<RejectKind, readonly number[]>>> = {
  reduceOnly: [51023, 51058, 51112, 51148, 51169, 51170, 51205, 51206],
  // By what a trigger looks at: last price, mark (as our stops do), index.
  wouldTrigger: [51277, 51278, 51279, 51280, 51300, 51302, 51303, 51304, 51305, 51306, 51307, 51308],
  margin: [51008, 51119, 51127, 51131, 51004, 51502, 59103, 59108, 59200],
  filter: [
    51000, 51005, 51006, 51007, 51020, 51100, 51101, 51116, 51118, 51120, 51121, 51122, 51137, 51138, 51202,
    51203, 51250, 51275,
  ],
  tooMany: [51025, 51102, 51103, 51117, 51174, 51261, 51299],
  rateLimit: [50011, 50040, 50061, 51113],
  unavailable: [50005, 51022, 51029, 51030],
  clock: [50036, 50037, 50102, 50112],
  auth: [
    50100, 50101, 50103, 50104, 50105, 50106, 50107, 50110, 50111, 50113, 50114, 50119, 50120, 50121, 50027,
    50030,
  ],
};
const KINDS: ReadonlyMap<number, RejectKind> = new Map(
  Object.entries(CODES).flatMap(([kind, codes]) => codes.map((code) => [code, kind as RejectKind] as const)),
);

/**
 * Codes after which the order may exist: maintenance in mid-air, time-outs, a busy system, internal errors, and an id that is
 * taken, for us by nobody but an earlier copy of the same request.
 */
const LOST: ReadonlySet<number> = new Set([
  50001, 50004, 50013, 50026, 50071, 51016, 51054, 51065, 51068, 51149,
]);

/** An order that is filled, cancelled, or never was: cancelling and asking say so in different ways. */
export const isGone = (code: number): boolean => [51400, 51401, 51402, 51603].includes(code);

/**
 * Sorts an error by OKX's own code, never by ccxt's class. An order's code stands in its item (`sCode`); the code around it
 * only says that something failed. What carries no code of a refusal is lost: asking is right, repeating is not.
 */
export function failureOf(error: unknown): Failure {
  const message = error instanceof Error ? error.message : String(error);
  const item = /"sCode"\s*:\s*"?([1-9]\d*)"?/.exec(message);
  if (item !== null) return failureOfCode(Number(item[1]), saidIn(message, "sMsg"));
  const whole = /"code"\s*:\s*"?(\d+)"?/.exec(message);
  if (whole !== null) return failureOfCode(Number(whole[1]), saidIn(message, "msg"));
  if (/ 429 |DDoSProtection/.test(message)) {
    return { type: "refused", code: 50011, kind: "rateLimit", reason: "too many requests" };
  }
  return { type: "lost", reason: plain(error) };
}

/** What an item of an answer says against its order; undefined when it was accepted. */
export function refusalOf(item: Payload): Failure | undefined {
  const code = Number(optionalText(item, "sCode") ?? "0");
  return code === 0 ? undefined : failureOfCode(code, optionalText(item, "sMsg") ?? "");
}

const saidIn = (message: string, field: string): string =>
  new RegExp(`"${field}"\\s*:\\s*"((?:[^"\\\\]|\\\\.)*)"`).exec(message)?.[1] ?? "";

function failureOfCode(code: number, said: string): Failure {
  // 404, 500 and the like are no codes of OKX's: something in front of it answered.
  if (code < 50_000 || LOST.has(code)) {
    return { type: "lost", reason: `${said === "" ? "outcome unknown" : said} (${code})` };
  }
  const reason = `${said === "" ? "refused" : said} (${code})`;
  return { type: "refused", code, kind: KINDS.get(code) ?? "other", reason };
}
