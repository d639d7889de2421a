import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
import { splitOnce } from "../web/request.ts";
import type { SocketKind } from "../web/skin.ts";
import type { WallClock } from "../web/wall.ts";
import type { OnBug } from "./calls.ts";
import type { Venue } from "./route.ts";
import { serveSocketApi } from "./socket-api.ts";
import type { Category, Connection, Streams } from "./streams.ts";

/** How a socket is kept and when it ends, in wall time. */
export interface SocketLife {
  /** Between two pings. */
  readonly pingMs: number;
  /** A client that hasn't answered a ping for so long is cut. */
  readonly silenceMs: number;
  /** Every connection ends after this. */
  readonly ageMs: number;
}

/** Binance's: a ping every three minutes, ten minutes of patience, a day at most. */
export const SOCKET_LIFE: SocketLife = {
  pingMs: 3 * 60_000,
  silenceMs: 10 * 60_000,
  ageMs: 24 * 3_600_000,
};

/** Accepts all WebSocket connections and speaks the subscription protocol on them. */
export class Sockets {
  readonly #server = new WebSocketServer({ noServer: true });
  readonly #kinds = new Map<WebSocket, () => Exclude<SocketKind, "all">>();
  readonly #venue: Venue;
  readonly #streams: Streams;
  readonly #life: SocketLife;
  readonly #onBug: OnBug;

  constructor(venue: Venue, streams: Streams, life: SocketLife, onBug: OnBug) {
    this.#venue = venue;
    this.#streams = streams;
    this.#life = life;
    this.#onBug = onBug;
  }

  /** Takes over an HTTP connection that asks to become a WebSocket; paths nobody serves are cut. */
  upgrade(request: IncomingMessage, raw: Duplex, head: Buffer): void {
    const place = placeOf(request.url ?? "/");
    if (place === undefined) {
      raw.end("HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n");
      return;
    }
    this.#server.handleUpgrade(request, raw, head, (socket) => {
      // A reset by the client is its business; the close that follows cleans up.
      socket.on("error", () => socket.terminate());
      keepAlive(socket, this.#venue.wall, this.#life);
      socket.once("close", () => this.#kinds.delete(socket));
      if (place === "api") {
        this.#kinds.set(socket, () => "api");
        serveSocketApi(this.#venue, socket, request.socket.remoteAddress ?? "unknown", this.#onBug);
      } else this.#listen(socket, place);
    });
  }

  /** Cuts sockets without a goodbye; how many. */
  drop(kind: SocketKind): number {
    const cut = [...this.#kinds].filter(([, own]) => kind === "all" || own() === kind);
    for (const [socket] of cut) socket.terminate();
    return cut.length;
  }

  /** Cuts everything and accepts no more. */
  close(): void {
    this.drop("all");
    this.#server.close();
  }

  #listen(socket: WebSocket, place: Place): void {
    const connection: Connection = { socket, ...place, streams: new Set() };
    for (const stream of place.opening) this.#streams.add(connection, stream);
    this.#kinds.set(socket, () => {
      const isPrivate =
        place.category === "private" ||
        [...connection.streams].some((stream) => this.#venue.listenKeys.accountOf(stream) !== undefined);
      return isPrivate ? "private" : "market";
    });
    socket.once("close", () => this.#streams.leave(connection));
    socket.on("message", (message) => {
      socket.send(JSON.stringify(replyTo(String(message), connection, this.#streams)));
    });
  }
}

interface Place {
  readonly category: Category;
  readonly isCombined: boolean;
  /** The streams that the address itself asks for. */
  readonly opening: readonly string[];
}

function placeOf(url: string): Place | "api" | undefined {
  const [pathname, query] = splitOnce(url);
  if (pathname === "/ws-fapi/v1") return "api";
  const found = /^\/(?:(public|market|private)\/)?(ws|stream)(?:\/(.*))?$/.exec(pathname);
  if (found === null) return undefined;
  const [, category = "any", form, path = ""] = found;
  const sent = new URLSearchParams(query);
  const named = [...path.split("/"), ...(sent.get("streams") ?? "").split("/")];
  const opening = [...named, sent.get("listenKey") ?? ""].filter((stream) => stream !== "");
  return { category: category as Category, isCombined: form === "stream", opening };
}

function keepAlive(socket: WebSocket, wall: WallClock, life: SocketLife): void {
  let heardAt = wall.now();
  socket.on("pong", () => {
    heardAt = wall.now();
  });
  let pinging: unknown;
  const ping = (): void => {
    if (wall.now() - heardAt >= life.silenceMs) {
      socket.terminate();
      return;
    }
    socket.ping(String(wall.now()));
    pinging = wall.setTimeout(ping, life.pingMs);
  };
  pinging = wall.setTimeout(ping, life.pingMs);
  const aging = wall.setTimeout(() => socket.close(1008, "disconnected"), life.ageMs);
  socket.once("close", () => {
    wall.clearTimeout(pinging);
    wall.clearTimeout(aging);
  });
}

/** Answers SUBSCRIBE, UNSUBSCRIBE, LIST_SUBSCRIPTIONS, SET_PROPERTY and GET_PROPERTY. */
function replyTo(message: string, connection: Connection, streams: Streams): object {
  let request: Record<string, unknown>;
  try {
    const parsed: unknown = JSON.parse(message);
    if (typeof parsed !== "object" || parsed === null) throw new SyntaxError("no object");
    request = parsed as Record<string, unknown>;
  } catch {
    return { error: { code: 3, msg: "Invalid JSON: expected value" } };
  }
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
      for (const stream of list as readonly string[]) {
        if (method === "SUBSCRIBE") streams.add(connection, stream);
        else streams.remove(connection, stream);
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
