import { type ClientId, readClientId } from "../../src/core/ids.ts";
import { notional } from "../../src/core/instrument.ts";
import { isLive, openLots } from "../../src/core/order.ts";
import { lots, ONE, signOf, ticks } from "../../src/core/units.ts";
import { rungsOf } from "../../src/desk/kernel/rungs-of.ts";
import { latticeOf } from "../../src/engines/grid/lattice.ts";
import type { GridParameters } from "../../src/engines/grid/parameters.ts";
import type { Exchange, VenueOrder } from "../support/exchange.ts";
import { LINEAR } from "../support/instruments.ts";
import type { Rig } from "../support/rig.ts";

/** Rounding of a few orders' margins, each up by a step. */
const ROUNDING = 20;

const leftOf = (order: VenueOrder): number => order.facts.lots - order.filled;
const idOf = (clientId: string): ClientId => {
  const id = readClientId(clientId);
  if (id === undefined) throw new Error(`${clientId} is nobody's`);
  return id;
};

/** What each rung holds by the exchange's executions alone. */
export interface Held {
  readonly rungs: ReadonlyMap<number, number>;
  /**
   * Both exits of a rung were executed, and another rung paid for it: of two that the same moment would fit, which one is
   * the desk's choice.
   */
  readonly isOverClosed: boolean;
}

/** Who is nearest to its exit pays for an over-close. */
export function heldByRung({ fills }: Exchange, { direction }: GridParameters): Held {
  const held = new Map<number, number>();
  const sign = signOf(direction);
  let isOverClosed = false;
  for (const fill of fills) {
    const { rung, role } = idOf(fill.clientId);
    const rest = (held.get(rung) ?? 0) + (role === "entry" ? fill.lots : -fill.lots);
    held.set(rung, Math.max(0, rest));
    let over = Math.max(0, -rest);
    isOverClosed ||= over > 0;
    for (const victim of [...held.keys()].sort((a, b) => (a - b) * sign)) {
      const part = Math.min(over, held.get(victim) ?? 0);
      held.set(victim, (held.get(victim) ?? 0) - part);
      over -= part;
    }
  }
  for (const [rung, size] of held) if (size === 0) held.delete(rung);
  return { rungs: held, isOverClosed };
}

/** What a grid may take at most, with all that may still fill: position limit and purse, in the exchange's own figures. */
export function withinCaps(rig: Rig, grid: GridParameters): string | undefined {
  const { exchange } = rig;
  const onTheWay = rig.requests.flatMap((effect) =>
    effect.type === "send" && effect.order.role === "entry" ? [effect.order] : [],
  );
  let open = 0;
  let worth = Math.abs(exchange.position.cost);
  for (const { lots: size, price } of [
    ...exchange.open("entry").map((order) => ({ lots: leftOf(order), price: order.facts.price })),
    ...onTheWay,
  ]) {
    open += size;
    worth += notional(LINEAR, price ?? ticks(1), lots(size), "up");
  }
  const reach = Math.abs(exchange.position.lots) + open;
  if (reach > grid.positionMax) return `the position may reach ${reach} of ${grid.positionMax} lots`;
  const used = worth / grid.leverage + (worth * LINEAR.takerFee) / ONE;
  if (used > grid.purse + ROUNDING) return `the purse may be used for ${Math.round(used)} of ${grid.purse}`;
  return undefined;
}

/** One live entry a rung, and one live order an intent, with what is on its way. */
export function oneOrder(rig: Rig): string | undefined {
  const seen = new Set<string>();
  const onTheWay = rig.requests.flatMap((effect) => (effect.type === "send" ? [effect.order] : []));
  for (const { role, rung, slice } of [...rig.exchange.open().map(({ facts }) => facts), ...onTheWay]) {
    const intent = role === "entry" ? `entry of rung ${rung}` : `${role} ${slice} of rung ${rung}`;
    if (seen.has(intent)) return `two live orders are the ${intent}`;
    seen.add(intent);
  }
  return undefined;
}

