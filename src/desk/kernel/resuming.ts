import type { EngineId } from "../../core/order.ts";
import type { Actor } from "../../core/proposal.ts";
import type { Outcome } from "../ports.ts";
import type { DecisionHands } from "./decisions.ts";
import { forgiveness } from "./forgiveness.ts";
import type { ProposalNews } from "./proposal-news.ts";
import { riskBlocks } from "./risk-alerts.ts";
import type { KernelState } from "./state.ts";

/** Why a person's resume is not done. */
export const NEEDS_ADMIN = "The ledger is missing or broken: only an admin can resume.";

const ok = (text: string): Outcome => ({ isOk: true, text });
const no = (text: string): Outcome => ({ isOk: false, text });

/** A person lets engines enter again: one, or all, and with all what was seen on the account is accepted. */
export class Resuming {
  readonly #state: KernelState;
  readonly #hands: Pick<DecisionHands, "riskAccepted">;
  readonly #news: ProposalNews;
  /** Ends what closes everything. */
  readonly #everything: (actor: Actor) => void;
  #isForeignRecalled = false;

  constructor(
    state: KernelState,
    hands: Pick<DecisionHands, "riskAccepted">,
    news: ProposalNews,
    everything: (actor: Actor) => void,
  ) {
    this.#state = state;
    this.#hands = hands;
    this.#news = news;
    this.#everything = everything;
  }

  /** The ledger says that somebody else traded, which nobody has accepted so far. */
  foreignRecalled(): void {
    this.#isForeignRecalled = true;
    this.#state.foreignActivity = true;
  }

  /** Whether a lost or broken ledger leaves it to an admin. */
  needsAdmin(actor: Actor): boolean {
    return this.#state.ledgerDoubt && actor.role !== "admin";
  }

  /** One that is replayed at boot frees engines; it says nothing of what this start found out. */
  resume(actor: Actor, engine: EngineId | undefined, isReplayed: boolean): Outcome {
    const state = this.#state;
    if (this.needsAdmin(actor)) return no(NEEDS_ADMIN);
    const freed = state.facts.resume(engine);
    if (!isReplayed) for (const each of freed) this.#forgive(each, actor);
    if (engine !== undefined) state.paused.delete(engine);
    else {
      state.paused.clear();
      this.#everything(actor);
      // What an earlier life saw was accepted then; what this start found out was not.
      if (!isReplayed || this.#isForeignRecalled) state.foreignActivity = false;
      this.#isForeignRecalled = false;
    }
    if (isReplayed) return ok("");
    if (engine !== undefined) return this.#resumedOne(engine);
    if (state.ledgerDoubt) {
      state.ledgerDoubt = false;
      this.#hands.riskAccepted(actor);
    }
    state.accountConfig.retry();
    for (const { instrument } of state.config.instruments) state.circuit.retry(instrument.id, "person");
    const blocks = [...riskBlocks(state.riskState), ...state.blocks()];
    return ok(
      blocks.length === 0 ? "Entries run again." : `Resumed, but entries still wait: ${blocks.join("; ")}.`,
    );
  }

  /** One engine is free again; what holds the whole desk back is not lifted with it. */
  #resumedOne(engine: EngineId): Outcome {
    const state = this.#state;
    const by = state.paused.get("*");
    if (by !== undefined)
      return ok(`${engine} is free, but the whole desk is paused by ${by}: /resume ends that.`);
    const blocks = state.blocks();
    return ok(
      blocks.length === 0
        ? `${engine} enters again.`
        : `${engine} is free, but entries still wait: ${blocks.join("; ")}.`,
    );
  }

  #forgive(engine: EngineId, actor: Actor): void {
    const found = forgiveness(this.#state, engine);
    if (found === undefined) return;
    this.#state.facts.forgive(engine, found.before, found.loss);
    this.#news.fact("forgive", actor, { request: { type: "forgive", engine, ...found } });
  }
}
