import { explained, isMismatched } from "../../src/core/book.ts";
import { readClientId } from "../../src/core/ids.ts";
import { closesAll, isLive, openLots } from "../../src/core/order.ts";
import type { KernelState } from "../../src/desk/kernel/state.ts";
import { hasStops } from "../../src/engines/grid/loss-limit.ts";
import { executionId } from "../../src/gateways/binance/words.ts";
import type { Exchange } from "../../src/venue/exchange.ts";
import type { Life } from "./life.ts";

/** What is compared: an exchange, the lives of a desk on it, and how often each client id was accepted. */
export interface Compared {
  readonly exchange: Exchange;
  readonly lives: readonly Life[];
  readonly accepted: ReadonlyMap<string, number>;
}

/** An order of the account that lives at the exchange. */
interface LiveOrder {
  readonly clientId: string;
  readonly instrument: string;
  readonly lots: number;
  readonly isStop: boolean;
  readonly isReduceOnly: boolean;
}

/** Role and rung of an order as the grid's snapshot shows them. */
type ShownRung = readonly [number, string, readonly (readonly [string, string, number])[], number];

/**
 * Compares the last life of a desk with the exchange, whole: the same position, every lot held by a rung that has a stop
 * and a take profit for it, the same live orders each owned by a rung, reducers within the position (I4), every execution
 * known, the same wallet, nothing on its way, no client id used twice, the exchange's own books in order.
 * Each difference is a sentence.
 */
export function differences({ exchange, lives, accepted }: Compared): readonly string[] {
  const life = lives.at(-1);
  if (life === undefined) return ["no desk was started"];
  const { state } = life;
  const live = liveOrders(exchange);
  const found = [...exchange.validate(), ...books(exchange, state, live), ...records(state, live)];
  found.push(...protection(life, live), ...executions(exchange, state), ...identities(lives, accepted));
  const { wallet } = exchange.balance("main");
  if (state.account.wallet !== wallet)
    found.push(`the desk's wallet is ${state.account.wallet}, not ${wallet}`);
  if (life.desk.inFlight > 0) found.push(`${life.desk.inFlight} requests are on their way`);
  for (const [engine, why] of state.failed) found.push(`engine ${engine} has stopped: ${why}`);
  return found;
}

function liveOrders(exchange: Exchange): readonly LiveOrder[] {
  const plain = exchange.openOrders("main").map(({ clientId, request, filled }) => ({
    clientId,
    instrument: request.instrument,
    lots: request.lots - filled,
    isStop: false,
    isReduceOnly: request.reduceOnly,
  }));
  const conditional = exchange.openConditionals("main").map(({ clientId, request }) => ({
    clientId,
    instrument: request.instrument,
    lots: request.lots ?? 0,
    isStop: true,
    isReduceOnly: request.reduceOnly,
  }));
  return [...plain, ...conditional];
}

/** I2: shares and the foreign part sum to what the exchange holds. I4: reducers and stops are never more than that. */
function books(exchange: Exchange, state: KernelState, live: readonly LiveOrder[]): readonly string[] {
  const found: string[] = [];
  for (const { id } of exchange.instruments) {
    const held = exchange.positions("main").find(({ instrument }) => instrument === id)?.lots ?? 0;
    const of = [...state.account.books.values()].filter(({ instrument }) => instrument === id);
    const sum = of.reduce((total, book) => total + explained(book), 0);
    const isTraded = state.instrument(id) !== undefined;
    if (isTraded && sum !== held)
      found.push(`${id}: the desk's fills make ${sum}, the exchange holds ${held}`);
    for (const book of of)
      if (isMismatched(book)) found.push(`${book.key} is mismatched by ${book.mismatch?.lots}`);
    for (const isStop of [false, true]) {
      const reducers = live.filter(
        (each) => each.instrument === id && each.isStop === isStop && each.isReduceOnly,
      );
      const lots = reducers.reduce((total, each) => total + each.lots, 0);
      if (lots > Math.abs(held))
        found.push(`${id}: ${lots} lots of ${isStop ? "stops" : "reducers"} on ${held}`);
    }
  }
  return found;
}

