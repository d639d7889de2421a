import type { Actor, Decision, Proposal } from "../core/proposal.ts";
import type { Clock, ProposalStore } from "./ports.ts";

/** A store whose answer was lost is asked so often what became of the claim, with so long in between. */
const TRIES = 2;
const AGAIN_MS = 1_000;

/** A tap that wants to decide a proposal. */
export interface Claim {
  readonly id: string;
  readonly decision: Decision;
  readonly actor: Actor;
  /** When it was made, wall time: with `actor` and `decision` it tells this tap from any other. */
  readonly nowWall: number;
}

/**
 * Claims a proposal for one tap; true for whoever was first, and for nobody else. A connection may break after the claim was
 * written: then the row tells whose it is, since nobody else will ever carry it out. Rejects as the store does when the row is
 * still open or can't be read.
 */
export async function claimed(
  { proposals, clock }: { readonly proposals: ProposalStore; readonly clock: Clock },
  claim: Claim,
): Promise<boolean> {
  const { id, decision, actor, nowWall } = claim;
  try {
    return await proposals.claim(id, decision, actor, nowWall);
  } catch (error) {
    for (let tried = 1; ; tried += 1) {
      const row = await proposals.byId(id).catch(() => undefined);
      if (row !== undefined && row.state !== "pending") return isOf(claim, row);
      if (tried === TRIES) throw error;
      await new Promise<void>((resolve) => {
        clock.after(AGAIN_MS, resolve);
      });
    }
  }
}

/** Whether a row says that this very tap has decided, and that nothing has come of it yet. */
function isOf({ decision, actor, nowWall }: Claim, row: Proposal): boolean {
  const by = row.decidedBy;
  const isSameTap = row.decision === decision && row.decidedWallAt === nowWall;
  const isSamePerson =
    by?.person === actor.person && by.platform === actor.platform && by.role === actor.role;
  return row.state === "claimed" && isSameTap && isSamePerson;
}
