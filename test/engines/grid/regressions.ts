import type { Happening, Kind } from "../../support/walk.ts";

type Short = readonly [what: Happening["what"], pick: number, size: number];

/** A history that once left a position without exits, or exits without a position; `after` is lived after a kill. */
export interface Regression {
  readonly story: string;
  readonly kind: Kind;
  readonly before: readonly Happening[];
  readonly after: readonly Happening[];
}

const long = (list: readonly Short[]): readonly Happening[] =>
  list.map(([what, pick, size]) => ({ what, pick, size }));

/** Found by the properties of this folder, shrunk, and kept. */
export const REGRESSIONS: readonly Regression[] = [
  {
    story: "a lost fill of a finished cycle brings the whole cycle back",
    kind: "lossy",
    before: long([
      ["fill", 0, 1],
      ["fill", 0, 1],
      ["deliver", 0, 1],
      ["serve", 0, 1],
      ["refuseStop", 0, 1],
      ["drop", 0, 1],
      ["drop", 0, 1],
    ]),
    after: long([]),
  },
  {
    story: "a refused cancel of a finished cycle's order does not start it again",
    kind: "liquidating",
    before: long([
      ["fill", 0, 7],
      ["deliver", 0, 1],
      ["serve", 0, 5],
      ["liquidate", 0, 3],
      ["refuseStop", 0, 1],
      ["fill", 0, 3],
      ["fill", 0, 7],
    ]),
    after: long([]),
  },
  {
    story: "both exits executed before the news of a further entry fill",
    kind: "lossy",
    before: long([
      ["fill", 0, 1],
      ["fill", 0, 1],
      ["deliver", 0, 1],
      ["serve", 0, 1],
      ["trigger", 0, 1],
      ["fill", 127, 1],
      ["copy", 0, 1],
      ["fill", 0, 1],
      ["deliver", 865, 1],
    ]),
    after: long([]),
  },
  {
    story: "a lost take profit and a stop that fires while nobody listens",
    kind: "lossy",
    before: long([
      ["fill", 0, 1],
      ["fill", 0, 1],
      ["deliver", 0, 1],
      ["serve", 0, 1],
      ["fill", 159, 1],
      ["drop", 0, 1],
      ["drop", 0, 1],
      ["trigger", 0, 1],
    ]),
    after: long([]),
  },
  {
    story: "an over-close that a later fill of its own entry makes good",
    kind: "orderly",
    before: long([
      ["fill", 0, 10],
      ["deliver", 0, 1],
      ["serve", 0, 1],
      ["move", 0, 1],
      ["serve", 0, 1],
      ["fill", 465, 1],
      ["refuseStop", 0, 1],
    ]),
    after: long([
      ["trigger", 0, 1],
      ["fill", 368, 1],
      ["trigger", 0, 1],
      ["deliver", 0, 1],
      ["deliver", 0, 1],
      ["serve", 0, 2],
      ["fill", 0, 1],
    ]),
  },
  {
    story:
      "an exit of the next life that is filled in the moment of the reading is its own, not the foreign part's",
    kind: "shared",
    before: long([
      ["move", 0, 1],
      ["fill", 0, 1],
      ["move", 0, 1],
      ["byHand", 0, 1],
      ["move", 0, 1],
      ["move", 0, 1],
      ["move", 0, 1],
      ["fill", 0, 1],
    ]),
    after: long([]),
  },
  {
    story: "a stop refused for what a person had sold, and a lot of the same rung that came after it",
    kind: "shared",
    before: long([
      ["fill", 0, 1],
      ["fill", 0, 9],
      ["deliver", 0, 6],
      ["wait", 0, 6],
      ["wait", 0, 4],
      ["serve", 0, 1],
      ["deliver", 0, 1],
      ["move", 0, 1],
      ["serve", 0, 2],
      ["trigger", 0, 1],
      ["fill", 854, 1],
      ["deliver", 0, 6],
      ["trigger", 0, 1],
      ["deliver", 0, 2],
      ["deliver", 0, 1],
      ["serve", 0, 1],
      ["refuseStop", 0, 1],
      ["byHand", 0, 1],
      ["wait", 0, 10],
      ["serve", 0, 1],
      ["fill", 279, 1],
    ]),
    after: long([]),
  },
];
