import type { Actor, Decision, Proposal, ProposalState } from "../core/proposal.ts";
import { millis } from "../core/units.ts";
import type { ProposalStore } from "../desk/ports.ts";
import { canonicalJson } from "./canonical-json.ts";
import type { Connection, ProposalTable } from "./tables.ts";

/**
 * From where each state may be saved. What has been decided is never overwritten by what was not: a save that
 * comes too late (a re-quote timer racing a tap, an old copy) changes nothing.
 */
const PREDECESSORS: Readonly<Record<ProposalState, readonly ProposalState[]>> = {
  pending: ["pending"],
  claimed: ["pending", "claimed"],
  executing: ["pending", "claimed", "executing"],
  done: ["pending", "claimed", "executing", "done"],
  failed: ["pending", "claimed", "executing", "failed"],
  rejected: ["pending", "claimed", "rejected"],
  expired: ["pending", "claimed", "expired"],
  superseded: ["pending", "claimed", "superseded"],
};

/** One scope's proposals in the database. Of a token only its hash is here, and it stays after the decision, for late taps. */
export class StoredProposals implements ProposalStore {
  readonly #connection: Connection;
  readonly #scope: string;
  readonly #redact: (text: string) => string;

  constructor(connection: Connection, scope: string, redact: (text: string) => string) {
    this.#connection = connection;
    this.#scope = scope;
    this.#redact = redact;
  }

  async save(proposal: Proposal, tokenHash: string | undefined): Promise<void> {
    const row = this.#rowOf(proposal, tokenHash);
    await this.#connection.db
      .insertInto("proposal")
      .values(row)
      .onConflict((conflict) =>
        conflict
          .columns(["scope", "id"])
          .doUpdateSet((is) => ({
            state: is.ref("excluded.state"),
            expires_wall_at: is.ref("excluded.expires_wall_at"),
            body: is.ref("excluded.body"),
            token_hash: is.fn.coalesce("excluded.token_hash", "proposal.token_hash"),
            decision: is.fn.coalesce("proposal.decision", "excluded.decision"),
            decided_by: is.fn.coalesce("proposal.decided_by", "excluded.decided_by"),
            decided_wall_at: is.fn.coalesce("proposal.decided_wall_at", "excluded.decided_wall_at"),
          }))
          .where("proposal.state", "in", PREDECESSORS[proposal.state]),
      )
      .execute();
  }

  async byTokenHash(tokenHash: string): Promise<Proposal | undefined> {
    return this.#one("token_hash", tokenHash);
  }

  async byId(id: string): Promise<Proposal | undefined> {
    return this.#one("id", id);
  }

  async claim(id: string, decision: Decision, actor: Actor, nowWall: number): Promise<boolean> {
    const result = await this.#connection.db
      .updateTable("proposal")
      .set({
        state: "claimed",
        decision,
        decided_by: canonicalJson(actor),
        decided_wall_at: nowWall,
      })
      .where("scope", "=", this.#scope)
      .where("id", "=", id)
      .where("state", "=", "pending")
      .where("expires_wall_at", ">", nowWall)
      .executeTakeFirst();
    return result.numUpdatedRows === 1n;
  }

  async addReason(id: string, reason: string): Promise<boolean> {
    const result = await this.#connection.db
      .updateTable("proposal")
      .set({ reason: this.#redact(reason) })
      .where("scope", "=", this.#scope)
      .where("id", "=", id)
      .where("decision", "=", "reject")
      .where("reason", "is", null)
      .executeTakeFirst();
    return result.numUpdatedRows === 1n;
  }

  async unfinished(): Promise<readonly Proposal[]> {
    const rows = await this.#connection.db
      .selectFrom("proposal")
      .selectAll()
      .where("scope", "=", this.#scope)
      .where("state", "in", ["pending", "claimed", "executing"])
      .orderBy("created_wall_at")
      .orderBy("id")
      .execute();
    return rows.map(proposalOf);
  }

  async #one(column: "id" | "token_hash", key: string): Promise<Proposal | undefined> {
    const row = await this.#connection.db
      .selectFrom("proposal")
      .selectAll()
      .where("scope", "=", this.#scope)
      .where(column, "=", key)
      .executeTakeFirst();
    return row === undefined ? undefined : proposalOf(row);
  }

  #rowOf(proposal: Proposal, tokenHash: string | undefined): ProposalTable {
    const { state: _state, outcome, reason, ...rest } = proposal;
    return {
      scope: this.#scope,
      id: proposal.id,
      token_hash: tokenHash ?? null,
      state: proposal.state,
      created_wall_at: proposal.createdWallAt,
      expires_wall_at: proposal.expiresWallAt,
      decision: proposal.decision ?? null,
      decided_by: proposal.decidedBy === undefined ? null : canonicalJson(proposal.decidedBy),
      decided_wall_at: proposal.decidedWallAt ?? null,
      reason: reason ?? null,
      body: canonicalJson({ ...rest, outcome: outcome === undefined ? undefined : this.#redact(outcome) }),
    };
  }
}

function proposalOf(row: ProposalTable): Proposal {
  // Only `save` writes this column, from a Proposal.
  const body = JSON.parse(row.body) as Proposal;
  return {
    ...body,
    state: row.state,
    ...(row.decision === null ? {} : { decision: row.decision as Decision }),
    ...(row.decided_by === null ? {} : { decidedBy: JSON.parse(row.decided_by) as Actor }),
    ...(row.decided_wall_at === null ? {} : { decidedWallAt: millis(row.decided_wall_at) }),
    ...(row.reason === null ? {} : { reason: row.reason }),
  };
}
