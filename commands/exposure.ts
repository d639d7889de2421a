import { z } from "zod";
import { defineCommand } from "../src/chat/command.ts";
import { counted, instrumentOf, money, percent, UNKNOWN } from "../src/chat/format.ts";
import { BARS_MOST, type ExposureBar, exposurePicture } from "../src/chat/pictures/exposure-picture.ts";
import { sideOf } from "../src/chat/pictures/levels.ts";
import { THEMES, type Theme } from "../src/chat/pictures/theme.ts";
import type { Field, Reply } from "../src/chat/reply.ts";
import { type Instrument, notional } from "../src/core/instrument.ts";
import { lots, mulDiv, ONE, type Rate, rate, type Value, value } from "../src/core/units.ts";
import type { BookView, DeskSnapshot, EngineView } from "../src/desk/snapshot.ts";

/** What is held, in money: each position and its share of the account, and how far each purse is used. */
export const exposure = defineCommand({
  name: "exposure",
  aliases: ["notional"],
  description: "What is held in money, by symbol and side, and how far the purses are used",
  examples: ["exposure", "exposure light"],
  topic: "look",
  role: "viewer",
  risk: "R0",
  approval: "none",
  isPrivate: true,
  schema: z.object({ look: z.enum(["dark", "light"], { error: "The look is dark or light." }).optional() }),
  args: [{ name: "look", description: "dark or light", isRequired: false, choices: () => THEMES }],
  sortWords: (words) => (words.length === 0 ? {} : { look: words.join(" ").toLowerCase() }),
  async run({ args: { look }, door, theme }): Promise<Reply> {
    return show(door.snapshot(), look ?? theme);
  },
});

/** A position in money. */
interface Held {
  readonly name: string;
  /** Undefined: the desk does not trade it, and the exchange's reading does not say. */
  readonly side: "long" | "short" | undefined;
  readonly asset: string;
  /** Undefined: price or instrument are not known. */
  readonly worth: Value | undefined;
  readonly share: Rate | undefined;
}

function show(desk: DeskSnapshot, theme: Theme): Reply {
  const own = desk.books.filter((book) => book.lots !== 0).map((book) => heldOf(desk, book));
  const others = desk.others.map(({ symbol, asset, notional: worth }): Held => {
    const share = asset === desk.asset ? partOf(worth, desk.equity) : undefined;
    return { name: `${symbol}, not traded here`, side: undefined, asset, worth, share };
  });
  const held = [...own, ...others].sort(
    (a, b) => (b.worth ?? Number.MAX_SAFE_INTEGER) - (a.worth ?? Number.MAX_SAFE_INTEGER),
  );
  const engines = desk.engines.filter(({ purseCap }) => purseCap > 0);
  const title = held.length === 0 ? "Nothing is held" : `Exposure: ${counted(held.length, "position")}`;
  const svg = pictureOf(desk, held, engines, theme);
  const other: Theme = theme === "dark" ? "light" : "dark";
  return {
    title,
    tone: "plain",
    fields: fieldsOf(desk, held),
    ...tableOf(desk, held, engines),
    ...(svg === undefined ? {} : { picture: { svg, caption: title } }),
    buttons: [
      [
        { label: "Refresh", style: "plain", action: { type: "run", line: `exposure ${theme}` } },
        {
          label: other === "dark" ? "Dark" : "Light",
          style: "plain",
          action: { type: "run", line: `exposure ${other}` },
        },
      ],
    ],
    isPrivate: true,
  };
}

function heldOf(desk: DeskSnapshot, book: BookView): Held {
  const instrument = instrumentOf(desk.instruments, book.instrument);
  const worth = worthOf(instrument, book);
  const asset = instrument?.settle ?? desk.asset;
  const side = sideOf(book);
  const share = asset === desk.asset ? partOf(worth, desk.equity) : undefined;
  return { name: `${book.instrument} ${side}`, side, asset, worth, share };
}

/** What a position is worth at the mark price, never negative; undefined where that can't be told or counted. */
function worthOf(instrument: Instrument | undefined, { mark, lots: size }: BookView): Value | undefined {
  if (instrument === undefined || mark === undefined || mark <= 0) return undefined;
  if (!Number.isSafeInteger(mark * instrument.unit * size)) return undefined;
  return notional(instrument, mark, lots(Math.abs(size)), "nearest");
}

