import type { TelegramPlace } from "../people.ts";

/** Which chats the desk listens to, also after a group got another id by becoming a supergroup. */
export class Places {
  readonly #places: readonly TelegramPlace[];
  readonly #movedTo = new Map<number, number>();

  constructor(places: readonly TelegramPlace[]) {
    this.#places = places;
  }

  /** The configured places. */
  get all(): readonly TelegramPlace[] {
    return this.#places;
  }

  /** Notes that a group has a new id; true when it is one of ours and that was not known. */
  move(from: number, to: number): boolean {
    const configured = this.#places.find((place) => this.present(place.id) === from);
    if (configured === undefined || from === to) return false;
    this.#movedTo.set(configured.id, to);
    return true;
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
