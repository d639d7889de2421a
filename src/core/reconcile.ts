import type { FillEvent, OrderReportEvent, TruthEvent } from "./event.ts";
import { isLive, type OrderRecord } from "./order.ts";
import type { Millis } from "./units.ts";

/** What a reading of the account means for what we thought: events to apply in this order, and orders to ask about. */
export interface Reconciliation {
  readonly reports: readonly OrderReportEvent[];
  readonly fills: readonly FillEvent[];
  /** Orders that we hold for live and the reading does not show: only a query by id may tell (I9). */
  readonly suspects: readonly OrderRecord[];
  /**
   * Orders of an earlier life of this desk that the history shows open and the lists of what rests don't show. One of
   * the two is old: they are taken for live, and looked for from the next reading on.
   */
  readonly unlisted: readonly OrderReportEvent[];
  /** Resting orders that are nobody's of this desk: skipped, and reported. */
  readonly foreign: readonly OrderReportEvent[];
}

/**
 * Compares our orders with one reading of the account (snapshot and history). Pure; the same at boot, after gaps
 * and every few minutes. Conditional orders come first: they name the orders they became, which own the fills.
 */
export function reconcile(
  event: TruthEvent,
  ours: Iterable<OrderRecord>,
  find: (clientId: string) => OrderRecord | undefined,
  isOurs: (clientId: string) => boolean,
): Reconciliation {
  const { truth } = event;
  const past = [...truth.history].sort(byTime);
  const closed = past.filter((report) => !isOpen(report));
  const rests = [...truth.openConditionals, ...truth.openOrders];
  const listed = new Set(rests.map(({ clientId }) => clientId));
  const unlisted = past.filter(
    (report) =>
      isOpen(report) &&
      !listed.has(report.clientId) &&
      isOurs(report.clientId) &&
      find(report.clientId) === undefined,
  );
  const isFirst = (report: OrderReportEvent): boolean => report.source === "conditional";
  const ended = [...closed.filter(isFirst), ...closed.filter((r) => !isFirst(r))];
  const reports = [...ended, ...unlisted, ...rests].filter(
    (report) => !isStale(report, truth.startedWallAt, find),
  );
  const shown = new Set([...closed, ...rests].map((report) => report.clientId));
  const suspects: OrderRecord[] = [];
  for (const order of ours) {
    if (!isLive(order.state) || shown.has(order.facts.clientId)) continue;
    if (order.updatedWallAt >= truth.startedWallAt) continue;
    if (truth.instruments.includes(order.facts.instrument)) suspects.push(order);
  }
  const foreign = rests.filter(({ clientId }) => find(clientId) === undefined && !isOurs(clientId));
  return { reports, fills: [...truth.fills].sort(byTrade), suspects, unlisted, foreign };
}

/**
 * Which suspects to ask about by id. An exchange that comes up again may show an empty or partial list at first: a
 * resting order is asked about when two readings in a row missed it; one whose state is in doubt already, at once. Of one
 * that is filled only the executions are missing, which a reading brings if they are not older than its history: a start
 * may know hundreds of them from a list of orders whose executions came back empty, and each question costs weight.
 */
export function toAsk(
  suspects: readonly OrderRecord[],
  missedBefore: ReadonlySet<string>,
  historyFrom: Millis,
): OrderRecord[] {
  return suspects.filter(({ state, facts, isToldFilled, createdAt }) => {
    if (state !== "resting") return true;
    return missedBefore.has(facts.clientId) && (!isToldFilled || createdAt < historyFrom);
  });
}

/** "It rests" proves nothing against news that came after the reading began; a final state always counts. */
function isStale(
  report: OrderReportEvent,
  startedWallAt: Millis,
  find: (clientId: string) => OrderRecord | undefined,
): boolean {
  if (!isOpen(report)) return false;
  const order = find(report.clientId);
  return order !== undefined && order.updatedWallAt >= startedWallAt;
}

const isOpen = ({ status }: OrderReportEvent): boolean => status === "open" || status === "partlyFilled";

const byTime = (a: OrderReportEvent, b: OrderReportEvent): number => a.at - b.at;

/** Executions in the order in which the exchange numbered them. */
const byTrade = (a: FillEvent, b: FillEvent): number =>
  a.at - b.at || a.tradeId.length - b.tradeId.length || (a.tradeId < b.tradeId ? -1 : 1);
