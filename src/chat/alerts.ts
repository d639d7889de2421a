import type { AlertIntent } from "../core/intent.ts";
import type { Clock, MessageStore } from "../desk/ports.ts";
import type { AlertDesk, Notice, OpenAlert } from "./alert-desk.ts";
import {
  alertReply,
  isLoud,
  LEVELS,
  type Loudness,
  priorityOf,
  quiet,
  rank,
  seenText,
  waysOf,
} from "./alert-text.ts";
import type { Outlet } from "./board.ts";
import { Duty, markOf, type Seen } from "./duty.ts";
import { clockTime, duration } from "./format.ts";
import { type ChatLog, faultText } from "./log.ts";
import { Notices, type QuietHours } from "./notices.ts";
import type { Reply } from "./reply.ts";
import { type SentMessage, Slot } from "./slot.ts";

/** What alerts stand on. */
export interface AlertsParts {
  readonly outlets: readonly Outlet[];
  readonly messages: MessageStore;
  readonly clock: Clock;
  readonly log: ChatLog;
  /** Keeps over a restart who has seen what. */
  readonly saveSeen?: ((seen: Seen) => void) | undefined;
  /** The same for which kinds of messages are wanted how. */
  readonly saveNotice?: ((notice: Notice, person: string) => void) | undefined;
  readonly quietHours?: QuietHours | undefined;
}

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
export class Alerts implements AlertDesk {
  readonly #parts: AlertsParts;
  readonly #stories = new Map<string, Story>();
  readonly #duty: Duty;
  readonly #notices: Notices;
  #slotCount = 0;

  constructor(parts: AlertsParts) {
    this.#parts = parts;
    const { clock, quietHours, saveSeen = () => undefined, saveNotice = () => undefined } = parts;
    this.#duty = new Duty({ clock, again: (key) => this.#again(key), save: saveSeen });
    this.#notices = new Notices({ clock, quietHours, tell: (digest) => this.show(digest), save: saveNotice });
  }

  /** What people had seen and chosen before a restart. */
  restore(seen: readonly Seen[], notices: readonly Notice[]): void {
    this.#duty.restore(seen);
    this.#notices.restore(notices);
  }

  /** No reminder and no digest comes any more. */
  stop(): void {
    this.#duty.stop();
    this.#notices.stop();
  }

  notices = (): readonly Notice[] => this.#notices.list();
  choose = (notice: Notice, person: string): void => this.#notices.choose(notice, person);

  open(): readonly OpenAlert[] {
    return [...this.#stories]
      .flatMap(([key, { level, last, sinceWallAt, count }]) => {
        if (level === undefined || !isLoud(level)) return [];
        const seen = this.#duty.seenOf(key, level);
        const who = { seenBy: seen?.by, untilWallAt: seen?.untilWallAt };
        return [{ mark: markOf(key), level, title: last.title, sinceWallAt, count, ...who }];
      })
      .sort((a, b) => rank(b.level) - rank(a.level) || a.sinceWallAt - b.sinceWallAt);
  }

  seen(mark: string, person: string, forMs?: number): { readonly isOk: boolean; readonly text: string } {
    const [key, story] = [...this.#stories].find(([each]) => markOf(each) === mark.toLowerCase()) ?? [];
    if (key === undefined || story?.level === undefined || !isLoud(story.level))
      return { isOk: false, text: `No alert ${mark} is open: /alerts lists those that are.` };
    const { level, last } = story;
    const { isOk, text, ms } = quiet(last.title, mark, level, forMs);
    if (isOk) {
      const now = this.#parts.clock.now();
      const untilWallAt = ms === undefined ? undefined : now + ms;
      this.#duty.see({ key, level, by: person, wallAt: now, untilWallAt });
      this.#redraw(story);
    }
    return { isOk, text };
  }

  /** Shows one alert. Never blocks and never throws. */
  show(alert: AlertIntent): void {
    if (!this.#notices.takes(alert)) return;
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
        if (isLoud(level)) this.#duty.told(key, level);
        return;
      }
      this.#duty.over(key); // Nothing of it stands: what was seen is over.
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
    if (isAgain) this.#duty.over(alert.key); // The one before was seen, this one was not.
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
    const isSilent =
      isFall ||
      !isLoud(level) ||
      this.#notices.isSilent(alert, level) ||
      this.#duty.seenOf(alert.key, level) !== undefined;
    const keep = isLoud(level) ? {} : { keepMs: QUIET_KEEP_MS };
    for (const slot of story.slots) {
      slot.show({
        draw: this.#drawer(story),
        priority: priorityOf(level),
        isSilent,
        mayStart: true,
        ...keep,
      });
    }
    if (isLoud(level)) this.#duty.told(alert.key, level);
  }

  /** Nobody has seen it: a new message with a sound, below the one before. */
  #again(key: string): void {
    const story = this.#stories.get(key);
    if (story?.level === undefined || !isLoud(story.level)) return;
    const { level } = story;
    const times = this.#duty.timesOf(key) + 1;
    story.turn = story.turn
      .then(async () => {
        // One that is still on its way needs no second one.
        if (story.level === level && !story.slots.some((slot) => slot.isWaiting)) {
          await this.#parts.messages.remove(topicOf(key, level));
          story.slots = this.#slots(key, story, story.slots);
          const draw = this.#drawer(story, times);
          const isSilent = this.#notices.isSilent(story.last, level);
          for (const slot of story.slots) slot.show({ draw, priority: "critical", isSilent, mayStart: true });
        }
        this.#duty.toldAgain(key, level, times);
      })
      .catch((fault: unknown) =>
        this.#parts.log("error", `alert ${key} was not repeated: ${faultText(fault)}`),
      );
  }

  #redraw(story: Story): void {
    for (const slot of story.slots)
      slot.show({ draw: this.#drawer(story), priority: "edit", isSilent: true, mayStart: false });
  }

  /** Draws the story as it is when it is written: who has seen it, and else the buttons for that. */
  #drawer(story: Story, times = 0): () => Reply {
    return () => {
      const { last, count, sinceWallAt, level } = story;
      const reply = alertReply(last, count, sinceWallAt);
      if (level === undefined || !isLoud(level)) return reply;
      const seen = this.#duty.seenOf(last.key, level);
      const { lines = [] } = reply;
      if (seen !== undefined) return { ...reply, lines: [...lines, seenText(seen)] };
      const waited = `Nobody has seen this for ${duration(this.#parts.clock.now() - sinceWallAt)}.`;
      return {
        ...reply,
        lines: times === 0 ? lines : [...lines, waited],
        buttons: [waysOf(markOf(last.key), level)],
      };
    };
  }

  /** The message that stands is brought up to date, without a sound; a lower level is told the same way. */
  async #update(story: Story, alert: AlertIntent, before: Loudness, level: Loudness): Promise<void> {
    story.count = level === before ? story.count + 1 : 1;
    story.level = level;
    story.last = alert;
    const draw = this.#drawer(story);
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
    this.#duty.over(alert.key);
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
