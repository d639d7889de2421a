import type { APIAttachment, APIMessage, APIUser } from "discord.js";
import type { FormFile } from "../telegram/multipart.ts";
import type { Directory } from "./directory.ts";
import { checkMessage, FLAGS, type MessageBody } from "./message-rules.ts";
import { invalid, Problem, problems } from "./problem.ts";
import type { Snowflakes } from "./snowflake.ts";

/** Files of a call by their field name, `files[0]` and so on. */
export type Files = ReadonlyMap<string, FormFile>;

const NO_FLAGS: number = 0;
const HOUR = 3_600_000;
const FILE_BYTES_MAX = 10 * 1024 * 1024;
const SENDABLE_FLAGS = FLAGS.suppressEmbeds | FLAGS.suppressNotifications | FLAGS.componentsV2;
const EDITABLE_FLAGS = FLAGS.suppressEmbeds | FLAGS.componentsV2;

/** What the store tells others: a message is there, has changed or is gone. */
export type MessageListener = (
  event: "MESSAGE_CREATE" | "MESSAGE_UPDATE" | "MESSAGE_DELETE",
  message: APIMessage,
) => void;

/** All messages of the emulated Discord. Each edit makes a new object: what was handed out before stays as it was. */
export class Messages {
  readonly #messages = new Map<string, APIMessage>();
  readonly #nonces = new Map<string, string>();
  readonly #directory: Directory;
  readonly #snowflakes: Snowflakes;
  readonly #listener: MessageListener;
  readonly #oldEditRetrySeconds: number;

  constructor(
    directory: Directory,
    snowflakes: Snowflakes,
    listener: MessageListener,
    oldEditRetrySeconds: number,
  ) {
    this.#directory = directory;
    this.#snowflakes = snowflakes;
    this.#listener = listener;
    this.#oldEditRetrySeconds = oldEditRetrySeconds;
  }

  /** A message by id, ephemeral ones too. */
  find(id: string): APIMessage | undefined {
    return this.#messages.get(id);
  }

  /** The messages that stand in a channel, oldest first, without ephemeral ones. */
  list(channel: string): readonly APIMessage[] {
    return [...this.#messages.values()].filter((each) => each.channel_id === channel && !isEphemeral(each));
  }

  /** A message of a channel; refuses an unknown, foreign-channel or ephemeral one. */
  get(channel: string, id: string): APIMessage {
    const message = this.#messages.get(id);
    if (message?.channel_id !== channel || isEphemeral(message)) throw problems.unknownMessage();
    return message;
  }

  /** The bot sends to a channel: checked, answered with the earlier message when an enforced nonce comes again. */
  send(channel: string, body: MessageBody, files: Files): APIMessage {
    this.#directory.writable(channel);
    checkMessage(body, { isNew: true, fileCount: files.size });
    const nonce = body["nonce"];
    const key = `${channel} ${nonce}`;
    const isEnforced = body["enforce_nonce"] === true && nonce !== undefined && nonce !== null;
    const earlier = isEnforced ? this.#messages.get(this.#nonces.get(key) ?? "") : undefined;
    if (earlier !== undefined) return earlier;
    const flags = Number(body["flags"] ?? 0) & SENDABLE_FLAGS;
    const message = this.put(channel, this.#directory.bot, body, files, {
      flags,
      ...this.#reply(channel, body),
    });
    if (isEnforced) this.#nonces.set(key, message.id);
    return message;
  }

  /** Files a message whose content is already checked. */
  put(
    channel: string,
    author: APIUser,
    body: MessageBody,
    files: Files,
    extra: Partial<APIMessage> = {},
  ): APIMessage {
    const message: APIMessage = {
      id: this.#snowflakes.next(),
      channel_id: channel,
      author,
      content: textOf(body["content"]),
      timestamp: new Date().toISOString(),
      edited_timestamp: null,
      tts: body["tts"] === true,
      ...this.#mentions(body),
      mention_roles: [],
      attachments: this.#attachments(body, files, []),
      embeds: listOf(body["embeds"]) as APIMessage["embeds"],
      components: numbered(body["components"]),
      pinned: false,
      type: 0,
      flags: NO_FLAGS,
      ...(body["nonce"] === undefined || body["nonce"] === null ? {} : { nonce: String(body["nonce"]) }),
      ...extra,
    };
    this.#messages.set(message.id, message);
    if (!isEphemeral(message)) this.#listener("MESSAGE_CREATE", message);
    return message;
  }

