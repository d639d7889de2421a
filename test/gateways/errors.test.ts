import { describe, expect, it } from "vitest";
import { failureOf, isGone, isNoChange, plain } from "../../src/gateways/binance/errors.ts";
import { StreamCut } from "../../src/gateways/stream-keeper.ts";

class NetworkError extends Error {}
class DDoSProtection extends Error {}

describe("an error of ccxt is sorted by the exchange's number", () => {
  it("whatever class ccxt made of it, and wherever the number stands", () => {
    for (const message of [
      'binanceusdm {"code":-2022,"msg":"ReduceOnly Order is rejected."}',
      'binanceusdm 400 Bad Request {"msg":"ReduceOnly Order is rejected.", "code": -2022 }',
      'binanceusdm {"code":"-2022","msg":"ReduceOnly Order is rejected."}',
    ]) {
      for (const error of [new Error(message), new NetworkError(message), new DDoSProtection(message)]) {
        expect(failureOf(error)).toEqual({
          type: "refused",
          code: -2022,
          kind: "reduceOnly",
          reason: "ReduceOnly Order is rejected. (-2022)",
        });
      }
    }
  });

  it("a number that nobody knows is still a refusal, with the exchange's own words", () => {
    expect(failureOf(new Error('{"code":-9999,"msg":"No \\"such\\" thing."}'))).toMatchObject({
      type: "refused",
      code: -9999,
      kind: "other",
    });
    expect(failureOf(new Error('{"code":-9999}'))).toMatchObject({ reason: "refused (-9999)" });
  });

  it.each([-1000, -1001, -1006, -1007, -4116])("%i says itself that the outcome is not known", (code) => {
    expect(failureOf(new Error(`{"code":${code},"msg":"m"}`))).toEqual({
      type: "lost",
      reason: `m (${code})`,
    });
  });

  it.each([-1111, -4002, -4003, -4004, -4005, -4013, -4014, -4016, -4023, -4024, -4164])(
    "%i is an order that the filters forbid: they are read again",
    (code) => {
      expect(failureOf(new Error(`{"code":${code},"msg":"m"}`))).toMatchObject({
        type: "refused",
        kind: "filter",
      });
    },
  );

  it("numbers that are no refusals are lost", () => {
    expect(failureOf(new Error('{"code":200,"msg":"success"}'))).toMatchObject({ type: "lost" });
    expect(failureOf(new Error('{"code":0}'))).toMatchObject({ type: "lost" });
  });

  it("a limit without a number is a limit; all else without a number is lost", () => {
    const limit = { type: "refused", code: -1003, kind: "rateLimit", reason: "too many requests" };
    expect(failureOf(new DDoSProtection("binanceusdm 429 Too Many Requests slow down"))).toEqual(limit);
    expect(failureOf(new DDoSProtection("binanceusdm 418 I'm a Teapot "))).toEqual(limit);
    expect(failureOf(new TypeError("Cannot read properties of undefined"))).toEqual({
      type: "lost",
      reason: "TypeError",
    });
    expect(failureOf("a text")).toEqual({ type: "lost", reason: "unknown failure" });
    expect(failureOf(undefined)).toEqual({ type: "lost", reason: "unknown failure" });
  });

  it.each([401, 403, 404, 405, 411, 413, 414, 415, 431, 451])("HTTP %i alone was turned away", (status) => {
    for (const message of [
      `binanceusdm POST (address) ${status} Some Words <html>502 Bad Gateway</html>`,
      `binancecoinm ${status} `,
      `binanceusdm ${status}`,
    ]) {
      expect(failureOf(new NetworkError(message))).toMatchObject({
        type: "refused",
        code: undefined,
        reason: `HTTP ${status}`,
      });
    }
  });

  it("HTTP statuses that anybody on the way may answer prove nothing, nor does a number in a page", () => {
    for (const status of [400, 402, 406, 408, 409, 410, 425, 500, 502, 503, 504]) {
      expect(failureOf(new NetworkError(`binanceusdm POST (address) ${status} Some Words `))).toMatchObject({
        type: "lost",
      });
    }
    expect(
      failureOf(new NetworkError("binanceusdm POST (address) 502 Bad Gateway see 403 Forbidden")),
    ).toMatchObject({
      type: "lost",
    });
    expect(failureOf(new Error("fetch failed 403"))).toMatchObject({ type: "lost" });
  });

  it("knows which numbers mean gone, and which mean that nothing had to change", () => {
    expect([-2011, -2013, -2010, 0].map(isGone)).toEqual([true, true, false, false]);
    expect([-4046, -4059, -4061].map(isNoChange)).toEqual([true, true, false]);
  });
});

describe("what is told of a failure holds no address", () => {
  it.each([
    [
      "binanceusdm GET https://fapi.binance.com/fapi/v1/order?timestamp=1&signature=abc 502 Bad Gateway <html>",
      "NetworkError: HTTP 502",
    ],
    [
      "binanceusdm POST https://fapi.binance.com/fapi/v1/order fetch failed: connect ECONNREFUSED 127.0.0.1:1",
      "NetworkError: ECONNREFUSED",
    ],
    ["binanceusdm GET https://x/y?signature=abc request timed out (5000 ms)", "NetworkError: timed out"],
    ["Connection to wss://fstream.binance.com/private/ws?listenKey=abc failed", "NetworkError"],
  ])("%s", (message, told) => {
    expect(plain(new NetworkError(message))).toBe(told);
  });

  it("our own reason is told as it is", () => {
    expect(plain(new StreamCut("the listen key has expired"))).toBe("the listen key has expired");
  });
});
