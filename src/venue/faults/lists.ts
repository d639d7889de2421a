import type { RequestEnd } from "./weather.ts";

/** The calls that answer lists of an account's orders, trades and positions, of every protocol spoken here. */
const LIST_CALL = new RegExp(
  `^GET .*/(?:${[
    "openOrders|openAlgoOrders|allOrders|allAlgoOrders|userTrades|positionRisk|income|balance",
    "v5/(?:order/realtime|order/history|execution/list|position/list|position/closed-pnl)",
    "v5/(?:trade/(?:orders|fills)[a-z-]*|account/(?:positions|bills|balance)[a-z-]*)",
  ].join("|")})$`,
);

/** Whether a call answers a list that can come back partial, empty or stale. */
export const isListCall = (name: string): boolean => LIST_CALL.test(name);

/** Answers that are remembered for each question, and questions at most. */
const REMEMBERED = 4;
const QUESTIONS_MOST = 500;

/**
 * Spoils the lists in answers. An answer is a list, or holds one under `data`, `list` or `result.list`, as Binance,
 * OKX and Bybit write them; any other answer stays as it is.
 */
export class ListSpoiler {
  readonly #earlier = new Map<string, (object | string)[]>();

  /** Gives back the answer as its fate has it, and remembers the true one. `question` tells equal questions. */
  spoil(body: object, end: RequestEnd, question: string): object {
    const told = this.#spoil(body, end, question, () => body);
    return typeof told === "string" ? (JSON.parse(told) as object) : told;
  }

  /** The same for an answer's JSON text, which is read only where its list must be changed. */
  spoilText(text: string, end: RequestEnd, question: string): string {
    const told = this.#spoil(text, end, question, () => JSON.parse(text) as object);
    return typeof told === "string" ? told : JSON.stringify(told);
  }

  #spoil(kept: object | string, end: RequestEnd, question: string, body: () => object): object | string {
    const earlier = this.#earlier.get(question) ?? [];
    const oldest = earlier[0];
    this.#remember(question, earlier, kept);
    if (end === "empty") return mapList(body(), () => []);
    if (end === "partial") return mapList(body(), (items) => items.filter((_item, index) => index % 2 === 1));
    return end === "stale" ? (oldest ?? kept) : kept;
  }

  #remember(question: string, earlier: readonly (object | string)[], body: object | string): void {
    this.#earlier.delete(question);
    this.#earlier.set(question, [...earlier.slice(1 - REMEMBERED), body]);
    if (this.#earlier.size <= QUESTIONS_MOST) return;
    const [longestUnasked] = this.#earlier.keys();
    if (longestUnasked !== undefined) this.#earlier.delete(longestUnasked);
  }
}

/** What makes two questions equal: who asks what, without what differs in every request. */
export function questionOf(name: string, asker: string, query: string): string {
  const fields = [...new URLSearchParams(query)]
    .filter(([field]) => !["timestamp", "signature", "recvWindow"].includes(field))
    .map(([field, found]) => `${field}=${found}`)
    .sort();
  return [name, asker, ...fields].join("&");
}

function mapList(body: object, change: (items: readonly unknown[]) => readonly unknown[]): object {
  if (Array.isArray(body)) return [...change(body)];
  for (const [key, found] of Object.entries(body)) {
    if ((key === "data" || key === "list") && Array.isArray(found)) return { ...body, [key]: change(found) };
    if (key === "result" && typeof found === "object" && found !== null)
      return { ...body, [key]: mapList(found, change) };
  }
  return body;
}
