import { randomInt } from "node:crypto";
import type { CallbackQuery } from "telegraf/types";
import type { Parameters } from "./parameters.ts";
import { badRequest } from "./refusal.ts";

const TEXT_LENGTH_MAX = 200;

/** What the bot answered to a tap: a toast, or an alert that the person must close. */
export interface CallbackAnswer {
  readonly text: string;
  readonly isAlert: boolean;
}

interface Tap {
  readonly query: CallbackQuery;
  at: number;
  answer: CallbackAnswer | undefined;
}

/** Taps on buttons and their answers: each is answered at most once, and only while Telegram still waits for it. */
export class Callbacks {
  readonly #taps = new Map<string, Tap>();
  readonly #windowMs: number;
  #next = BigInt(randomInt(1, 2 ** 40)) * 1_000_000n;

  constructor(windowMs: number) {
    this.#windowMs = windowMs;
  }

  /** Files a tap and gives it its id. */
  tap(query: Omit<CallbackQuery, "id">): CallbackQuery {
    const id = String(this.#next++);
    const filed = { id, ...query } as CallbackQuery;
    this.#taps.set(id, { query: filed, at: performance.now(), answer: undefined });
    return filed;
  }

  /** A tap as it was, to be delivered once more; its time to be answered starts anew. */
  again(id: string): CallbackQuery {
    const tap = this.#taps.get(id);
    if (tap === undefined) throw new Error(`no tap has the id ${id}`);
    tap.at = performance.now();
    return tap.query;
  }

  /** What a tap was answered, if it was. */
  answerTo(id: string): CallbackAnswer | undefined {
    return this.#taps.get(id)?.answer;
  }

  /** Lets a tap grow too old to be answered. */
  expire(id: string): void {
    const tap = this.#taps.get(id);
    if (tap !== undefined) tap.at = Number.NEGATIVE_INFINITY;
  }

  /** answerCallbackQuery */
  answer(parameters: Parameters): true {
    const tap = this.#taps.get(parameters.text("callback_query_id") ?? "");
    const isLate = tap !== undefined && performance.now() - tap.at > this.#windowMs;
    if (tap === undefined || isLate || tap.answer !== undefined) {
      throw badRequest("query is too old and response timeout expired or query ID is invalid");
    }
    const text = parameters.text("text") ?? "";
    if ([...text].length > TEXT_LENGTH_MAX) throw badRequest("MESSAGE_TOO_LONG");
    tap.answer = { text, isAlert: parameters.flag("show_alert") };
    return true;
  }
}
