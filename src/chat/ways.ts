import type { Decision, RecoverAction } from "../core/proposal.ts";
import type { RecoveryChoice } from "../core/recovery.ts";

/** How the ways of a recovery are called on buttons and in sentences. */
export const WAY_LABELS: Readonly<Record<RecoveryChoice | "wait", string>> = {
  aggressive: "Force close",
  ladder: "Ladder again",
  hedge: "Hedge",
  wait: "Wait",
};

const WORDS: ReadonlyMap<string, Decision> = new Map([
  ["aggressive", "aggressive"],
  ["close", "aggressive"],
  ["force", "aggressive"],
  ["ladder", "ladder"],
  ["hedge", "hedge"],
  ["wait", "reject"],
]);

/** The decision that a typed way means; undefined: there is no such way. */
export const wayOf = (word: string): Decision | undefined => WORDS.get(word.toLowerCase());

/** The ways of a recovery as people type them. */
export const typedWays = ({ ways }: RecoverAction): readonly string[] => [
  ...ways.map((way) => (way === "aggressive" ? "close" : way)),
  "wait",
];
