/** A start that can't be: one sentence for a person, or one a line. */
export class StartError extends Error {
  override readonly name = "StartError";
}
