import type { AlertIntent, AlertLevel } from "../core/intent.ts";
import type { LoudLevel } from "./alert-desk.ts";
import { markOf, QUIET_MS_MAX, type Seen } from "./duty.ts";
import { clockTime, duration } from "./format.ts";
import type { Priority } from "./pace.ts";
import type { Button, Reply } from "./reply.ts";

/** A level of a story that goes on. */
export type Loudness = Exclude<AlertLevel, "resolved">;

/** From the quietest to the loudest. */
export const LEVELS: readonly Loudness[] = ["info", "notice", "high", "extreme", "critical"];
/** Place of a level among the others, from 0. */
export const rank = (level: Loudness): number => LEVELS.indexOf(level);

/** Sounding alerts go before everything, CRITICAL ones first, and are never dropped. */
export const priorityOf = (level: Loudness): Priority =>
  level === "critical" ? "critical" : isLoud(level) ? "loud" : "info";

/** Whether a level sounds. */
export const isLoud = (level: AlertLevel): level is LoudLevel =>
  level === "high" || level === "extreme" || level === "critical";

/** Who has seen an alert, as a line below it. */
const seenText = ({ by, wallAt, untilWallAt }: Seen): string =>
  `Seen by ${by} at ${clockTime(wallAt)}${untilWallAt === undefined ? "" : `; quiet until ${clockTime(untilWallAt)}`}.`;

/** For how long an alert that was seen keeps quiet, and as a sentence; undefined: until it gets worse. */
export function quiet(
  title: string,
  mark: string,
  level: LoudLevel,
  forMs: number | undefined,
): { readonly isOk: boolean; readonly text: string; readonly ms: number | undefined } {
  if (forMs === undefined)
    return { isOk: true, text: `"${title}" keeps quiet until it gets worse.`, ms: undefined };
  const most = QUIET_MS_MAX[level];
  if (most === 0) {
    const text = `"${title}" is critical: it can be seen with /ack ${mark}, not put off.`;
    return { isOk: false, text, ms: undefined };
  }
  const ms = Math.min(forMs, most);
  const capped = forMs > most ? `, the most at ${level.toUpperCase()}` : "";
  return { isOk: true, text: `"${title}" keeps quiet for ${duration(ms)}${capped}.`, ms };
}

/** What may be pressed: seen, and where it may be put off, for how long. */
function waysOf(mark: string, level: LoudLevel): readonly Button[] {
  const seen: Button = { label: "Seen", style: "plain", action: { type: "see", mark } };
  if (level === "critical") return [seen];
  const minutes = level === "extreme" ? 15 : 60;
  const action = { type: "see", mark, minutes } as const;
  return [seen, { label: level === "extreme" ? "Quiet 15 min" : "Quiet 1 h", style: "plain", action }];
}

const TONES: Readonly<Record<AlertLevel, Reply["tone"]>> = {
  info: "plain",
  notice: "plain",
  high: "warning",
  extreme: "danger",
  critical: "danger",
  resolved: "good",
};

/** An alert as a message: its level, what happened, and how often since when. */
export function alertReply(alert: AlertIntent, count: number, sinceWallAt: number): Reply {
  return {
    title: isLoud(alert.level) ? `${alert.level.toUpperCase()}: ${alert.title}` : alert.title,
    tone: TONES[alert.level],
    lines: alert.lines,
    footer: count > 1 ? `${count} times since ${clockTime(sinceWallAt)}` : `At ${clockTime(sinceWallAt)}`,
  };
}

/** What of an alert's story its message shows. */
export interface Told {
  readonly level: Loudness | undefined;
  readonly count: number;
  readonly sinceWallAt: number;
  readonly last: AlertIntent;
}

/** A loud alert as it stands: who has seen it, or how long nobody has (in milliseconds, once it comes again) and the buttons for that. */
export function standingReply(told: Told, seen: Seen | undefined, unseenMs?: number): Reply {
  const { last, count, sinceWallAt, level } = told;
  const reply = alertReply(last, count, sinceWallAt);
  if (level === undefined || !isLoud(level)) return reply;
  const { lines = [] } = reply;
  if (seen !== undefined) return { ...reply, lines: [...lines, seenText(seen)] };
  const waited = unseenMs === undefined ? [] : [`Nobody has seen this for ${duration(unseenMs)}.`];
  return { ...reply, lines: [...lines, ...waited], buttons: [waysOf(markOf(last.key), level)] };
}

/** The message that was before a rise: it got worse, and where to look. */
export function risenReply({ last, count, sinceWallAt }: Told, level: Loudness, now: number): Reply {
  const before = alertReply(last, count, sinceWallAt);
  const line = `Now ${level.toUpperCase()} at ${clockTime(now)}; see the newer message.`;
  return { ...before, lines: [...(before.lines ?? []), line] };
}

/** The end of an alert. A count of 0 means that when it began is not known. */
export function resolvedReply(alert: AlertIntent, { count, sinceWallAt }: Told, now: number): Reply {
  const since = count === 0 ? "" : ` It stood since ${clockTime(sinceWallAt)}.`;
  const lines = [...alert.lines, `Over at ${clockTime(now)}.${since}`];
  return { title: `Resolved: ${alert.title}`, tone: "good", lines };
}
