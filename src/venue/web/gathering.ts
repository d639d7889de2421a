import type { Duplex } from "node:stream";
import type { WebSocket } from "ws";

/** Lets everything that is sent on a socket within one tick leave in one write: a system call a message is dear. */
export function gather(socket: WebSocket, raw: Duplex): void {
  const send = socket.send.bind(socket);
  let isHeld = false;
  const release = (): void => {
    isHeld = false;
    raw.uncork();
  };
  socket.send = ((...args: Parameters<WebSocket["send"]>): void => {
    if (!isHeld) {
      isHeld = true;
      raw.cork();
      process.nextTick(release);
    }
    send(...args);
  }) as WebSocket["send"];
}
