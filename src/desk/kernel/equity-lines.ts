import type { DeskEvent } from "../../core/event.ts";
import { moneyText } from "../../core/text.ts";
import { type Value, value } from "../../core/units.ts";
import type { LogEquity } from "./effect.ts";
import { purseUse } from "./purse-use.ts";
import type { KernelState } from "./state.ts";

const MINUTE_MS = 60_000;

/**
 * One GRID_EQUITY line every minute of market time: the account and every purse. It leaves with a price or a timer, never
 * with an execution, whose change of the wallet may still be on its way. While the equity is not known there is none.
 */
export class EquityLines {
  #minute = 0;
  #transferred = 0;

  /** Money came or went otherwise than by trading. */
  transferred(amount: Value): void {
    this.#transferred += amount;
  }

  /** The line that is due after an event, if one is. */
  due(state: KernelState, event: DeskEvent): LogEquity | undefined {
    const minute = Math.floor(state.at / MINUTE_MS);
    if (minute === this.#minute || (event.type !== "mark" && event.type !== "timer")) return undefined;
    const { account, config } = state;
    if (!state.isConfirmed || config.logsEquity === false) return undefined;
    const equity = account.equity((id) => state.board.of(id).mark);
    if (equity === undefined || account.wallet === undefined) return undefined;
    this.#minute = minute;
    const uses = config.grids.map((grid) => ({ grid, ...purseUse(state, grid) }));
    const amount = (count: number): string => moneyText(value(count), 8);
    return {
      type: "logEquity",
      fields: {
        Action: "EQUITY",
        At: state.at,
        Equity: amount(equity),
        Wallet: amount(account.wallet),
        Transferred: amount(this.#transferred),
        Funding: amount(account.funding),
        Exposure: amount(uses.reduce((sum, { exposure }) => sum + exposure, 0)),
        Purses: uses
          .map(
            ({ grid, used, exposure }) =>
              `${grid.engine}:${amount(used)}/${amount(state.risk.limits.purse(grid.engine))}/${amount(exposure)}`,
          )
          .join(","),
        Epoch: config.epoch,
      },
    };
  }

  /** For the state hash. */
  canonical(): unknown {
    return [this.#minute, this.#transferred];
  }
}
