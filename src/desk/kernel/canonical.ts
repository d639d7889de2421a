import type { KernelState } from "./state.ts";

/** Everything that decides what happens next, as plain data in a fixed order: for the state hash. */
export function canonicalOf(state: KernelState): unknown {
  return {
    at: state.at,
    wallAt: state.wallAt,
    turns: state.counts.turns,
    counts: state.counts,
    risk: [state.riskState, state.risk.canonical()],
    paused: [...state.paused].sort(),
    locks: state.locks.at(state.wallAt),
    ...(state.config.countdownSeconds === undefined ? {} : { countdown: state.countdowns.canonical() }),
    facts: state.facts.canonical(),
    blocks: state.blocks(),
    wallet: state.account.wallet ?? null,
    realized: state.account.realized,
    fees: state.account.fees,
    funding: state.account.funding,
    fills: state.account.fills,
    books: [...state.account.books.values()]
      .sort((a, b) => (a.key < b.key ? -1 : 1))
      .map((book) => [
        book.key,
        [...book.shares].sort(([a], [b]) => (a < b ? -1 : 1)),
        book.foreign,
        book.told ?? null,
        book.mismatch ?? null,
        state.liquidations.level(book),
      ]),
    others: state.account.others,
    orders: state
      .liveOrders()
      .map((o) => [
        o.facts.clientId,
        o.state,
        o.filled,
        o.cost,
        ...(o.ended === undefined ? [] : [o.ended.as, o.ended.executed]),
      ]),
    people: state.roster.canonical(),
    proposals: state.proposals.all().map(({ id, state }) => [id, state]),
    recoveries: [state.recoveryAsks.canonical(), state.recoveryProgress.canonical()],
    engines: [...state.engines.values()].map((engine) => [engine.id, engine.snapshot()]),
    failed: [...state.failed],
    wakes: state.wakes.canonical(),
    equity: state.equityLines.canonical(),
    circuit: state.circuit.canonical(),
    doubts: [...state.instruments.doubts(), ...state.accountConfig.doubts()],
  };
}
