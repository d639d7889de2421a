/** A broken promise of our own code: never the market's, an exchange's or a person's doing. */
export class InvariantError extends Error {
  override readonly name = "InvariantError";
}

/** Stops the engine that got here with an impossible state; the desk goes on with the others. */
export function invariant(holds: boolean, promise: string): asserts holds {
  if (!holds) throw new InvariantError(promise);
}

/** Ends a `switch` over a closed union: the type checker refuses it while a case is missing. */
export function unreachable(left: never): never {
  throw new InvariantError(`unhandled case ${JSON.stringify(left)}`);
}
