import type { CallbackQuery, Message, Chat as TelegramChat, Update } from "telegraf/types";
import type { Actor } from "../../core/proposal.ts";
import type { Clock, PlatformHealth } from "../../desk/ports.ts";
import type { Outlet } from "../board.ts";
import { cut, oneLine } from "../layout.ts";
import { type ChatLog, faultText, redactor } from "../log.ts";
import { Outbox } from "../outbox.ts";
import { outcomeReply } from "../outcome.ts";
import type { PaceLimits } from "../pace.ts";
import type { RoomMemory } from "../pace-memory.ts";
import type { TelegramSettings } from "../people.ts";
import type { Reception } from "../reception.ts";
import { splitCommand } from "../runner.ts";
import { Answers } from "./answers.ts";
import { TelegramApi } from "./api.ts";
import { Places } from "./places.ts";
import { Poller } from "./poller.ts";
import { cardAsked } from "./question.ts";
import { roomName } from "./room.ts";
import { type Visit, visitByMessage, visitByTap, whereText } from "./visit.ts";

/** Times and limits of the Telegram adapter; tests shrink them. Milliseconds unless named. */
export interface TelegramTuning {
  readonly pace: PaceLimits;
  readonly pollSeconds: number;
  /** A poll unanswered for so long is given up and the bot is built anew. */
  readonly staleMs: number;
  readonly callMs: number;
  readonly backoffMsMin: number;
  readonly backoffMsMax: number;
  /** A tap is answered after so long, whether the desk is done or not. */
  readonly ackMs: number;
}

/** What the adapter stands on. */
export interface TelegramParts {
  readonly settings: TelegramSettings;
  readonly tuning: TelegramTuning;
  readonly reception: () => Reception;
  readonly clock: Clock;
  readonly log: ChatLog;
  /** When its groups were written to before this life. */
  readonly memory?: RoomMemory;
}

/** The desk on Telegram: listens where and to whom it may, answers at once, works afterwards. */
export class TelegramAdapter {
  readonly outlets: readonly Outlet[];
  readonly #parts: TelegramParts;
  readonly #api: TelegramApi;
  readonly #places: Places;
  readonly #poller: Poller;
  readonly #outbox: Outbox;
  readonly #answers: Answers;
  readonly #log: ChatLog;
  #username = "";
  /** Settles when configured groups that moved are known under their new ids. */
  #surveyed: Promise<void> = Promise.resolve();

