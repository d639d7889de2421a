import type { Book } from "../../core/book.ts";
import type { BalanceEvent, DeskEvent, OperatorEvent } from "../../core/event.ts";
import type { Actor, RiskState } from "../../core/proposal.ts";
import type { RiskRestoredEvent, RiskStateChangedEvent } from "../../core/risk-event.ts";
import { digitsOf, moneyText } from "../../core/text.ts";
import { type Millis, rate, type Value, value } from "../../core/units.ts";
import { conditionOf, type Drawdowns, type RiskReading, rankOf } from "../../risk/ladder.ts";
import type { Outcome } from "../ports.ts";
import { isLadderOff } from "./config.ts";
import type { DecisionHands } from "./decisions.ts";
import { Deleverage } from "./deleverage.ts";
import { flatten, newFlattening } from "./panic.ts";
import {
  drawdownText,
  levelText,
  meaningOf,
  riskAlert,
  shutdownAlert,
  stateName,
  untoldTransferAlert,
} from "./risk-alerts.ts";
import type { KernelState } from "./state.ts";

/** After the first reading a start may take this long (wall) to say what the account is worth; then that is unknown. */
const GRACE_MS = 60_000;
/** What the wallet moved by without executions is written down when it is more than this part of the peak. */
const DRIFT_PART = 400;
/** News that may change what the account is worth, or how near a liquidation is. */
const WATCHED: ReadonlySet<DeskEvent["type"]> = new Set([
  "mark",
  "fill",
  "exposure",
  "truth",
  "balance",
  "fundingPaid",
  "timer",
]);

/** What the watch may do in a turn, besides what decisions may. */
export interface RiskHands extends Pick<DecisionHands, "effect" | "toEngine"> {
  toAll(event: RiskStateChangedEvent): void;
  /** A person closes in this book just now. */
  isClosing(book: Book): boolean;
}

/**
 * Moves the desk's risk state with the account's drawdown and its nearness to liquidation, in the turn of every event that may
 * change them, and acts on it: quarters in Emergency, everything in Shutdown (DESIGN.md section 7). It waits for nobody.
 */
export class RiskWatch {
  readonly #state: KernelState;
  readonly #hands: RiskHands;
  readonly #deleverage: Deleverage;

  constructor(state: KernelState, hands: RiskHands) {
    this.#state = state;
    this.#hands = hands;
    this.#deleverage = new Deleverage(state, hands, (book) => hands.isClosing(book));
  }

  /** What the ledger remembers, before the account is read. */
  restore({ state, floor, peak }: RiskRestoredEvent): void {
    const { risk } = this.#state;
    if (state !== undefined) risk.ladder.restore(state, floor ?? "monitoring");
    if (peak !== undefined) {
      risk.peak.restore(peak.peak);
      risk.worth.restore(peak.wallet, peak.at);
      risk.resetAt = peak.resetAt;
    }
    this.#state.riskState = risk.ladder.state;
  }

