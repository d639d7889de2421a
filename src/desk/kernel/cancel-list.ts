import type { InstrumentId } from "../../core/instrument.ts";
import type { OrderFacts } from "../../core/order.ts";
import type { CancelAction, CancelOrder } from "../../core/proposal.ts";
import { orderOf } from "./cancel-decisions.ts";
import type { KernelState } from "./state.ts";

/** Why an engine's order is not taken back by hand: it would be sent again, or leave something without protection. */
export function whyKept({
  role,
  engine,
  instrument,
}: Pick<OrderFacts, "role" | "engine" | "instrument">): string {
  switch (role) {
    case "entry":
    case "hedge":
      return `${engine} would send it again at once: pause it first, /grid_stop ${engine} takes its entries back.`;
    case "stop":
    case "lastStop":
      return `It protects what ${engine} holds and would be placed again at once: /close ${instrument} closes the position.`;
    default:
      return `${engine} would send it again at once, it belongs to what is held: /close ${instrument} closes the position.`;
  }
}

/** All that rests and is no engine's, as far as it `isMeant`, and what engines have resting beside it and keep. */
export function cancelsOf(
  state: KernelState,
  isMeant: (order: Pick<CancelOrder, "clientId" | "instrument" | "isStop">) => boolean,
): CancelAction {
  const orders = [...state.orders.foreign()].map(orderOf).filter(isMeant);
  const counts = new Map<string, number>();
  for (const { facts } of state.liveOrders())
    if (isMeant({ clientId: facts.clientId, instrument: facts.instrument, isStop: false }))
      counts.set(facts.engine, (counts.get(facts.engine) ?? 0) + 1);
  const left = [...counts].sort().map(([engine, count]) => leftLine(engine, count, state.isPaused(engine)));
  return { type: "cancel", account: state.config.account, orders, left };
}

function leftLine(engine: InstrumentId, count: number, isPaused: boolean): string {
  const orders = `${count} ${count === 1 ? "order" : "orders"} of ${engine} ${count === 1 ? "stays" : "stay"}`;
  return isPaused
    ? `${orders}: exits of what it holds.`
    : `${orders}: it would send them again at once; pause it first, /grid_stop ${engine} takes its entries back.`;
}
