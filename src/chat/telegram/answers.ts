import type { Clock } from "../../desk/ports.ts";
import { cut, oneLine } from "../layout.ts";
import { type ChatLog, faultText } from "../log.ts";
import type { Outbox } from "../outbox.ts";
import { pngOf } from "../pictures/raster.ts";
import type { Reply } from "../reply.ts";
import { freshNonce } from "../slot.ts";
import type { TelegramApi } from "./api.ts";
import type { Places } from "./places.ts";
import { roomName, TelegramRoom } from "./room.ts";
import type { Visit } from "./visit.ts";

/** Answers older than this are not worth sending. */
const REPLY_KEEP_MS = 60_000;

/** What answers stand on. */
export interface AnswersParts {
  readonly api: TelegramApi;
  readonly places: Places;
  readonly outbox: Outbox;
  readonly clock: Clock;
  readonly log: ChatLog;
}

/** Writes what callers are told, where they may see it. */
export class Answers {
  readonly #parts: AnswersParts;
  readonly #rooms = new Map<string, TelegramRoom>();
  #sent = 0;

  constructor(parts: AnswersParts) {
    this.#parts = parts;
  }

  /** Messages and edits so far. */
  get sent(): number {
    return this.#sent;
  }

  /** The chat or topic to write to; a private chat has the person's id. */
  room(id: number, topic?: number, showsAlerts = false): TelegramRoom {
    const name = roomName(id, topic);
    const known = this.#rooms.get(name);
    if (known !== undefined) return known;
    const { api, places } = this.#parts;
    const onWritten = (): void => {
      this.#sent += 1;
    };
    const room = new TelegramRoom({ api, places, id, topic, showsAlerts, onWritten });
    this.#rooms.set(name, room);
    return room;
  }

  /** Answers a caller; what names the account's money only where that may be shown, else in their private chat. */
  reply(visit: Visit, reply: Reply, isPrivate: boolean): void {
    const room = this.#roomOf(visit);
    const isHere = !isPrivate || this.#mayShow(visit);
    const target = isHere ? room : this.room(visit.caller);
    const replyTo = isHere && room.isGroup ? String(visit.message) : undefined;
    for (const page of target.pages(reply)) {
      const options = { isSilent: false, replyTo, nonce: freshNonce() };
      this.#parts.outbox.add(target, {
        priority: "reply",
        keepMs: REPLY_KEEP_MS,
        run: async () => {
          const delivery = await target.send(page, options);
          if (delivery.type === "refused" && !isHere) this.reply(visit, START_FIRST, false);
          return delivery;
        },
      });
    }
    this.#picture(target, reply);
  }

  /** The picture of an answer goes after its text, to the same place. */
  #picture(target: TelegramRoom, { picture }: Reply): void {
    if (picture === undefined) return;
    this.#parts.outbox.add(target, {
      priority: "reply",
      keepMs: REPLY_KEEP_MS,
      run: async () => {
        try {
          return await target.sendPicture(await pngOf(picture.svg), picture.caption);
        } catch (fault) {
          return { type: "refused", reason: `a picture could not be drawn: ${faultText(fault)}` };
        }
      },
    });
  }

  /** Draws the message with the pressed button anew, or sends an answer where that can't be done. */
  redraw(visit: Visit, reply: Reply, isPrivate: boolean): void {
    const room = this.#roomOf(visit);
    const [page, ...more] = room.pages(reply);
    if (page === undefined || more.length > 0 || (isPrivate && !this.#mayShow(visit))) {
      this.reply(visit, reply, isPrivate);
      return;
    }
    this.#parts.outbox.add(room, {
      priority: "edit",
      key: `redraw:${visit.message}`,
      keepMs: REPLY_KEEP_MS,
      run: () => room.edit(String(visit.message), page),
    });
  }

  /** Ends the progress bar of a tap, with a text for the one who tapped. */
  async acknowledge(query: string, text: string, isAlert: boolean): Promise<void> {
    const answer = await this.#parts.api.call("answerCallbackQuery", {
      callback_query_id: query,
      ...(text === "" ? {} : { text: cut(oneLine(text), 200), show_alert: isAlert }),
    });
    if (!answer.ok) this.#parts.log("info", `a tap was not answered: ${answer.trouble.reason}`);
  }

  #roomOf({ place, topic, caller }: Visit): TelegramRoom {
    return place === undefined ? this.room(caller) : this.room(place.id, place.topic ?? topic, place.alerts);
  }

  #mayShow({ place, isOwnChat }: Visit): boolean {
    return isOwnChat || place?.accountData === true;
  }
}

const START_FIRST: Reply = {
  title: "Only for you",
  tone: "warning",
  lines: [
    "The account's money is not shown in this group. Open a private chat with me, press Start, and ask there.",
  ],
};
