/** Seeds that once found a bug, with the bug in a few words: they are run first, for good. */
export const REGRESSIONS: readonly (readonly [seed: number, bug: string])[] = [
  [1, "after a change of the tick a restarted desk could not read the market"],
  [6, "an exit left for a slice whose order was still being cancelled"],
  [8, "after lists that came back stale a desk was left without quotes"],
  [9, "a start waited for ever for the first price of an instrument that is no longer traded"],
  [10, "an order that the exchange had cut to the position stayed resting after its last fill"],
  [20, "after a change of the tick a restart could not read the orders from before"],
  [29, "entries went on while every stop was refused"],
  [36, "after a change of the lot the desk could not start"],
  [40, "both sides of a trade of the account with itself carry one trade id; the history lost one of them"],
  [73, "a stop left under the slice of one that rests"],
  [99, "after a change of the lot a fill was lost from the books"],
  [104, "a second reading after the start that was stale freed the entries"],
  [133, "after a change of the tick an order stayed unknown: the answer about it could not be read"],
  [169, "after a second bot with a newer epoch a restarted desk did not know its own entry"],
  [173, "after hand trades and a panic an engine used more than its purse"],
];
