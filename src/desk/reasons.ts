import type { Actor, Proposal } from "../core/proposal.ts";
import { givenText, reasonRefusal } from "../core/reason.ts";
import type { Desk } from "./desk.ts";
import { storageAlert } from "./desk-alerts.ts";
import { isOpen } from "./kernel/proposals.ts";
import type { Chat, Clock, Outcome, Store } from "./ports.ts";

/** What reasons stand on. */
export interface ReasonsParts {
  readonly desk: Pick<Desk, "kernel">;
  readonly store: Pick<Store, "proposals" | "ledger">;
  readonly chat: () => Chat | undefined;
  readonly clock: Clock;
}

/** Why people rejected cards: no decision stands on it, so no engine hears of it; the store, the ledger and the cards do. */
export class Reasons {
  readonly #parts: ReasonsParts;
  /** Of rejections whose card still changes. */
  readonly #given = new Map<string, string>();

  constructor(parts: ReasonsParts) {
    this.#parts = parts;
  }

  /** A proposal with the reason that was given for its rejection. */
  with(proposal: Proposal): Proposal {
    const reason = this.#given.get(proposal.id);
    if (!isOpen(proposal.state)) this.#given.delete(proposal.id);
    return reason === undefined ? proposal : { ...proposal, reason };
  }

  /** Keeps a reason, or says in a sentence why not; refusals are in the ledger, too. Undefined: only whether it would be kept. */
  async give(id: string, reason: string | undefined, actor: Actor): Promise<Outcome> {
    const { store, desk, chat, clock } = this.#parts;
    const who = `${actor.person}@${actor.platform}`;
    const stored = await store.proposals.byId(id);
    const refusal = reasonRefusal(stored, actor, clock.now());
    if (refusal === undefined && reason === undefined) return { isOk: true, text: "It would be kept." };
    const isKept = refusal === undefined && (await store.proposals.addReason(id, reason ?? ""));
    if (stored === undefined || reason === undefined || !isKept) {
      const text = refusal ?? givenText(id);
      await store.ledger.append("reasonRefused", who, { proposal: stored?.id ?? null, actor, reason: text });
      return { isOk: false, text };
    }
    // What the desk has of it is newer than what was read a moment ago.
    const now = desk.kernel.state.proposals.get(id) ?? stored;
    if (isOpen(now.state)) this.#given.set(id, reason);
    chat()?.card({ ...now, reason }, undefined);
    await store.ledger
      .append("proposalReason", who, { proposal: id, actor, reason })
      .catch((error: unknown) => {
        const text = error instanceof Error ? error.message : String(error);
        chat()?.alert(storageAlert("the reason of a rejection could not be written to the ledger", text));
      });
    return { isOk: true, text: `Your reason is on card ${id}, and in the ledger.` };
  }
}
