import type { Clock } from "../desk/ports.ts";
import type { Outlet } from "./board.ts";
import { type Part, partsWriter } from "./parts.ts";
import type { Room } from "./room.ts";
import { type SentMessage, Slot } from "./slot.ts";

/** What is heard of an alert's messages. */
export interface SlotNews {
  /** Where a message stands. */
  readonly onSent: (slot: Slot, sent: SentMessage) => void;
  /** Each time that a room was told, with a message of its own or as part of one. */
  readonly onTold: () => void;
}

/** Slots that new ones follow. */
export interface FormerSlots {
  /** Their messages are answered. */
  readonly old?: readonly Slot[];
  /** They stay as they are. */
  readonly kept?: readonly Slot[];
}

type Place = Outlet & { readonly together: Part["write"] };

/** Which rooms: those that show alerts, with the first one of each platform that has none of them, or all. */
export type Reach = "usual" | "eachPlatform" | "everywhere";

/** Makes the messages of alerts, one in each room that shall have one. */
export class AlertSlots {
  readonly #places: readonly Place[];
  readonly #clock: Clock;
  #count = 0;

  constructor(outlets: readonly Outlet[], clock: Clock) {
    this.#places = outlets.map((outlet) => ({ ...outlet, together: partsWriter(outlet.room, clock) }));
    this.#clock = clock;
  }

  /** Whether this is a room that shows no alerts as a rule. */
  isSpare(platform: string, chat: string): boolean {
    return this.#places.some(
      ({ room }) => !room.showsAlerts && room.platform === platform && room.chat === chat,
    );
  }

  /** A slot for each room: that of `kept`, or else a new one whose message answers that of `old`. */
  make(news: SlotNews, reach: Reach, { old = [], kept = [] }: FormerSlots = {}): Slot[] {
    return this.#reached(reach).map(({ room, outbox, together }) => {
      const same = kept.find((slot) => slot.room === room);
      if (same !== undefined) return same;
      this.#count += 1;
      const answered = old.find((slot) => slot.room === room);
      const slot: Slot = new Slot({
        room,
        outbox,
        clock: this.#clock,
        key: `alert:${this.#count}`,
        replyTo: () => answered?.message,
        onSent: (sent) => {
          news.onSent(slot, sent);
          news.onTold();
        },
        together,
        onTold: news.onTold,
      });
      return slot;
    });
  }

  #reached(reach: Reach): readonly Place[] {
    if (reach === "everywhere") return this.#places;
    return this.#places.filter(
      ({ room }, at) => room.showsAlerts || (reach === "eachPlatform" && this.#standsIn(room, at)),
    );
  }

  /** Whether this room is its platform's first, where none of that platform shows alerts. */
  #standsIn({ platform }: Room, at: number): boolean {
    const same = this.#places.filter(({ room }) => room.platform === platform);
    return this.#places[at] === same[0] && same.every(({ room }) => !room.showsAlerts);
  }
}
