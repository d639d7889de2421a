import type { Desk } from "../desk/desk.ts";
import type { Clock } from "../desk/ports.ts";

/** Waits a moment for the first reading of the account and the first price, so that nothing looks wrong that is only new. */
export async function firstReading(desk: Pick<Desk, "kernel">, clock: Clock): Promise<void> {
  const { state } = desk.kernel;
  for (let tries = 0; tries < 250 && !(state.isBooted && state.board.youngest() !== undefined); tries += 1) {
    await new Promise<void>((resolve) => clock.after(20, resolve));
  }
}
