import type { Times } from "./market-event.ts";
import type { RiskState } from "./proposal.ts";
import type { Millis, Value } from "./units.ts";

/** The desk's risk state changed. */
export interface RiskStateChangedEvent extends Times {
  readonly type: "riskStateChanged";
  readonly from: RiskState;
  readonly to: RiskState;
  readonly reason: string;
}
/** What the ledger remembers of the desk's risk, told at boot before the account is read. */
export interface RiskRestoredEvent extends Times {
  readonly type: "riskRestored";
  /** The state that held, and the one that a person had asked for. */
  readonly state?: RiskState;
  readonly floor?: RiskState;
  /** The equity's peak, with the wallet at that market time: what executions since then don't explain was moved. */
  readonly peak?: {
    readonly peak: Value;
    readonly wallet: Value;
    readonly at: Millis;
    /** When an admin last reset it. */
    readonly resetAt: Millis;
  };
}
