import type { Clock } from "../desk/ports.ts";
import { clockTime, counted } from "./format.ts";
import { cut, oneLine } from "./layout.ts";
import type { Button, Reply } from "./reply.ts";
import type { Delivery, Room } from "./room.ts";
import { freshNonce } from "./slot.ts";

/** A message that may be told as part of one, together with others of its room. */
export interface Part {
  /** False once it has a message of its own, or must have one. */
  readonly isOpen: () => boolean;
  /** What it would say by itself, and whether without a sound. */
  readonly draw: () => { readonly reply: Reply; readonly isSilent: boolean };
  /** The message that says it was delivered. */
  readonly onTold: () => void;
  /** Writes parts of this room in their order as one message; says how many of them, from the first on, it holds. */
  readonly write: (parts: readonly Part[]) => Promise<{ readonly delivery: Delivery; readonly told: number }>;
}

/** Parts that a message says one by one; of those without a sound, more are only counted. */
const LINES_MAX = 20;
const LINE_MAX = 170;
/** Buttons side by side. */
const ROW = 4;

/** Writes what waited for a room as one message. A try that is repeated with the same content keeps its nonce. */
export function partsWriter(room: Room, clock: Clock): Part["write"] {
  let last = { text: "", nonce: freshNonce() };
  return async (parts) => {
    const drawn = parts.map(({ draw }) => draw());
    const loud = drawn.filter(({ reply: { tone } }) => tone === "danger" || tone === "warning").length;
    for (let lines = LINES_MAX; ; lines -= 1) {
      // What sounds is said; what does not may be counted.
      const told = loud > lines ? lines : drawn.length;
      const reply = digest(drawn.slice(0, told), Math.min(lines, told), clock.now());
      if (lines > 1 && room.pages(reply).length > 1) continue;
      const text = JSON.stringify([reply.title, reply.lines]);
      if (text !== last.text) last = { text, nonce: freshNonce() };
      const isSilent = drawn.slice(0, told).every((each) => each.isSilent);
      const delivery = await room.send(room.pages(reply)[0] ?? reply, { isSilent, nonce: last.nonce });
      if (delivery.type === "sent") {
        last = { text: "", nonce: freshNonce() };
        for (const { onTold } of parts.slice(0, told)) onTold();
      }
      return { delivery, told };
    }
  };
}

function digest(
  drawn: readonly { readonly reply: Reply; readonly isSilent: boolean }[],
  lines: number,
  now: number,
): Reply {
  const more = drawn.length - lines;
  const tones = drawn.map(({ reply: { tone } }) => tone);
  return {
    title: `${counted(drawn.length, "message")} that had to wait`,
    tone: tones.includes("danger") ? "danger" : tones.includes("warning") ? "warning" : "plain",
    lines: [
      ...drawn.slice(0, lines).map(({ reply }) => lineOf(reply)),
      ...(more > 0 ? [`And ${counted(more, "message")} without a sound.`] : []),
    ],
    buttons: buttonsOf(drawn.slice(0, lines).map(({ reply }) => markIn(reply))),
    footer: `Sent together at ${clockTime(now)}; /alerts lists what stands.`,
  };
}

/** The mark of the alert that a message asks to be seen. */
const markIn = ({ buttons = [] }: Reply): string | undefined =>
  buttons.flat().flatMap(({ action }) => (action.type === "see" ? [action.mark] : []))[0];

function buttonsOf(marks: readonly (string | undefined)[]): readonly (readonly Button[])[] {
  const all = [...new Set(marks.filter((mark) => mark !== undefined))].map(
    (mark): Button => ({ label: `Seen ${mark}`, style: "plain", action: { type: "see", mark } }),
  );
  return Array.from({ length: Math.ceil(all.length / ROW) }, (_, row) =>
    all.slice(row * ROW, (row + 1) * ROW),
  );
}

/** A message in one line: what happened, how often or when, and what it answers to. */
function lineOf(reply: Reply): string {
  const { title, lines = [], footer } = reply;
  const mark = markIn(reply);
  const end = `${footer === undefined ? "" : ` (${footer})`}${mark === undefined ? "" : ` /ack ${mark}`}`;
  const text = oneLine([title, ...lines.slice(0, 1)].join(". "));
  return `${cut(text, LINE_MAX - end.length)}${end}`;
}
