import type { TradeFields } from "../core/trade-log.ts";
import { scopeOf } from "../desk/scope.ts";
import { GridMetrics } from "../engines/grid/metrics.ts";
import type { Log } from "../observe/log.ts";
import { logFileLines, logFiles } from "../observe/log-lines.ts";

/** Whose trade log goes on. */
export interface TradeLogOwner {
  readonly whose: Parameters<typeof scopeOf>[0];
  readonly asset: string;
  /** Market time of this start. */
  readonly at: number;
  /** The account began with this process: what was open on the last one is gone. */
  readonly isNewAccount: boolean;
}

/**
 * The figures of all that this desk and account wrote into the log so far, rotated files included: they go on from there.
 * Lines of others, torn ones and unknown fields are passed over; a file that can't be read is told and passed over.
 */
export async function resumeTradeLog(
  file: string,
  owner: TradeLogOwner,
  log: Pick<Log, "trade" | "warn">,
): Promise<GridMetrics> {
  const metrics = new GridMetrics();
  const scope = scopeOf(owner.whose);
  for (const path of logFiles(file)) {
    try {
      for await (const line of logFileLines(path))
        if (line.type === "trade" && line.fields["Desk"] === scope) metrics.add(line.fields);
    } catch (error) {
      log.warn("a part of the trade log could not be read: its figures are missing", { path, error });
    }
  }
  if (!owner.isNewAccount || metrics.accountFrom === undefined) return metrics;
  const fields: TradeFields = {
    Action: "NEW_ACCOUNT",
    Engine: "desk",
    At: owner.at,
    Desk: scope,
    Asset: owner.asset,
  };
  metrics.add(fields);
  log.trade(fields);
  return metrics;
}
