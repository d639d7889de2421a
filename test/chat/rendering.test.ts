import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { commands } from "../../commands/index.ts";
import { fitsDiscord, renderDiscord } from "../../src/chat/discord/embed.ts";
import { problemOf } from "../../src/chat/discord/limits.ts";
import {
  clockTime,
  duration,
  gain,
  grouped,
  money,
  percent,
  price,
  quantity,
} from "../../src/chat/format.ts";
import { cut, oneLine, PHONE_WIDTH, paginate, tableLines } from "../../src/chat/layout.ts";
import { redactor } from "../../src/chat/log.ts";
import type { Reply } from "../../src/chat/reply.ts";
import { CommandRunner } from "../../src/chat/runner.ts";
import { fitsTelegram, keyboardOf, renderHtml } from "../../src/chat/telegram/html.ts";
import { terminalText } from "../../src/chat/terminal.ts";
import { lots, rate, ticks, value } from "../../src/core/units.ts";
import { parseHtml } from "../emulators/telegram/html.ts";
import {
  bitcoin,
  DeskOfOneCard,
  ManualClock,
  NO_ALERTS,
  NO_CARDS,
  NO_CODES,
  NOON,
  snapshot,
} from "./desk.ts";

const nasty = fc.oneof(
  fc.constantFrom(
    "<b>bold</b>",
    "</pre><script>alert(1)</script>",
    "&lt;&amp;<",
    "```js\nx```",
    "**_~~||`[a](http://evil.example)",
    "@everyone <@400000000000000001> #channel",
    "> quote",
    "# head\n# two",
    "\\",
    "\ud83d\ude80".repeat(50),
    "\ud83d",
    "\u202Eevil\u200b",
    "\u0000\u001b[31mred",
    "x".repeat(9_000),
    "",
  ),
  fc.string({ unit: "binary", maxLength: 60 }),
  fc.string({ maxLength: 2_000 }),
);

const replies: fc.Arbitrary<Reply> = fc.record({
  title: nasty,
  tone: fc.constantFrom("plain", "good", "warning", "danger"),
  lines: fc.array(nasty, { maxLength: 30 }),
  fields: fc.array(fc.record({ label: nasty, text: nasty }), { maxLength: 60 }),
  table: fc.record({
    columns: fc.constantFrom(["Position", "size", "entry"], ["a", "b"]),
    rows: fc.array(fc.array(nasty, { maxLength: 4 }), { maxLength: 60 }),
  }),
  buttons: fc.array(
    fc.array(
      fc.record({
        label: nasty,
        style: fc.constantFrom("primary", "danger", "plain"),
        action: fc.oneof(
          fc.record({ type: fc.constant("run" as const), line: nasty }),
          fc.record({
            type: fc.constantFrom("approve" as const, "reject" as const),
            token: fc.constant("A".repeat(22)),
          }),
        ),
      }),
      { maxLength: 9 },
    ),
    { maxLength: 9 },
  ),
  footer: nasty,
});

/** All texts of a reply. */
const wordsOf = (reply: Reply): string[] => [
  ...(reply.lines ?? []),
  ...(reply.fields ?? []).map((field) => field.text),
  ...(reply.table?.rows ?? []).flat(),
];

