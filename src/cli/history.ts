import { type Millis, millis } from "../core/units.ts";
import type { Desk } from "../desk/desk.ts";
import type { KernelConfig } from "../desk/kernel/config.ts";
import type { Clock, Store } from "../desk/ports.ts";

/** How far back a desk without a beginning in its ledger looks. */
const HISTORY_UNKNOWN_MS = 7 * 86_400_000;
/** The exchange keeps order history for about this long. */
const HISTORY_KEPT_MS = 90 * 86_400_000;
const LOOK_EVERY_MS = 1_000;

/** What the ledger says about the desk's past. */
export interface History {
  readonly from: Millis;
  readonly ledger: KernelConfig["ledger"];
}

/**
 * Since when this desk trades, and whether its ledger can be trusted. `isNewExchange`: the built-in exchange of this
 * process, which knows nothing from before; its market may even lie in another year than the last one.
 */
export async function ledgerHistory(
  store: Store,
  marketNow: Millis,
  isNewExchange: boolean,
): Promise<History> {
  const broken = await store.ledger.verify();
  const whole = broken === undefined ? "whole" : "broken";
  const [genesis] = await store.ledger.read(["genesis"]);
  if (genesis === undefined) await store.ledger.append("genesis", "desk", { at: marketNow });
  if (isNewExchange) return { from: marketNow, ledger: whole };
  if (genesis === undefined) {
    return {
      from: millis(Math.max(0, marketNow - HISTORY_UNKNOWN_MS)),
      ledger: broken === undefined ? "fresh" : "broken",
    };
  }
  const { at = 0 } = JSON.parse(genesis.body) as { readonly at?: number };
  const oldest = Math.max(0, marketNow - HISTORY_KEPT_MS);
  return { from: millis(Math.min(marketNow, Math.max(at, oldest))), ledger: whole };
}

/** Operator facts and open proposals come back as events, before the account is read. */
export async function replayFacts(store: Store, desk: Desk, clock: Clock): Promise<void> {
  const times = { at: millis(0), wallAt: millis(Math.round(clock.now())) };
  for (const entry of await store.ledger.read(["pause", "resume", "panic", "setRiskState"])) {
    const { request, actor } = JSON.parse(entry.body);
    desk.emit({ type: "operator", ...times, actor, request, isReplayed: true });
  }
  for (const proposal of await store.proposals.unfinished())
    desk.emit({ type: "proposalRestored", ...times, proposal });
}

/** A younger epoch of the account means that another process leads; asked every second, checked before every send. */
export function leadership(store: Store, account: string, epoch: number, clock: Clock) {
  let isLeader = true;
  let cancel = (): void => undefined;
  const look = (): void => {
    store.currentEpoch(account).then(
      (found) => {
        if (found > epoch) isLeader = false;
      },
      () => undefined,
    );
    cancel = clock.after(LOOK_EVERY_MS, look);
  };
  look();
  return { isLeader: () => isLeader, stop: () => cancel() };
}
