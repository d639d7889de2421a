import { describe, expect, it } from "vitest";
import { CALM, type FrameFate } from "../../../src/venue/faults/weather.ts";
import { type FrameSocket, Frames } from "../../../src/venue/web/frames.ts";

const ABOUT = { skin: "binanceusdm", kind: "private", stream: "user" } as const;

/** A wall clock that a test moves, with its timers. */
class HandWall {
  #now = 0;
  #timers: { readonly at: number; readonly run: () => void }[] = [];
  now(): number {
    return this.#now;
  }
  setTimeout(run: () => void, delayMs: number): unknown {
    return this.#timers.push({ at: this.#now + delayMs, run });
  }
  clearTimeout(): void {}
  /** Moves on; timers that are due at once run in the reverse order, which is as good as any. */
  to(now: number): void {
    this.#now = now;
    const due = this.#timers.filter(({ at }) => at <= now).reverse();
    this.#timers = this.#timers.filter(({ at }) => at > now);
    for (const { run } of due) run();
  }
}

function socketOf(): FrameSocket & {
  readonly sent: string[];
  isPaused: boolean;
  bufferedAmount: number;
  cut: number;
} {
  const socket = {
    readyState: 1,
    OPEN: 1,
    bufferedAmount: 0,
    isPaused: false,
    sent: [] as string[],
    cut: 0,
    send: (text: string) => {
      socket.sent.push(text);
    },
    terminate: () => {
      socket.cut += 1;
    },
  };
  return socket;
}

describe("pushed messages", () => {
  it("go out at once in calm weather, and to no socket that is frozen, closed or too far behind", () => {
    let cuts = 0;
    const frames = new Frames(new HandWall(), CALM, () => {
      cuts += 1;
    });
    const [live, frozen, closed, slow] = [socketOf(), socketOf(), socketOf(), socketOf()];
    frozen.isPaused = true;
    Object.assign(closed, { readyState: 3 });
    slow.bufferedAmount = 33 * 1024 * 1024;
    for (const socket of [live, frozen, closed, slow]) frames.push(socket, "a", ABOUT);
    expect([live.sent, frozen.sent, closed.sent, slow.sent]).toEqual([["a"], [], [], []]);
    expect([live.cut, frozen.cut, closed.cut, slow.cut, cuts]).toEqual([0, 0, 0, 1, 1]);
  });

  it("keep the order in which they are due, whatever timers do; equal ones that in which they were made", () => {
    const wall = new HandWall();
    const fates: FrameFate[] = [[300], [200], [], [50, 300], [250], [0]];
    const frames = new Frames(wall, { ...CALM, frame: () => fates.shift() ?? [0] });
    const socket = socketOf();
    const other = socketOf();
    for (const text of ["a 300", "b 200", "lost", "d 50 and 300", "e 250"]) frames.push(socket, text, ABOUT);
    frames.push(other, "other", ABOUT);
    expect([socket.sent, other.sent]).toEqual([[], ["other"]]);
    wall.to(60);
    expect(socket.sent).toEqual(["d 50 and 300"]);
    frames.push(socket, "f now", ABOUT);
    expect(socket.sent).toEqual(["d 50 and 300", "f now"]);
    wall.to(400);
    expect(socket.sent.slice(2)).toEqual(["b 200", "e 250", "a 300", "d 50 and 300"]);
    frames.push(socket, "g now", ABOUT);
    expect(socket.sent.at(-1)).toBe("g now");
  });

  it("a message that is due now goes behind older ones that are due, though their timer is late", () => {
    const wall = new HandWall();
    const fates: FrameFate[] = [[100], [0]];
    const frames = new Frames(wall, { ...CALM, frame: () => fates.shift() ?? [0] });
    const socket = socketOf();
    frames.push(socket, "late", ABOUT);
    Object.assign(wall, { now: () => 120 });
    frames.push(socket, "now", ABOUT);
    expect(socket.sent).toEqual(["late", "now"]);
  });
});
