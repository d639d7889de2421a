import https from "node:https";
import net from "node:net";
import type { Duplex } from "node:stream";
import { Agent } from "undici";

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

/** Sends plain TCP to one loopback port instead of TLS to the exchange. */
class LoopbackAgent extends https.Agent {
  readonly #target: SocketTarget;

  constructor(target: SocketTarget) {
    super();
    this.#target = target;
  }

  override createConnection(): Duplex {
    const socket = net.connect(this.#target.port, this.#target.host);
    socket.setNoDelay(true);
    return socket;
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
    connect: (_options, done) => {
      const socket = net.connect(target.port, target.host);
      socket.setNoDelay(true);
      socket.once("connect", () => done(null, socket));
      socket.once("error", (error) => done(error, null));
    },
  });
  exchange.agent = new LoopbackAgent(target);
}
