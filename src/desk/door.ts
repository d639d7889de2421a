import { createHash, randomBytes } from "node:crypto";
import { approvalRefusal, NO_CODE, needsCode } from "../core/approval.ts";
import type { Timeframe } from "../core/candle.ts";
import type { MarginWish } from "../core/margin-action.ts";
import type {
  HedgeWish,
  LimitWish,
  LockRequest,
  OperatorRequest,
  PriceWish,
  UnlockRequest,
} from "../core/operator-request.ts";
import {
  type Actor,
  type Decision,
  misfitOf,
  type Proposal,
  type ProposalAction,
  type RiskState,
} from "../core/proposal.ts";
import {
  type GrantRequest,
  type NewAccount,
  type RevokeRequest,
  type RosterView,
  takesCard,
} from "../core/roster.ts";
import { millis, type Rate } from "../core/units.ts";
import { accountRead } from "./account-read.ts";
import { askedCandles } from "./asked-candles.ts";
import { type BasketWish, basketOf } from "./basket-of.ts";
import { claimed } from "./claim.ts";
import type { ClockWatch } from "./clock-watch.ts";
import { closeActionOf } from "./close-action.ts";
import type { Desk } from "./desk.ts";
import { storageAlert } from "./desk-alerts.ts";
import { cancelsOf, whyKept } from "./kernel/cancel-list.ts";
import { proposalId } from "./kernel/proposals.ts";
import { recoveryOf } from "./kernel/recovery-action.ts";
import { limitRequestOf } from "./limit-request.ts";
import type {
  Chat,
  Clock,
  CloseRequest,
  DeskDoor,
  LedgerFilter,
  MachineDoor,
  MarketFeed,
  Outcome,
  Prove,
  Store,
} from "./ports.ts";
import { Reasons } from "./reasons.ts";
import { resetActionOf } from "./reset-action.ts";
import type { DeskSnapshot, HealthView } from "./snapshot.ts";
import { tooLateText } from "./too-late.ts";
import { viewOf } from "./view.ts";

/** What the door is built from. */
export interface DoorParts {
  readonly desk: Desk;
  readonly store: Store;
  /** Asked for what people want to look at; no trading decision stands on it. */
  readonly market: Pick<MarketFeed, "candles">;
  readonly clock: Clock;
  readonly chat: () => Chat | undefined;
  readonly health: () => HealthView;
  readonly machine: MachineDoor;
  /** Asked before a decision: a clock that was set since the last look voids the card. */
  readonly clockWatch: Pick<ClockWatch, "look">;
}

/** Where chat (and later the web) comes in: everything a person asks becomes an event. */
export class Door implements DeskDoor {
  readonly #parts: DoorParts;
  readonly #reasons: Reasons;
  #proposals = 0;

  constructor(parts: DoorParts) {
    this.#parts = parts;
    this.#reasons = new Reasons(parts);
  }

  get machine(): MachineDoor {
    return this.#parts.machine;
  }

  snapshot(): DeskSnapshot {
    const { desk, health } = this.#parts;
    return { ...viewOf(desk.kernel.state), metrics: desk.metrics, health: health() };
  }

