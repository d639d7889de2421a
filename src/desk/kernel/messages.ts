import type { Book } from "../../core/book.ts";
import type { AccountConfigEvent, BalanceEvent, FillEvent, OrderReportEvent } from "../../core/event.ts";
import { type Instrument, sizeUnit } from "../../core/instrument.ts";
import type { AlertIntent } from "../../core/intent.ts";
import type { EngineId, OrderRecord } from "../../core/order.ts";
import { moneyText, textOf } from "../../core/text.ts";
import { type Millis, type Value, value } from "../../core/units.ts";
import type { Effect } from "./effect.ts";

/** Why entries wait once somebody else acted on the account. */
export const FOREIGN_SEEN =
  "orders, fills, transfers or settings that are not ours were seen on the account; /resume accepts them";

/** An order or an execution that no engine of this desk made. */
export function foreignAlert(
  event: OrderReportEvent | FillEvent,
  instrument: Instrument | undefined,
  what: "order" | "fill",
  closed: readonly EngineId[] = [],
): AlertIntent {
  const size =
    instrument === undefined
      ? `${event.lots} lots`
      : `${textOf(event.lots, instrument.lot)} ${sizeUnit(instrument)}`;
  return {
    type: "alert",
    key: `foreign:${event.account}:${event.instrument}`,
    level: "critical",
    title: `${event.instrument}: an ${what === "order" ? "order" : "execution"} that is not ours`,
    lines: [
      `Somebody ${event.side === "buy" ? "bought" : "sold"} ${size} on this account outside the desk.`,
      closed.length === 0
        ? "It is counted as foreign and never touched; new entries are stopped."
        : `It closed what ${closed.join(", ")} held: those orders are taken back, nothing is reopened, and ${closed.join(", ")} pauses.`,
      "If it was you: /resume. If it was not: remove the API key on the exchange now.",
    ],
    instrument: event.instrument,
  };
}

/** The exchange closed a part of a position to pay for somebody else's liquidation. */
export const adlAlert = (event: FillEvent, book: Book, instrument: Instrument): AlertIntent => ({
  type: "alert",
  key: `adl:${book.key}`,
  level: "critical",
  title: `${event.instrument}: the exchange deleveraged the position (ADL)`,
  lines: [
    `It closed ${textOf(event.lots, instrument.lot)} ${sizeUnit(instrument)} at ${textOf(event.price, instrument.tick)}.`,
    "The engines' parts are booked and their exits follow; they pause until /resume.",
  ],
  instrument: event.instrument,
});

/** The stop behind all others executed: those before it did not close the position in time. */
export const lastStopAlert = (event: FillEvent, book: Book, instrument: Instrument): AlertIntent => ({
  type: "alert",
  key: `last-stop:${book.key}`,
  level: "critical",
  title: `${event.instrument}: the last stop closed the position`,
  lines: [
    `It closed ${textOf(event.lots, instrument.lot)} ${sizeUnit(instrument)} at ${textOf(event.price, instrument.tick)}: the stops before it were refused, or no desk ran to follow them.`,
    "The engines' parts are booked; they pause until /resume.",
  ],
  instrument: event.instrument,
});

/** Another process uses our order ids. */
export const secondBotAlert = (event: OrderReportEvent): AlertIntent => ({
  type: "alert",
  key: `second-bot:${event.account}`,
  level: "critical",
  title: "A second bot trades on this account with our name",
  lines: [
    `Order ${event.clientId} on ${event.instrument} was not sent by this process.`,
    "New entries are stopped. Stop the other process, then restart this one.",
  ],
  instrument: event.instrument,
});

/** More was executed than an order had. */
export const overfillAlert = (event: FillEvent, order: OrderRecord): AlertIntent => ({
  type: "alert",
  key: `overfill:${order.facts.clientId}`,
  level: "critical",
  title: `${event.instrument}: an order was filled beyond its size`,
  lines: [
    `Order ${order.facts.clientId}: ${order.filled} of ${order.facts.lots} lots. The exchange's figure is kept.`,
  ],
  instrument: event.instrument,
});

