import { randomBytes } from "node:crypto";
import type { Clock } from "../desk/ports.ts";
import type { Outbox } from "./outbox.ts";
import type { Priority } from "./pace.ts";
import type { Part } from "./parts.ts";
import type { Reply } from "./reply.ts";
import type { Delivery, Room } from "./room.ts";

/** What a slot should show from now on. */
export interface SlotContent {
  /** Drawn when it is written, so that it is never older than the message. */
  readonly draw: () => Reply;
  readonly priority: Priority;
  readonly isSilent: boolean;
  /** False: changes a message that is there, but starts none. */
  readonly mayStart: boolean;
  /** Worthless after so long. */
  readonly keepMs?: number;
}

/** A message as it was sent. */
export interface SentMessage {
  readonly message: string;
  readonly sentWallAt: number;
}

/** What a slot stands on. */
export interface SlotParts {
  readonly room: Room;
  readonly outbox: Pick<Outbox, "add">;
  readonly clock: Clock;
  /** Unique among slots: jobs of one slot replace one another. */
  readonly key: string;
  /** The message that the first one answers, asked for when it is sent. */
  readonly replyTo?: () => string | undefined;
  /** Called after each send; the slot's earlier message, if any, is left as it is. */
  readonly onSent: (sent: SentMessage) => void;
  /** Waited for before the first write: messages from before a restart are being looked up. */
  readonly ready?: Promise<void>;
  /** How it is told with others of its room while it has no message; left out: it always has its own. */
  readonly together?: Part["write"];
  /** Called when it was told with others: no message is its own. */
  readonly onTold?: () => void;
  /** Called when its message is refused for good. */
  readonly onRefused?: () => void;
}

/**
 * One message in one room that is brought to show the newest content: sent when there is none, edited when there is,
 * sent anew when it is gone or too old to be edited. However fast content changes, only the newest is written.
 */
export class Slot {
  readonly room: Room;
  readonly #parts: SlotParts;
  #content: SlotContent | undefined;
  #sent: SentMessage | undefined;
  #nonce = freshNonce();
  #version = 0;
  #shownVersion = 0;
  /** The version that was tried first under the nonce: where the platform knows that, a repeated try shows no other. */
  #triedVersion: number | undefined;
  #wasTold = false;

  constructor(parts: SlotParts) {
    this.#parts = parts;
    this.room = parts.room;
  }

  /** The message that shows this slot, if one was sent. */
  get message(): string | undefined {
    return this.#sent?.message;
  }

  /** True when the newest content is on the screen. */
  get isShown(): boolean {
    return this.#version === this.#shownVersion;
  }

  /** True while its first message is still on its way. */
  get isWaiting(): boolean {
    return this.#sent === undefined && !this.isShown;
  }

  /** True once people were told in this room. */
  get isDelivered(): boolean {
    return this.#sent !== undefined || this.#wasTold;
  }

  /** Takes over a message from before a restart. */
  adopt(sent: SentMessage): void {
    if (this.#sent === undefined || sent.sentWallAt > this.#sent.sentWallAt) this.#sent = sent;
  }

  /** Shows this from now on. */
  show(content: SlotContent): void {
    this.#content = content;
    this.#version += 1;
    const { outbox, room, key, together } = this.#parts;
    outbox.add(room, {
      priority: content.priority,
      key,
      ...(content.keepMs === undefined ? {} : { keepMs: content.keepMs }),
      ...(together === undefined ? {} : { part: this.#part(content, together) }),
      run: () => this.#write(),
    });
  }

  /** This content as a part of a message. */
  #part({ draw, isSilent, mayStart }: SlotContent, write: Part["write"]): Part {
    const version = this.#version;
    return {
      isOpen: () => this.#sent === undefined && mayStart,
      draw: () => ({ reply: draw(), isSilent }),
      onTold: () => {
        this.#shownVersion = version;
        this.#wasTold = true;
        this.#parts.onTold?.();
      },
      write,
    };
  }

  async #write(): Promise<Delivery> {
    const { room, ready } = this.#parts;
    await ready;
    const content = this.#content;
    const version = this.#version;
    if (content === undefined) return { type: "edited" };
    const edited = await this.#edit(content);
    if (edited !== undefined && edited.type !== "gone") {
      if (edited.type !== "later") this.#shownVersion = version;
      return edited;
    }
    if (!content.mayStart) {
      this.#shownVersion = version;
      return { type: "edited" };
    }
    this.#triedVersion ??= version;
    const delivery = await this.#send(content, edited !== undefined);
    if (delivery.type === "later") return delivery;
    this.#shownVersion = version;
    // An earlier try may have come through: then that is what stands there.
    const isOlder = this.#triedVersion !== version && room.knowsNonce;
    this.#triedVersion = undefined;
    if (delivery.type === "refused") this.#parts.onRefused?.();
    if (isOlder && delivery.type === "sent") this.show({ ...content, priority: "edit", isSilent: true });
    return delivery;
  }

  /** Undefined: there is nothing to edit. What is too old to be edited is tried all the same where nothing new may stand for it. */
  async #edit(content: SlotContent): Promise<Delivery | undefined> {
    const { room, clock } = this.#parts;
    if (this.#sent === undefined) return undefined;
    const isOld = room.editMsMax !== undefined && clock.now() - this.#sent.sentWallAt > room.editMsMax;
    if (isOld && content.mayStart) {
      return { type: "gone", reason: "too old to be edited" };
    }
    return await room.edit(this.#sent.message, firstPage(room, content.draw()));
  }

  async #send(content: SlotContent, isAgain: boolean): Promise<Delivery> {
    const { room, clock, replyTo, onSent } = this.#parts;
    const delivery = await room.send(firstPage(room, content.draw()), {
      isSilent: content.isSilent || isAgain,
      replyTo: isAgain ? undefined : replyTo?.(),
      nonce: this.#nonce,
    });
    if (delivery.type !== "sent") return delivery;
    this.#nonce = freshNonce();
    this.#sent = { message: delivery.message, sentWallAt: clock.now() };
    onSent(this.#sent);
    return delivery;
  }
}

/** A fresh mark that makes a repeated send of one message recognizable; fits Discord's 25 characters. */
export const freshNonce = (): string => randomBytes(15).toString("base64url");

/** Cards and alerts are one message: what does not fit is cut, with their buttons kept. */
function firstPage(room: Room, reply: Reply): Reply {
  const [first = reply, ...more] = room.pages(reply);
  return more.length === 0 || reply.buttons === undefined ? first : { ...first, buttons: reply.buttons };
}
