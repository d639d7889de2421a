import { type Heard, nameOf, type Standing, standingOf } from "./trader.ts";

type Row = Readonly<Record<string, unknown>>;

/** Gathers the last word of private messages as Binance sends them. */
export class PrivateEar {
  readonly #orders: Record<string, readonly [Standing, number]> = {};
  readonly #stops: Record<string, Standing> = {};
  readonly #positions: Record<string, number> = {};
  #wallet: number | undefined;

  /** Takes in one message. */
  take(message: Row): void {
    if (message["e"] === "ORDER_TRADE_UPDATE") this.order(message["o"] as Row);
    else if (message["e"] === "ALGO_UPDATE") this.order(message["o"] as Row);
    else if (message["e"] === "ACCOUNT_UPDATE") {
      const { B, P } = message["a"] as { B: readonly Row[]; P: readonly Row[] };
      for (const balance of B) this.balance(Number(balance["wb"]));
      for (const position of P) this.position(position);
    }
  }

  /** Takes in the inner part of an order's or a conditional order's message. */
  order(row: Row): void {
    if (row["caid"] === undefined) {
      this.#orders[nameOf(String(row["c"]))] = [standingOf(String(row["X"])), Number(row["z"])];
    } else this.#stops[String(row["caid"])] = standingOf(String(row["X"]));
  }

  /** Takes in a row of positions. */
  position(row: Row): void {
    if (row["s"] === "BTCUSDT") this.#positions[String(row["ps"])] = Number(row["pa"]);
  }

  /** Takes in the wallet's balance. */
  balance(wallet: number): void {
    this.#wallet = wallet;
  }

  heard(): Heard {
    return { orders: this.#orders, stops: this.#stops, positions: this.#positions, wallet: this.#wallet };
  }
}
