import type { EngineSnapshot } from "../core/engine.ts";
import type { AlertIntent } from "../core/intent.ts";
import { digitsOf, moneyOf, moneyText } from "../core/text.ts";
import { actionText, wordIn } from "../core/trade-log.ts";
import type { Value } from "../core/units.ts";
import type { LedgerHead } from "./ports.ts";
import type { DeskSnapshot } from "./snapshot.ts";

/** Another process leads: this one can do nothing any more, and people must know it at once. */
export const deposedAlert = (account: string): AlertIntent => ({
  type: "alert",
  key: `deposed:${account}`,
  level: "critical",
  title: "Another process took this desk over: nothing leaves from here any more",
  lines: [
    "It was started later, on this database, with this mode, exchange, account and desk name.",
    "No entry, stop, cancel or close leaves from this process, whatever is typed here. Stop the one that should not run.",
  ],
});

/** Something did not reach the disk; `text` is the disk's or the database's own word. */
export const storageAlert = (trouble: string, text: string): AlertIntent => ({
  type: "alert",
  key: "store",
  level: "critical",
  title: `Storage trouble: ${trouble}`,
  lines: [text],
});

/** That the desk lives at `wallAt`, what it is worth, and where its audit ledger ends. Each one is a message of its own. */
export function heartbeatAlert(
  desk: Omit<DeskSnapshot, "health" | "metrics">,
  head: LedgerHead,
  wallAt: number,
): AlertIntent {
  const waits = desk.isPaused ? [`paused by ${desk.pausedBy ?? "somebody"}`, ...desk.blocks] : desk.blocks;
  return {
    type: "alert",
    key: `heartbeat:${Math.round(wallAt)}`,
    level: "info",
    title: `Heartbeat: ${desk.riskState}, equity ${equityOf(desk)}`,
    lines: [
      `${heldText(desk)}; ${waits.length === 0 ? "entries run" : `entries wait: ${waits.join("; ")}`}.`,
      headText(head),
    ],
  };
}

/** That the desk began at `wallAt`. */
export const startedAlert = (
  { version, mode, account, engines }: Pick<DeskSnapshot, "version" | "mode" | "account" | "engines">,
  head: LedgerHead,
  wallAt: number,
): AlertIntent => ({
  type: "alert",
  key: `life:${Math.round(wallAt)}`,
  level: "info",
  title: `perpdesk ${version} started`,
  lines: [
    `Mode ${mode}, account ${account}; ${counted(engines.length, "engine")}. Entries start in a few seconds.`,
    headText(head),
  ],
});

/**
 * That the desk ends at `wallAt` and what it leaves; with a sound when nobody wanted that: `fault` says why. `endsExchange`: the
 * exchange is the built-in one of this process, so that nothing is left.
 */
export const endedAlert = (
  desk: Omit<DeskSnapshot, "health" | "metrics">,
  head: LedgerHead,
  wallAt: number,
  { fault, endsExchange }: { readonly fault: string | undefined; readonly endsExchange: boolean },
): AlertIntent => ({
  type: "alert",
  key: `life:${Math.round(wallAt)}`,
  level: fault === undefined ? "info" : "critical",
  title: `perpdesk ended${fault === undefined ? "" : " by a fault in its code"}, equity ${equityOf(desk)}`,
  lines: [
    ...(fault === undefined ? [] : [`${fault}. Start it again; the log tells more.`]),
    endsExchange
      ? `${heldText(desk)}: the built-in exchange ends with the desk, and its account with it. The next start begins with a new account and nothing held.`
      : `${heldText(desk)}${desk.orders.length === 0 ? "" : ": take profits and stops stay there"}. Nobody watches until the next start.`,
    headText(head),
  ],
});

const equityOf = ({ equity, asset }: Pick<DeskSnapshot, "equity" | "asset">): string =>
  equity === undefined ? "unknown" : `${moneyText(equity, digitsOf(asset))} ${asset}`;

function heldText({ engines, orders }: Pick<DeskSnapshot, "engines" | "orders">): string {
  const held = engines.reduce((sum, { rungsHeld }) => sum + rungsHeld, 0);
  return `${counted(held, "rung")} held, ${counted(orders.length, "order")} at the exchange`;
}

const headText = ({ sequence, hash }: LedgerHead): string =>
  `The audit ledger ends with line ${sequence}, hash ${hash}`;

/** What an engine closed last, by its line of the trade log, and what it made so far in `asset`. */
export function tradesAlert(
  name: string,
  made: Pick<EngineSnapshot, "cycles" | "stops" | "realized">,
  fields: Readonly<Record<string, string | number>>,
  asset: string,
): AlertIntent {
  const digits = digitsOf(asset);
  return {
    type: "alert",
    key: `trades:${name}`,
    level: "info",
    title: `${name}: ${counted(made.cycles, "cycle")}, ${counted(made.stops, "stop")}, ${gainText(made.realized, digits)} ${asset}`,
    lines: [
      `Last: ${actionText(wordIn(fields, "Action"))} of ${fields["Size"]} from ${fields["Entry"]} to ${fields["Exit"]}, ${gainText(moneyOf(String(fields["PnL"]), "PnL"), digits)} ${asset}.`,
    ],
  };
}

function gainText(amount: Value, digits: number): string {
  const text = moneyText(amount, digits);
  return text.startsWith("-") ? text : `+${text}`;
}

const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`;
