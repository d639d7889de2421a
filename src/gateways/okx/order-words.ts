import type { OrderReportEvent } from "../../core/event.ts";
import type { OrderFacts } from "../../core/order.ts";
import { textOf } from "../../core/text.ts";
import type { Millis } from "../../core/units.ts";
import type { MarginMode } from "./account-mode.ts";
import { type Contract, conditionalId, given } from "./words.ts";

/** OKX's words for the sides of a position. */
export const POSITION_SIDE = { both: "net", long: "long", short: "short" } as const;

/** What every order says. In hedge mode OKX ignores reduceOnly: side and position side say it. */
function common(facts: OrderFacts, { lot }: Contract, mode: MarginMode) {
  return {
    instId: facts.instrument,
    tdMode: mode,
    side: facts.side,
    posSide: POSITION_SIDE[facts.positionSide],
    sz: textOf(facts.lots, lot),
    ...(facts.isReduceOnly && facts.positionSide === "both" ? { reduceOnly: true } : {}),
  };
}

/** POST /api/v5/trade/order. */
export function orderParams(facts: OrderFacts, contract: Contract, mode: MarginMode): object {
  const { price } = facts;
  const type =
    price === undefined
      ? { ordType: "market" }
      : { ordType: facts.isPostOnly ? "post_only" : "limit", px: textOf(price, contract.instrument.tick) };
  return { ...common(facts, contract, mode), ...type, clOrdId: facts.clientId };
}

/** POST /api/v5/trade/order-algo: a stop on the mark price that sells or buys at market. */
export function algoParams(facts: OrderFacts, contract: Contract, mode: MarginMode): object {
  return {
    ...common(facts, contract, mode),
    ordType: "conditional",
    slTriggerPx: textOf(facts.trigger ?? 0, contract.instrument.tick),
    slTriggerPxType: "mark",
    slOrdPx: "-1",
    algoClOrdId: facts.clientId,
    // Without one ccxt adds a name and a tag of its own.
    clOrdId: facts.clientId,
  };
}

/** An order that OKX said it took: its facts and the id that it was given. */
export function acceptedReport(
  facts: OrderFacts,
  id: string,
  of: { readonly at: Millis; readonly wallAt: Millis; readonly account: string },
): OrderReportEvent {
  const isAlgo = facts.kind === "stopMarket";
  return {
    type: "orderReport",
    ...of,
    instrument: facts.instrument,
    source: isAlgo ? "conditional" : "order",
    clientId: facts.clientId,
    venueOrderId: isAlgo ? conditionalId(id) : id,
    status: "open",
    origin: "client",
    side: facts.side,
    positionSide: facts.positionSide,
    lots: facts.lots,
    isReduceOnly: facts.isReduceOnly,
    ...given("price", facts.price),
    ...given("trigger", facts.trigger),
  };
}
