import type { OperatorRequest } from "../../core/event.ts";
import { textOf } from "../../core/text.ts";
import type { KernelState } from "./state.ts";

type SetPrice = Extract<OperatorRequest, { readonly type: "setPrice" }>;

/** A price that is so many times the market's, or so small a part of it, is a slip of the hand. */
const FAR = 10;

/** Why a price can't be set, in one sentence; undefined: it can. */
export function priceRefusal(state: KernelState, { engine, which, price }: SetPrice): string | undefined {
  const grid = state.config.grids.find((each) => each.engine === engine);
  const instrument = grid === undefined ? undefined : state.instrument(grid.instrument);
  if (grid === undefined || instrument === undefined) {
    const known = state.config.grids.map((each) => each.engine).join(", ");
    return `There is no engine "${engine}"; use one of ${known}.`;
  }
  if (price === undefined) return undefined;
  if (price < instrument.priceMin || price > instrument.priceMax)
    return `A ${which} price of ${textOf(price, instrument.tick)} is outside what ${instrument.id} can cost.`;
  const mark = state.board.of(grid.instrument).mark;
  if (mark === undefined) return undefined;
  if (price > mark * FAR || price * FAR < mark)
    return (
      `A ${which} price of ${textOf(price, instrument.tick)} is more than ten times away from the mark price ` +
      `${textOf(mark, instrument.tick)}: name one that is nearer, or none.`
    );
  if (which === "pause") return undefined;
  const isBeyond = grid.direction === "buy" ? mark <= price : mark >= price;
  if (!isBeyond) return undefined;
  const side = grid.direction === "buy" ? "below" : "above";
  return (
    `The mark price ${textOf(mark, instrument.tick)} is beyond a stop price of ${textOf(price, instrument.tick)} already: ` +
    `name one ${side} it, or close with /close ${instrument.id}.`
  );
}

/** What a person is told who set a price, or took it away. */
export function priceSetText(state: KernelState, { engine, which, price }: SetPrice): string {
  const grid = state.config.grids.find((each) => each.engine === engine);
  const instrument = grid === undefined ? undefined : state.instrument(grid.instrument);
  if (grid === undefined || instrument === undefined) return "";
  if (price === undefined) return `${engine} has no ${which} price now.`;
  const side = grid.direction === "buy" ? "at or below" : "at or above";
  const what =
    which === "stop"
      ? "it closes all that it holds and waits for /resume"
      : "no entry leaves, and none rests; it goes on when the price is back";
  return `${engine}: with ${instrument.id} ${side} ${textOf(price, instrument.tick)} (mark price) ${what}.`;
}
