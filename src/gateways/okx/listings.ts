import type { InstrumentId } from "../../core/instrument.ts";
import type { InstrumentChangedEvent } from "../../core/market-event.ts";
import type { Ticks } from "../../core/units.ts";
import type { InstrumentInfo, InstrumentSteps } from "../../desk/ports.ts";
import { optionalText, type Payload, PayloadError, text } from "../binance/fields.ts";
import type { ExchangeClient } from "../exchange-client.ts";
import { stepsIn } from "../steps.ts";
import { bracketsOf, contractOf, feesOf } from "./instruments.ts";
import { OKX } from "./parts.ts";
import { type Contract, filled, given, price, rowOf, rowsOf } from "./words.ts";

/** Tiers are counted in contracts: their worth is taken anew when the mark has moved by more than this part. */
const DRIFT_MOST = 0.1;

type Status = InstrumentChangedEvent["status"];

/** What changed about an instrument, in the steps that the desk started with. */
export type Change = Omit<InstrumentChangedEvent, "type" | "venue" | "at" | "wallAt">;

interface Reading extends InstrumentInfo {
  readonly contract: Contract;
  /** The mark at which the tiers were valued. */
  readonly basis: Ticks;
  readonly status: Status;
}

/** Reads instruments, their tiers and fees over REST, and notices what changed about those that were read before. */
export class Listings {
  readonly #client: ExchangeClient;
  readonly #contracts: Map<string, Contract>;
  readonly #first = new Map<InstrumentId, Reading>();
  readonly #last = new Map<InstrumentId, Reading>();

  constructor(client: ExchangeClient, contracts: Map<string, Contract>) {
    this.#client = client;
    this.#contracts = contracts;
  }

  /** Rejects, and names it, when one is not listed or not traded. */
  async load(
    ids: readonly InstrumentId[],
    known?: ReadonlyMap<InstrumentId, InstrumentSteps>,
  ): Promise<readonly InstrumentInfo[]> {
    const rows = await this.#rows();
    const infos: InstrumentInfo[] = [];
    for (const id of ids) {
      const row = rows.get(id);
      if (row === undefined || statusOf(row) === "gone")
        throw new Error(`symbol "${id}" is not traded on ${OKX}; look at its list of perpetual swaps`);
      const reading = await this.#read(row, undefined, known?.get(id));
      this.#contracts.set(id, reading.contract);
      this.#first.set(id, reading);
      this.#last.set(id, reading);
      const { contract: _contract, basis: _basis, status: _status, ...info } = reading;
      infos.push(info);
    }
    return infos;
  }

  /** What was not as it should be when they were loaded: no later reading would find that changed. */
  unsaid(): readonly Change[] {
    const loaded = [...this.#first.values()].filter(({ status }) => status !== "trading");
    return loaded.map((first) => changeOf(first, first));
  }

  /** Reads all of them again; what differs from the reading before. */
  async refresh(): Promise<readonly Change[]> {
    const rows = await this.#rows();
    const changes: Change[] = [];
    for (const [id, first] of this.#first) {
      const was = this.#last.get(id) ?? first;
      const row = rows.get(id);
      const now: Reading =
        row === undefined ? { ...was, status: "gone" } : await this.#read(row, was.basis, first.instrument);
      if (isSame(was, now)) continue;
      this.#last.set(id, now);
      changes.push(changeOf(now, first));
    }
    return changes;
  }

  async #rows(): Promise<ReadonlyMap<string, Payload>> {
    const answer = await this.#client.call("GET /api/v5/public/instruments", { instType: "SWAP" }, "read");
    return new Map(rowsOf(answer, "instruments").map((row) => [text(row, "instId"), row]));
  }

  async #read(
    row: Payload,
    basisBefore: Ticks | undefined,
    known: InstrumentSteps | undefined,
  ): Promise<Reading> {
    const call = (name: string, params: object) => this.#client.call(name, params, "read");
    const instId = text(row, "instId");
    const family = filled(row, "instFamily") ?? text(row, "uly");
    const shared = { instType: "SWAP", instFamily: family };
    const tiers = { ...shared, tdMode: "isolated" };
    const fees = rowOf(await call("GET /api/v5/account/trade-fee", shared), "trade-fee");
    const { priceStep, lotStep, ...contract } = contractOf(row, feesOf(fees, row), OKX, known);
    const marks = await call("GET /api/v5/public/mark-price", { instType: "SWAP", instId });
    const mark = price(rowOf(marks, "mark-price"), "markPx", contract);
    if (mark === undefined) throw new PayloadError(`${instId} has no mark price`);
    const hasDrifted = basisBefore === undefined || Math.abs(mark / basisBefore - 1) > DRIFT_MOST;
    const basis = hasDrifted ? mark : basisBefore;
    const rows = rowsOf(await call("GET /api/v5/public/position-tiers", tiers), "position-tiers");
    return {
      instrument: contract.instrument,
      contract,
      brackets: bracketsOf(rows, contract, basis),
      ...given("priceStep", priceStep),
      ...given("lotStep", lotStep),
      basis,
      status: statusOf(row),
    };
  }
}

/** OKX announces the end of a swap with a time (`expTime`); then only closing is wise. */
function statusOf(row: Payload): Status {
  if (optionalText(row, "state") !== "live") return "gone";
  return filled(row, "expTime") === undefined ? "trading" : "closeOnly";
}

const changeOf = (now: Reading, first: Reading): Change => ({
  instrument: first.instrument.id,
  brackets: now.brackets,
  ...stepsIn(now, first.instrument),
  notionalMin: now.instrument.notionalMin,
  status: now.status,
});

const isSame = (one: Reading, other: Reading): boolean => JSON.stringify(one) === JSON.stringify(other);
