import type { Instrument } from "../core/instrument.ts";
import { type MarginFigures, NOT_KNOWN } from "../core/margin-action.ts";
import type { MarginProposal } from "../core/proposal.ts";
import { type Rate, rate, type Value, value } from "../core/units.ts";
import { liquidationDistance } from "../risk/liquidation.ts";
import {
  decidedText,
  endings,
  expiredLines,
  footerOf,
  outcomeLines,
  untilText,
  yesOrNo,
} from "./card-words.ts";
import { direction, money, percent, price, quantity, UNKNOWN } from "./format.ts";
import type { Field, Reply } from "./reply.ts";

const endingOf = endings([": asking the exchange", "plain"]);

/** Added margin as a card: which position, where its liquidation goes, what it takes of purses, and what came of it. */
export function marginCard(
  proposal: MarginProposal,
  instrument: Instrument | undefined,
  token: string | undefined,
  nowWall: number,
): Reply {
  const { state, action } = proposal;
  const { figures } = action;
  const isNotKnown = state === "failed" && proposal.outcome?.startsWith(NOT_KNOWN) === true;
  const [word, tone] = isNotKnown ? ([": not known", "danger"] as const) : endingOf(proposal);
  const isOpen = state === "pending";
  const lines = isOpen
    ? [
        ...(proposal.supersedes === undefined ? [] : [`Replaces ${proposal.supersedes}: new figures.`]),
        "The money stands behind this position alone until it is closed, and is lost first if it is liquidated.",
        `${untilText(proposal, nowWall)} anyone with the role risk may decide; the first decision counts.`,
      ]
    : state === "expired"
      ? expiredLines(proposal, "Nothing was added.")
      : [
          decidedText(proposal),
          ...(state === "claimed" ? ["Being checked again."] : []),
          ...(state === "rejected" ? ["Nothing was added."] : []),
          ...outcomeLines(proposal),
        ];
  return {
    title: `Add ${money(action.amount, figures.asset)} to ${action.instrument}${word}`,
    tone,
    lines,
    ...(isOpen ? { fields: fieldsOf(proposal, instrument) } : {}),
    ...(token === undefined ? {} : { buttons: yesOrNo(token) }),
    footer: footerOf(proposal),
  };
}

function fieldsOf({ action }: MarginProposal, instrument: Instrument | undefined): Field[] {
  const { amount, figures } = action;
  const { lots, mark, asset, behind, free, liquidationBefore, liquidationAfter, purses } = figures;
  const at = (liquidation: MarginFigures["liquidationBefore"]): string =>
    liquidation === undefined || liquidation === "none"
      ? (liquidation ?? UNKNOWN)
      : `${price(liquidation, instrument)} (${percent(distance(figures, liquidation), 1)} away)`;
  return [
    {
      label: "Position",
      text: `${direction(lots)} ${quantity(lots, instrument)}, mark ${price(mark, instrument)}`,
    },
    { label: "Margin", text: `${money(behind, asset)} -> ${money(value(behind + amount), asset)}` },
    { label: "Liquidation", text: `${at(liquidationBefore)} -> ${at(liquidationAfter)}` },
    { label: "Free on the account", text: freeText(free, amount, asset) },
    ...purses.map(({ engine, part, used, cap }) => ({
      label: `Purse of ${engine}`,
      text: `${money(used, asset)} -> ${money(value(used + part), asset)} of ${money(cap, asset)}`,
    })),
  ];
}

const freeText = (free: MarginFigures["free"], amount: Value, asset: string): string =>
  free === undefined ? UNKNOWN : `${money(free, asset)} -> ${money(value(free - amount), asset)}`;

const distance = ({ mark }: MarginFigures, liquidation: MarginFigures["mark"]): Rate =>
  rate(liquidationDistance(mark, liquidation));
