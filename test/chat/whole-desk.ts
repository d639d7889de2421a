import { Secret, TOTP } from "otpauth";
import { commands } from "../../commands/index.ts";
import { Board } from "../../src/chat/board.ts";
import type { CardDesk } from "../../src/chat/card-desk.ts";
import { noDecisionText } from "../../src/chat/card-words.ts";
import { Codes } from "../../src/chat/codes.ts";
import { People } from "../../src/chat/people.ts";
import { Reception } from "../../src/chat/reception.ts";
import type { Reply } from "../../src/chat/reply.ts";
import { CommandRunner } from "../../src/chat/runner.ts";
import { codeMemory, lockedAlert } from "../../src/cli/code-memory.ts";
import { replayFacts } from "../../src/cli/history.ts";
import type { DeskEvent } from "../../src/core/event.ts";
import type { Actor, Decision } from "../../src/core/proposal.ts";
import type { RosterRules } from "../../src/core/roster.ts";
import type { Desk } from "../../src/desk/desk.ts";
import { Door } from "../../src/desk/door.ts";
import type { Effect } from "../../src/desk/kernel/effect.ts";
import type { Outcome } from "../../src/desk/ports.ts";
import { scopeOf } from "../../src/desk/scope.ts";
import { Disk, openMemoryStore } from "../simulation/memory-store.ts";
import type { Timeline } from "../simulation/timeline.ts";
import { Rig } from "../support/rig.ts";
import { MACHINE, MessagesInMemory, NO_ALERTS, snapshot, TwoHands } from "./desk.ts";

/** A disk that writes in no time. */
const AT_ONCE = { after: (_: number, write: () => void) => write() } as unknown as Timeline;

/** Where somebody speaks from: their account, or the machine. */
export type From = `telegram:${number}` | `discord:${number}` | "terminal";

/** What outlives a process: the disk with the ledger, the machine's clock, and secrets that nobody else reads. */
export interface Machine {
  readonly disk: Disk;
  readonly clock: TwoHands;
  readonly secrets: Map<string, string>;
}

/** A machine on which alice, bob and carol have authenticators. */
export const machine = (): Machine => ({
  disk: new Disk(),
  clock: new TwoHands(),
  secrets: new Map([
    ["alice", "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"],
    ["bob", "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"],
    ["carol", "MFRGGZDFMZTWQ2LKNNWG23TPOBYXE43U"],
  ]),
});

/** A desk from its chat's reception to its kernel and its ledger; only platforms and sockets are left out. */
export class WholeDesk {
  readonly rig: Rig;
  readonly door: Door;
  readonly reception: Reception;
  readonly alerts: string[] = [];
  readonly log: string[] = [];
  readonly #machine: Machine;
  readonly #store: ReturnType<typeof openMemoryStore>;
  readonly #board: Board;
  readonly #codes: Codes;

