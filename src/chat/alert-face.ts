import type { Clock } from "../desk/ports.ts";
import type { Story } from "./alert-story.ts";
import { isLoud, type Loudness, priorityOf, risenReply, standingReply } from "./alert-text.ts";
import type { Duty } from "./duty.ts";
import type { Reply } from "./reply.ts";
import type { SlotContent } from "./slot.ts";

/** How long an alert without a sound is worth sending. */
const QUIET_KEEP_MS = 600_000;

/** Brings the messages of an alert's story to show it. */
export class AlertFace {
  readonly #clock: Clock;
  readonly #duty: Pick<Duty, "seenOf">;

  constructor(clock: Clock, duty: Pick<Duty, "seenOf">) {
    this.#clock = clock;
    this.#duty = duty;
  }

  /** Every message shows the story, begun where there is none; `times` it came again, unseen. */
  show(story: Story, how: Pick<SlotContent, "priority" | "isSilent">, times = 0): void {
    const draw = this.drawer(story, times);
    const keep = story.level !== undefined && isLoud(story.level) ? {} : { keepMs: QUIET_KEEP_MS };
    for (const slot of story.slots) {
      // An edit sounds only where the first message has not come yet.
      const isSilent = how.isSilent || (how.priority === "edit" && !slot.isWaiting);
      slot.show({ draw, priority: how.priority, isSilent, mayStart: true, ...keep });
    }
  }

  /** It was seen: every message says so, also one that is still on its way. */
  redraw(story: Story): void {
    const reply = this.drawer(story)();
    for (const slot of [...story.slots, ...story.calls])
      slot.show({ draw: () => reply, priority: "edit", isSilent: true, mayStart: slot.isWaiting });
  }

  /** What somebody is asked in private: the alert as it stands, and why they are asked. */
  call(story: Story, name: string): Reply {
    const reply = this.drawer(story, 1)();
    return { ...reply, lines: [...(reply.lines ?? []), `You are asked to see to it, ${name}.`] };
  }

  /** What is still on its way arrives as it is now, whatever becomes of the story. */
  freeze(story: Story, isSilent: boolean): void {
    if (story.level === undefined) return;
    const reply = this.drawer(story)();
    const how = { priority: priorityOf(story.level), isSilent, mayStart: true };
    for (const slot of story.slots) if (slot.isWaiting) slot.show({ draw: () => reply, ...how });
  }

  /** The old message says that it got worse and where to look. */
  risen(story: Story, level: Loudness): void {
    const reply = risenReply(story, level, this.#clock.now());
    for (const slot of story.slots)
      slot.show({ draw: () => reply, priority: "edit", isSilent: true, mayStart: false });
  }

  /** Draws the story as it is when it is written. */
  drawer(story: Story, times = 0): () => Reply {
    return () => {
      const { last, level, sinceWallAt } = story;
      const seen = level !== undefined && isLoud(level) ? this.#duty.seenOf(last.key, level) : undefined;
      return standingReply(story, seen, times === 0 ? undefined : this.#clock.now() - sinceWallAt);
    };
  }
}
