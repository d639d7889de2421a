import { randomUUID } from "node:crypto";
import { join } from "node:path";
import type { Kernel } from "../desk/kernel/kernel.ts";
import type { Clock } from "../desk/ports.ts";
import { viewOf } from "../desk/view.ts";
import { type HeldThen, writeLifeSign } from "../observe/life-file.ts";
import type { Log } from "../observe/log.ts";

const EVERY_MS = 2_000;

/** Where the desk of a scope writes that it lives, for its watchdog: a `sim` beside a `live` must not speak for it. */
export const lifeFile = (dataDir: string, scope: string): string =>
  join(dataDir, `alive-${scope.replaceAll(/[^a-zA-Z0-9.-]+/g, "-")}.json`);

/** What is held and rests, as a sign of life tells it; undefined before the account was read. */
export function heldThen(state: Kernel["state"]): HeldThen | undefined {
  if (!state.isBooted) return undefined;
  const { engines, orders } = viewOf(state);
  const entries = orders.filter(({ role }) => role === "entry" || role === "hedge").length;
  const rungs = engines.reduce((sum, { rungsHeld }) => sum + rungsHeld, 0);
  return { rungs, entries, exits: orders.length - entries };
}

/** What signs of life are written with. */
export interface LifeParts {
  readonly file: string;
  /** Whose they are. */
  readonly desk: string;
  readonly clock: Clock;
  readonly log: Pick<Log, "warn">;
}

/** Writes every two seconds that this process lives, and what the desk holds. A process that hangs or is gone writes nothing. */
export class SignsOfLife {
  readonly #parts: LifeParts;
  readonly #boot = randomUUID();
  #beat = 0;
  #held: () => HeldThen | undefined = () => undefined;
  #isStopped = false;
  #isFailing = false;
  #cancel: () => void = () => undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor(parts: LifeParts) {
    this.#parts = parts;
  }

  begin(): void {
    this.#writing = this.#write(false).then(() => {
      if (!this.#isStopped) this.#cancel = this.#parts.clock.after(EVERY_MS, () => this.begin());
    });
  }

  /** From now on the signs say what is held. */
  tell(held: () => HeldThen | undefined): void {
    this.#held = held;
  }

  /** No sign comes any more. `isWanted`: a person ended the desk; else its watchdog speaks up in time. */
  async end(isWanted: boolean): Promise<void> {
    this.#isStopped = true;
    this.#cancel();
    await this.#writing;
    if (isWanted) await this.#write(true);
  }

  async #write(isOver: boolean): Promise<void> {
    const { file, desk, clock, log } = this.#parts;
    this.#beat += 1;
    const wallAt = Math.round(clock.now());
    try {
      await writeLifeSign(file, {
        boot: this.#boot,
        beat: this.#beat,
        wallAt,
        desk,
        isOver,
        held: this.#held(),
      });
      this.#isFailing = false;
    } catch (error) {
      if (!this.#isFailing) log.warn("a sign of life could not be written", { error });
      this.#isFailing = true;
    }
  }
}
