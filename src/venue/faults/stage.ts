import type { AccountId, Instrument, InstrumentId } from "../../core/instrument.ts";
import type { Random } from "../../core/random.ts";
import type { Exchange, VenuePosition } from "../exchange.ts";

/** An exchange to which things are done. */
export interface Stage {
  /** As faults name it in `venue`. */
  readonly venue: string;
  readonly exchange: Exchange;
  /** Whose accounts may be touched when a fault names none; the first one usually. */
  readonly accounts: readonly AccountId[];
  /** Moves a price by percent, fading over milliseconds of market time; false or absent where that can't be done. */
  readonly shock?: (instrument: InstrumentId, percent: number, fadeMs: number) => boolean;
}

/** The instrument that is meant: the one named, one in which the account is engaged, or any that trades. */
export function instrumentFor(
  stage: Stage,
  named: string | undefined,
  account: AccountId | undefined,
  random: Random,
): Instrument | undefined {
  const { exchange } = stage;
  const trading = exchange.instruments.filter(({ id }) => exchange.status(id) === "trading");
  if (named !== undefined) return trading.find(({ id }) => id === named);
  const engaged = account === undefined ? [] : trading.filter(({ id }) => isEngaged(exchange, account, id));
  return pick(engaged.length > 0 ? engaged : trading, random);
}

function isEngaged(exchange: Exchange, account: AccountId, id: InstrumentId): boolean {
  return (
    exchange.positions(account).some((each) => each.instrument === id && each.lots !== 0) ||
    exchange.openOrders(account, id).length > 0 ||
    exchange.openConditionals(account, id).length > 0
  );
}

/** One of the account's positions, of the instrument named if one is. */
export function positionFor(
  { exchange }: Stage,
  named: string | undefined,
  account: AccountId,
  random: Random,
): VenuePosition | undefined {
  const held = exchange.positions(account).filter(({ lots }) => lots !== 0);
  return pick(named === undefined ? held : held.filter(({ instrument }) => instrument === named), random);
}

/** One of a list; undefined of an empty one. */
export const pick = <T>(items: readonly T[], random: Random): T | undefined =>
  items.length === 0 ? undefined : items[random.below(items.length)];
