import type { ApiError, Message, UserFromGetMe } from "telegraf/types";
import { type CallbackAnswer, Callbacks } from "./callbacks.ts";
import { type Answer, Door, type Fault, fault, type Visit } from "./door.ts";
import { Flood, type FloodLimits } from "./flood.ts";
import { Journal } from "./journal.ts";
import { type Method, methodsOf } from "./methods.ts";
import type { FormFile } from "./multipart.ts";
import { type Parameters, parametersOf } from "./parameters.ts";
import { conflict, Refusal, tooMany } from "./refusal.ts";
import { Rooms, type StoredMessage, type TelegramPerson, type TelegramRoom } from "./rooms.ts";
import { type ChatRef, type MessageRef, type SayOptions, Speech } from "./speech.ts";
import { Updates } from "./updates.ts";

/** What an emulated Telegram starts with. */
export interface TelegramOptions {
  /** The bot's token; the digits before the colon are the bot's user id. */
  readonly token: string;
  readonly users: readonly TelegramPerson[];
  readonly chats?: readonly TelegramRoom[];
  readonly botUsername?: string;
  /** The port to listen on; a free one when left out. */
  readonly port?: number;
  /** Limits on sending; Telegram's own when left out. */
  readonly flood?: FloodLimits | "off";
  /** How long a tap may wait for its answer, in ms. */
  readonly callbackWindowMs?: number;
  /** True: the bot hears every message in groups (its privacy mode is off). */
  readonly hearsAll?: boolean;
}

/** One call of a method other than `getUpdates`: what was asked, and what came of it. */
export interface TelegramCall {
  readonly method: string;
  /** Arguments as they were sent; those of a form are texts. */
  readonly params: Readonly<Record<string, unknown>>;
  readonly files: ReadonlyMap<string, FormFile>;
  /** When it came, in ms since the epoch. */
  readonly at: number;
  readonly result?: unknown;
  /** The message that was sent or edited, as it stands after the call. */
  readonly message?: StoredMessage;
  readonly error?: ApiError;
}

/** An emulated Telegram Bot API on loopback, with the people who use it. */
export class Telegram {
  readonly token: string;
  readonly bot: UserFromGetMe;
  readonly journal = new Journal<TelegramCall>();
  readonly flood: Flood;
  readonly updates = new Updates();
  readonly rooms: Rooms;
  readonly #speech: Speech;
  readonly #callbacks: Callbacks;
  readonly #methods: ReadonlyMap<string, Method>;
  readonly #door: Door;
  readonly #faults = new Set<Fault>();
  #isContested = false;
  #isLossy = false;
  #floodedUntil = 0;
  #isPollFlooded = false;

  /** Faults, each in force for its time (Infinity: until ended) and ended early by `end()`. */
  readonly fault = {
    /** Another bot instance reads with the same token: every `getUpdates` gets 409. */
    conflict409: (ms: number): Fault => {
      const set = (isContested: boolean) => () => {
        this.#isContested = isContested;
        if (isContested) this.updates.end();
      };
      return this.#keep(fault(ms, set(true), set(false)));
    },
    /** Every call gets 429 with the seconds that are left; `getUpdates` too if `polls` is set. */
    flood429: (seconds: number, { polls = false } = {}): Fault => {
      const set = (until: number) => () => {
        this.#floodedUntil = until;
        this.#isPollFlooded = polls;
        if (polls && until > 0) this.updates.end(tooMany(seconds));
      };
      return this.#keep(fault(seconds * 1_000, set(performance.now() + seconds * 1_000), set(0)));
    },
    /** Requests are accepted and never answered or carried out; a long poll that waits is never answered either. */
    hang: (ms: number): Fault => {
      this.updates.abandon();
      return this.#door.hang(ms);
    },
    /** The port is closed and every connection cut; afterwards it listens on the same port. */
    down: (ms: number): Fault => this.#door.down(ms),
    /** Calls are carried out, but their answers never arrive. */
    lost: (ms: number): Fault => {
      const set = (isLossy: boolean) => () => {
        this.#isLossy = isLossy;
      };
      return this.#keep(fault(ms, set(true), set(false)));
    },
  };

