import type { Instrument } from "../core/instrument.ts";
import type { Proposal } from "../core/proposal.ts";
import type { Clock, MessageStore } from "../desk/ports.ts";
import { cardReply, isFinal } from "./cards.ts";
import { type ChatLog, faultText } from "./log.ts";
import type { Outbox } from "./outbox.ts";
import type { Reply } from "./reply.ts";
import type { Room } from "./room.ts";
import { Slot } from "./slot.ts";

/** A room with the outbox that writes to it. */
export interface Outlet {
  readonly room: Room;
  readonly outbox: Pick<Outbox, "add">;
}

/** What a board stands on. */
export interface BoardParts {
  readonly outlets: readonly Outlet[];
  readonly messages: MessageStore;
  readonly clock: Clock;
  readonly log: ChatLog;
  readonly instrument: (id: string) => Instrument | undefined;
}

interface Card {
  proposal: Proposal;
  token: string | undefined;
  readonly slots: readonly Slot[];
  /** "platform chat message" of everything that ever showed it. */
  readonly places: Set<string>;
}

const CARDS_MAX = 500;

/** The cards on all platforms: each proposal has one message a room, and every change of it reaches all of them. */
export class Board {
  readonly #parts: BoardParts;
  readonly #cards = new Map<string, Card>();
  readonly #ids = new Map<string, string>();

  constructor(parts: BoardParts) {
    this.#parts = parts;
  }

  /** Shows a proposal, or brings its cards up to date. */
  show(proposal: Proposal, token: string | undefined): void {
    const card = this.#cards.get(proposal.id) ?? this.#open(proposal);
    // Two changes of one turn are stored side by side: the earlier one may be there last.
    if (isFinal(card.proposal.state) && !isFinal(proposal.state)) return;
    card.proposal = proposal;
    card.token = proposal.state === "pending" ? token : undefined;
    if (token !== undefined) this.#ids.set(token, proposal.id);
    const isNew = proposal.state === "pending";
    const { state, reason } = proposal;
    const hasMoved = state === "done" || state === "failed" || reason !== undefined;
    for (const slot of card.slots) {
      slot.show({
        draw: () => this.draw(card),
        priority: "reply",
        isSilent: !isNew,
        mayStart: isNew || hasMoved,
        // A card that nobody could decide any more is not worth a new message.
        ...(isNew ? { keepMs: Math.max(0, proposal.expiresWallAt - this.#parts.clock.now()) } : {}),
      });
    }
  }

  /** The card as it is now. */
  draw(card: { readonly proposal: Proposal; readonly token: string | undefined }): Reply {
    const { instrument, clock } = this.#parts;
    const { action } = card.proposal;
    const traded = "instrument" in action ? instrument(action.instrument) : undefined;
    return cardReply(card.proposal, traded, card.token, clock.now(), instrument);
  }

  /** A proposal as it was shown last; undefined: not by this process, or long ago. */
  proposalOf(id: string): Proposal | undefined {
    return this.#cards.get(id)?.proposal;
  }

  /** The token with which a proposal can be decided by its id; for platforms without buttons. */
  tokenOf(id: string): string | undefined {
    return this.#cards.get(id)?.token;
  }

  /**
   * Whether a tap can have come from a card: false when the token's card is known and stands in this room under
   * another message. A token that is not known here is for the desk to judge.
   */
  isPlausible(
    token: string,
    place: { readonly platform: string; readonly chat: string; readonly message: string },
  ): boolean {
    const card = this.#cards.get(this.#ids.get(token) ?? "");
    if (card === undefined) return true;
    if (card.places.has(placeKey(place))) return true;
    const slot = card.slots.find(({ room }) => room.platform === place.platform && room.chat === place.chat);
    // Between a send and its answer the message number is not known yet.
    return slot !== undefined && slot.message === undefined;
  }

  #open(proposal: Proposal): Card {
    const { outlets, messages, clock, log } = this.#parts;
    const topic = `proposal:${proposal.id}`;
    const places = new Set<string>();
    const ready = this.#recall(topic, () => slots, places);
    const slots = outlets.map(
      ({ room, outbox }) =>
        new Slot({
          room,
          outbox,
          clock,
          ready,
          key: topic,
          onSent: ({ message, sentWallAt }) => {
            const { platform, chat } = room;
            places.add(placeKey({ platform, chat, message }));
            void messages.save({ topic, platform, chat, message, sentWallAt }).catch((fault: unknown) => {
              log("warn", `the place of a card was not stored: ${faultText(fault)}`);
            });
          },
        }),
    );
    const card: Card = { proposal, token: undefined, slots, places };
    this.#cards.set(proposal.id, card);
    this.#forget();
    return card;
  }

  async #recall(topic: string, slots: () => readonly Slot[], places: Set<string>): Promise<void> {
    try {
      for (const stored of await this.#parts.messages.find(topic)) {
        places.add(placeKey(stored));
        const slot = slots().find(
          ({ room }) => room.platform === stored.platform && room.chat === stored.chat,
        );
        slot?.adopt(stored);
      }
    } catch (fault) {
      this.#parts.log("warn", `cards from before could not be looked up: ${faultText(fault)}`);
    }
  }

  /** Drops the oldest finished cards, here and in the store. */
  #forget(): void {
    if (this.#cards.size <= CARDS_MAX) return;
    const old = [...this.#cards].find(
      ([, { proposal, slots }]) => isFinal(proposal.state) && slots.every((slot) => slot.isShown),
    );
    if (old === undefined) return;
    const [id] = old;
    this.#cards.delete(id);
    for (const [token, of] of this.#ids) if (of === id) this.#ids.delete(token);
    void this.#parts.messages.remove(`proposal:${id}`).catch((fault: unknown) => {
      this.#parts.log("warn", `an old card was not removed from the store: ${faultText(fault)}`);
    });
  }
}

const placeKey = (place: {
  readonly platform: string;
  readonly chat: string;
  readonly message: string;
}): string => `${place.platform} ${place.chat} ${place.message}`;
