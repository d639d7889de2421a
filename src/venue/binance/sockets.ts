import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
import { gather } from "../web/gathering.ts";
import { splitOnce } from "../web/request.ts";
import type { SocketKind } from "../web/skin.ts";
import type { WallClock } from "../web/wall.ts";
import type { OnBug } from "./calls.ts";
import type { Venue } from "./route.ts";
import { serveSocketApi } from "./socket-api.ts";
import type { Category, Connection, Streams } from "./streams.ts";
import { IncomingCount, replyTo, SOCKET_LIMITS, type SocketLimits } from "./subscription.ts";

/** How a socket is kept and when it ends, in wall time, and what a client may do on it. */
export interface SocketLife extends SocketLimits {
  /** Between two pings. */
  readonly pingMs: number;
  /** A client that hasn't answered a ping for so long is cut. */
  readonly silenceMs: number;
  /** Every connection ends after this. */
  readonly ageMs: number;
}

/** Binance's: a ping every three minutes, ten minutes of patience, a day at most. */
export const SOCKET_LIFE: SocketLife = {
  ...SOCKET_LIMITS,
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
      gather(socket, raw);
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

  /** Leaves sockets open but dead: they are not read, and nothing is sent to them any more; how many. */
  freeze(kind: SocketKind): number {
    const held = [...this.#kinds].filter(
      ([socket, own]) => !socket.isPaused && (kind === "all" || own() === kind),
    );
    for (const [socket] of held) socket.pause();
    return held.length;
  }

  /** Cuts everything and accepts no more. */
  close(): void {
    this.drop("all");
    this.#server.close();
  }

  #listen(socket: WebSocket, place: Place): void {
    if (place.opening.length > this.#life.streamsMost) {
      socket.close(1008, "Too many streams");
      return;
    }
    const connection: Connection = { socket, ...place, streams: new Set() };
    for (const stream of place.opening) this.#streams.add(connection, stream);
    this.#kinds.set(socket, () => {
      const isPrivate =
        place.category === "private" ||
        [...connection.streams].some((stream) => this.#venue.listenKeys.accountOf(stream) !== undefined);
      return isPrivate ? "private" : "market";
    });
    socket.once("close", () => this.#streams.leave(connection));
    const incoming = new IncomingCount(this.#life.messagesPerSecond, this.#venue.wall);
    const count = (): boolean => {
      if (incoming.allows()) return true;
      socket.close(1008, "Too many requests");
      return false;
    };
    socket.on("ping", count);
    socket.on("pong", count);
    socket.on("message", (message) => {
      if (!count()) return;
      socket.send(JSON.stringify(replyTo(String(message), connection, this.#streams, this.#life)));
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
    // A frozen socket stays silent; its client's silence ends it all the same.
    if (!socket.isPaused) socket.ping(String(wall.now()));
    pinging = wall.setTimeout(ping, life.pingMs);
  };
  pinging = wall.setTimeout(ping, life.pingMs);
  const aging = wall.setTimeout(() => socket.close(1008, "disconnected"), life.ageMs);
  socket.once("close", () => {
    wall.clearTimeout(pinging);
    wall.clearTimeout(aging);
  });
}
