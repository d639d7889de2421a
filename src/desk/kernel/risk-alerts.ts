import { type Book, ownLots } from "../../core/book.ts";
import { type Instrument, sizeUnit } from "../../core/instrument.ts";
import type { AlertIntent, AlertLevel } from "../../core/intent.ts";
import type { RiskState } from "../../core/proposal.ts";
import { digitsOf, moneyText, percentText, textOf } from "../../core/text.ts";
import { type Rate, type Value, value } from "../../core/units.ts";
import type { Course } from "./deleverage.ts";
import { type Flattening, foreignParts } from "./panic.ts";
import type { KernelState } from "./state.ts";

const LEVEL_OF: Readonly<Record<RiskState, AlertLevel>> = {
  monitoring: "resolved",
  warning: "high",
  emergency: "extreme",
  shutdown: "critical",
};

/** A state's name as people read it. */
export const stateName = (state: RiskState): string => `${state[0]?.toUpperCase()}${state.slice(1)}`;

/** What a state makes the desk do, and what a person can do about it. */
export const meaningOf = ({ risk }: KernelState, state: RiskState): readonly string[] =>
  state === "warning"
    ? [
        "The desk goes on trading.",
        `Close a part with /close, or /pause new entries; at ${percentOf(risk.limits.drawdowns.emergency)} the desk reduces by itself.`,
      ]
    : MEANING[state];

const percentOf = (part: Rate): string => percentText(part, 4).replace(/\.?0+%$/, " %");

const MEANING: Readonly<Record<Exclude<RiskState, "warning">, readonly string[]>> = {
  monitoring: ["The desk trades normally again."],
  emergency: [
    "Entries are taken back and none leaves; positions near their liquidation are closed in quarters.",
    "/close reduces further. It ends by itself, one state at a time; /risk shows how far it is.",
  ],
  shutdown: [
    "All that the engines hold is being closed; foreign positions are not touched.",
    "It stays so until an admin types /risk_reset and another one approves; the present equity is the new peak then.",
  ],
};

/** Why no entry leaves in a state, as sentences. */
export function riskBlocks(state: RiskState): readonly string[] {
  if (state === "emergency") return ["the desk is in Emergency; /risk says what ends it"];
  return state === "shutdown" ? ["the desk is in Shutdown; an admin ends it with /risk_reset"] : [];
}

/** What the desk is worth beside its peak, in words. */
export function drawdownText({ risk, config }: KernelState): string {
  const { equity, drawdown } = risk;
  const peak = risk.peak.value;
  const money = (amount: Value): string => `${moneyText(amount, digitsOf(config.asset))} ${config.asset}`;
  if (equity === undefined) return "The equity is unknown: the wallet or a mark price is missing.";
  if (peak === undefined || drawdown === undefined)
    return `Equity ${money(equity)}, its peak is unknown: the ledger does not have it.`;
  if (equity >= peak) return `Equity ${money(equity)}, at its peak.`;
  return `Equity ${money(equity)}, ${money(value(peak - equity))} (${percentText(drawdown)}) below its peak of ${money(peak)}.`;
}

/** Which position the worst level is of, where there is one that matters. */
export function levelText(state: KernelState): readonly string[] {
  const { level, instrument } = state.worstLevel();
  if (instrument === undefined || level === "LOW" || level === "MEDIUM") return [];
  return [`Liquidation risk of ${instrument}: ${level}.`];
}

/** The desk's risk state changed, or a start found it as it was left. */
export function riskAlert(state: KernelState, from: RiskState, to: RiskState): AlertIntent {
  const isSame = from === to;
  return {
    type: "alert",
    key: `risk:${state.config.account}`,
    level: LEVEL_OF[to],
    title: isSame ? `Risk is still ${stateName(to)}` : `Risk: ${stateName(from)} to ${stateName(to)}`,
    lines: [drawdownText(state), ...levelText(state), ...meaningOf(state, to)],
  };
}

