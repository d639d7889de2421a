import type { Instrument } from "../core/instrument.ts";
import { averagePrice } from "../core/instrument.ts";
import { unreachable } from "../core/invariant.ts";
import type { CloseAction, PricedProposal, Proposal, ProposalState } from "../core/proposal.ts";
import { lots, mulDiv, ONE, value } from "../core/units.ts";
import { withReason } from "./card-reason.ts";
import {
  ALONE,
  decidedText,
  expiredLines,
  footerOf,
  isWithdrawn,
  outcomeLines,
  untilText,
  yesOrNo,
} from "./card-words.ts";
import { basketCard, type FindInstrument } from "./cards-basket.ts";
import { cancelCard } from "./cards-cancel.ts";
import { disarmCard } from "./cards-disarm.ts";
import { grantCard } from "./cards-grant.ts";
import { hedgeCard } from "./cards-hedge.ts";
import { limitCard } from "./cards-limit.ts";
import { marginCard } from "./cards-margin.ts";
import { panicCard } from "./cards-panic.ts";
import { defaultText, recoverCard, recoverTitle } from "./cards-recover.ts";
import { resetCard } from "./cards-reset.ts";
import { direction, fullPercent, gain, money, percent, price, quantity, UNKNOWN } from "./format.ts";
import type { Field, Reply } from "./reply.ts";

/** States in which nothing about a proposal will change any more. */
export const isFinal = (state: ProposalState): boolean =>
  state !== "pending" && state !== "claimed" && state !== "executing";

/**
 * A proposal as a card: what it would do and what that means in money while it waits, then who decided, where, when,
 * and what came of it. Buttons that decide are there only with a token, that is, while it can be decided. `find` knows the instruments
 * of a card about several.
 */
export function cardReply(
  proposal: Proposal,
  instrument: Instrument | undefined,
  token: string | undefined,
  nowWall: number,
  find: FindInstrument = () => instrument,
): Reply {
  return withReason(bareCard(proposal, instrument, token, nowWall, find), proposal, nowWall);
}

function bareCard(
  proposal: Proposal,
  instrument: Instrument | undefined,
  token: string | undefined,
  nowWall: number,
  find: FindInstrument,
): Reply {
  if (proposal.quote !== undefined) return pricedCard(proposal, instrument, token, nowWall);
  switch (proposal.action.type) {
    case "resetRisk":
      return resetCard({ ...proposal, action: proposal.action }, token, nowWall);
    case "grant":
      return grantCard({ ...proposal, action: proposal.action }, token, nowWall);
    case "hedge":
      return hedgeCard(
        { ...proposal, action: proposal.action },
        find(proposal.action.instrument),
        token,
        nowWall,
      );
    case "addMargin":
      return marginCard(
        { ...proposal, action: proposal.action },
        find(proposal.action.instrument),
        token,
        nowWall,
      );
    case "limit":
      return limitCard({ ...proposal, action: proposal.action }, token, nowWall);
    case "basket":
      return basketCard({ ...proposal, action: proposal.action }, find, token, nowWall);
    case "cancel":
      return cancelCard({ ...proposal, action: proposal.action }, find, token, nowWall);
    case "disarm":
      return disarmCard({ ...proposal, action: proposal.action }, token, nowWall);
    case "panic":
      return panicCard({ ...proposal, action: proposal.action }, token);
    default:
      return unreachable(proposal.action);
  }
}

