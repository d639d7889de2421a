/** A phone is so many points wide; pictures of it have two dots a point. */
const WIDTH = 390;
const DOTS = 2;
const LETTER = 0.54;
const FONT = "Share Tech Mono";

/** Words in one look. */
export interface Run {
  readonly text: string;
  readonly look?: "bold" | "muted" | "code";
}

/** What a message holds, from the top down. */
export type Block =
  | { readonly type: "text"; readonly runs: readonly Run[] }
  | { readonly type: "code"; readonly lines: readonly string[] }
  | { readonly type: "picture"; readonly png: Buffer };

/** A button under a message. */
export interface PhoneButton {
  readonly label: string;
  readonly color?: string;
}

/** A message as a phone shows it. */
export interface PhoneMessage {
  readonly from: "person" | "bot";
  readonly time: string;
  readonly blocks: readonly Block[];
  readonly buttons?: readonly (readonly PhoneButton[])[];
  /** A word of the platform's own above it, e.g. whose command it answers. */
  readonly above?: string;
  /** The same below it, e.g. that nobody else sees it. */
  readonly below?: string;
  /** The bar beside an embed. */
  readonly bar?: string;
}

/** A platform's own look. */
export interface Skin {
  readonly platform: "Telegram" | "Discord";
  readonly background: string;
  readonly header: string;
  readonly bot: string;
  readonly person: string;
  readonly code: string;
  readonly button: string;
  readonly text: string;
  readonly muted: string;
}

/** Telegram's night look. */
export const TELEGRAM: Skin = {
  platform: "Telegram",
  background: "#0e1621",
  header: "#17212b",
  bot: "#182533",
  person: "#2b5278",
  code: "#101a25",
  button: "#24405c",
  text: "#f5f7fa",
  muted: "#8ba0b5",
};
/** Discord's dark look. */
export const DISCORD: Skin = {
  platform: "Discord",
  background: "#313338",
  header: "#2b2d31",
  bot: "#2b2d31",
  person: "#383a40",
  code: "#1e1f22",
  button: "#4e5058",
  text: "#f2f3f5",
  muted: "#a5a9b0",
};

const TEXT_SIZE = 15;
const CODE_SIZE = 13.5;
const LINE = 20;
const CODE_LINE = 18;
const PAD = 10;
const EDGE = 8;
const HEADER = 48;
const BUTTON = 36;

/** A conversation on a phone, as SVG. */
export function phone(skin: Skin, title: string, messages: readonly PhoneMessage[]): string {
  const parts: string[] = [
    box(0, 0, WIDTH, HEADER, skin.header),
    `<circle cx="28" cy="24" r="15" fill="#1f9d74"/>`,
    words(23.5, 30, 17, "#ffffff", "p", true),
    words(52, 22, 15, skin.text, title, true),
    words(52, 38, 12, skin.muted, `${skin.platform}, bot`),
  ];
  let y = HEADER + 10;
  for (const message of messages) {
    const drawn = messageOf(skin, message, y);
    parts.push(...drawn.parts);
    y = drawn.end + 10;
  }
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH * DOTS}" height="${y * DOTS}" viewBox="0 0 ${WIDTH} ${y}" font-family="${FONT}">`,
    box(0, 0, WIDTH, y, skin.background),
    ...parts,
    "</svg>",
  ].join("\n");
}

function messageOf(skin: Skin, message: PhoneMessage, top: number) {
  const isPerson = message.from === "person";
  const inner = WIDTH - 2 * EDGE - 2 * PAD - (isPerson ? 60 : 10);
  const body = bodyOf(skin, message, inner);
  const left = isPerson ? WIDTH - EDGE - body.width - 2 * PAD : EDGE;
  const parts: string[] = [];
  let y = top;
  for (const text of message.above === undefined ? [] : [message.above]) {
    parts.push(words(EDGE + 4, y + 12, 12, skin.muted, text));
    y += 20;
  }
  const height = body.height + 2 * PAD - 2;
  parts.push(
    `<rect x="${left}" y="${y}" width="${body.width + 2 * PAD}" height="${height}" rx="${skin.platform === "Telegram" ? 12 : 4}" fill="${isPerson ? skin.person : skin.bot}"/>`,
  );
  if (message.bar !== undefined) parts.push(box(left, y, 4, height, message.bar));
  parts.push(...body.draw(left + PAD, y + PAD));
  y += height + 4;
  for (const row of message.buttons ?? []) {
    parts.push(...rowOf(skin, row, y));
    y += BUTTON + 4;
  }
  for (const text of message.below === undefined ? [] : [message.below]) {
    parts.push(words(EDGE + 4, y + 12, 12, skin.muted, text));
    y += 18;
  }
  return { parts, end: y };
}

/** Buttons share a row evenly; a label that does not fit is cut, as on the platforms. */
function rowOf(skin: Skin, row: readonly PhoneButton[], y: number): string[] {
  const full = WIDTH - 2 * EDGE;
  const width = (full - (row.length - 1) * 4) / row.length;
  return row.flatMap(({ label, color }, at) => {
    const x = EDGE + at * (width + 4);
    const letters = [...label];
    const most = Math.floor((width - 8) / (14 * LETTER));
    const shown = letters.length > most ? `${letters.slice(0, most - 1).join("")}…` : label;
    return [
      `<rect x="${x}" y="${y}" width="${width}" height="${BUTTON}" rx="7" fill="${color ?? skin.button}"/>`,
      `<text x="${x + width / 2}" y="${y + 23}" font-size="14" fill="#ffffff" text-anchor="middle">${escaped(shown)}</text>`,
    ];
  });
}

