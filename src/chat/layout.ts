import type { Button, Reply, Table } from "./reply.ts";

/** Characters that a phone shows side by side in fixed width. */
export const PHONE_WIDTH = 40;

/** Cuts a text to at most `max` UTF-16 units, with "…" at the end of what was cut and no broken character. */
export function cut(text: string, max: number): string {
  if (text.length <= max) return text;
  if (max <= 0) return "";
  const last = text.charCodeAt(max - 2);
  const isSplit = last >= 0xd800 && last <= 0xdbff;
  return `${text.slice(0, Math.max(0, max - (isSplit ? 2 : 1)))}…`;
}

/** One line without control characters and line breaks, so that foreign text can't draw its own layout. */
export const oneLine = (text: string): string =>
  text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, " ").replaceAll(/\p{Cs}/gu, "\ufffd");

/** A table as lines of fixed width: side by side where it fits into `width`, else one row under the other. */
export function tableLines(table: Table, width = PHONE_WIDTH): string[] {
  const columns = table.columns.map((name) => oneLine(name));
  const rows = table.rows.map((row) => row.map((cell) => oneLine(cell)));
  const widths = columns.map((name, at) =>
    rows.reduce((most, row) => Math.max(most, row[at]?.length ?? 0), name.length),
  );
  const total = widths.reduce((sum, each) => sum + each, 0) + widths.length - 1;
  return total <= width ? sideBySide(columns, rows, widths) : stacked(columns, rows, width);
}

function sideBySide(
  columns: readonly string[],
  rows: readonly (readonly string[])[],
  widths: readonly number[],
): string[] {
  const isNumber = columns.map(
    (_, at) => rows.length > 0 && rows.every((row) => /^[-+]?[\d,.]*\d/.test(row[at] ?? "")),
  );
  const line = (cells: readonly string[]): string =>
    widths
      .map((size, at) => (isNumber[at] ? (cells[at] ?? "").padStart(size) : (cells[at] ?? "").padEnd(size)))
      .join(" ")
      .trimEnd();
  return [line(columns), ...rows.map(line)];
}

function stacked(columns: readonly string[], rows: readonly (readonly string[])[], width: number): string[] {
  const names = columns.slice(1);
  const label = names.reduce((most, name) => Math.max(most, name.length), 0);
  return rows.flatMap(([head = "", ...cells]) => [
    cut(head, width),
    ...cells.flatMap((cell, at) =>
      cell === "" ? [] : [cut(`  ${(names[at] ?? "").padEnd(label)} ${cell}`, width)],
    ),
  ]);
}

/** Splits a reply on line and row borders into replies that each `fit`; what is beyond `pagesMax` is named, not sent. */
export function paginate(reply: Reply, fits: (page: Reply) => boolean, pagesMax = 4): Reply[] {
  const pieces = piecesOf(reply);
  if (pieces.length === 0 || (pieces.length <= PIECES_MOST && fits(reply))) return [reply];
  const { pages, left } = split(reply, pieces, fits, pagesMax);
  const last = pages.length - 1;
  return pages.map((page, index) => finish(page, reply, index, last, left));
}

/** A reply as the messages that show it: one whose pages are turned where it can be drawn anew, else one a page. */
export const messagesOf = (reply: Reply, fits: (page: Reply) => boolean): readonly Reply[] =>
  reply.line === undefined ? paginate(reply, fits) : [pageOf(reply, reply.line, fits)];

/** The page of a reply that is wanted, with buttons that turn to the others; all of a reply that is one page. */
function pageOf(reply: Reply, line: string, fits: (page: Reply) => boolean): Reply {
  const pieces = piecesOf(reply);
  if (pieces.length <= PIECES_MOST && fits(reply)) return reply;
  const { pages, left } = split(reply, pieces, fits, PAGES_MOST);
  const last = Math.max(1, pages.length);
  const at = Math.min(last, Math.max(1, reply.page ?? 1));
  const page = pages[at - 1];
  if (page === undefined || last === 1) return reply;
  const notes = [
    ...(reply.footer === undefined ? [] : [reply.footer]),
    ...(at === last && left > 0 ? [leftText(left)] : []),
    `Page ${at} of ${last}`,
  ];
  return {
    ...page,
    footer: notes.join(" "),
    buttons: [turns(line, at, last), ...(reply.buttons ?? [])],
  };
}

