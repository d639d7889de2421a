import type { Trouble } from "../faults/weather.ts";
import type { WebAnswer, WebRequest } from "../web/skin.ts";
import type { Fields } from "./fields.ts";
import type { House, Reply, Routes } from "./house.ts";
import type { Standing } from "./limits.ts";
import { Batch, Refusal } from "./refusal.ts";
import { authorised } from "./signature.ts";

type OnBug = (error: unknown, call: string) => void;

const FORBIDDEN: WebAnswer = {
  status: 403,
  headers: {},
  body: "<html><head><title>403 Forbidden</title></head><body>access too frequent, please try again in 5 minutes</body></html>",
};

/** Answers a REST request in Bybit's envelope. A bug is reported and answered as 10016. */
export function answer(house: House, routes: Routes, request: WebRequest, onBug: OnBug): WebAnswer {
  const now = house.wall.now();
  if (house.meter.isBanned(request.address, now)) return FORBIDDEN;
  const name = `${request.method} ${request.path}`;
  const route = Object.hasOwn(routes, name) ? routes[name] : undefined;
  if (route === undefined) {
    return { status: 404, headers: {}, body: enveloped(new Refusal(10017, "Route not found."), now) };
  }
  const fields = fieldsOf(request);
  if (fields === undefined) return plain(new Refusal(10001, "params error: the body is no JSON"), now);
  if (route.access === "public") {
    return plain(
      guarded(() => route.handle(house, fields), name, onBug),
      now,
    );
  }
  const key = authorised(request, house.keys, now);
  if (key instanceof Refusal) return plain(key, now);
  const standing = house.meter.spend(key.apiKey, name, route.perSecond, now);
  if (standing.left < 0) {
    return { ...plain(new Refusal(10006, "Too many visits!"), now), headers: headersOf(standing) };
  }
  const reply = guarded(() => route.handle(house, fields, key.account, key), name, onBug);
  return { ...plain(reply, now), headers: headersOf(standing) };
}

/** Bybit's words for a trouble: a timeout of its own says that the outcome is unknown. */
export function troubleWords({ end, wallAt, retryAfterMs }: Trouble): WebAnswer {
  switch (end) {
    case "unknownStatus":
      return plain(new Refusal(10000, "Server Timeout"), wallAt);
    case "unavailable":
      return plain(new Refusal(10016, "Internal System Error."), wallAt);
    case "rateLimited":
      return {
        ...plain(new Refusal(10006, "Too many visits!"), wallAt),
        headers: headersOf({ limit: 10, left: 0, resetAt: Math.floor(wallAt + retryAfterMs) }),
      };
    case "banned":
      return FORBIDDEN;
    default:
      return { status: 502, headers: {}, body: "<html><head><title>502 Bad Gateway</title></head></html>" };
  }
}

const plain = (reply: Reply, now: number): WebAnswer => ({
  status: 200,
  headers: {},
  body: enveloped(reply, now),
});

function enveloped(reply: Reply, now: number): object {
  const time = Math.floor(now);
  if (reply instanceof Refusal) {
    return { retCode: reply.code, retMsg: reply.msg, result: reply.result, retExtInfo: {}, time };
  }
  if (reply instanceof Batch) {
    const retExtInfo = { list: reply.codes };
    return { retCode: 0, retMsg: "OK", result: { list: reply.list }, retExtInfo, time };
  }
  return { retCode: 0, retMsg: "OK", result: reply, retExtInfo: {}, time };
}

const headersOf = ({ limit, left, resetAt }: Standing): Readonly<Record<string, number>> => ({
  "X-Bapi-Limit": limit,
  "X-Bapi-Limit-Status": Math.max(0, left),
  "X-Bapi-Limit-Reset-Timestamp": Math.floor(resetAt),
});

function fieldsOf({ method, query, body }: WebRequest): Fields | undefined {
  if (method === "GET") return Object.fromEntries(new URLSearchParams(query));
  try {
    const parsed: unknown = body === "" ? {} : JSON.parse(body);
    return typeof parsed === "object" && parsed !== null ? (parsed as Fields) : undefined;
  } catch {
    return undefined;
  }
}

function guarded(handle: () => Reply, name: string, onBug: OnBug): Reply {
  try {
    return handle();
  } catch (error) {
    onBug(error, name);
    return new Refusal(10016, "Internal System Error.");
  }
}