  constructor(options: TelegramOptions) {
    this.token = options.token;
    this.bot = {
      id: Number.parseInt(options.token, 10),
      is_bot: true,
      first_name: options.botUsername ?? "perpdesk",
      username: options.botUsername ?? "perpdesk_bot",
      can_join_groups: true,
      can_read_all_group_messages: options.hearsAll ?? false,
      supports_inline_queries: false,
    };
    this.rooms = new Rooms(this.bot, options.users, options.chats ?? []);
    this.flood = new Flood(options.flood);
    this.#callbacks = new Callbacks(options.callbackWindowMs ?? 15_000);
    this.#speech = new Speech(this.rooms, this.updates, this.#callbacks);
    this.#methods = methodsOf({
      rooms: this.rooms,
      updates: this.updates,
      callbacks: this.#callbacks,
      flood: this.flood,
    });
    this.#door = new Door((visit) => this.#serve(visit));
  }

  /** Starts listening. */
  async open(port = 0): Promise<void> {
    await this.#door.open(port);
  }

  /** What telegraf's `telegram.apiRoot` is set to. */
  get apiRoot(): string {
    return `http://127.0.0.1:${this.#door.port}`;
  }

  /** All calls so far. */
  get calls(): readonly TelegramCall[] {
    return this.journal.entries;
  }

  /** The oldest wanted call that no earlier wait has taken; rejects after `ms`. */
  wait(wants: (call: TelegramCall) => boolean, ms?: number): Promise<TelegramCall> {
    return this.journal.wait(wants, ms);
  }

  /** A person writes in a chat (or to the bot: pass the person as the chat). */
  say(person: TelegramPerson, chat: ChatRef, text: string, options?: SayOptions): Message.TextMessage {
    return this.#speech.say(person, chat, text, options);
  }

  /** A post in a channel. */
  post(chat: ChatRef, text: string): Message.TextMessage {
    return this.#speech.post(chat, text);
  }

  /** A person taps a button; data and message may be made up. Gives the tap's id. */
  press(person: TelegramPerson, message: MessageRef, data: string): string {
    return this.#speech.press(person, message, data);
  }

  /** Delivers a tap again under a new update id. */
  redeliver(tap: string): void {
    this.#speech.redeliver(tap);
  }

  /** Lets a tap grow too old to be answered. */
  expire(tap: string): void {
    this.#callbacks.expire(tap);
  }

  /** What the bot answered to a tap; waits for it up to `ms`. */
  async answered(tap: string, ms?: number): Promise<CallbackAnswer> {
    const known = this.#callbacks.answerTo(tap);
    if (known !== undefined) return known;
    await this.journal.see((call) => call.params["callback_query_id"] === tap && call.result === true, ms);
    return this.#callbacks.answerTo(tap) ?? { text: "", isAlert: false };
  }

  /** The messages that stand in a chat, oldest first. */
  messages(chat: ChatRef): readonly StoredMessage[] {
    const id = typeof chat === "number" ? chat : chat.id;
    return [...(this.rooms.find(id)?.messages.values() ?? [])];
  }

  /** A person blocks the bot: it can't write to them any more. */
  block(person: TelegramPerson): void {
    const room = this.rooms.find(person.id);
    if (room !== undefined) room.shut = new Refusal(403, "Forbidden: bot was blocked by the user");
  }

  /** A group becomes a supergroup with another id, which is given back; calls with the old id are refused and name the new one. */
  migrate(chat: ChatRef): number {
    const id = typeof chat === "number" ? chat : chat.id;
    const room = this.rooms.find(id);
    if (room === undefined || room.chat.type !== "group") throw new Error(`chat ${id} is no plain group`);
    const moved = id - 1_000_000_000_000;
    this.rooms.addRoom({ id: moved, title: room.chat.title, kind: "supergroup", admins: [...room.admins] });
    room.shut = new Refusal(400, "Bad Request: group chat was upgraded to a supergroup chat", {
      migrate_to_chat_id: moved,
    });
    const from = this.rooms.person([...room.admins][0] ?? 1);
    const date = Math.floor(Date.now() / 1_000);
    const message = {
      message_id: room.nextMessageId++,
      from,
      chat: room.chat,
      date,
      migrate_to_chat_id: moved,
    };
    this.updates.push({ message });
    return moved;
  }

  /** Ends all faults and stops listening. */
  async close(): Promise<void> {
    await Promise.all([...this.#faults].map((each) => each.end()));
    await this.#door.close();
  }

  #keep(started: Fault): Fault {
    this.#faults.add(started);
    void started.over.then(() => this.#faults.delete(started));
    return started;
  }

  async #serve(visit: Visit): Promise<Answer | undefined> {
    const [, token, method = ""] = /^\/bot([^/]+)\/(\w+)$/.exec(visit.url.pathname) ?? [];
    if (token === undefined) return answer(new Refusal(404, "Not Found"));
    if (decodeURIComponent(token) !== this.token) return answer(new Refusal(401, "Unauthorized"));
    try {
      const parameters = parametersOf(visit);
      const name = method.toLowerCase();
      const isPoll = name === "getupdates";
      const result = isPoll ? await this.#poll(parameters, visit.gone) : this.#call(method, parameters);
      return this.#isLossy && !isPoll ? undefined : { status: 200, body: { ok: true, result } };
    } catch (error) {
      if (error instanceof Refusal) return answer(error);
      throw error;
    }
  }

  #call(method: string, parameters: Parameters): unknown {
    const asked = { method, params: parameters.values, files: parameters.files, at: Date.now() };
    try {
      const action = this.#methods.get(method.toLowerCase());
      if (action === undefined) throw new Refusal(404, "Not Found");
      this.#checkFlood();
      const result = action(parameters);
      const isMessage = typeof result === "object" && result !== null && "message_id" in result;
      this.journal.record({ ...asked, result, ...(isMessage ? { message: result as StoredMessage } : {}) });
      return result;
    } catch (error) {
      if (error instanceof Refusal) this.journal.record({ ...asked, error: error.body });
      throw error;
    }
  }

  #poll(parameters: Parameters, gone: AbortSignal): Promise<unknown> {
    if (this.#isContested) throw conflict();
    if (this.#isPollFlooded) this.#checkFlood();
    const allowed = parameters.json("allowed_updates");
    return this.updates.poll(
      {
        offset: parameters.integer("offset") ?? 0,
        limit: Math.min(100, Math.max(1, parameters.integer("limit") ?? 100)),
        timeout: Math.min(50, parameters.integer("timeout") ?? 0),
        allowed: Array.isArray(allowed) ? (allowed as string[]) : undefined,
      },
      gone,
    );
  }

  #checkFlood(): void {
    const left = this.#floodedUntil - performance.now();
    if (left > 0) throw tooMany(left / 1_000);
  }
}

function answer(refusal: Refusal): Answer {
  return { status: refusal.code, body: refusal.body };
}

/** Starts an emulated Telegram on loopback. */
export async function createTelegram(options: TelegramOptions): Promise<Telegram> {
  const telegram = new Telegram(options);
  await telegram.open(options.port);
  return telegram;
}
