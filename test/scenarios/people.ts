import { lots, type Side, ticks } from "../../src/core/units.ts";
import type { ConditionalRequest, OrderRequest, VenueOrder } from "../../src/venue/exchange.ts";
import type { World } from "./world.ts";

/** A long wait in which little is on its way: the world turns eight times as fast. */
export async function hurry(world: World, ms: number): Promise<void> {
  const { stepMs } = world.time;
  world.time.stepMs = 8 * stepMs;
  await world.pass(ms);
  world.time.stepMs = stepMs;
}

/** A person rests an order on our account over the exchange's pages, which give it a name of their own. */
export function restByHand(
  world: World,
  side: Side,
  size: number,
  price: number,
  clientId = "web_77",
): VenueOrder {
  const answer = world.exchange.place("main", {
    ...order(side, size),
    clientId,
    kind: "limit",
    price: ticks(price),
  });
  if (!answer.ok) throw new Error(`the person was refused: ${answer.reason}`);
  return answer.value;
}

/** A person arms a stop on our account. */
export function armByHand(world: World, size: number, trigger: number): void {
  const request: ConditionalRequest = {
    instrument: "BTCUSDT",
    clientId: "web_stop",
    side: "sell",
    positionSide: "both",
    kind: "stopMarket",
    trigger: ticks(trigger),
    workingType: "mark",
    closePosition: false,
    timeInForce: "GTC",
    lots: lots(size),
    reduceOnly: true,
  };
  const answer = world.exchange.placeConditional("main", request);
  if (!answer.ok) throw new Error(`the person was refused: ${answer.reason}`);
}

const order = (side: Side, size: number): OrderRequest => ({
  instrument: "BTCUSDT",
  clientId: "",
  side,
  positionSide: "both",
  kind: "market",
  timeInForce: "GTC",
  lots: lots(size),
  reduceOnly: false,
});

/** Prices and sizes of the live orders of a role, dearest first. */
export const resting = (
  world: World,
  role: "entry" | "takeProfit" | "stop" | "ladder",
): readonly (readonly [number, number])[] =>
  world
    .live(role)
    .map(
      ({ request }) =>
        [("trigger" in request ? request.trigger : request.price) ?? 0, request.lots ?? 0] as const,
    )
    .sort(([a], [b]) => b - a);

/** The account's whole position, as the desk divides it: the engine's part, the foreign part, and what the exchange holds. */
export function parts(world: World, engine = "grid1"): readonly [number, number, number] {
  const book = world.state.account.book("BTCUSDT", "both");
  return [world.state.account.share("BTCUSDT", "both", engine).lots, book.foreign.lots, world.position];
}

/** What people were told, each once: a story that is edited keeps its level and key. */
export const toldOnce = (world: World): readonly string[] => [...new Set(world.alerts())];
