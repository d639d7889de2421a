import type { WebSocket } from "ws";

/** Which streams a connection may carry, from its path; the old paths without one carry all. */
export type Category = "public" | "market" | "private" | "any";

/** A socket may lag this many bytes behind before it is cut, as exchanges do with slow readers. */
const BACKLOG_MOST = 32 * 1024 * 1024;

/** One client's socket with the streams it listens to. */
export interface Connection {
  readonly socket: WebSocket;
  readonly category: Category;
  /** Whether messages come wrapped as {stream, data}. */
  isCombined: boolean;
  readonly streams: Set<string>;
}

/** Knows who listens to which stream, and sends each message once to each of them. */
export class Streams {
  readonly #listeners = new Map<string, Set<Connection>>();
  readonly #silenced = new Set<"market" | "private">();
  readonly #onCut: () => void;

  /** `onCut` hears of readers that were too slow. */
  constructor(onCut: () => void = () => {}) {
    this.#onCut = onCut;
  }

  /** Whether anybody listens: messages need not be made for nobody. */
  has(stream: string): boolean {
    return this.#listeners.has(stream);
  }

  /** Adds a stream to a connection. A stream that the path doesn't carry stays silent, as on Binance. */
  add(connection: Connection, stream: string): void {
    connection.streams.add(stream);
    if (!carries(connection.category, stream)) return;
    const listeners = this.#listeners.get(stream) ?? new Set();
    this.#listeners.set(stream, listeners.add(connection));
  }

  /** Takes a stream off a connection. */
  remove(connection: Connection, stream: string): void {
    connection.streams.delete(stream);
    this.#drop(connection, stream);
  }

  /** Forgets a connection. */
  leave(connection: Connection): void {
    for (const stream of connection.streams) this.#drop(connection, stream);
  }

  /** Ends a stream for everyone; the sockets stay open and hear nothing more of it. */
  end(stream: string): void {
    this.#listeners.delete(stream);
  }

  /** Sends a message to all who listen to a stream. */
  send(stream: string, message: object): void {
    const listeners = this.#listeners.get(stream);
    if (listeners === undefined || this.#silenced.has(isMarket(stream) ? "market" : "private")) return;
    const text = JSON.stringify(message);
    let wrapped: string | undefined;
    for (const { socket, isCombined } of listeners) {
      if (socket.readyState !== socket.OPEN) continue;
      if (socket.bufferedAmount > BACKLOG_MOST) {
        this.#onCut();
        socket.terminate();
      } else if (isCombined) {
        wrapped ??= `{"stream":${JSON.stringify(stream)},"data":${text}}`;
        socket.send(wrapped);
      } else socket.send(text);
    }
  }

  /** Holds back all market or all private messages, or lets them through again; held-back ones are lost. */
  silence(kind: "market" | "private", isOn: boolean): void {
    if (isOn) this.#silenced.add(kind);
    else this.#silenced.delete(kind);
  }

  #drop(connection: Connection, stream: string): void {
    const listeners = this.#listeners.get(stream);
    if (listeners?.delete(connection) && listeners.size === 0) this.#listeners.delete(stream);
  }
}

const isMarket = (stream: string): boolean => stream.includes("@") || stream.startsWith("!");

const PUBLIC = /@(depth|rpiDepth|bookTicker|trade)|^!bookTicker/;

function carries(category: Category, stream: string): boolean {
  if (category === "any") return true;
  if (!isMarket(stream)) return category === "private";
  return category === (PUBLIC.test(stream) ? "public" : "market");
}
