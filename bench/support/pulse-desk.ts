import { systemClock } from "../../src/cli/system-clock.ts";
import { lots, millis, rate, value } from "../../src/core/units.ts";
import { Desk } from "../../src/desk/desk.ts";
import type { KernelConfig } from "../../src/desk/kernel/config.ts";
import { Kernel } from "../../src/desk/kernel/kernel.ts";
import type { Gateway, InstrumentInfo } from "../../src/desk/ports.ts";
import type { Pulse } from "./pulse.ts";

const silent = {
  info: () => undefined,
  warn: () => undefined,
  error: console.error,
  trade: () => undefined,
  entryFilled: () => undefined,
};

/** A desk with one pulse, without store, chat and jobs. `placed` hears how long each order took. */
export function pulseDesk(
  gateway: Gateway,
  instruments: readonly InstrumentInfo[],
  engine: Pulse,
  firstAt: number,
  placed: (ms: number) => void = () => undefined,
): Desk {
  const instrument = engine.needs.instruments[0] ?? "";
  const config: KernelConfig = {
    version: "bench",
    mode: "sim",
    desk: "bch",
    account: "main",
    venue: gateway.venue,
    asset: "USDT",
    nonce: "bnch",
    epoch: 1,
    bootWallAt: millis(Date.now()),
    entriesHoldMs: millis(500),
    staleMs: millis(10_000),
    speed: 300,
    instruments,
    grids: [
      {
        engine: engine.id,
        account: "main",
        instrument,
        positionSide: "both",
        direction: "buy",
        quantity: lots(4),
        takeProfit: rate(1),
        step: rate(1),
        ordersMax: 200,
        waitMs: millis(0),
        positionMax: lots(4_000),
        purse: value(900_000_000_000),
        leverage: 3,
        stopLoss: undefined,
        anchor: undefined,
        priceMin: undefined,
        priceMax: undefined,
        stuckAfterMs: millis(3_600_000),
        recovery: "none",
        stopPrice: undefined,
        pausePrice: undefined,
        lossMax: undefined,
      },
    ],
    leverageMax: 3,
    grossLeverageMax: 3,
    distanceMin: rate(20_000_000),
    proposals: {
      expiresMs: millis(60_000),
      recoveryExpiresMs: millis(600_000),
      drift: rate(200_000),
      dataAgeMaxMs: millis(5_000),
    },
    people: { listed: [] },
    ledger: "whole",
  };
  return new Desk({
    kernel: new Kernel(config, [engine]),
    gateway,
    store: { ledger: { append: async () => undefined } } as never,
    clock: systemClock,
    recorder: undefined,
    chat: () => undefined,
    isLeader: () => true,
    showProposal: async () => undefined,
    log: { ...silent, placement: ({ ms }) => placed(ms) },
    historyFrom: millis(firstAt),
  });
}
