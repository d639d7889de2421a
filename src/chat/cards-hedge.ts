import type { HedgeFigures } from "../core/hedge-action.ts";
import type { Instrument } from "../core/instrument.ts";
import type { HedgeProposal } from "../core/proposal.ts";
import { mulDiv, ONE, rate } from "../core/units.ts";
import {
  decidedText,
  endings,
  expiredLines,
  footerOf,
  outcomeLines,
  untilText,
  yesOrNo,
} from "./card-words.ts";
import { counted, direction, gain, money, percent, price, quantity, UNKNOWN } from "./format.ts";
import type { Field, Reply } from "./reply.ts";

const endingOf = endings([": opening", "warning"]);

/** Rungs that are named one by one. */
const SHOWN_MOST = 8;
const more = (count: number, what: string): string[] =>
  count > SHOWN_MOST ? [`And ${counted(count - SHOWN_MOST, `more ${what}`)}.`] : [];

/** Hedges of losing rungs as a card: which rungs, what the hedges take and change, who must approve, and what came of it. */
export function hedgeCard(
  proposal: HedgeProposal,
  instrument: Instrument | undefined,
  token: string | undefined,
  nowWall: number,
): Reply {
  const { state, action } = proposal;
  const [word, tone] = endingOf(proposal);
  const isOpen = state === "pending";
  return {
    title: `Hedge ${counted(action.rungs.length, "rung")} of ${action.engine}${word}`,
    tone,
    lines: isOpen ? openLines(proposal, instrument, nowWall) : endLines(proposal),
    ...(isOpen ? { fields: fieldsOf(action.figures, instrument) } : {}),
    ...(token === undefined ? {} : { buttons: yesOrNo(token) }),
    footer: footerOf(proposal),
  };
}

function openLines(proposal: HedgeProposal, instrument: Instrument | undefined, nowWall: number): string[] {
  const { action, askedBy, supersedes } = proposal;
  const { part, figures, left } = action;
  const size = percent(part, 0);
  const share = percent(
    figures.of === 0 ? undefined : rate(mulDiv(figures.lots, ONE, figures.of, "nearest")),
    0,
  );
  return [
    ...(supersedes === undefined ? [] : [`Replaces ${supersedes}: new figures.`]),
    ...action.rungs
      .slice(0, SHOWN_MOST)
      .map(
        ({ rung, lots, entry, loss, isStuck }) =>
          `Rung ${rung}: ${quantity(lots, instrument)} from ${price(entry, instrument)}, ${percent(loss)} lost${isStuck ? ", stuck" : ""}.`,
      ),
    ...more(action.rungs.length, "rung"),
    `Whole rungs alone are hedged: ${share} of what loses, ${size} was asked for.`,
    ...left.slice(0, SHOWN_MOST),
    ...more(left.length, "rung"),
    "Take profits and stops of these rungs give way to stops of the pairs; both legs close when the mark price is back at the rung's entry.",
    "A hedge that can't be opened whole within half a percent is taken back, and a ladder is laid instead. After two hours you are asked about each pair again.",
    `${untilText(proposal, nowWall)} somebody with the role risk other than ${askedBy.person} may approve it; whoever asked may, where there is nobody else.`,
  ];
}

function endLines(proposal: HedgeProposal): string[] {
  const { state, progress = [] } = proposal;
  switch (state) {
    case "executing":
      return [decidedText(proposal), ...progress];
    case "rejected":
      return [decidedText(proposal), "Nothing was sent."];
    case "expired":
      return expiredLines(proposal, "Nothing was sent.");
    case "claimed":
      return [decidedText(proposal), "Being checked again."];
    default:
      return [decidedText(proposal), ...outcomeLines(proposal)];
  }
}

function fieldsOf(figures: HedgeFigures, instrument: Instrument | undefined): Field[] {
  const { lots, price: at, netBefore, netAfter, margin, free, funding } = figures;
  const asset = instrument?.settle ?? "";
  const side = netAfter < netBefore ? "sells" : "buys";
  const net = (size: number): string =>
    size === 0 ? "none" : `${quantity(size, instrument)} ${direction(size as HedgeFigures["lots"])}`;
  return [
    {
      label: "Hedge",
      text: `${side} ${quantity(lots, instrument)} at ${price(at, instrument)} or better (mark ${price(figures.mark, instrument)})`,
    },
    { label: "Net position", text: `${net(netBefore)} -> ${net(netAfter)}` },
    {
      label: "Extra margin",
      text: `${money(margin, asset)} of ${money(free, asset)} that is free in the purse`,
    },
    {
      label: "Funding",
      text:
        funding === undefined
          ? UNKNOWN
          : `${gain(funding, asset, 4)} at each payment (every 8 h on most symbols), at the present rate`,
    },
    { label: "Liquidation of the rungs", text: `${distance(figures.ownDistance)} away, and not moved by it` },
    {
      label: "Liquidation of the hedges",
      text: `${distance(figures.otherBefore)} -> ${distance(figures.otherAfter)} away`,
    },
  ];
}

const distance = (at: HedgeFigures["ownDistance"]): string =>
  at === "none" ? "none" : at === undefined ? UNKNOWN : percent(at, 1);
