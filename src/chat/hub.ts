import type { AlertIntent } from "../core/intent.ts";
import type { Proposal } from "../core/proposal.ts";
import type { PersonAccount } from "../core/roster.ts";
import type { Chat, Clock, DeskDoor, MessageStore, PlatformHealth } from "../desk/ports.ts";
import type { KeptAlert, Notice, OwnNotice } from "./alert-desk.ts";
import { Alerts } from "./alerts.ts";
import { Board, type Outlet } from "./board.ts";
import type { CardDesk } from "./card-desk.ts";
import { noDecisionText } from "./card-words.ts";
import { type CodeMemory, Codes } from "./codes.ts";
import type { AnyCommand } from "./command.ts";
import { DiscordAdapter, type DiscordTuning } from "./discord/discord.ts";
import { EDIT_MS_MAX } from "./discord/room.ts";
import type { Seen } from "./duty.ts";
import { type ChatAudit, type ChatLog, faultText } from "./log.ts";
import { DISCORD_PACE, TELEGRAM_PACE } from "./pace.ts";
import { PaceMemory } from "./pace-memory.ts";
import { type ChatSettings, People } from "./people.ts";
import { Personal } from "./personal.ts";
import { Reception } from "./reception.ts";
import { CommandRunner } from "./runner.ts";
import type { GridSetup } from "./setup.ts";
import { TelegramAdapter, type TelegramTuning } from "./telegram/telegram.ts";
import { Terminal, type TerminalParts } from "./terminal.ts";

/** What chat needs from the rest of the house. */
export interface ChatOptions {
  readonly settings: ChatSettings;
  readonly registry: readonly AnyCommand[];
  /** The dialogue about one more grid, where the desk has settings to add it to. */
  readonly setup?: GridSetup | undefined;
  readonly door: DeskDoor;
  /** Keeps over a restart who has seen which alert, and which messages are wanted how. */
  readonly memory?: AlertMemory;
  /** A person's secret for one-time codes, as it stands on this machine now. */
  readonly totpSecret?: (person: string) => string | undefined;
  /** Keeps over a restart which codes were given. */
  readonly codes?: CodeMemory;
  /** Somebody gave too many wrong codes. */
  readonly onLocked?: (person: string) => void;
  readonly messages: MessageStore;
  readonly log: ChatLog;
  readonly audit: ChatAudit;
  readonly clock: Clock;
  readonly version: string;
  /** Where the terminal reads and prints; left out: the process's own. */
  readonly terminal?: Partial<Pick<TerminalParts, "input" | "output">>;
  /** Times and limits that differ from the usual ones. */
  readonly tuning?: ChatTuning;
}

/** What people said about alerts, kept over a restart. */
export interface AlertMemory {
  load(): Promise<{
    readonly seen: readonly Seen[];
    readonly notices: readonly Notice[];
    readonly open: readonly KeptAlert[];
    readonly own: readonly (OwnNotice & { readonly person: string })[];
  }>;
  saveSeen(seen: Seen): void;
  saveOpen(alert: KeptAlert): void;
  saveOver(key: string): void;
  saveNotice(notice: Notice, person: string): void;
  saveOwn(notice: OwnNotice, person: string): void;
}

/** Times and limits of chat; tests shrink them. */
export interface ChatTuning {
  /** Commands that act are refused when they are older than this, in milliseconds. */
  readonly commandAgeMsMax?: number;
  /** Instead of what the settings say. */
  readonly commandsPerMinute?: number;
  readonly telegram?: Partial<TelegramTuning>;
  readonly discord?: Partial<DiscordTuning>;
}

/** Chat with its beginning and its end. */
export interface RunningChat extends Chat {
  /** Begins on all platforms and returns at once: a platform that is away comes later. */
  start(): Promise<void>;
  /** Stops listening, writes what is waiting for at most `timeoutMs`, and closes. */
  stop(timeoutMs: number): Promise<void>;
}

const TELEGRAM: TelegramTuning = {
  pace: TELEGRAM_PACE,
  // A poll that hangs is noticed 40 s after it began at the latest, so commands are back within a minute of any outage.
  pollSeconds: 25,
  staleMs: 40_000,
  callMs: 10_000,
  backoffMsMin: 1_000,
  backoffMsMax: 15_000,
  ackMs: 700,
};

