import { type Book, isMismatched } from "../../core/book.ts";
import type { TruthEvent } from "../../core/event.ts";
import { type InstrumentId, sizeUnit } from "../../core/instrument.ts";
import type { EngineId } from "../../core/order.ts";
import { textOf } from "../../core/text.ts";
import type { Millis } from "../../core/units.ts";
import type { Outcome } from "../ports.ts";
import type { Effect } from "./effect.ts";
import type { KernelState } from "./state.ts";

/** A person's word that a difference nobody can explain is to be counted as foreign, after one more reading. */
export class Adoption {
  readonly #state: KernelState;
  readonly #effect: (effect: Effect) => void;
  readonly #asked = new Map<InstrumentId, Millis>();

  constructor(state: KernelState, effect: (effect: Effect) => void) {
    this.#state = state;
    this.#effect = effect;
  }

  /** Notes the wish and has the account read once more. */
  ask(id: InstrumentId): Outcome {
    const state = this.#state;
    const instrument = state.instrument(id);
    if (instrument === undefined) return { isOk: false, text: `${id} is not an instrument of this desk.` };
    const difference = this.#books(id).reduce((sum, book) => sum + (book.mismatch?.lots ?? 0), 0);
    if (this.#books(id).length === 0)
      return { isOk: false, text: `The exchange and the desk agree on ${id}: there is nothing to adopt.` };
    this.#asked.set(id, state.wallAt);
    state.truthDueWallAt = state.wallAt;
    return {
      isOk: true,
      text: `The account is read once more; if ${textOf(difference, instrument.lot)} ${sizeUnit(instrument)} are still unexplained then, they are counted as foreign.`,
    };
  }

  /** A reading is in; `takenFrom` tells engines whose position a person's trade turns out to have closed. */
  read(event: TruthEvent, takenFrom: (book: Book, engines: readonly EngineId[]) => void): void {
    for (const [id, askedWallAt] of this.#asked) {
      if (event.truth.startedWallAt < askedWallAt) continue;
      const books = this.#books(id);
      if (books.some((book) => !isMismatched(book))) {
        // Only one reading says so: the next one decides.
        this.#state.doubt();
        continue;
      }
      this.#asked.delete(id);
      for (const book of books) this.#adopt(book, this.#state.truthAskedAt(event), takenFrom);
    }
  }

  #adopt(book: Book, askedAt: Millis, takenFrom: (book: Book, engines: readonly EngineId[]) => void): void {
    const state = this.#state;
    const instrument = state.instrument(book.instrument);
    const price = state.account.exposure(book)?.entry ?? state.board.of(book.instrument).mark;
    if (instrument === undefined || price === undefined) return;
    const size = book.mismatch?.lots ?? 0;
    const closed = state.account.adopt(book, price, askedAt);
    takenFrom(book, closed);
    state.foreignActivity = true;
    this.#effect({
      type: "alert",
      key: `adopt:${book.key}`,
      level: "notice",
      title: `${book.instrument}: the unexplained difference was adopted`,
      lines: [
        `${textOf(size, instrument.lot)} ${sizeUnit(instrument)} are counted as foreign at ${textOf(price, instrument.tick)}.`,
        closed.length === 0
          ? "The engines' positions are unchanged. /resume lets entries leave again."
          : `That closed what ${closed.join(", ")} held: those exits are taken back, and ${closed.join(", ")} pauses until /resume.`,
      ],
      instrument: book.instrument,
    });
    this.#effect({
      type: "fact",
      kind: "adopted",
      actor: "desk",
      body: { book: book.key, lots: size, price, closed },
    });
  }

  #books(id: InstrumentId): readonly Book[] {
    return [...this.#state.account.books.values()].filter(
      (book) => book.instrument === id && (book.mismatch?.lots ?? 0) !== 0,
    );
  }
}
