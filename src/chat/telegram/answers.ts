import type { Clock } from "../../desk/ports.ts";
import { cut, oneLine } from "../layout.ts";
import { type ChatLog, faultText } from "../log.ts";
import type { Outbox } from "../outbox.ts";
import { pngOf } from "../pictures/raster.ts";
import type { Reply } from "../reply.ts";
import type { Delivery, SendOptions } from "../room.ts";
import { freshNonce } from "../slot.ts";
import type { TelegramApi } from "./api.ts";
import { fitsCaption } from "./html.ts";
import type { Places } from "./places.ts";
import { questionOf } from "./question.ts";
import { roomName, TelegramRoom } from "./room.ts";
import type { Visit } from "./visit.ts";

/** Answers older than this are not worth sending. */
const REPLY_KEEP_MS = 60_000;

/** Where an answer goes, and what is done when Telegram does not take it. */
interface Addressee {
  readonly target: TelegramRoom;
  readonly replyTo: string | undefined;
  onRefused(): unknown;
}

const NOT_DRAWN: Delivery = { type: "refused", reason: "a picture could not be drawn" };

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
    const isHere = reply.isSecret === true ? visit.isOwnChat : !isPrivate || this.#mayShow(visit);
    const target = isHere ? room : this.room(visit.caller);
    const replyTo = isHere && room.isGroup ? String(visit.message) : undefined;
    const to = { target, replyTo, onRefused: () => !isHere && this.reply(visit, START_FIRST, false) };
    if (reply.picture !== undefined && fitsCaption(reply)) this.#sendPicture(to, reply, reply.picture.svg);
    else this.#sendPages(to, reply);
  }

  /** Asks somebody why they rejected a card: their app opens the answer by itself, and where the card is, also in a group. */
  ask(visit: Visit, person: string, card: string): void {
    const target = this.#roomOf(visit);
    const question = questionOf(visit.caller, person, card);
    const replyTo = target.isGroup ? String(visit.message) : undefined;
    const to = { target, replyTo, onRefused: () => undefined };
    this.#send(to, (options) => target.sendQuestion(question, options));
  }

  #sendPages(to: Addressee, reply: Reply): void {
    const { target } = to;
    for (const page of target.pages(reply))
      this.#send(to, (options) => target.send(page, options), to.onRefused);
    // What is too long to stand under its picture goes before it.
    const { picture } = reply;
    if (picture === undefined) return;
    const caption: Reply = { title: picture.caption, tone: "plain" };
    this.#send({ ...to, replyTo: undefined }, async (options) => {
      const png = await this.#drawn(picture.svg);
      if (png === undefined) return NOT_DRAWN;
      return await target.sendPicture(png, caption, { ...options, isSilent: true });
    });
  }

  /** A picture with the words of the same moment under it; the words alone where a picture can't be sent. */
  #sendPicture(to: Addressee, reply: Reply, svg: string): void {
    const { picture: _, ...words } = reply;
    this.#send(
      to,
      async (options) => {
        const png = await this.#drawn(svg);
        return png === undefined ? NOT_DRAWN : await to.target.sendPicture(png, reply, options);
      },
      () => this.#sendPages(to, words),
    );
  }

  #send(
    { target, replyTo }: Addressee,
    write: (options: SendOptions) => Promise<Delivery>,
    onRefused: () => unknown = () => undefined,
  ): void {
    const options = { isSilent: false, replyTo, nonce: freshNonce() };
    this.#parts.outbox.add(target, {
      priority: "reply",
      keepMs: REPLY_KEEP_MS,
      run: async () => {
        const delivery = await write(options);
        if (delivery.type === "refused") onRefused();
        return delivery;
      },
    });
  }

  /** A picture as PNG; undefined where it can't be drawn. */
  async #drawn(svg: string): Promise<Buffer | undefined> {
    try {
      return await pngOf(svg);
    } catch (fault) {
      this.#parts.log("warn", `a picture could not be drawn: ${faultText(fault)}`);
      return undefined;
    }
  }

  /** Draws the message with the pressed button anew, or sends an answer where that can't be done. */
  redraw(visit: Visit, reply: Reply, isPrivate: boolean): void {
    const room = this.#roomOf(visit);
    const [page, ...more] = room.pages(reply);
    const { picture } = reply;
    const isAlike = visit.hasPicture === (picture !== undefined);
    const isOne = picture === undefined || fitsCaption(reply);
    if (page === undefined || more.length > 0 || !isAlike || !isOne || (isPrivate && !this.#mayShow(visit))) {
      this.reply(visit, reply, isPrivate);
      return;
    }
    this.#parts.outbox.add(room, {
      priority: "edit",
      key: `redraw:${visit.message}`,
      keepMs: REPLY_KEEP_MS,
      run: async () => {
        if (picture === undefined) return await room.edit(String(visit.message), page);
        const png = await this.#drawn(picture.svg);
        const edited =
          png === undefined ? NOT_DRAWN : await room.editPicture(String(visit.message), png, reply);
        if (edited.type === "refused" || edited.type === "gone") this.reply(visit, reply, isPrivate);
        return edited;
      },
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