function pricedCard(
  proposal: PricedProposal,
  instrument: Instrument | undefined,
  token: string | undefined,
  nowWall: number,
): Reply {
  const what = whatText(proposal, instrument);
  const { state } = proposal;
  switch (state) {
    case "pending":
      return pendingCard(proposal, instrument, token, nowWall, what);
    case "claimed":
    case "executing": {
      const rejecting = proposal.decision === "reject" && proposal.action.type === "close";
      const doing = rejecting
        ? "Being taken back."
        : state === "claimed"
          ? "Being checked again."
          : "Orders are out.";
      return {
        title: `${what}: decided`,
        tone: "plain",
        lines: [decidedText(proposal), doing],
        footer: footerOf(proposal),
      };
    }
    case "done":
      return {
        title: `${what}: done`,
        tone: "good",
        lines: [decidedText(proposal), ...outcomeLines(proposal)],
        fields: nothingFilled(proposal) ? [] : resultFields(proposal, instrument),
        footer: footerOf(proposal),
      };
    case "failed":
      return {
        title: `${what}: failed`,
        tone: "danger",
        lines: [decidedText(proposal), ...outcomeLines(proposal), "Look at /positions before you ask again."],
        fields: (proposal.executedLots ?? 0) === 0 ? [] : resultFields(proposal, instrument),
        footer: footerOf(proposal),
      };
    case "rejected":
      return {
        title: `${what}: rejected`,
        tone: "plain",
        lines: [
          decidedText(proposal),
          // A no to a hedge is a ladder, as the card said.
          ...(proposal.action.type === "recover" ? outcomeLines(proposal) : ["Nothing was sent."]),
        ],
        footer: footerOf(proposal),
      };
    case "expired":
      return {
        title: `${what}: ${isWithdrawn(proposal) ? "withdrawn" : "expired"}`,
        tone: "plain",
        lines:
          proposal.action.type === "recover"
            ? [...outcomeLines(proposal), "/stuck shows what is stuck."]
            : expiredLines(proposal, "Nothing was sent."),
        footer: footerOf(proposal),
      };
    case "superseded":
      return {
        title: `${what}: re-quoted`,
        tone: "warning",
        lines: [
          ...(proposal.decidedBy === undefined ? [] : [decidedText(proposal)]),
          `Not carried out: ${whyText(proposal)}`,
          proposal.supersededBy === undefined
            ? "Ask again if you still want it."
            : `The card ${proposal.supersededBy} shows the new figures.`,
        ],
        footer: footerOf(proposal),
      };
    default:
      return unreachable(state);
  }
}

/** A recovery may end well without an order of its own: a ladder rests. */
const nothingFilled = ({ action, executedLots }: Proposal): boolean =>
  action.type === "recover" && (executedLots ?? 0) === 0;

function pendingCard(
  proposal: PricedProposal,
  instrument: Instrument | undefined,
  token: string | undefined,
  nowWall: number,
  what: string,
): Reply {
  const until = untilText(proposal, nowWall);
  const replaced = proposal.supersedes === undefined ? [] : [`Replaces ${proposal.supersedes}: new figures.`];
  const { action } = proposal;
  if (action.type === "recover") {
    const { lines, fields, buttons } = recoverCard(proposal, action, instrument, token);
    const who = "anyone with the role trader may decide, on a hedge with the role risk";
    const end = `${until} ${who}; ${defaultText(action)}.`;
    return {
      title: `${what}?`,
      tone: "warning",
      lines: [...replaced, ...lines, end],
      fields,
      ...(buttons.length === 0 ? {} : { buttons }),
      footer: footerOf(proposal),
    };
  }
  return {
    title: `${what}?`,
    tone: "warning",
    lines: [
      ...replaced,
      ...(proposal.outcome === undefined ? [] : [proposal.outcome]),
      foreignText(action, instrument),
      `${until} ${action.isOverCap === true ? TWO_PEOPLE : "anyone with the role trader may decide; the first decision counts."}`,
    ].filter((line) => line !== ""),
    fields: quoteFields(proposal, action, instrument),
    ...(token === undefined ? {} : { buttons: yesOrNo(token) }),
    footer: footerOf(proposal),
  };
}

const TWO_PEOPLE = `another person with the role risk must approve it: it is worth or loses more than one person decides. Where there is none, whoever asked may, ${ALONE}`;

/** "Close all of BTCUSDT long", "Close 50% of ...". */
function whatText(proposal: PricedProposal, instrument: Instrument | undefined): string {
  const { action, quote } = proposal;
  if (action.type === "recover") return recoverTitle(proposal, action);
  const held = quote.positionLots === 0 ? "" : ` ${direction(quote.positionLots)}`;
  const size = action.lots === undefined ? fullPercent(action.part) : quantity(action.lots, instrument);
  const part = action.part >= ONE && action.lots === undefined ? "" : ` ${size} of`;
  return `Close${part} ${instrument?.id ?? action.instrument}${held}`;
}

