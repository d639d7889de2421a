import type { Decision } from "../core/proposal.ts";

/** A list to pick from ends after this (wall milliseconds): what it offers may be another thing by then. */
export const PICK_MS = 60_000;

/** One line of text with a label in front, e.g. "Equity" "10,012.34 USDT". */
export interface Field {
  readonly label: string;
  readonly text: string;
}

/** A small table; adapters draw it in fixed width or as a list, whichever the platform shows well on a phone. */
export interface Table {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/**
 * A button: a decision carries a proposal's token, `run` a command line that only reads, `page` another page of its answer, `pick` a
 * command line that may act, until a moment; `see` says that an alert was seen.
 */
export interface Button {
  readonly label: string;
  readonly style: "primary" | "danger" | "plain";
  readonly action:
    | { readonly type: Decision; readonly token: string }
    | { readonly type: "run"; readonly line: string }
    | { readonly type: "page"; readonly line: string; readonly page: number }
    | { readonly type: "pick"; readonly line: string; readonly untilWallAt: number }
    /** Asks whoever rejected the card for the reason. */
    | { readonly type: "why"; readonly card: string }
    /** With `minutes` it is only put off. */
    | { readonly type: "see"; readonly mark: string; readonly minutes?: number };
}

/** What a person is told, free of any platform: each adapter renders it within its own limits. */
export interface Reply {
  readonly title: string;
  readonly tone: "plain" | "good" | "warning" | "danger";
  readonly lines?: readonly string[];
  readonly fields?: readonly Field[];
  readonly table?: Table;
  readonly buttons?: readonly (readonly Button[])[];
  readonly footer?: string;
  /** For where people can look as well as read: an SVG of the same moment, with a line under it. */
  readonly picture?: { readonly svg: string; readonly caption: string };
  /** The command line that draws it anew: its pages are turned in place. Without it they come one after another. */
  readonly line?: string;
  /** Which of its pages is wanted, from 1. */
  readonly page?: number;
  /** Only the caller sees it where the platform can (Discord ephemeral). */
  readonly isPrivate?: boolean;
  /** Nobody but the caller ever sees it, also where the account's money is shown to all. */
  readonly isSecret?: boolean;
}
