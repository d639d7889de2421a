import { type Actor, type Decision, hasRole } from "../core/proposal.ts";
import { REASON_MOST, reasonRefusal } from "../core/reason.ts";
import type { NewAccount } from "../core/roster.ts";
import type { Clock, DeskDoor, Outcome } from "../desk/ports.ts";
import type { AlertDesk } from "./alert-desk.ts";
import type { Board } from "./board.ts";
import { cut, oneLine } from "./layout.ts";
import { isLinkCode } from "./link-code.ts";
import { type ChatAudit, type ChatLog, faultText } from "./log.ts";
import type { People } from "./people.ts";
import { Picks } from "./picker.ts";
import type { Reply } from "./reply.ts";
import type { CommandRequest, CommandRunner } from "./runner.ts";
import { Strangers } from "./strangers.ts";
import { readTap, type TapText } from "./tap.ts";

/** A button that somebody pressed. */
export interface Tap {
  readonly actor: Actor;
  readonly decision: Decision;
  readonly token: string;
  /** Of the decider's authenticator, where one was typed. */
  readonly code?: string;
  /** Where the button stood; undefined for a typed decision. */
  readonly place:
    | { readonly platform: "telegram" | "discord"; readonly chat: string; readonly message: string }
    | undefined;
}

/** A button with a command line that somebody pressed. */
export type LineTap = Extract<TapText, { type: "run" }>;

/** What a reception stands on. */
export interface ReceptionParts {
  readonly runner: CommandRunner;
  readonly people: People;
  readonly board: Board;
  readonly door: DeskDoor;
  readonly log: ChatLog;
  readonly audit: ChatAudit;
  readonly alerts: AlertDesk;
  readonly clock: Clock;
}

/** Where all platforms hand in what people do. Nobody gets past it unknown, and nothing here throws or rejects. */
export class Reception {
  readonly people: People;
  readonly runner: CommandRunner;
  readonly #parts: ReceptionParts;
  readonly #strangers: Strangers;
  readonly #picks: Picks;

