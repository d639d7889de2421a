import { createHmac } from "node:crypto";
import { type ClientId, readClientId } from "../../src/core/ids.ts";
import { MARKERS } from "./processes.ts";

interface RestOrder {
  readonly orderId: number;
  readonly clientOrderId: string;
  readonly symbol: string;
  readonly side: "BUY" | "SELL";
  readonly type: string;
  readonly price: string;
  readonly origQty: string;
  readonly executedQty: string;
  readonly reduceOnly: boolean;
}

interface RestConditional {
  readonly clientAlgoId: string;
  readonly quantity: string;
  readonly triggerPrice: string;
}

interface RestTrade {
  readonly id: number;
  readonly orderId: number;
  readonly side: "BUY" | "SELL";
  readonly qty: string;
}

/** What the venue's own hand shows of the account. */
export interface VenueState {
  readonly at: number;
  readonly positions: readonly { readonly symbol: string; readonly positionAmt: string }[];
  readonly openOrders: readonly RestOrder[];
  readonly conditionals: readonly RestConditional[];
  readonly trades: readonly RestTrade[];
}

/** One live order of the desk's, as its client id names it. Quantities in thousandths (lots of BTCUSDT). */
export interface LiveOrder {
  readonly clientId: string;
  readonly id: ClientId | undefined;
  readonly lots: number;
}

/** One rung by the venue's executions alone. */
export interface VenueRung {
  held: number;
  /** Of the last entry that was filled. */
  entryPrice: string;
  entryClientId: string;
}

const lotsOf = (text: string): number => Math.round(Number(text) * 1_000);

/** The account of a venue in another process, read past the desk: the truth that stories compare with. */
export class VenueAccount {
  readonly #url: string;
  readonly #orders = new Map<number, RestOrder>();
  #lastOrderId = 0;
  /** Lots that exits of flat rungs took from others, in all executions of the last call of `rungs`. */
  overClosed = 0;

  constructor(url: string) {
    this.#url = url;
  }

  /** One consistent look: the venue answers it within one turn of its own. */
  async state(): Promise<VenueState> {
    return (await this.#get("/control/state?account=main")) as VenueState;
  }

  async pause(): Promise<void> {
    await this.#post("/control/pause");
  }

  async resume(): Promise<void> {
    await this.#post("/control/resume");
  }

  /**
   * Held lots by rung, from all executions joined to the orders that own them; flat rungs are left out. When both exits
   * of a rung were executed (nobody was there to cancel the second), the rung nearest to its take profit paid for it.
   */
  async rungs({ trades }: VenueState): Promise<ReadonlyMap<number, VenueRung>> {
    await this.#readOrders();
    const rungs = new Map<number, VenueRung>();
    this.overClosed = 0;
    for (const trade of trades) {
      const order = this.#orders.get(trade.orderId);
      const id = order === undefined ? undefined : readClientId(order.clientOrderId);
      if (order === undefined || id === undefined) throw new Error(`trade ${trade.id} is nobody's`);
      const rung = rungs.get(id.rung) ?? { held: 0, entryPrice: "", entryClientId: "" };
      rung.held += lotsOf(trade.qty) * (id.role === "entry" ? 1 : -1);
      if (id.role === "entry") {
        rung.entryPrice = order.price;
        rung.entryClientId = order.clientOrderId;
      }
      rungs.set(id.rung, rung);
      if (rung.held < 0) this.overClosed += settleOverClose(rungs, rung);
    }
    for (const [index, rung] of rungs) if (rung.held === 0) rungs.delete(index);
    return rungs;
  }

  async #readOrders(): Promise<void> {
    for (;;) {
      const page = (await this.#signed("/fapi/v1/allOrders", {
        symbol: "BTCUSDT",
        limit: 1_000,
        orderId: this.#lastOrderId + 1,
      })) as RestOrder[];
      for (const order of page) {
        this.#orders.set(order.orderId, order);
        this.#lastOrderId = Math.max(this.#lastOrderId, order.orderId);
      }
      if (page.length < 1_000) return;
    }
  }

  async #signed(path: string, params: Readonly<Record<string, string | number>>): Promise<unknown> {
    const query = new URLSearchParams({
      ...Object.fromEntries(Object.entries(params).map(([name, each]) => [name, String(each)])),
      timestamp: String(Date.now()),
    }).toString();
    const signature = createHmac("sha256", MARKERS.PERPDESK_VENUE_SECRET).update(query).digest("hex");
    return this.#get(`${path}?${query}&signature=${signature}`);
  }

  async #get(path: string): Promise<unknown> {
    const answer = await fetch(`${this.#url}${path}`, {
      headers: { "X-MBX-APIKEY": MARKERS.PERPDESK_VENUE_KEY },
    });
    if (!answer.ok) throw new Error(`${path.split("?")[0]}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  }

  async #post(path: string): Promise<void> {
    const answer = await fetch(`${this.#url}${path}`, { method: "POST", body: "{}" });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  }
}

/** Takes what a rung's exits sold too much from the held rungs, the lowest first (the grid buys). */
function settleOverClose(rungs: Map<number, VenueRung>, over: VenueRung): number {
  const excess = -over.held;
  for (const [, rung] of [...rungs].sort(([a], [b]) => a - b)) {
    const part = Math.min(-over.held, Math.max(0, rung.held));
    rung.held -= part;
    over.held += part;
  }
  return excess;
}

/** What is held in BTCUSDT, in lots; negative for short. */
export const heldOf = ({ positions }: VenueState): number =>
  positions.reduce((sum, each) => sum + (each.symbol === "BTCUSDT" ? lotsOf(each.positionAmt) : 0), 0);

/** All that rests on the venue: limit orders, and stops. */
export function liveOf(state: VenueState): { readonly limits: LiveOrder[]; readonly stops: LiveOrder[] } {
  return {
    limits: state.openOrders.map((order) => ({
      clientId: order.clientOrderId,
      id: readClientId(order.clientOrderId),
      lots: lotsOf(order.origQty) - lotsOf(order.executedQty),
    })),
    stops: state.conditionals.map((each) => ({
      clientId: each.clientAlgoId,
      id: readClientId(each.clientAlgoId),
      lots: lotsOf(each.quantity),
    })),
  };
}

/**
 * What may never be so, at any moment, with the desk alive or dead: two live orders of one client id, two live entries
 * for one rung, more reduce-only quantity on limits than is held.
 */
export function neverSo(state: VenueState): readonly string[] {
  const found: string[] = [];
  const { limits, stops } = liveOf(state);
  const ids = new Set<string>();
  for (const { clientId } of [...limits, ...stops]) {
    if (ids.has(clientId)) found.push(`client id ${clientId} is live twice`);
    ids.add(clientId);
  }
  const entries = new Set<number>();
  for (const { id } of limits) {
    if (id?.role !== "entry") continue;
    if (entries.has(id.rung)) found.push(`rung ${id.rung} has two live entries`);
    entries.add(id.rung);
  }
  const held = Math.abs(heldOf(state));
  const reducing = state.openOrders
    .filter(({ reduceOnly }) => reduceOnly)
    .reduce((sum, order) => sum + lotsOf(order.origQty) - lotsOf(order.executedQty), 0);
  if (reducing > held) found.push(`${reducing} lots rest reduce-only, ${held} are held`);
  return found;
}
