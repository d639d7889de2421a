import { createInterface, type Interface } from "node:readline";
import type { AlertIntent, AlertLevel } from "../core/intent.ts";
import type { Actor, Proposal } from "../core/proposal.ts";
import { wantsReason } from "../core/reason.ts";
import type { Clock, PlatformHealth } from "../desk/ports.ts";
import type { NoticeWay } from "./alert-desk.ts";
import { alertReply, isLoud } from "./alert-text.ts";
import type { Board } from "./board.ts";
import { clockTime } from "./format.ts";
import { oneLine, paginate, tableLines } from "./layout.ts";
import { type ChatLog, faultText } from "./log.ts";
import { kindOf, Notices } from "./notices.ts";
import type { Reception } from "./reception.ts";
import type { Reply } from "./reply.ts";
import { splitCommand } from "./runner.ts";
import { typedDecisions } from "./ways.ts";

/** What the terminal stands on. */
export interface TerminalParts {
  readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly output: NodeJS.WritableStream & { readonly isTTY?: boolean };
  /** Who sits there, with the role they have at this moment. */
  readonly actor: () => Actor;
  readonly reception: () => Reception;
  readonly board: () => Board;
  readonly clock: Clock;
  readonly log: ChatLog;
  /** How messages of a kind are wanted, here as in the rooms. */
  readonly wayOf: (kind: string) => NoticeWay;
}

const COLORS: Readonly<Record<Reply["tone"], string>> = {
  plain: "1",
  good: "32",
  warning: "33",
  danger: "31",
};
/** A story at one level is told again at most this often: a terminal can't edit what it printed. */
const REPEAT_MS = 60_000;

/** What was told of a story at one level: when it was printed last (monotonic), and how often it came since when (wall). */
interface Told {
  readonly level: AlertLevel;
  readonly at: number;
  readonly count: number;
  readonly sinceWallAt: number;
}

/** The desk in a terminal: prints everything; reads commands when a person sits at it. */
export class Terminal {
  readonly #parts: TerminalParts;
  readonly #told = new Map<string, Told>();
  readonly #shown = new Map<string, string>();
  #lines: Interface | undefined;
  #sent = 0;
  #isOpen = false;
  readonly #notices: Notices;

