import type { StoredMessage } from "../desk/ports.ts";
import type { Reply } from "./reply.ts";

/** What came of one try to write. Every error of a platform becomes one of these. */
export type Delivery =
  | { readonly type: "sent"; readonly message: string }
  | { readonly type: "edited" }
  /** Not now: the platform is away or wants us to wait. */
  | { readonly type: "later"; readonly afterMs: number | undefined; readonly reason: string }
  /** The message to edit is gone or may not be edited any more. */
  | { readonly type: "gone"; readonly reason: string }
  /** Never: trying again would give the same answer. */
  | { readonly type: "refused"; readonly reason: string };

/** How a message is sent. */
export interface SendOptions {
  /** Shown without a sound. */
  readonly isSilent: boolean;
  /** Message that it answers, in the same room. */
  readonly replyTo?: string | undefined;
  /** The same for every try of one message, so that a platform that can will not show it twice. */
  readonly nonce: string;
}

/** A place on a platform where the desk writes. Its methods never reject. */
export interface Room {
  readonly platform: StoredMessage["platform"];
  /** As kept in the message store: Telegram "CHAT" or "CHAT/TOPIC", Discord the channel. */
  readonly chat: string;
  /** Rooms of one name share the platform's limits, as topics of one Telegram group do; left out: it has its own. */
  readonly limitedAs?: string;
  readonly isGroup: boolean;
  readonly showsAlerts: boolean;
  /** After this, messages are not edited but followed by a new one. */
  readonly editMsMax: number | undefined;
  /** True: a nonce that was sent before gives the message of then, and no second one. */
  readonly knowsNonce: boolean;
  /** Cuts a reply into what the platform takes as one message each. */
  pages(reply: Reply): readonly Reply[];
  send(reply: Reply, options: SendOptions): Promise<Delivery>;
  edit(message: string, reply: Reply): Promise<Delivery>;
}
