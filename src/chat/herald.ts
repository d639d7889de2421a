import type { Clock } from "../desk/ports.ts";
import { AlertSlots } from "./alert-slots.ts";
import type { Outlet } from "./board.ts";
import { DiscordApi } from "./discord/api.ts";
import { DiscordRoom, EDIT_MS_MAX } from "./discord/room.ts";
import { type ChatLog, redactor } from "./log.ts";
import { Outbox } from "./outbox.ts";
import { DISCORD_PACE, type PaceLimits, TELEGRAM_PACE } from "./pace.ts";
import type { ChatSettings, DiscordSettings, TelegramSettings } from "./people.ts";
import type { Reply } from "./reply.ts";
import type { Slot } from "./slot.ts";
import { TelegramApi } from "./telegram/api.ts";
import { Places } from "./telegram/places.ts";
import { TelegramRoom } from "./telegram/room.ts";

const CALL_MS = 10_000;

/**
 * Speaks in the desk's chats with the desk's tokens and hears nothing: it neither reads updates nor opens a gateway session,
 * which would take them from the desk. Says it in each room that shows alerts, and on a platform without one in its first room.
 */
export class Herald {
  readonly #outboxes: readonly Outbox[];
  readonly #rooms: AlertSlots;
  #last: readonly Slot[] = [];

  constructor(settings: ChatSettings, clock: Clock, log: ChatLog) {
    const { telegram, discord } = settings;
    const redact = redactor([telegram?.token ?? "", discord?.token ?? ""].filter((token) => token !== ""));
    const safe: ChatLog = (level, text) => log(level, redact(text));
    const outbox = (limits: PaceLimits): Outbox => new Outbox({ clock, log: safe, limits });
    const [first, second] = [outbox(TELEGRAM_PACE), outbox(DISCORD_PACE)];
    this.#outboxes = [first, second];
    this.#rooms = new AlertSlots(
      [
        ...(telegram === undefined ? [] : telegramOutlets(telegram, redact, safe, first)),
        ...(discord === undefined ? [] : discordOutlets(discord, redact, second)),
      ],
      clock,
    );
  }

  /** Says something; it is tried until it was delivered. It answers what was said before. */
  say(reply: Reply, isSilent: boolean): void {
    const news = { onSent: () => undefined, onTold: () => undefined };
    this.#last = this.#rooms.make(news, "eachPlatform", { old: this.#last });
    for (const slot of this.#last)
      slot.show({ draw: () => reply, priority: "critical", isSilent, mayStart: true });
  }

  /** Settles when all was delivered. */
  async drained(): Promise<void> {
    await Promise.all(this.#outboxes.map((outbox) => outbox.drained()));
  }

  /** Gives up what was not delivered. */
  close(): void {
    for (const outbox of this.#outboxes) outbox.close();
  }
}

function telegramOutlets(
  { token, apiRoot, chats }: TelegramSettings,
  redact: (text: string) => string,
  log: ChatLog,
  outbox: Outbox,
): readonly Outlet[] {
  const api = new TelegramApi({ token, apiRoot, redact, callMs: CALL_MS });
  const places = new Places(chats, (from, to) =>
    log("warn", `the Telegram group ${from} became a supergroup: put its new id ${to} into the settings`),
  );
  return chats.map(({ id, topic, alerts }) => ({
    room: new TelegramRoom({ api, places, id, topic, showsAlerts: alerts, onWritten: () => undefined }),
    outbox,
  }));
}

function discordOutlets(
  { token, apiBase, channels }: DiscordSettings,
  redact: (text: string) => string,
  outbox: Outbox,
): readonly Outlet[] {
  const api = new DiscordApi({ token, apiBase, redact, callMs: CALL_MS, requestsPerSecond: 50 });
  return channels.map(({ id, alerts }) => ({
    room: new DiscordRoom({
      api,
      channel: id,
      showsAlerts: alerts,
      editMsMax: EDIT_MS_MAX,
      onWritten: () => undefined,
    }),
    outbox,
  }));
}
