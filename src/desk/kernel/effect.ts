import type { TruthEvent } from "../../core/event.ts";
import type { Approved } from "../../core/guard.ts";
import type {
  AddMarginIntent,
  AlertIntent,
  LogTradeIntent,
  SetLeverageIntent,
  SetMarginModeIntent,
} from "../../core/intent.ts";
import type { OrderFacts } from "../../core/order.ts";
import type { Proposal } from "../../core/proposal.ts";
import type { TradeFields } from "../../core/trade-log.ts";
import type { Millis } from "../../core/units.ts";

/** The account's line of the trade log, once a minute of market time. */
export interface LogEquity {
  readonly type: "logEquity";
  readonly fields: TradeFields;
}

/** What the shell must do after a turn. Nothing else leaves the kernel; each is recorded with its event. */
export type Effect =
  | { readonly type: "send"; readonly order: Approved<OrderFacts>; readonly reason: string }
  | {
      readonly type: "cancel";
      readonly facts: OrderFacts;
      readonly venueOrderId: string | undefined;
      readonly reason: string;
    }
  | {
      readonly type: "query";
      readonly facts: OrderFacts;
      readonly sentWallAt: Millis | undefined;
      /** The exchange's own id, for orders that are not ours: they need not have a client id. */
      readonly venueOrderId?: string;
    }
  | { readonly type: "readTruth"; readonly cause: TruthEvent["cause"] }
  | { readonly type: "refreshInstruments" }
  | { readonly type: "refused"; readonly clientId: string; readonly reason: string; readonly detail: string }
  | { readonly type: "show"; readonly proposal: Proposal }
  | {
      readonly type: "fact";
      readonly kind: string;
      readonly actor: string;
      readonly body: Readonly<Record<string, unknown>>;
    }
  | { readonly type: "engineFailed"; readonly engine: string; readonly error: string }
  | SetLeverageIntent
  | SetMarginModeIntent
  /** `id`: the proposal that asked for it; it is answered under that name and never repeated. */
  | (AddMarginIntent & { readonly id: string })
  | AlertIntent
  | LogTradeIntent
  | LogEquity;
