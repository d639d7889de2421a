import https from "node:https";
import net from "node:net";
import type { Duplex } from "node:stream";
import { Agent, type buildConnector } from "undici";

/** Where the sockets really go. */
export interface SocketTarget {
  readonly host: string;
  readonly port: number;
}

/** The parts of a ccxt exchange that carry its sockets. */
export interface SocketHolder {
  loadFetchImplementation(): Promise<unknown>;
  getDispatcherOptions(isPlain: boolean): object;
  fetchDispatcher: unknown;
  agent: unknown;
}

/** Plain TCP to a local venue, each write sent at once. */
export function connectTo(target: SocketTarget): net.Socket {
  const socket = net.connect(target.port, target.host);
  socket.setNoDelay(true);
  return socket;
}

/** The same for an HTTP client's pool. */
export function connectorTo(target: SocketTarget): buildConnector.connector {
  return (_options, done) => {
    const socket = connectTo(target);
    socket.once("connect", () => done(null, socket));
    socket.once("error", (error) => done(error, null));
  };
}

/** Sends plain TCP to one loopback port instead of TLS to the exchange. */
class LoopbackAgent extends https.Agent {
  readonly #target: SocketTarget;

  constructor(target: SocketTarget) {
    super();
    this.#target = target;
  }

  override createConnection(): Duplex {
    return connectTo(this.#target);
  }
}

/**
 * Reroutes an unmodified ccxt exchange with production addresses to a local venue by swapping only the socket layer:
 * signing, parsing and error classes stay those of live trading, and no test can reach a real host.
 */
export async function reroute(exchange: SocketHolder, target: SocketTarget): Promise<void> {
  await exchange.loadFetchImplementation();
  exchange.fetchDispatcher = new Agent({
    ...exchange.getDispatcherOptions(true),
    connect: connectorTo(target),
  });
  exchange.agent = new LoopbackAgent(target);
}