describe("hostile content", () => {
  test("fits Telegram's limits on every page, parses, and formats nothing of its own", () => {
    fc.assert(
      fc.property(replies, (reply) => {
        const pages = paginate(reply, fitsTelegram);
        expect(pages.length).toBeGreaterThan(0);
        expect(pages.length).toBeLessThanOrEqual(4);
        for (const page of pages) {
          const { text, entities } = parseHtml(renderHtml(page).html);
          expect(text.length).toBeLessThanOrEqual(4_096);
          expect(entities.length).toBeLessThanOrEqual(100);
          expect(entities.every(({ type }) => ["bold", "italic", "pre"].includes(type))).toBe(true);
          const buttons = keyboardOf(page).flat();
          expect(buttons.every((button) => Buffer.byteLength(button.callback_data) <= 64)).toBe(true);
          expect(buttons.every((button) => button.text.trim() !== "")).toBe(true);
        }
      }),
      { numRuns: 150, seed: 11 },
    );
  });

  test("fits Discord's limits on every page, with unique buttons, five to a row", () => {
    fc.assert(
      fc.property(replies, (reply) => {
        const pages = paginate(reply, fitsDiscord);
        expect(pages.length).toBeLessThanOrEqual(4);
        for (const page of pages) {
          const shown = renderDiscord(page);
          expect(problemOf(shown)).toBeUndefined();
          const ids = shown.components.flatMap((row) => row.components.map((button) => button.custom_id));
          expect(new Set(ids).size).toBe(ids.length);
        }
      }),
      { numRuns: 150, seed: 12 },
    );
  });

  test("a terminal gets no control characters from it", () => {
    fc.assert(
      fc.property(replies, (reply) => {
        expect(terminalText(reply, false, NOON).replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Zl}]/u);
      }),
      { numRuns: 100, seed: 13 },
    );
  });

  test("nothing is lost while it fits: every short text of a reply is on some page", () => {
    const short: Reply = {
      title: "t",
      tone: "plain",
      lines: Array.from({ length: 60 }, (_, at) => `line${at} ${"x".repeat(150)}`),
      fields: Array.from({ length: 30 }, (_, at) => ({ label: `label${at}`, text: `text${at}` })),
      table: { columns: ["a", "b"], rows: Array.from({ length: 100 }, (_, at) => [`row${at}`, "1"]) },
      footer: "end",
      buttons: [[{ label: "Refresh", style: "plain", action: { type: "run", line: "status" } }]],
    };
    for (const fits of [fitsTelegram, fitsDiscord]) {
      const pages = paginate(short, fits, 10);
      expect(pages.flatMap(wordsOf)).toEqual(wordsOf(short));
      expect(pages.length).toBeGreaterThan(1);
      expect(pages.at(-1)?.footer).toMatch(/^end \((\d+)\/\1\)$/);
      expect(pages.filter((page) => page.buttons !== undefined)).toHaveLength(1);
    }
  });

  test("ten thousand positions are a few pages that say how many are left", async () => {
    const clock = new ManualClock();
    const door = new DeskOfOneCard(clock);
    const [book] = snapshot().books;
    door.view = snapshot({
      books: Array.from({ length: 10_000 }, () => book).filter((each) => each !== undefined),
    });
    const runner = new CommandRunner({
      registry: commands,
      alerts: NO_ALERTS,
      cards: NO_CARDS,
      people: NO_CODES,
      commandsPerMinute: 600,
      door,
      clock,
      log: () => undefined,
      audit: () => undefined,
    });
    const reply = await runner.run({
      name: "positions",
      input: [],
      actor: { person: "a", role: "admin", platform: "telegram" },
    });
    const started = process.cpuUsage();
    for (const fits of [fitsTelegram, fitsDiscord]) {
      const pages = paginate(reply, fits);
      expect(pages).toHaveLength(4);
      expect(pages.every(fits)).toBe(true);
      const rows = pages.reduce((sum, page) => sum + (page.table?.rows.length ?? 0), 0);
      expect(rows).toBeGreaterThan(40);
      expect(pages.at(-1)?.footer).toContain(`and ${(10_000 - rows).toLocaleString("en-US")} more`);
    }
    // In CPU time: what else the machine does must not count.
    expect(process.cpuUsage(started).user / 1_000).toBeLessThan(2_000);
  });
});

describe("layout", () => {
  test("tables are at most 40 wide, side by side when that fits", () => {
    expect(
      tableLines({
        columns: ["side", "price"],
        rows: [
          ["buy", "97,123.4"],
          ["sell", "8.0"],
        ],
      }),
    ).toEqual(["side    price", "buy  97,123.4", "sell      8.0"]);
    fc.assert(
      fc.property(fc.array(fc.array(fc.string(), { maxLength: 6 }), { maxLength: 10 }), (rows) => {
        const lines = tableLines({ columns: ["Position", "size", "liquidation", "profit", "x", "y"], rows });
        expect(lines.every((line) => line.length <= PHONE_WIDTH)).toBe(true);
      }),
      { seed: 14 },
    );
  });

  test("a cut keeps whole characters and says that it is one", () => {
    expect(cut("abcdef", 6)).toBe("abcdef");
    expect(cut("abcdef", 4)).toBe("abc…");
    expect(cut("ab\ud83d\ude80cd", 4)).toBe("ab…");
    expect(oneLine("a\nb\u202ec\ud83d")).toBe("a b c\ufffd");
  });

  test("figures are in the reader's units, and what is missing is unknown", () => {
    expect([grouped("-1234567.5"), grouped("0.10"), grouped("1e9")]).toEqual(["-1,234,567.5", "0.10", "1e9"]);
    expect([
      money(undefined, "USDT"),
      gain(undefined, "USDT"),
      price(undefined, bitcoin),
      percent(undefined),
    ]).toEqual(Array(4).fill("unknown"));
    expect([price(ticks(971_234), undefined), quantity(lots(3), undefined)]).toEqual(["unknown", "unknown"]);
    expect(
      quantity(lots(12), { ...bitcoin, kind: "inverse", lot: { text: "1", decimals: 0, units: 1 } }),
    ).toBe("12 contracts");
    expect([gain(value(-50_000_000), "USDT"), gain(value(0), "USDT"), percent(rate(34_156_378), 1)]).toEqual([
      "-0.50 USDT",
      "0.00 USDT",
      "34.2%",
    ]);
    expect([
      duration(999),
      duration(61_000),
      duration(3_600_000),
      duration(90_000_000),
      duration(undefined),
    ]).toEqual(["999 ms", "1 min 1 s", "1 h", "1 d 1 h", "unknown"]);
    expect(clockTime(NOON)).toBe("14:03:20 UTC");
  });

  test("secrets are taken out as they are, URL-encoded and in base64", () => {
    const secret = "7:AA/b+c";
    const clean = redactor([secret]);
    const text = `${secret} ${encodeURIComponent(secret)} ${Buffer.from(secret).toString("base64")} rest`;
    expect(clean(text)).toBe("[redacted] [redacted] [redacted] rest");
  });
});
