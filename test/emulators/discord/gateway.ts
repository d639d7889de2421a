import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { GatewayReadyDispatchData } from "discord.js";
import { WebSocket, WebSocketServer } from "ws";
import type { Directory } from "./directory.ts";

/** Bits of the intents that decide what a bot is told. */
export const INTENTS = {
  guilds: 1 << 0,
  guildMessages: 1 << 9,
  directMessages: 1 << 12,
  messageContent: 1 << 15,
} as const;

const NO_FLAGS: number = 0;
const PRIVILEGED = (1 << 1) | (1 << 8) | INTENTS.messageContent;
const INTENTS_END = 1 << 26;
const OP = {
  dispatch: 0,
  heartbeat: 1,
  identify: 2,
  presence: 3,
  resume: 6,
  reconnect: 7,
  invalid: 9,
  hello: 10,
  ack: 11,
};

interface Session {
  readonly id: string;
  readonly intents: number;
  readonly sent: { readonly op: 0; readonly t: string; readonly s: number; readonly d: unknown }[];
  socket: WebSocket | undefined;
}

/** What the gateway needs: the bot's token, who is there, and the privileged intents that the application has been granted. */
export interface GatewayOptions {
  readonly token: string;
  readonly directory: Directory;
  readonly grantedIntents: number;
  readonly heartbeatMs: number;
  readonly url: () => string;
}

/**
 * Discord's gateway over WebSocket with JSON: HELLO, heartbeats, IDENTIFY with READY and the guilds, and RESUME with what was missed.
 * Every dispatch of a session is kept until the session ends, so that a bot that was away a moment misses nothing.
 */
export class Gateway {
  readonly #options: GatewayOptions;
  readonly #server = new WebSocketServer({ noServer: true });
  readonly #sessions = new Map<string, Session>();
  /** How often a bot sent IDENTIFY, RESUME (with success) and a heartbeat. */
  readonly counts = { identified: 0, resumed: 0, heartbeats: 0 };
  /** True: heartbeats are not acknowledged and nothing is sent, as on a dead line; dispatches wait for a RESUME. */
  isSilent = false;
  #sessionCount = 0;

  constructor(options: GatewayOptions) {
    this.#options = options;
    this.#server.on("connection", (socket) => this.#welcome(socket));
  }

