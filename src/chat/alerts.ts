import type { AlertIntent } from "../core/intent.ts";
import type { AlertDesk, KeptAlert, LoudLevel, Notice, OpenAlert } from "./alert-desk.ts";
import { AlertFace } from "./alert-face.ts";
import { AlertPlaces, isSignOfLife } from "./alert-places.ts";
import { AlertSlots, type FormerSlots } from "./alert-slots.ts";
import { type AlertsParts, Stories, type Story } from "./alert-story.ts";
import { isLoud, type Loudness, priorityOf, quiet, rank, resolvedReply } from "./alert-text.ts";
import { Duty, markOf, type Seen } from "./duty.ts";
import { Escalation } from "./escalation.ts";
import { faultText } from "./log.ts";
import { Notices } from "./notices.ts";
import type { SentMessage, Slot, SlotContent } from "./slot.ts";

/** How long after it was to be sent an EXTREME or CRITICAL alert that no room has got goes to every other room. */
const FAILOVER_MS = 3_000;

/**
 * Turns alerts into messages. Alerts of one key and level are one message that is edited with a count; a rise edits
 * it to say so and sends a new one with a sound, because an edit makes none; `critical` is new every time; `resolved`
 * ends the story. Levels and message numbers survive a restart through the message store.
 */
export class Alerts implements Omit<AlertDesk, "own" | "chooseOwn"> {
  readonly #parts: AlertsParts;
  readonly #places: AlertPlaces;
  readonly #rooms: AlertSlots;
  readonly #stories = new Stories();
  readonly #timers = new Set<() => void>();
  readonly #face: AlertFace;
  readonly #escalation: Escalation;
  readonly #duty: Duty;
  readonly #notices: Notices;

  constructor(parts: AlertsParts) {
    this.#parts = parts;
    this.#places = new AlertPlaces(parts.messages, parts.log);
    this.#rooms = new AlertSlots(parts.outlets, parts.clock);
    const { clock, quietHours, saveSeen = () => undefined, saveNotice = () => undefined } = parts;
    const { privateWay: wayOf } = parts;
    // The rooms remind of it; a private copy sounds once.
    const again = (key: string): void => (wayOf === undefined ? this.#again(key) : undefined);
    this.#duty = new Duty({ clock, again, save: saveSeen });
    this.#face = new AlertFace(clock, this.#duty);
    const { outlets, log, people = () => [] } = parts;
    const isUnseen = ({ level, last }: Story): boolean =>
      level !== undefined && isLoud(level) && this.#duty.seenOf(last.key, level) === undefined;
    const draw = (story: Story, name: string) => this.#face.call(story, name);
    this.#escalation = new Escalation({ people, outlets, clock, log, draw, isUnseen });
    const tell = (digest: AlertIntent): void => this.show(digest);
    this.#notices = new Notices({ clock, quietHours, tell, save: saveNotice, wayOf });
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
    this.#escalation.stop();
    for (const cancel of this.#timers) cancel();
  }

  notices = (): readonly Notice[] => this.#notices.list();
  choose = (notice: Notice, person: string): void => this.#notices.choose(notice, person);

  open(): readonly OpenAlert[] {
    return this.#stories.loud().map(([key, { level, last, sinceWallAt, count }]) => {
      const seen = this.#duty.seenOf(key, level);
      const who = { seenBy: seen?.by, untilWallAt: seen?.untilWallAt };
      return { mark: markOf(key), level, title: last.title, sinceWallAt, count, ...who };
    });
  }

