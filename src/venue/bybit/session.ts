import { PRIVATE_TOPICS } from "./account-topics.ts";
import type { BybitCore } from "./core.ts";
import { loggedIn } from "./signature.ts";
import type { Connection } from "./topics.ts";

/** Speaks auth, subscribe, unsubscribe and ping with one client, whatever carries the messages. */
export class Session {
  readonly #core: BybitCore;
  readonly #connection: Connection;

  constructor(core: BybitCore, connection: Connection) {
    this.#core = core;
    this.#connection = connection;
  }

  /** The client is gone. */
  leave(): void {
    this.#core.topics.leave(this.#connection);
  }

  /** Takes a message and answers it. */
  hear(message: string): void {
    const request = parsed(message);
    const { id, place, socket } = this.#connection;
    const { house } = this.#core;
    const op = String(request?.["op"] ?? "");
    const req = request?.["req_id"] === undefined ? {} : { req_id: request["req_id"] };
    const reply = (success: boolean, ret_msg: string): void =>
      socket.send(JSON.stringify({ success, ret_msg, conn_id: id, ...req, op }));
    const args: readonly unknown[] = Array.isArray(request?.["args"]) ? request["args"] : [];
    switch (op) {
      case "ping":
        if (place === "private") {
          const now = String(Math.floor(house.wall.now()));
          socket.send(JSON.stringify({ ...req, op: "pong", args: [now], conn_id: id }));
        } else reply(true, "pong");
        return;
      case "auth": {
        const key = loggedIn(args, house.keys, house.wall.now());
        this.#connection.account ??= key?.account;
        reply(key !== undefined, key === undefined ? "Params Error" : "");
        return;
      }
      case "subscribe":
      case "unsubscribe":
        this.#subscribe(op, args.map(String), reply);
        return;
      default:
        reply(false, "error:invalid op");
    }
  }

  #subscribe(
    op: "subscribe" | "unsubscribe",
    topics: readonly string[],
    reply: (success: boolean, ret_msg: string) => void,
  ): void {
    const { topics: all, market } = this.#core;
    const connection = this.#connection;
    const isPrivate = connection.place === "private";
    if (isPrivate && connection.account === undefined) {
      reply(false, "Request not authorized");
      return;
    }
    const unknown = topics.find((topic) =>
      isPrivate ? !PRIVATE_TOPICS.includes(topic) : !market.knows(connection.place, topic),
    );
    if (unknown !== undefined || topics.length === 0) {
      reply(false, `error:handler not found,topic:${unknown ?? ""}`);
      return;
    }
    for (const topic of topics) {
      if (op === "subscribe") all.add(connection, topic);
      else all.remove(connection, topic);
    }
    reply(true, "");
    if (op === "subscribe" && !isPrivate) for (const topic of topics) market.greet(connection, topic);
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