  candles(instrument: string, timeframe: Timeframe, count: number) {
    return askedCandles(this.#parts.market, instrument, timeframe, count);
  }

  pause(actor: Actor, engine?: string): Promise<Outcome> {
    return this.#operator(actor, { type: "pause", ...(engine === undefined ? {} : { engine }) });
  }

  resume(actor: Actor, engine?: string): Promise<Outcome> {
    return this.#operator(actor, { type: "resume", ...(engine === undefined ? {} : { engine }) });
  }

  panic(actor: Actor): Promise<Outcome> {
    return this.#operator(actor, { type: "panic", proposalId: this.#nextId() });
  }

  proposeFlatten(actor: Actor, { includesForeign }: { readonly includesForeign: boolean }): Promise<Outcome> {
    return this.#proposeBasket(actor, { what: "flatten", includesForeign, tap: "first" });
  }

  proposeList(
    actor: Actor,
    request: { readonly what: "losers" | "winners"; readonly least: Rate },
  ): Promise<Outcome> {
    return this.#proposeBasket(actor, { ...request, includesForeign: false, tap: "last" });
  }

  async cancel(actor: Actor, clientId: string): Promise<Outcome> {
    const { state } = this.#parts.desk.kernel;
    const own = state.orders.get(clientId);
    if (own !== undefined) return { isOk: false, text: whyKept(own.facts) };
    const stops = cancelsOf(state, (each) => each.clientId === clientId && each.isStop);
    if (stops.orders.length === 0) return this.#operator(actor, { type: "cancelOrder", clientId });
    return this.#propose(actor, { ...stops, left: [] });
  }

  async proposeCancelAll(actor: Actor, instrument: string | undefined): Promise<Outcome> {
    const { state } = this.#parts.desk.kernel;
    const action = cancelsOf(state, (each) => instrument === undefined || each.instrument === instrument);
    return this.#propose(actor, action);
  }

  lock(actor: Actor, request: Omit<LockRequest, "type">): Promise<Outcome> {
    return this.#operator(actor, { type: "lock", ...request });
  }

  unlock(actor: Actor, request: Omit<UnlockRequest, "type">): Promise<Outcome> {
    return this.#operator(actor, { type: "unlock", ...request });
  }

  armCountdown(actor: Actor): Promise<Outcome> {
    return this.#operator(actor, { type: "armCountdown" });
  }

  proposeDisarm(actor: Actor): Promise<Outcome> {
    const { account, countdownSeconds: seconds = 0 } = this.#parts.desk.kernel.state.config;
    return this.#propose(actor, { type: "disarm", account, seconds });
  }

  #proposeBasket(actor: Actor, asked: BasketWish): Promise<Outcome> {
    const proposalId = this.#nextId();
    const action = basketOf(this.#parts.desk.kernel.state.config, asked, () => this.#nextId());
    return this.#operator(actor, { type: "propose", proposalId, action });
  }

  setRiskState(actor: Actor, state: RiskState): Promise<Outcome> {
    return this.#operator(actor, { type: "setRiskState", state });
  }

  async resetRisk(actor: Actor, cause: string): Promise<Outcome> {
    return this.#propose(actor, resetActionOf(this.#parts.desk.kernel.state, cause));
  }

  adopt(actor: Actor, instrument: string): Promise<Outcome> {
    return this.#operator(actor, { type: "adopt", instrument });
  }

  async proposeClose(actor: Actor, request: CloseRequest): Promise<Outcome> {
    return this.#propose(actor, closeActionOf(this.#parts.desk.kernel.state, request));
  }

  async proposeRecovery(
    actor: Actor,
    { engine, rung }: { readonly engine: string; readonly rung: number },
  ): Promise<Outcome> {
    return this.#propose(actor, recoveryOf(this.#parts.desk.kernel.state, { engine, rung }));
  }

  proposeHedge(actor: Actor, request: HedgeWish): Promise<Outcome> {
    return this.#operator(actor, { type: "proposeHedge", proposalId: this.#nextId(), ...request });
  }

  proposeMargin(actor: Actor, request: MarginWish): Promise<Outcome> {
    return this.#operator(actor, { type: "proposeMargin", proposalId: this.#nextId(), ...request });
  }

  setPrice(actor: Actor, request: PriceWish): Promise<Outcome> {
    return this.#operator(actor, { type: "setPrice", ...request });
  }

  setLimit(actor: Actor, wish: LimitWish): Promise<Outcome> {
    const asked = limitRequestOf(this.#parts.desk.kernel.state, wish, this.#now());
    return asked.type === "setLimit" ? this.#operator(actor, asked) : this.#propose(actor, asked);
  }

  async reconcile(actor: Actor): Promise<Outcome> {
    const { desk, clock } = this.#parts;
    const asked = await this.#operator(actor, { type: "reconcile" });
    return asked.isOk ? await accountRead(desk.kernel.state, clock) : asked;
  }

  roster(): RosterView {
    return this.#parts.desk.kernel.state.roster;
  }

  grant(actor: Actor, request: GrantRequest): Promise<Outcome> {
    const { person, role, account } = request;
    const now = this.roster().find(person)?.role;
    if (takesCard(role, now)) {
      const action = { type: "grant", from: now ?? "none", ...request } as const;
      return this.#propose(actor, action);
    }
    const added = account === undefined ? {} : { account: this.#came(account) };
    return this.#operator(actor, { type: "grant", person, role, ...added });
  }

  revoke(actor: Actor, request: RevokeRequest): Promise<Outcome> {
    return this.#operator(actor, { type: "revoke", ...request });
  }

  link(actor: Actor, account: NewAccount): Promise<Outcome> {
    return this.#operator(actor, { type: "link", person: actor.person, account: this.#came(account) });
  }

  #came(account: NewAccount) {
    return { ...account, wallAt: this.#now() };
  }

  async audit(count: number, of?: LedgerFilter) {
    const { ledger } = this.#parts.store;
    return { entries: await ledger.last(count, of), head: await ledger.head() };
  }

  async decide(token: string, decision: Decision, actor: Actor, prove?: Prove): Promise<Outcome> {
    const { store, desk, clockWatch } = this.#parts;
    clockWatch.look();
    const proposal = await store.proposals.byTokenHash(hashToken(token));
    const tap = { proposal: proposal?.id ?? null, decision, actor };
    const who = `${actor.person}@${actor.platform}`;
    const refused = async (reason: string, text: string): Promise<Outcome> => {
      await store.ledger.append("tapRefused", who, { ...tap, reason });
      return { isOk: false, text };
    };
    if (proposal === undefined)
      return await refused("unknown token", "This button belongs to no open proposal. Nothing was done.");
    // Before it is claimed: a decision that this card does not know must not use it up.
    const misfit = misfitOf(proposal.action, decision);
    if (misfit !== undefined) return await refused("misfit", misfit);
    const refusal = this.#approvalRefusal(proposal, decision, actor);
    if (refusal !== undefined) return await refused("not allowed", refusal);
    const isAlone = needsCode(proposal, decision, actor);
    // A code works once: a card that nobody can decide any more must not cost one.
    if (isAlone && (await this.#isPending(proposal.id))) {
      const proof = (await prove?.(proposal.id)) ?? { isOk: false, text: NO_CODE };
      if (!proof.isOk) return await refused("code", proof.text);
    }
    const nowWall = this.#parts.clock.now();
    const claim = { id: proposal.id, decision, actor, nowWall };
    if (!(await claimed({ proposals: store.proposals, clock: this.#parts.clock }, claim)))
      return await refused("not pending", await this.#tooLate(proposal.id));
    // The claim has decided: what the ledger has to say of it does not keep the desk from doing it.
    const noted = store.ledger.append("tap", who, tap).catch((error: unknown) => {
      const text = error instanceof Error ? error.message : String(error);
      this.#parts.chat()?.alert(storageAlert("a decision could not be written to the ledger", text));
    });
    const { state } = desk.kernel;
    // Once more after the store's answers: what it says now comes before the decision.
    clockWatch.look();
    const outcome = await desk.ask({
      type: "proposalClaimed",
      at: state.at,
      wallAt: millis(Math.round(nowWall)),
      id: proposal.id,
      decision,
      actor,
      requoteId: this.#nextId(),
      ...(isAlone ? { isProven: true } : {}),
    });
    await noted;
    return outcome;
  }

  #approvalRefusal(proposal: Proposal, decision: Decision, actor: Actor): string | undefined {
    return approvalRefusal(proposal, decision, actor, this.#parts.clock.now(), this.roster());
  }

  async #isPending(id: string): Promise<boolean> {
    const now = await this.#parts.store.proposals.byId(id);
    return now?.state === "pending" && now.expiresWallAt > this.#parts.clock.now();
  }

  giveReason(id: string, reason: string | undefined, actor: Actor): Promise<Outcome> {
    return this.#reasons.give(id, reason, actor);
  }

  /**
   * Stores a proposal as it is now and shows it; while it is open its buttons carry a fresh single-use token. Rejects when it can't
   * be stored; the kernel hears of that, since nobody can decide then.
   */
  async show(proposal: Proposal): Promise<void> {
    const { store, chat, desk, clock } = this.#parts;
    if (proposal.state === "pending") {
      const token = randomBytes(16).toString("base64url");
      try {
        await store.proposals.save(proposal, hashToken(token));
      } catch (error) {
        const times = { at: desk.kernel.state.at, wallAt: millis(Math.round(clock.now())) };
        desk.emit({ type: "proposalUnshown", ...times, id: proposal.id });
        throw error;
      }
      chat()?.card(proposal, token);
      return;
    }
    await store.proposals.save(proposal, undefined);
    chat()?.card(this.#reasons.with(proposal), undefined);
  }

  async #tooLate(id: string): Promise<string> {
    return tooLateText(await this.#parts.store.proposals.byId(id));
  }

  /** A sentence says why there is nothing to propose. */
  async #propose(actor: Actor, action: ProposalAction | string): Promise<Outcome> {
    if (typeof action === "string") return { isOk: false, text: action };
    return this.#operator(actor, { type: "propose", proposalId: this.#nextId(), action });
  }

  #operator(actor: Actor, request: OperatorRequest): Promise<Outcome> {
    const { desk } = this.#parts;
    const times = { at: desk.kernel.state.at, wallAt: this.#now() };
    return desk.ask({ type: "operator", ...times, actor, request, isReplayed: false });
  }

  #now() {
    return millis(Math.round(this.#parts.clock.now()));
  }

  #nextId(): string {
    this.#proposals += 1;
    return proposalId(this.#proposals, this.#parts.desk.kernel.state.config.epoch);
  }
}

/** The store keeps only this of a token. */
const hashToken = (token: string): string => createHash("sha256").update(token).digest("hex");
