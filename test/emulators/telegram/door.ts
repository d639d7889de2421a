import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { Duplex } from "node:stream";

/** One HTTP request, read to its end; `gone` fires when the client hung up before it was answered. */
export interface Visit {
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingMessage["headers"];
  readonly body: Buffer;
  readonly gone: AbortSignal;
}

/** What is answered: a body is sent as JSON, and without one there is no content type either. */
export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** A fault in force: `over` settles when it has ended, by its time or by `end()`; ending twice does nothing. */
export interface Fault {
  readonly over: Promise<void>;
  end(): Promise<void>;
}

/** Puts a fault in force for `ms` (Infinity: until ended) and takes it back once. */
export function fault(ms: number, begin: () => void, restore: () => void | Promise<void>): Fault {
  begin();
  let ending: Promise<void> | undefined;
  let settle: () => void = () => {};
  const over = new Promise<void>((resolve) => {
    settle = resolve;
  });
  const end = (): Promise<void> => {
    clearTimeout(timer);
    ending ??= Promise.resolve(restore()).then(settle);
    return ending;
  };
  const timer = Number.isFinite(ms) ? setTimeout(() => void end(), ms) : undefined;
  timer?.unref();
  return { over, end };
}

type Handler = (visit: Visit) => Promise<Answer | undefined>;
type Upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

/** A local HTTP listener that can be shut, made deaf and opened again on the same port. An answer of `undefined` never goes out. */
export class Door {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #handler: Handler;
  readonly #faults = new Set<Fault>();
  #port = 0;
  #isDeaf = false;
  #isClosed = false;

  constructor(handler: Handler, upgrade?: Upgrade) {
    this.#handler = handler;
    this.#server = createServer((request, response) => void this.#serve(request, response));
    this.#server.keepAliveTimeout = 60_000;
    this.#server.on("connection", (socket) => {
      this.#sockets.add(socket);
      socket.setNoDelay(true);
      socket.on("error", () => {});
      socket.once("close", () => this.#sockets.delete(socket));
    });
    if (upgrade !== undefined) {
      this.#server.on("upgrade", (request, socket, head) => {
        if (!this.#isDeaf) upgrade(request, socket, head);
      });
    }
  }

  /** The port it listens on, the same for its whole life. */
  get port(): number {
    return this.#port;
  }

  /** True while requests are accepted and never answered. */
  get isDeaf(): boolean {
    return this.#isDeaf;
  }

  /** Starts listening on 127.0.0.1; port 0 takes a free one. */
  async open(port = 0): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(port, "127.0.0.1", () => {
        this.#server.off("error", reject);
        resolve();
      });
    });
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  /** Shuts the port and cuts every connection; after `ms` it listens again on the same port. */
  down(ms: number): Fault {
    let shut: Promise<void> = Promise.resolve();
    const reopen = async (): Promise<void> => {
      await shut;
      if (!this.#isClosed) await this.open(this.#port);
    };
    return this.#keep(fault(ms, () => (shut = this.#shut()), reopen));
  }

  /** Accepts requests for `ms` and never answers them, not even afterwards; what arrives later is answered again. */
  hang(ms: number): Fault {
    const deafen = (isDeaf: boolean) => () => {
      this.#isDeaf = isDeaf;
    };
    return this.#keep(fault(ms, deafen(true), deafen(false)));
  }

  /** Stops listening for good and cuts every connection. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([...this.#faults].map((each) => each.end()));
    await this.#shut();
  }

  #keep(started: Fault): Fault {
    this.#faults.add(started);
    void started.over.then(() => this.#faults.delete(started));
    return started;
  }

  #shut(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const socket of this.#sockets) socket.destroy();
    return closed;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const gone = new AbortController();
    response.once("close", () => gone.abort());
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of request) chunks.push(chunk as Buffer);
    } catch {
      return; // the client hung up in the middle of its request
    }
    if (this.#isDeaf) return;
    const answer = await this.#handler({
      method: request.method ?? "GET",
      url: new URL(request.url ?? "/", "http://127.0.0.1"),
      headers: request.headers,
      body: Buffer.concat(chunks),
      gone: gone.signal,
    }).catch(bug);
    if (answer === undefined || response.destroyed) return;
    const { status, headers = {}, body } = answer;
    if (body === undefined) response.writeHead(status, headers).end();
    else
      response
        .writeHead(status, { ...headers, "content-type": "application/json" })
        .end(JSON.stringify(body));
  }
}

/** A throw in a handler is a mistake of the emulator: it must be seen in the test run, not taken for the platform's own answer. */
function bug(error: unknown): Answer {
  process.emitWarning(error instanceof Error ? error : String(error));
  return { status: 500, body: { message: `the emulator failed: ${String(error)}` } };
}
