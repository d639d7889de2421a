import type { Clock } from "../../desk/ports.ts";
import { optionalText, type Payload } from "../binance/fields.ts";
import type { ExchangeClient, OpenSocket } from "../exchange-client.ts";
import { LoginPatience } from "../login-patience.ts";
import { StreamKeeper } from "../stream-keeper.ts";

/** What a private stream is made of. */
interface PrivateStreamOptions {
  readonly client: ExchangeClient;
  readonly clock: Clock;
  readonly url: string;
  /** The message that logs in, signed for this moment. */
  login(now: number): object;
  readonly topics: readonly string[];
  /** Messages come from now on (again). */
  onUp(isFirst: boolean): void;
  /** Messages may be lost from now on; said once until it is up again. */
  onDown(reason: unknown): void;
}

/** From the open socket to the last acknowledgement; then it is tried anew. */
const HANDSHAKE_MS = 10_000;

/** Keeps Bybit's private socket open: logs in, subscribes, and counts as up only once both are acknowledged. */
export class PrivateStream {
  readonly #options: PrivateStreamOptions;
  readonly #keeper: StreamKeeper;
  readonly #patience = new LoginPatience("Bybit");
  #socket: OpenSocket | undefined;
  #cancelPatience: (() => void) | undefined;
  #isDown = false;
  #wasUp = false;
  #firstUp: (() => void) | undefined;
  /** Resolves when the stream was up once; rejects when the exchange keeps refusing the login before that. */
  readonly ready: Promise<void>;

  constructor(options: PrivateStreamOptions) {
    this.#options = options;
    const up = new Promise<void>((resolve) => {
      this.#firstUp = resolve;
    });
    this.ready = Promise.race([up, this.#patience.lost]);
    this.#keeper = new StreamKeeper({
      clock: options.clock,
      // Nothing may happen on an account for hours: the socket's own pings decide.
      silenceMs: undefined,
      open: async () => {
        this.#socket = options.client.socket(options.url, options.login(options.client.now()));
        return this.#socket;
      },
      onUp: () => {
        this.#cancelPatience = options.clock.after(HANDSHAKE_MS, () =>
          this.cut("the exchange did not acknowledge the login in time"),
        );
      },
      onDown: (reason) => this.#down(reason),
    });
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

  /** Reads acknowledgements; true when the message was one. */
  acknowledged(message: Payload): boolean {
    const op = optionalText(message, "op");
    if (op === undefined) return false;
    const isOk = message["success"] === true;
    if (op === "auth" && isOk) this.#socket?.send({ op: "subscribe", args: this.#options.topics });
    else if (op === "subscribe" && isOk) this.#up();
    else if (!isOk) this.#refused(op, message);
    return true;
  }

  #refused(op: string, message: Payload): void {
    const code = optionalText(message, "ret_code") ?? optionalText(message, "retCode");
    const words = optionalText(message, "ret_msg") || optionalText(message, "retMsg") || "no reason";
    const said = code === undefined ? words : `${code}: ${words}`;
    this.#patience.refused(said);
    this.cut(`the exchange refused to ${op}: ${said}`);
  }

  #up(): void {
    this.#patience.admitted();
    this.#cancelPatience?.();
    this.#isDown = false;
    this.#options.onUp(!this.#wasUp);
    this.#wasUp = true;
    this.#firstUp?.();
  }

  #down(reason: unknown): void {
    this.#cancelPatience?.();
    if (this.#isDown) return;
    this.#isDown = true;
    this.#options.onDown(reason);
  }
}
