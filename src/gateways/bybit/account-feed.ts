import type { DeskEvent, ExposureOfBook, FillEvent, OrderReportEvent } from "../../core/event.ts";
import type { InstrumentId } from "../../core/instrument.ts";
import type { Truth } from "../../core/truth.ts";
import { type Millis, millis } from "../../core/units.ts";
import type { AccountFeed, TruthReading } from "../../desk/ports.ts";
import { plain } from "../binance/errors.ts";
import { list, optionalText, type Payload, whole } from "../binance/fields.ts";
import { configOf, marginModeOf } from "./account-config.ts";
import { profitsOf, type Walked, walkHistory } from "./history.ts";
import type { BybitLine } from "./line.ts";
import type { BybitParts } from "./market-feed.ts";
import { PrivateStream } from "./private-stream.ts";
import type { Translation } from "./translate.ts";
import { coinsOf, WalletNews } from "./wallet-news.ts";
import { type Category, categoryOf } from "./words.ts";

/** What a unified account may hold: see `#rows`. */
const ALL_PRODUCTS = ["USDT", "USDC", ""] as const;
const TOPICS = ["order", "execution", "position", "wallet"] as const;

/** A row with the coin whose list brought it: see `#rows`. */
interface Listed {
  readonly row: Payload;
  readonly settleCoin: string;
}

/** Private news of a unified Bybit account: the private stream, and readings over REST. */
export class BybitAccount implements AccountFeed {
  readonly #parts: BybitParts;
  readonly #line: BybitLine;
  readonly #translation: Translation;
  readonly #marketNow: () => number;
  readonly #wallets: WalletNews;
  #stream: PrivateStream | undefined;
  #emit: ((event: DeskEvent) => void) | undefined;

  constructor(parts: BybitParts, line: BybitLine, translation: Translation, marketNow: () => number) {
    this.#parts = parts;
    this.#line = line;
    this.#translation = translation;
    this.#marketNow = marketNow;
    this.#wallets = new WalletNews(parts.account, line);
  }

