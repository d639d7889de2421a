import type { Clock } from "../desk/ports.ts";
import type { OpenSocket } from "./exchange-client.ts";

/** What a kept stream is made of. */
export interface StreamOptions {
  readonly clock: Clock;
  open(): Promise<OpenSocket>;
  /** The socket is open (again). */
  onUp(isFirst: boolean): void;
  /** It broke, or could not be opened; said once until it is up again. */
  onDown(reason: unknown): void;
  /** Silence after which an open socket counts as dead; undefined: the socket's own pings decide. */
  readonly silenceMs: number | undefined;
}

/** Why we broke a socket ourselves, in words for people. */
export class StreamCut extends Error {
  override readonly name = "StreamCut";
}

const RETRY_FIRST_MS = 250;
const RETRY_MAX_MS = 5_000;
/**
 * A socket that lived so long was a good one, and the next break is a new story. One that opens and is given up at once
 * (a refused login, a first message that can't be read) is not: a loop of those must not dial faster than of dead ones.
 */
const STEADY_MS = 5_000;
/** A socket that does not open in this time is given up. */
const OPEN_MS = 10_000;

/** Keeps one stream open for good: reopens it after every break, notices silence, and says when it was down. */
export class StreamKeeper {
  readonly #options: StreamOptions;
  #socket: OpenSocket | undefined;
  #cutFor: StreamCut | undefined;
  #isStopped = false;
  #isUp = false;
  #wasUp = false;
  #isDownTold = false;
  #heardAt = 0;
  #upAt: number | undefined;
  #retryMs = RETRY_FIRST_MS;
  #cancelRetry: (() => void) | undefined;
  #cancelWatch: (() => void) | undefined;
  #firstUp: (() => void) | undefined;
  /** Resolves when the stream was up once. */
  readonly ready: Promise<void>;

  constructor(options: StreamOptions) {
    this.#options = options;
    this.ready = new Promise((resolve) => {
      this.#firstUp = resolve;
    });
  }

  start(): void {
    this.#run().catch((error: unknown) => this.#down(error));
  }

  /** A frame came. */
  heard(): void {
    this.#heardAt = this.#options.clock.monotonic();
  }

  /** Breaks the socket on purpose, e.g. because its key has expired; it is opened again soon. */
  cut(reason: string): void {
    if (this.#socket === undefined) return;
    this.#cutFor = new StreamCut(reason);
    this.#socket.cut(this.#cutFor);
  }

  /** Closes the stream for good. */
  stop(): void {
    this.#isStopped = true;
    this.#cancelRetry?.();
    this.#cancelWatch?.();
    this.#socket?.cut(new StreamCut("the stream was stopped"));
  }

  async #run(): Promise<void> {
    while (!this.#isStopped) {
      const broken = await this.#live();
      // ccxt turns our own reason into an error of its classes.
      const reason = this.#cutFor ?? broken;
      this.#cutFor = undefined;
      this.#socket = undefined;
      this.#cancelWatch?.();
      if (this.#isStopped) return;
      if (this.#wasSteady()) this.#retryMs = RETRY_FIRST_MS;
      this.#down(reason);
      await new Promise<void>((resolve) => {
        this.#cancelRetry = this.#options.clock.after(this.#retryMs, resolve);
      });
      this.#retryMs = Math.min(RETRY_MAX_MS, this.#retryMs * 2);
    }
  }

  /** Opens the socket and resolves with the reason when it is over. */
  async #live(): Promise<unknown> {
    let cancelLate = () => {};
    this.#upAt = undefined;
    try {
      const socket = await this.#options.open();
      if (this.#isStopped) socket.cut(new StreamCut("the stream was stopped"));
      this.#socket = socket;
      const late = new Promise((resolve) => {
        cancelLate = this.#options.clock.after(OPEN_MS, () => resolve(LATE));
      });
      const first = await Promise.race([socket.connected.then(() => UP), socket.broken, late]);
      cancelLate();
      if (first === LATE) this.cut("the socket did not open in time");
      if (first !== UP) return first;
      this.#up();
      return await socket.broken;
    } catch (error) {
      return error;
    } finally {
      cancelLate();
    }
  }

  #wasSteady(): boolean {
    return this.#upAt !== undefined && this.#options.clock.monotonic() - this.#upAt >= STEADY_MS;
  }

  #up(): void {
    this.#isUp = true;
    this.#isDownTold = false;
    this.#upAt = this.#options.clock.monotonic();
    this.heard();
    this.#watchSilence();
    this.#options.onUp(!this.#wasUp);
    this.#wasUp = true;
    this.#firstUp?.();
  }

  #down(reason: unknown): void {
    this.#isUp = false;
    if (this.#isDownTold || this.#isStopped) return;
    this.#isDownTold = true;
    this.#options.onDown(reason);
  }

  #watchSilence(): void {
    const { silenceMs, clock } = this.#options;
    if (silenceMs === undefined) return;
    this.#cancelWatch = clock.after(silenceMs / 2, () => {
      if (!this.#isUp || this.#isStopped) return;
      if (clock.monotonic() - this.#heardAt > silenceMs) this.cut(`nothing was heard for ${silenceMs} ms`);
      else this.#watchSilence();
    });
  }
}

const UP = Symbol("up");
const LATE = Symbol("late");
