import type { AlertIntent, AlertLevel } from "../core/intent.ts";
import type { Clock, MessageStore } from "../desk/ports.ts";
import type { Outlet } from "./board.ts";
import { clockTime } from "./format.ts";
import { type ChatLog, faultText } from "./log.ts";
import type { Priority } from "./pace.ts";
import type { Reply } from "./reply.ts";
import { type SentMessage, Slot } from "./slot.ts";

/** What alerts stand on. */
export interface AlertsParts {
  readonly outlets: readonly Outlet[];
  readonly messages: MessageStore;
  readonly clock: Clock;
  readonly log: ChatLog;
}

type Loudness = Exclude<AlertLevel, "resolved">;

const LEVELS: readonly Loudness[] = ["info", "notice", "high", "extreme", "critical"];
const rank = (level: Loudness): number => LEVELS.indexOf(level);

/** One key's story so far. `level` is undefined while there is none: before the first alert and after `resolved`. */
interface Story {
  level: Loudness | undefined;
  count: number;
  sinceWallAt: number;
  last: AlertIntent;
  slots: readonly Slot[];
  /** Alerts of this key, one after the other. */
  turn: Promise<void>;
}

const STORIES_MAX = 1_000;

/**
 * Turns alerts into messages. Alerts of one key and level are one message that is edited with a count; a rise edits
 * it to say so and sends a new one with a sound, because an edit makes none; `critical` is new every time; `resolved`
 * ends the story. Levels and message numbers survive a restart through the message store.
 */
export class Alerts {
  readonly #parts: AlertsParts;
  readonly #stories = new Map<string, Story>();
  #slotCount = 0;

  constructor(parts: AlertsParts) {
    this.#parts = parts;
  }

  /** Shows one alert. Never blocks and never throws. */
  show(alert: AlertIntent): void {
    const story = this.#stories.get(alert.key) ?? this.#open(alert);
    story.turn = story.turn
      .then(() => this.#tell(story, alert))
      .catch((fault: unknown) => this.#parts.log("error", `alert ${alert.key} failed: ${faultText(fault)}`));
  }

  #open(alert: AlertIntent): Story {
    const sinceWallAt = this.#parts.clock.now();
    const story: Story = {
      level: undefined,
      count: 0,
      sinceWallAt,
      last: alert,
      slots: [],
      turn: Promise.resolve(),
    };
    this.#stories.set(alert.key, story);
    story.turn = this.#recall(alert.key, story);
    this.#forget();
    return story;
  }

  /** Takes up a story from before a restart: the highest level under which messages of this key are stored. */
  async #recall(key: string, story: Story): Promise<void> {
    try {
      for (const level of [...LEVELS].reverse()) {
        const stored = await this.#parts.messages.find(topicOf(key, level));
        if (stored.length === 0) continue;
        story.level = level;
        story.slots = this.#slots(key, story);
        for (const each of stored) {
          const slot = story.slots.find(
            ({ room }) => room.platform === each.platform && room.chat === each.chat,
          );
          slot?.adopt(each);
        }
        return;
      }
    } catch (fault) {
      this.#parts.log("warn", `alerts from before could not be looked up: ${faultText(fault)}`);
    }
  }

