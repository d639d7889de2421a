import type { Clock } from "../desk/ports.ts";
import { type ChatLog, faultText } from "./log.ts";
import { type Allowance, Pace, type PaceLimits, type Priority } from "./pace.ts";
import type { RoomMemory } from "./pace-memory.ts";
import type { Part } from "./parts.ts";
import type { Delivery, Room } from "./room.ts";

const PRIORITIES: readonly Priority[] = ["critical", "loud", "reply", "edit", "info"];
/** Parts that have waited for so long, because the platform was away or the room is full, come as one message. */
const TOGETHER_AFTER_MS = 3_000;

/** One message to write. */
export interface OutboxJob {
  readonly priority: Priority;
  /** A waiting job of the same key is replaced by this one, at the higher priority of both. */
  readonly key?: string;
  /** Worthless after so long, e.g. the answer to a question; left out: never. */
  readonly keepMs?: number;
  /** It may come as part of one message with others of its room; left out: it stands alone. */
  readonly part?: Part;
  run(): Promise<Delivery>;
}

interface Waiting {
  readonly job: OutboxJob;
  priority: Priority;
  readonly since: number;
  /** Since when there has been something of this key to write. */
  readonly first: number;
  tries: number;
}

/** How an outbox behaves. */
export interface OutboxOptions {
  readonly clock: Clock;
  readonly log: ChatLog;
  readonly limits: PaceLimits;
  /** What groups were written to in the life before counts as well; left out: nothing is known of it. */
  readonly memory?: RoomMemory | undefined;
  /** Waiting jobs of one room; above it the least important, oldest one is dropped. */
  readonly waitingMax?: number;
  readonly backoffMsMin?: number;
  readonly backoffMsMax?: number;
}

/**
 * Writes to the rooms of one platform, one message at a time each, the important first and within the platform's
 * limits. What fails is tried again with growing pauses; only `critical` and `loud` outlive everything. Parts that
 * had to wait come as one message.
 */
export class Outbox {
  readonly #options: OutboxOptions;
  readonly #pace: Pace;
  readonly #lanes = new Map<string, Lane>();
  /** What is left of the platform's limits, by the name under which it counts. */
  readonly #left = new Map<string, Left>();
  #isClosed = false;

  constructor(options: OutboxOptions) {
    this.#options = options;
    this.#pace = new Pace(options.limits);
  }

