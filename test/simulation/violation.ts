/** A promise that did not hold: it ends the run of its seed. */
export class Violation extends Error {
  override readonly name = "Violation";
}