  async #tell(story: Story, alert: AlertIntent): Promise<void> {
    const { level } = alert;
    const before = story.level;
    if (level === "resolved") {
      if (before !== undefined) await this.#resolve(story, alert, before);
      return;
    }
    if (before === undefined) return this.#begin(story, alert, level, false);
    const isRise = rank(level) > rank(before);
    const isAgain = level === "critical" && !story.slots.some((slot) => slot.isWaiting);
    if (!isRise && !isAgain && (before !== "critical" || level === "critical")) {
      return await this.#update(story, alert, before, level);
    }
    if (isRise) this.#closeOld(story, level);
    await this.#parts.messages.remove(topicOf(alert.key, before));
    this.#begin(story, alert, level, !isRise && !isAgain);
  }

  /** A new message; it answers the one before, if there is one. */
  #begin(story: Story, alert: AlertIntent, level: Loudness, isFall: boolean): void {
    const old = story.slots;
    story.level = level;
    story.count = 1;
    story.sinceWallAt = this.#parts.clock.now();
    story.last = alert;
    story.slots = this.#slots(alert.key, story, old);
    const isSilent = isFall || rank(level) < rank("high");
    const keep = rank(level) < rank("high") ? { keepMs: QUIET_KEEP_MS } : {};
    for (const slot of story.slots) {
      slot.show({ draw: drawer(story), priority: priorityOf(level), isSilent, mayStart: true, ...keep });
    }
  }

  /** The message that stands is brought up to date, without a sound; a lower level is told the same way. */
  async #update(story: Story, alert: AlertIntent, before: Loudness, level: Loudness): Promise<void> {
    story.count = level === before ? story.count + 1 : 1;
    story.level = level;
    story.last = alert;
    const draw = drawer(story);
    for (const slot of story.slots)
      slot.show({ draw, priority: "edit", isSilent: !slot.isWaiting, mayStart: true });
    if (level !== before) await this.#move(alert.key, before, level);
  }

  /** The old message says that it got worse and where to look. */
  #closeOld(story: Story, level: Loudness): void {
    const before = alertReply(story.last, story.count, story.sinceWallAt);
    const line = `Now ${level.toUpperCase()} at ${clockTime(this.#parts.clock.now())}; see the newer message.`;
    const reply: Reply = { ...before, lines: [...(before.lines ?? []), line] };
    for (const slot of story.slots) {
      slot.show({ draw: () => reply, priority: "edit", isSilent: true, mayStart: false });
    }
  }

  async #resolve(story: Story, alert: AlertIntent, level: Loudness): Promise<void> {
    const since = story.count === 0 ? "" : ` It stood since ${clockTime(story.sinceWallAt)}.`;
    const reply: Reply = {
      title: `Resolved: ${alert.title}`,
      tone: "good",
      lines: [...alert.lines, `Over at ${clockTime(this.#parts.clock.now())}.${since}`],
    };
    const fresh = this.#slots(alert.key, story, story.slots);
    story.slots.forEach((slot, at) => {
      // A critical message that is still on its way must arrive as it is: its end gets a message of its own.
      const shown = level === "critical" && slot.isWaiting ? (fresh[at] ?? slot) : slot;
      shown.show({
        draw: () => reply,
        priority: "edit",
        isSilent: true,
        mayStart: rank(level) >= rank("high"),
      });
    });
    story.level = undefined;
    story.count = 0;
    story.slots = [];
    await this.#parts.messages.remove(topicOf(alert.key, level));
  }

  /** The stored messages follow the story to its new level. */
  async #move(key: string, before: Loudness, level: Loudness): Promise<void> {
    const { messages } = this.#parts;
    const stored = await messages.find(topicOf(key, before));
    await messages.remove(topicOf(key, before));
    for (const each of stored) await messages.save({ ...each, topic: topicOf(key, level) });
  }

  #slots(key: string, story: Story, old: readonly Slot[] = []): Slot[] {
    const { outlets, clock } = this.#parts;
    return outlets
      .filter(({ room }) => room.showsAlerts)
      .map(({ room, outbox }) => {
        this.#slotCount += 1;
        const answered = old.find((slot) => slot.room === room);
        const slot: Slot = new Slot({
          room,
          outbox,
          clock,
          key: `alert:${this.#slotCount}`,
          replyTo: () => answered?.message,
          onSent: (sent) => {
            // What belongs to a story that is over is never edited again.
            if (story.level !== undefined && story.slots.includes(slot))
              this.#store(key, story.level, slot, sent);
          },
        });
        return slot;
      });
  }

  #store(key: string, level: Loudness, { room }: Slot, { message, sentWallAt }: SentMessage): void {
    const { messages, log } = this.#parts;
    const { platform, chat } = room;
    void messages
      .save({ topic: topicOf(key, level), platform, chat, message, sentWallAt })
      .catch((fault: unknown) => log("warn", `the place of an alert was not stored: ${faultText(fault)}`));
  }

  /** Drops the oldest story that is over or was never loud. */
  #forget(): void {
    if (this.#stories.size <= STORIES_MAX) return;
    const old = [...this.#stories].find(([, { level }]) => level === undefined || rank(level) < rank("high"));
    if (old === undefined) return;
    const [key, { level }] = old;
    this.#stories.delete(key);
    if (level === undefined) return;
    void this.#parts.messages.remove(topicOf(key, level)).catch((fault: unknown) => {
      this.#parts.log("warn", `an old alert was not removed from the store: ${faultText(fault)}`);
    });
  }
}

/** How long an alert without a sound is worth sending. */
const QUIET_KEEP_MS = 600_000;

const topicOf = (key: string, level: Loudness): string => `alert:${key}#${level}`;

/** Sounding alerts go before everything and are never dropped. */
const priorityOf = (level: Loudness): Priority => (rank(level) >= rank("high") ? "critical" : "info");

const drawer =
  (story: Story): (() => Reply) =>
  () =>
    alertReply(story.last, story.count, story.sinceWallAt);

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
  const isLoud = alert.level === "high" || alert.level === "extreme" || alert.level === "critical";
  return {
    title: isLoud ? `${alert.level.toUpperCase()}: ${alert.title}` : alert.title,
    tone: TONES[alert.level],
    lines: alert.lines,
    footer: count > 1 ? `${count} times since ${clockTime(sinceWallAt)}` : `At ${clockTime(sinceWallAt)}`,
  };
}
