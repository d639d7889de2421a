/** What goes first. `critical` and `loud` are never dropped. */
export type Priority = "critical" | "loud" | "reply" | "edit" | "info";

/** How much may be written. Infinity switches a limit off. */
export interface PaceLimits {
  /** Messages and edits a second to one room, after a burst. */
  readonly roomPerSecond: number;
  readonly roomBurst: number;
  /**
   * Messages and edits to one group in any minute, up to which each priority may go: some room is left for the higher. What has
   * no limit is not counted either.
   */
  readonly groupPerMinute: Readonly<Record<Priority, number>>;
  /** Messages and edits to all rooms in any second. */
  readonly totalPerSecond: number;
}

const UNLIMITED = Number.POSITIVE_INFINITY;

/** Below what Telegram allows (1 a second to a chat with short bursts, 20 a minute to a group, 30 a second in all). */
export const TELEGRAM_PACE: PaceLimits = {
  roomPerSecond: 1,
  roomBurst: 3,
  groupPerMinute: { critical: 20, loud: 18, reply: 18, edit: 14, info: 12 },
  totalPerSecond: 25,
};

/** Discord tells its limits with every answer and discord.js keeps them; this only bounds a flood, for those who read it. */
export const DISCORD_PACE: PaceLimits = {
  roomPerSecond: 2,
  roomBurst: 10,
  groupPerMinute: { critical: 20, loud: 18, reply: UNLIMITED, edit: UNLIMITED, info: 12 },
  totalPerSecond: 40,
};

/** What one room has left. */
export interface Allowance {
  readonly isGroup: boolean;
  tokens: number;
  at: number;
  sent: number[];
}

const SECOND = 1_000;
/** A little longer than the platform's own: what left evenly may arrive unevenly. */
const MINUTE = 60_500;

/** Counts what was written on the monotonic clock and says how long the next message must wait. */
export class Pace {
  readonly #limits: PaceLimits;
  #sent: number[] = [];

  constructor(limits: PaceLimits) {
    this.#limits = limits;
  }

  /** A room that has written nothing in this life; `before`: when a life before it wrote what counts, oldest first. */
  allowance(isGroup: boolean, before: readonly number[] = []): Allowance {
    return { isGroup, tokens: this.#limits.roomBurst, at: Number.NEGATIVE_INFINITY, sent: [...before] };
  }

  /** Milliseconds until this room may write; 0 is now. */
  waitMs(room: Allowance, priority: Priority, now: number): number {
    const { roomPerSecond, groupPerMinute, totalPerSecond } = this.#limits;
    const missing = 1 - this.#tokens(room, now);
    const byRoom = missing > 0 ? (missing / roomPerSecond) * SECOND : 0;
    const byGroup = room.isGroup ? windowWait(room.sent, groupPerMinute[priority], MINUTE, now) : 0;
    return Math.max(byRoom, byGroup, windowWait(this.#sent, totalPerSecond, SECOND, now));
  }

  /** Counts one message of this room; whether it counts towards the minute of its group. */
  count(room: Allowance, priority: Priority, now: number): boolean {
    room.tokens = this.#tokens(room, now) - 1;
    room.at = now;
    const isLimited = Number.isFinite(this.#limits.groupPerMinute[priority]);
    if (isLimited) room.sent = [...room.sent.filter((at) => now - at < MINUTE), now].slice(-1_000);
    this.#sent = [...this.#sent.filter((at) => now - at < SECOND), now].slice(-1_000);
    return isLimited;
  }

  #tokens(room: Allowance, now: number): number {
    const { roomPerSecond, roomBurst } = this.#limits;
    const passed = now - room.at;
    if (!Number.isFinite(passed) || !Number.isFinite(roomPerSecond)) return roomBurst;
    return Math.min(roomBurst, room.tokens + (passed / SECOND) * roomPerSecond);
  }
}

function windowWait(sent: readonly number[], max: number, span: number, now: number): number {
  if (!Number.isFinite(max)) return 0;
  const oldest = sent.at(-max);
  return oldest === undefined || now - oldest >= span ? 0 : oldest + span - now;
}
