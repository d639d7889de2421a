import type { DeskEvent } from "../core/event.ts";

/**
 * How the account's stream stands before there is a desk to tell it to. Whatever else it says before then is in the
 * first reading of the account; that it broke is not.
 */
export class EarlyNews {
  #last: DeskEvent | undefined;

  /** The last break or return of the stream; undefined when it never broke. */
  get last(): DeskEvent | undefined {
    return this.#last;
  }

  note(event: DeskEvent): void {
    if (event.type === "gap" || event.type === "resynced") this.#last = event;
  }
}
