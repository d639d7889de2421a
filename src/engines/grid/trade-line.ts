import type { EngineView } from "../../core/engine.ts";
import { averagePrice, executionCost, type Instrument, notional } from "../../core/instrument.ts";
import { type CloseCause, isOpening, type OrderRecord, type Role } from "../../core/order.ts";
import type { Taken, TakenBy } from "../../core/taken.ts";
import { moneyText, textOf } from "../../core/text.ts";
import type { TradeFields } from "../../core/trade-log.ts";
import { lots, type Millis, signOf, type Ticks, type Value, value } from "../../core/units.ts";
import type { GridParameters } from "./parameters.ts";
import type { Rung, RungSums } from "./rung.ts";
import {
  add,
  type CloseFacts,
  entriesOf,
  giveBack,
  lostTold,
  nothing,
  type ToldLoss,
  type ToldPart,
  take,
  toldOf,
  untold,
  wholeOf,
} from "./told.ts";

/** One line of the trade log, and what it adds to the engine's counters. */
export interface TradeLine {
  readonly fields: TradeFields;
  /** Before fees and funding, in steps of the settle asset. */
  readonly profit: Value;
  readonly fees: Value;
  readonly isStop: boolean;
  readonly isTakeProfit: boolean;
}

/** Closes at the market that do a stop's work. */
const STOP_CAUSES: ReadonlySet<CloseCause | undefined> = new Set(["stopRefused", "beyondStop"]);

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
    const entry = take(entriesOf(rung, sum), rung.told.entry, size);
    lines.push(
      lineOf(rung, sum, { part, entry, source: told, how: closeFacts(rung, order) }, parameters, view),
    );
  }
  return lines;
}

/** Late news says that a rung lost less than was told: that is taken back, by lines with a negative size. */
export function givenBackLines(
  rung: Rung,
  sum: RungSums,
  parameters: GridParameters,
  view: EngineView,
): readonly TradeLine[] {
  const lines: TradeLine[] = [];
  for (let excess = lostTold(rung.told) - rung.lost; excess > 0; ) {
    const back = giveBack(rung.told, excess);
    if (back === undefined) break;
    excess -= back.part.lots;
    lines.push(lineOf(rung, sum, negative(back), parameters, view));
  }
  return lines;
}

/**
 * What a rung lost without an order of its own since it was last told: to another rung's exit that closed more than its own
 * rung held (`others`), else to a liquidation, a deleveraging, a person or another engine's exit (`toldTaken` is what the
 * log has of that).
 */
export function lostLines(
  rung: Rung,
  sum: RungSums,
  others: readonly Rung[],
  toldTaken: ToldPart,
  parameters: GridParameters,
  view: EngineView,
): readonly TradeLine[] {
  const lines: TradeLine[] = [];
  let missing = Math.min(rung.lost - lostTold(rung.told), sum.entryFilled - rung.told.entry.lots);
  const tell = (whole: Readonly<ToldPart>, source: ToldPart, how: CloseFacts): void => {
    const size = Math.min(missing, whole.lots - source.lots);
    if (size <= 0) return;
    missing -= size;
    const part = take(whole, source, size);
    const loss = { part, entry: take(entriesOf(rung, sum), rung.told.entry, size), source, how };
    rung.told.losses.push(loss);
    lines.push(lineOf(rung, sum, loss, parameters, view));
  };
  if (missing <= 0) return lines;
  for (const other of others) {
    if (other === rung) continue;
    for (const order of untold(other)) tell(wholeOf(order), toldOf(other.told, order), overClose(order));
  }
  const taken = view.taken(parameters.instrument, parameters.positionSide);
  tell(takenFrom(taken, parameters), toldTaken, takenFacts(taken));
  return lines;
}

/**
 * Late news may change what was paid for lots that are told already, when a liquidation is shared out anew: a line without
 * lots tells the difference.
 */
export function repricedLine(
  rung: Rung,
  sum: RungSums,
  toldTaken: ToldPart,
  parameters: GridParameters,
  view: EngineView,
): TradeLine | undefined {
  const taken = view.taken(parameters.instrument, parameters.positionSide);
  const whole = takenFrom(taken, parameters);
  if (whole.lots !== toldTaken.lots) return undefined;
  if (whole.cost === toldTaken.cost && whole.fees === toldTaken.fees) return undefined;
  const part = { lots: 0, cost: whole.cost - toldTaken.cost, fees: whole.fees - toldTaken.fees };
  add(toldTaken, part, 1);
  return lineOf(
    rung,
    sum,
    { part, entry: nothing(), source: toldTaken, how: takenFacts(taken) },
    parameters,
    view,
  );
}

/** What others closed of an engine's lots; nothing where they gave it some. */
function takenFrom(taken: Taken, { direction }: GridParameters): ToldPart {
  const size = Math.max(0, -taken.lots * signOf(direction));
  return { lots: size, cost: size === 0 ? 0 : Math.abs(taken.cost), fees: size === 0 ? 0 : taken.fees };
}

