import type { AccountId } from "../../core/instrument.ts";
import type { FrameSocket, Frames } from "../web/frames.ts";

/** What a client asks to hear, as it wrote it; pushes carry it back. */
export interface Subscription {
  readonly channel: string;
  readonly instId?: string | undefined;
  readonly instType?: string | undefined;
  readonly instFamily?: string | undefined;
}

/** One client's socket with what it listens to. */
export interface Connection {
  readonly socket: FrameSocket;
  readonly path: "public" | "private" | "business";
  /** Whose account it has logged in to. */
  account: AccountId | undefined;
  readonly subscriptions: Map<string, Subscription>;
}

/** What a push is about. */
interface About {
  readonly channel: string;
  /** The instrument, or what the channel names instead of one. */
  readonly instId?: string | undefined;
  /** Whose private news it is; undefined for public data. */
  readonly account?: AccountId | undefined;
}

/** The name under which one socket keeps a subscription: a second one of the same replaces it. */
export const nameOf = ({ channel, instId, instType, instFamily }: Subscription): string =>
  [channel, instType, instFamily, instId].map((part) => part ?? "").join(" ");

/** Knows who listens to which channel, and sends each message to all of them. */
export class Channels {
  readonly #connections = new Set<Connection>();
  readonly #silenced = new Set<"market" | "private">();
  readonly #frames: Frames;

  constructor(frames: Frames) {
    this.#frames = frames;
  }

  join(connection: Connection): void {
    this.#connections.add(connection);
  }

  leave(connection: Connection): void {
    this.#connections.delete(connection);
  }

  /** Sends what `make` makes to all who listen; makes nothing for nobody. */
  push(about: About, make: () => readonly object[], extra: Readonly<Record<string, unknown>> = {}): void {
    let data: readonly object[] | undefined;
    for (const connection of this.#connections) {
      if (about.account !== undefined && connection.account !== about.account) continue;
      for (const subscription of connection.subscriptions.values()) {
        if (!isHeard(subscription, about)) continue;
        data ??= make();
        this.tell(connection, subscription, data, extra);
      }
    }
  }

  /** Sends a message to one listener. */
  tell(
    { socket, account }: Connection,
    subscription: Subscription,
    data: readonly object[],
    extra: Readonly<Record<string, unknown>> = {},
  ): void {
    const kind = PRIVATE.has(subscription.channel) ? "private" : "market";
    if (this.#silenced.has(kind)) return;
    const arg = kind === "private" ? { ...subscription, uid: account } : subscription;
    const stream = [subscription.channel, subscription.instId].filter((part) => part !== undefined).join(":");
    this.#frames.push(socket, JSON.stringify({ arg, ...extra, data }), {
      skin: "okx",
      kind,
      stream,
      ...(kind === "private" && account !== undefined ? { account } : {}),
    });
  }

  /** Holds back all market or all private messages, or lets them through again; held-back ones are lost. */
  silence(kind: "market" | "private", isOn: boolean): void {
    if (isOn) this.#silenced.add(kind);
    else this.#silenced.delete(kind);
  }
}

/** The channels that need a login. */
export const PRIVATE: ReadonlySet<string> = new Set([
  "orders",
  "orders-algo",
  "positions",
  "account",
  "balance_and_position",
]);

function isHeard(subscription: Subscription, about: About): boolean {
  if (subscription.channel !== about.channel) return false;
  const { instId, instFamily } = subscription;
  if (instId !== undefined && instId !== about.instId) return false;
  return instFamily === undefined || about.instId?.startsWith(`${instFamily}-`) === true;
}
