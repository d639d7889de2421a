import type { DeskEvent } from "../../src/core/event.ts";
import { Kernel } from "../../src/desk/kernel/kernel.ts";
import { stateHash } from "../../src/desk/recorder.ts";
import { Grid } from "../../src/engines/grid/grid.ts";
import type { Bot } from "./bot.ts";
import { sameReplay } from "./checkers.ts";
import type { Scenario } from "./scenario.ts";

/** One life in so many seeds is replayed from its recording's text, the others from the events themselves. */
const FROM_TEXT_EVERY = 16;

/** Keeps what each desk was told and, when its life is over, tells it all to a fresh kernel (I5). */
export class Replays {
  readonly #events = new Map<Bot, DeskEvent[]>();
  readonly #scenario: Scenario;
  readonly #fail: (finding: string) => void;

  constructor(scenario: Scenario, fail: (finding: string) => void) {
    this.#scenario = scenario;
    this.#fail = fail;
  }

  record(bot: Bot, event: DeskEvent): void {
    const events = this.#events.get(bot);
    if (events === undefined) this.#events.set(bot, [event]);
    else events.push(event);
  }

  /** A life is over: does the replay end in the same state? */
  check(bot: Bot): void {
    const events = this.#events.get(bot) ?? [];
    this.#events.delete(bot);
    if (bot.desk === undefined || bot.config === undefined) return;
    const isText = this.#scenario.seed % FROM_TEXT_EVERY === 0;
    const fresh = new Kernel(
      bot.config,
      bot.config.grids.map((grid) => new Grid(grid)),
    );
    for (const event of events) fresh.turn(isText ? (JSON.parse(JSON.stringify(event)) as DeskEvent) : event);
    const finding = sameReplay(
      stateHash(bot.desk.kernel.state.canonical()),
      stateHash(fresh.state.canonical()),
    );
    if (finding !== undefined) this.#fail(`${bot.name}: ${finding}`);
  }
}
