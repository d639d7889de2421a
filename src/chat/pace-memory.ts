import type { Clock, MessageStore, StoredMessage } from "../desk/ports.ts";
import { type ChatLog, faultText } from "./log.ts";

/** Where the message store keeps when a group was last written to. */
const TOPIC = "pace";
/** No group takes more in a minute: older times say nothing. */
const KEPT = 20;

type Platform = StoredMessage["platform"];

/** What an outbox is told of the life before it, and tells the next one. Never throws. */
export interface RoomMemory {
  /** When a group was written to before this life, oldest first, on the clock's monotonic time. */
  recent(chat: string): readonly number[];
  /** A group is written to now. */
  note(chat: string): void;
}

/**
 * When each group was written to last: a process that follows another within the minute goes on counting where that one
 * stopped, so that both together keep the limit. A ring of the last 20 times a group; the store may fail, then it knows less.
 */
export class PaceMemory {
  readonly #messages: MessageStore;
  readonly #clock: Clock;
  readonly #log: ChatLog;
  readonly #before: readonly StoredMessage[];
  readonly #next = new Map<string, number>();

  private constructor(messages: MessageStore, clock: Clock, log: ChatLog, before: readonly StoredMessage[]) {
    this.#messages = messages;
    this.#clock = clock;
    this.#log = log;
    this.#before = before;
  }

  /** Reads what the life before left. Never rejects. */
  static async load(messages: MessageStore, clock: Clock, log: ChatLog): Promise<PaceMemory> {
    try {
      return new PaceMemory(messages, clock, log, await messages.find(TOPIC));
    } catch (fault) {
      log("warn", `when the groups were last written to is not known: ${faultText(fault)}`);
      return new PaceMemory(messages, clock, log, []);
    }
  }

  /** The part of one platform. */
  of(platform: Platform): RoomMemory {
    return {
      recent: (chat) => {
        const [wall, monotonic] = [this.#clock.now(), this.#clock.monotonic()];
        return (
          this.#before
            .filter((each) => each.platform === platform && each.chat === chat)
            .map(({ sentWallAt }) => wall - sentWallAt)
            // A clock that was set back says nothing of how long ago something was.
            .filter((ago) => ago >= 0)
            .sort((a, b) => b - a)
            .map((ago) => monotonic - ago)
        );
      },
      note: (chat) => this.#note(platform, chat),
    };
  }

  #note(platform: Platform, chat: string): void {
    const key = `${platform} ${chat}`;
    const slot = this.#next.get(key) ?? this.#oldest(platform, chat);
    this.#next.set(key, (slot + 1) % KEPT);
    this.#messages
      .save({ topic: TOPIC, platform, chat, message: String(slot), sentWallAt: this.#clock.now() })
      .catch((fault: unknown) => {
        this.#log("warn", `when ${chat} was written to can't be kept: ${faultText(fault)}`);
      });
  }

  /** The slot of the ring that follows the one written last. */
  #oldest(platform: Platform, chat: string): number {
    const own = this.#before.filter((each) => each.platform === platform && each.chat === chat);
    const latest = own.reduce<StoredMessage | undefined>(
      (last, each) => (last === undefined || each.sentWallAt >= last.sentWallAt ? each : last),
      undefined,
    );
    return latest === undefined ? 0 : (Number(latest.message) + 1) % KEPT;
  }
}
