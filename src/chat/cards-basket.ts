import type { Instrument } from "../core/instrument.ts";
import type { BasketAction, BasketPart, BasketProposal, Quote } from "../core/proposal.ts";
import { rate, type Value, value } from "../core/units.ts";
import { decidedText, endings, expiredLines, footerOf, outcomeLines, untilText } from "./card-words.ts";
import { counted, direction, gain, money, percent, price, quantity } from "./format.ts";
import type { Field, Reply } from "./reply.ts";

/** The instrument of this name, where the desk trades it. */
export type FindInstrument = (id: string) => Instrument | undefined;

const endingOf = endings([": closing", "warning"]);

/** Closing several positions as a card: each with its figures, what all of it comes to, how far it is, and what came of it. */
export function basketCard(
  proposal: BasketProposal,
  find: FindInstrument,
  token: string | undefined,
  nowWall: number,
): Reply {
  const { state, action } = proposal;
  const [word, tone] = endingOf(proposal);
  const isOpen = state === "pending";
  return {
    title: `${titleOf(action)}${word}`,
    tone,
    lines: isOpen ? openLines(proposal, nowWall) : endLines(proposal),
    ...(isOpen ? { fields: fieldsOf(proposal, find) } : {}),
    ...(token === undefined ? {} : { buttons: buttonsOf(proposal, token) }),
    footer: footerOf(proposal),
  };
}

function titleOf({ what, parts }: BasketAction): string {
  const size = parts.length === 0 ? "all" : counted(parts.length, "position");
  return what === "flatten" ? `Flatten: close ${size}` : `Close ${what}: ${size}`;
}

function openLines(proposal: BasketProposal, nowWall: number): string[] {
  const { action, supersedes } = proposal;
  const isFirst = action.tap === "first";
  if (action.what !== "flatten")
    return [...listLines(proposal), `${untilText(proposal, nowWall)} ${ANOTHER}`];
  return [
    ...(supersedes === undefined ? [] : [`Follows ${supersedes}: figures of now.`]),
    isFirst
      ? "First of two taps: it pauses entries and takes them back, and closes nothing yet."
      : "Second tap: every order of the engines is taken back, and all of this is closed at the market.",
    ...(action.unquoted.length === 0
      ? []
      : [`Without a price just now, closed all the same: ${action.unquoted.join(", ")}.`]),
    ...(action.parts.some(({ close }) => close.foreignLots !== 0)
      ? [foreignLine(action.includesForeign)]
      : []),
    `${untilText(proposal, nowWall)} anyone with the role risk may decide; the first decision counts.`,
  ];
}

const ANOTHER = "another person with the role risk approves it; where there is none, whoever asked may.";

function listLines({ action, supersedes }: BasketProposal): string[] {
  const { what, least = rate(0), parts } = action;
  const enough = least === 0 ? "" : ` ${percent(least)} or more`;
  return [
    ...(supersedes === undefined ? [] : [`Replaces ${supersedes}: new figures, no position more.`]),
    `All that ${what === "losers" ? "lost" : "gained"}${enough} when it was asked; each is closed at the market, and its engines pause.`,
    ...(parts.some(({ close }) => close.foreignLots !== 0) ? ["What this desk did not open stays."] : []),
  ];
}

const foreignLine = (isIncluded: boolean): string =>
  isIncluded
    ? "FOREIGN: what this desk did not open is closed too."
    : "What this desk did not open stays; flatten foreign closes it too.";

function endLines(proposal: BasketProposal): string[] {
  const { state, progress = [] } = proposal;
  if (state === "expired") return expiredLines(proposal, "Nothing was closed.");
  const decided = proposal.decidedBy === undefined ? [] : [decidedText(proposal)];
  return [...decided, ...(state === "executing" ? progress : []), ...outcomeLines(proposal)];
}

function fieldsOf({ action }: BasketProposal, find: FindInstrument): Field[] {
  const { parts } = action;
  const asset = find(parts[0]?.close.instrument ?? "")?.settle ?? "";
  const sum = (of: (quote: Quote) => number): Value =>
    value(parts.reduce((total, { quote }) => total + of(quote), 0));
  const all = [
    {
      label: "Realized profit",
      text: gain(
        sum(({ realized }) => realized),
        asset,
      ),
    },
    {
      label: "Fees",
      text: money(
        sum(({ fee }) => fee),
        asset,
        4,
      ),
    },
  ];
  return [...parts.map((part) => fieldOf(part, find)), ...(parts.length === 0 ? [] : all)];
}

function fieldOf({ close, quote }: BasketPart, find: FindInstrument): Field {
  const instrument = find(close.instrument);
  const foreign = close.includesForeign && close.foreignLots !== 0 ? ", foreign included" : "";
  return {
    label: `${close.instrument} ${direction(quote.positionLots)}`,
    text: `${quote.side} ${quantity(quote.lots, instrument)} at about ${price(quote.expectedFill, instrument)}, profit ${gain(quote.realized, instrument?.settle ?? "")}${foreign}`,
  };
}

const buttonsOf = ({ action }: BasketProposal, token: string): NonNullable<Reply["buttons"]> => [
  [
    {
      label:
        action.what !== "flatten"
          ? "Approve"
          : action.tap === "first"
            ? "1 of 2: pause"
            : "2 of 2: close all",
      style: "danger",
      action: { type: "approve", token },
    },
    { label: "Reject", style: "plain", action: { type: "reject", token } },
  ],
];
