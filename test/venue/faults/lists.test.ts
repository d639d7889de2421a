import { describe, expect, it } from "vitest";
import { isListCall, ListSpoiler, questionOf } from "../../../src/venue/faults/lists.ts";

describe("spoiled lists", () => {
  it.each([
    ["Binance", (list: readonly number[]): object => [...list]],
    ["OKX", (list: readonly number[]): object => ({ code: "0", msg: "", data: list })],
    [
      "Bybit",
      (list: readonly number[]): object => ({ retCode: 0, result: { category: "linear", list }, time: 1 }),
    ],
  ])("as %s writes them: some items, none, or those of a while ago", (_name, write) => {
    const lists = new ListSpoiler();
    expect(lists.spoil(write([1, 2, 3, 4]), "partial", "q")).toEqual(write([2, 4]));
    expect(lists.spoil(write([1]), "partial", "r")).toEqual(write([]));
    expect(lists.spoil(write([1, 2]), "empty", "r")).toEqual(write([]));
    expect(lists.spoil(write([5]), "answered", "q")).toEqual(write([5]));
    for (const each of [6, 7, 8]) lists.spoil(write([each]), "answered", "q");
    // Of the four that are remembered, the oldest.
    expect(lists.spoil(write([9]), "stale", "q")).toEqual(write([5]));
    expect(lists.spoil(write([9]), "stale", "new")).toEqual(write([9]));
  });

  it("what holds no list stays as it is", () => {
    const lists = new ListSpoiler();
    for (const body of [{}, { a: 1 }, { data: 3 }, { result: null }, { result: {} }])
      expect(lists.spoil(body, "empty", "q")).toEqual(body);
  });

  it("questions are equal when who asks what is, whatever the time and signature", () => {
    const ask = (query: string, who = "key"): string => questionOf("GET /x", who, query);
    expect(ask("a=1&timestamp=5&signature=x")).toBe(ask("recvWindow=9&a=1&timestamp=6&signature=y"));
    expect(ask("a=1")).not.toBe(ask("a=2"));
    expect(ask("a=1")).not.toBe(ask("a=1", "other"));
    expect([isListCall("GET /fapi/v1/openOrders"), isListCall("DELETE /fapi/v1/openOrders")]).toEqual([
      true,
      false,
    ]);
  });

  it("does the same to an answer's JSON text, which stays as it is where its list is whole", () => {
    const lists = new ListSpoiler();
    const text = '{"data": [1, 2, 3, 4], "code": "0"}';
    expect(lists.spoilText(text, "answered", "q")).toBe(text);
    expect(lists.spoilText('{"data":[9]}', "stale", "q")).toBe(text);
    expect(lists.spoilText(text, "partial", "q")).toBe('{"data":[2,4],"code":"0"}');
    expect(lists.spoilText(text, "empty", "q")).toBe('{"data":[],"code":"0"}');
  });

  it("forgets the questions that were not asked for the longest time", () => {
    const lists = new ListSpoiler();
    lists.spoil([1], "answered", "first");
    for (let at = 0; at < 500; at += 1) lists.spoil([at], "answered", `q${at}`);
    expect(lists.spoil([2], "stale", "first")).toEqual([2]);
    expect(lists.spoil([2], "stale", "q499")).toEqual([499]);
  });
});
