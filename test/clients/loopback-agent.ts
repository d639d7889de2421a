import { Agent as HttpsAgent } from "node:https";
import net from "node:net";

/** A bare connection to a local port, whatever address was asked for. */
export function connectTo(port: number): net.Socket {
  const socket = net.connect(port, "127.0.0.1");
  socket.setNoDelay(true);
  return socket;
}

/**
 * Leads every https and wss connection to a local port, without TLS: a client keeps its production addresses, and with them
 * its own idea of which errors are which, while no packet can leave this machine.
 */
export class LoopbackAgent extends HttpsAgent {
  readonly #port: number;

  constructor(port: number) {
    super({ keepAlive: false });
    this.#port = port;
  }

  override createConnection(): net.Socket {
    return connectTo(this.#port);
  }
}
