import { Outbox } from "../../src/chat/outbox.ts";
import { TELEGRAM_PACE } from "../../src/chat/pace.ts";
import type { RoomMemory } from "../../src/chat/pace-memory.ts";
import type { Reply } from "../../src/chat/reply.ts";
import type { Delivery, Room, SendOptions } from "../../src/chat/room.ts";
import type { ManualClock } from "./desk.ts";

/** A message as it stands in a room of paper. */
export interface PaperMessage {
  readonly id: string;
  reply: Reply;
  readonly isSilent: boolean;
  readonly replyTo: string | undefined;
  edits: number;
  readonly at: number;
}

/** A room whose messages are kept in a list; `answers` come before its own. */
export class PaperRoom implements Room {
  readonly messages: PaperMessage[] = [];
  readonly answers: Delivery[] = [];
  /** While set, every try gets this answer. */
  trouble: Delivery | undefined;
  /** Tries so far, also refused ones. */
  tries = 0;
  readonly platform: Room["platform"];
  readonly chat: string;
  readonly isGroup: boolean;
  readonly showsAlerts: boolean;
  readonly editMsMax: number | undefined;
  readonly knowsNonce = false;
  readonly #clock: ManualClock;

  constructor(
    clock: ManualClock,
    options: Partial<Pick<Room, "platform" | "chat" | "isGroup" | "showsAlerts" | "editMsMax">> = {},
  ) {
    this.#clock = clock;
    this.platform = options.platform ?? "telegram";
    this.chat = options.chat ?? "-42";
    this.isGroup = options.isGroup ?? true;
    this.showsAlerts = options.showsAlerts ?? true;
    this.editMsMax = options.editMsMax;
  }

  pages(reply: Reply): readonly Reply[] {
    return [reply];
  }

  async send(reply: Reply, { isSilent, replyTo }: SendOptions): Promise<Delivery> {
    this.tries += 1;
    const answer = this.trouble ?? this.answers.shift();
    if (answer !== undefined) return answer;
    const id = String(this.messages.length + 1);
    this.messages.push({ id, reply, isSilent, replyTo, edits: 0, at: this.#clock.now() });
    return { type: "sent", message: id };
  }

  async edit(message: string, reply: Reply): Promise<Delivery> {
    this.tries += 1;
    const answer = this.trouble ?? this.answers.shift();
    if (answer !== undefined) return answer;
    const found = this.messages.find((each) => each.id === message);
    if (found === undefined) return { type: "gone", reason: "no such message" };
    found.reply = reply;
    found.edits += 1;
    return { type: "edited" };
  }

  /** Title and lines of each message, oldest first. */
  get texts(): string[] {
    return this.messages.map(({ reply }) =>
      [reply.title, ...(reply.lines ?? []), reply.footer ?? ""].join(" | "),
    );
  }
}

/** An outbox with Telegram's limits on a manual clock. */
export function outboxOn(clock: ManualClock, log: string[] = [], memory?: RoomMemory): Outbox {
  const note = (level: string, text: string) => log.push(`${level} ${text}`);
  return new Outbox({ clock, log: note, limits: TELEGRAM_PACE, memory });
}
