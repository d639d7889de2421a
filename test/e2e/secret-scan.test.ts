import { describe, expect, it } from "vitest";
import { findLeaks, place } from "./secret-scan.ts";

const secrets = { token: "7000000001:AAplanted/secret+value?" };

describe("the scan for secrets", () => {
  it.each([
    ["raw", `GET /bot${secrets.token}/getMe`],
    ["url", `token=${encodeURIComponent(secrets.token)}&x=1`],
    ["hex", `0x${Buffer.from(secrets.token).toString("hex")}`],
    ["base64", Buffer.from(secrets.token).toString("base64")],
    ["base64", `Basic ${Buffer.from(`u:${secrets.token}:more`).toString("base64")}`],
    ["base64", `Basic ${Buffer.from(`us:${secrets.token}`).toString("base64url")}`],
    ["base64", `Basic ${Buffer.from(`use:${secrets.token}!`).toString("base64")}`],
  ])("finds one that is planted %s", (form, text) => {
    expect(findLeaks(secrets, [place("clean", "nothing here"), place("log", text)])).toEqual([
      { where: "log", secret: "token", form },
    ]);
  });

  it("finds nothing where nothing is", () => {
    expect(findLeaks(secrets, [place("log", "7000000001:AAother")])).toEqual([]);
  });
});