const closeFacts = (
  rung: Rung,
  { facts: { role, clientId, cause }, tradeIds, lastFillAt }: OrderRecord,
): CloseFacts => ({
  action: ACTION[role] ?? "CLOSE",
  cause: cause ?? role,
  by:
    cause === "asked"
      ? rung.closing?.by
      : cause === "chosen" || role === "ladder"
        ? rung.recovery.by
        : undefined,
  isStop: role === "stop" || STOP_CAUSES.has(cause),
  clientId,
  tradeId: lastOf(tradeIds),
  at: lastFillAt,
});

const overClose = ({ facts: { clientId }, tradeIds, lastFillAt }: OrderRecord): CloseFacts => ({
  action: "OVER_CLOSE",
  cause: "overClose",
  by: undefined,
  isStop: false,
  clientId,
  tradeId: lastOf(tradeIds),
  at: lastFillAt,
});

function takenFacts({ by, tradeId, at }: Taken): CloseFacts {
  const [action, cause] = TAKEN[by ?? "person"];
  return { action, cause, by: undefined, isStop: false, clientId: undefined, tradeId, at };
}

function negative(loss: ToldLoss): ToldLoss {
  const [part, entry] = [nothing(), nothing()];
  add(part, loss.part, -1);
  add(entry, loss.entry, -1);
  return { ...loss, part, entry };
}

function lineOf(
  rung: Rung,
  sum: RungSums,
  { part, entry, source, how }: ToldLoss,
  parameters: GridParameters,
  view: EngineView,
): TradeLine {
  const instrument = view.instrument(parameters.instrument);
  const gained = value((part.cost - entry.cost) * directionOf(instrument, parameters));
  const fees = value(part.fees + entry.fees);
  const at = how.at ?? view.at;
  const openedAt = openedAtOf(rung, rung.told.entry.lots - Math.max(0, entry.lots)) ?? sum.openedAt;
  return {
    profit: gained,
    fees,
    isStop: how.isStop,
    isTakeProfit: how.action === "TAKE_PROFIT",
    fields: {
      Engine: parameters.engine,
      Symbol: parameters.instrument,
      Action: how.action,
      Rung: rung.index,
      ...(parameters.isLeg === true ? { Leg: "hedge" } : {}),
      Size: textOf(part.lots, instrument.lot),
      Left: textOf(sum.entryFilled - rung.told.entry.lots, instrument.lot),
      Entry: priceText(instrument, entry),
      Exit: priceText(instrument, part),
      PnL: moneyText(gained, 8),
      Fees: moneyText(fees, 8),
      Duration: `${Math.max(0, Math.round((at - (openedAt ?? at)) / 1000))}s`,
      Cause: how.cause,
      ...(how.by === undefined ? {} : { By: how.by }),
      ...(how.isStop ? stopFields(rung, part, stopLatency(rung, how, openedAt), instrument, parameters) : {}),
      ...(how.clientId === undefined ? {} : { Order: how.clientId }),
      Filled: textOf(source.lots, instrument.lot),
      ...(how.tradeId === undefined ? {} : { Trade: how.tradeId }),
      At: at,
    },
  };
}

/** When the entry began to be filled that brought a rung's `lot`th lot: a rung that was found may have cycles behind it. */
function openedAtOf({ orders }: Rung, lot: number): Millis | undefined {
  let left = lot;
  for (const { facts, filled, firstFillAt } of orders) {
    if (!isOpening(facts)) continue;
    if (left < filled) return firstFillAt;
    left -= filled;
  }
  return undefined;
}

/**
 * Market time from the price's being seen beyond a stop to its execution. What was seen before a stop was placed was another
 * one's price; what was seen before these lots were bought concerned them from then on.
 */
function stopLatency(
  { orders, stopSeenAt }: Rung,
  { at, clientId }: CloseFacts,
  openedAt: Millis | undefined,
): number | undefined {
  const order = orders.find(({ facts }) => facts.clientId === clientId);
  if (at === undefined || stopSeenAt === undefined) return undefined;
  if (order?.facts.role === "stop" && stopSeenAt < order.createdAt) return undefined;
  return Math.max(0, at - Math.max(stopSeenAt, openedAt ?? 0));
}

/** How far a stop's work was from what was asked for: its trigger, how long it took, and the money beyond it. */
function stopFields(
  rung: Rung,
  part: ToldPart,
  latency: number | undefined,
  instrument: Instrument,
  parameters: GridParameters,
): TradeFields {
  const trigger = triggerOf(rung);
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
export const directionOf = (instrument: Instrument, { direction }: GridParameters): number =>
  Math.sign(executionCost(instrument, instrument.priceMin, lots(signOf(direction)), "up")) ||
  signOf(direction);

function priceText(instrument: Instrument, part: ToldPart): string {
  const average = averagePrice(instrument, value(part.cost), lots(part.lots));
  return average === undefined ? "unknown" : textOf(average, instrument.tick);
}

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
  hedge: "CLOSE",
};

const TAKEN: Readonly<Record<TakenBy, readonly [action: string, cause: string]>> = {
  liquidation: ["LIQUIDATION", "liquidation"],
  adl: ["ADL", "adl"],
  person: ["TAKEN", "person"],
  exit: ["OVER_CLOSE", "overClose"],
  lastStop: ["STOP_LOSS", "lastStop"],
};