/** Live orders here and there: the desk's own ones are live on both sides with the same rest, others are told as foreign. */
function records(state: KernelState, live: readonly LiveOrder[]): readonly string[] {
  const found: string[] = [];
  const there = new Map(live.map((order) => [order.clientId, order]));
  const foreign = new Set([...state.orders.foreign()].map(({ clientId }) => clientId));
  for (const { clientId, lots } of live) {
    const own = state.orders.get(clientId);
    if (own === undefined) {
      if (!foreign.has(clientId)) found.push(`order ${clientId} rests and the desk knows nothing of it`);
    } else if (!isLive(own.state)) found.push(`order ${clientId} rests, the desk says ${own.state}`);
    // One that closes all has no size before it fires.
    else if (!closesAll(own.facts) && openLots(own) !== lots)
      found.push(`order ${clientId} has ${lots} open, the desk says ${openLots(own)}`);
  }
  for (const { facts, state: now } of state.orders.all()) {
    if (now === "sending" || now === "unknown" || now === "canceling")
      found.push(`order ${facts.clientId} is ${now}`);
    else if (now === "triggered" && state.orders.get(facts.clientId)?.filled !== facts.lots)
      found.push(`stop ${facts.clientId} executes`);
    else if (isLive(now) && !there.has(facts.clientId))
      found.push(`the desk holds ${facts.clientId} for ${now}, the exchange doesn't have it`);
  }
  return found;
}

/** Every live order is a rung's; every lot of every rung has one stop and one take profit. */
function protection(life: Life, live: readonly LiveOrder[]): readonly string[] {
  const found: string[] = [];
  const { state, config } = life;
  const owned = new Set<string>();
  for (const grid of config.grids) {
    const shown = state.engines.get(grid.engine)?.snapshot().state as {
      readonly rungs: readonly ShownRung[];
    };
    let shares = 0;
    for (const [index, , orders, lost] of shown.rungs) {
      let held = -lost;
      const open: Record<string, number> = {};
      for (const [clientId, , filled] of orders) {
        owned.add(clientId);
        const role = clientId[6] ?? "";
        held += role === "e" ? filled : -filled;
        open[role] = (open[role] ?? 0) + (live.find((each) => each.clientId === clientId)?.lots ?? 0);
      }
      shares += held;
      const name = `rung ${index} of ${grid.engine}`;
      const [entries = 0, profits = 0, stops = 0] = [open["e"], open["t"], open["s"]];
      if (hasStops(grid) && stops !== held) found.push(`${name} holds ${held}, its stops ${stops}`);
      if (profits !== held) found.push(`${name} holds ${held}, its take profits ${profits}`);
      // What is too small to be traded goes along with the next entry.
      const isDust = held < (state.instrument(grid.instrument)?.lotsMin ?? 1);
      if (entries > 0 && !isDust && entries + held > grid.quantity)
        found.push(`${name} holds ${held} and opens ${entries}`);
    }
    const share = Math.abs(state.account.share(grid.instrument, grid.positionSide, grid.engine).lots);
    if (shares !== share) found.push(`the rungs of ${grid.engine} hold ${shares}, its share is ${share}`);
  }
  for (const { clientId } of live) {
    const id = readClientId(clientId);
    if (id?.desk === config.desk && !closesAll(id) && !owned.has(clientId))
      found.push(`order ${clientId} belongs to no rung`);
  }
  return found;
}

/** The parts of `differences` that hold for a pair of books too: the exchange's own books, executions, client ids. */
export const executionsAddUp = ({ exchange, lives, accepted }: Compared): readonly string[] => {
  const state = lives.at(-1)?.state;
  if (state === undefined) return ["no desk was started"];
  return [...exchange.validate(), ...executions(exchange, state), ...identities(lives, accepted)];
};

/** Each execution of the account is counted once: in one of our orders, or as somebody else's. */
function executions(exchange: Exchange, state: KernelState): readonly string[] {
  const found: string[] = [];
  const counted = new Map<string, number>();
  for (const { tradeIds } of state.orders.all())
    for (const id of tradeIds) counted.set(id, (counted.get(id) ?? 0) + 1);
  for (const { id } of exchange.instruments) {
    for (const { tradeId, orderId, side } of exchange.trades("main", { instrument: id })) {
      const times = counted.get(executionId(`${tradeId}`, side)) ?? 0;
      const order = exchange.order("main", id, { orderId });
      const stop =
        order?.conditionalId === undefined
          ? undefined
          : exchange.conditional("main", { conditionalId: order.conditionalId });
      const isOurs = state.orders.isOwnId(stop?.clientId ?? order?.clientId ?? "");
      if (times !== (isOurs ? 1 : 0)) found.push(`execution ${tradeId} is counted ${times} times`);
    }
  }
  return found;
}

/** I1: no client id is handed to the gateway twice, none is accepted twice, and no two lives share one. */
function identities(lives: readonly Life[], accepted: ReadonlyMap<string, number>): readonly string[] {
  const found: string[] = [];
  const sent = new Map<string, number>();
  for (const { clientId } of lives.flatMap((life) => life.sent))
    sent.set(clientId, (sent.get(clientId) ?? 0) + 1);
  for (const [clientId, times] of sent) if (times > 1) found.push(`${clientId} was sent ${times} times`);
  for (const [clientId, times] of accepted)
    if (times > 1 && clientId.startsWith("main pabc")) found.push(`${clientId} was accepted ${times} times`);
  return found;
}
