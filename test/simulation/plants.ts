import type { Engine } from "../../src/core/engine.ts";
import type { DeskEvent } from "../../src/core/event.ts";
import { readClientId, writeClientId } from "../../src/core/ids.ts";
import type { OrderFacts } from "../../src/core/order.ts";
import type { Kernel, Turn } from "../../src/desk/kernel/kernel.ts";
import type { Gateway } from "../../src/desk/ports.ts";
import type { Exchange } from "../../src/venue/exchange.ts";
import type { Weather } from "../../src/venue/faults/weather.ts";

/** A bug that a test plants, to show that a checker sees it. */
export interface Plant {
  /** The replay, which knows nothing of the bug, would find it before the checker that is meant. */
  readonly isReplayed?: false;
  gateway?(gateway: Gateway): Gateway;
  engine?(engine: Engine): Engine;
  kernel?(kernel: Kernel): Kernel;
  exchange?(exchange: Exchange): Exchange;
  /** No bug but a trouble that the seed would not bring at that moment. */
  weather?(weather: Weather): Weather;
}

/** The same order under the next generation: what a bot sends that does not know what became of the first one. */
export function again(facts: OrderFacts): OrderFacts {
  const id = readClientId(facts.clientId);
  if (id === undefined) throw new Error("the desk's orders have its ids");
  return { ...facts, clientId: writeClientId({ ...id, generation: id.generation + 10_000 }) };
}

/** A kernel that does something else in its turns. */
export const turning =
  (change: (kernel: Kernel, event: DeskEvent, turn: () => Turn) => Turn): NonNullable<Plant["kernel"]> =>
  (kernel) => {
    const own = kernel.turn.bind(kernel);
    kernel.turn = (event) => change(kernel, event, () => own(event));
    return kernel;
  };
