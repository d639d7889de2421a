import { expect, test } from "vitest";
import { LIMIT_ENDS } from "../../src/core/limit.ts";
import { ONE } from "../../src/core/units.ts";
import { gridSchema } from "../../src/settings/grid-schema.ts";
import { schema } from "../../src/settings/schema.ts";

const { risk } = schema.shape;

test.each([
  ["risk.grossLeverageMax", risk.shape.grossLeverageMax, LIMIT_ENDS.exposure, 0.09],
  [
    "risk.liquidationBufferPercent",
    risk.shape.liquidationBufferPercent,
    (LIMIT_ENDS.buffer * 100) / ONE,
    90.1,
  ],
  ["max_margin_usd", gridSchema.in.shape.max_margin_usd, LIMIT_ENDS.purseUsd / ONE, 99],
  ["max_margin", gridSchema.in.shape.max_margin, LIMIT_ENDS.purseCoins / ONE, 0.00009],
])("people may tighten as far as %s goes, and no further", (_name, field, end, beyond) => {
  expect(field.safeParse(end).success).toBe(true);
  expect(field.safeParse(beyond).success).toBe(false);
});