  constructor(parts: ReceptionParts) {
    this.#parts = parts;
    this.#strangers = new Strangers(parts.clock, ({ who, where, what, count, attempts }) => {
      const times = count === 1 ? "" : ` (${count} times)`;
      parts.log("warn", `${what} by ${who} in ${where} was ignored${times}`);
      parts.audit("refusal", who, { reason: "unknown", where, what, count, attempts });
    });
    this.people = parts.people;
    this.runner = parts.runner;
    this.#picks = new Picks(() => parts.clock.now());
  }

  /** Runs a command of a known person. */
  command(request: CommandRequest): Promise<Reply> {
    return this.runner.run(request);
  }

  /** Reads a button's text; undefined, with a note in the ledger, when it is none of ours. */
  read(text: string, actor: Actor): TapText | undefined {
    const tap = readTap(text);
    if (tap === undefined) this.forged(actor);
    return tap;
  }

  /**
   * Runs the line behind a button. A tap may have waited for hours on its way, so only what reads, or shows a card; what acts
   * comes from a list to pick from, which ends soon and is used once.
   */
  async press({ line, page, untilWallAt }: LineTap, actor: Actor): Promise<Reply> {
    const [name = "", ...input] = line.split(" ");
    const command = this.runner.find(name);
    const isPick = untilWallAt !== undefined && command?.args.some(({ choices }) => choices !== undefined);
    if (command === undefined || (command.risk !== "R0" && command.approval === "none" && isPick !== true)) {
      this.forged(actor);
      return { title: "Not done", tone: "warning", lines: [FORGED], isPrivate: true };
    }
    if (untilWallAt !== undefined && !this.#picks.use(line, untilWallAt)) {
      this.#refuse(actor.person, { reason: "old", platform: actor.platform, command: command.name });
      const lines = [`This list was used or has ended. Nothing was done; /${command.name} asks again.`];
      return { title: "Not done", tone: "warning", lines, isPrivate: true };
    }
    return { ...(await this.command({ name, input, actor })), page };
  }

  /** Somebody pressed that an alert was seen, or is to be quiet for some minutes. */
  see({ mark, minutes }: Extract<TapText, { type: "see" }>, actor: Actor): Outcome {
    if (!hasRole(actor.role, "trader")) {
      this.#refuse(actor.person, { reason: "role", platform: actor.platform, alert: mark });
      return { isOk: false, text: `Alerts are seen to by traders; you are ${actor.role}.` };
    }
    const forMs = minutes === undefined ? undefined : minutes * 60_000;
    const outcome = this.#parts.alerts.seen(mark, actor.person, forMs);
    if (!outcome.isOk) this.#refuse(actor.person, { reason: "alert", platform: actor.platform, alert: mark });
    return outcome;
  }

  /** Hands a decision to the desk, if this person may decide and the button can be real. */
  async decide(tap: Tap): Promise<Outcome> {
    const { actor, decision, token, code, place } = tap;
    // A hedge adds a position; all else reduces, or leaves things as they are.
    const needed = decision === "hedge" ? "risk" : "trader";
    if (!hasRole(actor.role, needed)) {
      this.#refuse(actor.person, { reason: "role", platform: actor.platform, decision });
      return {
        isOk: false,
        text: `Deciding${needed === "risk" ? " on a hedge" : ""} needs the role ${needed}; you are ${actor.role}. Nothing was done.`,
      };
    }
    if (place !== undefined && !this.#parts.board.isPlausible(token, place)) {
      this.#refuse(actor.person, { reason: "forged", platform: actor.platform, decision });
      return { isOk: false, text: FORGED };
    }
    try {
      return await this.#parts.door.decide(token, decision, actor, (card) =>
        this.people.prove(actor, code, card),
      );
    } catch (fault) {
      this.#parts.log("error", `a decision of ${actor.person} failed: ${faultText(fault)}`);
      return { isOk: false, text: "That failed inside perpdesk; the card and /positions show what holds." };
    }
  }

  /** Whether this person may be asked why they rejected a card; one that is not known here is looked up by the desk. */
  async mayExplain(card: string, actor: Actor): Promise<Outcome> {
    const { board, clock, door, log } = this.#parts;
    const proposal = board.proposalOf(card);
    if (proposal === undefined) {
      try {
        const outcome = await door.giveReason(card, undefined, actor);
        return outcome.isOk ? { isOk: true, text: ASKED } : outcome;
      } catch (fault) {
        log("error", `a card could not be looked up: ${faultText(fault)}`);
        return { isOk: false, text: "That failed inside perpdesk; press it again. The card stays rejected." };
      }
    }
    const refusal = reasonRefusal(proposal, actor, clock.now());
    if (refusal === undefined) return { isOk: true, text: ASKED };
    this.#refuse(actor.person, { reason: "reason", platform: actor.platform, card });
    return { isOk: false, text: refusal };
  }

  /** Hands the desk somebody's words on why they rejected a card; what is too long is cut, and they are told. */
  async explain(card: string, text: string, actor: Actor): Promise<Outcome> {
    const words = oneLine(text).replaceAll(/\s+/g, " ").trim();
    if (words === "") return { isOk: false, text: "There is no reason in that. Nothing was kept." };
    try {
      const outcome = await this.#parts.door.giveReason(card, cut(words, REASON_MOST), actor);
      const isCut = outcome.isOk && words.length > REASON_MOST;
      return isCut
        ? { ...outcome, text: `${outcome.text} Its first ${REASON_MOST} characters were kept.` }
        : outcome;
    } catch (fault) {
      this.#parts.log("error", `a reason of ${actor.person} failed: ${faultText(fault)}`);
      return {
        isOk: false,
        text: "That failed inside perpdesk, and the reason was not kept. The card stays rejected.",
      };
    }
  }

  /** Somebody unknown says with a link code whose account this is. Undefined: it is none, and they get no answer. */
  async redeem(code: string, account: NewAccount, where: string): Promise<Reply | undefined> {
    try {
      const outcome = isLinkCode(code) ? await this.people.redeem(code, account) : undefined;
      if (outcome !== undefined)
        return {
          title: outcome.isOk ? "Linked" : "Not linked",
          tone: outcome.isOk ? "good" : "warning",
          lines: [outcome.text, ...(outcome.isOk ? [FRESH] : [])],
          isPrivate: true,
        };
    } catch (fault) {
      this.#parts.log("error", `linking ${account.platform}:${account.id} failed: ${faultText(fault)}`);
      return undefined;
    }
    this.stranger(`${account.platform}:${account.id}`, where, "a link code");
    return undefined;
  }

  /** Writes down that somebody unknown, or in an unknown place, was not answered. */
  stranger(who: string, where: string, what: string): void {
    this.#strangers.note(who, where, what);
  }

  /** Writes down that a known person did what can't come from anything that the desk shows. */
  forged(actor: Actor): void {
    this.#refuse(actor.person, { reason: "forged", platform: actor.platform });
  }

  /** Writes down that what a known person did was not done, since its platform had given it up. */
  late(actor: Actor): void {
    this.#refuse(actor.person, { reason: "late", platform: actor.platform });
  }

  /** At the end: what was counted and not yet written down. */
  stop(): void {
    this.#strangers.flush();
    this.runner.stop();
  }

  #refuse(person: string, body: Readonly<Record<string, unknown>>): void {
    this.#parts.log("warn", `what ${person} did was refused: ${String(body["reason"])}`);
    this.#parts.audit("refusal", person, body);
  }
}

const FRESH = "For 24 hours it does nothing that adds risk. Everybody is told. /help lists what you may use.";

const ASKED = "Write why as an answer to the question that comes now.";

/** What a tap is told that can't come from a card of ours. */
const FORGED = "This button is not one that can be used here. Nothing was done.";
