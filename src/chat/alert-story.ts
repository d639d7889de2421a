import type { AlertIntent } from "../core/intent.ts";
import type { Clock, MessageStore } from "../desk/ports.ts";
import type { KeptAlert, LoudLevel, Notice, NoticeWay } from "./alert-desk.ts";
import { isLoud, type Loudness, rank } from "./alert-text.ts";
import type { Outlet } from "./board.ts";
import { markOf, type Seen } from "./duty.ts";
import type { Callable } from "./escalation.ts";
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
  /** Whom to ask in private, one after the other, while nobody sees to an EXTREME or CRITICAL alert; left out: nobody. */
  readonly people?: ((level: Loudness) => readonly Callable[]) | undefined;
  /** How one person wants an alert in private. With it every room is that person's, and nothing comes again by itself. */
  readonly privateWay?: ((alert: AlertIntent) => NoticeWay | undefined) | undefined;
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
  /** No room that shows alerts got it in time: it is shown in every room. */
  isEverywhere: boolean;
  /** It is over, but these have not arrived yet: until then it is kept over a restart. */
  leaving: readonly Slot[];
  /** How often somebody was asked in private to see to it, and the messages of that. */
  asked: number;
  calls: readonly Slot[];
  /** Alerts of this key, one after the other. */
  turn: Promise<void>;
}

/** A story that sounds. */
export type LoudStory = Story & { readonly level: LoudLevel };

const STORIES_MAX = 1_000;

/** Every alert's story, by its key. */
export class Stories {
  readonly #byKey = new Map<string, Story>();

  get(key: string): Story | undefined {
    return this.#byKey.get(key);
  }

  /** A story that has not begun. */
  add(last: AlertIntent, sinceWallAt: number): Story {
    const story: Story = {
      level: undefined,
      count: 0,
      sinceWallAt,
      last,
      slots: [],
      isOld: false,
      isEverywhere: false,
      leaving: [],
      asked: 0,
      calls: [],
      turn: Promise.resolve(),
    };
    this.#byKey.set(last.key, story);
    return story;
  }

  /** Those that sound and are not over, with their keys; the loudest first, and of those the oldest. */
  loud(): readonly (readonly [string, LoudStory])[] {
    return [...this.#byKey]
      .filter((entry): entry is [string, LoudStory] => isLoudStory(entry[1]))
      .sort(([, a], [, b]) => rank(b.level) - rank(a.level) || a.sinceWallAt - b.sinceWallAt);
  }

  /** The one that sounds under this mark, with its key. */
  marked(mark: string): readonly [string, LoudStory] | undefined {
    return this.loud().find(([key]) => markOf(key) === mark.toLowerCase());
  }

  /** Where there are too many, drops the oldest that is over or was never loud; gives its key and its level. */
  forget(): readonly [string, Loudness | undefined] | undefined {
    if (this.#byKey.size <= STORIES_MAX) return undefined;
    const old = [...this.#byKey].find(([, story]) => !isLoudStory(story) && story.leaving.length === 0);
    if (old === undefined) return undefined;
    this.#byKey.delete(old[0]);
    return [old[0], old[1].level];
  }
}

const isLoudStory = (story: Story): story is LoudStory => story.level !== undefined && isLoud(story.level);
