import type { AlertLevel } from "../core/intent.ts";

/** Levels that sound. */
export type LoudLevel = Extract<AlertLevel, "high" | "extreme" | "critical">;

/** An alert that sounded and is not resolved. */
export interface OpenAlert {
  /** Four characters that stay the same as long as the alert's key does, over restarts too. */
  readonly mark: string;
  readonly level: LoudLevel;
  readonly title: string;
  readonly sinceWallAt: number;
  readonly count: number;
  /** Who said that it was seen. */
  readonly seenBy: string | undefined;
  /** Until when it keeps quiet (wall); undefined with a person: for as long as it gets no worse. */
  readonly untilWallAt: number | undefined;
}

/** An alert that sounded, as it is kept over a restart until somebody has seen it. */
export interface KeptAlert {
  readonly key: string;
  readonly level: LoudLevel;
  readonly title: string;
  readonly lines: readonly string[];
  readonly sinceWallAt: number;
}

/** How messages of a kind that do not sound are wanted: at once, at once without a sound (HIGH too), once an hour, or never. */
export type NoticeWay = "on" | "silent" | "digest" | "off";

/** A kind of messages, by the beginning of their key, and how it is wanted. */
export interface Notice {
  readonly kind: string;
  readonly way: NoticeWay;
}

/** How one person wants messages in private, beside the rooms: as a notice, or only in the rooms (`off`: not even to be asked). */
export type OwnWay = NoticeWay | "room";

/** A kind of messages, a level that sounds, or `all`, and how one person wants it in private. */
export interface OwnNotice {
  readonly kind: string;
  readonly way: OwnWay;
}

/** What people may do about alerts. */
export interface AlertDesk {
  /** The loudest first, and of those the oldest. */
  open(): readonly OpenAlert[];
  /** Somebody has seen it: it sounds no more until it gets worse, or until `forMs` have gone. The outcome as a sentence. */
  seen(mark: string, person: string, forMs?: number): { readonly isOk: boolean; readonly text: string };
  /** Every kind of message that came so far or was chosen about. */
  notices(): readonly Notice[];
  choose(notice: Notice, person: string): void;
  /** What a person has chosen for their private chat, by kind. */
  own(person: string): readonly OwnNotice[];
  /** Chooses for the person's private chat; or says in one sentence why that can't be. */
  chooseOwn(notice: OwnNotice, person: string): { readonly isOk: boolean; readonly text: string };
}
