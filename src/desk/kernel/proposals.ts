import { ALONE_MS } from "../../core/approval.ts";
import type { FixedId, ProposalClaimedEvent } from "../../core/event.ts";
import type { OrderRecord } from "../../core/order.ts";
import { isLive } from "../../core/order.ts";
import type {
  Actor,
  Proposal,
  ProposalAction,
  ProposalFacts,
  ProposalState,
  Quote,
} from "../../core/proposal.ts";
import { lots, type Millis, millis, mulDiv, ONE, value } from "../../core/units.ts";
import type { ProposalRules } from "./config.ts";

/** A close that was approved has this long (wall) to reach its target before people are told that it did not. */
const EXECUTION_MS = 30_000;
/** A recovery cancels, waits for the exchange's word and goes in slices: it has longer. */
const RECOVERY_MS = 120_000;
const RECOVERS: ReadonlySet<ProposalAction["type"]> = new Set(["recover", "hedge"]);
/** Finished proposals that are remembered, to answer late taps and for the status. */
const FINISHED_KEPT = 200;

/** How far each holder's position must come down, by engine ("foreign" included). */
export type Targets = ReadonlyMap<string, number>;

interface Entry {
  proposal: Proposal;
  targets: Targets;
  startedWallAt: Millis | undefined;
  /** When it was shown, on the clock that never jumps; undefined: from before a restart, or never told. */
  readonly raisedMonotonicMs: number | undefined;
}

/** What the clocks say now. */
export interface Clocks {
  readonly wallAt: Millis;
  readonly monotonicMs: number | undefined;
}

/** Proposals of this process's life: their states and the checks of invariant I7. */
export class Proposals {
  readonly #entries = new Map<string, Entry>();
  readonly #rules: ProposalRules;

  constructor(rules: ProposalRules) {
    this.#rules = rules;
  }

  get(id: string): Proposal | undefined {
    return this.#entries.get(id)?.proposal;
  }

  targets(id: string): Targets {
    return this.#entries.get(id)?.targets ?? new Map();
  }

