import { createHash } from "node:crypto";

/** What happened in a run, as one text at its end: two runs of a seed differ from the first line that differs. */
export class RunningHash {
  readonly #hash = createHash("sha256");

  note(line: string): void {
    this.#hash.update(line);
    this.#hash.update("\n");
  }

  text(): string {
    return this.#hash.copy().digest("hex").slice(0, 32);
  }
}