  /** The bot edits a message of its own in a channel; refuses others' messages, and messages older than an hour (30046, as a 429). */
  edit(channel: string, id: string, body: MessageBody, files: Files): APIMessage {
    this.#directory.channel(channel);
    const message = this.get(channel, id);
    if (message.author.id !== this.#directory.bot.id) throw problems.foreignMessage();
    if (Date.now() - Date.parse(message.timestamp) > HOUR) throw tooOld(this.#oldEditRetrySeconds);
    return this.change(message, body, files);
  }

  /** Changes what is given and keeps the rest, after the same checks as for a new message. */
  change(message: APIMessage, body: MessageBody, files: Files, at: readonly string[] = []): APIMessage {
    const before = message.flags ?? 0;
    const isV2 = (before & FLAGS.componentsV2) !== 0;
    checkMessage(body, { isNew: false, fileCount: files.size, isV2, at });
    const flags = (before & ~FLAGS.loading) | (Number(body["flags"] ?? 0) & EDITABLE_FLAGS);
    const has = (name: string): boolean => body[name] !== undefined;
    const changed: APIMessage = {
      ...message,
      ...(has("content") ? { content: textOf(body["content"]), ...this.#mentions(body) } : {}),
      ...(has("embeds") ? { embeds: listOf(body["embeds"]) as APIMessage["embeds"] } : {}),
      ...(has("components") ? { components: numbered(body["components"]) } : {}),
      attachments: this.#attachments(body, files, message.attachments),
      edited_timestamp: new Date().toISOString(),
      flags,
    };
    const { content, embeds, components = [], attachments } = changed;
    if (content === "" && embeds.length + components.length + attachments.length === 0)
      throw problems.emptyMessage();
    this.#messages.set(message.id, changed);
    if (!isEphemeral(changed)) this.#listener("MESSAGE_UPDATE", changed);
    return changed;
  }

  /** Removes a message. */
  remove(message: APIMessage): void {
    this.#messages.delete(message.id);
    if (!isEphemeral(message)) this.#listener("MESSAGE_DELETE", message);
  }

  /** Makes a message older by some ms. */
  age(id: string, ms: number): void {
    const message = this.#messages.get(id);
    if (message === undefined) throw new Error(`there is no message ${id}`);
    const timestamp = new Date(Date.parse(message.timestamp) - ms).toISOString();
    this.#messages.set(id, { ...message, timestamp });
  }

  #reply(channel: string, body: MessageBody): Partial<APIMessage> {
    const reference = body["message_reference"] as Readonly<Record<string, unknown>> | null | undefined;
    if (reference === undefined || reference === null) return {};
    const message = this.#messages.get(String(reference["message_id"]));
    if (message?.channel_id !== channel || isEphemeral(message)) {
      if (reference["fail_if_not_exists"] === false) return {};
      throw invalid(["message_reference"], "REPLIES_UNKNOWN_MESSAGE", "Unknown message");
    }
    const guild = this.#directory.guildOf(channel);
    return {
      type: 19,
      message_reference: {
        type: 0,
        channel_id: channel,
        message_id: message.id,
        ...(guild === undefined ? {} : { guild_id: guild }),
      },
      referenced_message: message,
    };
  }

  /** Who is pinged: those named in the content as far as `allowed_mentions` lets them be; without it, everyone named. */
  #mentions(body: MessageBody): Pick<APIMessage, "mentions" | "mention_everyone"> {
    const content = textOf(body["content"]);
    const allowed = body["allowed_mentions"] as { parse?: string[]; users?: string[] } | null | undefined;
    const isAllowed = (kind: string) =>
      allowed === undefined || allowed === null || allowed.parse?.includes(kind) === true;
    const named = [...new Set([...content.matchAll(/<@!?(\d+)>/g)].map((match) => match[1] ?? ""))];
    const pinged = named.filter((id) => isAllowed("users") || allowed?.users?.includes(id) === true);
    return {
      mentions: pinged.map((id) => this.#directory.user(id)),
      mention_everyone: /@(everyone|here)/.test(content) && isAllowed("everyone"),
    };
  }

  /** Attachments after a call: those kept, and the new files with the descriptions that the body gives them. */
  #attachments(body: MessageBody, files: Files, before: readonly APIAttachment[]): APIAttachment[] {
    const listed = body["attachments"] as { id: string | number; description?: string }[] | null | undefined;
    const isKept = (attachment: APIAttachment) =>
      listed === undefined || listed === null || listed.some((each) => String(each.id) === attachment.id);
    const added = [...files].map(([field, file]): APIAttachment => {
      if (file.bytes.length > FILE_BYTES_MAX) throw problems.tooLarge();
      const index = /^files\[(\d+)\]$/.exec(field)?.[1];
      const description = listed?.find((each) => String(each.id) === index)?.description;
      const id = this.#snowflakes.next();
      const url = `https://cdn.discordapp.com/attachments/${id}/${encodeURIComponent(file.name)}`;
      const described = description === undefined ? {} : { description };
      return {
        id,
        filename: file.name,
        size: file.bytes.length,
        url,
        proxy_url: url,
        content_type: file.type,
        ...described,
      };
    });
    return [...before.filter(isKept), ...added];
  }
}

/** True when only one person sees the message. */
export function isEphemeral(message: APIMessage): boolean {
  return ((message.flags ?? 0) & FLAGS.ephemeral) !== 0;
}

function tooOld(seconds: number): Problem {
  const message = "Maximum number of edits to messages older than 1 hour reached. Try again later.";
  return new Problem(429, 30046, message, {
    extra: { retry_after: seconds, global: false },
    headers: { "retry-after": String(Math.ceil(seconds)), "x-ratelimit-scope": "shared" },
  });
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

/** Components with the ids that Discord gives those that have none: 1, 2, 3 ... in order. */
function numbered(components: unknown): NonNullable<APIMessage["components"]> {
  let next = 1;
  const number = (component: Readonly<Record<string, unknown>>): unknown => {
    const id = component["id"] ?? next++;
    const inner = component["components"];
    return { ...component, id, ...(Array.isArray(inner) ? { components: inner.map(number) } : {}) };
  };
  return (listOf(components) as Readonly<Record<string, unknown>>[]).map(number) as NonNullable<
    APIMessage["components"]
  >;
}
