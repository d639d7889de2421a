import type { ApiKeys } from "../ccxt-client.ts";
import type { OpenSocket } from "../exchange-client.ts";
import type { SocketTarget } from "../reroute.ts";
import { signatureOf, sortedText } from "./signing.ts";
import { openSocket } from "./socket.ts";

/** Calls that the order socket answers as REST does. @see Binance USDT-M "WebSocket API: Trade" */
export const SOCKET_METHODS: ReadonlyMap<string, string> = new Map([
  ["POST /fapi/v1/order", "order.place"],
  ["DELETE /fapi/v1/order", "order.cancel"],
  ["POST /fapi/v1/algoOrder", "algoOrder.place"],
  ["DELETE /fapi/v1/algoOrder", "algoOrder.cancel"],
]);

/** An order socket that was refused or broke is dialled again after this long. */
const REDIAL_MS = 1_000;

/** What the order socket is made of. */
export interface OrderSocketOptions {
  readonly url: string;
  readonly keys: ApiKeys;
  readonly target: SocketTarget | undefined;
  readonly recvWindowMs: number;
  readonly timeoutMs: number;
  readonly now: () => number;
  /** Weight and order counts as an answer tells them. */
  readonly onLimits: (usedWeight: number) => void;
}

interface Answer {
  readonly id?: string | number;
  readonly status?: number;
  readonly result?: unknown;
  readonly error?: { readonly code: number; readonly msg: string };
  readonly rateLimits?: readonly { readonly rateLimitType: string; readonly count: number }[];
}

interface Waiting {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
}

/**
 * Orders over the exchange's own socket: one frame each instead of an HTTP exchange, so that a burst leaves in one
 * write. A lost answer is lost as on REST: the caller asks, nobody repeats (I1).
 */
export class OrderSocket {
  readonly #options: OrderSocketOptions;
  readonly #waiting = new Map<string, Waiting>();
  #socket: OpenSocket | undefined;
  #isUp = false;
  #isClosed = false;
  #redialing: NodeJS.Timeout | undefined;
  #count = 0;

  constructor(options: OrderSocketOptions) {
    this.#options = options;
  }

  /** Whether a call may go out now; while not, REST carries it. */
  get isUp(): boolean {
    return this.#isUp;
  }

  /** Opens the socket and keeps it open. */
  start(): void {
    if (this.#isClosed) return;
    const { url, target } = this.#options;
    const socket = openSocket(url, target, undefined, (message) => {
      if (typeof message === "object" && message !== null) this.#take(message);
    });
    this.#socket = socket;
    socket.connected.then(
      () => {
        this.#isUp = true;
      },
      () => {},
    );
    socket.broken
      .then(() => {
        this.#isUp = false;
        this.#loseAll();
        if (!this.#isClosed) this.#redialing = setTimeout(() => this.start(), REDIAL_MS);
      })
      .catch(() => {});
  }

  /** What `work` calls leaves in one write at its end. */
  together(work: () => void): void {
    if (this.#socket?.together === undefined) work();
    else this.#socket.together(work);
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#redialing);
    this.#socket?.cut(new Error("the order socket was closed"));
  }

  /** One signed call. Rejects with the exchange's body in the message, or without a code when the answer was lost. */
  call(method: string, params: Readonly<Record<string, unknown>>): Promise<unknown> {
    const { keys, recvWindowMs, timeoutMs, now } = this.#options;
    const signed: Record<string, string | number> = {
      apiKey: keys.apiKey,
      recvWindow: recvWindowMs,
      timestamp: Math.round(now()),
    };
    for (const [name, value] of Object.entries(params)) {
      if (value !== undefined) signed[name] = typeof value === "number" ? value : String(value);
    }
    signed["signature"] = signatureOf(sortedText(signed), keys);
    this.#count += 1;
    const id = `p${this.#count}`;
    return new Promise((resolve, reject) => {
      // It goes first: no answer comes within this turn, and all that is done before makes the order late.
      const socket = this.#socket;
      socket?.send({ id, method, params: signed });
      const timer = setTimeout(() => {
        this.#waiting.delete(id);
        reject(new Error("RequestTimeout: the order socket did not answer in time"));
        // It may be dead without anybody having said so: closes go by REST until another one is up.
        this.#isUp = false;
        socket?.cut(new Error("the order socket did not answer in time"));
      }, timeoutMs);
      this.#waiting.set(id, { resolve, reject, timer });
    });
  }

  #take({ id, status, result, error, rateLimits }: Answer): void {
    const used = rateLimits?.find(({ rateLimitType }) => rateLimitType === "REQUEST_WEIGHT")?.count;
    if (used !== undefined) this.#options.onLimits(used);
    const waiting = this.#waiting.get(String(id));
    if (waiting === undefined) return;
    this.#waiting.delete(String(id));
    clearTimeout(waiting.timer);
    if (error === undefined && (status === undefined || status < 400)) waiting.resolve(result);
    else waiting.reject(new Error(`binanceusdm ${status ?? ""} ${JSON.stringify(error ?? {})}`));
  }

  /** What was on its way when the socket broke may have been carried out or not: only a question can tell. */
  #loseAll(): void {
    for (const { reject, timer } of this.#waiting.values()) {
      clearTimeout(timer);
      reject(new Error("NetworkError: the order socket broke before the answer"));
    }
    this.#waiting.clear();
  }
}
