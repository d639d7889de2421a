import type { Engine } from "../../src/core/engine.ts";
import type { DeskEvent, OperatorRequest, TruthEvent } from "../../src/core/event.ts";
import type { AlertIntent } from "../../src/core/intent.ts";
import type { OrderFacts } from "../../src/core/order.ts";
import type { Actor, CloseAction, Decision, Proposal, ResetRiskAction } from "../../src/core/proposal.ts";
import { lots, millis, ONE, rate, value } from "../../src/core/units.ts";
import type { KernelConfig } from "../../src/desk/kernel/config.ts";
import type { Effect } from "../../src/desk/kernel/effect.ts";
import { Kernel } from "../../src/desk/kernel/kernel.ts";
import { stateHash } from "../../src/desk/recorder.ts";
import { Grid } from "../../src/engines/grid/grid.ts";
import type { GridParameters } from "../../src/engines/grid/parameters.ts";
import { Exchange } from "./exchange.ts";
import { LINEAR, ONE_BRACKET } from "./instruments.ts";

/** A buy grid of five rungs of 10 lots, 0.2 % apart, that takes 0.8 % and stops at 2 %. */
export const GRID: GridParameters = {
  engine: "grid1",
  account: "main",
  instrument: LINEAR.id,
  positionSide: "both",
  direction: "buy",
  quantity: lots(10),
  takeProfit: rate(800_000),
  step: rate(200_000),
  ordersMax: 5,
  waitMs: millis(1_000),
  positionMax: lots(50),
  purse: value(5_000 * ONE),
  leverage: 2,
  stopLoss: rate(2_000_000),
  anchor: undefined,
  priceMin: undefined,
  priceMax: undefined,
  stuckAfterMs: millis(3_600_000),
  recovery: "none",
  stopPrice: undefined,
  pausePrice: undefined,
  lossMax: undefined,
};

const ALICE: Actor = { person: "alice", role: "admin", platform: "telegram" };
export const CAROL: Actor = { person: "carol", role: "admin", platform: "discord" };
export const BOB: Actor = { person: "bob", role: "trader", platform: "discord" };

/** A kernel's configuration for one account with one instrument. */
const configOf = (given: Partial<KernelConfig> = {}): KernelConfig => ({
  version: "0.0.0-test",
  mode: "sim",
  desk: "abc",
  account: "main",
  venue: LINEAR.venue,
  asset: "USDT",
  nonce: "wxyz",
  epoch: 7,
  bootWallAt: millis(1_800_000_000_000),
  entriesHoldMs: millis(4_000),
  staleMs: millis(10_000),
  speed: 1,
  instruments: [{ instrument: LINEAR, brackets: ONE_BRACKET }],
  grids: [GRID],
  leverageMax: 3,
  grossLeverageMax: 3,
  distanceMin: rate(ONE / 5),
  proposals: {
    expiresMs: millis(60_000),
    recoveryExpiresMs: millis(600_000),
    drift: rate(ONE / 200),
    dataAgeMaxMs: millis(5_000),
  },
  people: {
    listed: [
      { name: "alice", role: "admin" },
      { name: "carol", role: "admin" },
      { name: "bob", role: "trader" },
    ],
  },
  ledger: "whole",
  ...given,
});

/** What a rig is built from. `isInstant: false` keeps requests and news until the test lets them pass. */
export interface RigOptions {
  readonly config?: Partial<KernelConfig>;
  readonly engines?: readonly Engine[];
  readonly exchange?: Exchange;
  readonly isInstant?: boolean;
}

/** A kernel with an exchange that answers its effects, and everything that came out of it. */
export class Rig {
  readonly exchange: Exchange;
  readonly config: KernelConfig;
  readonly kernel: Kernel;
  /** Switch it off to hold requests and news back. */
  isInstant: boolean;
  /** What left and was not carried out yet, and news that has not arrived yet. */
  readonly requests: Effect[] = [];
  readonly news: DeskEvent[] = [];
  readonly effects: Effect[] = [];
  readonly turns: { readonly event: DeskEvent; readonly effects: readonly Effect[] }[] = [];
  /** Looks at the state after every turn. */
  watch: ((effects: readonly Effect[]) => void) | undefined;
  #busy = false;

  constructor(options: RigOptions = {}) {
    this.exchange = options.exchange ?? new Exchange();
    this.config = configOf({ bootWallAt: millis(this.exchange.wallAt), ...options.config });
    this.kernel = new Kernel(this.config, options.engines ?? this.config.grids.map((grid) => new Grid(grid)));
    this.isInstant = options.isInstant ?? true;
  }

  get state() {
    return this.kernel.state;
  }

