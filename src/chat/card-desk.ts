import type { Actor, Decision } from "../core/proposal.ts";
import type { Outcome } from "../desk/ports.ts";

/** What people may do about cards besides pressing their buttons. */
export interface CardDesk {
  /** Decides the card of this name, as its button would. The outcome as a sentence. */
  decide(id: string, decision: Decision, actor: Actor): Promise<Outcome>;
}
