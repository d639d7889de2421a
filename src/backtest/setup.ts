import type { InstrumentId } from "../core/instrument.ts";
import { hashText } from "../core/random.ts";
import { type Millis, millis, type Rate, type Ticks, type Value } from "../core/units.ts";
import type { KernelConfig } from "../desk/kernel/config.ts";
import type { GridParameters } from "../engines/grid/parameters.ts";
import type { MarketSource } from "../venue/market-source.ts";
import type { VenueRules } from "../venue/venue-rules.ts";
import type { Listed } from "./listing.ts";

/** Nothing is lost on the way to the desk, so that one reading a day is enough to show that the books agree. */
const TRUTH_EVERY_MS = 86_400_000;

/** What is backtested on what. */
export interface BacktestSetup {
  readonly venue: string;
  readonly listed: readonly Listed[];
  readonly market: MarketSource;
  readonly rules?: Partial<VenueRules>;
  readonly account: string;
  readonly deposit: Value;
  /** Makes the engines' parameters from the first best bids: sizes in money need a price. */
  readonly lay: (bids: ReadonlyMap<InstrumentId, Ticks>) => readonly GridParameters[];
  readonly risk: {
    readonly leverageMax: number;
    readonly grossLeverageMax: number;
    readonly distanceMin: Rate;
    /** Drawdown and nearness to liquidation change nothing. */
    readonly ladder?: "off";
  };
  /** Of the depth around the path. */
  readonly seed: number;
  /** Market time that a request needs to the exchange; 0 unless set. */
  readonly latencyMs?: number;
  /** Market time after the market opened at which the desk starts; 0 unless set. */
  readonly startsAfterMs?: number;
  /** Feeds the desk every quote, also those of which it would want nothing: slower, with the same result. */
  readonly feedsAll?: boolean;
}

/** What the kernel of a backtest is configured with: it never waits for people, and all that it draws follows from the seed. */
export function configOf(
  setup: BacktestSetup,
  grids: readonly GridParameters[],
  startAt: Millis,
): KernelConfig {
  const { listed, account, venue, risk, seed } = setup;
  return {
    version: "backtest",
    mode: "sim",
    desk: "bt0",
    account,
    venue,
    asset: listed[0]?.instrument.settle ?? "",
    nonce: (hashText("backtest", seed | 0) % 36 ** 4).toString(36).padStart(4, "0").replace("0000", "zzzz"),
    epoch: 1,
    bootWallAt: startAt,
    entriesHoldMs: millis(0),
    staleMs: millis(10_000),
    speed: 1,
    instruments: listed.map(({ instrument, brackets }) => ({ instrument, brackets })),
    grids,
    leverageMax: risk.leverageMax,
    grossLeverageMax: risk.grossLeverageMax,
    distanceMin: risk.distanceMin,
    proposals: {
      expiresMs: millis(60_000),
      recoveryExpiresMs: millis(600_000),
      drift: 0 as Rate,
      dataAgeMaxMs: millis(5_000),
    },
    people: { listed: [] },
    ledger: "whole",
    logsEquity: false,
    ...(risk.ladder === undefined ? {} : { riskLadder: risk.ladder }),
    truthEveryMs: millis(TRUTH_EVERY_MS),
  };
}
