import type { Instrument } from "../core/instrument.ts";
import { moneyText, percentText } from "../core/text.ts";
import { mulDiv, ONE, type Rate, rate } from "../core/units.ts";
import { GridFindings } from "./grid-findings.ts";
import type { GridSettings } from "./settings.ts";

/** A rung is stuck only when its take profit is further from the mark than this (S1-149, X31). */
const STUCK_DISTANCE = rate(3_000_000);

/** Take profit against fees and stop, and the stop against recovery. */
export function noticeFigures(grid: GridSettings, instrument: Instrument, findings: GridFindings): void {
  const { takeProfit } = grid;
  const { makerFee, takerFee } = instrument;
  if (gain(grid, makerFee, makerFee) <= 0)
    findings.complain(
      "take_profit",
      percentText(takeProfit, 4),
      `the fees of an entry and its take profit on ${instrument.id} are ${percentText(2 * makerFee)}, make it more than they cost`,
    );
  else if (gain(grid, makerFee, takerFee) <= 0)
    findings.notice(
      `its take profit of ${percentText(takeProfit)} pays the fees only where it rests (${percentText(2 * makerFee)}), not where it takes (${percentText(makerFee + takerFee)})`,
    );
  noticeStop(grid, instrument, findings);
  noticeRecovery(grid, findings);
}

/** What a rung that takes its profit earns, as a part of its entry. */
function gain({ takeProfit, direction }: GridSettings, feeIn: Rate, feeOut: Rate): number {
  const exit = ONE + (direction === "buy" ? takeProfit : -takeProfit);
  return takeProfit - feeIn - mulDiv(exit, feeOut, ONE, "up");
}

/** The share of rungs that must win for the grid to lose nothing (X10); undefined: no share is enough. */
export function breakEven(win: number, loss: number): Rate | undefined {
  return win <= 0 ? undefined : rate(mulDiv(loss, ONE, loss + win, "nearest"));
}

/** What can be said of a grid before its instrument is known: break-even before fees, and whether recovery comes into play. */
export function plainFigures(grid: GridSettings): readonly string[] {
  const findings = new GridFindings(grid.name, false);
  if (grid.stopLoss !== undefined) findings.notice(breakEvenText(grid.takeProfit, grid.stopLoss));
  noticeRecovery(grid, findings);
  return findings.notices;
}

const breakEvenText = (takeProfit: Rate, stopLoss: Rate): string =>
  `a take profit of ${percentText(takeProfit)} against a stop of ${percentText(stopLoss)} ` +
  `needs ${percentText(breakEven(takeProfit, stopLoss) ?? ONE, 1)} of the rungs to win before fees`;

function noticeStop(grid: GridSettings, instrument: Instrument, findings: GridFindings): void {
  const { stopLoss, takeProfit, maxLoss, recoveryMode } = grid;
  if (stopLoss === undefined) {
    const limit = maxLoss === undefined ? "" : ` a loss of ${moneyText(maxLoss, grid.isLossInUsd ? 2 : 8)},`;
    const recovery = recoveryMode === "none" ? "" : ` recovery_mode ${recoveryMode},`;
    findings.notice(
      `its stops are switched off, nothing closes a losing rung but its take profit,${recovery}${limit} and you`,
    );
    return;
  }
  if (takeProfit >= stopLoss) return;
  const win = gain(grid, instrument.makerFee, instrument.makerFee);
  const after = breakEven(win, stopLoss + instrument.makerFee + instrument.takerFee);
  const isShown = after !== undefined;
  findings.notice(
    `${breakEvenText(takeProfit, stopLoss)}${isShown ? `, ${percentText(after, 1)} after` : ""}`,
  );
}

/** X32: the stop comes first; where it closes a rung before it can be stuck, recovery is only for rungs without a take profit. */
function noticeRecovery(
  { stopLoss, takeProfit, direction, recoveryMode }: GridSettings,
  findings: GridFindings,
): void {
  if (stopLoss === undefined || recoveryMode === "none") return;
  const close = ONE + (direction === "buy" ? takeProfit : -takeProfit);
  const loss = mulDiv(close, STUCK_DISTANCE, ONE, "up") - takeProfit;
  if (stopLoss > loss) return;
  findings.notice(
    `its stop at ${percentText(stopLoss)} closes a rung before it can be stuck (at a loss of ${percentText(loss)} its take profit is 3% away): recovery_mode ${recoveryMode} acts only where a take profit is missing`,
  );
}