  constructor(parts: TelegramParts) {
    const { settings, tuning, clock } = parts;
    const { token, apiRoot, chats } = settings;
    const { pace: limits, backoffMsMin, backoffMsMax } = tuning;
    const redact = redactor([token]);
    const log: ChatLog = (level, text) => parts.log(level, redact(text));
    this.#parts = parts;
    this.#log = log;
    this.#api = new TelegramApi({ token, apiRoot, redact, callMs: tuning.callMs });
    this.#places = new Places(chats, (from, to) =>
      log("warn", `the Telegram group ${from} became a supergroup: put its new id ${to} into the settings`),
    );
    this.#outbox = new Outbox({ clock, log, limits, memory: parts.memory, backoffMsMin, backoffMsMax });
    this.#answers = new Answers({ api: this.#api, places: this.#places, outbox: this.#outbox, clock, log });
    this.outlets = chats.map(({ id, topic, alerts }) => ({
      room: this.#answers.room(id, topic, alerts),
      outbox: this.#outbox,
    }));
    this.#poller = new Poller({
      ...tuning,
      token,
      apiRoot,
      clock,
      log,
      redact,
      onLaunch: (username) => this.#launched(username),
      onUpdate: (update) => this.#detach(this.#take(update)),
    });
  }

  /** Where a person is written to alone. */
  privateOutlet(id: number): Outlet {
    return { room: this.#answers.room(id), outbox: this.#outbox };
  }

  /** Begins; returns at once, whether Telegram is there or not. */
  start(): void {
    this.#poller.start();
  }

  /** Stops listening; what waits to be written is left to `drained`. */
  stop(): void {
    this.#poller.stop();
  }

  /** Settles when nothing is left to write. */
  drained(): Promise<void> {
    return this.#outbox.drained();
  }

  /** Gives up what was not written. */
  close(): void {
    this.#outbox.close();
  }

  /** How Telegram is doing. */
  health(): PlatformHealth {
    const { isConnected, lastError } = this.#poller;
    return { platform: "telegram", isConnected, lastError, messagesSent: this.#answers.sent };
  }

  #launched(username: string): void {
    this.#username = username.toLowerCase();
    this.#surveyed = this.#survey();
    this.#detach(this.#announce());
  }

  /** A group that became a supergroup while we were away answers with its new id. */
  async #survey(): Promise<void> {
    for (const { id } of this.#places.all) {
      if (id >= 0) continue;
      const answer = await this.#api.call("getChat", { chat_id: this.#places.present(id) });
      if (!answer.ok && answer.trouble.movedTo !== undefined) this.#places.move(id, answer.trouble.movedTo);
    }
  }

  /** Puts the commands into Telegram's menu. */
  async #announce(): Promise<void> {
    const commands = this.#parts.reception().runner.registry.map(({ name, description }) => ({
      command: name,
      description: cut(oneLine(description), 256),
    }));
    const answer = await this.#api.call("setMyCommands", { commands });
    if (!answer.ok) this.#log("warn", `the command menu was not set: ${answer.trouble.reason}`);
  }

  async #take(update: Update): Promise<void> {
    if ("callback_query" in update) {
      await this.#tapped(update.callback_query);
    } else if ("my_chat_member" in update) {
      const { chat, new_chat_member: member, from } = update.my_chat_member;
      if (member.status !== "left" && member.status !== "kicked") {
        await this.#leaveUnknown(chat, `telegram:${from.id}`);
      }
    } else if ("channel_post" in update) {
      await this.#posted(update.channel_post);
    } else if ("message" in update) {
      await this.#heard(update.message);
    }
  }

  async #heard(message: Message): Promise<void> {
    if ("migrate_to_chat_id" in message) {
      this.#places.move(message.chat.id, message.migrate_to_chat_id);
      return;
    }
    const visit = visitByMessage(message, this.#places);
    if (visit === undefined || (await this.#leaveUnknown(message.chat, `telegram:${visit.caller}`))) return;
    if (!("text" in message)) return;
    if (!message.text.startsWith("/")) {
      const card = cardAsked(message, this.#username);
      if (card !== undefined) await this.#explained(visit, card, message.text);
      return;
    }
    const line = splitCommand(message.text);
    if (line === undefined) return;
    if (line.addressee !== undefined && line.addressee.toLowerCase() !== this.#username) return;
    const reception = this.#parts.reception();
    if (line.name === "link" && (await this.#redeemed(visit, line.words))) return;
    const actor = this.#admitted(visit, visit.isPerson ? "a command" : "a command in nobody's own words");
    if (actor === undefined) return;
    const command = reception.runner.find(line.name);
    // In a group, an unknown command may be meant for another bot.
    if (command === undefined && !visit.isOwnChat && line.addressee === undefined) return;
    const sentWallAt = message.date * 1_000;
    const reply = await reception.command({ name: line.name, input: line.words, actor, sentWallAt });
    this.#answers.reply(visit, reply, command?.isPrivate === true);
  }

  /** Somebody answers the question why they rejected a card. */
  async #explained(visit: Visit, card: string, text: string): Promise<void> {
    const actor = this.#admitted(visit, "a reason");
    if (actor === undefined) return;
    const outcome = await this.#parts.reception().explain(card, text, actor);
    this.#answers.reply(visit, outcomeReply(outcome, "Noted", "Not noted"), false);
  }

  /** A channel speaks for nobody: its commands are only noted. */
  async #posted(post: Message): Promise<void> {
    if (await this.#leaveUnknown(post.chat, "a channel")) return;
    if (!("text" in post) || !post.text.startsWith("/")) return;
    this.#parts.reception().stranger("a channel", `telegram chat ${post.chat.id}`, "a command");
  }

  async #tapped(query: CallbackQuery): Promise<void> {
    const visit = visitByTap(query, this.#places);
    if (visit === undefined || !("data" in query)) {
      const where = visit === undefined ? "no telegram chat" : whereText(visit);
      return this.#parts.reception().stranger(`telegram:${query.from.id}`, where, "a tap");
    }
    const actor = this.#admitted(visit, "a tap");
    if (actor === undefined) {
      if (visit.place === undefined) return;
      return await this.#answers.acknowledge(query.id, "This desk doesn't know you. Nothing was done.", true);
    }
    const reception = this.#parts.reception();
    const tap = reception.read(query.data, actor);
    if (tap === undefined) {
      await this.#answers.acknowledge(
        query.id,
        "This button is not one of this desk. Nothing was done.",
        true,
      );
    } else if (tap.type === "see") {
      const { isOk, text } = reception.see(tap, actor);
      await this.#answers.acknowledge(query.id, text, !isOk);
    } else if (tap.type === "why") {
      const { isOk, text } = await reception.mayExplain(tap.card, actor);
      await this.#answers.acknowledge(query.id, text, !isOk);
      if (isOk) this.#answers.ask(visit, actor.person, tap.card);
    } else if (tap.type === "run") {
      await this.#answers.acknowledge(query.id, "", false);
      const isPrivate = reception.runner.find(tap.line.split(" ")[0] ?? "")?.isPrivate === true;
      this.#answers.redraw(visit, await reception.press(tap, actor), isPrivate);
    } else {
      const { place, chat, message } = visit;
      // Cards stand under the configured place, which may be a whole group.
      const room = place === undefined ? String(chat) : roomName(place.id, place.topic);
      const at = { platform: "telegram", chat: room, message: String(message) } as const;
      const decided = reception.decide({ actor, decision: tap.decision, token: tap.token, place: at });
      await this.#tell(query.id, visit, actor, decided);
    }
  }

  /** The outcome as the tap's answer when it comes soon; else the card tells of success and a message of refusal. */
  async #tell(
    query: string,
    visit: Visit,
    actor: Actor,
    decided: ReturnType<Reception["decide"]>,
  ): Promise<void> {
    const early = await Promise.race([decided, this.#after(this.#parts.tuning.ackMs)]);
    if (early !== undefined) return await this.#answers.acknowledge(query, early.text, !early.isOk);
    await this.#answers.acknowledge(query, "Being checked; the card will say what came of it.", false);
    const { isOk, text } = await decided;
    if (isOk) return;
    this.#answers.reply(
      visit,
      { title: "Not done", tone: "warning", lines: [`${actor.person}: ${text}`] },
      false,
    );
  }

  /** The person behind a visit, if both they and the place are configured; others are only noted. */
  #admitted(visit: Visit, what: string): Actor | undefined {
    const reception = this.#parts.reception();
    const actor = visit.isPerson ? reception.people.onTelegram(visit.caller) : undefined;
    if (actor !== undefined && (visit.place !== undefined || visit.isOwnChat)) return actor;
    reception.stranger(`telegram:${visit.caller}`, whereText(visit), what);
    return undefined;
  }

  /** A stranger's code says whose account this is; true: that is all that is to be said of it. */
  async #redeemed(visit: Visit, [code, spare]: readonly string[]): Promise<boolean> {
    const reception = this.#parts.reception();
    if (!visit.isPerson || (visit.place === undefined && !visit.isOwnChat)) return false;
    if (code === undefined || spare !== undefined || reception.people.onTelegram(visit.caller)) return false;
    const account = { platform: "telegram", id: String(visit.caller) } as const;
    const reply = await reception.redeem(code, account, whereText(visit));
    if (reply !== undefined) this.#answers.reply(visit, reply, true);
    return true;
  }

  /** Leaves a group or channel that is not configured; true when it is none of ours. */
  async #leaveUnknown(chat: TelegramChat, who: string): Promise<boolean> {
    if (chat.type === "private" || this.#places.isKnown(chat.id)) return false;
    await this.#surveyed;
    if (this.#places.isKnown(chat.id)) return false;
    this.#parts.reception().stranger(who, `telegram chat ${chat.id}`, "a message");
    await this.#api.call("leaveChat", { chat_id: chat.id });
    return true;
  }

  #after(ms: number): Promise<undefined> {
    return new Promise((resolve) => {
      this.#parts.clock.after(ms, () => resolve(undefined));
    });
  }

  #detach(work: Promise<unknown>): void {
    work.catch((fault: unknown) => this.#log("error", `Telegram work failed: ${faultText(fault)}`));
  }
}