/** The exchange holds something else than our executions explain, or does so no longer. */
export function mismatchAlert(book: Book, instrument: Instrument, isWrong: boolean): AlertIntent {
  const difference = book.mismatch?.lots ?? 0;
  return {
    type: "alert",
    key: `mismatch:${book.key}`,
    level: isWrong ? "critical" : "resolved",
    title: isWrong ? `${instrument.id}: position mismatch` : `${instrument.id}: position mismatch explained`,
    lines: isWrong
      ? [
          `The exchange holds ${textOf(difference, instrument.lot)} ${sizeUnit(instrument)} more than our executions explain.`,
          "Entries on this book are stopped until it is explained; stops and take profits keep working.",
          `/mismatch shows what is known; /adopt ${instrument.id} counts the difference as foreign.`,
        ]
      : ["The exchange and our executions agree again."],
    instrument: instrument.id,
  };
}

/** The trade log's line of a book that stops or starts to add up. */
export const mismatchLine = (book: Book, instrument: Instrument, isWrong: boolean, at: Millis): Effect => ({
  type: "logTrade",
  fields: {
    Engine: "desk",
    Action: isWrong ? "MISMATCH" : "MATCHED",
    Symbol: instrument.id,
    PositionSide: book.positionSide,
    Size: textOf(book.mismatch?.lots ?? 0, instrument.lot),
    At: at,
  },
});

/** Somebody else changed the leverage of an instrument that we trade. */
export const configChangedAlert = (event: AccountConfigEvent): AlertIntent => ({
  type: "alert",
  key: `config:${event.instrument}`,
  level: "critical",
  title: `${event.instrument}: somebody changed its leverage to ${event.leverage}x`,
  lines: [
    "It was not this desk; new entries are stopped, and the desk asks for its own leverage again.",
    "If it was you: /resume. If it was not: remove the API key on the exchange now.",
  ],
  ...(event.instrument === undefined ? {} : { instrument: event.instrument }),
});

/** The audit ledger's hash chain is broken: somebody or something changed the past. */
export const ledgerAlert = (problem: string): AlertIntent => ({
  type: "alert",
  key: "ledger",
  level: "critical",
  title: "The audit ledger is broken",
  lines: [`${problem}.`, "New entries are stopped until an admin resumes. Keep a copy of the database file."],
});

/** The machine's clock lies too far off the exchange's, or, without a figure, agrees with it again. */
export const skewAlert = (account: string, skewMs: number | undefined): AlertIntent => ({
  type: "alert",
  key: `skew:${account}`,
  level: skewMs === undefined ? "resolved" : "high",
  title:
    skewMs === undefined
      ? "The clock agrees with the exchange's again"
      : `The machine's clock is ${Math.abs(Math.round(skewMs))} ms off the exchange's`,
  lines:
    skewMs === undefined
      ? ["Entries wait for the next reading of the account."]
      : [
          "Entries wait until it is less than a second off, and cards that waited are void. Closes are still tried.",
          "Set the machine's clock by the network (NTP).",
        ],
});

/** A health check found trouble, or that it is over. */
export const healthAlert = (isOk: boolean, problems: string): AlertIntent => ({
  type: "alert",
  key: "health",
  level: isOk ? "resolved" : "notice",
  title: isOk ? "Health check: all is well again" : "Health check: something is not well",
  lines: isOk
    ? ["The last check found nothing."]
    : [`${problems}.`, "Stops and take profits rest on the exchange. /health tells more."],
});

/** Money went to the account, or, which is another matter, away from it. */
export function transferAlert({ account, asset }: BalanceEvent, amount: Value): AlertIntent {
  if (amount >= 0) {
    return {
      type: "alert",
      key: `deposit:${account}`,
      level: "notice",
      title: "Money was paid in",
      lines: [`${moneyText(amount)} ${asset} came to ${account}.`],
    };
  }
  return {
    type: "alert",
    key: `transfer:${account}`,
    level: "critical",
    title: "Money was moved off the account",
    lines: [
      `${moneyText(value(-amount))} ${asset} left ${account}, and the desk did not send them.`,
      "Entries stop. If it was you, /resume. If not, remove the API keys on the exchange and change your password.",
    ],
  };
}

/** What a person hears who paused the desk, or one engine. */
export const pausedText = (engine: EngineId | undefined): string =>
  engine === undefined
    ? "Entries are paused. Stops and take profits keep working. /resume starts entries again."
    : `${engine} enters nothing any more. Its stops and take profits keep working. /grid_start ${engine} lets it enter again.`;
