import type { DeskEvent, ExposureOfBook, OrderReportEvent } from "../../core/event.ts";
import type { InstrumentId } from "../../core/instrument.ts";
import { moneyOf } from "../../core/text.ts";
import { millis } from "../../core/units.ts";
import type { AccountFeed, TruthReading } from "../../desk/ports.ts";
import type { ExchangeClient } from "../exchange-client.ts";
import { StreamKeeper } from "../stream-keeper.ts";
import { plain } from "./errors.ts";
import { list, object, optionalText, type Payload, text, whole, yes } from "./fields.ts";
import { walkHistory } from "./history.ts";
import { ListenKey } from "./listen-key.ts";
import type { BinanceParts } from "./market-feed.ts";
import type { Translation } from "./translate.ts";

/** Private news of a Binance USDT-M account: the user stream, and readings over REST. */
export class BinanceAccount implements AccountFeed {
  readonly #options: BinanceParts;
  readonly #client: ExchangeClient;
  readonly #translation: Translation;
  readonly #marketNow: () => number;
  readonly #leverages = new Map<string, number>();
  #keeper: StreamKeeper | undefined;
  #listenKey: ListenKey | undefined;
  #emit: ((event: DeskEvent) => void) | undefined;

  constructor(options: BinanceParts, translation: Translation, marketNow: () => number) {
    this.#options = options;
    this.#client = options.client;
    this.#translation = translation;
    this.#marketNow = marketNow;
  }

  async start(emit: (event: DeskEvent) => void): Promise<void> {
    this.#emit = emit;
    const { account } = this.#options;
    const times = () => ({ at: millis(this.#marketNow()), wallAt: millis(this.#client.now()) });
    const listenKey = new ListenKey(this.#client, this.#options.clock, (reason) => this.#keeper?.cut(reason));
    this.#listenKey = listenKey;
    const keeper = new StreamKeeper({
      clock: this.#options.clock,
      silenceMs: undefined,
      // ccxt would go on with a dead key for twenty minutes (research/gateways.md 1E.1): every socket has its own.
      open: async () =>
        this.#client.socket(
          `${this.#options.streams}/private/ws?listenKey=${encodeURIComponent(await listenKey.open())}`,
        ),
      onUp: (isFirst) => {
        if (!isFirst) emit({ type: "resynced", ...times(), stream: "account", account });
      },
      onDown: (reason) =>
        emit({ type: "gap", ...times(), stream: "account", account, reason: plain(reason) }),
    });
    this.#keeper = keeper;
    keeper.start();
    await keeper.ready;
  }

  async stop(): Promise<void> {
    this.#listenKey?.close();
    this.#keeper?.stop();
  }

  /** Reads a frame of the private socket; those of other sockets are none of its business. */
  take(url: string, message: unknown): void {
    if (!url.includes("/private/")) return;
    const raw = message as Payload;
    if (typeof raw !== "object" || raw === null) return;
    const kind = optionalText(raw, "e");
    if (kind === undefined) return;
    if (kind === "listenKeyExpired") {
      // ccxt knows nothing of this: its socket would stay open and silent (research/gateways.md 1E.1).
      this.#keeper?.cut("the listen key has expired");
      return;
    }
    try {
      for (const event of this.#translation.account(raw, millis(this.#client.now()))) this.#emit?.(event);
    } catch (error) {
      this.#options.log.warn("an account message could not be read", { error: String(error), kind });
      this.#keeper?.cut("an account message could not be read");
    }
  }

  async truth(instruments: readonly InstrumentId[], historyFrom: number): Promise<TruthReading> {
    const startedWallAt = millis(this.#client.now());
    const call = (name: string, params: object) => this.#client.call(name, params, "read");
    const [mode, openOrders, openAlgos, configs, wallets] = await Promise.all([
      call("GET /fapi/v1/positionSide/dual", {}),
      call("GET /fapi/v1/openOrders", {}),
      call("GET /fapi/v1/openAlgoOrders", {}),
      call("GET /fapi/v1/symbolConfig", {}),
      call("GET /fapi/v3/balance", {}),
    ]);
    const history: OrderReportEvent[] = [];
    const fills: DeskEvent[] = [];
    for (const symbol of instruments) {
      const walked = await walkHistory(call, symbol, historyFrom, this.#marketNow());
      const clientIds = new Map<string, string>();
      const conditionals = walked.conditionals.map((order) =>
        this.#translation.restConditional(order, startedWallAt),
      );
      for (const report of conditionals) {
        if (report === undefined) continue;
        if (report.spawnedOrderId !== undefined) clientIds.set(report.spawnedOrderId, report.clientId);
        if (report.status !== "open") history.push(report);
      }
      for (const order of walked.orders) {
        const report = this.#translation.restOrder(order, startedWallAt);
        if (report === undefined) continue;
        if (!clientIds.has(report.venueOrderId)) clientIds.set(report.venueOrderId, report.clientId);
        if (report.status !== "open" && report.status !== "partlyFilled") history.push(report);
      }
      for (const trade of walked.trades) {
        const fill = this.#translation.restTrade(trade, clientIds, startedWallAt);
        if (fill !== undefined) fills.push(fill);
      }
    }
    const config = this.#configEvents(list(configs, "symbolConfig"), instruments, startedWallAt);
    const reports = (raw: unknown, read: (order: Payload) => OrderReportEvent | undefined) =>
      list(raw, "orders")
        .map(read)
        .filter((report) => report !== undefined);
    return {
      config,
      truth: {
        startedWallAt,
        instruments,
        historyFrom: millis(historyFrom),
        openOrders: reports(openOrders, (order) => this.#translation.restOrder(order, startedWallAt)),
        openConditionals: reports(openAlgos, (order) =>
          this.#translation.restConditional(order, startedWallAt),
        ),
        history,
        fills: fills.filter((event) => event.type === "fill"),
        books: await this.#books(),
        wallets: list(wallets, "balance").map((balance) => ({
          asset: text(balance, "asset"),
          wallet: moneyOf(text(balance, "balance"), "balance"),
        })),
        isHedgeMode: yes(object(mode, "positionSide"), "dualSidePosition"),
      },
    };
  }

  async exposure(): Promise<DeskEvent> {
    const books = await this.#books();
    return {
      type: "exposure",
      at: millis(this.#marketNow()),
      wallAt: millis(this.#client.now()),
      account: this.#options.account,
      books,
    };
  }

  async #books(): Promise<readonly ExposureOfBook[]> {
    const positions = list(await this.#client.call("GET /fapi/v3/positionRisk", {}, "read"), "positionRisk");
    return positions
      .map((position) =>
        this.#translation.restPosition(position, this.#leverages.get(text(position, "symbol"))),
      )
      .filter((book) => book !== undefined);
  }

  #configEvents(
    configs: readonly Payload[],
    instruments: readonly string[],
    wallAt: number,
  ): readonly DeskEvent[] {
    const events: DeskEvent[] = [];
    for (const config of configs) {
      const instrument = text(config, "symbol");
      if (!instruments.includes(instrument)) continue;
      const leverage = whole(config, "leverage");
      this.#leverages.set(instrument, leverage);
      const marginMode = text(config, "marginType") === "ISOLATED" ? "isolated" : "cross";
      const times = { at: millis(this.#marketNow()), wallAt: millis(wallAt) };
      events.push({
        type: "accountConfig",
        ...times,
        account: this.#options.account,
        instrument,
        leverage,
        marginMode,
      });
    }
    return events;
  }
}
