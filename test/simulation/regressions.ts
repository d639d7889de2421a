/** Seeds that once found a bug, with the bug in a few words: they are run first, for good. */
export const REGRESSIONS: readonly (readonly [seed: number, bug: string])[] = [
  [6, "both sides of a trade of the account with itself carry one trade id; the history lost one of them"],
  [20, "after a change of the tick a restart could not read the orders from before"],
  [36, "after a change of the lot the desk could not start"],
];
