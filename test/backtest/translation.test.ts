import { expect, test } from "vitest";
import { REFUSALS } from "../../src/backtest/translation.ts";
import { failureOf } from "../../src/gateways/binance/errors.ts";
import { refusalOf } from "../../src/venue/binance/reject-codes.ts";
import type { RejectReason } from "../../src/venue/exchange.ts";

test("every refusal is of the kind that the gateway would tell from the exchange's own code", () => {
  const others = Object.entries(REFUSALS).flatMap(([reason, kind]) => {
    const { code } = refusalOf(reason as RejectReason, { ask: "place" });
    const failure = failureOf(new Error(`{"code":${code},"msg":"no"}`));
    // A doubled id is asked about by the gateway; here no answer is ever lost, so that none is doubled.
    if (reason === "duplicateClientId" || (failure.type === "refused" && failure.kind === kind)) return [];
    return [[reason, kind, failure]];
  });
  expect(others).toEqual([]);
});
