import type { EngineView } from "../../core/engine.ts";
import { averagePrice, executionCost, type Instrument, notional } from "../../core/instrument.ts";
import type { Role } from "../../core/order.ts";
import type { Taken, TakenBy } from "../../core/taken.ts";
import { moneyText, textOf } from "../../core/text.ts";
import type { TradeFields } from "../../core/trade-log.ts";
import { lots, type Millis, signOf, type Ticks, type Value, value } from "../../core/units.ts";
import type { GridParameters } from "./parameters.ts";
import type { ClosingCause, Rung, RungSums } from "./rung.ts";
import { entriesOf, type ToldPart, take, toldOf, untold, wholeOf } from "./told.ts";

/** One line of the trade log, and what it adds to the engine's counters. */
export interface TradeLine {
  readonly fields: TradeFields;
  /** Before fees and funding, in steps of the settle asset. */
  readonly profit: Value;
  readonly isStop: boolean;
  readonly isTakeProfit: boolean;
}

/** Closes at the market that do a stop's work. */
const STOP_CAUSES: ReadonlySet<ClosingCause | undefined> = new Set(["stopRefused", "beyondStop"]);

/** A part that was closed: who closed it, for what, and when. */
interface Close {
  readonly part: ToldPart;
  /** How much of the same order (or of all that was taken) the log has with this line. */
  readonly filled: number;
  readonly action: string;
  readonly cause: string;
  readonly isStop: boolean;
  readonly clientId: string | undefined;
  readonly tradeId: string | undefined;
  readonly at: Millis | undefined;
}

/**
 * What a rung's own orders closed since it was last told: one line for each order that closed something. PnL is of these
 * lots alone, before fees; Fees are the close's own and the entry's share. What an order closed beyond the rung's own lots
 * belongs to whoever lost them, see `lostLines`.
 */
export function closeLines(
  rung: Rung,
  sum: RungSums,
  parameters: GridParameters,
  view: EngineView,
): readonly TradeLine[] {
  const lines: TradeLine[] = [];
  for (const order of untold(rung)) {
    const told = toldOf(rung.told, order);
    const size = Math.min(order.filled - told.lots, sum.entryFilled - rung.told.entry.lots);
    if (size <= 0) continue;
    const part = take(wholeOf(order), told, size);
    const cause = causeOf(order.facts.role, rung);
    const close: Close = {
      part,
      filled: told.lots,
      action: ACTION[order.facts.role] ?? "CLOSE",
      cause,
      isStop: order.facts.role === "stop" || (order.facts.role === "close" && isStopClose(rung)),
      clientId: order.facts.clientId,
      tradeId: lastOf(order.tradeIds),
      at: order.lastFillAt,
    };
    lines.push(lineOf(rung, sum, close, parameters, view));
  }
  return lines;
}

/** What an engine's log has of what others took from it. */
export type TakenTold = ToldPart;

/**
 * What a rung lost without an order of its own since it was last told: to another rung's exit that closed more than its own
 * rung held (`others`), else to a liquidation, a deleveraging, a person or another engine's exit.
 */
export function lostLines(
  rung: Rung,
  sum: RungSums,
  others: Iterable<Rung>,
  toldTaken: TakenTold,
  parameters: GridParameters,
  view: EngineView,
): readonly TradeLine[] {
  const lines: TradeLine[] = [];
  const missing = (): number => Math.min(rung.lost - rung.told.lost, sum.entryFilled - rung.told.entry.lots);
  const tell = (close: Close): void => {
    rung.told.lost += close.part.lots;
    lines.push(lineOf(rung, sum, close, parameters, view));
  };
  if (missing() <= 0) return lines;
  for (const other of others) {
    if (other === rung) continue;
    for (const order of untold(other)) {
      const told = toldOf(other.told, order);
      const size = Math.min(missing(), order.filled - told.lots);
      if (size <= 0) continue;
      const part = take(wholeOf(order), told, size);
      const { clientId } = order.facts;
      const tradeId = lastOf(order.tradeIds);
      const how = { action: "OVER_CLOSE", cause: "overClose", isStop: false };
      tell({ part, filled: told.lots, ...how, clientId, tradeId, at: order.lastFillAt });
    }
  }
  const taken = view.taken(parameters.instrument, parameters.positionSide);
  const whole = takenFrom(taken, parameters);
  const size = Math.min(missing(), whole.lots - toldTaken.lots);
  if (size > 0) {
    const part = take(whole, toldTaken, size);
    const [action, cause] = TAKEN[taken.by ?? "person"];
    const { tradeId, at } = taken;
    tell({ part, filled: toldTaken.lots, action, cause, isStop: false, clientId: undefined, tradeId, at });
  }
  return lines;
}

