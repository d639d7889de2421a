import { Routes } from "discord.js";
import type { Reply } from "../reply.ts";
import type { Delivery, Room, SendOptions } from "../room.ts";
import type { DiscordApi } from "./api.ts";
import { DiscordRoom } from "./room.ts";

/** The private channel between the bot and a person, opened when it is first written to. */
export class DiscordPrivateRoom implements Room {
  readonly platform = "discord";
  readonly isGroup = false;
  readonly knowsNonce = true;
  readonly showsAlerts = false;
  readonly chat: string;
  readonly editMsMax: number;
  readonly #options: PrivateRoomOptions;
  #room: DiscordRoom | undefined;

  constructor(options: PrivateRoomOptions) {
    this.#options = options;
    this.chat = `with ${options.user}`;
    this.editMsMax = options.editMsMax;
  }

  pages(reply: Reply): readonly Reply[] {
    return this.#made("").pages(reply);
  }

  async send(reply: Reply, options: SendOptions): Promise<Delivery> {
    const room = await this.#opened();
    return "type" in room ? room : await room.send(reply, options);
  }

  async edit(message: string, reply: Reply): Promise<Delivery> {
    const room = await this.#opened();
    return "type" in room ? room : await room.edit(message, reply);
  }

  async #opened(): Promise<DiscordRoom | Delivery> {
    if (this.#room !== undefined) return this.#room;
    const { api, user } = this.#options;
    const answer = await api.call("post", Routes.userChannels(), { recipient_id: user });
    if (!answer.ok) return answer.delivery;
    const { id } = (answer.result ?? {}) as { readonly id?: unknown };
    if (typeof id !== "string") return { type: "refused", reason: "Discord's answer names no channel" };
    this.#room = this.#made(id);
    return this.#room;
  }

  #made(channel: string): DiscordRoom {
    const { api, editMsMax, onWritten } = this.#options;
    return new DiscordRoom({ api, channel, showsAlerts: false, editMsMax, onWritten });
  }
}

/** What a private room is made with. */
export interface PrivateRoomOptions {
  readonly api: DiscordApi;
  /** The person's Discord id. */
  readonly user: string;
  readonly editMsMax: number;
  /** Called after every message that was sent or edited. */
  readonly onWritten: () => void;
}
