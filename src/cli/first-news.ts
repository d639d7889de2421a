import type { DeskEvent, GapEvent } from "../core/event.ts";
import type { Millis, Ticks } from "../core/units.ts";
import type { Clock, Gateway } from "../desk/ports.ts";
import type { Log } from "../observe/log.ts";
import { firstPrices } from "./grids.ts";
import { CHECK_NETWORK, inTime } from "./in-time.ts";
import { StartError } from "./start-error.ts";

/** What the first news are waited for with. */
interface FirstNewsParts {
  readonly gateway: Pick<Gateway, "market" | "account">;
  readonly symbols: readonly string[];
  readonly clock: Clock;
  readonly log: Pick<Log, "warn">;
  /** Takes secrets out of what an exchange or a socket said. */
  readonly redact: (text: string) => string;
  /** All that comes, now and later. */
  readonly market: (event: DeskEvent) => void;
  readonly account: (event: DeskEvent) => void;
}

/** What a start needs of the market before there is a desk. */
interface FirstNews {
  /** The first price of each symbol that is traded. */
  readonly prices: ReadonlyMap<string, Ticks>;
  /** Market time, as late as any message told it. */
  at(): Millis;
}

/**
 * Opens the streams of the market and of the account, and waits for the first price of each symbol. What breaks meanwhile is
 * logged; what has not come in half a minute is a `StartError` that says which, why, and what to do.
 */
export async function firstNews(parts: FirstNewsParts): Promise<FirstNews> {
  const { gateway, symbols, clock } = parts;
  const first = firstPrices(symbols);
  const breaks = new Breaks(parts);
  let isOver = false;
  let missing = (): string => `the market's streams did not open${breaks.why("market")}: ${CHECK_NETWORK}`;
  const open = async (): Promise<FirstNews> => {
    await gateway.market.start(symbols, (event) => {
      if (!isOver) breaks.note(event);
      first.see(event);
      parts.market(event);
    });
    breaks.forget("market");
    // Who waited has gone, and closes what was opened: nothing more is opened behind their back.
    if (isOver) throw new StartError(missing());
    missing = () =>
      `the account's stream did not open${breaks.why("account")}: check the keys and their rights, and ${CHECK_NETWORK}`;
    await gateway.account.start((event) => {
      if (!isOver) breaks.note(event);
      parts.account(event);
    });
    missing = () => `no price of ${first.missing().join(", ")} came${breaks.why("market")}: ${CHECK_NETWORK}`;
    return { prices: await first.all, at: first.at };
  };
  try {
    return await inTime(open(), clock, () => missing());
  } finally {
    isOver = true;
  }
}

/** Why streams are down that nobody else hears of yet. */
class Breaks {
  readonly #parts: Pick<FirstNewsParts, "log" | "redact">;
  readonly #reasons = new Map<GapEvent["stream"], string>();

  constructor(parts: Pick<FirstNewsParts, "log" | "redact">) {
    this.#parts = parts;
  }

  note(event: DeskEvent): void {
    if (event.type === "resynced") this.#reasons.delete(event.stream);
    if (event.type !== "gap") return;
    const reason = this.#parts.redact(event.reason);
    this.#reasons.set(event.stream, reason);
    this.#parts.log.warn(`the ${event.stream} stream is down while the desk starts, and is tried again`, {
      reason,
    });
  }

  /** It opened, whatever was in the way before. */
  forget(stream: GapEvent["stream"]): void {
    this.#reasons.delete(stream);
  }

  why(stream: GapEvent["stream"]): string {
    const reason = this.#reasons.get(stream);
    return reason === undefined ? "" : ` (${reason})`;
  }
}