/** What others closed of an engine's lots; nothing where they gave it some. */
function takenFrom(taken: Taken, { direction }: GridParameters): ToldPart {
  const size = Math.max(0, -taken.lots * signOf(direction));
  return { lots: size, cost: size === 0 ? 0 : Math.abs(taken.cost), fees: taken.fees };
}

function lineOf(
  rung: Rung,
  sum: RungSums,
  close: Close,
  parameters: GridParameters,
  view: EngineView,
): TradeLine {
  const instrument = view.instrument(parameters.instrument);
  const entry = take(entriesOf(rung, sum), rung.told.entry, close.part.lots);
  const gained = value((close.part.cost - entry.cost) * directionOf(instrument, parameters));
  const at = close.at ?? view.at;
  const price = (part: ToldPart): string => priceText(instrument, part.cost, part.lots);
  return {
    profit: gained,
    isStop: close.isStop,
    isTakeProfit: close.action === "TAKE_PROFIT",
    fields: {
      Engine: parameters.engine,
      Symbol: parameters.instrument,
      Action: close.action,
      Rung: rung.index,
      Size: textOf(close.part.lots, instrument.lot),
      Left: textOf(sum.entryFilled - rung.told.entry.lots, instrument.lot),
      Entry: price(entry),
      Exit: price(close.part),
      PnL: moneyText(gained, 8),
      Fees: moneyText(value(close.part.fees + entry.fees), 8),
      Duration: `${Math.max(0, Math.round((at - (sum.openedAt ?? at)) / 1000))}s`,
      Cause: close.cause,
      ...(close.cause === "asked" && rung.closing?.by !== undefined ? { By: rung.closing.by } : {}),
      ...(close.isStop ? stopFields(rung, close, instrument, parameters) : {}),
      ...(close.clientId === undefined ? {} : { Order: close.clientId }),
      Filled: textOf(close.filled, instrument.lot),
      ...(close.tradeId === undefined ? {} : { Trade: close.tradeId }),
      At: at,
    },
  };
}

/** How far a stop's work was from what was asked for: its trigger, the time since that was seen, and the money beyond it. */
function stopFields(rung: Rung, { part, at }: Close, instrument: Instrument, parameters: GridParameters) {
  const trigger = triggerOf(rung);
  const seenAt = rung.stopSeenAt;
  const latency = seenAt === undefined || at === undefined ? undefined : Math.max(0, at - seenAt);
  const fields: Record<string, string | number> = {};
  if (latency !== undefined) fields["StopLatencyMs"] = latency;
  if (trigger === undefined) return fields;
  const asked = notional(instrument, trigger, lots(part.lots), "nearest");
  fields["Trigger"] = textOf(trigger, instrument.tick);
  fields["Slippage"] = moneyText(value((asked - part.cost) * directionOf(instrument, parameters)), 8);
  return fields;
}

/** The trigger of the rung's latest stop. */
const triggerOf = ({ orders }: Rung): Ticks | undefined =>
  orders.findLast(({ facts }) => facts.role === "stop")?.facts.trigger;

/** +1 where a higher exit notional is a gain, else -1 (a short, or an inverse long). */
const directionOf = (instrument: Instrument, { direction }: GridParameters): number =>
  Math.sign(executionCost(instrument, instrument.priceMin, lots(signOf(direction)), "up")) ||
  signOf(direction);

function priceText(instrument: Instrument, cost: number, size: number): string {
  const average = averagePrice(instrument, value(cost), lots(size));
  return average === undefined ? "unknown" : textOf(average, instrument.tick);
}

const isStopClose = ({ closing }: Rung): boolean => STOP_CAUSES.has(closing?.cause);

const causeOf = (role: Role, { closing }: Rung): string =>
  role === "close" ? (closing?.cause ?? "close") : role;

const lastOf = (ids: ReadonlySet<string>): string | undefined => {
  let last: string | undefined;
  for (const id of ids) last = id;
  return last;
};

const ACTION: Readonly<Partial<Record<Role, string>>> = {
  takeProfit: "TAKE_PROFIT",
  ladder: "LADDER",
  stop: "STOP_LOSS",
  close: "CLOSE",
};

const TAKEN: Readonly<Record<TakenBy, readonly [action: string, cause: string]>> = {
  liquidation: ["LIQUIDATION", "liquidation"],
  adl: ["ADL", "adl"],
  person: ["TAKEN", "person"],
  exit: ["OVER_CLOSE", "overClose"],
};
