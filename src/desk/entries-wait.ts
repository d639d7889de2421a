import { type Book, isMismatched } from "../core/book.ts";
import type { GridParameters } from "../engines/grid/parameters.ts";
import type { KernelState } from "./kernel/state.ts";

/** Why increases are blocked just now, each a sentence without its end: what holds back all, one instrument or one engine. */
export function blocksOf(state: KernelState): readonly string[] {
  const blocks = [
    ...[...state.paused].filter(([id]) => id !== "*").map(([id, by]) => `${id} is paused: ${by}`),
    ...state.blocks(),
    ...[...state.account.books.values()].filter(isMismatched).map(mismatchText),
    ...state.instruments.doubts(),
    ...state.accountConfig.doubts(),
    ...state.circuit.doubts(),
  ];
  const refused = state.config.grids.flatMap(({ engine }) => {
    const why = state.isPaused(engine) ? undefined : state.entryRefusals.of(engine, state.at);
    return why === undefined || blocks.includes(why) ? [] : [`${engine} waits: ${why}`];
  });
  return [...blocks, ...refused];
}

/** Why no entry of a grid leaves just now, besides a pause or a lock: a sentence without its end; undefined: one may leave. */
export function entriesWait(state: KernelState, grid: GridParameters): string | undefined {
  const { instrument, positionSide, engine } = grid;
  const { riskState } = state;
  if (riskState === "emergency" || riskState === "shutdown")
    return `the desk is in ${riskState === "emergency" ? "Emergency" : "Shutdown"}`;
  const isOwn = (book: Book): boolean => book.instrument === instrument && book.positionSide === positionSide;
  const book = [...state.account.books.values()].find(isOwn);
  return [
    ...state.blocks(),
    book !== undefined && isMismatched(book) ? mismatchText(book) : undefined,
    state.instruments.closeOnly(instrument),
    state.accountConfig.doubt(instrument),
    ...state.circuit.doubts(instrument),
    state.entryRefusals.of(engine, state.at),
  ].find((why) => why !== undefined);
}

const mismatchText = ({ instrument }: Book): string =>
  `the position of ${instrument} does not add up; /mismatch explains it`;
