import type { AccountId } from "../../core/instrument.ts";
import type { FrameSocket, Frames } from "../web/frames.ts";

/** Which of Bybit's sockets a connection is. */
export type Place = "linear" | "inverse" | "spot" | "option" | "private";

/** One client's socket with what it listens to. */
export interface Connection {
  readonly id: string;
  readonly socket: FrameSocket;
  readonly place: Place;
  /** Whose account it opened; private sockets only, once logged in. */
  account: AccountId | undefined;
  readonly topics: Set<string>;
}

/** Knows who listens to which topic, and sends each message once to each of them. */
export class Topics {
  readonly #listeners = new Map<string, Set<Connection>>();
  readonly #silenced = new Set<"market" | "private">();
  readonly #frames: Frames;

  constructor(frames: Frames) {
    this.#frames = frames;
  }

  /** Whether anybody listens: messages need not be made for nobody. */
  has(place: string, topic: string): boolean {
    return this.#listeners.has(`${place} ${topic}`);
  }

  add(connection: Connection, topic: string): void {
    connection.topics.add(topic);
    const name = nameOf(connection, topic);
    this.#listeners.set(name, (this.#listeners.get(name) ?? new Set()).add(connection));
  }

  remove(connection: Connection, topic: string): void {
    connection.topics.delete(topic);
    const name = nameOf(connection, topic);
    const listeners = this.#listeners.get(name);
    if (listeners?.delete(connection) && listeners.size === 0) this.#listeners.delete(name);
  }

  /** Forgets a connection. */
  leave(connection: Connection): void {
    for (const topic of [...connection.topics]) this.remove(connection, topic);
  }

  /** Sends a public message to all who listen, or to the one who just began to. */
  sendMarket(place: Place, topic: string, message: object, only?: Connection): void {
    if (this.#silenced.has("market")) return;
    const about = { skin: "bybit", kind: "market", stream: topic } as const;
    const text = JSON.stringify(message);
    for (const { socket } of only === undefined ? this.#of(place, topic) : [only]) {
      this.#frames.push(socket, text, about);
    }
  }

  /** Sends a private message to an account's sockets that asked for the topic. */
  sendPrivate(account: AccountId, topic: string, make: () => object): void {
    const listeners = this.#of(`private ${account}`, topic);
    if (listeners.length === 0 || this.#silenced.has("private")) return;
    const about = { skin: "bybit", kind: "private", stream: topic, account } as const;
    const text = JSON.stringify(make());
    for (const { socket } of listeners) this.#frames.push(socket, text, about);
  }

  /** Holds back all market or all private messages, or lets them through again; held-back ones are lost. */
  silence(kind: "market" | "private", isOn: boolean): void {
    if (isOn) this.#silenced.add(kind);
    else this.#silenced.delete(kind);
  }

  #of(place: string, topic: string): readonly Connection[] {
    return [...(this.#listeners.get(`${place} ${topic}`) ?? [])];
  }
}

const nameOf = ({ place, account }: Connection, topic: string): string =>
  place === "private" ? `private ${account} ${topic}` : `${place} ${topic}`;
