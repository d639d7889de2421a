import type {
  BasketProposal,
  CancelProposal,
  DisarmProposal,
  GrantProposal,
  HedgeProposal,
  LimitProposal,
  MarginProposal,
  PanicProposal,
  Proposal,
  ResetProposal,
} from "../../core/proposal.ts";

/** Panic proposals alone. */
export const isPanic = (proposal: Proposal): proposal is PanicProposal => proposal.action.type === "panic";
/** Basket proposals alone. */
export const isBasket = (proposal: Proposal): proposal is BasketProposal => proposal.action.type === "basket";
/** Grant proposals alone. */
export const isGrant = (proposal: Proposal): proposal is GrantProposal => proposal.action.type === "grant";
/** Limit proposals alone. */
export const isLimit = (proposal: Proposal): proposal is LimitProposal => proposal.action.type === "limit";
/** Cancel proposals alone. */
export const isCancel = (proposal: Proposal): proposal is CancelProposal => proposal.action.type === "cancel";
/** Reset proposals alone. */
export const isReset = (proposal: Proposal): proposal is ResetProposal =>
  proposal.action.type === "resetRisk";
/** Disarm proposals alone. */
export const isDisarm = (proposal: Proposal): proposal is DisarmProposal => proposal.action.type === "disarm";
/** Hedge proposals alone. */
export const isHedge = (proposal: Proposal): proposal is HedgeProposal => proposal.action.type === "hedge";
/** Proposals of added margin alone. */
export const isMargin = (proposal: Proposal): proposal is MarginProposal =>
  proposal.action.type === "addMargin";