/** The position never turns, and what leaves to reduce it is marked so and fits into what the engine holds. */
export function neverFlips(rig: Rig, grid: GridParameters, sent: Rig["sent"]): string | undefined {
  const sign = signOf(grid.direction);
  if (rig.exchange.position.lots * sign < 0) return `the position has turned: ${rig.exchange.position.lots}`;
  for (const order of sent) {
    if (order.role === "entry") continue;
    if (!order.isReduceOnly || signOf(order.side) === sign)
      return `${order.role} of rung ${order.rung} may add to the position`;
    const isSame = (other: typeof order): boolean =>
      other.role !== "entry" && (other.kind === "stopMarket") === (order.kind === "stopMarket");
    const known = [...rig.state.orders.all()].filter(({ facts, state }) => isLive(state) && isSame(facts));
    const all = known.reduce((sum, each) => sum + openLots(each), 0);
    const held = rig.held(grid.engine) * sign;
    if (all > held) return `with ${order.role} of rung ${order.rung} ${all} lots would be closed of ${held}`;
    const ofRung = known.reduce(
      (sum, each) => sum + (each.facts.rung === order.rung ? openLots(each) : 0),
      0,
    );
    const rung = rungsOf(rig.state, grid.engine).find(({ index }) => index === order.rung);
    if (ofRung > (rung?.held ?? 0))
      return `rung ${order.rung} holds ${rung?.held ?? 0} and closes ${ofRung} with ${order.role}`;
  }
  return undefined;
}

/** Each holding rung has its take profit (or the slices of a ladder) and its stop, for exactly what it holds, at its prices. */
function exitsRest({ exchange }: Rig, grid: GridParameters): string | undefined {
  const { rungs: held, isOverClosed } = heldByRung(exchange, grid);
  const sign = signOf(grid.direction);
  const lattice = latticeOf(grid);
  let whole = 0;
  const exits = exchange.open().filter(({ facts }) => facts.role !== "entry");
  for (const rung of new Set([...held.keys(), ...exits.map(({ facts }) => facts.rung)])) {
    const own = exits.filter(({ facts }) => facts.rung === rung);
    const sum = (isStop: boolean): number =>
      own.reduce((total, each) => total + ((each.facts.role === "stop") === isStop ? leftOf(each) : 0), 0);
    const size = isOverClosed ? sum(true) : (held.get(rung) ?? 0);
    whole += sum(true);
    if (sum(false) !== size) return `rung ${rung} holds ${size}, and ${sum(false)} wait for their profit`;
    if (sum(true) !== size) return `rung ${rung} holds ${size}, and stops rest for ${sum(true)}`;
    const entry = lattice.price(rung);
    for (const { facts } of own) {
      const at = facts.role === "stop" ? -(grid.stopLoss ?? 0) : grid.takeProfit;
      const wanted = entry * (1 + (sign * at) / ONE);
      const is = facts.trigger ?? facts.price ?? 0;
      if (facts.role !== "ladder" && Math.abs(is - wanted) > 1)
        return `${facts.role} of rung ${rung} is at ${is}, not at ${Math.round(wanted)}`;
    }
  }
  const position = Math.abs(exchange.position.lots);
  return whole === position ? undefined : `${position} lots are held, and stops rest for ${whole}`;
}

/** Rungs that hold something: where an over-close leaves it open which, those whose stops rest. */
function takenRungs(exchange: Exchange, grid: GridParameters): ReadonlySet<number> {
  const { rungs, isOverClosed } = heldByRung(exchange, grid);
  return new Set(isOverClosed ? exchange.open("stop").map(({ facts }) => facts.rung) : rungs.keys());
}

/** Ticks that a grid keeps away from the touch, at most, once an entry was refused for want of them. */
const AWAY_MAX = 10;

/**
 * The rung that the next entry belongs on: the nearest idle one in range that is so many ticks `away` from the touch;
 * undefined where there is none, or no room.
 */
