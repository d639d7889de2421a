import type { Kysely } from "kysely";
import type { ProposalState } from "../core/proposal.ts";

/** One row an audit entry; triggers refuse every change. */
export interface LedgerTable {
  sequence: number;
  wall_at: number;
  kind: string;
  actor: string;
  body: string;
  previous_hash: string;
  hash: string;
}

/** One row: the last entry, written in the same transaction. Without it a cut tail would look whole. */
interface LedgerHeadTable {
  id: number;
  sequence: number;
  hash: string;
}

/** `state` and the decision's columns are what counts; `body` is the rest of the proposal as JSON. */
export interface ProposalTable {
  /** Whose it is; ids are only unique within. "": of a version that knew no scopes. */
  scope: string;
  id: string;
  token_hash: string | null;
  state: ProposalState;
  created_wall_at: number;
  expires_wall_at: number;
  decision: string | null;
  decided_by: string | null;
  decided_wall_at: number | null;
  /** Of a rejection; written once, after the decision. */
  reason: string | null;
  body: string;
}

/** Which message on which platform shows what. A topic begins with its scope, where it has one. */
interface MessageTable {
  topic: string;
  platform: string;
  chat: string;
  message: string;
  sent_wall_at: number;
}

/** The highest epoch that ever led a scope, which stands in `account`. */
interface EpochTable {
  account: string;
  epoch: number;
}

/** All tables of the store. */
export interface Tables {
  ledger: LedgerTable;
  ledger_head: LedgerHeadTable;
  proposal: ProposalTable;
  chat_message: MessageTable;
  epoch: EpochTable;
}

/** Which database stands behind: the SQL is the same but for row locks and triggers. */
export type Flavour = "sqlite" | "postgres";

/** An open database. */
export interface Connection {
  readonly db: Kysely<Tables>;
  readonly flavour: Flavour;
}