  async start(emit: (event: DeskEvent) => void): Promise<void> {
    this.#emit = emit;
    const { account, client, clock, login, streams } = this.#parts;
    const times = () => ({ at: millis(this.#marketNow()), wallAt: millis(this.#line.now()) });
    const stream = new PrivateStream({
      client,
      clock,
      url: streams.private,
      login,
      topics: TOPICS,
      onUp: (isFirst) => {
        if (!isFirst) emit({ type: "resynced", ...times(), stream: "account", account });
      },
      onDown: (reason) =>
        emit({ type: "gap", ...times(), stream: "account", account, reason: plain(reason) }),
    });
    this.#stream = stream;
    stream.start();
    try {
      await stream.ready;
    } catch (error) {
      stream.stop();
      throw error;
    }
  }

  async stop(): Promise<void> {
    this.#emit = undefined;
    this.#stream?.stop();
  }

  /** Reads a frame of the private socket; those of other sockets are none of its business. */
  take(url: string, message: unknown): void {
    if (url !== this.#parts.streams.private || typeof message !== "object" || message === null) return;
    const raw = message as Payload;
    if (this.#stream?.acknowledged(raw) === true) return;
    const topic = optionalText(raw, "topic");
    const events: DeskEvent[] = [];
    let isRead = false;
    // A wallet's news may come later, when its cause is known.
    const told = (event: DeskEvent): void => {
      if (isRead) this.#emit?.(event);
      else events.push(event);
    };
    try {
      this.#read(topic, list(raw["data"], `${topic} data`), millis(whole(raw, "creationTime")), told);
    } catch (error) {
      this.#parts.log.warn("an account message could not be read", { error: String(error), topic });
      this.#stream?.cut("an account message could not be read");
    }
    isRead = true;
    // Told outside of the try: what the desk can't bear is its own fault, not the message's.
    for (const event of events) this.#emit?.(event);
  }

  #read(
    topic: string | undefined,
    rows: readonly Payload[],
    at: Millis,
    emit: (event: DeskEvent) => void,
  ): void {
    const wallAt = millis(this.#line.now());
    switch (topic) {
      case "order":
        for (const row of rows) for (const report of this.#translation.order(row, wallAt)) emit(report);
        return;
      case "execution":
        for (const row of rows) this.#execution(row, wallAt, emit);
        return;
      case "position":
        for (const row of rows) {
          const book = this.#translation.book(row);
          if (book === undefined) continue;
          const { instrument, positionSide, lots } = book;
          const of = { at, wallAt, account: this.#parts.account, instrument: instrument.id };
          emit({ type: "position", ...of, positionSide, lots });
        }
        return;
      case "wallet":
        this.#wallets.take(rows, at, emit);
        return;
      default:
    }
  }

  #execution(row: Payload, wallAt: Millis, emit: (event: DeskEvent) => void): void {
    const fill = this.#translation.execution(row, wallAt);
    const funding = this.#translation.funding(row, wallAt);
    const event = fill ?? funding;
    if (event === undefined) return;
    const settle = this.#translation.settleOf(event.instrument);
    const cause = fill === undefined ? "funding" : "trade";
    if (settle !== undefined) this.#wallets.executed(settle, cause, event.at);
    emit(event);
  }

  async truth(instruments: readonly InstrumentId[], historyFrom: number): Promise<TruthReading> {
    const startedWallAt = millis(this.#line.now());
    const until = this.#marketNow();
    // A list that was not asked for to its end must not look like a whole one (I9).
    if (until === 0) throw new Error("the market has not spoken yet: nobody knows how far history reaches");
    const read = (order: Payload): readonly OrderReportEvent[] =>
      this.#translation.order(order, startedWallAt);
    const marginMode = await marginModeOf(this.#line);
    // Open orders first: one that ends while we read is in the history then, instead of in neither list.
    const resting = (await this.#listed("GET /v5/order/realtime", instruments, 50)).flatMap(({ row }) =>
      read(row),
    );
    const config: DeskEvent[] = [];
    const walked = new Map<Category, readonly Walked[]>();
    let isHedgeMode = false;
    for (const symbol of instruments) {
      const category = categoryOf(symbol);
      const books = await this.#line.rows("GET /v5/position/list", { category, symbol }, "read");
      // They tell whether there are two books to which executions may belong.
      for (const row of books) this.#translation.book(row);
      if (books.some((each) => whole(each, "positionIdx") !== 0)) isHedgeMode = true;
      const times = { at: millis(this.#marketNow()), wallAt: startedWallAt };
      config.push(configOf(symbol, books, marginMode, this.#parts.account, times));
      const found = await walkHistory(this.#line, category, symbol, historyFrom, until);
      walked.set(category, [...(walked.get(category) ?? []), found]);
    }
    // Orders first: they tell the books of their executions.
    const history = [...walked.values()]
      .flatMap((found) => found.flatMap(({ orders }) => orders.flatMap(read)))
      .filter(({ status }) => !isOpen(status));
    const fills = await this.#fills(walked, startedWallAt);
    const wallets = (
      await this.#line.rows("GET /v5/account/wallet-balance", { accountType: "UNIFIED" }, "read")
    ).flatMap(coinsOf);
    const positions = await this.#rows("GET /v5/position/list", ALL_PRODUCTS, 200);
    this.#wallets.read(wallets);
    const ended = new Set(history.map(({ venueOrderId }) => venueOrderId));
    const open = resting.filter(({ status, venueOrderId }) => isOpen(status) && !ended.has(venueOrderId));
    const truth: Truth = {
      startedWallAt,
      instruments,
      historyFrom: millis(historyFrom),
      openOrders: open.filter(({ source }) => source === "order"),
      openConditionals: open.filter(({ source }) => source === "conditional"),
      history: [...history, ...resting.filter(({ status }) => !isOpen(status))],
      fills,
      books: this.#books(positions, marginMode),
      others: positions
        .map(({ row, settleCoin }) => this.#translation.other(row, settleCoin))
        .filter((other) => other !== undefined),
      wallets,
      isHedgeMode,
    };
    return { truth, config };
  }

  async #fills(
    walked: ReadonlyMap<Category, readonly Walked[]>,
    wallAt: Millis,
  ): Promise<readonly FillEvent[]> {
    const fills: FillEvent[] = [];
    for (const [category, found] of walked) {
      const executions = found.flatMap((each) => each.executions);
      const profits = await profitsOf(this.#line, category, executions, "read", this.#parts.log);
      for (const row of executions) {
        const fill = this.#translation.execution(row, wallAt, profits);
        if (fill !== undefined) fills.push(fill);
      }
    }
    return fills;
  }

  async exposure(): Promise<DeskEvent> {
    const marginMode = await marginModeOf(this.#line);
    const rows = await this.#listed("GET /v5/position/list", this.#translation.symbols(), 200);
    const books = this.#books(rows, marginMode);
    return {
      type: "exposure",
      at: millis(this.#marketNow()),
      wallAt: millis(this.#line.now()),
      account: this.#parts.account,
      books,
    };
  }

  #books(rows: readonly Listed[], marginMode: "isolated" | "cross"): readonly ExposureOfBook[] {
    return rows
      .map(({ row }) => this.#translation.exposure(row, marginMode))
      .filter((book) => book !== undefined);
  }

  /** A list of all symbols of the products in question: linear ones by the coin that they settle in. */
  #listed(name: string, instruments: readonly InstrumentId[], limit: number): Promise<readonly Listed[]> {
    const questions = new Set(
      instruments.map((id) =>
        categoryOf(id) === "inverse" ? "" : (this.#translation.settleOf(id) ?? "USDT"),
      ),
    );
    return this.#rows(name, questions, limit);
  }

  /** A list of whole products: linear ones by the coin that they settle in, "" for inverse ones. */
  async #rows(name: string, questions: Iterable<string>, limit: number): Promise<readonly Listed[]> {
    const found: Listed[] = [];
    for (const settleCoin of questions) {
      const of = settleCoin === "" ? { category: "inverse" } : { category: "linear", settleCoin };
      const rows = await this.#line.rows(name, { ...of, limit }, "read");
      found.push(...rows.map((row) => ({ row, settleCoin })));
    }
    return found.toReversed();
  }
}

const isOpen = (status: OrderReportEvent["status"]): boolean =>
  status === "open" || status === "partlyFilled";