export function nextRung({ exchange }: Rig, grid: GridParameters, away = 0): number | undefined {
  const held = takenRungs(exchange, grid);
  const isBuy = grid.direction === "buy";
  const lattice = latticeOf(grid);
  const [low, high] = [grid.priceMin ?? 0, grid.priceMax ?? Number.POSITIVE_INFINITY];
  let index = isBuy
    ? lattice.atOrBelow(ticks(Math.min(exchange.bid - away, high)))
    : lattice.atOrAbove(ticks(Math.max(exchange.ask + away, low)));
  for (let tries = 0; tries <= grid.ordersMax && held.has(index); tries += 1) index += isBuy ? -1 : 1;
  const price = lattice.price(index);
  if (held.has(index) || price < low || price > high) return undefined;
  const { position } = exchange;
  const worth = Math.abs(position.cost) + notional(LINEAR, price, grid.quantity, "up");
  const used = worth / grid.leverage + (worth * LINEAR.takerFee) / ONE;
  const isRoom =
    held.size < grid.ordersMax &&
    Math.abs(position.lots) + grid.quantity <= grid.positionMax &&
    used + ROUNDING <= grid.purse;
  return isRoom ? index : undefined;
}

/** One entry rests where there is room for it, on the nearest idle rung (or what is left of one that is filled in part). */
function entryRests(rig: Rig, grid: GridParameters): string | undefined {
  const entries = rig.exchange.open("entry");
  if (entries.length > 1) return `${entries.length} entries rest`;
  const [entry] = entries;
  const next = nextRung(rig, grid);
  if (rig.state.isPaused(grid.engine))
    return entry === undefined ? undefined : "an entry rests under a pause";
  if (entry === undefined) {
    // At the end of its range a grid that keeps away from the touch may have no rung left.
    const isFree = next !== undefined && nextRung(rig, grid, AWAY_MAX) !== undefined;
    return isFree ? `rung ${next} is free and has no entry` : undefined;
  }
  const { rung, price } = entry.facts;
  if (price !== latticeOf(grid).price(rung)) return `the entry of rung ${rung} rests at ${price}`;
  const away = grid.direction === "buy" ? -1 : 1;
  if (entry.filled === 0 && next !== rung) return `the entry rests on rung ${rung}, not on ${next}`;
  if (next !== undefined && (rung - next) * away > 0)
    return `what is left on rung ${rung} is behind rung ${next}`;
  return undefined;
}

/** When all is calm: the desk believes what is so, nothing is on its way, exits and the entry rest. */
export function isWhole(rig: Rig, grid: GridParameters): string | undefined {
  const { exchange, state } = rig;
  const blocks = state.blocks();
  if (state.failed.size > 0) return `an engine has a fault: ${[...state.failed.values()].join("; ")}`;
  if (blocks.length > 0) return `increases are blocked: ${blocks.join("; ")}`;
  if (rig.held(grid.engine) !== exchange.position.lots)
    return `the desk holds ${rig.held(grid.engine)}, the exchange ${exchange.position.lots}`;
  const open = new Set(exchange.open().map(({ facts }) => facts.clientId));
  const known = [...state.orders.all()].filter((order) => isLive(order.state));
  for (const { facts } of known)
    if (!open.has(facts.clientId)) return `${facts.clientId} rests for the desk alone`;
  if (known.length !== open.size) return `${open.size - known.length} orders are not known to the desk`;
  return exitsRest(rig, grid) ?? entryRests(rig, grid);
}

/** What two lives of one desk must agree on: positions, rungs, live orders and what is still wanted. */
export function likeness(rig: Rig, grid: GridParameters) {
  const { exchange } = rig;
  const orders = new Map<string, number>();
  for (const order of exchange.open()) {
    const { role, rung, price, trigger, side } = order.facts;
    // A ladder's prices follow from the price at which it was laid: one that never reached the exchange is laid anew.
    const isClose = grid.recovery === "ladder" && (role === "takeProfit" || role === "ladder");
    const key = isClose ? `close of rung ${rung}` : `${role} of rung ${rung}: ${side} at ${price ?? trigger}`;
    orders.set(key, (orders.get(key) ?? 0) + leftOf(order));
  }
  return {
    position: exchange.position.lots,
    rungs: rungsOf(rig.state, grid.engine).map(
      ({ index, status, held, entry, openedAt }) =>
        `${index} ${status} ${held} ${entry ?? "-"} ${openedAt ?? "-"}`,
    ),
    orders: [...orders].map(([key, size]) => `${key} for ${size}`).sort(),
    owed: rig.requests.length,
  };
}
