import { expect, test } from "vitest";
import { read, rows, section } from "./pages.ts";

const PAGE = "docs/chat-traps.md";

test("every trap of the chat platforms names a guard and a test that is there", () => {
  const traps = ["## Telegram and telegraf", "## Discord and discord.js"].flatMap((title) =>
    rows(section(PAGE, title)),
  );
  expect(traps.length).toBeGreaterThanOrEqual(38);
  for (const [trap = "", guard = "", where = ""] of traps) {
    const [, file = "", name = ""] = /^`([\w.-]+)`: (.+)$/.exec(where) ?? [];
    expect(guard.length, trap).toBeGreaterThan(0);
    expect(read(`test/chat/${file}`), trap).toContain(`test("${name}"`);
  }
});
