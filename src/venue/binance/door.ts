import type { IncomingMessage, ServerResponse } from "node:http";
import { type OnBug, perform } from "./calls.ts";
import { type Read, Refusal } from "./refusal.ts";
import type { Venue } from "./route.ts";
import { type ApiKey, keyOf, refusedSignature, signedText } from "./signature.ts";

/** Bytes of a request body beyond which nobody reads on. */
const BODY_MOST = 1_000_000;

/** A request as it came in, with its body read to the end. */
export interface Request {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly body: string;
  readonly apiKey: string | undefined;
  readonly address: string;
}

/** Reads a request to its end; undefined when the client went away or sent too much. */
export function readRequest(message: IncomingMessage): Promise<Request | undefined> {
  return new Promise((resolve) => {
    const parts: Buffer[] = [];
    let size = 0;
    message.on("data", (part: Buffer) => {
      size += part.length;
      if (size > BODY_MOST) {
        message.destroy();
        resolve(undefined);
      } else parts.push(part);
    });
    message.on("error", () => resolve(undefined));
    message.on("close", () => resolve(undefined));
    message.on("end", () => {
      const [path = "/", query = ""] = splitOnce(message.url ?? "/");
      const header = message.headers["x-mbx-apikey"];
      resolve({
        method: message.method ?? "GET",
        path,
        query,
        body: Buffer.concat(parts).toString("utf8"),
        apiKey: typeof header === "string" ? header : undefined,
        address: message.socket.remoteAddress ?? "unknown",
      });
    });
  });
}

/** Answers a REST request with Binance's body, status and limit headers. */
export function answer(venue: Venue, request: Request, response: ServerResponse, onBug: OnBug): void {
  const { method, path, query, body, address } = request;
  const fields = new Map([...new URLSearchParams(query), ...new URLSearchParams(body)]);
  const authorise = (access: "key" | "signed"): Read<ApiKey> => {
    const key = keyOf(request.apiKey, venue.keys);
    if (key instanceof Refusal || access === "key") return key;
    return refusedSignature(signedText(query, body), fields, key.secret, venue.wall.now()) ?? key;
  };
  const { reply, account } = perform(venue, `${method} ${path}`, fields, address, authorise, onBug);
  const now = venue.wall.now();
  const headers: Record<string, string | number> = {
    "Content-Type": "application/json",
    "X-MBX-USED-WEIGHT-1M": venue.meter.weightUsed(address, now),
  };
  if (account !== undefined) {
    const used = venue.meter.ordersUsed(account, now);
    headers["X-MBX-ORDER-COUNT-10S"] = used.tenSeconds;
    headers["X-MBX-ORDER-COUNT-1M"] = used.minute;
  }
  if (!(reply instanceof Refusal)) {
    send(response, 200, headers, reply);
    return;
  }
  if (reply.retryAfter !== undefined) headers["Retry-After"] = reply.retryAfter;
  send(response, reply.status, headers, reply.body);
}

/** Sends a JSON answer. */
export function send(
  response: ServerResponse,
  status: number,
  headers: Readonly<Record<string, string | number>>,
  body: object,
): void {
  const text = JSON.stringify(body);
  response.writeHead(status, { ...headers, "Content-Length": Buffer.byteLength(text) });
  response.end(text);
}

/** Path and query of a request line, whatever it holds. */
export function splitOnce(url: string): readonly [string, string] {
  const at = url.indexOf("?");
  return at < 0 ? [url, ""] : [url.slice(0, at), url.slice(at + 1)];
}