  private constructor(on: Machine, people: RosterRules, commandsPerMinute: number) {
    const { clock, disk, secrets } = on;
    this.#machine = on;
    this.rig = new Rig({ config: { people } });
    this.rig.exchange.wallAt = clock.now() - 6_500;
    this.rig.boot();
    const store = openMemoryStore(
      disk,
      AT_ONCE,
      () => false,
      () => clock.now(),
    );
    this.#store = store;
    const log = (level: string, text: string): void => void this.log.push(`${level} ${text}`);
    const audit = (kind: string, actor: string, body: Readonly<Record<string, unknown>>): void =>
      void store.ledger.append(kind, actor, body);
    const desk = {
      kernel: this.rig.kernel,
      ask: (event: DeskEvent) => this.#turn(event),
      emit: (event: DeskEvent) => void this.#turn(event),
      metrics: snapshot().metrics,
    } as unknown as Desk;
    const board = new Board({
      outlets: [],
      messages: new MessagesInMemory(),
      clock,
      log,
      instrument: () => undefined,
    });
    this.#board = board;
    this.door = new Door({
      desk,
      store,
      clock,
      chat: () => ({
        alert: ({ level, key }) => this.alerts.push(`${level} ${key}`),
        card: (proposal, token) => board.show(proposal, token),
        health: () => [],
      }),
      health: () => snapshot().health,
      machine: MACHINE,
      market: { candles: () => Promise.reject(new Error("no candles here")) },
      clockWatch: { look: () => undefined },
    });
    this.#codes = new Codes({
      secretOf: (person) => secrets.get(person),
      memory: codeMemory(store.ledger),
      clock,
      log,
      onLocked: (person) => this.alerts.push(`${lockedAlert(person).level} ${lockedAlert(person).key}`),
    });
    const known = new People({
      roster: () => this.door.roster(),
      codes: this.#codes,
      clock,
      link: (actor, account) => this.door.link(actor, account),
    });
    const cards: CardDesk = {
      decide: async (id, decision, actor, code) => {
        const token = board.tokenOf(id);
        if (token === undefined) return { isOk: false, text: noDecisionText(id, board.proposalOf(id)) };
        const typed = code === undefined ? {} : { code };
        return await this.reception.decide({ actor, decision, token, place: undefined, ...typed });
      },
      explain: (id, reason, actor) => this.reception.explain(id, reason, actor),
    };
    const { door } = this;
    const runner = new CommandRunner({
      registry: commands,
      door,
      clock,
      log,
      audit,
      alerts: NO_ALERTS,
      cards,
      people: known,
      commandsPerMinute,
    });
    this.reception = new Reception({
      runner,
      people: known,
      board,
      door,
      log,
      audit,
      alerts: NO_ALERTS,
      clock,
    });
  }

  /** Starts a desk on a machine, with what its ledger has of earlier lives. */
  static async start(on: Machine, people: RosterRules, commandsPerMinute = 600): Promise<WholeDesk> {
    const desk = new WholeDesk(on, people, commandsPerMinute);
    await desk.#codes.restore();
    const events: Promise<unknown>[] = [];
    const inner = {
      kernel: desk.rig.kernel,
      emit: (event: DeskEvent) => events.push(desk.#turn(event)),
    } as unknown as Desk;
    await replayFacts(desk.#store, inner, on.clock);
    await Promise.all(events);
    desk.reception.people.watch();
    return desk;
  }

  /** Somebody types a line; gives all that they read, or nothing when nobody answers. */
  async say(from: From, line: string): Promise<string> {
    const [name = "", ...input] = line.replace(/^\//, "").split(" ");
    const actor = this.actor(from);
    const reply = actor === undefined ? await this.#stranger(from, name, input) : undefined;
    if (actor === undefined) return reply === undefined ? "" : textOf(reply);
    return textOf(await this.reception.command({ name, input, actor }));
  }

  /** Somebody presses a card's button. */
  async tap(from: From, id: string, decision: Decision = "approve"): Promise<Outcome> {
    const token = this.#board.tokenOf(id) ?? "";
    const actor = this.actor(from);
    if (actor === undefined) return { isOk: false, text: "" };
    return await this.reception.decide({ actor, decision, token, place: undefined });
  }

  /** Who speaks from there, as the desk sees it now. */
  actor(from: From): Actor | undefined {
    const { people } = this.reception;
    const [platform, id = ""] = from.split(":");
    if (platform === "terminal") return people.onTerminal("alice");
    return platform === "telegram" ? people.onTelegram(Number(id)) : people.onDiscord(id);
  }

  /** What a person's authenticator shows, some steps off. */
  code(person: string, steps = 0): string {
    const { clock, secrets } = this.#machine;
    const secret = Secret.fromBase32(secrets.get(person) ?? "");
    return TOTP.generate({ secret, timestamp: clock.now() + steps * 30_000 });
  }

  /** Time goes by; the desk's own clock goes with it. */
  async pass(ms: number): Promise<void> {
    const { clock } = this.#machine;
    await clock.pass(ms);
    const { at } = this.rig.state;
    const wallAt = this.#wallAt();
    await this.#turn({ type: "timer", at, wallAt, monotonicMs: Math.round(clock.monotonic()) } as DeskEvent);
  }

  /** What the ledger has of these kinds: who, and the body. */
  ledger(
    ...kinds: readonly string[]
  ): readonly (Readonly<Record<string, unknown>> & { readonly by: string })[] {
    return this.#machine.disk.entries
      .filter(({ kind }) => kinds.includes(kind))
      .map(({ actor, body }) => ({ by: actor, ...(JSON.parse(body) as object) }));
  }

  /** Everything that was written or printed anywhere. */
  everything(): string {
    return [JSON.stringify(this.#machine.disk.entries), ...this.log, ...this.alerts].join("\n");
  }

  async #stranger(from: From, name: string, input: readonly string[]): Promise<Reply | undefined> {
    const [platform, id = ""] = from.split(":");
    const [code] = input;
    if (name === "link" && code !== undefined)
      return await this.reception.redeem(
        code,
        { platform: platform as "telegram" | "discord", id },
        "a chat",
      );
    this.reception.stranger(from, "a chat", "a command");
    return undefined;
  }

  async #turn(event: DeskEvent): Promise<Outcome> {
    const { effects, outcome } = this.rig.turn(event);
    for (const effect of effects) await this.#carryOut(effect);
    return outcome ?? { isOk: true, text: "Done." };
  }

  async #carryOut(effect: Effect): Promise<void> {
    if (effect.type === "show") await this.door.show(effect.proposal);
    else if (effect.type === "alert") this.alerts.push(`${effect.level} ${effect.key}`);
    else if (effect.type === "fact") {
      const body = { ...effect.body, scope: scopeOf(this.rig.state.config) };
      await this.#store.ledger.append(effect.kind, effect.actor, body);
    }
  }

  #wallAt(): number {
    return Math.round(this.#machine.clock.now());
  }
}

/** All that a person reads. */
function textOf({ title, lines = [], fields = [], footer = "" }: Reply): string {
  return [title, ...lines, ...fields.map(({ label, text }) => `${label}: ${text}`), footer].join("\n").trim();
}
