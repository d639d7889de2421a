import type { Duplex } from "node:stream";
import { type ClientOptions, WebSocket } from "ws";
import { PayloadError } from "../binance/fields.ts";
import type { OpenSocket } from "../exchange-client.ts";
import { connectTo, type SocketTarget } from "../reroute.ts";
import { exactJson } from "./exact-json.ts";

/** How often an open socket is pinged, and how many answers may be missing before it counts as dead. */
const PING_MS = 5_000;
const MISSES_MOST = 2;

/** Opens a socket at the exchange's address; with a target its bytes go to a local venue, without TLS. */
function dial(url: string, target: SocketTarget | undefined): WebSocket {
  const options: ClientOptions = { perMessageDeflate: false, handshakeTimeout: 10_000 };
  if (target === undefined) return new WebSocket(url, options);
  const { host } = new URL(url);
  return new WebSocket(url.replace(/^wss:/, "ws:"), {
    ...options,
    headers: { Host: host },
    createConnection: () => connectTo(target),
  });
}

/** A socket with its life watched: pings that go unanswered end it. Every frame is parsed and handed on. */
export function openSocket(
  url: string,
  target: SocketTarget | undefined,
  hello: object | undefined,
  onMessage: (message: unknown) => void,
): OpenSocket {
  const socket = dial(url, target);
  let misses = 0;
  let pinging: NodeJS.Timeout | undefined;
  let wire: Duplex | undefined;
  let isHeld = false;
  socket.once("upgrade", (response) => {
    wire = response.socket;
  });
  const release = (): void => {
    if (!isHeld) return;
    isHeld = false;
    wire?.uncork();
  };
  const hold = (): void => {
    isHeld = true;
    wire?.cork();
  };
  const send = (message: object | string): void => {
    if (socket.readyState !== WebSocket.OPEN) return;
    socket.send(typeof message === "string" ? message : JSON.stringify(message));
    // The first message leaves at once, what follows within one tick in one write: a grid laid anew is two system calls.
    if (isHeld) return;
    hold();
    process.nextTick(release);
  };
  const together = (work: () => void): void => {
    if (!isHeld) hold();
    try {
      work();
    } finally {
      release();
    }
  };
  let fail: (reason: unknown) => void = () => {};
  const broken = new Promise<unknown>((resolve) => {
    fail = resolve;
  });
  const connected = new Promise<void>((resolve, reject) => {
    socket.once("open", () => {
      if (hello !== undefined) send(hello);
      pinging = setInterval(() => {
        misses += 1;
        if (misses > MISSES_MOST) {
          fail(new Error("the socket's pings went unanswered"));
          socket.terminate();
        } else socket.ping();
      }, PING_MS);
      resolve();
    });
    broken.then((reason) => reject(reason instanceof Error ? reason : new Error("the socket broke")), reject);
  });
  connected.catch(() => {});
  socket.on("pong", () => {
    misses = 0;
  });
  socket.on("message", (bytes, isBinary) => {
    if (isBinary) return;
    let message: unknown;
    try {
      message = exactJson(String(bytes));
    } catch {
      // Not ours to guess: the gateway sees silence, which its watchdog ends.
      return;
    }
    try {
      onMessage(message);
    } catch (error) {
      // A frame that can't be read breaks its socket; any other error is a bug of the desk.
      if (!(error instanceof PayloadError)) throw error;
      fail(error);
      socket.terminate();
    }
  });
  socket.on("error", (error) => fail(error));
  socket.on("close", (code) => {
    clearInterval(pinging);
    fail(new Error(`the socket was closed (${code})`));
  });
  return {
    url,
    connected,
    broken,
    send,
    together,
    cut: (error) => {
      fail(error);
      // A goodbye would wait for an answer, which a dead socket never gives.
      socket.terminate();
    },
  };
}