  /** True when a bot is connected and identified. */
  get isOnline(): boolean {
    return [...this.#sessions.values()].some((session) => session.socket?.readyState === WebSocket.OPEN);
  }

  /** Takes over a connection that asks to become a WebSocket. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    this.#server.handleUpgrade(request, socket, head, (ws) => this.#server.emit("connection", ws, request));
  }

  /** Tells every session whose intents include `intent` (0: all); `shape` may leave out what a session may not see. */
  dispatch(t: string, intent: number, shape: (intents: number) => unknown): void {
    for (const session of this.#sessions.values()) {
      if (intent !== 0 && (session.intents & intent) === 0) continue;
      this.#send(session, t, shape(session.intents));
    }
  }

  /** Closes every connection with a code; 4000 and the like may be resumed. */
  drop(code = 4000): void {
    for (const session of this.#sessions.values()) session.socket?.close(code);
  }

  /** Op 7: asks the bot to connect anew and resume. */
  reconnect(): void {
    this.#tellAll({ op: OP.reconnect, d: null });
  }

  /** Op 9: the session is invalid; unless it can be resumed it is forgotten, and so is what it missed. */
  invalidate(isResumable = false): void {
    const sessions = [...this.#sessions.values()];
    if (!isResumable) this.#sessions.clear();
    for (const { socket } of sessions)
      socket?.send(JSON.stringify({ op: OP.invalid, d: isResumable, s: null, t: null }));
  }

  /** The session is over, and a RESUMED comes all the same: it was on its way. */
  resumeTooLate(): void {
    const sockets = [...this.#sessions.values()].map(({ socket }) => socket);
    this.invalidate();
    for (const socket of sockets) socket?.send(JSON.stringify({ op: 0, t: "RESUMED", s: 1, d: {} }));
  }

  /** Cuts every connection. */
  close(): void {
    for (const socket of this.#server.clients) socket.terminate();
    this.#sessions.clear();
  }

  #tellAll(payload: object): void {
    for (const { socket } of this.#sessions.values())
      socket?.send(JSON.stringify({ s: null, t: null, ...payload }));
  }

  #welcome(socket: WebSocket): void {
    let session: Session | undefined;
    socket.on("error", () => {});
    socket.on("message", (raw) => {
      const payload = parse(String(raw));
      if (payload === undefined) socket.close(4002, "Error while decoding payload.");
      else if (payload.op === OP.heartbeat) this.#beat(socket);
      else if (payload.op === OP.identify && session !== undefined)
        socket.close(4005, "Already authenticated.");
      else if (payload.op === OP.identify) session = this.#identify(socket, payload.d);
      else if (payload.op === OP.resume) session = this.#resume(socket, payload.d);
      else if (payload.op !== OP.presence) socket.close(4001, "Unknown opcode.");
      else if (session === undefined) socket.close(4003, "Not authenticated.");
    });
    socket.on("close", (code) => {
      if (session === undefined || session.socket !== socket) return;
      session.socket = undefined;
      if (code === 1000 || code === 1001) this.#sessions.delete(session.id);
    });
    const hello = { heartbeat_interval: this.#options.heartbeatMs };
    socket.send(JSON.stringify({ op: OP.hello, d: hello, s: null, t: null }));
  }

  #beat(socket: WebSocket): void {
    this.counts.heartbeats += 1;
    if (!this.isSilent) socket.send(JSON.stringify({ op: OP.ack, d: null, s: null, t: null }));
  }

  #identify(socket: WebSocket, d: Readonly<Record<string, unknown>>): Session | undefined {
    const { token, directory, grantedIntents, url } = this.#options;
    const intents = Number(d["intents"]);
    if (d["token"] !== token) {
      socket.close(4004, "Authentication failed.");
      return undefined;
    }
    if (!Number.isInteger(intents) || intents < 0 || intents >= INTENTS_END) {
      socket.close(4013, "Invalid intent(s).");
      return undefined;
    }
    if ((intents & PRIVILEGED & ~grantedIntents) !== 0) {
      socket.close(4014, "Disallowed intent(s).");
      return undefined;
    }
    this.counts.identified += 1;
    this.#sessionCount += 1;
    const session: Session = { id: `session${this.#sessionCount}`, intents, sent: [], socket };
    this.#sessions.set(session.id, session);
    const ready: GatewayReadyDispatchData & { readonly session_type: string } = {
      v: 10,
      user: directory.bot,
      guilds: directory.joined.map((id) => ({ id, unavailable: true })),
      session_id: session.id,
      resume_gateway_url: url(),
      shard: [0, 1],
      application: { id: directory.bot.id, flags: NO_FLAGS, flags_new: "0" },
      session_type: "normal",
    };
    this.#send(session, "READY", ready);
    if ((intents & INTENTS.guilds) !== 0) {
      for (const id of directory.joined) this.#send(session, "GUILD_CREATE", directory.guild(id));
    }
    return session;
  }

  #resume(socket: WebSocket, d: Readonly<Record<string, unknown>>): Session | undefined {
    if (d["token"] !== this.#options.token) {
      socket.close(4004, "Authentication failed.");
      return undefined;
    }
    const session = this.#sessions.get(String(d["session_id"]));
    const seq = Number(d["seq"]);
    if (session === undefined || !(seq <= session.sent.length)) {
      socket.send(JSON.stringify({ op: OP.invalid, d: false, s: null, t: null }));
      return undefined;
    }
    this.counts.resumed += 1;
    session.socket = socket;
    for (const payload of session.sent.filter(({ s }) => s > seq)) socket.send(JSON.stringify(payload));
    this.#send(session, "RESUMED", {});
    return session;
  }

  #send(session: Session, t: string, d: unknown): void {
    const payload = { op: 0, t, s: session.sent.length + 1, d } as const;
    session.sent.push(payload);
    if (!this.isSilent && session.socket?.readyState === WebSocket.OPEN)
      session.socket.send(JSON.stringify(payload));
  }
}

function parse(
  text: string,
): { readonly op: number; readonly d: Readonly<Record<string, unknown>> } | undefined {
  try {
    const payload = JSON.parse(text) as { readonly op?: unknown; readonly d?: unknown } | null;
    if (typeof payload?.op !== "number") return undefined;
    const d = typeof payload.d === "object" && payload.d !== null ? payload.d : {};
    return { op: payload.op, d: d as Readonly<Record<string, unknown>> };
  } catch {
    return undefined;
  }
}
