import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { GRID } from "../../support/rig.ts";
import { calm, type Happening, histories, type Kind, walker } from "../../support/walk.ts";
import { end, Journal, live, told, truthOf } from "./trade-log-rig.ts";

type History = readonly Happening[];

/** A life that is killed in the middle of a history, and the next one: what both wrote, and what was executed. */
function killed(kind: Kind, before: History, after: History) {
  const rig = walker();
  const journal = new Journal().of(rig);
  live(rig, before, kind);
  rig.requests.splice(0, Math.floor(rig.requests.length / 2));
  for (const effect of rig.requests) rig.answer(effect);
  const next = walker({ exchange: rig.exchange, config: { grids: [GRID], epoch: 8, nonce: "abcd" } });
  const resumed = new Journal(journal.lines).of(next);
  calm(next, kind);
  live(next, after, kind);
  end(next, kind);
  expect(next.held()).toBe(0);
  return { told: told(resumed), truth: truthOf(next) };
}

describe.each(["orderly", "liquidating", "lossy", "shared"] as const)(
  "the trade log on an exchange that is %s",
  (kind) => {
    it("adds up to what was executed, to the step", () => {
      fc.assert(
        fc.property(histories(kind), (history) => {
          const rig = walker();
          const journal = new Journal().of(rig);
          live(rig, history, kind);
          end(rig, kind);
          expect(rig.held()).toBe(0);
          expect(told(journal)).toEqual(truthOf(rig));
        }),
        { numRuns: 60 },
      );
    });
  },
);

describe("the trade log over a kill", () => {
  it.each(["orderly", "liquidating"] as const)(
    "adds up on an exchange that is %s: nothing twice, nothing lost",
    (kind) => {
      for (const [before, after] of fc.sample(fc.tuple(histories(kind, 100), histories(kind, 50)), {
        numRuns: 100,
        seed: 11,
      })) {
        const found = killed(kind, before, after);
        expect(found.told).toEqual(found.truth);
      }
    },
  );

  it("hardly ever differs where news was lost as well: a lot that one life gave to one rung, the next one to another", () => {
    const pairs = fc.sample(fc.tuple(histories("lossy", 100), histories("lossy", 50)), {
      numRuns: 100,
      seed: 11,
    });
    const good = pairs.filter(([before, after]) => {
      const found = killed("lossy", before, after);
      return JSON.stringify(found.told) === JSON.stringify(found.truth);
    });
    expect(good.length).toBeGreaterThanOrEqual(95);
  });
});

it("needs no correction: every lot has its line, late news of a liquidation included", () => {
  const seen = { histories: 0, corrections: 0, lines: 0 };
  for (const kind of ["orderly", "liquidating", "lossy", "shared"] as const) {
    for (const history of fc.sample(histories(kind), { numRuns: 60, seed: 7 })) {
      const rig = walker();
      const journal = new Journal().of(rig);
      live(rig, history, kind);
      end(rig, kind);
      seen.histories += 1;
      seen.lines += journal.lines.length;
      seen.corrections += journal.lines.filter(({ Action }) => Action === "CORRECTION").length;
    }
  }
  expect(seen.lines).toBeGreaterThan(seen.histories);
  // After a liquidation the desk closes the rest at once, and may be flat before lost news of that is there: what the rung
  // lost to the liquidation is shared out anew then, and told by lines that take back and tell again.
  expect(seen.corrections).toBe(0);
});
