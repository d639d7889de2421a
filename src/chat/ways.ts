import { type Decision, type Proposal, type RecoverAction, refusedWay } from "../core/proposal.ts";
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

/** The ways of a recovery as people type them; where a no means something else than to wait, it is a reject. */
export const typedWays = (action: RecoverAction): readonly string[] => [
  ...action.ways.map((way) => (way === "aggressive" ? "close" : way)),
  ...(refusedWay(action) === "wait" ? ["wait"] : []),
];

/** What people type to decide a card, in the order of its buttons; with what it does where approve and reject are not what the buttons say. */
export function typedDecisions({ id, action }: Pick<Proposal, "id" | "action">): readonly string[] {
  switch (action.type) {
    case "recover": {
      const ways = typedWays(action).map((way) => `approve ${id} ${way}`);
      const no = refusedWay(action);
      if (no === "wait") return ways;
      return [...ways, `reject ${id} (${no === "ladder" ? "places the ladder" : "closes at the market"})`];
    }
    case "panic":
      return [`reject ${id} (takes it back)`, `approve ${id} (closes now)`];
    case "basket": {
      if (action.what !== "flatten") break;
      const tap = action.tap === "first" ? "tap 1 of 2, pauses" : "tap 2 of 2, closes all";
      return [`approve ${id} (${tap})`, `reject ${id}`];
    }
    default:
  }
  return [`approve ${id}`, `reject ${id}`];
}
