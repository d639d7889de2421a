import type { RejectKind } from "../../core/reject-kind.ts";
import { type Failure, plain } from "../binance/errors.ts";

// 429 is "high server load, please retry": nothing that we could ask less of, and nothing that a close should wait for.
const KINDS: ReadonlyMap<number, RejectKind> = new Map([
  ...codes("margin", 110004, 110006, 110007, 110011, 110012, 110014, 110016, 110039, 110040, 110044, 110045),
  ...codes("margin", 110051, 110052, 110053),
  ...codes("reduceOnly", 110017, 110034),
  ...codes("wouldTrigger", 110092, 110093),
  ...codes("filter", 10001, 110003, 110094),
  ...codes("tooMany", 110009, 110020),
  ...codes("rateLimit", 10006, 10018, 10009, 10429),
  ...codes("clock", 10002),
  ...codes("auth", 10003, 10004, 10005, 10007, 10008, 10010, 10024, 10027, 33004),
  ...codes("unavailable", 429, 110023, 110042, 110063, 110066, 110074),
]);

function codes(kind: RejectKind, ...numbers: readonly number[]): readonly (readonly [number, RejectKind])[] {
  return numbers.map((number) => [number, kind] as const);
}

/**
 * Codes after which the order may exist: a server timeout, an internal error, a request that the exchange took for a
 * repeated one, and an id that is taken, for us by nobody but an earlier copy of the same request.
 */
const LOST: ReadonlySet<number> = new Set([10000, 10014, 10016, 10019, 110072]);

/** "Order does not exist", "finished or cancelled", "already cancelled". */
export const isGone = (code: number | undefined): boolean =>
  code === 110001 || code === 110008 || code === 110010;
/** "Leverage not modified", "margin mode not modified": the exchange is already as we want it. */
export const isNoChange = (code: number | undefined): boolean => code === 110043 || code === 110026;

/**
 * Sorts an error by the exchange's numeric code. What carries no code of a refusal is lost: asking is right, repeating
 * is not.
 */
export function failureOf(error: unknown): Failure {
  const message = error instanceof Error ? error.message : String(error);
  const found = /"retCode"\s*:\s*"?(\d+)"?/.exec(message);
  const said = /"retMsg"\s*:\s*"((?:[^"\\]|\\.)*)"/.exec(message)?.[1];
  if (found === null) {
    if (/ 403 | 429 /.test(message)) {
      return { type: "refused", code: 10018, kind: "rateLimit", reason: "too many requests" };
    }
    return { type: "lost", reason: plain(error) };
  }
  const code = Number(found[1]);
  if (code === 0 || LOST.has(code)) return { type: "lost", reason: `${said ?? "outcome unknown"} (${code})` };
  return {
    type: "refused",
    code,
    kind: KINDS.get(code) ?? "other",
    reason: `${said ?? "refused"} (${code})`,
  };
}
