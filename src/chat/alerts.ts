import type { AlertIntent } from "../core/intent.ts";
import type { AlertDesk, KeptAlert, LoudLevel, Notice, OpenAlert } from "./alert-desk.ts";
import { AlertPlaces } from "./alert-places.ts";
import { AlertSlots } from "./alert-slots.ts";
import type { AlertsParts, Story } from "./alert-story.ts";
import {
  isLoud,
  type Loudness,
  priorityOf,
  quiet,
  rank,
  resolvedReply,
  risenReply,
  standingReply,
} from "./alert-text.ts";
import { Duty, markOf, type Seen } from "./duty.ts";
import { faultText } from "./log.ts";
import { Notices } from "./notices.ts";
import type { Reply } from "./reply.ts";
import type { SentMessage, Slot, SlotContent } from "./slot.ts";

const STORIES_MAX = 1_000;

/**
 * Turns alerts into messages. Alerts of one key and level are one message that is edited with a count; a rise edits
 * it to say so and sends a new one with a sound, because an edit makes none; `critical` is new every time; `resolved`
 * ends the story. Levels and message numbers survive a restart through the message store.
 */
export class Alerts implements AlertDesk {
  readonly #parts: AlertsParts;
  readonly #places: AlertPlaces;
  readonly #rooms: AlertSlots;
  readonly #stories = new Map<string, Story>();
  readonly #duty: Duty;
  readonly #notices: Notices;

  constructor(parts: AlertsParts) {
    this.#parts = parts;
    this.#places = new AlertPlaces(parts.messages, parts.log);
    this.#rooms = new AlertSlots(parts.outlets, parts.clock);
    const { clock, quietHours, saveSeen = () => undefined, saveNotice = () => undefined } = parts;
    this.#duty = new Duty({ clock, again: (key) => this.#again(key), save: saveSeen });
    this.#notices = new Notices({ clock, quietHours, tell: (digest) => this.show(digest), save: saveNotice });
  }

