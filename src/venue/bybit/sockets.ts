import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
import { splitOnce } from "../web/request.ts";
import type { SocketKind } from "../web/skin.ts";
import { PRIVATE_TOPICS } from "./account-topics.ts";
import type { House } from "./house.ts";
import type { MarketTopics } from "./market-topics.ts";
import { loggedIn } from "./signature.ts";
import type { Connection, Place, Topics } from "./topics.ts";

/** A socket on which nothing was said for so long is cut, wall milliseconds. */
const SILENCE_MS = 10 * 60_000;

const PLACES: Readonly<Record<string, Place>> = {
  "/v5/public/linear": "linear",
  "/v5/public/inverse": "inverse",
  "/v5/public/spot": "spot",
  "/v5/public/option": "option",
  "/v5/private": "private",
};

/** Accepts Bybit's WebSocket connections and speaks auth, subscribe, unsubscribe and ping on them. */
export class Sockets {
  readonly #server = new WebSocketServer({ noServer: true });
  readonly #open = new Map<WebSocket, Connection>();
  readonly #house: House;
  readonly #topics: Topics;
  readonly #market: MarketTopics;
  #count = 0;

  constructor(house: House, topics: Topics, market: MarketTopics) {
    this.#house = house;
    this.#topics = topics;
    this.#market = market;
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
      .filter(([, { place }]) => kind === "all" || kind === (place === "private" ? "private" : "market"))
      .map(([socket]) => socket);
  }

  #accept(socket: WebSocket, place: Place): void {
    this.#count += 1;
    const id = `perpdesk-${this.#count}`;
    const connection: Connection = { id, socket, place, account: undefined, topics: new Set() };
    this.#open.set(socket, connection);
    const { wall } = this.#house;
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
      this.#topics.leave(connection);
    });
    socket.on("message", (message) => {
      awake();
      const topics = this.#hear(connection, String(message));
      for (const topic of topics) this.#market.greet(connection, topic);
    });
  }

  /** Answers a message; the topics that were asked for and have a first message to send. */
  #hear(connection: Connection, message: string): readonly string[] {
    const request = parsed(message);
    const { id, place, socket } = connection;
    const op = String(request?.["op"] ?? "");
    const req = request?.["req_id"] === undefined ? {} : { req_id: request["req_id"] };
    const reply = (success: boolean, ret_msg: string): void =>
      socket.send(JSON.stringify({ success, ret_msg, conn_id: id, ...req, op }));
    const args: readonly unknown[] = Array.isArray(request?.["args"]) ? request["args"] : [];
    switch (op) {
      case "ping":
        if (place === "private") {
          const now = String(Math.floor(this.#house.wall.now()));
          socket.send(JSON.stringify({ ...req, op: "pong", args: [now], conn_id: id }));
        } else reply(true, "pong");
        return [];
      case "auth": {
        const key = loggedIn(args, this.#house.keys, this.#house.wall.now());
        connection.account = key?.account;
        reply(key !== undefined, key === undefined ? "Params Error" : "");
        return [];
      }
      case "subscribe":
      case "unsubscribe":
        return this.#subscribe(connection, op, args.map(String), reply);
      default:
        reply(false, "error:invalid op");
        return [];
    }
  }

  #subscribe(
    connection: Connection,
    op: "subscribe" | "unsubscribe",
    topics: readonly string[],
    reply: (success: boolean, ret_msg: string) => void,
  ): readonly string[] {
    const isPrivate = connection.place === "private";
    if (isPrivate && connection.account === undefined) {
      reply(false, "Request not authorized");
      return [];
    }
    const unknown = topics.find((topic) =>
      isPrivate ? !PRIVATE_TOPICS.includes(topic) : !this.#market.knows(connection.place, topic),
    );
    if (unknown !== undefined || topics.length === 0) {
      reply(false, `error:handler not found,topic:${unknown ?? ""}`);
      return [];
    }
    for (const topic of topics) {
      if (op === "subscribe") this.#topics.add(connection, topic);
      else this.#topics.remove(connection, topic);
    }
    reply(true, "");
    return op === "subscribe" && !isPrivate ? topics : [];
  }
}

function parsed(message: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const found: unknown = JSON.parse(message);
    return typeof found === "object" && found !== null ? (found as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
