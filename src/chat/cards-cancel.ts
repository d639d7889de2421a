import type { CancelOrder, CancelProposal } from "../core/proposal.ts";
import {
  decidedText,
  endings,
  expiredLines,
  footerOf,
  outcomeLines,
  untilText,
  yesOrNo,
} from "./card-words.ts";
import type { FindInstrument } from "./cards-basket.ts";
import { counted, price, quantity } from "./format.ts";
import type { Reply } from "./reply.ts";

const endingOf = endings([": under way", "plain"]);

/** Taking orders back as a card: which, what protects something, what stays and why, and what came of it. */
export function cancelCard(
  proposal: CancelProposal,
  find: FindInstrument,
  token: string | undefined,
  nowWall: number,
): Reply {
  const { state, action } = proposal;
  const [word, tone] = endingOf(proposal);
  const hasStop = action.orders.some(({ isStop }) => isStop);
  const lines =
    state === "pending"
      ? [
          ...action.orders.map((order) => lineOf(order, find)),
          ...(hasStop ? ["A STOP is among them: without it a position may have no protection."] : []),
          ...action.left,
          `${untilText(proposal, nowWall)} anyone with the role ${hasStop ? "risk" : "trader"} may decide; the first decision counts.`,
        ]
      : state === "expired"
        ? expiredLines(proposal, "Nothing was taken back.")
        : [...(proposal.decidedBy === undefined ? [] : [decidedText(proposal)]), ...outcomeLines(proposal)];
  return {
    title: `Take back ${counted(action.orders.length, "order")}${word}`,
    tone,
    lines,
    ...(token === undefined ? {} : { buttons: yesOrNo(token) }),
    footer: footerOf(proposal),
  };
}

function lineOf(
  { instrument: id, side, price: at, lots, isStop }: CancelOrder,
  find: FindInstrument,
): string {
  const instrument = find(id);
  return `${id}: ${isStop ? "STOP, " : ""}${side} ${quantity(lots, instrument)} at ${price(at, instrument)}, not of an engine`;
}