const DISCORD: DiscordTuning = {
  pace: DISCORD_PACE,
  staleMs: 60_000,
  callMs: 10_000,
  backoffMsMin: 2_000,
  backoffMsMax: 60_000,
  editMsMax: EDIT_MS_MAX,
  // What Discord allows a bot in all.
  requestsPerSecond: 50,
};

/**
 * The desk's voice and ears on every configured platform. Nothing in it blocks the desk or throws into it: cards and
 * alerts are queued, platforms that are away are tried again, and a fault in one touches none of the others.
 */
export async function openChat(options: ChatOptions): Promise<RunningChat> {
  const { settings, registry, door, messages, clock, setup, tuning = {} } = options;
  const { log, audit } = guarded(options);
  // The parts name one another: platforms ask the reception only once they run.
  const later: { reception?: Reception; board?: Board } = {};
  const reception = (): Reception => present(later.reception);
  const board = (): Board => present(later.board);
  const pace = await PaceMemory.load(messages, clock, log);
  const telegram =
    settings.telegram === undefined
      ? undefined
      : new TelegramAdapter({
          settings: settings.telegram,
          tuning: { ...TELEGRAM, ...tuning.telegram },
          reception,
          clock,
          log,
          memory: pace.of("telegram"),
        });
  const discord =
    settings.discord === undefined
      ? undefined
      : new DiscordAdapter({
          settings: settings.discord,
          tuning: { ...DISCORD, ...tuning.discord },
          reception,
          clock,
          log,
          memory: pace.of("discord"),
        });
  const codes = new Codes({
    secretOf: options.totpSecret ?? (() => undefined),
    memory: options.codes,
    clock,
    log,
    onLocked: (person) => options.onLocked?.(person),
  });
  await codes.restore();
  const people = new People({
    roster: () => door.roster(),
    codes,
    clock,
    link: (actor, account) => door.link(actor, account),
  });
  const outlets = [...(telegram?.outlets ?? []), ...(discord?.outlets ?? [])];
  const instrument = (id: string) => door.snapshot().instruments.find((each) => each.id === id);
  later.board = new Board({ outlets, messages, clock, log, instrument });
  const { memory } = options;
  const privately = ({ platform, id }: PersonAccount): readonly Outlet[] => {
    const at = platform === "telegram" ? telegram?.privateOutlet(Number(id)) : discord?.privateOutlet(id);
    return at === undefined ? [] : [at];
  };
  const addressees = () =>
    people.byDuty.flatMap(({ name, role, accounts }) =>
      role === undefined ? [] : [{ name, role, outlets: accounts.flatMap(privately) }],
    );
  const { quietHours } = settings;
  const rooms: Alerts = new Alerts({
    outlets,
    messages,
    clock,
    log,
    saveSeen: memory?.saveSeen,
    saveNotice: memory?.saveNotice,
    saveOpen: memory?.saveOpen,
    saveOver: memory?.saveOver,
    quietHours,
    people: (level) => alerts.onCall(level),
  });
  const save = memory?.saveOwn ?? (() => undefined);
  const shared = { outlets, messages, clock, log, quietHours, save };
  const alerts: Personal = new Personal({ ...shared, alerts: rooms, people: addressees });
  const before = await memory?.load();
  alerts.restore(before?.own ?? []);
  rooms.restore(before?.seen ?? [], before?.notices ?? [], before?.open ?? []);
  const { commandAgeMsMax } = tuning;
  const age = commandAgeMsMax === undefined ? {} : { commandAgeMsMax };
  const cards: CardDesk = {
    decide: async (id, decision, actor, code) => {
      const token = board().tokenOf(id);
      if (token === undefined) return { isOk: false, text: noDecisionText(id, board().proposalOf(id)) };
      const typed = code === undefined ? {} : { code };
      return await reception().decide({ actor, decision, token, place: undefined, ...typed });
    },
    explain: (id, reason, actor) => reception().explain(id, reason, actor),
  };
  const themes = new Map(settings.pictures?.map(({ person, theme }) => [person, theme]));
  const themeOf = (person: string) => themes.get(person) ?? "dark";
  const commandsPerMinute = tuning.commandsPerMinute ?? settings.commandsPerMinute;
  const parts = { registry, door, clock, log, audit, setup, alerts, cards, people, themeOf };
  const runner = new CommandRunner({ ...parts, commandsPerMinute, ...age });
  later.reception = new Reception({ runner, people, board: later.board, door, log, audit, alerts, clock });
  const terminal = new Terminal({
    input: options.terminal?.input ?? process.stdin,
    output: options.terminal?.output ?? process.stdout,
    actor: () => people.onTerminal(settings.terminal.person),
    reception,
    board,
    clock,
    log,
    wayOf: (kind) => rooms.notices().find((each) => each.kind === kind)?.way ?? "on",
  });
  return new Hub({
    telegram,
    discord,
    terminal,
    board: later.board,
    reception: later.reception,
    alerts,
    people,
    clock,
    log,
    options,
  });
}

