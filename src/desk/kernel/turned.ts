import type { OrderReportEvent } from "../../core/event.ts";
import { type ClientId, FIXED_NONCE } from "../../core/ids.ts";
import { type EngineId, isPairStop, RETIRED_SLICE, type Role } from "../../core/order.ts";
import type { Side } from "../../core/units.ts";

/** Exits that no hedge has: they tell in which direction their engine trades. */
const PROFITS: ReadonlySet<Role> = new Set(["takeProfit", "ladder"]);
const EXITS: ReadonlySet<Role> = new Set([...PROFITS, "stop", "close"]);

type Named = Pick<ClientId, "role" | "slice" | "cause" | "epoch" | "nonce">;
type Placed = Pick<OrderReportEvent, "side" | "instrument" | "positionSide">;

/**
 * Orders of the time before their engine's direction was turned in the settings. An entry or a take profit says in which direction
 * its engine traded in that life; what another direction than today's placed belongs to the engine as it was, which is not
 * configured any more, and its exits rest on (I3). In one-way mode the side of an order tells it. In hedge mode a pair's other leg
 * has exits on the other side as well, so that there the life counts in which an order was sent.
 */
export class Turned {
  /** On which side each engine enters. */
  readonly #sides: ReadonlyMap<EngineId, Side>;
  /** By engine and instrument: whether each life, known by epoch and nonce, traded in the other direction than today's. */
  readonly #lives = new Map<string, Map<string, Life>>();

  constructor(sides: ReadonlyMap<EngineId, Side>) {
    this.#sides = sides;
  }

  /** Takes an order into account, whichever comes first. */
  learn(engine: EngineId, id: Named, { side, instrument }: Placed): void {
    const isToldBy = id.role === "entry" || PROFITS.has(id.role);
    if (!isToldBy || id.nonce === FIXED_NONCE || !this.#sides.has(engine)) return;
    const key = keyOf(engine, instrument);
    const lives = this.#lives.get(key) ?? new Map<string, Life>();
    this.#lives.set(key, lives);
    const life = `${id.epoch}${id.nonce}`;
    const isOther = this.#isWrong(engine, id, side) && lives.get(life)?.isOther !== false;
    lives.set(life, { epoch: id.epoch, isOther });
  }

  /**
   * An executed entry on the other side than its engine's is a stranger's trade, who uses our ids, where the engine traded in
   * today's direction at that very time.
   */
  isStrangers(engine: EngineId, id: Named, { side, status, instrument }: OrderReportEvent): boolean {
    if (id.role !== "entry" || !this.#isWrong(engine, id, side)) return false;
    if (status !== "filled" && status !== "partlyFilled") return false;
    const lives = this.#lives.get(keyOf(engine, instrument));
    return [...(lives?.values() ?? [])].some(({ epoch, isOther }) => epoch === id.epoch && !isOther);
  }

  /** Whether an order is of the time before its engine's direction was turned. */
  isFormer(engine: EngineId, id: Named, { side, instrument, positionSide }: Placed): boolean {
    const lives = this.#lives.get(keyOf(engine, instrument));
    if (lives === undefined || ![...lives.values()].some(({ isOther }) => isOther)) return false;
    const isWrong = this.#isWrong(engine, id, side);
    // What the desk itself closes for the engine as it was is sent in a later life.
    if (positionSide === "both" || isForRetired(id)) return isWrong;
    return wasOther(lives, id);
  }

  #isWrong(engine: EngineId, { role, slice }: Pick<Named, "role" | "slice">, side: Side): boolean {
    const enters = this.#sides.get(engine);
    if (enters === undefined) return false;
    if (role === "entry") return side !== enters;
    return EXITS.has(role) && !isPairStop({ role, slice }) && side === enters;
  }
}

/** What is known of one life of an engine. */
interface Life {
  readonly epoch: number;
  readonly isOther: boolean;
}

const keyOf = (engine: EngineId, instrument: string): string => `${engine}/${instrument}`;

const isForRetired = ({ role, cause, slice }: Named): boolean =>
  role === "close" && cause === "asked" && slice === RETIRED_SLICE;

/**
 * By the order's own life; where nothing told that one's direction, by the last one before it that is known, else the next one
 * after. A stranger who uses our ids has a life of its own: beside it, ours of the same epoch counts.
 */
function wasOther(lives: ReadonlyMap<string, Life>, { epoch, nonce }: Named): boolean {
  const own = lives.get(`${epoch}${nonce}`);
  if (own !== undefined) return own.isOther;
  const known = [...lives.values()];
  const before = known.filter((life) => life.epoch <= epoch).map((life) => life.epoch);
  const nearest = before.length > 0 ? Math.max(...before) : Math.min(...known.map((life) => life.epoch));
  return known.filter((life) => life.epoch === nearest).every(({ isOther }) => isOther);
}
