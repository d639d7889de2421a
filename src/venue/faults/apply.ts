import type { AccountId, MarginBracket } from "../../core/instrument.ts";
import { invariant } from "../../core/invariant.ts";
import type { Random } from "../../core/random.ts";
import { lots, millis, mulDiv, rate, value } from "../../core/units.ts";
import type { FaultBeing, FaultOf } from "./fault.ts";
import { FAULT_KINDS } from "./kinds.ts";
import type { Occurrence } from "./schedule.ts";
import { instrumentFor, positionFor, type Stage } from "./stage.ts";
import { sendAsSecondBot, tradeByHand } from "./strangers.ts";
import { draw } from "./trigger.ts";

/**
 * Does an occurrence to the exchange; false when it can't be done now (no position to deleverage, no stop to cancel, an
 * account or instrument that isn't there). Only for kinds that are `by: "exchange"`.
 */
export function apply(occurrence: Occurrence, stage: Stage): boolean {
  invariant(
    FAULT_KINDS[occurrence.fault.kind].by === "exchange",
    `${occurrence.fault.kind} is not the exchange's`,
  );
  const fault = occurrence.fault as FaultBeing<"exchange">;
  const random = occurrence.random();
  const { hand } = stage.exchange;
  if (fault.venue !== undefined && fault.venue !== stage.venue) return false;
  const account = fault.account ?? stage.accounts[0];
  if (fault.account !== undefined && !stage.accounts.includes(fault.account)) return false;
  switch (fault.kind) {
    case "triggerRefused":
      hand.setRules({
        triggeredStopUnderFullTakeProfit: fault.fields.refused ? "refuse" : "expireTakeProfit",
      });
      return true;
    case "countdownSurvival":
      hand.setRules({ conditionalsSurviveCountdown: fault.fields.survive });
      return true;
    case "stopRefused":
    case "handTrade":
    case "secondBot":
    case "deleveraged":
      return account !== undefined && toAccount(fault, stage, account, random);
    default:
      return toInstrument(fault, stage, account, random);
  }
}

type AccountFault = Extract<
  FaultBeing<"exchange">,
  { kind: "stopRefused" | "handTrade" | "secondBot" | "deleveraged" }
>;

function toAccount(fault: AccountFault, stage: Stage, account: AccountId, random: Random): boolean {
  switch (fault.kind) {
    case "stopRefused":
      stage.exchange.hand.refuseStops(account, fault.fields.moment, Math.round(fault.fields.stops));
      return true;
    case "handTrade":
      return tradeByHand(fault, stage, account, random);
    case "secondBot":
      return sendAsSecondBot(fault, stage, account, random);
    case "deleveraged":
      return deleverage(fault, stage, account, random);
  }
}

type InstrumentFault = Exclude<
  FaultBeing<"exchange">,
  AccountFault | { kind: "triggerRefused" | "countdownSurvival" }
>;

function toInstrument(
  fault: InstrumentFault,
  { exchange, ...stage }: Stage,
  account: AccountId | undefined,
  random: Random,
): boolean {
  const { hand } = exchange;
  const instrument = instrumentFor({ exchange, ...stage }, fault.fields.instrument, account, random)?.id;
  if (instrument === undefined) return false;
  switch (fault.kind) {
    case "tickChange":
      hand.setPriceStep(instrument, draw(fault.fields.steps, 1, random));
      return true;
    case "lotChange":
      hand.setLotStep(instrument, draw(fault.fields.steps, 1, random));
      return true;
    case "bracketChange": {
      const thousandths = draw(fault.fields.times, 1_000, random);
      hand.setBrackets(instrument, steeper(exchange.brackets(instrument), thousandths));
      return true;
    }
    case "delisting": {
      const afterMs = draw(fault.fields.afterSeconds, 1_000, random);
      hand.delist(instrument, millis(exchange.now() + afterMs));
      return true;
    }
    case "priceShock": {
      const percent = draw(fault.fields.percent, 100, random) / 100;
      return stage.shock?.(instrument, percent, draw(fault.fields.fadeSeconds, 1_000, random)) ?? false;
    }
  }
}

function deleverage(
  { fields }: FaultOf<"deleveraged">,
  stage: Stage,
  account: AccountId,
  random: Random,
): boolean {
  const position = positionFor(stage, fields.instrument, account, random);
  if (position === undefined) return false;
  const thousandths = draw(fields.share, 1_000, random);
  const share = Math.max(1, mulDiv(Math.abs(position.lots), thousandths, 1_000, "down"));
  stage.exchange.hand.deleverage(account, position.instrument, position.positionSide, lots(share));
  return true;
}

/** No tier asks for more than half of the notional. */
const MAINTENANCE_MOST = 50_000_000;

/** Tiers with all maintenance rates times `thousandths` / 1000, without steps at their borders. */
export function steeper(brackets: readonly MarginBracket[], thousandths: number): readonly MarginBracket[] {
  const changed: MarginBracket[] = [];
  for (const bracket of brackets) {
    const scaled = mulDiv(bracket.maintenance, thousandths, 1_000, "nearest");
    const maintenance = rate(Math.min(MAINTENANCE_MOST, Math.max(1, scaled)));
    const before = changed.at(-1);
    const deduction = before
      ? before.deduction + mulDiv(bracket.floor, maintenance - before.maintenance, 100_000_000, "nearest")
      : 0;
    // Initial margin is never less than maintenance.
    const bound = Math.floor(100_000_000 / maintenance);
    const leverageMax = Math.max(1, Math.min(bound, Math.floor((bracket.leverageMax * 1_000) / thousandths)));
    changed.push({ ...bracket, maintenance, deduction: value(deduction), leverageMax });
  }
  return changed;
}