  constructor(parts: TerminalParts) {
    this.#parts = parts;
    this.#notices = new Notices({
      clock: parts.clock,
      quietHours: undefined,
      tell: (digest) => this.alert(digest),
      save: () => undefined,
      wayOf: (alert) => parts.wayOf(kindOf(alert)),
    });
  }

  /** Begins to listen, if there is a person to listen to. */
  start(): void {
    const { input, output } = this.#parts;
    this.#isOpen = true;
    // A closed pipe is the reader's affair, never a reason to stop trading.
    output.on("error", () => {
      this.#isOpen = false;
    });
    if (input.isTTY !== true || output.isTTY !== true) return;
    this.#lines = createInterface({
      input,
      output,
      prompt: "> ",
      completer: (line: string) => this.#complete(line),
    });
    this.#lines.on("line", (line) => {
      this.#typed(line).catch((fault: unknown) =>
        this.#parts.log("error", `the terminal failed: ${faultText(fault)}`),
      );
    });
    // Readline hands on what went wrong with its input: the terminal has gone, which is nobody's fault.
    this.#lines.on("error", () => {
      this.#isOpen = false;
    });
    // Ctrl-C belongs to the program: readline would swallow it.
    this.#lines.on("SIGINT", () => process.kill(process.pid, "SIGINT"));
    this.#lines.prompt();
  }

  /** Stops listening and printing. */
  stop(): void {
    this.#isOpen = false;
    this.#notices.stop();
    this.#lines?.close();
    this.#lines = undefined;
  }

  /** How the terminal is doing; it is connected when a person can type. */
  health(): PlatformHealth {
    return {
      platform: "terminal",
      isConnected: this.#isOpen,
      lastError: undefined,
      messagesSent: this.#sent,
    };
  }

  /**
   * Prints an alert: at once when it is new, rises or ends, else once a minute with a count; of what makes no sound, what is wanted,
   * and together once an hour what is wanted so.
   */
  alert(alert: AlertIntent): void {
    const { clock } = this.#parts;
    const before = this.#told.get(alert.key);
    const now = clock.monotonic();
    const isStanding = before !== undefined && isLoud(before.level);
    if (!isStanding && !this.#notices.takes(alert)) return;
    if (alert.level === "resolved") {
      this.#told.delete(alert.key);
      if (before !== undefined)
        this.print({ title: `Resolved: ${alert.title}`, tone: "good", lines: alert.lines });
      return;
    }
    const isSame = before?.level === alert.level && alert.level !== "critical";
    const count = isSame ? before.count + 1 : 1;
    const sinceWallAt = isSame ? before.sinceWallAt : clock.now();
    const isQuiet = isSame && now - before.at < REPEAT_MS;
    this.#told.set(alert.key, { level: alert.level, at: isQuiet ? before.at : now, count, sinceWallAt });
    if (this.#told.size > 1_000) this.#told.delete(this.#told.keys().next().value ?? "");
    if (!isQuiet) this.print(alertReply(alert, count, sinceWallAt));
  }

  /** Prints a card in each of its states, with what to type while it can be decided. */
  card(proposal: Proposal, token: string | undefined): void {
    const { id, state, reason } = proposal;
    const key = `${state} ${token === undefined ? "" : "open"} ${reason === undefined ? "" : "why"}`;
    if (this.#shown.get(id) === key) return;
    this.#shown.set(id, key);
    if (this.#shown.size > 1_000) this.#shown.delete(this.#shown.keys().next().value ?? "");
    const reply = this.#parts.board().draw({ proposal, token });
    const hint = token === undefined ? reasonHint(proposal, this.#parts.clock.now()) : hintOf(proposal);
    const typed = hint === undefined || this.#lines === undefined ? [] : [hint];
    this.print({ ...reply, lines: [...(reply.lines ?? []), ...typed] });
  }

  /** Prints one reply. */
  print(reply: Reply): void {
    if (!this.#isOpen) return;
    const { output, clock } = this.#parts;
    const text = terminalText(reply, output.isTTY === true, clock.now());
    this.#sent += 1;
    output.write(this.#lines === undefined ? `${text}\n` : `\r\u001b[K${text}\n`);
    this.#lines?.prompt(true);
  }

  async #typed(line: string): Promise<void> {
    const { reception, actor } = this.#parts;
    const command = splitCommand(line);
    if (command === undefined) {
      if (line.trim() === "") this.#lines?.prompt();
      else
        this.print({
          title: "Not understood",
          tone: "warning",
          lines: ["Type help to see what you can do."],
        });
      return;
    }
    const { name, words } = command;
    this.print(await reception().command({ name, input: words, actor: actor() }));
  }

  #complete(line: string): [string[], string] {
    const names = this.#parts.reception().runner.registry.map((each) => each.name);
    const hits = names.filter((name) => name.startsWith(line.replace(/^\//, "")));
    return [hits.map((name) => (line.startsWith("/") ? `/${name}` : name)), line];
  }
}

/** What to type to decide a card. */
const hintOf = (proposal: Proposal): string => `Type: ${typedDecisions(proposal).join("   or: ")}`;

/** What to type to say why a card was rejected, for whoever did it here. */
const reasonHint = (proposal: Proposal, nowWall: number): string | undefined =>
  proposal.decidedBy?.platform === "terminal" && wantsReason(proposal, nowWall)
    ? `To say why${proposal.action.type === "panic" ? " it was taken back" : ""}, type: reject ${proposal.id} because ...`
    : undefined;

/** Lines of one reply; nobody reads further up. */
const LINES_MOST = 200;

/** A reply as plain text, what is beyond 200 lines named; colours only where there is a person to see them. */
export function terminalText(reply: Reply, hasColors: boolean, nowWall: number): string {
  const title = `${clockTime(nowWall)}  ${oneLine(reply.title)}`;
  const [page = reply] = paginate(reply, (each) => bodyOf(each).length <= LINES_MOST, 1);
  return [hasColors ? `\u001b[${COLORS[reply.tone]}m${title}\u001b[0m` : title, ...bodyOf(page)].join("\n");
}

/** What stands under the title. */
function bodyOf(reply: Reply): readonly string[] {
  const label = (reply.fields ?? []).reduce((most, field) => Math.max(most, field.label.length), 0);
  return [
    ...(reply.lines ?? []).map((line) => `  ${oneLine(line)}`),
    ...(reply.fields ?? []).map((field) => `  ${oneLine(field.label).padEnd(label)}  ${oneLine(field.text)}`),
    ...(reply.table === undefined ? [] : tableLines(reply.table, 100).map((line) => `  ${line}`)),
    ...(reply.footer === undefined ? [] : [`  ${oneLine(reply.footer)}`]),
  ];
}
