import type { MessageStore, StoredMessage } from "../desk/ports.ts";
import { LEVELS, type Loudness } from "./alert-text.ts";
import { type ChatLog, faultText } from "./log.ts";

const topicOf = (key: string, level: Loudness): string => `alert:${key}#${level}`;
/** Kinds that say that the desk lives. */
const SIGNS = ["heartbeat:", "life:"];
/** Kinds whose messages stand alone: nothing ever changes one of them. */
const ALONE = [...SIGNS, "digest:"];

/** Whether an alert only says that the desk lives: that is told on each platform. */
export const isSignOfLife = (key: string): boolean => SIGNS.some((kind) => key.startsWith(kind));

/** What is known of an alert from before a restart: its highest level, and the messages that showed it. */
export interface Recalled {
  readonly level: Loudness;
  readonly messages: readonly StoredMessage[];
}

/**
 * Where the messages of alerts stand, kept in the message store. A store that fails is logged and costs only the memory of
 * places: nothing here rejects.
 */
export class AlertPlaces {
  readonly #messages: MessageStore;
  readonly #log: ChatLog;

  constructor(messages: MessageStore, log: ChatLog) {
    this.#messages = messages;
    this.#log = log;
  }

  /** Undefined: no message of it stands; "unknown": the store does not say. */
  async recall(key: string): Promise<Recalled | "unknown" | undefined> {
    try {
      for (const level of [...LEVELS].reverse()) {
        const messages = await this.#messages.find(topicOf(key, level));
        if (messages.length > 0) return { level, messages };
      }
      return undefined;
    } catch (fault) {
      this.#log("warn", `alerts from before could not be looked up: ${faultText(fault)}`);
      return "unknown";
    }
  }

  /** Keeps where a message of an alert stands. */
  keep(key: string, level: Loudness, place: Omit<StoredMessage, "topic">): void {
    if (ALONE.some((kind) => key.startsWith(kind))) return;
    void this.#tried("the place of an alert was not stored", () =>
      this.#messages.save({ ...place, topic: topicOf(key, level) }),
    );
  }

  /** The messages follow the alert to its new level. */
  move(key: string, before: Loudness, level: Loudness): Promise<void> {
    return this.#tried("an alert's place was not stored under its new level", async () => {
      const stored = await this.#messages.find(topicOf(key, before));
      await this.#messages.remove(topicOf(key, before));
      for (const each of stored) await this.#messages.save({ ...each, topic: topicOf(key, level) });
    });
  }

  /** What stands now is never changed again. */
  forget(key: string, level: Loudness): Promise<void> {
    return this.#tried("an old alert was not removed from the store", () =>
      this.#messages.remove(topicOf(key, level)),
    );
  }

  async #tried(otherwise: string, act: () => Promise<void>): Promise<void> {
    try {
      await act();
    } catch (fault) {
      this.#log("warn", `${otherwise}: ${faultText(fault)}`);
    }
  }
}
