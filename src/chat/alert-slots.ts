import type { Clock } from "../desk/ports.ts";
import type { Outlet } from "./board.ts";
import { type SentMessage, Slot } from "./slot.ts";

/** Makes the messages of alerts: one in each room that shows them. */
export class AlertSlots {
  readonly #outlets: readonly Outlet[];
  readonly #clock: Clock;
  #count = 0;

  constructor(outlets: readonly Outlet[], clock: Clock) {
    this.#outlets = outlets.filter(({ room }) => room.showsAlerts);
    this.#clock = clock;
  }

  /**
   * A slot for each room: that of `kept`, or else a new one whose message answers that of `old`. `onSent` hears where each
   * message stands.
   */
  make(
    onSent: (slot: Slot, sent: SentMessage) => void,
    old: readonly Slot[] = [],
    kept: readonly Slot[] = [],
  ): Slot[] {
    return this.#outlets.map(({ room, outbox }) => {
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
        onSent: (sent) => onSent(slot, sent),
      });
      return slot;
    });
  }
}
