import type { AlertIntent } from "../core/intent.ts";
import { hasRole, type PersonRole } from "../core/proposal.ts";
import type { Clock, MessageStore, Outcome } from "../desk/ports.ts";
import type { AlertDesk, Notice, NoticeWay, OpenAlert, OwnNotice, OwnWay } from "./alert-desk.ts";
import { Alerts } from "./alerts.ts";
import type { Outlet } from "./board.ts";
import type { Callable } from "./escalation.ts";
import type { ChatLog } from "./log.ts";
import { kindOf, type QuietHours } from "./notices.ts";

/** Somebody with private chats. */
export interface Addressee extends Callable {
  readonly role: PersonRole;
}

/** A risk officer may let entries leave again: somebody of them has to hear of CRITICAL. */
const isOfficer = ({ role, outlets }: Addressee): boolean => hasRole(role, "risk") && outlets.length > 0;

/** What personal routing stands on. */
export interface PersonalParts {
  readonly alerts: Alerts;
  readonly people: () => readonly Addressee[];
  /** The rooms of everybody: whoever's private chat is one that shows alerts gets nothing twice. */
  readonly outlets: readonly Outlet[];
  readonly messages: MessageStore;
  readonly clock: Clock;
  readonly log: ChatLog;
  readonly quietHours: QuietHours | undefined;
  /** Keeps a choice over a restart. */
  readonly save: (notice: OwnNotice, person: string) => void;
}

const isWanted = (way: OwnWay | undefined): way is Exclude<NoticeWay, "off"> =>
  way !== undefined && way !== "off" && way !== "room";

/** Every kind of message, where nothing else was chosen for it. */
const ALL = "all";

/**
 * The alerts of the rooms, and beside them what each person wants in private: by kind, by level (high, extreme, critical) or all.
 * Who chose nothing gets nothing there, but is asked when nobody sees to an alert; who chose off for a level is not asked either.
 */
export class Personal implements AlertDesk {
  readonly #parts: PersonalParts;
  readonly #choices = new Map<string, Map<string, OwnWay>>();
  readonly #copies = new Map<string, Alerts>();

  constructor(parts: PersonalParts) {
    this.#parts = parts;
  }

  /** What people had chosen before a restart. */
  restore(choices: readonly (OwnNotice & { readonly person: string })[]): void {
    for (const { person, kind, way } of choices) this.#choicesOf(person).set(kind, way);
  }

  open = (): readonly OpenAlert[] => this.#parts.alerts.open();
  notices = (): readonly Notice[] => this.#parts.alerts.notices();
  choose = (notice: Notice, person: string): void => this.#parts.alerts.choose(notice, person);

  seen(mark: string, person: string, forMs?: number): Outcome {
    const outcome = this.#parts.alerts.seen(mark, person, forMs);
    if (outcome.isOk) for (const copy of this.#copies.values()) copy.seen(mark, person, forMs);
    return outcome;
  }

  own(person: string): readonly OwnNotice[] {
    return [...this.#choicesOf(person)]
      .map(([kind, way]) => ({ kind, way }))
      .sort((a, b) => (a.kind < b.kind ? -1 : 1));
  }

  chooseOwn(notice: OwnNotice, person: string): Outcome {
    const { kind, way } = notice;
    if (isWanted(way) && this.#outletsOf(person).length === 0)
      return {
        isOk: false,
        text: "You have no private chat with this desk beside the rooms that show alerts: the settings name your Telegram or Discord account.",
      };
    if (kind === "critical" && way === "off" && this.#isLastOfficer(person))
      return {
        isOk: false,
        text: "CRITICAL can't be off for you: nobody else with the role risk or admin would be asked about it. Somebody of them has to turn it on first.",
      };
    this.#choicesOf(person).set(kind, way);
    this.#parts.save(notice, person);
    return { isOk: true, text: "" };
  }

  /** Who may be asked about an alert of a level: all who did not turn it off; where everybody has, all the same. */
  onCall(level: string): readonly Addressee[] {
    const people = this.#parts.people().filter(({ role }) => hasRole(role, "trader"));
    const willing = people.filter(({ name }) => this.#choicesOf(name).get(level) !== "off");
    return willing.some(isOfficer) ? willing : people;
  }

  /** Shows an alert in the rooms, and to those who want it in private. Never blocks and never throws. */
  show(alert: AlertIntent): void {
    this.#parts.alerts.show(alert);
    for (const { name } of this.#parts.people()) {
      const way = this.#wayOf(name, alert);
      const copy = way === undefined ? this.#copies.get(name) : this.#copyOf(name);
      // What a person turned off since is still told to be over.
      if (way !== undefined || alert.level === "resolved") copy?.show(alert);
    }
  }

  /** No reminder and no digest comes any more. */
  stop(): void {
    for (const each of [this.#parts.alerts, ...this.#copies.values()]) each.stop();
  }

  /**
   * How a person gets an alert in private; undefined: not at all. EXTREME and CRITICAL come at once, and only by their own name
   * can they be turned off where anything else of it is wanted.
   */
  #wayOf(person: string, alert: AlertIntent): NoticeWay | undefined {
    const choices = this.#choicesOf(person);
    const { level } = alert;
    const [byKind, byLevel, byAll] = [kindOf(alert), level, ALL].map((name) => choices.get(name));
    if (level === "extreme" || level === "critical") {
      if (byLevel !== undefined) return isWanted(byLevel) ? "on" : undefined;
      return [byKind, byAll].some(isWanted) ? "on" : undefined;
    }
    const way = byKind ?? (level === "high" ? byLevel : undefined) ?? byAll;
    return isWanted(way) ? way : undefined;
  }

  #copyOf(person: string): Alerts | undefined {
    const known = this.#copies.get(person);
    const outlets = this.#outletsOf(person);
    if (known !== undefined || outlets.length === 0) return known;
    const { messages, clock, log, quietHours } = this.#parts;
    const copy = new Alerts({
      outlets,
      messages: under(messages, `${person}/`),
      clock,
      log,
      quietHours,
      privateWay: (alert) => this.#wayOf(person, alert),
    });
    this.#copies.set(person, copy);
    return copy;
  }

  #outletsOf(person: string): readonly Outlet[] {
    const own = this.#parts.people().find(({ name }) => name === person)?.outlets ?? [];
    const isRoom = ({ room: { platform, chat } }: Outlet): boolean =>
      this.#parts.outlets.some(
        ({ room }) => room.showsAlerts && room.platform === platform && room.chat === chat,
      );
    return own.filter((outlet) => !isRoom(outlet));
  }

  #isLastOfficer(person: string): boolean {
    const officers = this.#parts.people().filter(isOfficer);
    const others = officers.filter(
      ({ name }) => name !== person && this.#choicesOf(name).get("critical") !== "off",
    );
    return officers.some(({ name }) => name === person) && others.length === 0;
  }

  #choicesOf(person: string): Map<string, OwnWay> {
    const choices = this.#choices.get(person) ?? new Map<string, OwnWay>();
    this.#choices.set(person, choices);
    return choices;
  }
}

/** The same store under topics of their own. */
const under = (messages: MessageStore, prefix: string): MessageStore => ({
  save: (message) => messages.save({ ...message, topic: `${prefix}${message.topic}` }),
  find: (topic) => messages.find(`${prefix}${topic}`),
  remove: (topic) => messages.remove(`${prefix}${topic}`),
});
