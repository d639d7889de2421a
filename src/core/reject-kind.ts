/** Our closed list of what a refusal means for us. */
export type RejectKind =
  | "postOnly"
  | "reduceOnly"
  | "wouldTrigger"
  | "margin"
  | "filter"
  | "thinMarket"
  | "tooMany"
  | "rateLimit"
  | "clock"
  | "auth"
  | "unavailable"
  | "other";
