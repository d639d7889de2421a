import type { Clock } from "../desk/ports.ts";
import type { Story } from "./alert-story.ts";
import type { Loudness } from "./alert-text.ts";
import type { Outlet } from "./board.ts";
import type { ChatLog } from "./log.ts";
import { partsWriter } from "./parts.ts";
import type { Reply } from "./reply.ts";
import { Slot } from "./slot.ts";

/** Somebody who may be asked in private to see to an alert. */
export interface Callable {
  readonly name: string;
  /** Their private chats. */
  readonly outlets: readonly Outlet[];
}

/** What escalation stands on. */
export interface EscalationParts {
  /** Whom to ask, in this order. */
  readonly people: (level: Loudness) => readonly Callable[];
  /** Rooms that show alerts already: whoever's private chat is one of them has been told. */
  readonly outlets: readonly Outlet[];
  readonly clock: Clock;
  readonly log: ChatLog;
  /** What somebody is asked. */
  readonly draw: (story: Story, name: string) => Reply;
  /** Whether it stands and nobody has seen it. */
  readonly isUnseen: (story: Story) => boolean;
}

/** How long nobody may have seen a CRITICAL alert before somebody is asked; an EXTREME one comes again just then. */
const ASK_MS = 60_000;

/** When nobody sees to an alert people are asked in private, one after the other, with a sound and the same buttons. */
export class Escalation {
  readonly #parts: EscalationParts;
  readonly #timers = new Set<() => void>();
  #count = 0;

  constructor(parts: EscalationParts) {
    this.#parts = parts;
  }

  /** Somebody is asked in a minute, if nobody has seen a CRITICAL alert by then and nobody was asked. */
  askLater(story: Story): void {
    if (story.level !== "critical") return;
    const cancel = this.#parts.clock.after(ASK_MS, () => {
      this.#timers.delete(cancel);
      if (story.level === "critical" && story.asked === 0) this.ask(story);
    });
    this.#timers.add(cancel);
  }

  /** Asks the next person while nobody has seen an EXTREME or CRITICAL alert; after the last one comes the first again. */
  ask(story: Story): void {
    const isUrgent = story.level === "critical" || story.level === "extreme";
    if (isUrgent && this.#parts.isUnseen(story)) this.#ask(story, this.#reachable(story).length);
  }

  stop(): void {
    for (const cancel of this.#timers) cancel();
  }

  #ask(story: Story, tries: number): void {
    const people = this.#reachable(story);
    const next = people[story.asked % Math.max(1, people.length)];
    if (next === undefined || tries <= 0) return;
    const { name, outlets } = next;
    const { draw } = this.#parts;
    story.asked += 1;
    let left = outlets.length;
    const onRefused = (): void => {
      left -= 1;
      if (left > 0) return;
      this.#parts.log(
        "warn",
        `${name} takes no private message (of alert ${story.last.key}): the next one is asked`,
      );
      if (this.#parts.isUnseen(story)) this.#ask(story, tries - 1);
    };
    const slots = outlets.map((outlet) => this.#slot(outlet, onRefused));
    story.calls = [...story.calls, ...slots];
    for (const slot of slots)
      slot.show({ draw: () => draw(story, name), priority: "critical", isSilent: false, mayStart: true });
    this.#parts.log("warn", `nobody has seen alert ${story.last.key}: ${name} is asked`);
  }

  #slot({ room, outbox }: Outlet, onRefused: () => void): Slot {
    const { clock } = this.#parts;
    this.#count += 1;
    const key = `call:${this.#count}`;
    return new Slot({
      room,
      outbox,
      clock,
      key,
      onSent: () => undefined,
      onRefused,
      together: partsWriter(room, clock),
    });
  }

  /** People with a private chat that does not show alerts anyway. */
  #reachable({ level = "critical" }: Story): readonly Callable[] {
    const isTold = ({ room: { platform, chat } }: Outlet): boolean =>
      this.#parts.outlets.some(
        ({ room }) => room.showsAlerts && room.platform === platform && room.chat === chat,
      );
    return this.#parts
      .people(level)
      .map(({ name, outlets }) => ({ name, outlets: outlets.filter((outlet) => !isTold(outlet)) }))
      .filter(({ outlets }) => outlets.length > 0);
  }
}
