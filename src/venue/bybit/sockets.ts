import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
import { splitOnce } from "../web/request.ts";
import type { SocketKind } from "../web/skin.ts";
import type { BybitCore } from "./core.ts";
import { Session } from "./session.ts";
import type { Place } from "./topics.ts";

/** A socket on which nothing was said for so long is cut, wall milliseconds. */
const SILENCE_MS = 10 * 60_000;

const PLACES: Readonly<Record<string, Place>> = {
  "/v5/public/linear": "linear",
  "/v5/public/inverse": "inverse",
  "/v5/public/spot": "spot",
  "/v5/public/option": "option",
  "/v5/private": "private",
};

/** Accepts Bybit's WebSocket connections. */
export class Sockets {
  readonly #server = new WebSocketServer({ noServer: true });
  readonly #open = new Map<WebSocket, Place>();
  readonly #core: BybitCore;
  #count = 0;

  constructor(core: BybitCore) {
    this.#core = core;
  }

  /** Takes over an HTTP connection that asks to become a WebSocket; paths nobody serves are cut. */
  upgrade(request: IncomingMessage, raw: Duplex, head: Buffer): void {
    const place = PLACES[splitOnce(request.url ?? "/")[0]];
    if (place === undefined) {
      raw.end("HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n");
      return;
    }
    this.#server.handleUpgrade(request, raw, head, (socket) => this.#accept(socket, place));
  }

  /** Cuts sockets without a goodbye; how many. */
  drop(kind: SocketKind): number {
    const cut = this.#of(kind);
    for (const socket of cut) socket.terminate();
    return cut.length;
  }

  /** Leaves sockets open but dead; how many. */
  freeze(kind: SocketKind): number {
    const frozen = this.#of(kind);
    for (const socket of frozen) socket.pause();
    return frozen.length;
  }

  /** Cuts everything and accepts no more. */
  close(): void {
    this.drop("all");
    this.#server.close();
  }

  #of(kind: SocketKind): readonly WebSocket[] {
    return [...this.#open]
      .filter(([, place]) => kind === "all" || kind === (place === "private" ? "private" : "market"))
      .map(([socket]) => socket);
  }

  #accept(socket: WebSocket, place: Place): void {
    this.#count += 1;
    const id = `perpdesk-${this.#count}`;
    const session = new Session(this.#core, { id, socket, place, account: undefined, topics: new Set() });
    this.#open.set(socket, place);
    const { wall } = this.#core.house;
    let sleeping: unknown;
    const awake = (): void => {
      wall.clearTimeout(sleeping);
      sleeping = wall.setTimeout(() => socket.terminate(), SILENCE_MS);
    };
    awake();
    // A reset by the client is its business; the close that follows cleans up.
    socket.on("error", () => socket.terminate());
    socket.once("close", () => {
      wall.clearTimeout(sleeping);
      this.#open.delete(socket);
      session.leave();
    });
    socket.on("message", (message) => {
      awake();
      session.hear(String(message));
    });
  }
}
