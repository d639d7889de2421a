import type { Actor, Decision, Proposal } from "../../src/core/proposal.ts";
import type { Random } from "../../src/core/random.ts";
import { ONE, rate } from "../../src/core/units.ts";
import type { Bot } from "./bot.ts";
import { TROUBLE_MS } from "./scenario.ts";
import type { Timeline } from "./timeline.ts";
import type { Trace } from "./trace.ts";

const ALICE: Actor = { person: "alice", role: "admin", platform: "telegram" };
const BOB: Actor = { person: "bob", role: "admin", platform: "discord" };
/** An admin looks about this often whether something waits for an admin, wall milliseconds. */
const LOOK_MS = 12_000;
/** When trouble is over somebody sits before the desk, and answers its word of foreign orders this soon, wall milliseconds. */
const ANSWER_MS = 500;

/** What people are made of. */
export interface PeopleParts {
  readonly timeline: Timeline;
  readonly chance: Random;
  /** Draws which way out of a stuck position is chosen. */
  readonly ways: Random;
  readonly trace: Trace;
}

/** The desk's own people: they pause and resume, press panic, ask for closes and tap on cards, two of them at once. */
export class People {
  readonly #parts: PeopleParts;
  #isMending = false;

  constructor(parts: PeopleParts) {
    this.#parts = parts;
  }

  /** From now on commands come now and then. */
  begin(main: () => Bot | undefined): void {
    const { timeline, chance } = this.#parts;
    const deeds = 1 + chance.below(5);
    for (let count = 0; count < deeds; count += 1)
      timeline.after(15_000 + chance.below(TROUBLE_MS - 40_000), () => this.#deed(main()));
    this.#tend(main);
  }

  /** Trouble is over: everything that waits for an admin is resumed, again and again until all runs. */
  mend(main: () => Bot | undefined): void {
    this.#isMending = true;
    this.#admin(main());
    this.#answer(main);
  }

  /** An order that was placed by hand in the trouble may execute in the last moments: the desk then waits for a person. */
  #answer(main: () => Bot | undefined): void {
    const bot = main();
    const state = bot?.desk?.kernel.state;
    if (bot !== undefined && state?.foreignActivity === true)
      this.#say(bot, "resume", (door) => door.resume(ALICE));
    if (bot !== undefined && state?.isBooted === true) this.#loosen(bot);
    this.#parts.timeline.after(ANSWER_MS, () => this.#answer(main));
  }

  /** A card is shown: sooner or later somebody taps, often two people at once. */
  card(bot: Bot, proposal: Proposal, token: string | undefined): void {
    if (token === undefined || proposal.state !== "pending") return;
    const { timeline, chance } = this.#parts;
    if (proposal.action.type === "resetRisk") {
      timeline.after(ANSWER_MS, () =>
        this.#say(bot, "tap approve", (door) => door.decide(token, "approve", BOB)),
      );
      return;
    }
    const draw = chance.below(10);
    if (draw === 0) return;
    const taps = draw < 4 ? 1 : 2;
    for (let count = 0; count < taps; count += 1) {
      const decision = chance.below(5) === 0 ? "reject" : this.#yes(proposal);
      const waitMs = chance.below(4) === 0 ? 4_000 + chance.below(60_000) : 200 + chance.below(3_000);
      timeline.after(waitMs, () =>
        this.#say(bot, `tap ${decision}`, (door) => door.decide(token, decision, count === 0 ? ALICE : BOB)),
      );
    }
  }

  /** A stuck position is hedged more often than not, where that is offered: it is the longest way. */
  #yes({ action }: Proposal): Decision {
    if (action.type !== "recover") return "approve";
    const { ways } = this.#parts;
    const way = action.ways[ways.below(action.ways.length)] ?? "reject";
    return action.ways.includes("hedge") && ways.below(2) === 0 ? "hedge" : way;
  }

  #tend(main: () => Bot | undefined): void {
    const { timeline, chance } = this.#parts;
    timeline.after(LOOK_MS + chance.below(LOOK_MS), () => {
      this.#admin(main());
      this.#tend(main);
    });
  }

  /** What a real admin does with a desk that waits for one: looks, and lets it go on. */
  #admin(bot: Bot | undefined): void {
    const state = bot?.desk?.kernel.state;
    if (bot === undefined || state === undefined || !state.isBooted) return;
    this.#loosen(bot);
    if (state.paused.size > 0 || state.foreignActivity || state.ledgerDoubt || this.#isMending)
      this.#say(bot, "resume", (door) => door.resume(ALICE));
  }

  /** In the trouble what the desk's own conditions allow; in the calm the admin begins anew, as after a day that went wrong. */
  #loosen(bot: Bot): void {
    const state = bot.desk?.kernel.state;
    if (state === undefined || state.riskState === "monitoring") return;
    if (this.#isMending || state.riskState === "shutdown")
      this.#say(bot, "resetRisk", (door) => door.resetRisk(ALICE, "a day that went wrong"));
    else this.#say(bot, "setRiskState monitoring", (door) => door.setRiskState(ALICE, "monitoring"));
  }

  #deed(bot: Bot | undefined): void {
    const { chance } = this.#parts;
    if (bot === undefined) return;
    const instrument = bot.config?.instruments[chance.below(bot.config.instruments.length)]?.instrument.id;
    switch (chance.below(6)) {
      case 0:
        this.#say(bot, "pause", (door) => door.pause(BOB));
        return;
      case 1:
        this.#say(bot, "panic", (door) => door.panic(BOB));
        return;
      case 2:
        this.#say(bot, "setRiskState", (door) =>
          door.setRiskState(BOB, chance.below(2) === 0 ? "shutdown" : "emergency"),
        );
        return;
      default: {
        const part = rate(chance.below(2) === 0 ? ONE : (ONE / 4) * (1 + chance.below(3)));
        this.#say(bot, `close ${instrument}`, (door) =>
          door.proposeClose(BOB, {
            instrument,
            positionSide: undefined,
            part,
            includesForeign: chance.below(3) === 0,
          }),
        );
      }
    }
  }

  #say(
    bot: Bot,
    what: string,
    ask: (door: NonNullable<Bot["door"]>) => Promise<{ readonly text: string }>,
  ): void {
    if (bot.door === undefined || bot.process.isDead) return;
    this.#parts.trace.note(`@ ${what}`);
    const note = (text: string): void => this.#parts.trace.note(`@ ${what}: ${text}`);
    ask(bot.door).then(
      ({ text }) => note(text),
      (error: unknown) => note(`the door promised never to reject: ${String(error)}`),
    );
  }
}
