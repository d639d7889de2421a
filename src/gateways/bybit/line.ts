import type { Clock } from "../../desk/ports.ts";
import { list, object, optionalText, type Payload, PayloadError } from "../binance/fields.ts";
import type { ExchangeClient } from "../exchange-client.ts";
import type { Urgency } from "../weight-budget.ts";
import { CallPace } from "./call-pace.ts";

/** Pages of one list beyond which something is wrong. */
const PAGES_MOST = 200;

/** How often a reading waits for its turn before it gives up. */
const WAITS_MOST = 100;

/** Bybit's calls: their pace, their envelope, and lists that come in pages. */
export class BybitLine {
  readonly #client: ExchangeClient;
  readonly #clock: Clock;
  readonly #pace: CallPace;

  constructor(client: ExchangeClient, clock: Clock) {
    this.#client = client;
    this.#clock = clock;
    this.#pace = new CallPace(() => clock.monotonic());
  }

  /** Wall time of this machine, whole milliseconds. */
  now(): number {
    return this.#client.now();
  }

  /** See `WeightBudget.standstill`. */
  get standstill(): ExchangeClient["budget"]["standstill"] {
    return this.#client.budget.standstill;
  }

  /** One call with its envelope. Rejects like `ExchangeClient.call`, also for a `retCode` that the carrier let pass. */
  async whole(name: string, params: object, urgency: Urgency): Promise<Payload> {
    if (urgency === "read") await this.#room(name);
    this.#pace.spend(name, urgency);
    const answer = object(await this.#client.call(name, params, urgency), name);
    if (optionalText(answer, "retCode") !== "0") throw new Error(`bybit ${JSON.stringify(answer)}`);
    return answer;
  }

  /** Readings may wait for their turn in the second, up to a point; orders never do. */
  async #room(name: string): Promise<void> {
    for (let turn = 0; turn < WAITS_MOST; turn += 1) {
      const ms = this.#pace.waitMs(name, "read");
      if (ms === 0) return;
      await new Promise<void>((resolve) => {
        this.#clock.after(ms, resolve);
      });
    }
  }

  /** One call's result. */
  async call(name: string, params: object, urgency: Urgency): Promise<Payload> {
    return object((await this.whole(name, params, urgency))["result"], `${name} result`);
  }

  /** The one row of a list that is asked for by a name. The page's cursor is not followed: behind it is nothing. */
  async named(name: string, params: object, urgency: Urgency): Promise<Payload | undefined> {
    return list((await this.call(name, params, urgency))["list"], `${name} list`)[0];
  }

  /** All rows of a list, page by page in the order in which they come. Rejects when any page can't be read. */
  async rows(name: string, params: object, urgency: Urgency): Promise<readonly Payload[]> {
    const found: Payload[] = [];
    let cursor = "";
    for (let page = 0; page < PAGES_MOST; page += 1) {
      const result = await this.call(name, cursor === "" ? params : { ...params, cursor }, urgency);
      const rows = list(result["list"], `${name} list`);
      found.push(...rows);
      cursor = optionalText(result, "nextPageCursor") ?? "";
      // Some lists name a next page after their last one: an empty one ends them.
      if (cursor === "" || rows.length === 0) return found;
    }
    throw new PayloadError(`${name} does not end after ${PAGES_MOST} pages`);
  }
}
