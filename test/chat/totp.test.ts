import { describe, expect, test } from "vitest";
import { enrolmentUri, freshSecret, stepOfCode } from "../../src/chat/totp.ts";

/** The secret of the test vectors in RFC 4226 and RFC 6238, "12345678901234567890". */
const RFC = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

/** RFC 6238, appendix B, SHA-1: seconds and the eight digits, of which an authenticator shows the last six. */
const VECTORS = [
  [59, "94287082"],
  [1_111_111_109, "07081804"],
  [1_111_111_111, "14050471"],
  [1_234_567_890, "89005924"],
  [2_000_000_000, "69279037"],
  [20_000_000_000, "65353130"],
] as const;

/** RFC 4226, appendix D: the codes of the steps 0 to 9. */
const STEPS = "755224 287082 359152 969429 338314 254676 287922 162583 399871 520489".split(" ");

describe("one-time codes are those of RFC 6238", () => {
  test.each(VECTORS)("at %i s it is %s", (seconds, code) => {
    expect(stepOfCode(RFC, code.slice(2), seconds * 1_000)).toBe(Math.floor(seconds / 30));
  });

  test.each(STEPS.map((code, step) => [step, code] as const))("step %i is %s", (step, code) => {
    expect(stepOfCode(RFC, code, step * 30_000)).toBe(step);
    expect(stepOfCode(RFC, code, step * 30_000 + 29_999)).toBe(step);
  });

  test("the step before and the one after count too, and no other", () => {
    const at = 5 * 30_000 + 12_000;
    expect(STEPS.map((code) => stepOfCode(RFC, code, at))).toEqual([
      ...Array(4).fill(undefined),
      4,
      5,
      6,
      ...Array(3).fill(undefined),
    ]);
  });

  test("what is no code is no code", () => {
    for (const code of ["", "28708", "2870822", "28708a", "٢٨٧٠٨٢", "-87082", "287082 "])
      expect(stepOfCode(RFC, code, 59_000)).toBeUndefined();
  });
});

test("a fresh secret is 160 bits, never the same, and its address is what authenticators read", () => {
  const [one, two] = [freshSecret(), freshSecret()];
  expect(one).toMatch(/^[A-Z2-7]{32}$/);
  expect(one).not.toBe(two);
  expect(enrolmentUri(RFC, "alice")).toBe(
    `otpauth://totp/perpdesk:alice?issuer=perpdesk&secret=${RFC}&algorithm=SHA1&digits=6&period=30`,
  );
});
