import { createHmac } from "node:crypto";
import type { Random } from "../../src/core/random.ts";
import { type ExchangeClient, NoBudgetError, type OpenSocket } from "../../src/gateways/exchange-client.ts";
import { BINANCE_WEIGHTS, type Urgency, WeightBudget } from "../../src/gateways/weight-budget.ts";
import { perform } from "../../src/venue/binance/calls.ts";
import type { BinanceCore } from "../../src/venue/binance/core.ts";
import { Refusal } from "../../src/venue/binance/refusal.ts";
import { type ApiKey, refusedSignature } from "../../src/venue/binance/signature.ts";
import { isListCall, ListSpoiler, questionOf } from "../../src/venue/faults/lists.ts";
import type { RequestEnd, Weather } from "../../src/venue/faults/weather.ts";
import { brokenOff, type CallEnd, doorAnswer, type HttpAnswer, readAnswer, timedOut } from "./answers.ts";
import type { Process } from "./machine.ts";
import { SocketPair } from "./socket-pair.ts";
import type { Timeline } from "./timeline.ts";

const SKIN = "binanceusdm";
const RECV_WINDOW_MS = 3_000;
const TIMEOUT_MS = 5_000;
/** One way between desk and exchange, wall milliseconds. */
const WAY_MS = 8;

/** A request as it met the exchange: for counts and checkers. */
export interface RequestMet {
  readonly name: string;
  readonly end: string;
  readonly delayMs: number;
}

/** The exchange's side of the network. */
export interface NetworkParts {
  readonly timeline: Timeline;
  readonly core: BinanceCore;
  readonly key: ApiKey;
  readonly weather: Weather;
  readonly chance: Random;
  readonly onBug: (error: unknown, call: string) => void;
  readonly met: (request: RequestMet) => void;
}

/** Carries calls and frames between processes and the exchange in simulated time. */
export class Network {
  readonly #parts: NetworkParts;
  readonly #pairs = new Set<SocketPair>();
  readonly #lists = new ListSpoiler();

  constructor(parts: NetworkParts) {
    this.#parts = parts;
  }

  get timeline(): Timeline {
    return this.#parts.timeline;
  }

