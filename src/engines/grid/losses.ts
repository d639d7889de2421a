import { isOpening } from "../../core/order.ts";
import { lots } from "../../core/units.ts";
import { type Rung, sums } from "./rung.ts";

/** What these rungs hold together, as they see it. */
export function heldIn(rungs: Iterable<Rung>): number {
  let held = 0;
  for (const rung of rungs) held += Math.max(0, heldOf(rung));
  return held;
}

/** What a rung holds, without all else that `sums` adds up: asked of every rung with every execution. */
export function heldOf({ orders, lost }: Rung): number {
  let held = -lost;
  for (const { facts, filled } of orders) held += isOpening(facts) ? filled : -filled;
  return held;
}

/**
 * Spreads what the engine's share lacks over its rungs. A liquidation takes lots from the share without an order of
 * ours, and so does a rung whose take profit and stop were both executed: other rungs' lots paid for that. First
 * those rungs give up lots that no resting exit covers, then the one whose exit is nearest (`byExit` is in that order).
 * It starts from nothing each time, so that late news and a restart lead to the same rungs (I5).
 */
export function shareLosses(byExit: readonly Rung[], share: number): void {
  for (const rung of byExit) rung.lost = lots(0);
  let excess = heldIn(byExit) - share;
  for (const isCovered of [false, true]) {
    for (const rung of byExit) {
      const { held, stopOpen, takeProfitOpen, closeOpen } = sums(rung);
      const covered = isCovered ? 0 : Math.max(stopOpen, takeProfitOpen, closeOpen);
      const part = Math.min(Math.max(0, held - covered), excess);
      if (part <= 0) continue;
      rung.lost = lots(rung.lost + part);
      excess -= part;
    }
  }
}
