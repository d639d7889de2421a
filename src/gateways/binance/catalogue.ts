import type { Instrument, InstrumentId, MarginBracket } from "../../core/instrument.ts";
import type { InstrumentChangedEvent } from "../../core/market-event.ts";
import { rateOf } from "../../core/text.ts";
import type { InstrumentInfo, InstrumentSteps } from "../../desk/ports.ts";
import type { ExchangeClient } from "../exchange-client.ts";
import { stepsIn } from "../steps.ts";
import type { Dialect } from "./dialect.ts";
import { list, object, type Payload, text } from "./fields.ts";
import { bracketsOf, instrumentOf, statusOf, symbolsOf } from "./instruments.ts";

/** What is different about an instrument now; see `InstrumentChangedEvent`. */
export type Change = Omit<InstrumentChangedEvent, "type" | "at" | "wallAt" | "venue">;

/** The instruments that a desk trades on Binance: how they were when it started, and what has changed since. */
export class Catalogue {
  /** By symbol, for all that reads payloads: counts keep the steps that the desk started with. */
  readonly instruments = new Map<InstrumentId, Instrument>();
  /** The margin tiers as they were read last. */
  readonly brackets = new Map<InstrumentId, readonly MarginBracket[]>();
  readonly #client: ExchangeClient;
  readonly #dialect: Dialect;
  /** The last change that was told of each, or how it was at first, as text. */
  readonly #told = new Map<InstrumentId, string>();
  readonly #unsaid: Change[] = [];

  constructor(client: ExchangeClient, dialect: Dialect) {
    this.#client = client;
    this.#dialect = dialect;
  }

  /** Reads instruments with fees and tiers. Rejects when one can't be read or is not traded, by its name. */
  async load(
    ids: readonly InstrumentId[],
    now: number,
    known: ReadonlyMap<InstrumentId, InstrumentSteps> | undefined,
  ): Promise<readonly InstrumentInfo[]> {
    const symbols = await this.#symbols();
    const infos: InstrumentInfo[] = [];
    for (const id of ids) {
      const symbol = symbols.get(id);
      if (symbol === undefined)
        throw new Error(
          `symbol "${id}" is not traded on ${this.#dialect.venue}; look at its list of symbols`,
        );
      const brackets = await this.#tiers(id);
      const fees = object(
        await this.#client.call(`GET /${this.#dialect.family}/v1/commissionRate`, { symbol: id }, "read"),
        "commissionRate",
      );
      const info = instrumentOf(
        symbol,
        brackets,
        {
          maker: rateOf(text(fees, "makerCommissionRate"), "makerCommissionRate"),
          taker: rateOf(text(fees, "takerCommissionRate"), "takerCommissionRate"),
        },
        this.#dialect.venue,
        known?.get(id),
      );
      this.instruments.set(id, info.instrument);
      this.brackets.set(id, brackets);
      const plain = changeOf(info.instrument, info, "trading");
      this.#told.set(id, JSON.stringify(plain));
      this.#unsaid.push({ ...plain, status: statusOf(symbol, now) });
      infos.push(info);
    }
    return infos;
  }

  /** What was not as it should be when the instruments were loaded, e.g. one that is being delisted. Told once. */
  unsaid(): readonly Change[] {
    return this.#unsaid.splice(0).filter((change) => this.#isNews(change));
  }

  /** Reads the loaded instruments again at market time `now`; each difference is told once. Rejects when they can't be read. */
  async changes(now: number): Promise<readonly Change[]> {
    const symbols = await this.#symbols();
    const changes: Change[] = [];
    for (const was of this.instruments.values()) {
      const change = await this.#changeOf(was, symbols.get(was.id), now);
      if (this.#isNews(change)) changes.push(change);
    }
    return changes;
  }

  #isNews(change: Change): boolean {
    const told = JSON.stringify(change);
    if (this.#told.get(change.instrument) === told) return false;
    this.#told.set(change.instrument, told);
    return true;
  }

  async #changeOf(was: Instrument, symbol: Payload | undefined, now: number): Promise<Change> {
    const known = this.brackets.get(was.id) ?? [];
    const status = symbol === undefined ? "gone" : statusOf(symbol, now);
    // Nobody tells the tiers of a symbol that takes no orders, nor need its filters be whole.
    if (symbol === undefined || status === "gone")
      return changeOf(was, { instrument: was, brackets: known }, "gone");
    const brackets = await this.#tiers(was.id);
    const fees = { maker: was.makerFee, taker: was.takerFee };
    this.brackets.set(was.id, brackets);
    return changeOf(was, instrumentOf(symbol, brackets, fees, this.#dialect.venue, was), status);
  }

  async #symbols(): Promise<ReadonlyMap<string, Payload>> {
    return symbolsOf(await this.#client.call(`GET /${this.#dialect.family}/v1/exchangeInfo`, {}, "read"));
  }

  async #tiers(symbol: string): Promise<readonly MarginBracket[]> {
    const { call, ...names } = this.#dialect.brackets;
    const rows = list(await this.#client.call(call, { symbol }, "read"), "leverageBracket");
    const row = rows.find((each) => text(each, "symbol") === symbol);
    return bracketsOf(object(row, "leverageBracket"), names);
  }
}

const changeOf = (was: Instrument, now: InstrumentInfo, status: Change["status"]): Change => ({
  instrument: was.id,
  brackets: now.brackets,
  ...stepsIn(now, was),
  notionalMin: now.instrument.notionalMin,
  status,
});
