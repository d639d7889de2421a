import { explained } from "../../core/book.ts";
import { sizeUnit } from "../../core/instrument.ts";
import type { AlertIntent } from "../../core/intent.ts";
import { textOf } from "../../core/text.ts";
import type { KernelState } from "./state.ts";

/** What is on the account as a sentence's part, e.g. "1 position (BTCUSDT 0.025 BTC) and 2 orders"; undefined: nothing. */
function foundOn(state: KernelState): string | undefined {
  const held = [...state.account.books.values()].filter((book) => explained(book) !== 0);
  const orders = state.liveOrders().length + [...state.orders.foreign()].length;
  const { others } = state.account;
  if (held.length + others.length + orders === 0) return undefined;
  const ours = held.map((book) => {
    const instrument = state.instrument(book.instrument);
    const size = explained(book);
    return `${book.instrument} ${instrument === undefined ? size : `${textOf(size, instrument.lot)} ${sizeUnit(instrument)}`}`;
  });
  const positions = [...ours, ...others.map(({ symbol, size }) => `${symbol} ${size}`)];
  const parts = [
    ...(positions.length === 0 ? [] : [`${counted(positions.length, "position")} (${positions.join(", ")})`]),
    ...(orders === 0 ? [] : [counted(orders, "order")]),
  ];
  return parts.join(" and ");
}

/**
 * A start that must be flat trades nothing while anything is on the account, and says what it is. Orders of our own
 * found there keep their exits; nothing increases until the account is empty. Returns what people are to be told.
 */
export function lookAtStart(state: KernelState, isStart: boolean): AlertIntent | undefined {
  const before = state.foundAtStart;
  if (state.config.start !== "flatOnly" || (before === undefined && !isStart)) return undefined;
  const found = foundOn(state);
  state.foundAtStart =
    found === undefined ? undefined : `this start must be flat, but the account holds ${found}`;
  const isNews = (before === undefined) !== (found === undefined);
  if (!isNews) return undefined;
  const { account } = state.config;
  return found === undefined
    ? {
        type: "alert",
        key: `start:${account}`,
        level: "resolved",
        title: "The account is flat: the desk may trade",
        lines: ["Nothing is held and nothing rests any more."],
      }
    : {
        type: "alert",
        key: `start:${account}`,
        level: "critical",
        title: "The account is not flat: the desk does not trade",
        lines: [
          `It holds ${found}.`,
          "Close them on the exchange, or start with the setting that adopts what is found.",
        ],
      };
}

const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`;
