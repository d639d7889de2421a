import { explained } from "../core/book.ts";
import { digitsOf, moneyText, percentText, textOf } from "../core/text.ts";
import type { RunningDesk } from "../main.ts";
import { type FiguresDocument, figuresDocument } from "./figures-document.ts";
import { systemClock } from "./system-clock.ts";

/** What a run came to, in texts with the exchange's own digits; the keys are promised (DESIGN.md section 8). */
export interface Summary {
  readonly mode: string;
  readonly market: string;
  readonly seconds: number;
  readonly candles: number;
  readonly fills: number;
  readonly cycles: number;
  readonly stops: number;
  readonly realizedPnl: string;
  readonly fees: string;
  readonly funding: string;
  readonly equity: string | null;
  /** The asset that all money is in. */
  readonly asset: string;
  /** By our fills, signed, of the first instrument; all of them in `positions`. */
  readonly position: string;
  readonly positions: Readonly<Record<string, string>>;
  /** What the exchange said last. */
  readonly venuePosition: string | null;
  readonly openOrders: number;
  readonly mismatches: number;
  readonly orders: Readonly<Record<"sent" | "acknowledged" | "refused" | "unknown" | "guardRefused", number>>;
  readonly executionRate: string | null;
  readonly fillRate: string | null;
  readonly placementMs: Readonly<Record<"p50" | "p99" | "p999" | "max", number | null>>;
  readonly slowPlacements: readonly { readonly ms: number; readonly cause: string }[];
  readonly messages: number;
  readonly queue: string;
  readonly recording: string | null;
  /** Of all that the trade log of this desk and account holds; `perpdesk analyze` computes the same from the log. */
  readonly metrics: FiguresDocument;
  readonly turns: number;
  readonly stateHash: string;
  /** Entries that the exchange may still have, in words. */
  readonly entriesLeft: readonly string[];
  readonly cleanShutdown: boolean;
}

/** An exchange that does not answer must not hold the end up. */
const ASK_MS = 2_000;

/** Everything of the summary that must be read while the desk still runs. */
export async function readSummary(
  running: RunningDesk,
  startedAt: number,
  market: string,
): Promise<Omit<Summary, "entriesLeft" | "cleanShutdown">> {
  const { desk, door, figures, venue, gateway } = running;
  const view = door.snapshot();
  const { state } = desk.kernel;
  const report = figures.report();
  const [first] = view.instruments;
  const size = (lots: number, id: string): string => {
    const instrument = view.instruments.find((each) => each.id === id);
    return instrument === undefined ? String(lots) : textOf(lots, instrument.lot);
  };
  // Long and short side by side count together.
  const held = new Map<string, number>();
  for (const book of state.account.books.values())
    held.set(book.instrument, (held.get(book.instrument) ?? 0) + explained(book));
  const positions = Object.fromEntries([...held].map(([id, lots]) => [id, size(lots, id)]));
  const late = new Promise<undefined>((resolve) => systemClock.after(ASK_MS, () => resolve(undefined)));
  const exposure = await Promise.race([gateway.account.exposure().catch(() => undefined), late]);
  const told =
    exposure?.type === "exposure" ? exposure.books.filter((book) => book.instrument === first?.id) : [];
  const { total } = report.placement;
  return {
    mode: view.mode,
    market,
    seconds: Math.round((Date.now() - startedAt) / 100) / 10,
    candles:
      venue === undefined
        ? Math.max(0, Math.floor(state.at / 60_000) - Math.floor(running.firstAt / 60_000))
        : Math.max(
            0,
            ...venue.exchanges.flatMap((exchange) =>
              exchange.instruments.map(({ id }) => exchange.candlesWalked(id)),
            ),
          ),
    fills: view.totals.fills,
    cycles: view.totals.cycles,
    stops: view.totals.stops,
    realizedPnl: moneyText(view.totals.realized, 8),
    fees: moneyText(view.totals.fees, 8),
    funding: moneyText(view.totals.funding, 8),
    equity: view.equity === undefined ? null : moneyText(view.equity, 8),
    asset: view.asset,
    position: first === undefined ? "0" : (positions[first.id] ?? size(0, first.id)),
    positions,
    venuePosition: exposure === undefined || first === undefined ? null : size(sumOf(told), first.id),
    openOrders: view.orders.length,
    mismatches: view.totals.mismatches,
    orders: {
      sent: report.sent,
      acknowledged: report.acknowledged,
      refused: report.refused + report.postOnlyRefused,
      unknown: report.unknown,
      guardRefused: state.counts.guardRefused,
    },
    executionRate: report.executionRate === undefined ? null : percentText(report.executionRate),
    fillRate: report.fillRate === undefined ? null : percentText(report.fillRate),
    placementMs: {
      p50: round(total.p50),
      p99: round(total.p99),
      p999: round(total.p999),
      max: round(total.max),
    },
    slowPlacements: report.placement.slow.map(({ ms, cause }) => ({ ms: round(ms) ?? 0, cause })),
    messages: running.chat.health().reduce((sum, platform) => sum + platform.messagesSent, 0),
    queue: running.queue,
    recording: running.recording ?? null,
    metrics: figuresDocument(view.metrics),
    turns: view.totals.turns,
    stateHash: desk.hash(),
  };
}

