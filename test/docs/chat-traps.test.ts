import { expect, test } from "vitest";
import { read, rows, section } from "./pages.ts";

/** File and name of the test in a cell such as "`x.test.ts`: a name", which must be there. */
function expectTest(cell: string, what: string, folder = ""): void {
  const [, file = "", name = ""] = /^`([\w./-]+)`: (.+)$/.exec(cell) ?? [];
  const source = read(`${folder}${file}`);
  expect(
    ["test", "it"].some((how) => source.includes(`${how}("${name}"`)),
    what,
  ).toBe(true);
}

test("every trap of the chat platforms names a guard and a test that is there", () => {
  const traps = ["## Telegram and telegraf", "## Discord and discord.js"].flatMap((title) =>
    rows(section("docs/chat-traps.md", title)),
  );
  expect(traps.length).toBeGreaterThanOrEqual(38);
  for (const [trap = "", guard = "", cell = ""] of traps) {
    expect(guard.length, trap).toBeGreaterThan(0);
    expectTest(cell, trap, "test/chat/");
  }
});

test("every threat on the chat names a rule and a test that is there", () => {
  const threats = rows(section("docs/chat-threats.md", "# Threats on the chat"));
  expect(threats.length).toBeGreaterThanOrEqual(25);
  for (const [threat = "", rule = "", cell = ""] of threats) {
    expect(rule.length, threat).toBeGreaterThan(0);
    expectTest(cell, threat);
  }
});
