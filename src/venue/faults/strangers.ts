import { type ClientId, FIXED_NONCE, readClientId, writeClientId } from "../../core/ids.ts";
import { type AccountId, type Instrument, lotsFor, scalePrice } from "../../core/instrument.ts";
import type { Random } from "../../core/random.ts";
import { type Lots, lots, opposite, type Side, type Ticks, ticks, value } from "../../core/units.ts";
import type { OrderRequest, PositionSide } from "../exchange.ts";
import type { FaultOf } from "./fault.ts";
import { instrumentFor, pick, positionFor, type Stage } from "./stage.ts";
import { draw } from "./trigger.ts";

const SIGNS = "0123456789abcdefghijklmnopqrstuvwxyz";
const letters = (count: number, random: Random): string =>
  Array.from({ length: count }, () => SIGNS[random.below(SIGNS.length)]).join("");

/** A person trades on the account, as over the exchange's own pages. False when there is nothing to do it with. */
export function tradeByHand(
  { fields }: FaultOf<"handTrade">,
  stage: Stage,
  account: AccountId,
  random: Random,
): boolean {
  const { exchange } = stage;
  const isOurs = (instrument: string): boolean =>
    fields.instrument === undefined || fields.instrument === instrument;
  if (fields.does === "cancelOrder") {
    const order = pick(
      exchange.openOrders(account).filter(({ request }) => isOurs(request.instrument)),
      random,
    );
    if (order === undefined) return false;
    return exchange.cancel(account, order.request.instrument, { orderId: order.orderId }).ok;
  }
  if (fields.does === "cancelStop") {
    const stops = exchange
      .openConditionals(account)
      .filter(({ request }) => isOurs(request.instrument) && request.kind.startsWith("stop"));
    const stop = pick(stops, random);
    return (
      stop !== undefined && exchange.cancelConditional(account, { conditionalId: stop.conditionalId }).ok
    );
  }
  const request =
    fields.does === "open" || fields.does === "limit"
      ? freshOrder(fields.does, fields.instrument, stage, account, random)
      : orderOnPosition({ ...fields, does: fields.does }, stage, account, random);
  return request !== undefined && exchange.place(account, request).ok;
}

function orderOnPosition(
  fields: FaultOf<"handTrade">["fields"] & { readonly does: "add" | "reduce" | "close" | "flip" },
  stage: Stage,
  account: AccountId,
  random: Random,
): OrderRequest | undefined {
  const position = positionFor(stage, fields.instrument, account, random);
  if (position === undefined) return undefined;
  const held = Math.abs(position.lots);
  const side: Side = position.lots > 0 ? "buy" : "sell";
  const step = stage.exchange.lotStep(position.instrument);
  const instrument = stage.exchange.instruments.find(({ id }) => id === position.instrument);
  if (instrument === undefined) return undefined;
  const share = Math.floor((held * draw(fields.share, 1_000, random)) / 1_000 / step) * step;
  const part = Math.max(share, smallest(stage, instrument));
  const isHedged = position.positionSide !== "both";
  const order = (way: Side, size: number, reduceOnly: boolean): OrderRequest => ({
    ...byHand(position.instrument, way, position.positionSide, lots(size) as Lots, random),
    reduceOnly: reduceOnly && !isHedged,
  });
  switch (fields.does) {
    case "add":
      return order(side, part, false);
    case "reduce":
      // A part goes as a plain order, so that reducers which rest may cover more than what is left.
      return order(opposite(side), Math.min(part, held), part >= held);
    case "close":
      return order(opposite(side), held, true);
    case "flip":
      // In hedge mode a book can't turn over: the person opens the other one.
      return isHedged
        ? byHand(
            position.instrument,
            opposite(side),
            position.positionSide === "long" ? "short" : "long",
            lots(part) as Lots,
            random,
          )
        : order(opposite(side), held + part, false);
  }
}

function freshOrder(
  does: "open" | "limit",
  named: string | undefined,
  stage: Stage,
  account: AccountId,
  random: Random,
): OrderRequest | undefined {
  const instrument = instrumentFor(stage, named, undefined, random);
  if (instrument === undefined) return undefined;
  const side = random.below(2) === 0 ? "buy" : "sell";
  const request = byHand(instrument.id, side, "both", smallest(stage, instrument), random);
  const sided = { ...request, positionSide: bookOf(stage, account, side) };
  if (does === "open") return sided;
  return { ...sided, kind: "limit", price: awayFromMark(stage, instrument, side) };
}

const byHand = (
  instrument: string,
  side: Side,
  positionSide: PositionSide,
  size: Lots,
  random: Random,
): OrderRequest => ({
  instrument,
  clientId: `web_${letters(20, random)}`,
  side,
  positionSide,
  kind: "market",
  timeInForce: "GTC",
  lots: size,
  reduceOnly: false,
});

/**
 * A second bot from the same configuration sends an entry with our desk's prefix: with another instance's nonce, or
 * with a newer leader epoch as well. False while no order of ours shows what our ids look like.
 */
export function sendAsSecondBot(
  { fields }: FaultOf<"secondBot">,
  stage: Stage,
  account: AccountId,
  random: Random,
): boolean {
  const { exchange } = stage;
  const own = lastOwnId(stage, account, fields.desk);
  if (own === undefined) return false;
  const instrument = instrumentFor(stage, fields.instrument, account, random);
  if (instrument === undefined) return false;
  const nonce = letters(4, random);
  if (nonce === own.nonce || nonce === FIXED_NONCE) return false;
  const epoch = fields.as === "newerEpoch" ? own.epoch + 1 : own.epoch;
  const side = random.below(2) === 0 ? "buy" : "sell";
  return exchange.place(account, {
    instrument: instrument.id,
    clientId: writeClientId({ ...own, role: "entry", generation: own.generation + 1, epoch, nonce }),
    side,
    positionSide: bookOf(stage, account, side),
    kind: "limit",
    timeInForce: "GTX",
    price: awayFromMark(stage, instrument, side),
    lots: smallest(stage, instrument),
    reduceOnly: false,
  }).ok;
}

function lastOwnId({ exchange }: Stage, account: AccountId, desk: string | undefined): ClientId | undefined {
  const ids = [
    ...exchange.instruments.flatMap(({ id }) =>
      exchange.orderHistory(account, { instrument: id, limit: 50 }),
    ),
    ...exchange.openOrders(account),
    ...exchange.openConditionals(account),
  ].flatMap(({ clientId }) => readClientId(clientId) ?? []);
  return ids.filter((id) => desk === undefined || id.desk === desk).at(-1);
}

const bookOf = ({ exchange }: Stage, account: AccountId, side: Side): PositionSide =>
  exchange.isHedgeMode(account) ? (side === "buy" ? "long" : "short") : "both";

/** Twice what the exchange takes at least, in whole steps. */
function smallest({ exchange }: Stage, instrument: Instrument): Lots {
  const { mark } = exchange.mark(instrument.id);
  const step = exchange.lotStep(instrument.id);
  const least = Math.max(
    instrument.lotsMin,
    lotsFor(instrument, mark, value(instrument.notionalMin * 2)),
    step,
  );
  return lots(Math.ceil(least / step) * step);
}

/** A price two percent off the mark, where an order rests. */
function awayFromMark({ exchange }: Stage, instrument: Instrument, side: Side): Ticks {
  const { mark } = exchange.mark(instrument.id);
  const step = exchange.priceStep(instrument.id);
  const exact = scalePrice(mark, side === "buy" ? 98 : 102, 100, "nearest");
  return ticks(Math.max(step, Math.round(exact / step) * step));
}
