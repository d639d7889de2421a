import type { FrameSeen, Weather } from "../faults/weather.ts";
import type { WallClock } from "./wall.ts";

/** A client's socket as far as pushing messages needs it; a `ws` socket fits, and so does one in memory. */
export interface FrameSocket {
  readonly readyState: number;
  readonly OPEN: number;
  readonly bufferedAmount: number;
  send(text: string): void;
  terminate(): void;
}

/** A socket may lag this many bytes behind before it is cut, as exchanges do with slow readers. */
const BACKLOG_MOST = 32 * 1024 * 1024;

/** The one place through which every pushed message of every protocol leaves the exchange: it meets the weather here. */
export class Frames {
  readonly #wall: WallClock;
  readonly #weather: Weather;
  readonly #onCut: () => void;

  /** `onCut` hears of readers that were too slow. */
  constructor(wall: WallClock, weather: Weather, onCut: () => void = () => {}) {
    this.#wall = wall;
    this.#weather = weather;
    this.#onCut = onCut;
  }

  /** Sends a message, or loses, doubles or delays it as the weather says. */
  push(socket: FrameSocket, text: string, about: Omit<FrameSeen, "wallAt">): void {
    for (const delayMs of this.#weather.frame({ ...about, wallAt: this.#wall.now() })) {
      if (delayMs === 0) this.#send(socket, text);
      else this.#wall.setTimeout(() => this.#send(socket, text), delayMs);
    }
  }

  #send(socket: FrameSocket, text: string): void {
    if (socket.readyState !== socket.OPEN) return;
    if (socket.bufferedAmount > BACKLOG_MOST) {
      this.#onCut();
      socket.terminate();
    } else socket.send(text);
  }
}
