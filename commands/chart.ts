import { z } from "zod";
import { defineCommand } from "../src/chat/command.ts";
import { clockTime, gain, instrumentOf, percent, price, quantity, UNKNOWN } from "../src/chat/format.ts";
import { CHART_CANDLES, chartPicture } from "../src/chat/pictures/chart-picture.ts";
import { type LevelKind, levelsOf, sideOf } from "../src/chat/pictures/levels.ts";
import { THEMES, type Theme } from "../src/chat/pictures/theme.ts";
import type { Button, Field, Reply } from "../src/chat/reply.ts";
import { symbolArgument, symbolsOf, unknownSymbol } from "../src/chat/symbol.ts";
import { type Candle, TIMEFRAMES, type Timeframe } from "../src/core/candle.ts";
import type { Instrument } from "../src/core/instrument.ts";
import type { BookView, DeskSnapshot } from "../src/desk/snapshot.ts";

const NAMES = Object.keys(TIMEFRAMES) as [Timeframe, ...Timeframe[]];
/** Positions whose words are told: in hedge mode an instrument has two. */
const BOOKS_MOST = 4;
/** Symbols that are offered as buttons. */
const PICKS_MOST = 12;

/** The price of one instrument with all that the desk has there: rungs, entries, stops, take profits, liquidation. */
export const chart = defineCommand({
  name: "chart",
  aliases: ["price", "candles"],
  description: "A picture of the price with rungs, stops, take profits and liquidation",
  examples: ["chart", "chart BTCUSDT", "chart BTCUSDT 1h light"],
  topic: "look",
  role: "viewer",
  risk: "R0",
  approval: "none",
  isPrivate: true,
  schema: z.object({
    symbol: z.string().optional(),
    timeframe: z.enum(NAMES, { error: `The timeframe is one of ${NAMES.join(", ")}.` }).default("15m"),
    look: z.enum(["dark", "light"], { error: "The look is dark or light." }).optional(),
  }),
  args: [
    symbolArgument("What to show; left out: the only one there is"),
    {
      name: "timeframe",
      description: "How long a candle is; left out: 15m",
      isRequired: false,
      choices: () => NAMES,
    },
    { name: "look", description: "dark or light", isRequired: false, choices: () => THEMES },
  ],
  sortWords: (words) => Object.fromEntries(words.map((word) => [argumentOf(word), lowered(word)])),
  async run({ args: { symbol, timeframe, look }, door, theme }): Promise<Reply> {
    const before = door.snapshot();
    const named = symbolsOf(before, symbol);
    if (named === undefined) return unknownSymbol(before, symbol);
    const traded = before.instruments.map(({ id }) => id).filter((id) => named.has(id));
    const [id, second] = traded;
    if (id === undefined) return unknownSymbol(before, symbol);
    if (second !== undefined) return which(traded, timeframe);
    const answer = await door.candles(id, timeframe, CHART_CANDLES);
    const candles = "candles" in answer ? answer.candles : [];
    const problem = "problem" in answer ? answer.problem : undefined;
    return show(door.snapshot(), { id, timeframe, candles, problem, theme: look ?? theme });
  },
});

const isTimeframe = (word: string): word is Timeframe => Object.hasOwn(TIMEFRAMES, word);
const isTheme = (word: string): boolean => /^(dark|light)$/i.test(word);
const lowered = (word: string): string =>
  isTheme(word) || /^\d+[A-Za-z]$/.test(word) ? word.toLowerCase() : word;

/** Which argument a typed word is: "90m" is a timeframe that does not exist, not a symbol. */
function argumentOf(word: string): "look" | "timeframe" | "symbol" {
  if (isTheme(word)) return "look";
  return isTimeframe(word.toLowerCase()) || /^\d+[smhdw]$/i.test(word) ? "timeframe" : "symbol";
}