function quoteFields(
  { quote }: PricedProposal,
  action: CloseAction,
  instrument: Instrument | undefined,
): Field[] {
  const asset = instrument?.settle ?? "";
  const slippage = percent(quote.slippage, 3);
  const isWorse = quote.slippage > 0 && slippage !== "0.000%";
  const worse = isWorse ? `${slippage} worse than the mark` : "no worse than the mark";
  const entry =
    quote.entryPrice === undefined ? `entry ${UNKNOWN}` : `entry ${price(quote.entryPrice, instrument)}`;
  const held = `${quantity(quote.positionLots, instrument)} ${direction(quote.positionLots)}, ${entry}`;
  return [
    { label: "Position", text: `${held}, ${quote.marginMode}` },
    {
      label: "Closes",
      text: `${quote.side} ${quantity(quote.lots, instrument)}${action.lots === undefined ? partOf(action, quote) : ""}`,
    },
    {
      label: "Expected fill",
      text: `${price(quote.expectedFill, instrument)} (mark ${price(quote.mark, instrument)})`,
    },
    { label: "Slippage", text: worse },
    { label: "Fee", text: money(quote.fee, asset, 4) },
    { label: "Realized profit", text: gain(quote.realized, asset) },
    {
      label: "Margin ratio",
      text: change(percent(quote.marginRatioBefore), percent(quote.marginRatioAfter)),
    },
    {
      label: "Liquidation",
      text: change(price(quote.liquidationBefore, instrument), afterLiquidation(quote, instrument)),
    },
  ];
}

/** " (50%)"; whole lots alone are closed, so a part may come to more. */
function partOf({ part, includesForeign, foreignLots }: CloseAction, quote: PricedProposal["quote"]): string {
  const closable = Math.abs(quote.positionLots - (includesForeign ? 0 : foreignLots));
  const isMore = mulDiv(closable, part, ONE, "down") < quote.lots;
  return ` (${fullPercent(part)}${isMore ? ", rounded up" : ""})`;
}

const change = (before: string, after: string): string => `${before} -> ${after}`;

function afterLiquidation(quote: PricedProposal["quote"], instrument: Instrument | undefined): string {
  if (quote.liquidationAfter !== undefined) return price(quote.liquidationAfter, instrument);
  return Math.abs(quote.lots) === Math.abs(quote.positionLots) ? "none, flat" : UNKNOWN;
}

function foreignText(action: CloseAction, instrument: Instrument | undefined): string {
  if (action.foreignLots === 0) return "";
  const size = `${quantity(action.foreignLots, instrument)} ${direction(action.foreignLots)}`;
  return action.includesForeign
    ? `FOREIGN: ${size} of it was not opened by this desk and is closed too.`
    : `${size} of the position was not opened by this desk and stays.`;
}

/** Why a card was not carried out; the desk's own words may say so already. */
const whyText = ({ outcome }: Proposal): string =>
  (outcome ?? "what was shown here no longer holds.").replace(/^Not executed: /, "");

function resultFields(proposal: PricedProposal, instrument: Instrument | undefined): Field[] {
  const { executedLots, executedCost, quote } = proposal;
  const asset = instrument?.settle ?? "";
  const average =
    instrument === undefined || executedLots === undefined || executedCost === undefined
      ? undefined
      : averagePrice(instrument, value(Math.abs(executedCost)), lots(Math.abs(executedLots)));
  const shown = `${price(average, instrument)} (shown ${price(quote.expectedFill, instrument)})`;
  return [
    { label: "Closed", text: executedLots === undefined ? UNKNOWN : quantity(executedLots, instrument) },
    { label: "Average fill", text: shown },
    { label: "Fee", text: money(proposal.fees, asset, 4) },
    { label: "Realized profit", text: gain(proposal.realized, asset) },
  ];
}
