import { type Book, explained } from "../../core/book.ts";

/** What risk figures that differ from our executions give away. */
export type Silence = "silent" | "doubtful";

/** Finds out from the sizes of books that executions were not heard of. */
export class Silences {
  /** By book: how the last figures differed, how often in a row by as much, and how often in a row at all. */
  readonly #differences = new Map<
    string,
    { readonly lots: number; readonly times: number; readonly inARow: number }
  >();

  /**
   * Figures are in; `sizeOf` says what they show of a book. "silent" when a size differs from what our executions explain for the
   * second time in the same way, "doubtful" when it differs for the second time in whatever way, or the first time where the stream
   * has told the same size: executions that were not heard of may make up for one another before they can be seen twice.
   */
  look(books: Iterable<Book>, sizeOf: (book: Book) => number): Silence | undefined {
    let found: Silence | undefined;
    for (const book of books) {
      const size = sizeOf(book);
      const difference = size - explained(book);
      const before = this.#differences.get(book.key);
      const times = difference !== 0 && before?.lots === difference ? before.times + 1 : 1;
      const inARow = difference === 0 ? 0 : (before?.inARow ?? 0) + 1;
      if (times === 2) found = "silent";
      else if (inARow === 2 || (inARow === 1 && book.told === size)) found ??= "doubtful";
      this.#differences.set(book.key, { lots: difference, times, inARow });
    }
    return found;
  }
}
