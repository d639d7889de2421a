import type { Clock } from "../../desk/ports.ts";
import type { ExchangeClient } from "../exchange-client.ts";
import type { Dialect } from "./dialect.ts";
import { failureOf } from "./errors.ts";
import { object, text } from "./fields.ts";

/** A key lives for an hour; it is renewed well before. */
const RENEW_MS = 20 * 60_000;
/** After a renewal that failed for another reason than a dead key. */
const RETRY_MS = 60_000;
/** "This listenKey does not exist." */
const NO_SUCH_KEY = -1125;

/** The key of the private stream: asked for afresh for every socket, and renewed while that socket lives. */
export class ListenKey {
  readonly #client: Pick<ExchangeClient, "call">;
  readonly #family: Dialect["family"];
  readonly #clock: Clock;
  readonly #onGone: (reason: string) => void;
  #cancelRenewal: (() => void) | undefined;
  #isClosed = false;

  /** `onGone` hears that the key which was asked for last is dead. */
  constructor(
    client: Pick<ExchangeClient, "call">,
    family: Dialect["family"],
    clock: Clock,
    onGone: (reason: string) => void,
  ) {
    this.#client = client;
    this.#family = family;
    this.#clock = clock;
    this.#onGone = onGone;
  }

  /** A key that lives. Rejects when none can be had. */
  async open(): Promise<string> {
    this.#cancelRenewal?.();
    const answer = object(
      await this.#client.call(`POST /${this.#family}/v1/listenKey`, {}, "close"),
      "listenKey",
    );
    const key = text(answer, "listenKey");
    this.#renewIn(RENEW_MS);
    return key;
  }

  /** Renews no more. */
  close(): void {
    this.#isClosed = true;
    this.#cancelRenewal?.();
  }

  #renewIn(ms: number): void {
    this.#cancelRenewal?.();
    if (this.#isClosed) return;
    this.#cancelRenewal = this.#clock.after(ms, () => {
      this.#client.call(`PUT /${this.#family}/v1/listenKey`, {}, "close").then(
        () => this.#renewIn(RENEW_MS),
        (error: unknown) => {
          const failure = failureOf(error);
          if (failure.type === "refused" && failure.code === NO_SUCH_KEY) {
            this.#onGone("the listen key does not exist any more");
          } else this.#renewIn(RETRY_MS);
        },
      );
    });
  }
}
