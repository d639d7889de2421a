import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { read } from "./pages.ts";

const FOLDER = fileURLToPath(new URL("../../docs/screens/", import.meta.url));
const page = read("docs/screens.md");
const shown = [...page.matchAll(/<img src="screens\/([\w-]+)\.png" width="390" alt="[^"]+">/g)].map(
  ([, name = ""]) => name,
);

test("the page of screens shows every typical exchange, and every picture there is", () => {
  for (const name of [
    "status",
    "positions",
    "proposal-before",
    "proposal-after",
    "high-alert",
    "recovery-before",
    "chart",
    "help",
    "setup",
    "error",
    "digest",
  ])
    expect(shown).toContain(name);
  expect([...shown].sort()).toEqual(
    readdirSync(FOLDER)
      .map((file) => file.replace(/\.png$/, ""))
      .sort(),
  );
  expect(read("README.md")).toContain("(docs/screens.md)");
});

test.each(shown)("%s is a picture of 390 points with two dots each", (name) => {
  const png = readFileSync(`${FOLDER}${name}.png`);
  expect([png.subarray(1, 4).toString(), png.readUInt32BE(16)]).toEqual(["PNG", 780]);
});
