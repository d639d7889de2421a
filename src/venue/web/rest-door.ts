import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { isListCall, ListSpoiler, questionOf } from "../faults/lists.ts";
import { CONNECT } from "../faults/request-faults.ts";
import type { Trouble, Weather } from "../faults/weather.ts";
import { send } from "./request.ts";
import type { Skin, WebAnswer, WebRequest } from "./skin.ts";
import { travel } from "./travel.ts";
import type { WallClock } from "./wall.ts";

/** Leads HTTP requests and connections through the weather to the protocol that owns them. */
export class RestDoor {
  readonly #wall: WallClock;
  readonly #weather: Weather;
  readonly #lists = new ListSpoiler();

  constructor(wall: WallClock, weather: Weather) {
    this.#wall = wall;
    this.#weather = weather;
  }

  /** Answers a request, unless the weather has it otherwise. A request is carried out even when its client is gone. */
  answer(skin: Skin, request: WebRequest, response: ServerResponse): void {
    const name = `${request.method} ${request.path}`;
    travel<WebAnswer>(this.#weather, this.#wall, { skin: skin.name, name }, request.address, {
      carryOut: () => skin.answer(request),
      spoil: (answer, end) => {
        const { status, body } = answer;
        if (status !== 200 || typeof body === "string" || !isListCall(name)) return answer;
        const question = questionOf(name, askerOf(request.headers), request.query);
        return { ...answer, body: this.#lists.spoil(body, end, question) };
      },
      trouble: (trouble) => troubleOf(skin, trouble),
      send: (answer) => {
        if (!response.destroyed) send(response, answer);
      },
      cut: () => response.destroy(),
    });
  }

  /** Lets a connection become a WebSocket, unless the weather has it otherwise. */
  upgrade(skin: Skin, message: IncomingMessage, raw: Duplex, head: Buffer): void {
    // A client may break its connection while it waits here.
    raw.on("error", () => raw.destroy());
    const address = message.socket.remoteAddress ?? "unknown";
    travel<number>(this.#weather, this.#wall, { skin: skin.name, name: CONNECT }, address, {
      carryOut: () => 101,
      spoil: (status) => status,
      trouble: (trouble) => troubleOf(skin, trouble).status,
      send: (status) => {
        if (raw.destroyed) return;
        if (status === 101) skin.upgrade(message, raw, head);
        else raw.end(`HTTP/1.1 ${status} Unavailable\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
      },
      cut: () => raw.destroy(),
    });
  }
}

/** What a proxy in front of any exchange says. */
const BARE = {
  unknownStatus: 504,
  unavailable: 503,
  failed: 502,
  rateLimited: 429,
  banned: 403,
} as const satisfies Record<Trouble["end"], number>;

function troubleOf(skin: Skin, trouble: Trouble): WebAnswer {
  const own = skin.trouble?.(trouble);
  if (own !== undefined) return own;
  const status = BARE[trouble.end];
  const headers = trouble.retryAfterMs > 0 ? { "Retry-After": Math.ceil(trouble.retryAfterMs / 1_000) } : {};
  return { status, headers, body: `<html><body>${status}</body></html>` };
}

/** The headers that name the key, in the protocols spoken here. */
const KEY_HEADERS = ["x-mbx-apikey", "x-bapi-api-key", "ok-access-key"];

const askerOf = (headers: IncomingHttpHeaders): string =>
  KEY_HEADERS.map((header) => String(headers[header] ?? "")).join("");
