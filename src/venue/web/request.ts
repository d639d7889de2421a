import type { IncomingMessage, ServerResponse } from "node:http";
import type { WebAnswer, WebRequest } from "./skin.ts";

/** Bytes of a request body beyond which nobody reads on. */
const BODY_MOST = 1_000_000;

/** Reads a request to its end; undefined when the client went away or sent too much. */
export function readRequest(message: IncomingMessage): Promise<WebRequest | undefined> {
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
      resolve({
        method: message.method ?? "GET",
        path,
        query,
        body: Buffer.concat(parts).toString("utf8"),
        headers: message.headers,
        address: message.socket.remoteAddress ?? "unknown",
      });
    });
  });
}

/** Sends a JSON answer, or a web page where the body is a text. */
export function send(response: ServerResponse, { status, headers, body }: WebAnswer): void {
  const isPage = typeof body === "string";
  const text = isPage ? body : JSON.stringify(body);
  response.writeHead(status, {
    "Content-Type": isPage ? "text/html" : "application/json",
    ...headers,
    "Content-Length": Buffer.byteLength(text),
  });
  response.end(text);
}

/** Path and query of a request line, whatever it holds. */
export function splitOnce(url: string): readonly [string, string] {
  const at = url.indexOf("?");
  return at < 0 ? [url, ""] : [url.slice(0, at), url.slice(at + 1)];
}