/** Shutdown closed everything, or has not managed to yet. */
export function shutdownAlert({ account, config }: KernelState, running: Flattening): AlertIntent {
  const { isDone } = running;
  const foreign = foreignParts(account.books.values());
  const untouched =
    foreign === ""
      ? "There is no foreign position."
      : "Foreign positions were not touched; /close SYMBOL foreign proposes to close one.";
  return {
    type: "alert",
    key: `shutdown:${config.account}`,
    level: isDone ? "high" : "critical",
    title: isDone ? "Shutdown: the engines hold nothing" : "Shutdown did not close everything in 30 s",
    lines: [
      isDone
        ? "All that the engines held is closed, and nothing of theirs rests. /balance shows what is left."
        : "Something is still held or rests: look at /positions and /orders. The desk keeps trying.",
      foreign === running.foreign
        ? untouched
        : `What is foreign changed meanwhile, and not by the desk: ${running.foreign || "nothing"} before, ${foreign || "nothing"} now.`,
      "Entries stay stopped until an admin types /risk_reset and another one approves.",
    ],
  };
}

/** What a book's way back to a safe distance has come to. */
export interface DeleverageNews {
  readonly what: "quarter" | "late" | "done" | "over";
  readonly distance: Rate | undefined;
  readonly course: Course | undefined;
  readonly least: Rate;
}

/** A position is made smaller by the desk itself. */
export function deleverageAlert(book: Book, instrument: Instrument, news: DeleverageNews): AlertIntent {
  const { what, distance, course, least } = news;
  const unit = sizeUnit(instrument);
  const size = (count: number): string => `${textOf(Math.abs(count), instrument.lot)} ${unit}`;
  const keep = [...(course?.keeps.values() ?? [])].reduce((sum, each) => sum + each, 0);
  const own = Math.abs(ownLots(book));
  const away = distance === undefined ? "unknown" : percentText(distance);
  const foreign = book.foreign.lots === 0 ? [] : [`The foreign ${size(book.foreign.lots)} are not touched.`];
  const lines = {
    quarter: [
      `Liquidation is ${away} away, less than ${percentText(least)}: quarter ${course?.step ?? 0} is closed at the market, ${size(own - keep)} of ${size(own)}.`,
      "It goes on until the distance is enough; adding margin on the exchange ends it sooner.",
    ],
    late: [
      `${size(own - keep)} were to be closed and are still held after 30 s; the desk keeps trying.`,
      `Look at /positions and /orders; /close ${instrument.id} or the exchange's own app may be faster.`,
    ],
    done: [
      own === 0
        ? "The engines hold nothing there any more."
        : `${size(own)} are left; liquidation is far enough.`,
    ],
    over: [`${size(own)} are left. The emergency is over, or a Shutdown closes all.`],
  }[what];
  return {
    type: "alert",
    key: `deleverage:${book.key}`,
    level: what === "quarter" ? "extreme" : what === "late" ? "critical" : "resolved",
    title: `${instrument.id}: ${TITLE[what]}`,
    lines: [...lines, ...foreign],
    instrument: instrument.id,
  };
}

const TITLE = {
  quarter: "the position is made smaller (deleveraging)",
  late: "deleveraging does not get through",
  done: "deleveraging is done",
  over: "deleveraging ends",
} as const;

/** Money that a reading shows and nobody told of. */
export function untoldTransferAlert({ config }: KernelState, amount: Value): AlertIntent {
  const money = `${moneyText(value(Math.abs(amount)), digitsOf(config.asset))} ${config.asset}`;
  const counted = (than: string): string =>
    `The wallet is ${money} ${than} than all executions explain: counted as a transfer, so the equity's peak moves with it.`;
  if (amount >= 0) {
    return {
      type: "alert",
      key: `deposit:${config.account}`,
      level: "notice",
      title: "Money has come to the account unseen",
      lines: [counted("larger"), "Nothing is to be done."],
    };
  }
  return {
    type: "alert",
    key: `transfer:${config.account}`,
    level: "critical",
    title: "Money has left the account unseen",
    lines: [
      counted("smaller"),
      "If it was not you, remove the API keys on the exchange and change your password.",
    ],
  };
}