function which(ids: readonly string[], timeframe: Timeframe): Reply {
  const buttons = ids.slice(0, PICKS_MOST).map((id): Button => {
    return { label: id, style: "plain", action: { type: "run", line: `chart ${id} ${timeframe}` } };
  });
  const rows = Array.from({ length: Math.ceil(buttons.length / 3) }, (_, at) =>
    buttons.slice(3 * at, 3 * at + 3),
  );
  return {
    title: "Which one?",
    tone: "plain",
    lines: [`This desk trades ${ids.length} symbols. Press one, or say /chart SYMBOL.`],
    buttons: rows,
    isPrivate: true,
  };
}

interface Shown {
  readonly id: string;
  readonly timeframe: Timeframe;
  readonly candles: readonly Candle[];
  readonly problem: string | undefined;
  readonly theme: Theme;
}

function show(desk: DeskSnapshot, shown: Shown): Reply {
  const { id, timeframe, candles, problem, theme } = shown;
  const instrument = instrumentOf(desk.instruments, id);
  const mark = desk.books.find((book) => book.instrument === id)?.mark;
  const levels = levelsOf(desk, id);
  const svg = chartPicture({
    symbol: id,
    timeframe,
    candles,
    levels,
    mark: mark ?? candles.at(-1)?.close,
    instrument,
    at: desk.at,
    theme,
  });
  const isNear = desk.books.some((book) => book.instrument === id && /HIGH|EXTREME|CRIT/.test(book.level));
  const title = `${id} ${timeframe} at ${clockTime(desk.at)}`;
  return {
    title,
    tone: isNear ? "danger" : problem === undefined ? "plain" : "warning",
    ...(problem === undefined ? {} : { lines: [problem] }),
    fields: [
      { label: "Mark", text: price(mark, instrument) },
      ...desk.books
        .filter((book) => book.instrument === id && book.lots !== 0)
        .slice(0, BOOKS_MOST)
        .flatMap((book) => bookFields(book, instrument, desk.asset)),
      ...counted(levels),
    ],
    ...(svg === undefined ? {} : { picture: { svg, caption: title } }),
    buttons: buttonsOf(id, timeframe, theme),
    isPrivate: true,
  };
}

function bookFields(book: BookView, instrument: Instrument | undefined, asset: string): readonly Field[] {
  const away = book.distance === undefined ? UNKNOWN : percent(book.distance, 1);
  return [
    {
      label: "Position",
      text: `${quantity(book.lots, instrument)} ${sideOf(book)} from ${price(book.entry, instrument)}, ${gain(book.unrealized, instrument?.settle ?? asset)}`,
    },
    {
      label: "Liquidation",
      text: `${price(book.liquidation, instrument)}, ${away} away (${book.level.toLowerCase()})`,
    },
  ];
}

const COUNTED: readonly (readonly [kind: LevelKind, label: string])[] = [
  ["held", "Rungs held"],
  ["stuck", "Rungs stuck"],
  ["waiting", "Entries waiting"],
  ["takeProfit", "Take profits"],
  ["stop", "Stops"],
  ["foreign", "Foreign orders"],
];

/** How many of each kind there are: a picture leaves out labels for which it has no room. */
const counted = (levels: ReturnType<typeof levelsOf>): readonly Field[] =>
  COUNTED.flatMap(([kind, label]) => {
    const count = levels.filter((level) => level.kind === kind).length;
    return count === 0 ? [] : [{ label, text: String(count) }];
  });

function buttonsOf(id: string, shown: Timeframe, theme: Theme): readonly (readonly Button[])[] {
  const run = (label: string, timeframe: Timeframe, look: Theme): Button => ({
    label,
    style: timeframe === shown && look === theme ? "primary" : "plain",
    action: { type: "run", line: `chart ${id} ${timeframe} ${look}` },
  });
  const spans = NAMES.filter((name) => name !== shown).map((name) => run(name, name, theme));
  const other: Theme = theme === "dark" ? "light" : "dark";
  return [spans, [run("Refresh", shown, theme), run(other === "dark" ? "Dark" : "Light", shown, other)]];
}