  /** Feeds events; in an instant rig whatever they lead to is carried out before this returns. */
  feed(...events: readonly DeskEvent[]): void {
    this.news.push(...events);
    if (!this.isInstant || this.#busy) return;
    this.#busy = true;
    while (this.news.length + this.requests.length > 0) {
      if (!this.deliver()) this.serve();
    }
    this.#busy = false;
  }

  /** Hands the oldest news (or the one named) to the kernel; false when there is none. */
  deliver(at = 0): boolean {
    const [event] = this.news.splice(at, 1);
    if (event === undefined) return false;
    this.turn(event);
    return true;
  }

  turn(event: DeskEvent) {
    const turn = this.kernel.turn(event);
    this.turns.push({ event, effects: turn.effects });
    for (const effect of turn.effects) {
      this.effects.push(effect);
      if (CARRIED.has(effect.type)) this.requests.push(effect);
    }
    this.watch?.(turn.effects);
    return turn;
  }

  /** Lets the exchange carry out the oldest request (or the one named); false when there is none. */
  serve(at = 0): boolean {
    const [effect] = this.requests.splice(at, 1);
    if (effect === undefined) return false;
    this.news.push(...this.answer(effect));
    return true;
  }

  /** What the exchange says to a request. A question about an order that it does not know proves its absence. */
  answer(effect: Effect): readonly DeskEvent[] {
    const { exchange } = this;
    switch (effect.type) {
      case "send":
        return exchange.place(effect.order);
      case "cancel":
        return exchange.cancel(effect.facts);
      case "query":
        return (
          exchange.query(effect.facts, effect.venueOrderId) ?? [
            {
              ...exchange.times(),
              account: "main",
              type: "orderAbsent",
              clientId: effect.facts.clientId,
              ...(effect.venueOrderId === undefined ? {} : { venueOrderId: effect.venueOrderId }),
            },
          ]
        );
      case "readTruth":
        return [exchange.truth(effect.cause)];
      case "setLeverage":
        exchange.leverage = effect.leverage;
        return [exchange.config()];
      case "setMarginMode":
        exchange.marginMode = effect.mode;
        return [exchange.config()];
      default:
        return [];
    }
  }

  /** Everything that is on its way arrives. */
  settle(): void {
    for (let steps = 0; steps < 5_000 && this.news.length + this.requests.length > 0; steps += 1) {
      if (!this.deliver()) this.serve();
    }
  }

  timer(): void {
    this.feed({ type: "timer", ...this.exchange.times() });
  }

  /** Time goes by on both clocks, with a timer and fresh quotes every half second. */
  pass(ms: number, isQuiet = false): void {
    for (let left = ms; left > 0; left -= 500) {
      this.exchange.at += Math.min(500, left);
      this.exchange.wallAt += Math.min(500, left);
      this.timer();
      if (!isQuiet) this.feed(...this.exchange.quotes());
    }
  }

  /** Moves the market and quotes it. */
  quote(mark: number): void {
    this.exchange.mark = mark;
    this.exchange.bid = mark;
    this.exchange.ask = mark + 1;
    this.feed(...this.exchange.quotes());
  }

  /** First reading, quotes, second reading after the hold: entries are free (but none was placed before). */
  boot(): this {
    this.timer();
    this.feed(...this.exchange.quotes());
    this.pass(6_000);
    return this;
  }

  /** A person asks for something. */
  ask(request: OperatorRequest, actor: Actor = ALICE, isReplayed = false) {
    const turn = this.turn({ type: "operator", ...this.exchange.times(), actor, request, isReplayed });
    if (this.isInstant) this.feed();
    return turn.outcome;
  }

  propose(proposalId: string, given: Partial<CloseAction> = {}, actor: Actor = ALICE) {
    return this.ask({ type: "propose", proposalId, action: { ...CLOSE_ALL, ...given } }, actor);
  }

  /** A tap that won the race in the store. */
  decide(
    id: string,
    requoteId = "k99-e7",
    decision: Decision = "approve",
    actor: Actor = BOB,
    isProven = false,
  ) {
    const turn = this.turn({
      type: "proposalClaimed",
      ...this.exchange.times(),
      id,
      decision,
      actor,
      requoteId,
      ...(isProven ? { isProven } : {}),
    });
    if (this.isInstant) this.feed();
    return turn.outcome;
  }

  /** An admin asks to begin the risk state anew. */
  askReset(proposalId = "k50-e7", actor: Actor = ALICE) {
    const { risk, riskState, config } = this.state;
    const equity = risk.equity ?? value(0);
    const action: ResetRiskAction = {
      type: "resetRisk",
      account: config.account,
      cause: "it is understood",
      riskState,
      equity,
      asset: config.asset,
    };
    return this.ask({ type: "propose", proposalId, action }, actor);
  }

  /** Another admin approves it at once. */
  resetRisk() {
    const asked = this.askReset();
    return asked?.isOk === true ? this.decide("k50-e7", "k99-e7", "approve", CAROL) : asked;
  }

  proposal(id: string): Proposal | undefined {
    return this.state.proposals.get(id);
  }

  get alerts(): readonly AlertIntent[] {
    return this.effects.filter((effect) => effect.type === "alert");
  }

  get sent(): readonly OrderFacts[] {
    return this.effects.flatMap((effect) => (effect.type === "send" ? [effect.order] : []));
  }

  get refused() {
    return this.effects.filter((effect) => effect.type === "refused");
  }

  get shown(): readonly Proposal[] {
    return this.effects.flatMap((effect) => (effect.type === "show" ? [effect.proposal] : []));
  }

  facts(kind: string) {
    return this.effects.flatMap((effect) => (effect.type === "fact" && effect.kind === kind ? [effect] : []));
  }

  /** The engine's virtual position. */
  held(engine = "grid1"): number {
    return this.state.account.share(LINEAR.id, "both", engine).lots;
  }

  book() {
    return this.state.account.book(LINEAR.id, "both");
  }

  hash(): string {
    return stateHash(this.state.canonical());
  }
}

const CARRIED: ReadonlySet<Effect["type"]> = new Set([
  "send",
  "cancel",
  "query",
  "readTruth",
  "setLeverage",
  "setMarginMode",
]);

/** Close all of ours in the one book. */
export const CLOSE_ALL: CloseAction = {
  type: "close",
  account: "main",
  instrument: LINEAR.id,
  positionSide: "both",
  part: rate(ONE),
  includesForeign: false,
  foreignLots: lots(0),
};

/** A reading that began at a named wall time. */
export const readingFrom = (rig: Rig, startedWallAt: number): TruthEvent =>
  rig.exchange.truth("periodic", startedWallAt);