  /** What people had seen and chosen before a restart, and what nobody had seen: that is shown on. */
  restore(seen: readonly Seen[], notices: readonly Notice[], open: readonly KeptAlert[] = []): void {
    this.#duty.restore(seen);
    this.#notices.restore(notices);
    for (const kept of open) this.#reopen(kept);
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
    const isAsked = ([key, { level }]: [string, Story]): boolean =>
      level !== undefined && isLoud(level) && markOf(key) === mark.toLowerCase();
    const [key, story] = [...this.#stories].find(isAsked) ?? [];
    if (key === undefined || story?.level === undefined || !isLoud(story.level))
      return { isOk: false, text: `No alert ${mark} is open: /alerts lists those that are.` };
    const { level, last } = story;
    const { isOk, text, ms } = quiet(last.title, mark, level, forMs);
    if (isOk) {
      const now = this.#parts.clock.now();
      const untilWallAt = ms === undefined ? undefined : now + ms;
      this.#duty.see({ key, level, by: person, wallAt: now, untilWallAt });
      this.#redraw(story);
      if (story.isOld && untilWallAt === undefined) {
        // Nothing says that it stands still, so nothing would ever say that it is over.
        void this.#close(key, story);
        return { isOk, text: `"${last.title}" is from before the restart and closed.` };
      }
    }
    return { isOk, text };
  }

  /** Shows one alert. Never blocks and never throws. */
  show(alert: AlertIntent): void {
    const story = this.#stories.get(alert.key) ?? this.#open(alert);
    story.turn = story.turn
      .then(() => this.#tell(story, alert))
      .catch((fault: unknown) => this.#parts.log("error", `alert ${alert.key} failed: ${faultText(fault)}`));
  }

  #open(alert: AlertIntent): Story {
    const story = this.#story(alert, this.#parts.clock.now());
    story.turn = this.#recall(alert.key, story);
    this.#forget();
    return story;
  }

  #story(last: AlertIntent, sinceWallAt: number): Story {
    const turn = Promise.resolve();
    const story: Story = { level: undefined, count: 0, sinceWallAt, last, slots: [], isOld: false, turn };
    this.#stories.set(last.key, story);
    return story;
  }

  /** Nobody had seen it when the process ended: its messages are taken up, and sent where there is none. */
  #reopen({ key, level, sinceWallAt, title, lines }: KeptAlert): void {
    const line = "From before the restart; not said again since.";
    const last: AlertIntent = { type: "alert", key, level, title, lines: [...lines, line] };
    const story = this.#story(last, sinceWallAt);
    story.isOld = true;
    story.turn = this.#recall(key, story).then(async () => {
      if (story.level !== undefined && story.level !== level)
        await this.#places.move(key, story.level, level);
      story.level = level;
      story.count = Math.max(1, story.count);
      if (story.slots.length === 0) story.slots = this.#slots(key, story);
      const isSilent = this.#isQuiet(last, level);
      this.#show(story, { priority: "critical", isSilent });
      this.#duty.told(key, level);
    });
  }

  /** Takes up a story from before a restart: the highest level under which messages of this key are stored. */
  async #recall(key: string, story: Story): Promise<void> {
    const recalled = await this.#places.recall(key);
    if (recalled === "unknown") return;
    if (recalled === undefined) {
      this.#duty.over(key); // Nothing of it stands: what was seen is over.
      return;
    }
    story.level = recalled.level;
    story.slots = this.#slots(key, story);
    for (const each of recalled.messages) {
      const slot = story.slots.find(({ room }) => room.platform === each.platform && room.chat === each.chat);
      slot?.adopt(each);
    }
    if (isLoud(recalled.level)) this.#duty.told(key, recalled.level);
  }

  async #tell(story: Story, alert: AlertIntent): Promise<void> {
    const { level, key } = alert;
    const before = story.level;
    const isStanding = before !== undefined && isLoud(before);
    // How a loud alert goes on is told whatever people want of its kind.
    if (!isStanding && !this.#notices.takes(alert)) return;
    if (level === "resolved") {
      if (before !== undefined) await this.#resolve(story, alert, before);
      return;
    }
    if (before === undefined) return this.#begin(story, alert, level);
    if (before === "critical" && !isLoud(level) && this.#duty.seenOf(key, before) === undefined) {
      // What nobody has seen does not end by itself: this is told beside it.
      this.show({ ...alert, key: `${key}~` });
      return;
    }
    story.isOld = false;
    const isRise = rank(level) > rank(before);
    const isAgain = level === "critical" && !isRise && !story.slots.every((slot) => slot.isWaiting);
    if (!isRise && !isAgain && (before !== "critical" || level === "critical")) {
      return await this.#update(story, alert, before, level);
    }
    // What was seen was less, or another event.
    if (isAgain || isRise) this.#duty.over(key);
    if (isRise) this.#closeOld(story, level);
    await this.#places.forget(key, before);
    this.#begin(story, alert, level, isAgain ? "again" : isRise ? "rise" : "fall");
  }

  /** A new message; it answers the one before, if there is one. */
  #begin(
    story: Story,
    alert: AlertIntent,
    level: Loudness,
    how: "first" | "rise" | "again" | "fall" = "first",
  ): void {
    // A room that has not got the one before yet gets both as one.
    const waiting = how === "again" ? story.slots.filter((slot) => slot.isWaiting) : [];
    story.count = waiting.length > 0 ? story.count + 1 : 1;
    if (waiting.length === 0) story.sinceWallAt = this.#parts.clock.now();
    story.level = level;
    story.last = alert;
    story.isOld = false;
    story.slots = this.#slots(alert.key, story, story.slots, waiting);
    const isSilent = how === "fall" || this.#isQuiet(alert, level);
    this.#show(story, { priority: priorityOf(level), isSilent });
    if (isLoud(level)) this.#stands(story, level);
  }

  /** Whether a new message makes no sound: its level, what people want of its kind, the hour, or that somebody has seen it. */
  #isQuiet(alert: AlertIntent, level: Loudness): boolean {
    if (!isLoud(level) || this.#notices.isSilent(alert, level)) return true;
    return this.#duty.seenOf(alert.key, level) !== undefined;
  }

  /** A loud level stands from now on: it comes again until it is seen, over a restart too. */
  #stands({ last, sinceWallAt }: Story, level: LoudLevel): void {
    const { key, title, lines } = last;
    this.#duty.told(key, level);
    if (this.#duty.seenOf(key, level) === undefined)
      this.#parts.saveOpen?.({ key, level, title, lines, sinceWallAt });
  }

  /** Nobody has seen it: a new message with a sound, below the one before. */
  #again(key: string): void {
    const story = this.#stories.get(key);
    if (story?.level === undefined || !isLoud(story.level)) return;
    const { level } = story;
    const times = this.#duty.timesOf(key) + 1;
    story.turn = story.turn
      .then(async () => {
        if (story.level !== level) return;
        // It was seen meanwhile: its reminder is set by that.
        if (this.#duty.seenOf(key, level) !== undefined) return this.#duty.told(key, level);
        // One that is still on its way needs no second one.
        const waiting = story.slots.filter((slot) => slot.isWaiting);
        if (waiting.length < story.slots.length) {
          await this.#places.forget(key, level);
          story.slots = this.#slots(key, story, story.slots, waiting);
          const isSilent = this.#notices.isSilent(story.last, level);
          this.#show(story, { priority: "critical", isSilent }, times);
        }
        this.#duty.toldAgain(key, level, times);
      })
      .catch((fault: unknown) =>
        this.#parts.log("error", `alert ${key} was not repeated: ${faultText(fault)}`),
      );
  }

  #show(story: Story, how: Pick<SlotContent, "priority" | "isSilent">, times = 0): void {
    const draw = this.#drawer(story, times);
    const keep = story.level !== undefined && isLoud(story.level) ? {} : { keepMs: QUIET_KEEP_MS };
    for (const slot of story.slots) {
      // An edit sounds only where the first message has not come yet.
      const isSilent = how.isSilent || (how.priority === "edit" && !slot.isWaiting);
      slot.show({ draw, priority: how.priority, isSilent, mayStart: true, ...keep });
    }
  }

  /** It was seen: every message says so, also one that is still on its way. */
  #redraw(story: Story): void {
    const drawn = this.#drawer(story)();
    for (const slot of story.slots)
      slot.show({ draw: () => drawn, priority: "edit", isSilent: true, mayStart: slot.isWaiting });
  }

  /** Draws the story as it is when it is written. */
  #drawer(story: Story, times = 0): () => Reply {
    return () => {
      const { last, level, sinceWallAt } = story;
      const seen = level !== undefined && isLoud(level) ? this.#duty.seenOf(last.key, level) : undefined;
      return standingReply(story, seen, times === 0 ? undefined : this.#parts.clock.now() - sinceWallAt);
    };
  }

  /** The message that stands is brought up to date, without a sound; a lower level is told the same way. */
  async #update(story: Story, alert: AlertIntent, before: Loudness, level: Loudness): Promise<void> {
    story.count = level === before ? story.count + 1 : 1;
    story.level = level;
    story.last = alert;
    this.#show(story, { priority: "edit", isSilent: this.#isQuiet(alert, level) });
    if (level === before) return;
    if (isLoud(level)) this.#stands(story, level);
    else if (isLoud(before)) this.#over(alert.key);
    await this.#places.move(alert.key, before, level);
  }

  /** The old message says that it got worse and where to look. */
  #closeOld(story: Story, level: Loudness): void {
    const reply = risenReply(story, level, this.#parts.clock.now());
    for (const slot of story.slots) {
      slot.show({ draw: () => reply, priority: "edit", isSilent: true, mayStart: false });
    }
  }

  async #resolve(story: Story, alert: AlertIntent, level: Loudness): Promise<void> {
    const reply = resolvedReply(alert, story, this.#parts.clock.now());
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
    await this.#close(alert.key, story);
  }

  async #close(key: string, story: Story): Promise<void> {
    const { level } = story;
    story.level = undefined;
    story.count = 0;
    story.slots = [];
    story.isOld = false;
    if (level !== undefined && isLoud(level)) this.#over(key);
    if (level !== undefined) await this.#places.forget(key, level);
  }

  #over(key: string): void {
    this.#duty.over(key);
    this.#parts.saveOver?.(key);
  }

  #slots(key: string, story: Story, old: readonly Slot[] = [], kept: readonly Slot[] = []): Slot[] {
    const keep = (slot: Slot, sent: SentMessage): void => {
      // What belongs to a story that is over is never edited again.
      if (story.level === undefined || !story.slots.includes(slot)) return;
      const { platform, chat } = slot.room;
      this.#places.keep(key, story.level, { platform, chat, ...sent });
    };
    return this.#rooms.make(keep, old, kept);
  }

  /** Drops the oldest story that is over or was never loud. */
  #forget(): void {
    if (this.#stories.size <= STORIES_MAX) return;
    const old = [...this.#stories].find(([, { level }]) => level === undefined || rank(level) < rank("high"));
    if (old === undefined) return;
    const [key, { level }] = old;
    this.#stories.delete(key);
    if (level !== undefined) void this.#places.forget(key, level);
  }
}

/** How long an alert without a sound is worth sending. */
const QUIET_KEEP_MS = 600_000;
