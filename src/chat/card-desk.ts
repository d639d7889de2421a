import type { Actor, Decision } from "../core/proposal.ts";
import type { Outcome } from "../desk/ports.ts";

/** What people may do about cards besides pressing their buttons. */
export interface CardDesk {
  /** Decides the card of this name, as its button would. The outcome as a sentence. `code`: of the decider's authenticator. */
  decide(id: string, decision: Decision, actor: Actor, code?: string): Promise<Outcome>;
  /** Keeps why somebody rejected the card of this name. */
  explain(id: string, reason: string, actor: Actor): Promise<Outcome>;
}
