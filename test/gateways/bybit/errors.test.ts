import { describe, expect, it } from "vitest";
import { CallPace } from "../../../src/gateways/bybit/call-pace.ts";
import { failureOf, isGone, isNoChange } from "../../../src/gateways/bybit/errors.ts";
import { loginOf } from "../../../src/gateways/bybit/login.ts";
import { bybitProfile } from "../../../src/gateways/bybit/profile.ts";
import { NoBudgetError } from "../../../src/gateways/exchange-client.ts";

const said = (retCode: number): Error =>
  new Error(`bybit {"retCode":${retCode},"retMsg":"the words","result":{},"retExtInfo":{},"time":1}`);

describe("an error of Bybit", () => {
  it.each([
    [110007, "margin"],
    [110017, "reduceOnly"],
    [110092, "wouldTrigger"],
    [110093, "wouldTrigger"],
    [110094, "filter"],
    [10001, "filter"],
    [110020, "tooMany"],
    [110009, "tooMany"],
    [10006, "rateLimit"],
    [10018, "rateLimit"],
    [10002, "clock"],
    [10003, "auth"],
    [10005, "auth"],
    [110023, "unavailable"],
    [429, "unavailable"],
    [199999, "other"],
  ])("with code %i refuses: %s", (code, kind) => {
    expect(failureOf(said(code))).toEqual({ type: "refused", code, kind, reason: `the words (${code})` });
  });

  it.each([10000, 10016, 10019, 10014, 110072])("with code %i proves nothing", (code) => {
    expect(failureOf(said(code)).type).toBe("lost");
  });

  it("without a code proves nothing, unless the door itself was shut", () => {
    expect(failureOf(new Error("bybit POST (address) 502 Bad Gateway <html>")).type).toBe("lost");
    expect(failureOf(new Error("bybit POST (address) request timed out (5000 ms)")).type).toBe("lost");
    expect(failureOf(new Error("other side closed")).type).toBe("lost");
    expect(failureOf(new Error("bybit POST (address) 403 Forbidden"))).toMatchObject({ kind: "rateLimit" });
  });

  it("knows what is gone and what was so already", () => {
    expect([110001, 110008, 110010, 110007].map(isGone)).toEqual([true, true, true, false]);
    expect([110043, 110026, 110013].map(isNoChange)).toEqual([true, true, false]);
  });
});

describe("the way to Bybit", () => {
  const profile = bybitProfile("live");

  it("signs everything but market data, and knows no other calls", () => {
    expect(profile.route("GET", "/v5/market/time")).toEqual({ api: "public", path: "v5/market/time" });
    expect(profile.route("POST", "/v5/order/create")).toEqual({ api: "private", path: "v5/order/create" });
    expect(() => profile.route("GET", "/fapi/v1/time")).toThrow(/no call/);
    expect(bybitProfile("testnet").options).toEqual({ testnet: true });
    expect(profile.options).toEqual({});
  });

  it("takes both of its answers to a ping for pongs, and nothing else", () => {
    expect(profile.isPong?.({ op: "pong", args: ["1"] })).toBe(true);
    expect(profile.isPong?.({ op: "ping", ret_msg: "pong", success: true })).toBe(true);
    expect(profile.isPong?.({ op: "subscribe", success: true })).toBe(false);
    expect(profile.isPong?.("pong")).toBe(false);
  });

  it("keeps two fifths of a second's orders for closes, and counts each second anew", () => {
    let now = 1_000;
    const pace = new CallPace(() => now);
    const spend = (urgency: "entry" | "close") => pace.spend("POST /v5/order/create", urgency);
    for (let at = 0; at < 6; at += 1) spend("entry");
    expect(() => spend("entry")).toThrow(NoBudgetError);
    for (let at = 0; at < 4; at += 1) spend("close");
    expect(() => spend("close")).toThrow(/10 of 10 calls/);
    now = 2_001;
    expect(() => spend("entry")).not.toThrow();
  });

  it("logs in with a signature that is of no use later, without the secret in it", () => {
    const login = loginOf({ apiKey: "key", secret: "secret" }, 1_000) as { args: readonly unknown[] };
    expect(login).toMatchObject({
      op: "auth",
      args: ["key", 11_000, expect.stringMatching(/^[0-9a-f]{64}$/)],
    });
    expect(JSON.stringify(login)).not.toContain("secret");
  });
});
