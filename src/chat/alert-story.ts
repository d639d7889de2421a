import type { AlertIntent } from "../core/intent.ts";
import type { Clock, MessageStore } from "../desk/ports.ts";
import type { KeptAlert, Notice } from "./alert-desk.ts";
import type { Loudness } from "./alert-text.ts";
import type { Outlet } from "./board.ts";
import type { Seen } from "./duty.ts";
import type { ChatLog } from "./log.ts";
import type { QuietHours } from "./notices.ts";
import type { Slot } from "./slot.ts";

/** What alerts stand on. */
export interface AlertsParts {
  readonly outlets: readonly Outlet[];
  readonly messages: MessageStore;
  readonly clock: Clock;
  readonly log: ChatLog;
  /** Keeps over a restart who has seen what. */
  readonly saveSeen?: ((seen: Seen) => void) | undefined;
  /** The same for which kinds of messages are wanted how. */
  readonly saveNotice?: ((notice: Notice, person: string) => void) | undefined;
  /** The same for alerts that nobody has seen yet, and that one is over. */
  readonly saveOpen?: ((alert: KeptAlert) => void) | undefined;
  readonly saveOver?: ((key: string) => void) | undefined;
  readonly quietHours?: QuietHours | undefined;
}

/** One key's story so far. `level` is undefined while there is none: before the first alert and after `resolved`. */
export interface Story {
  level: Loudness | undefined;
  count: number;
  sinceWallAt: number;
  last: AlertIntent;
  slots: readonly Slot[];
  /** It is from before a restart, and the desk has not said it since. */
  isOld: boolean;
  /** Alerts of this key, one after the other. */
  turn: Promise<void>;
}
