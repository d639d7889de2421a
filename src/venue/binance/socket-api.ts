import type { WebSocket } from "ws";
import { isListCall, ListSpoiler, questionOf } from "../faults/lists.ts";
import { travel } from "../web/travel.ts";
import { type OnBug, perform } from "./calls.ts";
import { rateLimits } from "./exchange-info.ts";
import type { Fields } from "./fields.ts";
import { fieldsOf } from "./order-calls.ts";
import { missing, type Read, Refusal } from "./refusal.ts";
import type { Reply, Venue } from "./route.ts";
import { type ApiKey, keyOf, refusedSignature } from "./signature.ts";
import { troubleRefusal } from "./trouble.ts";

/** The methods of ws-fapi/v1 and the REST calls that answer the same. */
const METHODS: Readonly<Record<string, string>> = {
  ping: "GET /fapi/v1/ping",
  time: "GET /fapi/v1/time",
  depth: "GET /fapi/v1/depth",
  "ticker.price": "GET /fapi/v1/ticker/price",
  "ticker.book": "GET /fapi/v1/ticker/bookTicker",
  "order.place": "POST /fapi/v1/order",
  "order.modify": "PUT /fapi/v1/order",
  "order.cancel": "DELETE /fapi/v1/order",
  "order.status": "GET /fapi/v1/order",
  "algoOrder.place": "POST /fapi/v1/algoOrder",
  "algoOrder.cancel": "DELETE /fapi/v1/algoOrder",
  "account.status": "GET /fapi/v2/account",
  "account.balance": "GET /fapi/v2/balance",
  "account.position": "GET /fapi/v2/positionRisk",
  "v2/account.status": "GET /fapi/v3/account",
  "v2/account.balance": "GET /fapi/v3/balance",
  "v2/account.position": "GET /fapi/v3/positionRisk",
  "userDataStream.start": "POST /fapi/v1/listenKey",
  "userDataStream.ping": "PUT /fapi/v1/listenKey",
  "userDataStream.stop": "DELETE /fapi/v1/listenKey",
};

/** Serves one connection of the socket API: requests {id, method, params}, signed like REST over the sorted params. */
export function serveSocketApi(venue: Venue, socket: WebSocket, address: string, onBug: OnBug): void {
  const lists = new ListSpoiler();
  const send = (request: SocketRequest | undefined, reply: Reply): void => {
    if (socket.readyState !== socket.OPEN || socket.isPaused) return;
    const isRefused = reply instanceof Refusal;
    socket.send(
      JSON.stringify({
        id: request?.id ?? null,
        status: isRefused ? reply.status : 200,
        ...(isRefused ? { error: reply.body } : { result: reply }),
        rateLimits: usage(venue, address, request?.fields),
      }),
    );
  };
  socket.on("message", (message) => {
    const request = requestOf(String(message));
    if (request === undefined) {
      send(request, new Refusal(-1000, "Invalid request."));
      return;
    }
    const { method, fields } = request;
    const name = (Object.hasOwn(METHODS, method) ? METHODS[method] : undefined) ?? `SEND ${method}`;
    travel<Reply>(venue.weather, venue.wall, { skin: "binanceusdm", name }, address, {
      carryOut: () => call(venue, request, address, onBug),
      spoil: (reply, end) =>
        reply instanceof Refusal || !isListCall(name)
          ? reply
          : lists.spoil(reply, end, questionOf(name, "", sortedText(fields))),
      trouble: troubleRefusal,
      send: (reply) => send(request, reply),
      cut: () => socket.terminate(),
    });
  });
}

interface SocketRequest {
  readonly id: unknown;
  readonly method: string;
  readonly fields: Fields;
}

function requestOf(message: string): SocketRequest | undefined {
  try {
    const parsed: unknown = JSON.parse(message);
    if (typeof parsed !== "object" || parsed === null) return undefined;
    const { id, method, params } = parsed as Record<string, unknown>;
    const fields = fieldsOf(params ?? {});
    return typeof method === "string" && fields !== undefined ? { id, method, fields } : undefined;
  } catch {
    return undefined;
  }
}

function call(venue: Venue, { method, fields }: SocketRequest, address: string, onBug: OnBug) {
  const name = Object.hasOwn(METHODS, method) ? METHODS[method] : undefined;
  if (name === undefined) return new Refusal(-1000, `Unknown method ${method}.`);
  const authorise = (access: "key" | "signed"): Read<ApiKey> => {
    const apiKey = fields.get("apiKey");
    if (apiKey === undefined) return missing("apiKey");
    const key = keyOf(apiKey, venue.keys);
    if (key instanceof Refusal || access === "key") return key;
    return refusedSignature(sortedText(fields), fields, key.secret, venue.wall.now()) ?? key;
  };
  return perform(venue, name, fields, address, authorise, onBug).reply;
}

function sortedText(fields: Fields): string {
  const names = [...fields.keys()].sort();
  let text = "";
  for (const name of names) {
    if (name !== "signature") text += `${text === "" ? "" : "&"}${name}=${fields.get(name)}`;
  }
  return text;
}

function usage(venue: Venue, address: string, fields: Fields | undefined): readonly object[] {
  const now = venue.wall.now();
  const account = venue.keys.get(fields?.get("apiKey") ?? "")?.account;
  const orders = account === undefined ? undefined : venue.meter.ordersUsed(account, now);
  return rateLimits(venue.meter.limits).map(({ rateLimitType, interval, intervalNum, limit }) => {
    const used =
      rateLimitType === "REQUEST_WEIGHT"
        ? venue.meter.weightUsed(address, now)
        : interval === "SECOND"
          ? orders?.tenSeconds
          : orders?.minute;
    return { rateLimitType, interval, intervalNum, limit, count: used ?? 0 };
  });
}
