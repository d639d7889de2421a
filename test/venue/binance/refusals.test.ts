import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { refusalOf } from "../../../src/venue/binance/reject-codes.ts";
import type { RejectReason } from "../../../src/venue/exchange.ts";
import { CALL_CASES } from "./call-refusals.ts";
import { ORDER_CASES } from "./order-refusals.ts";
import { limit, raw } from "./refusal-case.ts";
import { type Client, type Served, serveVenue } from "./served-venue.ts";

describe("the venue says no in Binance's words", () => {
  let venue: Served;
  let client: Client;
  beforeAll(async () => {
    venue = await serveVenue();
    client = await venue.client();
    await client.loadMarkets();
  });
  afterAll(() => venue.close());

  it.each([...ORDER_CASES, ...CALL_CASES])("$code when a client $does", async ({ code, kind, run }) => {
    const error = await run(client, venue).then(
      () => undefined,
      (thrown: Error) => thrown,
    );
    expect(error?.message).toMatch(new RegExp(`"code":${code}\\b`));
    expect(error?.constructor.name).toBe(kind);
  });

  it("names the field that is missing", async () => {
    await expect(raw(client, limit("49000", ""))).rejects.toThrow(
      "Mandatory parameter 'quantity' was not sent, was empty/null, or malformed.",
    );
  });

  it("answers a path nobody serves with 404", async () => {
    const answer = await fetch(`${venue.server.url}/fapi/v1/dance`);
    expect([answer.status, await answer.json()]).toEqual([
      404,
      { code: -5000, msg: "Path /fapi/v1/dance, Method GET is invalid" },
    ]);
  });

  it("has a code for every reason of the exchange, none of them twice by mistake", () => {
    const reasons: Record<RejectReason, number> = {
      unknownInstrument: -1121,
      priceNotOnTick: -4014,
      priceOutOfRange: -4013,
      priceTooFarAbove: -4016,
      priceTooFarBelow: -4024,
      quantityZero: -4003,
      quantityBelowMin: -4004,
      quantityAboveMax: -4005,
      notionalTooSmall: -4164,
      duplicateClientId: -4116,
      marginInsufficient: -2019,
      wouldTakePostOnly: -5022,
      cannotFillFillOrKill: -5021,
      reduceOnlyRejected: -2022,
      reduceOnlyConflict: -4118,
      positionSideMismatch: -4061,
      tooManyOrders: -2025,
      tooManyConditionalOrders: -4045,
      wouldTriggerAtOnce: -2021,
      noLiquidity: -4131,
      inLiquidation: -2023,
      leverageNotAllowed: -4028,
      leverageReductionRefused: -4161,
      noChangeNeeded: -4046,
      openOrdersOrPositionsExist: -4047,
      unknownOrder: -2011,
      marginCannotBeReduced: -4051,
      quantityNotOnLot: -4023,
      instrumentSettling: -4140,
      instrumentClosed: -4141,
      stopRefused: -2010,
      closePositionExists: -4130,
      activationInvalid: -4135,
      callbackInvalid: -1130,
      onlyLimitAmendable: -5025,
      noAmendNeeded: -5027,
    };
    const codes = Object.keys(reasons).map((reason) => refusalOf(reason as RejectReason).code);
    expect(codes).toEqual(Object.values(reasons));
    expect(new Set(codes).size).toBe(codes.length);
  });
});
