import { type Book, bookCost, explained } from "../core/book.ts";
import { averagePrice, type InstrumentId } from "../core/instrument.ts";
import { lots, millis, rate, value } from "../core/units.ts";
import { liquidationDistance } from "../risk/liquidation.ts";
import { blocksOf, entriesWait } from "./entries-wait.ts";
import { gridView } from "./grid-view.ts";
import { quoteInput } from "./kernel/guarding.ts";
import { purseUse } from "./kernel/purse-use.ts";
import { backing, liquidationOf, marginRatio } from "./kernel/quote.ts";
import type { KernelState } from "./kernel/state.ts";
import type { BookView, DeskSnapshot, EngineView, FundingView, OrderView, Totals } from "./snapshot.ts";

/** The part of the snapshot that the kernel's state tells; the shell adds its health and the figures of its trade log. */
export function viewOf(state: KernelState): Omit<DeskSnapshot, "health" | "metrics"> {
  const { account, config } = state;
  const markOf = (id: string) => state.board.of(id).mark;
  const equity = account.equity(markOf);
  return {
    version: config.version,
    mode: config.mode,
    account: config.account,
    venue: config.venue,
    at: state.at,
    wallAt: state.wallAt,
    startedWallAt: config.bootWallAt,
    speed: config.speed,
    riskState: state.riskState,
    riskFloor: state.risk.ladder.floor,
    peak: state.risk.peak.value,
    drawdown: state.risk.drawdown,
    isPaused: state.paused.has("*"),
    pausedBy: state.paused.get("*"),
    blocks: blocksOf(state),
    asset: config.asset,
    wallet: account.wallet,
    unrealized:
      equity === undefined || account.wallet === undefined ? undefined : value(equity - account.wallet),
    equity,
    instruments: config.instruments.map(({ instrument }) => instrument),
    others: account.others,
    books: [...account.books.values()].map((book) => bookView(state, book)),
    funding: config.instruments.map(({ instrument: { id } }) => fundingView(state, id)),
    orders: [...state.liveOrders().map(orderView), ...foreignOrders(state)],
    engines: config.grids.map((grid) => engineView(state, grid.engine)),
    locks: state.locks.at(state.wallAt),
    limits: state.risk.limits.all(),
    ...(state.config.countdownSeconds === undefined
      ? {}
      : { countdown: state.countdowns.view(state.config) }),
    proposals: state.proposals.all(),
    totals: totals(state),
  };
}

function bookView(state: KernelState, book: Book): BookView {
  const instrument = state.instrument(book.instrument);
  const quotes = state.board.of(book.instrument);
  const input = quoteInput(state, book);
  const size = explained(book);
  const exposure = state.account.exposure(book);
  const liquidation = input === undefined ? undefined : liquidationOf(input);
  const price = typeof liquidation === "number" ? liquidation : undefined;
  return {
    instrument: book.instrument,
    positionSide: book.positionSide,
    lots: size,
    entry: instrument === undefined ? undefined : averagePrice(instrument, bookCost(book), size),
    mark: quotes.mark,
    bid: quotes.top?.bid,
    ask: quotes.top?.ask,
    unrealized: state.account.unrealized(book, quotes.mark),
    realized: value(
      [...book.shares.values()].reduce((sum, share) => sum + share.realized, Number(book.foreign.realized)),
    ),
    liquidation: price,
    distance:
      price === undefined || quotes.mark === undefined
        ? undefined
        : rate(liquidationDistance(quotes.mark, price)),
    level: state.liquidations.level(book),
    marginMode: exposure?.marginMode ?? state.account.marginModes.get(book.instrument),
    leverage: exposure?.leverage ?? state.account.leverages.get(book.instrument),
    marginRatio: input === undefined ? undefined : marginRatio(input, size, bookCost(book), backing(input)),
    margin: input?.marginMode === "isolated" && size !== 0 ? backing(input) : undefined,
    shares: [...book.shares].map(([engine, share]) => ({ engine, lots: share.lots })),
    foreignLots: book.foreign.lots,
    mismatchLots: book.mismatch?.lots ?? lots(0),
  };
}

function fundingView(state: KernelState, instrument: InstrumentId): FundingView {
  const { fundingRate, nextFundingAt } = state.board.of(instrument);
  return {
    instrument,
    rate: fundingRate,
    // An exchange without a coming payment tells 0.
    nextAt: nextFundingAt === undefined || nextFundingAt <= 0 ? undefined : nextFundingAt,
    paid: state.account.fundingOf.get(instrument) ?? value(0),
  };
}

function orderView(order: ReturnType<KernelState["liveOrders"]>[number]): OrderView {
  const { facts } = order;
  return {
    clientId: facts.clientId,
    instrument: facts.instrument,
    engine: facts.engine,
    role: facts.role,
    rung: facts.rung,
    side: facts.side,
    kind: facts.kind,
    price: facts.price ?? facts.trigger,
    lots: facts.lots,
    filled: order.filled,
    state: order.state,
    since: order.createdAt,
  };
}

function foreignOrders(state: KernelState): readonly OrderView[] {
  return [...state.orders.foreign()].map((report) => ({
    clientId: report.clientId,
    instrument: report.instrument,
    engine: "foreign",
    role: "foreign",
    rung: 0,
    side: report.side,
    kind: report.source === "conditional" ? "stopMarket" : "limit",
    price: report.price ?? report.trigger,
    lots: report.lots,
    filled: lots(0),
    state: "resting",
    since: report.at,
  }));
}

function engineView(state: KernelState, id: string): EngineView {
  const grid = state.config.grids.find(({ engine }) => engine === id);
  const snapshot = state.engines.get(id)?.snapshot();
  return {
    engine: id,
    instrument: grid?.instrument ?? "",
    isRunning: !state.failed.has(id) && !state.isPaused(id),
    summary: state.failed.get(id) ?? snapshot?.summary ?? "",
    rungsHeld: snapshot?.rungsHeld ?? 0,
    rungsOpening: snapshot?.rungsOpening ?? 0,
    purseCap: state.risk.limits.purse(id),
    purseAdded: state.facts.margins.of(id),
    purseUsed: grid === undefined ? value(0) : purseUse(state, grid).used,
    cycles: snapshot?.cycles ?? 0,
    realized: snapshot?.realized ?? value(0),
    pausedBy: state.paused.get(id) ?? state.lockOf(id)?.by,
    entriesWait: grid === undefined ? undefined : entriesWait(state, grid),
    grid: grid === undefined ? undefined : gridView(state, grid),
  };
}

function totals(state: KernelState): Totals {
  const { account, counts } = state;
  let cycles = 0;
  let stops = 0;
  for (const engine of state.engines.values()) {
    const snapshot = engine.snapshot();
    cycles += snapshot.cycles;
    stops += snapshot.stops;
  }
  return {
    turns: counts.turns,
    fills: account.fills,
    cycles,
    stops,
    realized: account.realized,
    fees: account.fees,
    otherFees: [...account.otherFees].map(([asset, fee]) => ({ asset, fee })),
    funding: account.funding,
    mismatches: counts.mismatches,
    ordersSent: counts.sent,
    ordersAcked: counts.acked,
    ordersRefused: counts.refused,
    ordersHeldBack: counts.guardRefused,
    ordersUnknown: counts.unknown,
  };
}

/** Milliseconds of the wall since a time; undefined when it never was. */
export const ageOf = (wallNow: number, at: number | undefined): number | undefined =>
  at === undefined ? undefined : millis(Math.max(0, Math.round(wallNow - at)));
