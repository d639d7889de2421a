import type { Clock } from "../../desk/ports.ts";
import { list, optionalText, type Payload } from "../binance/fields.ts";
import type { ExchangeClient, OpenSocket } from "../exchange-client.ts";
import { StreamKeeper } from "../stream-keeper.ts";

/** What one socket of OKX is made of. */
export interface OkxStreamOptions {
  readonly client: ExchangeClient;
  readonly clock: Clock;
  readonly url: string;
  /** What to hear, as `args` of a subscription. */
  readonly channels: readonly object[];
  /** The login message, for sockets that need one. */
  readonly login?: () => object;
  readonly silenceMs: number | undefined;
  /** All channels are on (again): nothing is missed from here. */
  onLive(isFirst: boolean): void;
  /** The socket broke, or could not be had. */
  onDown(reason: unknown): void;
  onPush(channel: string, id: string, rows: readonly Payload[]): void;
}

/** Login and all subscriptions are confirmed within this, or the socket is given up. */
const CONFIRM_MS = 10_000;

/**
 * A channel that was confirmed is off again: too many sockets of the account listen to it, or OKX unsubscribed it itself.
 * Nothing would come any more on a socket that is whole. @see OKX v5 "Connection count limit"
 */
const TAKEN_BACK: ReadonlySet<string> = new Set(["channel-conn-count-error", "unsubscribe"]);

/** One socket of OKX: logs in, subscribes, and counts as live only when OKX confirmed all of it. */
export class OkxStream {
  readonly #options: OkxStreamOptions;
  readonly #keeper: StreamKeeper;
  readonly #confirmed = new Set<string>();
  /** Resolves when it was live once. */
  readonly ready: Promise<void>;
  #socket: OpenSocket | undefined;
  #wasLive = false;
  #isLive = false;
  #cancelPatience: (() => void) | undefined;
  #firstLive: (() => void) | undefined;

  constructor(options: OkxStreamOptions) {
    this.#options = options;
    const { client, clock, url, channels, login } = options;
    this.ready = new Promise((resolve) => {
      this.#firstLive = resolve;
    });
    this.#keeper = new StreamKeeper({
      clock,
      silenceMs: options.silenceMs,
      open: async () => {
        this.#confirmed.clear();
        this.#socket = client.socket(url, login?.() ?? { op: "subscribe", args: channels });
        return this.#socket;
      },
      onUp: () => {
        this.#cancelPatience?.();
        if (this.#isLive) return;
        this.#cancelPatience = clock.after(CONFIRM_MS, () => this.cut("the subscription was not confirmed"));
      },
      onDown: (reason) => {
        this.#cancelPatience?.();
        this.#isLive = false;
        options.onDown(reason);
      },
    });
  }

  get url(): string {
    return this.#options.url;
  }

  get isLive(): boolean {
    return this.#isLive;
  }

  start(): void {
    this.#keeper.start();
  }

  stop(): void {
    this.#cancelPatience?.();
    this.#keeper.stop();
  }

  /** Breaks the socket on purpose; it is opened again soon. */
  cut(reason: string): void {
    this.#keeper.cut(reason);
  }

  /** Reads a frame of this socket; those of others are none of its business. */
  take(url: string, message: unknown): void {
    if (url !== this.#options.url || typeof message !== "object" || message === null) return;
    this.#keeper.heard();
    const raw = message as Payload;
    const event = optionalText(raw, "event");
    if (event !== undefined) this.#answered(event, raw);
    else if (raw["arg"] !== undefined && raw["data"] !== undefined) {
      const arg = raw["arg"] as Payload;
      const rows = list(raw["data"], "data");
      this.#options.onPush(optionalText(arg, "channel") ?? "", optionalText(arg, "instId") ?? "", rows);
    }
  }

  #answered(event: string, raw: Payload): void {
    if (TAKEN_BACK.has(event)) {
      this.cut(`OKX took a subscription back (${event})`);
    } else if (event === "error") {
      // The words may hold what we sent, with key and signature: only the code is told.
      this.cut(`OKX refused the login or a subscription (${optionalText(raw, "code") ?? "no code"})`);
    } else if (event === "login") {
      this.#socket?.send({ op: "subscribe", args: this.#options.channels });
    } else if (event === "subscribe") {
      this.#confirmed.add(JSON.stringify(raw["arg"]));
      if (!this.#isLive && this.#confirmed.size >= this.#options.channels.length) this.#live();
    }
  }

  #live(): void {
    this.#cancelPatience?.();
    this.#isLive = true;
    this.#options.onLive(!this.#wasLive);
    this.#wasLive = true;
    this.#firstLive?.();
  }
}