const sumOf = (books: readonly { readonly lots: number }[]): number =>
  books.reduce((sum, { lots }) => sum + lots, 0);

const round = (ms: number | undefined): number | null =>
  ms === undefined ? null : Math.round(ms * 100) / 100;

/** The summary for a person. */
export function summaryText(summary: Summary): string {
  const lines = [
    `Ran ${summary.seconds} s (${summary.mode}, ${summary.market}, ${summary.candles} candles).`,
    `${summary.fills} fills, ${summary.cycles} closed grid cycles, ${summary.stops} stops.`,
    `Realized PnL ${shorter(summary.realizedPnl, summary.asset)}, fees ${shorter(summary.fees, summary.asset)}, funding ${shorter(summary.funding, summary.asset)}; equity ${summary.equity === null ? "unknown" : shorter(summary.equity, summary.asset)} ${summary.asset}.`,
    `Position ${summary.position} (exchange: ${summary.venuePosition ?? "unknown"}), ${summary.openOrders} open orders, ${summary.mismatches} mismatches.`,
    metricsText(summary),
    `Orders: ${summary.orders.sent} sent, ${summary.orders.acknowledged} acknowledged, execution rate ${summary.executionRate ?? "unknown"}, placement p50 ${summary.placementMs.p50 ?? "unknown"} ms.`,
    `${summary.messages} messages. ${endText(summary)}`,
    ...(summary.recording === null ? [] : [`Recording: ${summary.recording} (perpdesk replay checks it).`]),
    `State hash ${summary.stateHash}.`,
  ];
  return lines.join("\n");
}

function metricsText({ metrics: { gridMetrics: grid }, asset }: Summary): string {
  const percent = (part: number | null): string =>
    part === null ? "unknown" : `${(part * 100).toFixed(2)}%`;
  const average = grid.average_profit_per_trade;
  const each = average === null ? "unknown" : `${shorter(average, asset)} ${asset}`;
  return `Trade log so far: ${grid.total_trades} trades, ${percent(grid.win_rate)} won, ${each} each after fees, worst drawdown ${percent(grid.max_drawdown)}.`;
}

function endText({ entriesLeft, cleanShutdown }: Summary): string {
  if (cleanShutdown) return "Clean shutdown.";
  if (entriesLeft.length === 0) return "The shutdown took too long and was cut short.";
  return `Not a clean shutdown: entries may still rest on the exchange, and one that is filled now has no stop (${entriesLeft.join("; ")}).`;
}

const shorter = (money: string, asset: string): string =>
  digitsOf(asset) === 2 ? money.replace(/(\.\d\d)\d+$/, "$1") : money;
