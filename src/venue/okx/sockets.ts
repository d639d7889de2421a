import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
import type { AccountId } from "../../core/instrument.ts";
import { splitOnce } from "../web/request.ts";
import type { SocketKind } from "../web/skin.ts";
import { type Channels, type Connection, nameOf, PRIVATE, type Subscription } from "./channels.ts";
import type { Venue } from "./route.ts";
import { loginOf } from "./signature.ts";

/** A client that sends nothing for so long is closed; wall milliseconds. That is why clients send "ping". */
const SILENCE_MS = 30_000;

/** What a new listener of a channel hears first; undefined when there is nothing. */
type First = (
  subscription: Subscription,
  account: AccountId | undefined,
) => { readonly rows: readonly object[]; readonly action?: string } | undefined;

/** Accepts WebSocket connections on OKX's three paths and speaks its login and subscription protocol on them. */
export class Sockets {
  readonly #server = new WebSocketServer({ noServer: true });
  readonly #open = new Map<WebSocket, Connection>();
  readonly #venue: Venue;
  readonly #channels: Channels;
  readonly #first: First;
  #count = 0;

  constructor(venue: Venue, channels: Channels, first: First) {
    this.#venue = venue;
    this.#channels = channels;
    this.#first = first;
  }

  /** Takes over an HTTP connection that asks to become a WebSocket; paths nobody serves are cut. */
  upgrade(request: IncomingMessage, raw: Duplex, head: Buffer): void {
    const [path] = splitOnce(request.url ?? "/");
    const found = /^\/ws\/v5\/(public|private|business)$/.exec(path)?.[1] as Connection["path"] | undefined;
    if (found === undefined) {
      raw.end("HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n");
      return;
    }
    this.#server.handleUpgrade(request, raw, head, (socket) => this.#serve(socket, found));
  }

  /** Cuts sockets without a goodbye; how many. */
  drop(kind: SocketKind): number {
    const found = this.#of(kind);
    for (const socket of found) socket.terminate();
    return found.length;
  }

  /** Leaves sockets open but dead; how many. */
  freeze(kind: SocketKind): number {
    const found = this.#of(kind);
    for (const socket of found) socket.pause();
    return found.length;
  }

  /** Cuts everything and accepts no more. */
  close(): void {
    this.drop("all");
    this.#server.close();
  }

  #of(kind: SocketKind): readonly WebSocket[] {
    return [...this.#open]
      .filter(([, { account }]) => kind === "all" || kind === (account === undefined ? "market" : "private"))
      .map(([socket]) => socket);
  }

  #serve(socket: WebSocket, path: Connection["path"]): void {
    const { wall } = this.#venue;
    this.#count += 1;
    const connId = this.#count.toString(16).padStart(8, "0");
    const connection: Connection = { socket, path, account: undefined, subscriptions: new Map() };
    this.#open.set(socket, connection);
    this.#channels.join(connection);
    let timer: unknown;
    const heard = (): void => {
      wall.clearTimeout(timer);
      timer = wall.setTimeout(() => socket.close(4004, "No data received in 30s"), SILENCE_MS);
    };
    heard();
    // A reset by the client is its business; the close that follows cleans up.
    socket.on("error", () => socket.terminate());
    socket.once("close", () => {
      wall.clearTimeout(timer);
      this.#open.delete(socket);
      this.#channels.leave(connection);
    });
    socket.on("message", (raw) => {
      heard();
      const message = String(raw);
      if (message === "ping") socket.send("pong");
      else this.#take(connection, message, (reply) => socket.send(JSON.stringify({ ...reply, connId })));
    });
  }

  #take(connection: Connection, message: string, reply: (body: object) => void): void {
    const request = requestOf(message);
    if (request === undefined) {
      reply({ event: "error", code: "60012", msg: `Illegal request: ${message}` });
      return;
    }
    const { op, args, id } = request;
    const shared = id === undefined ? {} : { id };
    if (op === "login") this.#login(connection, args[0] ?? {}, reply);
    else if (op === "subscribe" || op === "unsubscribe") {
      for (const arg of args) {
        const refused = this.#refused(connection, arg);
        if (refused !== undefined) {
          reply({ ...shared, event: "error", ...refused });
          continue;
        }
        const subscription = subscriptionOf(arg);
        if (op === "subscribe") connection.subscriptions.set(nameOf(subscription), subscription);
        else connection.subscriptions.delete(nameOf(subscription));
        reply({ ...shared, event: op, arg });
        if (op === "subscribe") this.#begin(connection, subscription);
      }
    } else reply({ ...shared, event: "error", code: "60019", msg: `Invalid op: ${op}` });
  }

  #login(connection: Connection, arg: Arg, reply: (body: object) => void): void {
    const { keys, wall } = this.#venue;
    if (connection.path === "public") {
      reply({ event: "error", code: "60008", msg: "Login is not supported for public channels" });
      return;
    }
    const key = loginOf(arg, keys, wall.now());
    connection.account = key?.account;
    if (key === undefined) reply({ event: "error", code: "60009", msg: "Login failed." });
    else reply({ event: "login", code: "0", msg: "" });
  }

  #refused(connection: Connection, arg: Arg): { code: string; msg: string } | undefined {
    const { channel, instId } = subscriptionOf(arg);
    const place = placeOf(channel);
    if (place !== connection.path) {
      return { code: "60018", msg: `Wrong URL or channel:${channel},instId:${instId ?? ""} doesn't exist.` };
    }
    if (PRIVATE.has(channel) && connection.account === undefined) {
      return { code: "60011", msg: "Please log in" };
    }
    const isKnown =
      instId === undefined
        ? PRIVATE.has(channel)
        : [...this.#venue.listings.values()].some(
            (listing) => instId === (channel === "index-tickers" ? listing.family : listing.instrument.id),
          );
    return isKnown ? undefined : { code: "60018", msg: `channel:${channel},instId:${instId} doesn't exist.` };
  }

  #begin(connection: Connection, subscription: Subscription): void {
    const first = this.#first(subscription, connection.account);
    if (first === undefined) return;
    const { rows, action } = first;
    this.#channels.tell(connection, subscription, rows, action === undefined ? {} : { action });
  }
}

type Arg = Readonly<Record<string, unknown>>;

/** Which path serves a channel. */
function placeOf(channel: string): Connection["path"] | undefined {
  if (channel === "orders-algo" || /^candle/.test(channel)) return "business";
  if (PRIVATE.has(channel)) return "private";
  return /^(bbo-tbt|books|books5|tickers|trades|mark-price|index-tickers|funding-rate)$/.test(channel)
    ? "public"
    : undefined;
}

function subscriptionOf(arg: Arg): Subscription {
  const named = (name: string): string | undefined => {
    const found = arg[name];
    return typeof found === "string" && found !== "" ? found : undefined;
  };
  return JSON.parse(
    JSON.stringify({
      channel: named("channel") ?? "",
      instType: named("instType"),
      instFamily: named("instFamily"),
      instId: named("instId"),
    }),
  ) as Subscription;
}

function requestOf(
  message: string,
): { readonly op: string; readonly args: readonly Arg[]; readonly id: unknown } | undefined {
  try {
    const parsed: unknown = JSON.parse(message);
    if (typeof parsed !== "object" || parsed === null) return undefined;
    const { op, args, id } = parsed as Record<string, unknown>;
    const isList = Array.isArray(args) && args.every((arg) => typeof arg === "object" && arg !== null);
    return typeof op === "string" && isList ? { op, args: args as readonly Arg[], id } : undefined;
  } catch {
    return undefined;
  }
}
