import type { AlertIntent } from "../core/intent.ts";
import type { OrderRecord } from "../core/order.ts";
import { textOf } from "../core/text.ts";
import { millis } from "../core/units.ts";
import type { Desk } from "../desk/desk.ts";
import type { Clock } from "../desk/ports.ts";

const LOOK_EVERY_MS = 20;
/** A cancel that failed is tried again this often. */
const AGAIN_MS = 1_000;
/** A request takes up to 5 s; whoever lost its answer asks for the order, and cancels it then. */
const PATIENCE_MS = 10_000;

/**
 * Stops the engines and takes their entries back, since nobody will watch them; exits stay. Resolves with what may rest all the
 * same when there is no more time for it, one text for each; empty: nothing that opens a position is left on the exchange.
 */
export async function takeEntriesBack(
  desk: Pick<Desk, "kernel" | "emit" | "inFlight">,
  clock: Clock,
): Promise<readonly string[]> {
  const { state } = desk.kernel;
  const until = clock.monotonic() + PATIENCE_MS;
  let askedAt = Number.NEGATIVE_INFINITY;
  for (;;) {
    if (clock.monotonic() - askedAt >= AGAIN_MS) {
      askedAt = clock.monotonic();
      const wallAt = millis(Math.round(clock.now()));
      desk.emit({ type: "engineStopped", at: state.at, wallAt, engine: "*", reason: "the desk ends" });
    }
    const left = leftOver(desk);
    if (left.length === 0 && desk.inFlight === 0) return [];
    if (clock.monotonic() >= until) return left;
    await new Promise<void>((resolve) => clock.after(LOOK_EVERY_MS, resolve));
  }
}

/** Entries whose end is not known. An account that was never read says nothing about what rests there (I9). */
function leftOver({ kernel: { state } }: Pick<Desk, "kernel">): readonly string[] {
  const entries = state.liveOrders().filter(({ facts: { role } }) => role === "entry" || role === "hedge");
  const unread = state.isBooted ? [] : ["entries of an earlier run: the account could not be read"];
  return [...unread, ...entries.map((order) => described(order, state))];
}

function described({ facts, filled }: OrderRecord, state: Desk["kernel"]["state"]): string {
  const { engine, side, instrument: id, price } = facts;
  const instrument = state.instrument(id);
  if (instrument === undefined) return `${engine}: ${side} ${id}`;
  const at = price === undefined ? "" : ` at ${textOf(price, instrument.tick)}`;
  return `${engine}: ${side} ${textOf(facts.lots - filled, instrument.lot)} ${id}${at}`;
}

/** What people are told when the desk ends and something that opens positions may still rest. */
export const entriesLeft = (account: string, left: readonly string[]): AlertIntent => ({
  type: "alert",
  key: `end:${account}`,
  level: "critical",
  title: "perpdesk ended, but entries may still rest on the exchange",
  lines: [
    ...left.map((each) => `${each}.`),
    "The exchange did not confirm in time that they are gone. One that is filled now has no stop: cancel it on the exchange, or start the desk again.",
  ],
});