const partOf = (of: Value | undefined, whole: Value | undefined): Rate | undefined =>
  of === undefined || whole === undefined || whole <= 0 ? undefined : rate(mulDiv(of, ONE, whole, "nearest"));

/** The sum of one side in the account's own asset; undefined where a part of it is not known. */
function sumOf(desk: DeskSnapshot, held: readonly Held[], side?: "long" | "short"): Value | undefined {
  const own = held.filter((each) => each.asset === desk.asset && (side === undefined || each.side === side));
  const sum = own.reduce<number | undefined>(
    (total, { worth }) => (total === undefined || worth === undefined ? undefined : total + worth),
    0,
  );
  return sum === undefined || !Number.isSafeInteger(sum) ? undefined : value(sum);
}

function fieldsOf(desk: DeskSnapshot, held: readonly Held[]): readonly Field[] {
  const { asset, equity } = desk;
  const shared = (amount: Value | undefined): string =>
    `${money(amount, asset)}, ${percent(partOf(amount, equity), 1)} of the account`;
  const foreign = [...new Set(held.map((each) => each.asset).filter((each) => each !== asset))].join(", ");
  return [
    { label: "Held in all", text: shared(sumOf(desk, held)) },
    { label: "Long", text: shared(sumOf(desk, held, "long")) },
    { label: "Short", text: shared(sumOf(desk, held, "short")) },
    { label: "Account", text: money(equity, asset) },
    ...(foreign === "" ? [] : [{ label: "Not in these sums", text: `what is counted in ${foreign}` }]),
  ];
}

/** Positions and purses, one under the other: a phone has room for three columns. */
function tableOf(
  desk: DeskSnapshot,
  held: readonly Held[],
  engines: readonly EngineView[],
): Pick<Reply, "table"> {
  const rows = [
    ...held.map(({ name, asset, worth, share }) => [name, money(worth, asset), percent(share, 1)]),
    ...engines.map(({ engine, purseUsed, purseCap }) => [
      `purse ${engine}`,
      money(purseUsed, desk.asset),
      percent(partOf(purseUsed, purseCap), 1),
    ]),
  ];
  return rows.length === 0 ? {} : { table: { columns: ["What", "amount", "part"], rows } };
}

function pictureOf(
  desk: DeskSnapshot,
  held: readonly Held[],
  engines: readonly EngineView[],
  theme: Theme,
): string | undefined {
  const part = (share: Rate | undefined): number | undefined =>
    share === undefined ? undefined : share / ONE;
  // Bars are compared with the account, or with the largest position where that is larger.
  const largest = Math.max(1, ...held.slice(0, 1_000).map(({ share }) => part(share) ?? 0));
  const positions = held.slice(0, BARS_MOST).map(({ name, side, asset, worth, share }): ExposureBar => {
    const fraction = part(share);
    return {
      name,
      amount: worth === undefined ? UNKNOWN : `${money(worth, asset)} ${percent(share, 1)}`,
      part: fraction === undefined ? undefined : fraction / largest,
      look: side ?? "other",
    };
  });
  const purses = engines.slice(0, BARS_MOST).map(({ engine, purseUsed, purseCap }): ExposureBar => {
    const used = partOf(purseUsed, purseCap);
    return {
      name: engine,
      amount: `${percent(used, 1)} of ${money(purseCap, desk.asset)}`,
      part: part(used),
      look: "purse",
    };
  });
  const total = sumOf(desk, held);
  const whole = partOf(total, desk.equity);
  return exposurePicture({
    title: `Exposure ${money(total, desk.asset)}`,
    subtitle: `${whole === undefined ? UNKNOWN : percent(whole, 1)} of an account of ${money(desk.equity, desk.asset)}`,
    positionsScale: largest === 1 ? "100% of the account" : `${(largest * 100).toFixed(0)}% of the account`,
    positions: { first: positions, count: held.length },
    purses: { first: purses, count: engines.length },
    theme,
  });
}