function bodyOf(skin: Skin, { blocks, time, from }: PhoneMessage, most: number) {
  let height = 0;
  let width = 0;
  const drawings: ((x: number, y: number) => string[])[] = [];
  const put = (rows: number, wide: number, draw: (x: number, y: number) => string[]): void => {
    const at = height;
    drawings.push((x, y) => draw(x, y + at));
    height += rows;
    width = Math.max(width, wide);
  };
  for (const block of blocks) {
    if (block.type === "picture") {
      const high = (most * block.png.readUInt32BE(20)) / block.png.readUInt32BE(16);
      put(high + 8, most, (x, y) => [
        `<image x="${x}" y="${y}" width="${most}" height="${high}" href="data:image/png;base64,${block.png.toString("base64")}"/>`,
      ]);
    } else if (block.type === "code") {
      const letters = Math.floor((most - 12) / (CODE_SIZE * LETTER));
      const lines = block.lines.flatMap((line) => (line === "" ? [""] : sliced(line, letters)));
      put(lines.length * CODE_LINE + 12, most, (x, y) => [
        `<rect x="${x}" y="${y}" width="${most}" height="${lines.length * CODE_LINE + 6}" rx="4" fill="${skin.code}"/>`,
        ...lines.map((line, at) => words(x + 6, y + 17 + at * CODE_LINE, CODE_SIZE, skin.text, line)),
      ]);
    } else {
      for (const line of wrapped(block.runs, Math.floor(most / (TEXT_SIZE * LETTER)))) {
        const wide = line.reduce((sum, { text }) => sum + lengthOf(text), 0) * TEXT_SIZE * LETTER;
        put(LINE, wide, (x, y) => drawn(skin, line, x, y + 15));
      }
    }
  }
  const stamp = time.length * 11 * LETTER;
  put(16, stamp, () => []);
  return {
    height,
    width,
    draw: (x: number, y: number): string[] => [
      ...drawings.flatMap((draw) => draw(x, y)),
      words(from === "person" ? x + width - stamp : x, y + height - 2, 11, skin.muted, time),
    ],
  };
}

/** Pictograms that the font does not have, as small signs of two letters' width. */
const SIGNS: Readonly<Record<string, readonly [color: string, sign: string]>> = {
  "\u2705": ["#2e9e5b", "check"],
  "\u26a0": ["#d99a1c", "!"],
  "\u{1f6a8}": ["#d64541", "!"],
};

/** Signs take the place of two letters. */
const lengthOf = (text: string): number =>
  [...text].reduce((sum, letter) => sum + (SIGNS[letter] === undefined ? 1 : 2), 0);

function drawn(skin: Skin, line: readonly Run[], x: number, y: number): string[] {
  let at = x;
  return line.flatMap(({ text, look }) => {
    const parts: string[] = [];
    let plain = "";
    const flush = (): void => {
      if (plain === "") return;
      const color = look === "muted" ? skin.muted : skin.text;
      parts.push(words(at, y, TEXT_SIZE, color, plain, look === "bold"));
      at += plain.length * TEXT_SIZE * LETTER;
      plain = "";
    };
    for (const letter of text) {
      const sign = SIGNS[letter];
      if (sign === undefined) {
        plain += letter;
        continue;
      }
      flush();
      parts.push(
        `<circle cx="${at + 7}" cy="${y - 5}" r="7.5" fill="${sign[0]}"/>`,
        sign[1] === "check"
          ? `<path d="M${at + 3.6} ${y - 5} l2.6 2.8 l4.6 -5.4" stroke="#ffffff" stroke-width="1.8" fill="none"/>`
          : words(at + 3.2, y, 14, "#ffffff", sign[1], true),
      );
      at += 2 * TEXT_SIZE * LETTER;
    }
    flush();
    return parts;
  });
}

/** Lines of at most so many letters, broken between words. */
function wrapped(runs: readonly Run[], most: number): readonly (readonly Run[])[] {
  const lines: Run[][] = [[]];
  let used = 0;
  const next = (): void => {
    lines.push([]);
    used = 0;
  };
  for (const { text, look } of runs) {
    for (const [index, part] of text.replaceAll("\ufe0f", "").split("\n").entries()) {
      if (index > 0) next();
      for (const word of part.match(/\s+|\S+/g) ?? []) {
        const length = lengthOf(word);
        if (used > 0 && used + length > most) {
          next();
          if (/^\s+$/.test(word)) continue;
        }
        for (const piece of sliced(word, most)) {
          if (used + lengthOf(piece) > most) next();
          lines.at(-1)?.push(look === undefined ? { text: piece } : { text: piece, look });
          used += lengthOf(piece);
        }
      }
    }
  }
  return lines;
}

const sliced = (text: string, most: number): readonly string[] =>
  Array.from({ length: Math.ceil([...text].length / most) }, (_, at) =>
    [...text].slice(at * most, (at + 1) * most).join(""),
  );

const box = (x: number, y: number, width: number, height: number, color: string): string =>
  `<rect x="${x}" y="${y}" width="${width}" height="${height}" fill="${color}"/>`;

/** The font has one weight: bold is drawn with an edge. */
const words = (x: number, y: number, size: number, color: string, text: string, isBold = false): string =>
  `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" font-size="${size}" fill="${color}" xml:space="preserve"${isBold ? ` stroke="${color}" stroke-width="0.5"` : ""}>${escaped(text)}</text>`;

const escaped = (text: string): string =>
  text
    .replaceAll(/\ufe0f/g, "")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;");
