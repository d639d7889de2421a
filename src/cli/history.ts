import type { OperatorRequest } from "../core/event.ts";
import type { Actor, RiskState } from "../core/proposal.ts";
import type { RiskRestoredEvent } from "../core/risk-event.ts";
import { type Millis, millis, value } from "../core/units.ts";
import type { Desk } from "../desk/desk.ts";
import type { KernelConfig } from "../desk/kernel/config.ts";
import type { Clock, Store } from "../desk/ports.ts";
import { scopeOf } from "../desk/scope.ts";

/**
 * Exchanges keep history for three months, which may be 89 days, and refuse a question that begins before (Binance -4166): a
 * start that takes a while must not slip over that edge.
 */
const HISTORY_KEPT_MS = 88 * 86_400_000;
const LOOK_EVERY_MS = 1_000;

/** What the ledger says about the desk's past. */
export interface History {
  readonly from: Millis;
  readonly ledger: KernelConfig["ledger"];
}

/**
 * Since when this desk trades, and whether its ledger can be trusted. A ledger in which nothing of this scope began is `fresh`:
 * new, or lost. It stays so through every start until one found nothing of ours (genesis) or an admin has resumed; until then all
 * is read that the exchange still has, since older rungs would lose their executions and with them their stops. `isNewExchange`:
 * the built-in exchange of this process, which knows nothing from before; its market may even lie in another year.
 */
export async function ledgerHistory(
  store: Store,
  scope: string,
  marketNow: Millis,
  isNewExchange: boolean,
): Promise<History> {
  const isBroken = (await store.ledger.verify()) !== undefined;
  if (isNewExchange) return { from: marketNow, ledger: isBroken ? "broken" : "whole" };
  const oldest = Math.max(0, marketNow - HISTORY_KEPT_MS);
  if (isBroken) return { from: millis(oldest), ledger: "broken" };
  const facts = (await store.ledger.read(["genesis", "resume"]))
    .map(({ kind, body }) => ({ kind, ...(JSON.parse(body) as Beginnings) }))
    .filter((fact) => fact.scope === scope);
  const { at = 0 } = facts.find(({ kind }) => kind === "genesis") ?? {};
  const isAccepted = facts.some(({ kind, actor }) => kind === "genesis" || actor?.role === "admin");
  const from = millis(Math.min(marketNow, Math.max(at, oldest)));
  return { from, ledger: isAccepted ? "whole" : "fresh" };
}

/** What is read of an entry that tells of a beginning. */
interface Beginnings {
  readonly scope?: string;
  readonly at?: number;
  readonly actor?: Partial<Actor>;
}

/**
 * Operator facts and open proposals of this desk's scope come back as events, before the account is read. Facts of earlier
 * versions name no scope and count for each: a pause too many is lifted with one word. What the ledger knows of the account's
 * risk is of an account that is gone when the exchange is a new one (`isNewExchange`): it is left out then.
 */
export async function replayFacts(
  store: Store,
  desk: Desk,
  clock: Clock,
  isNewExchange = false,
): Promise<void> {
  const times = { at: millis(0), wallAt: millis(Math.round(clock.now())) };
  const own = scopeOf(desk.kernel.state.config);
  const kinds = [...ASKED, ...(isNewExchange ? [] : [...SEEN, ...RISK])];
  const facts = (await store.ledger.read(kinds))
    .map(({ kind, body }) => ({ kind, body: JSON.parse(body) as Fact }))
    .filter(({ body }) => (body.scope ?? own) === own);
  // Each of these says all: the last one counts, at its place among what people asked for.
  const last = RISK.map((kind) => facts.findLast((fact) => fact.kind === kind));
  for (const fact of facts) {
    const { kind, body } = fact;
    if (body.request !== undefined && body.actor !== undefined) {
      const { actor, request } = body;
      desk.emit({ type: "operator", ...times, actor, request, isReplayed: true });
    } else if (last.includes(fact)) desk.emit({ type: "riskRestored", ...times, ...riskOf(kind, body) });
  }
  for (const proposal of await store.proposals.unfinished())
    desk.emit({ type: "proposalRestored", ...times, proposal });
}

/** What people ask for, and engines that halt themselves. */
const ASKED: readonly string[] = [
  "pause",
  "resume",
  "panic",
  "panicUndone",
  "lock",
  "unlock",
  "armCountdown",
  "disarmCountdown",
  "countdownTookStop",
  "setRiskState",
  "resetRisk",
  "setPrice",
  "setLimit",
  "halt",
  "forgive",
  "grant",
  "revoke",
  "link",
];
/** What the desk saw on the account and people have to accept, and what was done to its positions. */
const SEEN: readonly string[] = ["foreignSeen", "marginCounted"];
/** What the desk itself writes of its risk. */
const RISK: readonly string[] = ["riskState", "riskPeak"];

/** What is read of a fact. */
interface Fact {
  readonly scope?: string;
  readonly actor?: Actor;
  readonly request?: OperatorRequest;
  readonly to?: RiskState;
  readonly floor?: RiskState;
  readonly peak?: number;
  readonly wallet?: number;
  readonly at?: number;
  readonly resetAt?: number;
}

function riskOf(kind: string, fact: Fact): Partial<RiskRestoredEvent> {
  const { to, floor, peak, wallet, at, resetAt = 0 } = fact;
  if (kind === "riskState") return { state: to ?? "emergency", floor: floor ?? "monitoring" };
  if (peak === undefined || wallet === undefined || at === undefined) return {};
  return {
    peak: { peak: value(peak), wallet: value(wallet), at: millis(at), resetAt: millis(resetAt) },
  };
}

/** A younger epoch of the scope means that another process leads; asked every second, checked before every send. */
export function leadership(store: Store, scope: string, epoch: number, clock: Clock) {
  let isLeader = true;
  let cancel = (): void => undefined;
  const look = (): void => {
    store.currentEpoch(scope).then(
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