  /** Queues a job for a room. Never blocks and never throws. */
  add(room: LaneRoom, job: OutboxJob): void {
    if (this.#isClosed) return;
    let lane = this.#lanes.get(room.chat);
    if (lane === undefined) {
      lane = new Lane(room, this.#options, this.#pace, this.#leftOf(room));
      this.#lanes.set(room.chat, lane);
    }
    lane.add(job);
  }

  #leftOf(room: LaneRoom): Left {
    const name = limitName(room);
    const known = this.#left.get(name);
    if (known !== undefined) return known;
    const before = room.isGroup ? this.#options.memory?.recent(name) : [];
    const left = { allowance: this.#pace.allowance(room.isGroup, before), resumeAt: 0 };
    this.#left.set(name, left);
    return left;
  }

  /** Jobs that wait or are being written. */
  get pending(): number {
    return [...this.#lanes.values()].reduce((sum, lane) => sum + lane.pending, 0);
  }

  /** Settles when nothing is left to write. */
  async drained(): Promise<void> {
    await Promise.all([...this.#lanes.values()].map((lane) => lane.drained()));
  }

  /** Forgets what waits and takes nothing more. */
  close(): void {
    this.#isClosed = true;
    for (const lane of this.#lanes.values()) lane.close();
  }
}

type LaneRoom = Pick<Room, "chat" | "isGroup" | "limitedAs">;

const limitName = ({ chat, limitedAs = chat }: LaneRoom): string => limitedAs;

/** What rooms that share their limits may still write. */
interface Left {
  readonly allowance: Allowance;
  /** The platform wants none of it before. */
  resumeAt: number;
}

/** The queue of one room. */
class Lane {
  readonly #room: LaneRoom;
  readonly #options: OutboxOptions;
  readonly #pace: Pace;
  readonly #left: Left;
  #waiting: Waiting[] = [];
  #isWriting = false;
  #backoffMs = 0;
  #cancelWake: (() => void) | undefined;
  #whenDrained: (() => void)[] = [];

  constructor(room: LaneRoom, options: OutboxOptions, pace: Pace, left: Left) {
    this.#room = room;
    this.#options = options;
    this.#pace = pace;
    this.#left = left;
  }

  get pending(): number {
    return this.#waiting.length + (this.#isWriting ? 1 : 0);
  }

  add(job: OutboxJob): void {
    const same = job.key === undefined ? -1 : this.#waiting.findIndex((each) => each.job.key === job.key);
    const before = this.#waiting[same];
    const since = this.#options.clock.monotonic();
    if (before === undefined)
      this.#waiting.push({ job, priority: job.priority, since, first: since, tries: 0 });
    else this.#waiting[same] = { ...before, job, priority: higher(before.priority, job.priority), since };
    this.#bound();
    this.#pump();
  }

  drained(): Promise<void> {
    if (this.pending === 0) return Promise.resolve();
    return new Promise((resolve) => this.#whenDrained.push(resolve));
  }

  close(): void {
    this.#cancelWake?.();
    this.#waiting = [];
    this.#settle();
  }

  #bound(): void {
    const { waitingMax = 200, log } = this.#options;
    if (this.#waiting.length <= waitingMax) return;
    for (const priority of ["info", "edit", "reply"] as const) {
      const at = this.#waiting.findIndex((each) => each.priority === priority);
      if (at < 0) continue;
      this.#waiting.splice(at, 1);
      log("warn", `a message (${priority}) to ${this.#room.chat} was dropped: ${waitingMax} are waiting`);
      return;
    }
  }

  #pump(): void {
    this.#cancelWake?.();
    this.#cancelWake = undefined;
    if (this.#isWriting) return;
    const now = this.#options.clock.monotonic();
    this.#waiting = this.#waiting.filter(
      ({ job, since }) => job.keepMs === undefined || now - since <= job.keepMs,
    );
    const { first: next, wait } = this.#next(now);
    if (next === undefined) {
      this.#settle();
      return;
    }
    if (wait > 0) {
      this.#cancelWake = this.#options.clock.after(Math.ceil(wait), () => this.#pump());
      return;
    }
    const counts = this.#pace.count(this.#left.allowance, next.priority, now);
    if (counts && this.#room.isGroup) this.#options.memory?.note(limitName(this.#room));
    this.#isWriting = true;
    const parts = this.#together(next, now);
    const [{ job: { part } = {} } = {}] = parts;
    if (part !== undefined) {
      this.#waiting = this.#waiting.filter((each) => !parts.includes(each));
      void this.#writeTogether(parts, part);
      return;
    }
    this.#waiting.splice(this.#waiting.indexOf(next), 1);
    void this.#write(next);
  }

  /** What is written with this one in one message, the important first; nothing when it goes alone. */
  #together(next: Waiting, now: number): readonly Waiting[] {
    if (next.job.part?.isOpen() !== true) return [];
    const open = this.#waiting.filter(({ job }) => job.part?.isOpen() === true);
    if (open.length < 2 || open.every(({ first }) => now - first < TOGETHER_AFTER_MS)) return [];
    return open.sort((a, b) => PRIORITIES.indexOf(a.priority) - PRIORITIES.indexOf(b.priority));
  }

  async #writeTogether(all: readonly Waiting[], { write }: Part): Promise<void> {
    const parts = all.flatMap(({ job: { part } }) => (part === undefined ? [] : [part]));
    let told = 0;
    const delivery = await attempt(async () => {
      const written = await write(parts);
      told = written.told;
      return written.delivery;
    });
    this.#isWriting = false;
    const rest = delivery.type === "sent" ? all.slice(told) : all;
    for (const each of [...rest].reverse()) this.#putBack(delivery.type === "refused" ? alone(each) : each);
    this.#after(delivery, all[0]);
    this.#pump();
  }

  /**
   * What may be written first, and in how long; of what may be written at the same time the important. What has no limit of its
   * own does not wait behind something that must wait for its minute.
   */
  #next(now: number): { readonly first: Waiting | undefined; readonly wait: number } {
    let next: { readonly first: Waiting | undefined; readonly wait: number } = { first: undefined, wait: 0 };
    for (const priority of PRIORITIES) {
      const first = this.#waiting.find((each) => each.priority === priority);
      if (first === undefined) continue;
      const { allowance, resumeAt } = this.#left;
      const wait = Math.max(0, resumeAt - now, this.#pace.waitMs(allowance, priority, now));
      if (next.first === undefined || wait < next.wait) next = { first, wait };
    }
    return next;
  }

  async #write(next: Waiting): Promise<void> {
    const delivery = await attempt(() => next.job.run());
    this.#isWriting = false;
    if (delivery.type === "later") this.#putBack(next);
    this.#after(delivery, next);
    this.#pump();
  }

  /** What a try means for the next ones. */
  #after(delivery: Delivery, first: Waiting | undefined): void {
    const { log, clock, backoffMsMin = 1_000, backoffMsMax = 30_000 } = this.#options;
    switch (delivery.type) {
      case "later": {
        this.#backoffMs = Math.min(backoffMsMax, Math.max(backoffMsMin, this.#backoffMs * 2));
        // Another topic may have been told to wait longer: what was under way then says nothing against that.
        const resumeAt = clock.monotonic() + (delivery.afterMs ?? this.#backoffMs);
        this.#left.resumeAt = Math.max(this.#left.resumeAt, resumeAt);
        if (first === undefined) break;
        first.tries += 1;
        if (first.tries === 1) log("warn", `writing to ${this.#room.chat} is put off: ${delivery.reason}`);
        break;
      }
      case "refused":
        log("error", `a message to ${this.#room.chat} can't be delivered: ${delivery.reason}`);
        this.#backoffMs = 0;
        break;
      default:
        this.#backoffMs = 0;
    }
  }

  /** Back to the head, unless a newer one of the same key came meanwhile: that one says more, and is as urgent. */
  #putBack(next: Waiting): void {
    const { key } = next.job;
    const newer = key === undefined ? undefined : this.#waiting.find((each) => each.job.key === key);
    if (newer === undefined) this.#waiting.unshift(next);
    else newer.priority = higher(next.priority, newer.priority);
  }

  #settle(): void {
    if (this.pending > 0) return;
    for (const resolve of this.#whenDrained) resolve();
    this.#whenDrained = [];
  }
}

/** What could not be told with others is told by itself. */
function alone({ job: { part: _, ...job }, ...waiting }: Waiting): Waiting {
  return { ...waiting, job };
}

const higher = (a: Priority, b: Priority): Priority =>
  PRIORITIES.indexOf(a) <= PRIORITIES.indexOf(b) ? a : b;

/** Runs a job; a throw is a bug of ours and must not stop the others. */
async function attempt(run: () => Promise<Delivery>): Promise<Delivery> {
  try {
    return await run();
  } catch (fault) {
    return { type: "refused", reason: faultText(fault) };
  }
}
