import { describe, expect, it } from "vitest";
import { exactJson } from "../../src/gateways/direct/exact-json.ts";

const ID = "8389765612825190229";

describe("JSON is read without losing digits", () => {
  it.each([
    [`{"orderId":${ID},"time":1700000000000}`, { orderId: ID, time: 1_700_000_000_000 }],
    [`{"a":{"orderId" : ${ID}}}`, { a: { orderId: ID } }],
    [`[${ID}, ${ID},1]`, [ID, ID, 1]],
    [`{"id":"p1","result":[{"i":${ID}\n}]}`, { id: "p1", result: [{ i: ID }] }],
  ])("%s", (json, read) => {
    expect(exactJson(json)).toEqual(read);
  });

  it("and leaves alone what is no long whole number, and all that stands in strings", () => {
    for (const json of [
      `{"msg":"id: ${ID}, \\"n\\":${ID}, \\\\","n":5}`,
      `{"a":0.1234567890123456789,"b":-1234567890123456789,"c":1234567890123456789e2,"d":1234567890123456.5}`,
      `{"t":1700000000000,"p":"49000.10","n":null}`,
      `"${ID}"`,
    ]) {
      expect(exactJson(json)).toEqual(JSON.parse(json));
    }
    const both = `{"msg":"[${ID}]","orderId":${ID}}`;
    expect(exactJson(both)).toEqual({ msg: `[${ID}]`, orderId: ID });
  });

  it("a broken text is an error, long number or not", () => {
    expect(() => exactJson(`{"orderId":${ID}`)).toThrow(SyntaxError);
    expect(() => exactJson("")).toThrow(SyntaxError);
  });
});