  all(): readonly Proposal[] {
    return [...this.#entries.values()].map(({ proposal }) => proposal);
  }

  /** A new proposal, waiting for a decision. */
  raise(
    id: string,
    what: What,
    actor: Actor,
    { wallAt, monotonicMs }: Clocks,
    supersedes?: string,
  ): Proposal {
    const proposal: Proposal = {
      id,
      ...what,
      askedBy: actor,
      createdWallAt: wallAt,
      expiresWallAt: millis(wallAt + this.#lifeOf(what.action)),
      state: "pending",
      ...(supersedes === undefined ? {} : { supersedes }),
    };
    this.restore(proposal, monotonicMs);
    return proposal;
  }

  /** For how long it can be decided, wall milliseconds. */
  #lifeOf(action: ProposalAction): number {
    const { expiresMs, recoveryExpiresMs, panicUndoMs = 0 } = this.#rules;
    switch (action.type) {
      case "panic":
        return panicUndoMs;
      // Another person has to be found first, or a minute has to go by.
      case "close":
        return expiresMs + (action.isOverCap === true ? ALONE_MS : 0);
      case "hedge":
        return expiresMs + ALONE_MS;
      case "cancel":
      case "addMargin":
        return expiresMs;
      case "basket":
        return expiresMs + (action.what === "flatten" ? 0 : ALONE_MS);
      default:
        return recoveryExpiresMs;
    }
  }

  /** A proposal from before a restart, as the store kept it. */
  restore(proposal: Proposal, raisedMonotonicMs?: number): void {
    this.#entries.set(proposal.id, {
      proposal,
      targets: new Map(),
      startedWallAt: undefined,
      raisedMonotonicMs,
    });
    if (this.#entries.size <= FINISHED_KEPT) return;
    for (const [id, entry] of this.#entries) {
      if (this.#entries.size <= FINISHED_KEPT) return;
      if (!isOpen(entry.proposal.state)) this.#entries.delete(id);
    }
  }

  /** Moves a proposal on; returns it as it is now. */
  move(id: string, state: ProposalState, more: Partial<ProposalFacts> = {}): Proposal | undefined {
    const entry = this.#entries.get(id);
    if (entry === undefined) return undefined;
    entry.proposal = { ...entry.proposal, ...more, state };
    return entry.proposal;
  }

  /** Approved: what has to be reached from here on. */
  start(id: string, targets: Targets, wallAt: Millis): void {
    const entry = this.#entries.get(id);
    if (entry === undefined) return;
    entry.targets = targets;
    entry.startedWallAt = wallAt;
  }

  /** Whether its time ran out on either clock: a wall that was set back gives nobody more time. */
  isExpired(id: string, { wallAt, monotonicMs }: Clocks): boolean {
    const entry = this.#entries.get(id);
    if (entry === undefined) return true;
    const { raisedMonotonicMs } = entry;
    if (entry.proposal.expiresWallAt <= wallAt) return true;
    if (raisedMonotonicMs === undefined || monotonicMs === undefined) return false;
    return monotonicMs - raisedMonotonicMs >= this.#lifeOf(entry.proposal.action);
  }

  /** Pending ones whose time ran out. */
  expired(clocks: Clocks): readonly Proposal[] {
    return this.all().filter(({ id, state }) => state === "pending" && this.isExpired(id, clocks));
  }

  executing(): readonly Proposal[] {
    // Asked in every turn, and mostly there is none at all.
    if (this.#entries.size === 0) return NONE;
    return this.all().filter(({ state }) => state === "executing");
  }

  /** Whether one was claimed or is being carried out. */
  isAnyUnderWay(): boolean {
    for (const { proposal } of this.#entries.values())
      if (proposal.state === "claimed" || proposal.state === "executing") return true;
    return false;
  }

  /** Wall time at which the first pending one runs out; infinite without any. */
  nextExpiryWallAt(): number {
    let next = Number.POSITIVE_INFINITY;
    for (const { proposal } of this.#entries.values())
      if (proposal.state === "pending") next = Math.min(next, proposal.expiresWallAt);
    return next;
  }

  isOverdue(id: string, wallAt: Millis): boolean {
    const entry = this.#entries.get(id);
    if (entry?.startedWallAt === undefined) return false;
    const most = RECOVERS.has(entry.proposal.action.type) ? RECOVERY_MS : EXECUTION_MS;
    return wallAt - entry.startedWallAt > most;
  }

  /**
   * I7: why what was shown no longer holds, as a sentence; undefined when it still does. `now` is the same quote,
   * computed in this turn.
   */
  drifted(
    claim: ProposalClaimedEvent,
    now: Quote | undefined,
    dataWallAt: Millis | undefined,
  ): string | undefined {
    const { quote, action } = this.get(claim.id) ?? {};
    // One rung's recovery is not another's affair: a grid's position changes all the time.
    return this.driftOf(quote, now, dataWallAt, claim.wallAt, action?.type === "recover");
  }

  /** Why a quote that was shown does not hold any more, as `drifted` says it. `isPart`: of a part of the book alone. */
  driftOf(
    shown: Quote | undefined,
    now: Quote | undefined,
    dataWallAt: Millis | undefined,
    wallAt: Millis,
    isPart: boolean,
  ): string | undefined {
    if (shown === undefined || now === undefined) return "there are no prices just now";
    if (dataWallAt === undefined || wallAt - dataWallAt > this.#rules.dataAgeMaxMs)
      return "the market data is too old";
    if (now.side !== shown.side) return "the position turned around";
    const isOther = !isPart && now.positionLots !== shown.positionLots;
    if (isOther || now.lots !== shown.lots) return "the position's size changed";
    if (now.marginMode !== shown.marginMode) return "the margin mode changed";
    if (now.riskState !== shown.riskState) return "the desk's risk state changed";
    const move = Math.abs(now.expectedFill - shown.expectedFill);
    if (mulDiv(move, ONE, shown.expectedFill, "up") > this.#rules.drift) return "the price moved";
    return undefined;
  }
}

/** What a proposal is about, with its figures where a price decides. */
type What<P = Proposal> = P extends Proposal ? Pick<P, "action" | "quote"> : never;

/** Whether something may still come of it. */
export const isOpen = (state: ProposalState): boolean =>
  state === "pending" || state === "claimed" || state === "executing";

/**
 * The number in a proposal's id, which its orders' client ids carry. "k12-e3" is the 12th of epoch 3 that people asked for,
 * "r12-e3" the 12th that the desk did: they count apart, so those of the desk have the upper half of the numbers.
 */
export function fixedIdOf(proposalId: string): FixedId | undefined {
  const [, by, digits, epoch] = /^([kr])(\d{1,8})-e(\d+)$/.exec(proposalId) ?? [];
  const count = Number(digits);
  if (by === undefined || count >= ASKED_FROM) return undefined;
  return { generation: by === "k" ? count : ASKED_FROM + count, epoch: Number(epoch) };
}

/** Numbers of an id's generation from here on belong to what the desk itself asks. */
const ASKED_FROM = 30_000_000;

/** Writes the id of the n-th proposal of an epoch that people asked for. */
export const proposalId = (count: number, epoch: number): string => `k${count}-e${epoch}`;

/** Writes the id of the n-th proposal of an epoch that the desk itself asks about. */
export const askedId = (count: number, epoch: number): string => `r${count}-e${epoch}`;

/** What a proposal's own orders came to. */
export function executed(orders: readonly OrderRecord[]) {
  let filled = 0;
  let cost = 0;
  let realized = 0;
  let fees = 0;
  for (const order of orders) {
    filled += order.filled;
    cost += order.cost;
    realized += order.realized;
    fees += order.fees;
  }
  return {
    executedLots: lots(filled),
    executedCost: value(cost),
    realized: value(realized),
    fees: value(fees),
    isLive: orders.some((order) => isLive(order.state)),
  };
}

const NONE: readonly Proposal[] = [];
