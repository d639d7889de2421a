import type { WebAnswer, WebRequest } from "../web/skin.ts";
import { ACCOUNT_CALLS } from "./account-calls.ts";
import { ALGO_CALLS } from "./algo-calls.ts";
import { type Fields, fieldsOf } from "./fields.ts";
import { FILL_CALLS } from "./fill-calls.ts";
import { MARKET_CALLS } from "./market-calls.ts";
import { ORDER_CALLS } from "./order-calls.ts";
import { PUBLIC_CALLS } from "./public-calls.ts";
import { type Read, Refusal } from "./refusal.ts";
import type { Acted, Asked, Reply, Route, Routes, Venue } from "./route.ts";
import { keyOf, lateness } from "./signature.ts";

/** Every call of the protocol, by "METHOD /path". */
const CALLS: Routes = {
  ...PUBLIC_CALLS,
  ...MARKET_CALLS,
  ...ORDER_CALLS,
  ...ALGO_CALLS,
  ...FILL_CALLS,
  ...ACCOUNT_CALLS,
};

/** Who is told when one of our own promises broke while a call was answered. */
type OnBug = (error: unknown, call: string) => void;

/** Answers a REST request in OKX's envelope `{code, msg, data}`. */
export function answer(venue: Venue, request: WebRequest, onBug: OnBug): WebAnswer {
  const reply = guarded(() => perform(venue, request), `${request.method} ${request.path}`, onBug);
  if (reply instanceof Refusal) return refused(reply);
  return {
    status: 200,
    headers: {},
    body: "items" in reply ? envelope(reply) : { code: "0", data: reply, msg: "" },
  };
}

/** OKX's no as an answer. */
export const refused = ({ status, code, msg }: Refusal): WebAnswer => ({
  status,
  headers: {},
  body: { code, data: [], msg },
});

/** 0 when all items succeeded, 1 when none, 2 when some. */
function envelope({ items }: Acted): object {
  const failed = items.filter(({ refusal }) => refusal !== undefined).length;
  const code = failed === 0 ? "0" : failed === items.length ? "1" : "2";
  return {
    code,
    data: items.map(({ ids, refusal }) => ({
      ...ids,
      sCode: refusal?.code ?? "0",
      sMsg: refusal?.msg ?? "",
    })),
    msg: code === "1" ? "All operations failed" : code === "2" ? "Bulk operation partially succeeded." : "",
  };
}

function perform(venue: Venue, request: WebRequest): Reply {
  const { method, path } = request;
  const name = `${method} ${path}`;
  const route: Route | undefined = Object.hasOwn(CALLS, name) ? CALLS[name] : undefined;
  if (route === undefined) return new Refusal(404, "Not Found", 404);
  const now = venue.wall.now();
  const asked = askedOf(request);
  if (asked instanceof Refusal) return asked;
  const tooMany = new Refusal(50011, "Too Many Requests");
  if (route.access === "public") {
    return venue.meter.spend(request.address, name, route.most, now) ? route.handle(venue, asked) : tooMany;
  }
  const key = keyOf(request, venue.keys, now);
  if (key instanceof Refusal) return key;
  const scope = route.access === "trade" ? (asked.rows[0]?.get("instId") ?? "") : "";
  const count = Math.max(1, asked.rows.length);
  for (let each = 0; each < count; each += 1) {
    if (!venue.meter.spend(`${key.account} ${scope}`, name, route.most, now)) return tooMany;
  }
  if (route.access === "trade" && key.permissions?.trade === false) {
    return new Refusal(50120, "This API key doesn't have permission to use this function.");
  }
  const late = route.expires === true ? lateness(request, now) : undefined;
  return late ?? route.handle(venue, asked, key);
}

function askedOf({ method, query, body }: WebRequest): Read<Asked> {
  if (method === "GET") {
    const fields: Fields = new Map(new URLSearchParams(query));
    return { fields, rows: [] };
  }
  let sent: unknown;
  try {
    sent = JSON.parse(body === "" ? "{}" : body);
  } catch {
    return new Refusal(50002, "JSON syntax error");
  }
  const rows = (Array.isArray(sent) ? sent : [sent]).map(fieldsOf);
  const whole = rows.filter((row) => row !== undefined);
  if (whole.length !== rows.length) return new Refusal(50002, "JSON syntax error");
  return { fields: whole[0] ?? new Map(), rows: whole };
}

/** Runs a call; a broken promise of our own is reported and answered with 50026 instead of ending the server. */
function guarded(handle: () => Reply, name: string, onBug: OnBug): Reply {
  try {
    return handle();
  } catch (error) {
    onBug(error, name);
    return new Refusal(50026, "System error. Try again later");
  }
}
