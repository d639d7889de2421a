import type { Client } from "discord.js";

/** The one place in discord.js (14.28) through which all that the gateway says goes. */
interface Handling {
  handlePacket(...given: readonly unknown[]): unknown;
}

/**
 * Keeps a fault inside discord.js's own handlers from ending the desk: they run in a listener of its socket that nobody awaits. A
 * RESUMED that comes after the session was ended is one (it reads a session that is gone). The message is dropped, and noted.
 */
export function shieldPackets(client: Client, onFault: (fault: unknown) => void): void {
  const ws = client.ws as unknown as Handling;
  const handle = ws.handlePacket.bind(ws);
  ws.handlePacket = (...given) => {
    try {
      return handle(...given);
    } catch (fault) {
      onFault(fault);
      return false;
    }
  };
}
