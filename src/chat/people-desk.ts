import type { Actor } from "../core/proposal.ts";
import type { Outcome } from "../desk/ports.ts";

/** What people may do about themselves. */
export interface PeopleDesk {
  /** Whether this person has an authenticator on this machine. */
  hasAuthenticator(person: string): boolean;
  /**
   * A code with which another account of this person says whose it is, for a right code of their authenticator. The text is the
   * link code, or why there is none.
   */
  linkCode(actor: Actor, code: string): Promise<Outcome>;
}
