import { expect, it } from "vitest";
import { type Lots, lots, ONE, rate } from "../../src/core/units.ts";
import { closeActionOf } from "../../src/desk/close-action.ts";
import type { CloseRequest } from "../../src/desk/ports.ts";
import { LINEAR } from "../support/instruments.ts";
import { GRID, Rig } from "../support/rig.ts";

/** What a close comes to where so much is held, by the engine and by somebody else. */
function asked(own: Lots, foreign: Lots, request: Partial<CloseRequest>, side: "both" | "short" = "both") {
  const { state } = new Rig().boot();
  const book = state.account.book(LINEAR.id, side);
  book.shares.set(GRID.engine, { ...book.foreign, lots: own });
  book.foreign.lots = foreign;
  return closeActionOf(state, {
    instrument: LINEAR.id,
    positionSide: undefined,
    part: rate(ONE),
    includesForeign: false,
    ...request,
  });
}

it("a named side is the side that is held, where long and short share a book too", () => {
  const [long, short, none] = [lots(4), lots(-4), lots(0)];
  const made = { type: "close", instrument: LINEAR.id, positionSide: "both" };
  expect(asked(long, none, { positionSide: "long" })).toMatchObject(made);
  expect(asked(short, none, { positionSide: "short" })).toMatchObject(made);
  expect(asked(long, none, { positionSide: "short" })).toBe(`Nothing is held short in ${LINEAR.id}.`);
  expect(asked(short, none, { positionSide: "long", part: rate(ONE / 4) })).toBe(
    `Nothing is held long in ${LINEAR.id}.`,
  );
  expect(asked(long, none, { instrument: undefined, positionSide: "short" })).toBe("Nothing is held short.");
  expect(asked(none, none, { instrument: undefined })).toBe("Nothing is held.");
});

it("with what is foreign the whole counts, and a book of its own has its own side", () => {
  const [long, more] = [lots(4), lots(-9)];
  expect(asked(long, more, { positionSide: "long" })).toMatchObject({ foreignLots: more });
  expect(asked(long, more, { positionSide: "short" })).toBe(`Nothing is held short in ${LINEAR.id}.`);
  expect(asked(long, more, { positionSide: "short", includesForeign: true })).toMatchObject({
    includesForeign: true,
  });
  expect(asked(lots(0), more, { positionSide: "short" })).toMatchObject({ foreignLots: more });
  expect(asked(more, lots(0), { positionSide: "short" }, "short")).toMatchObject({ positionSide: "short" });
});