  seen(mark: string, person: string, forMs?: number): { readonly isOk: boolean; readonly text: string } {
    const [key, story] = this.#stories.marked(mark) ?? [];
    if (key === undefined || story === undefined)
      return { isOk: false, text: `No alert ${mark} is open: /alerts lists those that are.` };
    const { level, last } = story;
    const { isOk, text, ms } = quiet(last.title, mark, level, forMs);
    if (isOk) {
      const now = this.#parts.clock.now();
      const untilWallAt = ms === undefined ? undefined : now + ms;
      this.#duty.see({ key, level, by: person, wallAt: now, untilWallAt });
      this.#face.redraw(story);
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
    const story = this.#stories.add(alert, this.#parts.clock.now());
    story.turn = this.#recall(alert.key, story);
    const [key, level] = this.#stories.forget() ?? [];
    if (key !== undefined && level !== undefined) void this.#places.forget(key, level);
    return story;
  }

  /** Nobody had seen it when the process ended: its messages are taken up, and sent where there is none. */
  #reopen({ key, level, sinceWallAt, title, lines }: KeptAlert): void {
    const line = "From before the restart; not said again since.";
    const last: AlertIntent = { type: "alert", key, level, title, lines: [...lines, line] };
    const story = this.#stories.add(last, sinceWallAt);
    story.isOld = true;
    story.turn = this.#recall(key, story).then(async () => {
      if (story.level !== undefined && story.level !== level)
        await this.#places.move(key, story.level, level);
      story.level = level;
      story.count = Math.max(1, story.count);
      if (story.slots.length === 0) story.slots = this.#slots(key, story);
      const isSilent = this.#isQuiet(last, level);
      this.#show(story, { priority: priorityOf(level), isSilent });
      this.#duty.told(key, level);
      this.#escalation.askLater(story);
    });
  }

  /** Takes up a story from before a restart: the highest level under which messages of this key are stored. */
  async #recall(key: string, story: Story): Promise<void> {
    const recalled = await this.#places.recall(key);
    if (recalled === "unknown") return;
    if (recalled === undefined) {
      // No message of it stands: what was seen is over. Where no room has any, as in a terminal alone, that says nothing.
      if (this.#parts.outlets.some(({ room }) => room.showsAlerts)) this.#duty.over(key);
      return;
    }
    story.level = recalled.level;
    story.isEverywhere = recalled.messages.some(({ platform, chat }) => this.#rooms.isSpare(platform, chat));
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
    // What was seen was less, or another event: whoever was asked then is asked anew.
    if (isLoud(before) && this.#duty.seenOf(key, before) !== undefined) story.asked = 0;
    if (isAgain || isRise) this.#duty.over(key);
    if (isRise) this.#face.risen(story, level);
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
    if (how === "fall") this.#face.freeze(story, this.#isQuiet(story.last, story.level ?? "info"));
    // A room that has not got the one before yet gets both as one.
    const waiting = how === "again" ? story.slots.filter((slot) => slot.isWaiting) : [];
    story.isEverywhere &&= !story.slots.some((slot) => slot.isDelivered && slot.room.showsAlerts);
    story.leaving = [];
    story.count = waiting.length > 0 ? story.count + 1 : 1;
    if (waiting.length === 0) story.sinceWallAt = this.#parts.clock.now();
    story.level = level;
    story.last = alert;
    story.isOld = false;
    story.slots = this.#slots(alert.key, story, { old: story.slots, kept: waiting });
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
  #stands(story: Story, level: LoudLevel): void {
    const { last, sinceWallAt } = story;
    const { key, title, lines } = last;
    this.#duty.told(key, level);
    if (this.#duty.seenOf(key, level) !== undefined) return;
    this.#parts.saveOpen?.({ key, level, title, lines, sinceWallAt });
    this.#escalation.askLater(story);
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
          story.slots = this.#slots(key, story, { old: story.slots, kept: waiting });
          const isSilent = this.#notices.isSilent(story.last, level);
          this.#show(story, { priority: priorityOf(level), isSilent }, times);
        }
        this.#duty.toldAgain(key, level, times);
        this.#escalation.ask(story);
      })
      .catch((fault: unknown) =>
        this.#parts.log("error", `alert ${key} was not repeated: ${faultText(fault)}`),
      );
  }

  #show(story: Story, how: Pick<SlotContent, "priority" | "isSilent">, times = 0): void {
    this.#face.show(story, how, times);
    const isUrgent = story.level === "critical" || story.level === "extreme";
    const isPrivate = this.#parts.privateWay !== undefined;
    if (isUrgent && !isPrivate && how.priority !== "edit") this.#watch(story);
  }

  /** Where no room has got it in time, it goes to all others as well, on whichever platform they are. */
  #watch(story: Story): void {
    const { slots } = story;
    const cancel = this.#parts.clock.after(FAILOVER_MS, () => {
      this.#timers.delete(cancel);
      if (story.slots !== slots || story.isEverywhere || slots.some((slot) => slot.isDelivered)) return;
      const { key, level } = story.last;
      this.#parts.log("warn", `alert ${key} reached no room that shows alerts: it goes to all`);
      story.isEverywhere = true;
      story.slots = this.#slots(key, story, { kept: slots });
      if (level === "resolved") return;
      const draw = this.#face.drawer(story);
      const isSilent = this.#isQuiet(story.last, level);
      for (const slot of story.slots)
        if (!slots.includes(slot)) slot.show({ draw, priority: "critical", isSilent, mayStart: true });
    });
    this.#timers.add(cancel);
  }

  /** The message that stands is brought up to date, without a sound; a lower level is told the same way. */
  async #update(story: Story, alert: AlertIntent, before: Loudness, level: Loudness): Promise<void> {
    story.count = level === before ? story.count + 1 : 1;
    story.level = level;
    story.last = alert;
    this.#show(story, { priority: "edit", isSilent: this.#isQuiet(alert, level) });
    if (level === before) return;
    if (isLoud(level)) this.#stands(story, level);
    else if (isLoud(before)) this.#over(alert.key, story);
    await this.#places.move(alert.key, before, level);
  }

  async #resolve(story: Story, alert: AlertIntent, level: Loudness): Promise<void> {
    const reply = resolvedReply(alert, story, this.#parts.clock.now());
    if (level === "critical") this.#face.freeze(story, this.#isQuiet(story.last, story.level ?? "info"));
    const fresh = this.#slots(alert.key, story, { old: story.slots });
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
    for (const slot of story.calls)
      slot.show({ draw: () => reply, priority: "edit", isSilent: true, mayStart: false });
    await this.#close(alert.key, story);
  }

  async #close(key: string, story: Story): Promise<void> {
    const { level } = story;
    const isUnseen = level === "critical" && this.#duty.seenOf(key, level) === undefined;
    story.leaving = isUnseen ? story.slots.filter((slot) => slot.isWaiting) : [];
    story.level = undefined;
    story.count = 0;
    story.slots = [];
    story.calls = [];
    story.asked = 0;
    story.isOld = false;
    if (level !== undefined && isLoud(level)) this.#over(key, story);
    if (level !== undefined) await this.#places.forget(key, level);
  }

  /** Nobody has to see it any more; over a restart it is kept until all of it has arrived. */
  #over(key: string, story: Story): void {
    this.#duty.over(key);
    if (story.leaving.length === 0) this.#parts.saveOver?.(key);
  }

  #slots(key: string, story: Story, former: FormerSlots = {}): Slot[] {
    const onSent = (slot: Slot, sent: SentMessage): void => {
      // What belongs to a story that is over is never edited again.
      if (story.level === undefined || !story.slots.includes(slot)) return;
      const { platform, chat } = slot.room;
      this.#places.keep(key, story.level, { platform, chat, ...sent });
    };
    const onTold = (): void => {
      if (story.leaving.length === 0 || story.leaving.some((slot) => slot.isWaiting)) return;
      story.leaving = [];
      this.#parts.saveOver?.(key);
    };
    const isEverywhere = story.isEverywhere || this.#parts.privateWay !== undefined;
    const reach = isEverywhere ? "everywhere" : isSignOfLife(key) ? "eachPlatform" : "usual";
    return this.#rooms.make({ onSent, onTold }, reach, former);
  }
}
