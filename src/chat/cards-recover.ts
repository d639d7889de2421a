import type { Instrument } from "../core/instrument.ts";
import { type PricedProposal, type Proposal, type RecoverAction, refusedWay } from "../core/proposal.ts";
import type { RecoveryChoice } from "../core/recovery.ts";
import { mulDiv, ONE, rate } from "../core/units.ts";
import { dayTime, direction, duration, gain, money, percent, price, quantity, UNKNOWN } from "./format.ts";
import type { Button, Field } from "./reply.ts";
import { WAY_LABELS } from "./ways.ts";

/** What a card about a stuck rung says before the deadline, what it shows, and the buttons that decide it. */
export interface RecoverCard {
  readonly lines: readonly string[];
  readonly fields: readonly Field[];
  readonly buttons: readonly (readonly Button[])[];
}

/** "Stuck: rung 3 of grid-btc, BTCUSDT long". */
export const recoverTitle = (
  { quote }: PricedProposal,
  { engine, rung, instrument }: RecoverAction,
): string => `Stuck: rung ${rung} of ${engine}, ${instrument} ${direction(quote.side === "sell" ? 1 : -1)}`;

/** What was chosen, in the words of the buttons: "Force close chosen". */
export function chosenText(decision: Proposal["decision"], action: RecoverAction): string {
  if (decision === undefined || decision === "approve") return "Way chosen";
  return `${decision === "reject" ? noLabel(action) : WAY_LABELS[decision]} chosen`;
}

/** What happens when nobody decides: the declared default. */
export function defaultText({ fallback }: RecoverAction): string {
  switch (fallback) {
    case "aggressive":
      return "then it is closed at the market";
    case "ladder":
      return "then the ladder is placed";
    default:
      return "then the desk waits and changes nothing";
  }
}

/** The open card: what is stuck since when, how far away and at what loss, and each way with what it costs or does. */
export function recoverCard(
  proposal: PricedProposal,
  action: RecoverAction,
  instrument: Instrument | undefined,
  token: string | undefined,
): RecoverCard {
  const { quote } = proposal;
  const held = `${quantity(quote.lots, instrument)} ${direction(quote.side === "sell" ? 1 : -1)}`;
  const age = duration(quote.quotedAt - action.stuckSince);
  return {
    lines: action.lines,
    fields: [
      {
        label: "Position",
        text: `${held}, entry ${price(quote.entryPrice, instrument)}, ${quote.marginMode}`,
      },
      { label: "Stuck since", text: `${dayTime(action.stuckSince)}, for ${age} of market time` },
      { label: "Distance", text: distanceText(proposal, instrument) },
      { label: "Loss now", text: gain(quote.realized, instrument?.settle ?? "") },
      ...action.ways.map((way) => ({ label: WAY_LABELS[way], text: effectText(way, proposal, instrument) })),
      { label: noLabel(action), text: noText(action) },
    ],
    buttons: token === undefined ? [] : buttonsOf(action, token),
  };
}

/** The button of those who want none of the ways. */
function noLabel(action: RecoverAction): string {
  const way = refusedWay(action);
  if (way === "wait") return WAY_LABELS.wait;
  return way === "ladder" ? "Ladder instead" : "Close instead";
}

function noText(action: RecoverAction): string {
  const way = refusedWay(action);
  if (way === "wait") return "nothing is sent; you are asked again when it is still stuck in 2 h";
  return way === "ladder"
    ? "the ladder is placed: a third each rests 1.5, 3 and 4.5% from the price towards the exit"
    : "it is closed at the market";
}

function buttonsOf(action: RecoverAction, token: string): readonly (readonly Button[])[] {
  const ways = action.ways.map(
    (type): Button => ({
      label: WAY_LABELS[type],
      style: type === "ladder" ? "primary" : "danger",
      action: { type, token },
    }),
  );
  return [ways, [{ label: noLabel(action), style: "plain", action: { type: "reject", token } }]];
}

function distanceText({ quote }: PricedProposal, instrument: Instrument | undefined): string {
  const { entryPrice, mark } = quote;
  const at = `mark ${price(mark, instrument)}`;
  if (entryPrice === undefined) return `${at}, entry ${UNKNOWN}`;
  const away = rate(mulDiv(Math.abs(mark - entryPrice), ONE, entryPrice, "up"));
  return `${at}, ${percent(away)} ${mark < entryPrice ? "below" : "above"} its entry`;
}

function effectText(
  way: RecoveryChoice,
  { quote }: PricedProposal,
  instrument: Instrument | undefined,
): string {
  const asset = instrument?.settle ?? "";
  switch (way) {
    case "aggressive": {
      const fill = `${quote.side}s ${quantity(quote.lots, instrument)} at about ${price(quote.expectedFill, instrument)}`;
      const ratio = `margin ratio ${percent(quote.marginRatioBefore)} -> ${percent(quote.marginRatioAfter)}`;
      return `${fill}: realizes ${gain(quote.realized, asset)}, fee ${money(quote.fee, asset, 4)}; ${ratio}`;
    }
    case "ladder":
      return "a third each rests 1.5, 3 and 4.5% from the price towards the exit; costs nothing until they fill";
    case "hedge":
      return "opens as much on the other side: the loss stands still, both legs take margin, fees and funding";
  }
}