  /** A wallet was told that differs from the one before. */
  moved({ cause }: BalanceEvent, amount: Value): void {
    const { worth } = this.#state.risk;
    // Until the start is over nothing is compared with a peak; what came or went meanwhile is found when it is.
    if (worth.wallet === undefined) return;
    if (cause === "transfer") this.#transferred(amount, () => worth.transfer(amount));
    else if (cause !== "snapshot") worth.told(amount, this.#state.wallAt);
  }

  /** After an event: measures, judges, writes down. */
  look(event: DeskEvent): void {
    const state = this.#state;
    if (!state.isBooted || !WATCHED.has(event.type)) return;
    const { risk } = state;
    risk.bootedWallAt ??= state.wallAt;
    if (event.type === "truth") this.#read(event.truth.historyFrom, event.truth.startedWallAt);
    risk.equity = risk.worth.measure(state.account, (id) => state.board.of(id).mark);
    // What a start finds in the history is told once, long before it may be judged.
    if (state.worstLevel().level === "CRITICAL") risk.isCriticalSeen = true;
    this.judge();
  }

  /** Judges what was last measured, as soon as anything may be judged. */
  judge(): void {
    const { risk, ledgerDoubt, config, at } = this.#state;
    if (!this.#state.isBooted || !this.#isJudging) return;
    // A lost ledger has the peak with it: what is there now may be far below it.
    const isPeakUnknown = risk.peak.value === undefined && ledgerDoubt;
    if (risk.equity !== undefined && !isPeakUnknown) risk.peak.see(risk.equity);
    risk.ladder.read(
      risk.isCriticalSeen && !isLadderOff(config) ? { ...this.#reading, level: "CRITICAL" } : this.#reading,
      at,
    );
    risk.isCriticalSeen = false;
    this.#become("desk");
    this.#write();
  }

  /** After every turn: what the state asks for. */
  act(): void {
    const { risk, riskState } = this.#state;
    if (!this.#isJudging) return;
    if (riskState === "emergency") this.#deleverage.progress();
    else if (risk.courses.size > 0) this.#deleverage.end();
    if (riskState === "shutdown") this.#flatten();
    else risk.flattening = undefined;
  }

  /** What other drawdown limits would make of the risk state at once, as a sentence; undefined: nothing stricter. */
  outlook(drawdowns: Drawdowns): string | undefined {
    const { riskState } = this.#state;
    if (!this.#isJudging) return undefined;
    const to = conditionOf(this.#reading, drawdowns);
    return rankOf(to) > rankOf(riskState)
      ? `${drawdownText(this.#state)} With that the risk state goes from ${stateName(riskState)} to ${stateName(to)} at once. ${meaningOf(this.#state, to).join(" ")}`
      : undefined;
  }

  /** Why a person's wish is not granted; undefined: it is. What the ledger replays was granted before. */
  refusal({ request, actor, isReplayed }: OperatorEvent): string | undefined {
    const { ladder, equity } = this.#state.risk;
    if (isReplayed) return undefined;
    if (request.type === "setRiskState") {
      switch (ladder.refusal(request.state)) {
        case "shutdown":
          return "Only an admin leaves Shutdown: /risk_reset.";
        case "unread":
          return "Not before the account has been read and its equity is known.";
        case "conditions":
          return `The conditions call for ${stateName(ladder.condition(this.#reading))}: ${[drawdownText(this.#state), ...levelText(this.#state)].join(" ")}`;
        default:
          return undefined;
      }
    }
    if (request.type !== "resetRisk") return undefined;
    if (actor.role !== "admin") return "Only an admin may reset the risk state and the equity's peak.";
    if (equity === undefined)
      return "Not yet: the equity is unknown, so there is nothing to begin anew from.";
    if (this.#state.worstLevel().level === "CRITICAL")
      return `Not while a position is at its margin limit or was liquidated and is still open. ${levelText(this.#state).join(" ")}`;
    return undefined;
  }

  /** Carries a granted wish out. */
  granted({ request, actor, isReplayed }: OperatorEvent): Outcome {
    const { risk, config } = this.#state;
    if (request.type === "setRiskState") risk.ladder.order(request.state);
    else if (isReplayed) risk.ladder.restore("monitoring", "monitoring");
    else {
      if (risk.equity !== undefined) risk.peak.reset(risk.equity);
      risk.resetAt = this.#state.at;
      risk.ladder.reset(this.#reading);
    }
    if (isReplayed) {
      this.#state.riskState = risk.ladder.state;
      return { isOk: true, text: "" };
    }
    this.#become(actor.person);
    const now = `The risk state is now ${stateName(this.#state.riskState)}`;
    if (request.type === "setRiskState")
      return {
        isOk: true,
        text:
          risk.ladder.floor === "monitoring" ? `${now}.` : `${now}; nothing milder until a person says so.`,
      };
    this.#write();
    const peak = moneyText(risk.peak.value ?? value(0), digitsOf(config.asset));
    return { isOk: true, text: `${now}; the equity's peak is ${peak} ${config.asset} from here on.` };
  }

  /** An admin goes on without the ledger's memory: what there is now is the peak, and its being unknown no emergency any more. */
  accepted({ person }: Actor): void {
    const { peak, equity, ladder } = this.#state.risk;
    if (peak.value !== undefined || equity === undefined) return;
    peak.see(equity);
    ladder.restore(ladder.condition(this.#reading), ladder.floor);
    this.#become(person);
    this.#write();
  }

  get #reading(): RiskReading {
    if (isLadderOff(this.#state.config)) return { drawdown: rate(0), level: "LOW" };
    return { drawdown: this.#state.risk.drawdown, level: this.#state.worstLevel().level };
  }

  /**
   * A start reads twice and waits for its first prices: so long nothing is judged, and the state stays what the ledger says.
   * When it takes too long that is a condition of its own: the equity is unknown.
   */
  get #isJudging(): boolean {
    const { risk, wallAt } = this.#state;
    if (risk.hasBegun) return true;
    if (risk.bootedWallAt === undefined) return false;
    return risk.equity !== undefined || wallAt - risk.bootedWallAt > GRACE_MS;
  }

  /** A reading of the account: the wallet begins to count, or is compared with what the fills say. */
  #read(historyFrom: Millis, startedWallAt: Millis): void {
    const state = this.#state;
    const { worth } = state.risk;
    state.risk.historyFrom ??= historyFrom;
    const hasBegun = worth.wallet !== undefined;
    if (!hasBegun && !state.interruptions.isSteady) return;
    // An old balance would be taken for money that came or went: another reading decides.
    if (!state.account.isWalletSure) {
      state.doubt();
      return;
    }
    const amount = hasBegun
      ? worth.read(state.account, startedWallAt)
      : worth.begin(state.account, state.risk.historyFrom, state.wallAt);
    if (amount === 0) return;
    // It is in the wallet already.
    worth.transfer(value(-amount));
    this.#transferred(amount, () => worth.transfer(amount));
    if (amount < 0) state.foreignActivity = true;
    this.#hands.effect(untoldTransferAlert(state, amount));
  }

  /** The peak moves with money that comes and goes; `count` takes it into the wallet. */
  #transferred(amount: Value, count: () => void): void {
    const { risk, account, board } = this.#state;
    const equity = risk.worth.measure(account, (id) => board.of(id).mark);
    // Without prices for what is held the wallet alone says how much of it went.
    risk.peak.moved(equity ?? risk.worth.wallet ?? value(0), amount);
    count();
  }

  /** Takes the state over that the ladder is in, and says so to engines, people and the ledger. */
  #become(by: string): void {
    const state = this.#state;
    const { risk } = state;
    const [from, to] = [state.riskState, risk.ladder.state];
    const isStart = !risk.hasBegun && by === "desk";
    if (isStart) risk.hasBegun = true;
    if (by === "desk" && (from !== to || (isStart && to !== "monitoring")))
      this.#hands.effect(riskAlert(state, from, to));
    if (from !== to) this.#change(from, to, by === "desk" ? this.#why() : `${by} asked for it`);
    if (from !== to || by !== "desk") this.#remember(from, to, by);
  }

  #change(from: RiskState, to: RiskState, reason: string): void {
    const { at, wallAt } = this.#state;
    this.#state.riskState = to;
    this.#hands.toAll({ type: "riskStateChanged", at, wallAt, from, to, reason });
  }

  #why(): string {
    return [drawdownText(this.#state), ...levelText(this.#state)].join(" ");
  }

  #remember(from: RiskState, to: RiskState, by: string): void {
    const { floor } = this.#state.risk.ladder;
    this.#hands.effect({
      type: "fact",
      kind: "riskState",
      actor: by,
      body: { from, to, floor, reason: this.#why() },
    });
  }

  /** The peak goes to the ledger, now and then and in time: a restart knows only what was written. */
  #write(): void {
    const { risk, at } = this.#state;
    const { peak, worth, drawdown } = risk;
    const { wallet } = worth;
    if (peak.value === undefined || wallet === undefined || drawdown === undefined) return;
    const isDrifting = peak.written !== undefined && Math.abs(worth.drift) * DRIFT_PART > peak.value;
    if (!isDrifting && !worth.isWrittenEarly && !peak.isDue(drawdown)) return;
    peak.noteWritten();
    worth.noteWritten(at);
    this.#hands.effect({
      type: "fact",
      kind: "riskPeak",
      actor: "desk",
      body: { peak: peak.value, wallet, at, resetAt: risk.resetAt },
    });
  }

  /** Shutdown: all that the engines hold is closed, and what an entry adds that was on its way. */
  #flatten(): void {
    const { risk } = this.#state;
    let running = risk.flattening ?? newFlattening(this.#state);
    const found = flatten(this.#state, this.#hands, running, "risk");
    if (running.isDone && found !== "done") running = newFlattening(this.#state);
    risk.flattening = running;
    if (found === undefined || running.isDone) return;
    if (found === "late") running.isTold = true;
    else running.isDone = true;
    this.#hands.effect(shutdownAlert(this.#state, running));
  }
}