interface HubParts {
  readonly telegram: TelegramAdapter | undefined;
  readonly discord: DiscordAdapter | undefined;
  readonly terminal: Terminal;
  readonly board: Board;
  readonly reception: Reception;
  readonly alerts: Personal;
  readonly people: People;
  readonly clock: Clock;
  readonly log: ChatLog;
  readonly options: ChatOptions;
}

class Hub implements RunningChat {
  readonly #parts: HubParts;

  constructor(parts: HubParts) {
    this.#parts = parts;
  }

  async start(): Promise<void> {
    const { terminal, telegram, discord, people, log, options } = this.#parts;
    people.watch();
    terminal.start();
    telegram?.start();
    discord?.start();
    const where = ["the terminal", ...(telegram ? ["Telegram"] : []), ...(discord ? ["Discord"] : [])].join(
      ", ",
    );
    log("info", `perpdesk ${options.version} answers on ${where}`);
  }

  async stop(timeoutMs: number): Promise<void> {
    const { terminal, telegram, discord, reception, alerts, clock, log } = this.#parts;
    telegram?.stop();
    const closed = discord
      ?.stop()
      .catch((fault: unknown) => log("warn", `closing Discord: ${faultText(fault)}`));
    const drained = Promise.all([telegram?.drained(), discord?.drained(), closed]);
    let cancel = (): void => undefined;
    const enough = new Promise<void>((resolve) => {
      cancel = clock.after(timeoutMs, resolve);
    });
    await Promise.race([drained, enough]);
    cancel();
    telegram?.close();
    discord?.close();
    terminal.stop();
    reception.stop();
    alerts.stop();
  }

  alert(alert: AlertIntent): void {
    this.#shielded("an alert", () => this.#parts.terminal.alert(alert));
    this.#shielded("an alert", () => this.#parts.alerts.show(alert));
  }

  card(proposal: Proposal, token: string | undefined): void {
    this.#shielded("a card", () => this.#parts.board.show(proposal, token));
    // The desk is in the middle of a turn: drawing asks it for a snapshot, so that comes after.
    setImmediate(() => this.#shielded("a card", () => this.#parts.terminal.card(proposal, token)));
  }

  health(): readonly PlatformHealth[] {
    const { terminal, telegram, discord } = this.#parts;
    return [
      terminal.health(),
      ...(telegram ? [telegram.health()] : []),
      ...(discord ? [discord.health()] : []),
    ];
  }

  #shielded(what: string, show: () => void): void {
    try {
      show();
    } catch (fault) {
      this.#parts.log("error", `${what} was not shown: ${faultText(fault)}`);
    }
  }
}

/** Log and audit that can't throw into chat. */
function guarded({ log, audit }: ChatOptions): { readonly log: ChatLog; readonly audit: ChatAudit } {
  const safeLog: ChatLog = (level, text) => {
    try {
      log(level, text);
    } catch {
      // There is no other place to say it.
    }
  };
  const safeAudit: ChatAudit = (kind, actor, body) => {
    try {
      audit(kind, actor, body);
    } catch (fault) {
      safeLog("error", `a refusal was not written to the ledger: ${faultText(fault)}`);
    }
  };
  return { log: safeLog, audit: safeAudit };
}

function present<T>(part: T | undefined): T {
  if (part === undefined) throw new Error("chat was used before it was put together");
  return part;
}
