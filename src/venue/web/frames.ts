import type { FrameSeen, Weather } from "../faults/weather.ts";
import type { WallClock } from "./wall.ts";

/** A client's socket as far as pushing messages needs it; a `ws` socket fits, and so does one in memory. */
export interface FrameSocket {
  readonly readyState: number;
  readonly OPEN: number;
  readonly bufferedAmount: number;
  /** True for a socket that is dead without anybody having noticed: what is sent to it gets lost. */
  readonly isPaused?: boolean;
  send(text: string): void;
  terminate(): void;
}

/** A socket may lag this many bytes behind before it is cut, as exchanges do with slow readers. */
const BACKLOG_MOST = 32 * 1024 * 1024;

/** A message on its way. */
interface Delayed {
  readonly dueAt: number;
  readonly text: string;
}

/**
 * The one place through which every pushed message of every protocol leaves the exchange: it meets the weather here.
 * A socket's messages go out in the order in which they are due; equal ones in the order in which they were made.
 */
export class Frames {
  readonly #wall: WallClock;
  readonly #weather: Weather;
  readonly #onCut: () => void;
  readonly #delayed = new Map<FrameSocket, Delayed[]>();

  /** `onCut` hears of readers that were too slow. */
  constructor(wall: WallClock, weather: Weather, onCut: () => void = () => {}) {
    this.#wall = wall;
    this.#weather = weather;
    this.#onCut = onCut;
  }

  /** Sends a message, or loses, doubles or delays it as the weather says. */
  push(socket: FrameSocket, text: string, about: Omit<FrameSeen, "wallAt">): void {
    const now = this.#wall.now();
    for (const delayMs of this.#weather.frame({ ...about, wallAt: now })) {
      if (delayMs === 0 && !this.#delayed.has(socket)) this.#send(socket, text);
      else this.#delay(socket, { dueAt: now + delayMs, text }, delayMs);
    }
  }

  #delay(socket: FrameSocket, message: Delayed, delayMs: number): void {
    const waiting = this.#delayed.get(socket) ?? [];
    this.#delayed.set(socket, waiting);
    const before = waiting.findLastIndex(({ dueAt }) => dueAt <= message.dueAt);
    waiting.splice(before + 1, 0, message);
    if (delayMs === 0) this.#flush(socket);
    else this.#wall.setTimeout(() => this.#flush(socket, message.dueAt), delayMs);
  }

  /** Timers may fire a moment early: `least` is a time that has come whatever the clock says. */
  #flush(socket: FrameSocket, least = 0): void {
    const waiting = this.#delayed.get(socket);
    if (waiting === undefined) return;
    const now = Math.max(least, this.#wall.now());
    const count = waiting.findLastIndex(({ dueAt }) => dueAt <= now) + 1;
    for (const { text } of waiting.splice(0, count)) this.#send(socket, text);
    if (waiting.length === 0) this.#delayed.delete(socket);
  }

  #send(socket: FrameSocket, text: string): void {
    if (socket.readyState !== socket.OPEN || socket.isPaused === true) return;
    if (socket.bufferedAmount > BACKLOG_MOST) {
      this.#onCut();
      socket.terminate();
    } else socket.send(text);
  }
}
