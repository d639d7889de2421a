import type { Clock } from "../../desk/ports.ts";
import { type ChatLog, faultText } from "../log.ts";
import { OneTimeCode } from "./code.ts";

/** Where a message was written. */
export interface FoundPlace {
  /** Chat or channel. */
  readonly id: string;
  /** Topic of a Telegram forum. */
  readonly topic?: number;
  /** Discord's server. */
  readonly guild?: string;
  /** As people call it. */
  readonly name: string;
  /** Only the person and the bot read there. */
  readonly isPrivate: boolean;
}

/** A message of a person to the bot, in their own words. */
export interface Heard {
  /** Account id on the platform. */
  readonly account: string;
  readonly name: string;
  /** A code, or "/here". */
  readonly text: string;
  /** Nobody else reads it. */
  readonly isHidden: boolean;
  readonly place: FoundPlace;
  /** Answers where it was written. Never rejects. */
  answer(text: string): Promise<void>;
}

/** What a bot tells while it listens. */
export interface Ears {
  heard(message: Heard): void;
  /** What keeps the bot from hearing, with what mends it; undefined: it hears (again). */
  trouble(sentence: string | undefined): void;
}

/** A bot whose token was found right. */
export interface SetupBot {
  /** How people call it. */
  readonly name: string;
  /** How the code is sent to it. */
  codeHint(code: string): string;
  /** How it is told the place for alerts. */
  readonly placeHint: string;
  /** What may be wrong when nothing comes. */
  readonly lateHint: string;
  /** Begins to listen. */
  listen(ears: Ears): void;
  /** Writes a message there; undefined: it stands there, else what is missing and what mends it, as a sentence. */
  test(place: FoundPlace): Promise<string | undefined>;
  /** Listens no more. */
  close(): Promise<void>;
}

/** What a first run found out. */
export interface FoundChat {
  /** Account of whoever sits at the terminal. */
  readonly account: string;
  readonly place: FoundPlace;
}

/** What a first run stands on. */
export interface FirstRunParts {
  readonly bot: SetupBot;
  readonly clock: Clock;
  /** Tells whoever sits at the terminal. */
  readonly say: (text: string) => void;
  readonly log: ChatLog;
}

/**
 * Finds out with whom and where a desk will speak: whoever sends the code from the terminal is its admin, and where they then
 * write /here alerts will come, once a test message stands there. Everybody else gets no answer.
 */
export class FirstRun {
  readonly found: Promise<FoundChat>;
  readonly #parts: FirstRunParts;
  #code: OneTimeCode;
  #admin: string | undefined;
  #trouble: string | undefined;
  #lateAt = 0;
  #tell: (found: FoundChat) => void = () => undefined;
  #cancelEnd: () => void = () => undefined;
  /** Messages are taken one after the other. */
  #last: Promise<void> = Promise.resolve();
  #isOver = false;

  constructor(parts: FirstRunParts) {
    this.#parts = parts;
    this.#code = new OneTimeCode(parts.clock);
    this.found = new Promise((resolve) => {
      this.#tell = resolve;
    });
  }

  /** Begins: shows the code and listens. */
  start(): void {
    const { bot } = this.#parts;
    this.#show();
    bot.listen({
      heard: (message) => {
        this.#last = this.#last
          .then(() => this.#take(message))
          .catch((fault: unknown) => this.#parts.log("error", `a first message failed: ${faultText(fault)}`));
      },
      trouble: (sentence) => this.#troubled(sentence),
    });
  }

  /** Ends; who is left in the middle has to begin again. */
  stop(): void {
    this.#isOver = true;
    this.#cancelEnd();
  }

  #show(): void {
    const { bot, say } = this.#parts;
    say(bot.codeHint(this.#code.text));
    this.#stepped();
  }

  /** A step begins: in a minute without the next one, what may be wrong is said once. */
  #stepped(): void {
    const { clock } = this.#parts;
    this.#lateAt = clock.monotonic() + LATE_MS;
    this.#cancelEnd();
    this.#cancelEnd = clock.after(LOOK_MS, () => this.#look());
  }

  /** A code that is over is followed by another one, as long as nobody has used it. */
  #look(): void {
    const { bot, clock, say } = this.#parts;
    if (this.#isOver) return;
    if (this.#admin === undefined && this.#code.isOver) {
      say("That code holds no more. Here is another one.");
      this.#code = new OneTimeCode(clock);
      this.#show();
      return;
    }
    if (clock.monotonic() >= this.#lateAt) {
      this.#lateAt = Number.POSITIVE_INFINITY;
      say(bot.lateHint);
    }
    this.#cancelEnd = clock.after(LOOK_MS, () => this.#look());
  }

  #troubled(sentence: string | undefined): void {
    if (this.#isOver || sentence === this.#trouble) return;
    this.#parts.say(sentence ?? "That is mended; it goes on.");
    this.#trouble = sentence;
  }

  async #take(message: Heard): Promise<void> {
    if (this.#isOver) return;
    if (this.#admin === undefined) await this.#identify(message);
    else if (message.account === this.#admin && message.text.toLowerCase() === "/here")
      await this.#settle(message);
  }

  async #identify(message: Heard): Promise<void> {
    const { bot, say } = this.#parts;
    if (!message.isHidden || !this.#code.take(message.text, message.account)) return;
    this.#admin = message.account;
    this.#stepped();
    say(`You are ${message.name} (${message.account}).`);
    say(bot.placeHint);
    await message.answer(`You are the admin of this desk. ${bot.placeHint}`);
  }

  async #settle({ account, place, answer }: Heard): Promise<void> {
    const { bot, say } = this.#parts;
    const missing = await bot.test(place);
    if (missing !== undefined) {
      say(missing);
      await answer(missing);
      return;
    }
    say(`A test message stands in ${place.name}.`);
    await answer("Alerts and cards will come here. The terminal says what is next.");
    this.stop();
    this.#tell({ account, place });
  }
}

const LOOK_MS = 5_000;
const LATE_MS = 60_000;
