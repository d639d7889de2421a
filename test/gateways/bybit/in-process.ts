import { createHmac } from "node:crypto";
import { bybitProfile } from "../../../src/gateways/bybit/profile.ts";
import type { ExchangeClient, OpenSocket } from "../../../src/gateways/exchange-client.ts";
import { WeightBudget } from "../../../src/gateways/weight-budget.ts";
import type { BybitCore } from "../../../src/venue/bybit/core.ts";
import { answer } from "../../../src/venue/bybit/door.ts";
import { Session } from "../../../src/venue/bybit/session.ts";
import { KEY } from "../../venue/bybit/served-bybit.ts";

/** Carries a gateway's calls and frames to Bybit's protocol in this process: no ccxt, no network. */
export class InProcessClient implements ExchangeClient {
  readonly budget = new WeightBudget(bybitProfile("live").weights, () => Date.now());
  readonly #core: BybitCore;
  #tap: ((url: string, message: unknown) => void) | undefined;

  constructor(core: BybitCore) {
    this.#core = core;
  }

  now(): number {
    return Date.now();
  }

  tap(look: (url: string, message: unknown) => void): void {
    this.#tap = look;
  }

  async call(name: string, params: object): Promise<unknown> {
    const [method = "GET", path = "/"] = name.split(" ");
    const isGet = method === "GET";
    const sent = isGet ? new URLSearchParams(Object.entries(params)).toString() : JSON.stringify(params);
    const at = String(this.now());
    const signature = createHmac("sha256", KEY.secret).update(`${at}${KEY.apiKey}3000${sent}`).digest("hex");
    const request = {
      method,
      path,
      query: isGet ? sent : "",
      body: isGet ? "" : sent,
      address: "here",
      headers: {
        "x-bapi-api-key": KEY.apiKey,
        "x-bapi-timestamp": at,
        "x-bapi-recv-window": "3000",
        "x-bapi-sign": signature,
      },
    };
    const { body } = answer(this.#core.house, this.#core.routes, request, (error) => {
      throw error;
    });
    return JSON.parse(JSON.stringify(body)) as unknown;
  }

  socket(url: string, hello?: object): OpenSocket {
    let breakIt: (reason: unknown) => void = () => {};
    const broken = new Promise((resolve) => {
      breakIt = resolve;
    });
    const place = url.endsWith("/private") ? "private" : url.endsWith("/inverse") ? "inverse" : "linear";
    const frames = {
      readyState: 1,
      OPEN: 1,
      bufferedAmount: 0,
      send: (text: string) => queueMicrotask(() => this.#tap?.(url, JSON.parse(text))),
      terminate: () => breakIt(new Error("cut by the exchange")),
    };
    const session = new Session(this.#core, {
      id: url,
      socket: frames,
      place,
      account: undefined,
      topics: new Set(),
    });
    const send = (message: object | string): void =>
      session.hear(typeof message === "string" ? message : JSON.stringify(message));
    if (hello !== undefined) queueMicrotask(() => send(hello));
    return {
      url,
      connected: Promise.resolve(),
      broken,
      send,
      cut: (error) => {
        frames.readyState = 3;
        session.leave();
        breakIt(error);
      },
    };
  }
}