  /** A signed call on its way; `done` hears of its end exactly once, unless the process dies before. */
  call(from: Process, name: string, params: object, done: (end: CallEnd) => void): void {
    const { timeline, weather, chance, met } = this.#parts;
    const { query, fields } = this.#signed(from, params);
    const fate = weather.request({ skin: SKIN, name, wallAt: timeline.now });
    met({ name, end: fate.end, delayMs: fate.delayMs + fate.answerDelayMs });
    let isOver = false;
    const end = (how: CallEnd): void => {
      if (isOver) return;
      isOver = true;
      if (!from.isDead) done(how);
    };
    timeline.after(TIMEOUT_MS, () => end(timedOut(name, TIMEOUT_MS)));
    const wayMs = WAY_MS + chance.below(4);
    // A request that left goes on without its process.
    timeline.after(wayMs + fate.delayMs, () => {
      const back = (how: CallEnd): void => {
        timeline.after(wayMs + fate.answerDelayMs, () => end(how));
      };
      switch (fate.end) {
        case "neverArrives":
          if (chance.below(2) === 0) back(brokenOff(name));
          return;
        case "unavailable":
        case "failed":
        case "rateLimited":
        case "banned":
          back(readAnswer(name, doorAnswer(fate)));
          return;
        case "answerLost":
          this.#answer(from, name, query, fields);
          back(brokenOff(name));
          return;
        case "hangs":
          this.#answer(from, name, query, fields);
          return;
        case "unknownStatus":
          this.#answer(from, name, query, fields);
          back(readAnswer(name, doorAnswer(fate)));
          return;
        default:
          back(readAnswer(name, this.#listAnswer(from, name, query, fields, fate.end)));
      }
    });
  }

  /** Weight of this minute as the exchange counts it for the machine. */
  weightUsed(from: Process): number {
    const { venue } = this.#parts.core;
    return venue.meter.weightUsed(from.machine.address, venue.wall.now());
  }

  /** Opens a socket; it connects while the exchange is open, else it is refused. */
  socket(from: Process, url: string, hello: object | undefined, tap: (text: string) => void): SocketPair {
    const { timeline, core, weather } = this.#parts;
    const isOpen = (): boolean =>
      weather.request({ skin: SKIN, name: "CONNECT", wallAt: timeline.now }).end === "answered";
    const pair = new SocketPair({ timeline, url, wayMs: WAY_MS, tap, isOpen, isDead: () => from.isDead });
    this.#pairs.add(pair);
    pair.onClose(() => {
      this.#pairs.delete(pair);
      core.streams.leave(pair.connection);
    });
    from.atDeath(() => pair.abandon());
    pair.connect(() => {
      const sent = new URL(url.replace(/^ws/, "http"));
      const opening = sent.searchParams.get("listenKey");
      if (opening !== null) core.streams.add(pair.connection, opening);
      const params = (hello as { readonly params?: readonly string[] } | undefined)?.params ?? [];
      for (const stream of params) core.streams.add(pair.connection, stream);
      if (hello !== undefined) pair.send(JSON.stringify({ result: null, id: 1 }));
    });
    return pair;
  }

  /** Sockets of a kind: for faults that break or deafen them. */
  pairs(kind: "private" | "market" | "all"): readonly SocketPair[] {
    return [...this.#pairs].filter(
      ({ connection }) => kind === "all" || (connection.category === "private") === (kind === "private"),
    );
  }

  #signed(from: Process, params: object): { readonly query: string; readonly fields: Map<string, string> } {
    const fields = new Map(Object.entries(params).map(([field, held]) => [field, String(held)]));
    fields.set("timestamp", String(from.clock.now()));
    fields.set("recvWindow", String(RECV_WINDOW_MS));
    const query = [...fields].map(([field, held]) => `${field}=${encodeURIComponent(held)}`).join("&");
    fields.set("signature", createHmac("sha256", this.#parts.key.secret).update(query).digest("hex"));
    return { query, fields };
  }

  #answer(from: Process, name: string, query: string, fields: Map<string, string>): HttpAnswer {
    const { core, key, onBug } = this.#parts;
    const { venue } = core;
    const authorise = (access: "key" | "signed") =>
      access === "key" ? key : (refusedSignature(query, fields, key.secret, venue.wall.now()) ?? key);
    const { reply } = perform(venue, name, fields, from.machine.address, authorise, onBug);
    if (reply instanceof Refusal) {
      return { status: reply.status, text: JSON.stringify(reply.body), retryAfter: reply.retryAfter };
    }
    return { status: 200, text: JSON.stringify(reply) };
  }

  /** Lists may lack items, or be old. */
  #listAnswer(
    from: Process,
    name: string,
    query: string,
    fields: Map<string, string>,
    end: RequestEnd,
  ): HttpAnswer {
    const answer = this.#answer(from, name, query, fields);
    if (answer.status !== 200 || !isListCall(name)) return answer;
    const question = questionOf(name, from.machine.address, query);
    return { ...answer, text: this.#lists.spoilText(answer.text, end, question) };
  }
}

/** The desk's end: a client like ccxt's, with the same weight budget and the same kinds of errors. */
export class SimulatedClient implements ExchangeClient {
  readonly budget: WeightBudget;
  readonly #network: Network;
  readonly #process: Process;
  #tap: (url: string, message: unknown) => void = () => {};

  constructor(network: Network, process: Process) {
    this.#network = network;
    this.#process = process;
    this.budget = new WeightBudget(BINANCE_WEIGHTS, () => process.clock.now());
  }

  tap(look: (url: string, message: unknown) => void): void {
    this.#tap = look;
  }

  now(): number {
    return Math.round(this.#process.clock.now());
  }

  async call(name: string, params: object, urgency: Urgency): Promise<unknown> {
    if (!this.budget.may(urgency)) throw new NoBudgetError(this.budget.why(urgency));
    const end = await new Promise<CallEnd>((resolve) =>
      this.#network.call(this.#process, name, params, resolve),
    );
    this.budget.told(this.#network.weightUsed(this.#process));
    if (end.type === "json") return JSON.parse(end.text);
    if (end.ordersRefused === true) this.budget.ordersRefused();
    else if (end.bannedForS !== undefined) this.budget.banned(end.bannedForS);
    throw end.error;
  }

  socket(url: string, hello?: object): OpenSocket {
    return this.#network.socket(this.#process, url, hello, (text) => this.#tap(url, JSON.parse(text)));
  }
}
