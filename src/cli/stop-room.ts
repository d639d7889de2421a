import { CONDITIONAL_ORDERS_MAX } from "../gateways/binance/instruments.ts";
import { restsStops } from "../settings/grid-layout.ts";
import type { ExchangeId, GridSettings, Settings } from "../settings/settings.ts";

/** How many stops an exchange keeps for all symbols of an account together. Those that are not named count them per symbol. */
const STOPS_MAX: Readonly<Partial<Record<ExchangeId, number>>> = { binanceusdm: CONDITIONAL_ORDERS_MAX };

/**
 * Why the stops of these grids can't all rest on one account, as a sentence; undefined: they can. Each of them may fit its own
 * symbol: the one stop too many would be refused in the sell-off that fills all rungs.
 */
export function stopRoomProblem(
  { exchange, risk, account }: Settings,
  grids: readonly GridSettings[],
): string | undefined {
  const stopsMax = STOPS_MAX[exchange];
  const stopped = grids.filter(restsStops);
  const ofRungs = stopped.reduce((sum, { maxOrders }) => sum + maxOrders, 0);
  const isHedge = account.positionMode === "hedge";
  const books = new Set(
    stopped.map(({ symbol, direction }) => (isHedge ? `${symbol} ${direction}` : symbol)),
  );
  const lastStops = risk.lastStop ? books.size : 0;
  if (stopsMax === undefined || ofRungs + lastStops <= stopsMax) return undefined;
  const [noun, names] = [stopped.length === 1 ? "engine" : "engines", stopped.map(({ name }) => `"${name}"`)];
  const each = stopped.map(({ maxOrders }) => maxOrders);
  const together = each.length === 1 ? `${ofRungs}` : `${each.join(" + ")} = ${ofRungs}`;
  const more = lastStops === 0 ? "" : ` and risk.lastStop takes ${lastStops} more`;
  return `${noun} ${names.join(", ")}: max_orders is ${together}${more}: ${exchange} keeps ${stopsMax} stops for all symbols of an account together, one for each rung: lower max_orders, or give a grid a desk with an account of its own.`;
}
