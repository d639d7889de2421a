import type { Instrument, InstrumentId } from "../../src/core/instrument.ts";
import type { OrderRecord, PositionSide } from "../../src/core/order.ts";
import type { KernelState } from "../../src/desk/kernel/state.ts";
import type { Exchange } from "../../src/venue/exchange.ts";
import type { Bot } from "./bot.ts";
import type { Scenario } from "./scenario.ts";
import { type Place, placeOf } from "./witness.ts";

/** An order whose state only an answer may tell. */
export const isMoving = ({ state }: OrderRecord): boolean =>
  state === "sending" || state === "unknown" || state === "canceling";

/** Whether no order that increases may leave just now, for whatever reason. */
export const mayNotIncrease = (state: KernelState): boolean =>
  state.blocks().length > 0 ||
  state.paused.size > 0 ||
  state.riskState === "emergency" ||
  state.riskState === "shutdown";

/** What the fills explain of a book; nothing of one that is not there. Who checks only looks: a replay must find the same. */
export const sumOf = (
  book:
    | {
        readonly shares: ReadonlyMap<string, { readonly lots: number }>;
        readonly foreign: { readonly lots: number };
      }
    | undefined,
): number =>
  [...(book?.shares.values() ?? [])].reduce((sum, { lots }) => sum + lots, Number(book?.foreign.lots ?? 0));

/** What a desk thinks that its engines hold, for people. */
export const sharesOf = (bot: Bot, instrument: InstrumentId, positionSide: PositionSide) => {
  const book = bot.desk?.kernel.state.account.look(instrument, positionSide);
  return {
    shares: [...(book?.shares ?? [])].map(([engine, { lots }]) => [engine, lots]),
    foreign: book?.foreign.lots,
  };
};

/** All books of a scenario's account. */
export const placesOf = ({
  instruments,
  isHedge,
}: Pick<Scenario, "instruments" | "isHedge">): readonly Place[] =>
  instruments.flatMap(({ id }) =>
    (isHedge ? (["long", "short"] as const) : (["both"] as const)).map((positionSide) =>
      placeOf({ instrument: id, positionSide }),
    ),
  );

/** Instrument and side of a book. */
export const partsOf = (place: Place): readonly [InstrumentId, PositionSide] =>
  place.split("/") as [InstrumentId, PositionSide];

/** Money steps in one tick x one lot. */
export const unitOf = (scenario: Scenario, id: InstrumentId): number =>
  scenario.instruments.find((each: Instrument) => each.id === id)?.unit ?? 0;

/** Lots of the smallest order that the exchange takes, by its present quantity step. */
export function smallestSize({ instruments }: Scenario, exchange: Exchange, id: InstrumentId): number {
  const step = exchange.lotStep(id);
  const least = instruments.find((each: Instrument) => each.id === id)?.lotsMin ?? 1;
  return Math.max(step, Math.ceil(least / step) * step);
}
