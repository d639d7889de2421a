import { tooMany } from "./refusal.ts";

/** How much a bot may send before it is told to wait: to one chat, to one group, and in all. */
export interface FloodLimits {
  /** Messages and edits a second to one chat, after a burst of `chatBurst`. */
  readonly chatPerSecond: number;
  readonly chatBurst: number;
  /** Messages and edits to one group in any 60 s. */
  readonly groupPerMinute: number;
  /** Messages and edits to all chats in any second. */
  readonly totalPerSecond: number;
}

/** The limits that Telegram's bot FAQ names; the burst is what bots report, not an official figure. */
export const USUAL_LIMITS: FloodLimits = {
  chatPerSecond: 1,
  chatBurst: 5,
  groupPerMinute: 20,
  totalPerSecond: 30,
};

const SECOND = 1_000;
const MINUTE = 60_000;

/** Counts what was sent on the monotonic clock and refuses with 429 what is too much; a refused message doesn't count. */
export class Flood {
  limits: FloodLimits | "off";
  readonly #buckets = new Map<number, { tokens: number; at: number }>();
  readonly #groups = new Map<number, number[]>();
  #sent: number[] = [];

  constructor(limits: FloodLimits | "off" = USUAL_LIMITS) {
    this.limits = limits;
  }

  /** Counts one message or edit to a chat (groups have negative ids); throws a 429 with the wait in whole seconds. */
  count(chat: number, now = performance.now()): void {
    const { limits } = this;
    if (limits === "off") return;
    const bucket = this.#buckets.get(chat) ?? { tokens: limits.chatBurst, at: now };
    const refill = ((now - bucket.at) / SECOND) * limits.chatPerSecond;
    const tokens = Math.min(limits.chatBurst, bucket.tokens + refill);
    if (tokens < 1) throw tooMany((1 - tokens) / limits.chatPerSecond);
    const group = (this.#groups.get(chat) ?? []).filter((at) => now - at < MINUTE);
    if (chat < 0) wait(group, limits.groupPerMinute, MINUTE, now);
    this.#sent = this.#sent.filter((at) => now - at < SECOND);
    wait(this.#sent, limits.totalPerSecond, SECOND, now);
    this.#buckets.set(chat, { tokens: tokens - 1, at: now });
    this.#groups.set(chat, [...group, now]);
    this.#sent.push(now);
  }
}

function wait(sent: readonly number[], max: number, span: number, now: number): void {
  const oldest = sent.at(-max);
  if (sent.length >= max && oldest !== undefined) throw tooMany((oldest + span - now) / SECOND);
}
