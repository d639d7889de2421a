import type { TelegramPlace } from "../people.ts";

/** Which chats the desk listens to, also after a group got another id by becoming a supergroup. */
export class Places {
  readonly #places: readonly TelegramPlace[];
  readonly #movedTo = new Map<number, number>();

  readonly #onMove: (from: number, to: number) => void;

  /** `onMove` hears once of each new id, whoever found it out. */
  constructor(places: readonly TelegramPlace[], onMove: (from: number, to: number) => void) {
    this.#places = places;
    this.#onMove = onMove;
  }

  /** The configured places. */
  get all(): readonly TelegramPlace[] {
    return this.#places;
  }

  /** Notes that a group has a new id, if it is one of ours and that was not known. */
  move(from: number, to: number): void {
    const configured = this.#places.find((place) => this.present(place.id) === from);
    if (configured === undefined || from === to) return;
    this.#movedTo.set(configured.id, to);
    this.#onMove(from, to);
  }

  /** The id under which a configured chat is reached now. */
  present(id: number): number {
    return this.#movedTo.get(id) ?? id;
  }

  /** True when something is configured for this chat, be it only a topic of it. */
  isKnown(chat: number): boolean {
    return this.#places.some((place) => this.present(place.id) === chat);
  }

  /** The place that a message in this chat and topic belongs to. */
  find(chat: number, topic: number | undefined): TelegramPlace | undefined {
    return this.#places.find(
      (place) => this.present(place.id) === chat && (place.topic === undefined || place.topic === topic),
    );
  }
}
