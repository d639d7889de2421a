import { commands } from "../../commands/index.ts";
import type { Reply } from "../../src/chat/reply.ts";
import { CommandRunner } from "../../src/chat/runner.ts";
import { figuresDocument } from "../../src/cli/figures-document.ts";
import type { PersonRole } from "../../src/core/proposal.ts";
import type { TradeFields } from "../../src/core/trade-log.ts";
import { millis } from "../../src/core/units.ts";
import { GridMetrics } from "../../src/engines/grid/metrics.ts";
import { DeskOfOneCard, ManualClock, NO_ALERTS, NO_CARDS, NO_CODES, snapshot } from "../chat/desk.ts";

/** 2026-11-30 12:00 UTC, a Monday. */
export const NOW = Date.UTC(2026, 10, 30, 12);
export const DAY = 86_400_000;
/** A part that one order closed. */
export const trade = (Engine: string, PnL: string, At: number, Rung = 1): TradeFields => ({
  Engine,
  Symbol: "BTCUSDT",
  Action: "TAKE_PROFIT",
  Rung,
  Size: "0.010",
  Left: "0.000",
  PnL,
  Fees: "0.10000000",
  At,
});
/** A log of two grids over two days. */
export const LINES: readonly TradeFields[] = [
  trade("grid-btc", "12.00000000", NOW - DAY),
  trade("grid-btc", "-3.00000000", NOW - DAY, 2),
  trade("grid-btc", "2.50000000", NOW - 1_000),
  trade("grid-eth", "-1.00000000", NOW - 2_000),
  {
    Action: "EQUITY",
    At: NOW,
    Equity: "10010.00000000",
    Wallet: "10010.00000000",
    Transferred: "0.00000000",
    Funding: "-0.25000000",
    Exposure: "480.00000000",
    Purses: "grid-btc:100.00000000/400.00000000/300.00000000,grid-eth:60.00000000/400.00000000/180.00000000",
    Epoch: 1,
  },
  { ...trade("grid-btc", "0", NOW), Action: "STUCK", StuckSince: NOW, At: NOW },
];

/** A desk whose trade log holds these lines, and somebody who asks it. */
export function deskOfTrades(lines = LINES, role: PersonRole = "viewer") {
  const clock = new ManualClock();
  const door = new DeskOfOneCard(clock);
  const metrics = new GridMetrics();
  for (const line of lines) metrics.add(line);
  const view = snapshot();
  const [grid] = view.engines;
  if (grid === undefined) throw new Error("no grid to copy");
  door.view = {
    ...view,
    at: millis(NOW),
    metrics: metrics.report(),
    engines: ["grid-btc", "grid-eth"].map((engine) => ({ ...grid, engine })),
  };
  const parts = {
    registry: commands,
    alerts: NO_ALERTS,
    cards: NO_CARDS,
    people: NO_CODES,
    commandsPerMinute: 600,
    door,
    clock,
    log: () => undefined,
    audit: () => undefined,
  };
  const runner = new CommandRunner(parts);
  const actor = { person: "alice", role, platform: "telegram" } as const;
  const say = (line: string): Promise<Reply> => {
    const [name = "", ...input] = line.split(" ");
    return runner.run({ name, input, actor });
  };
  return { say, door, runner, figures: figuresDocument(metrics.report()) };
}
