import type { Engine } from "../../src/core/engine.ts";
import type { Kernel } from "../../src/desk/kernel/kernel.ts";
import type { Gateway } from "../../src/desk/ports.ts";
import type { Exchange } from "../../src/venue/exchange.ts";

/** A bug that a test plants, to show that a checker sees it. */
export interface Plant {
  /** The replay, which knows nothing of the bug, would find it before the checker that is meant. */
  readonly isReplayed?: false;
  gateway?(gateway: Gateway): Gateway;
  engine?(engine: Engine): Engine;
  kernel?(kernel: Kernel): Kernel;
  exchange?(exchange: Exchange): Exchange;
}
