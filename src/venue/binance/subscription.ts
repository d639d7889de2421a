import type { WallClock } from "../web/wall.ts";
import type { Connection, Streams } from "./streams.ts";

/** What a client may do on one connection for streams. */
export interface SocketLimits {
  /** Incoming messages in a second, pings and pongs included; a client that sends more is cut. */
  readonly messagesPerSecond: number;
  /** Streams that one connection may listen to. */
  readonly streamsMost: number;
}

/** Binance's published limits. */
export const SOCKET_LIMITS: SocketLimits = { messagesPerSecond: 10, streamsMost: 1024 };

/** Counts what comes in on one connection. */
export class IncomingCount {
  readonly #most: number;
  readonly #wall: WallClock;
  #second = 0;
  #count = 0;

  constructor(most: number, wall: WallClock) {
    this.#most = most;
    this.#wall = wall;
  }

  /** Counts a message; false when it was one too many for its second. */
  allows(): boolean {
    const second = Math.floor(this.#wall.now() / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#count = 0;
    }
    this.#count += 1;
    return this.#count <= this.#most;
  }
}

/** Answers SUBSCRIBE, UNSUBSCRIBE, LIST_SUBSCRIPTIONS, SET_PROPERTY and GET_PROPERTY. */
export function replyTo(
  message: string,
  connection: Connection,
  streams: Streams,
  { streamsMost }: SocketLimits,
): object {
  const request = requestOf(message);
  if (request === undefined) return { error: { code: 3, msg: "Invalid JSON: expected value" } };
  const { id, method, params } = request;
  const wrong = (msg: string): object => ({
    error: { code: 2, msg: `Invalid request: ${msg}` },
    id: id ?? null,
  });
  const list: readonly unknown[] = Array.isArray(params) ? params : [];
  switch (method) {
    case "SUBSCRIBE":
    case "UNSUBSCRIBE": {
      if (!Array.isArray(params) || !list.every((stream) => typeof stream === "string")) {
        return wrong("params must be a list of stream names");
      }
      const names = list as readonly string[];
      if (method === "UNSUBSCRIBE") {
        for (const stream of names) streams.remove(connection, stream);
      } else if (new Set([...connection.streams, ...names]).size > streamsMost) {
        return wrong(`a connection can listen to a maximum of ${streamsMost} streams`);
      } else {
        for (const stream of names) streams.add(connection, stream);
      }
      return { result: null, id };
    }
    case "LIST_SUBSCRIPTIONS":
      return { result: [...connection.streams], id };
    case "SET_PROPERTY":
      if (list[0] !== "combined" || typeof list[1] !== "boolean") return wrong("unknown property");
      connection.isCombined = list[1];
      return { result: null, id };
    case "GET_PROPERTY":
      return list[0] === "combined" ? { result: connection.isCombined, id } : wrong("unknown property");
    default:
      return wrong("unknown method");
  }
}

function requestOf(message: string): Record<string, unknown> | undefined {
  try {
    const parsed: unknown = JSON.parse(message);
    return typeof parsed === "object" && parsed !== null ? (parsed as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
