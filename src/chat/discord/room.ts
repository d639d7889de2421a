import { MessageFlags, Routes } from "discord.js";
import { messagesOf } from "../layout.ts";
import type { Reply } from "../reply.ts";
import type { Delivery, Room, SendOptions } from "../room.ts";
import type { DiscordApi } from "./api.ts";
import { fitsDiscord, renderDiscord } from "./embed.ts";
import { problemOf } from "./limits.ts";

/** Discord caps edits of messages older than an hour: after this a new one follows. */
export const EDIT_MS_MAX = 50 * 60_000;

/** Nobody is ever pinged by what a message says. */
const NO_MENTIONS = { parse: [], replied_user: false } as const;

/** A Discord channel to write to, with the bot's token. */
export class DiscordRoom implements Room {
  readonly platform = "discord";
  readonly isGroup = true;
  readonly knowsNonce = true;
  readonly editMsMax: number;
  readonly chat: string;
  readonly showsAlerts: boolean;
  readonly #api: DiscordApi;
  readonly #onWritten: () => void;

  constructor(options: {
    readonly api: DiscordApi;
    readonly channel: string;
    readonly showsAlerts: boolean;
    readonly editMsMax: number;
    /** Called after every message that was sent or edited. */
    readonly onWritten: () => void;
  }) {
    this.#api = options.api;
    this.chat = options.channel;
    this.showsAlerts = options.showsAlerts;
    this.editMsMax = options.editMsMax;
    this.#onWritten = options.onWritten;
  }

  pages(reply: Reply): readonly Reply[] {
    return messagesOf(reply, fitsDiscord);
  }

  async send(reply: Reply, { isSilent, replyTo, nonce }: SendOptions): Promise<Delivery> {
    const shown = renderDiscord(reply);
    const problem = problemOf(shown);
    if (problem !== undefined) return { type: "refused", reason: problem };
    const answer = await this.#api.call("post", Routes.channelMessages(this.chat), {
      ...shown,
      allowed_mentions: NO_MENTIONS,
      nonce,
      enforce_nonce: true,
      ...(isSilent ? { flags: MessageFlags.SuppressNotifications } : {}),
      ...(replyTo === undefined
        ? {}
        : { message_reference: { message_id: replyTo, fail_if_not_exists: false } }),
    });
    if (!answer.ok) return answer.delivery;
    const { id } = (answer.result ?? {}) as { readonly id?: unknown };
    if (typeof id !== "string") return { type: "refused", reason: "Discord's answer names no message" };
    this.#onWritten();
    return { type: "sent", message: id };
  }

  async edit(message: string, reply: Reply): Promise<Delivery> {
    const shown = renderDiscord(reply);
    const problem = problemOf(shown);
    if (problem !== undefined) return { type: "refused", reason: problem };
    const route = Routes.channelMessage(this.chat, message);
    const answer = await this.#api.call("patch", route, { ...shown, allowed_mentions: NO_MENTIONS });
    if (!answer.ok) return answer.delivery;
    this.#onWritten();
    return { type: "edited" };
  }
}