/** Beyond this nobody turns pages, and cutting them would keep the desk from its work. */
const PAGES_MOST = 50;
/** More than this is on no platform one message, so it need not be tried. */
const PIECES_MOST = 2_000;

/** Buttons to the first, the next and the last page, as far as there are such. */
function turns(line: string, at: number, last: number): readonly Button[] {
  const wanted: readonly (readonly [string, number, boolean])[] = [
    ["\u00ab First", 1, at > 2],
    ["\u2039 Back", at - 1, at > 1],
    ["Next \u203a", at + 1, at < last],
    ["Last \u00bb", last, at < last - 1],
  ];
  return wanted.flatMap(([label, page, isThere]) =>
    isThere ? [{ label, style: "plain", action: { type: "page", line, page } } as const] : [],
  );
}

function split(
  reply: Reply,
  pieces: readonly Piece[],
  fits: (page: Reply) => boolean,
  pagesMax: number,
): { readonly pages: readonly Reply[]; readonly left: number } {
  const pages: Reply[] = [];
  let at = 0;
  let count = FIRST_GUESS;
  while (at < pieces.length && pages.length < pagesMax) {
    count = longest(reply, pieces, at, fits, count);
    pages.push(assemble(reply, pieces.slice(at, at + count), pages.length > 0));
    at += count;
  }
  return { pages, left: pieces.length - at };
}

/** Pieces that a first page may well hold. */
const FIRST_GUESS = 16;

type Piece =
  | { readonly type: "line"; readonly line: string }
  | { readonly type: "field"; readonly field: NonNullable<Reply["fields"]>[number] }
  | { readonly type: "row"; readonly row: readonly string[] };

function piecesOf(reply: Reply): Piece[] {
  return [
    ...(reply.lines ?? []).map((line): Piece => ({ type: "line", line })),
    ...(reply.fields ?? []).map((field): Piece => ({ type: "field", field })),
    ...(reply.table?.rows ?? []).map((row): Piece => ({ type: "row", row })),
  ];
}

/**
 * How many pieces from `at` fit on one page, with room for the notice at its end; at least one. Looked for around `guess`: what the
 * page before held.
 */
function longest(
  reply: Reply,
  pieces: readonly Piece[],
  at: number,
  fits: (page: Reply) => boolean,
  guess: number,
): number {
  const most = pieces.length - at;
  const footer = `${reply.footer ?? ""} ${NOTICE}`;
  const doesFit = (count: number): boolean => {
    const page = assemble(reply, pieces.slice(at, at + count), true);
    return fits({ ...page, buttons: reply.buttons ?? [], footer });
  };
  let low = 1;
  let high = Math.min(most + 1, Math.max(2, guess));
  while (high <= most && doesFit(high)) {
    low = high;
    high = Math.min(most + 1, high * 2);
  }
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (doesFit(middle)) low = middle;
    else high = middle;
  }
  return low;
}

const NOTICE = "… and 1,000,000 more; name a symbol to see fewer. Page 50 of 50";

function assemble(reply: Reply, pieces: readonly Piece[], isContinued: boolean): Reply {
  const lines = pieces.flatMap((piece) => (piece.type === "line" ? [piece.line] : []));
  const fields = pieces.flatMap((piece) => (piece.type === "field" ? [piece.field] : []));
  const rows = pieces.flatMap((piece) => (piece.type === "row" ? [piece.row] : []));
  return {
    title: isContinued ? `${cut(reply.title, 80)} (more)` : reply.title,
    tone: reply.tone,
    ...(lines.length > 0 ? { lines } : {}),
    ...(fields.length > 0 ? { fields } : {}),
    ...(reply.table !== undefined && rows.length > 0
      ? { table: { columns: reply.table.columns, rows } }
      : {}),
    ...(reply.isPrivate === undefined ? {} : { isPrivate: reply.isPrivate }),
  };
}

const leftText = (left: number): string =>
  `… and ${left.toLocaleString("en-US")} more; name a symbol to see fewer.`;

function finish(page: Reply, whole: Reply, index: number, last: number, left: number): Reply {
  const number = `(${index + 1}/${last + 1})`;
  if (index < last) return { ...page, footer: number };
  const notice = left > 0 ? `${leftText(left)} ${number}` : number;
  const footer = whole.footer === undefined ? notice : `${whole.footer} ${notice}`;
  return { ...page, footer, ...(whole.buttons === undefined ? {} : { buttons: whole.buttons }) };
}
