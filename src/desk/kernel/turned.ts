import type { OrderReportEvent } from "../../core/event.ts";
import type { ClientId } from "../../core/ids.ts";
import { type EngineId, isPairStop, type Role } from "../../core/order.ts";
import type { Side } from "../../core/units.ts";

/** Exits that no hedge has: its stops may stand on the side on which its engine enters. */
const PROFITS: ReadonlySet<Role> = new Set(["takeProfit", "ladder"]);
const EXITS: ReadonlySet<Role> = new Set([...PROFITS, "stop", "close"]);

type Named = Pick<ClientId, "role" | "slice">;

/**
 * Orders on the other side than their engine's. Where a take profit stands on the side on which its engine enters, the settings turned
 * its direction between two lives: what is left of before belongs to an engine that is not configured any more, and its exits rest
 * on (I3). A stop of a hedge may be taken for one of before: then it is more than that engine holds, goes, and is placed anew. An
 * entry alone on the other side is a stranger's, who uses our ids.
 */
export class Turned {
  /** On which side each engine enters. */
  readonly #sides: ReadonlyMap<EngineId, Side>;
  readonly #turned = new Set<EngineId>();

  constructor(sides: ReadonlyMap<EngineId, Side>) {
    this.#sides = sides;
  }

  /** Takes an order into account, whichever comes first. */
  learn(engine: EngineId, id: Named, side: Side): void {
    if (PROFITS.has(id.role) && this.#isWrong(engine, id, side)) this.#turned.add(engine);
  }

  /** Whether an order is of the time before its engine's direction was turned. */
  isFormer(engine: EngineId, id: Named, side: Side): boolean {
    return this.#turned.has(engine) && this.#isWrong(engine, id, side);
  }

  /** An executed entry on the other side than its engine's is a stranger's trade; one that rests is adopted, to be taken back. */
  isStrangers(engine: EngineId, id: Named, { side, status }: OrderReportEvent): boolean {
    if (id.role !== "entry" || this.#turned.has(engine) || !this.#isWrong(engine, id, side)) return false;
    return status === "filled" || status === "partlyFilled";
  }

  #isWrong(engine: EngineId, { role, slice }: Named, side: Side): boolean {
    const enters = this.#sides.get(engine);
    if (enters === undefined) return false;
    if (role === "entry") return side !== enters;
    return EXITS.has(role) && !isPairStop({ role, slice }) && side === enters;
  }
}
