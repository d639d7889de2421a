import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createRedactor, HIDDEN } from "../../src/observe/redactor.ts";

const SECRET = "p@ss/wörd+42 %";
const redactor = createRedactor([SECRET, "123456:AAmarkermarker", "abc"]);

/** Every way a secret could show itself in a text. */
const FORMS: readonly [string, string][] = [
  ["raw", `before ${SECRET} after`],
  ["URL-encoded", `x=${encodeURIComponent(SECRET)}&y`],
  ["URL-encoded in small letters", encodeURIComponent(SECRET).replaceAll(/%../g, (hex) => hex.toLowerCase())],
  ["form-encoded", new URLSearchParams({ q: SECRET }).toString()],
  ["JSON", JSON.stringify({ q: `${SECRET}"` })],
  ["hex", Buffer.from(SECRET).toString("hex")],
  ["base64", Buffer.from(SECRET).toString("base64")],
  ["base64url", Buffer.from(SECRET).toString("base64url")],
  ["Basic authorization, one letter before", Buffer.from(`u${SECRET}tail`).toString("base64")],
  ["Basic authorization, two letters before", Buffer.from(`u:${SECRET}!`).toString("base64")],
  ["Basic authorization, three letters before", Buffer.from(`ab:${SECRET}`).toString("base64")],
];

describe("the redactor", () => {
  test.each(FORMS)("finds a secret written as %s", (_form, text) => {
    expect(redactor.isIn(text)).toBe(true);
    const clean = redactor.text(text);
    expect(clean).toContain(HIDDEN);
    expect(redactor.isIn(clean)).toBe(false);
  });

  test("leaves everything else as it was", () => {
    const text =
      "BTCUSDT sell 0.004 at 97000.0 by alice, abc, https://fapi.binance.com/fapi/v1/order?symbol=BTCUSDT";
    expect(redactor.text(text)).toBe(text);
    expect(redactor.isIn(text)).toBe(false);
  });

  test("never lets a secret through and does let other text through, whatever both are", () => {
    const word = fc.string({ minLength: 6, maxLength: 40, unit: "grapheme-ascii" });
    fc.assert(
      fc.property(word, word, word, (secret, before, after) => {
        fc.pre(!before.includes(secret) && !after.includes(secret) && !HIDDEN.includes(secret));
        const own = createRedactor([secret]);
        for (const form of [
          secret,
          encodeURIComponent(secret),
          Buffer.from(before + secret + after).toString("base64"),
        ]) {
          expect(own.isIn(form)).toBe(true);
          expect(own.text(`${before}${form}${after}`)).not.toContain(form);
        }
        expect(createRedactor([]).isIn(secret)).toBe(false);
      }),
      { numRuns: 300 },
    );
  });

  test("knows signed addresses, bot paths and passwords of addresses without being told", () => {
    const none = createRedactor([]);
    expect(
      none.text("GET https://x/fapi/v1/order?symbol=BTCUSDT&timestamp=1&signature=0a1b2c&recvWindow=3"),
    ).toBe("GET https://x/fapi/v1/order?symbol=BTCUSDT&timestamp=1&signature=[redacted]&recvWindow=3");
    expect(
      none.text("https://api.telegram.org/bot987654:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw/getUpdates"),
    ).toBe("https://api.telegram.org/bot[redacted]/getUpdates");
    expect(none.text("redis://:hunter2@host:6379 and postgres://bot:hunter2@db/desk")).toBe(
      "redis://:[redacted]@host:6379 and postgres://bot:[redacted]@db/desk",
    );
  });

  test("goes through nested objects, maps, sets, keys and cycles, and hides by name", () => {
    const loop: Record<string, unknown> = { note: `has ${SECRET}` };
    loop["self"] = loop;
    const content = {
      loop,
      [`key ${SECRET}`]: 1,
      list: [SECRET, { url: new URL("https://h/?token=xyz") }],
      map: new Map([["a", SECRET]]),
      set: new Set([SECRET]),
      apiKey: "unknown to us",
      password: 12345678,
      isTokenSet: true,
      bytes: Buffer.from(SECRET),
      when: new Date(0),
      big: 10n,
      call: () => SECRET,
      plain: { size: 0.004, side: "sell", none: null },
    };
    expect(redactor.deep(content)).toEqual({
      loop: { note: `has ${HIDDEN}`, self: "[circular]" },
      [`key ${HIDDEN}`]: 1,
      list: [HIDDEN, { url: `https://h/?token=${HIDDEN}` }],
      map: { a: HIDDEN },
      set: [HIDDEN],
      apiKey: HIDDEN,
      password: HIDDEN,
      isTokenSet: true,
      bytes: `[${Buffer.from(SECRET).length} bytes]`,
      when: "1970-01-01T00:00:00.000Z",
      big: "10",
      plain: { size: 0.004, side: "sell", none: null },
    });
  });

  test("cleans an error with its stack, its cause and what a client hung on it", () => {
    const error = new Error(`request to bot 123456:AAmarkermarker failed`, {
      cause: new AggregateError([new Error(SECRET)], SECRET),
    });
    Object.assign(error, {
      config: { headers: { Authorization: "Bearer zzz" }, url: `https://h/${SECRET}` },
    });
    const clean = JSON.stringify(redactor.deep(error));
    expect(redactor.isIn(clean)).toBe(false);
    expect(clean).not.toMatch(/AAmarker|zzz/);
    expect(JSON.parse(clean)).toMatchObject({
      name: "Error",
      message: `request to bot ${HIDDEN} failed`,
      cause: { name: "AggregateError", message: HIDDEN, errors: [{ message: HIDDEN }] },
      config: { headers: { Authorization: HIDDEN }, url: `https://h/${HIDDEN}` },
    });
  });

  test("survives objects that can't be read", () => {
    const trap = new Proxy(
      {},
      {
        ownKeys: () => {
          throw new Error(SECRET);
        },
      },
    );
    const getter = Object.defineProperty({ a: 1 }, "b", {
      enumerable: true,
      get() {
        throw new Error(SECRET);
      },
    });
    expect(redactor.deep({ trap, getter })).toEqual({ trap: "[unreadable]", getter: { a: 1 } });
  });
});
