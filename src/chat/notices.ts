import type { AlertIntent, AlertLevel } from "../core/intent.ts";
import type { Clock } from "../desk/ports.ts";
import type { Notice, NoticeWay } from "./alert-desk.ts";
import { counted } from "./format.ts";

const DIGEST_MS = 3_600_000;
/** The kind of what was held back: it comes however that is wanted, since it says what was. */
const DIGEST = "digest";

/** Hours of the day in which little sounds. */
export interface QuietHours {
  /** "22:00" */
  readonly from: string;
  readonly to: string;
  /** An IANA name, e.g. "Europe/Zurich". */
  readonly timeZone: string;
}

/** What notices are built from. */
export interface NoticesParts {
  readonly clock: Clock;
  readonly quietHours: QuietHours | undefined;
  /** Sends what was held back. */
  readonly tell: (digest: AlertIntent) => void;
  /** Keeps a choice over a restart. */
  readonly save: (notice: Notice, person: string) => void;
  /** How one person wants it; left out: as it was chosen for the rooms. */
  readonly wayOf?: ((alert: AlertIntent) => NoticeWay | undefined) | undefined;
}

/** The kind of an alert: what its key begins with, without the mark of what is told beside another one. */
export const kindOf = ({ key }: AlertIntent): string => (key.split(":")[0] ?? key).replace(/~+$/, "");

/**
 * Which kinds of messages people want how: at once, without a sound, together once an hour, or not at all. Whatever is EXTREME or
 * CRITICAL always comes at once and sounds, HIGH always comes.
 */
export class Notices {
  readonly #parts: NoticesParts;
  readonly #ways = new Map<string, NoticeWay>();
  readonly #kinds = new Set<string>();
  readonly #held = new Map<string, { count: number; last: string }>();
  #cancel: (() => void) | undefined;

  constructor(parts: NoticesParts) {
    this.#parts = parts;
  }

  restore(notices: readonly Notice[]): void {
    for (const { kind, way } of notices) this.#ways.set(kind, way);
  }

  /** Every kind that was seen or chosen, by name. */
  list(): readonly Notice[] {
    return [...new Set([...this.#kinds, ...this.#ways.keys()])]
      .sort()
      .map((kind) => ({ kind, way: this.#ways.get(kind) ?? "on" }));
  }

  choose(notice: Notice, person: string): void {
    this.#ways.set(notice.kind, notice.way);
    this.#parts.save(notice, person);
  }

  /** Whether an alert is shown now; what is to come together is kept for that. */
  takes(alert: AlertIntent): boolean {
    const kind = kindOf(alert);
    if (kind === DIGEST) return true;
    if (alert.level !== "resolved") this.#kinds.add(kind);
    if (alert.level !== "info" && alert.level !== "notice") return true;
    const way = this.#wayOf(alert);
    if (way === "digest") this.#hold(kind, alert.title);
    return way === "on" || way === "silent";
  }

  /** Whether a message that would sound must not. */
  isSilent(alert: AlertIntent, level: AlertLevel): boolean {
    if (level !== "high") return false;
    return this.#wayOf(alert) !== "on" || this.#isQuietHour();
  }

  #wayOf(alert: AlertIntent): NoticeWay {
    const { wayOf } = this.#parts;
    return wayOf === undefined ? (this.#ways.get(kindOf(alert)) ?? "on") : (wayOf(alert) ?? "off");
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #hold(kind: string, title: string): void {
    const held = this.#held.get(kind);
    this.#held.set(kind, { count: (held?.count ?? 0) + 1, last: title });
    this.#cancel ??= this.#parts.clock.after(DIGEST_MS, () => this.#tell());
  }

  #tell(): void {
    this.#cancel = undefined;
    const held = [...this.#held];
    this.#held.clear();
    const sum = held.reduce((total, [, { count }]) => total + count, 0);
    this.#parts.tell({
      type: "alert",
      key: `${DIGEST}:${Math.round(this.#parts.clock.now())}`,
      level: "info",
      title: `The last hour: ${counted(sum, "message")} held back`,
      lines: held.map(([kind, { count, last }]) => `${kind}, ${counted(count, "time")}. The last: ${last}`),
    });
  }

  #isQuietHour(): boolean {
    const { quietHours, clock } = this.#parts;
    if (quietHours === undefined) return false;
    const { from, to, timeZone } = quietHours;
    const now = new Intl.DateTimeFormat("en-GB", {
      timeZone,
      hour: "2-digit",
      minute: "2-digit",
      hourCycle: "h23",
    }).format(clock.now());
    return from <= to ? from <= now && now < to : from <= now || now < to;
  }
}
