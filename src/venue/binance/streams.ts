import type { FrameSocket, Frames } from "../web/frames.ts";

/** Which streams a connection may carry, from its path; the old paths without one carry all. */
export type Category = "public" | "market" | "private" | "any";

/** One client's socket with the streams it listens to. */
export interface Connection {
  readonly socket: FrameSocket;
  readonly category: Category;
  /** Whether messages come wrapped as {stream, data}. */
  isCombined: boolean;
  readonly streams: Set<string>;
}

/** Knows who listens to which stream, and sends each message once to each of them. */
export class Streams {
  readonly #listeners = new Map<string, Set<Connection>>();
  /** Of these the ones that follow a book. */
  readonly #depths = new Set<string>();
  readonly #silenced = new Set<"market" | "private">();
  readonly #skin: string;
  readonly #frames: Frames;
  readonly #ownerOf: (stream: string) => string | undefined;

  /** `ownerOf` tells whose private stream a listen key opens. */
  constructor(skin: string, frames: Frames, ownerOf: (stream: string) => string | undefined) {
    this.#skin = skin;
    this.#frames = frames;
    this.#ownerOf = ownerOf;
  }

  /** Whether anybody listens: messages need not be made for nobody. */
  has(stream: string): boolean {
    return this.#listeners.has(stream);
  }

  /** Whether anybody follows a book: its changes need not be worked out for nobody. */
  get isDepthHeard(): boolean {
    return this.#depths.size > 0;
  }

  /** Adds a stream to a connection. A stream that the path doesn't carry stays silent, as on Binance. */
  add(connection: Connection, stream: string): void {
    connection.streams.add(stream);
    if (!carries(connection.category, stream)) return;
    const listeners = this.#listeners.get(stream) ?? new Set();
    this.#listeners.set(stream, listeners.add(connection));
    if (DEPTH.test(stream)) this.#depths.add(stream);
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
    this.#depths.delete(stream);
  }

  /** Sends a message to all who listen to a stream. */
  send(stream: string, message: object): void {
    const listeners = this.#listeners.get(stream);
    const kind = isMarket(stream) ? "market" : "private";
    if (listeners === undefined || this.#silenced.has(kind)) return;
    const account = kind === "private" ? this.#ownerOf(stream) : undefined;
    const about = {
      skin: this.#skin,
      kind,
      stream: kind === "market" ? stream : "user",
      ...(account === undefined ? {} : { account }),
    } as const;
    const text = JSON.stringify(message);
    let wrapped: string | undefined;
    for (const { socket, isCombined } of listeners) {
      if (isCombined) wrapped ??= `{"stream":${JSON.stringify(stream)},"data":${text}}`;
      this.#frames.push(socket, isCombined ? (wrapped ?? text) : text, about);
    }
  }

  /** Holds back all market or all private messages, or lets them through again; held-back ones are lost. */
  silence(kind: "market" | "private", isOn: boolean): void {
    if (isOn) this.#silenced.add(kind);
    else this.#silenced.delete(kind);
  }

  #drop(connection: Connection, stream: string): void {
    const listeners = this.#listeners.get(stream);
    if (listeners?.delete(connection) && listeners.size === 0) this.end(stream);
  }
}

const isMarket = (stream: string): boolean => stream.includes("@") || stream.startsWith("!");

const DEPTH = /@(depth|rpiDepth)/;
const PUBLIC = /@(depth|rpiDepth|bookTicker|trade)|^!bookTicker/;

function carries(category: Category, stream: string): boolean {
  if (category === "any") return true;
  if (!isMarket(stream)) return category === "private";
  return category === (PUBLIC.test(stream) ? "public" : "market");
}
