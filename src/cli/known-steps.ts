import type { InstrumentId } from "../core/instrument.ts";
import { stepOf } from "../core/text.ts";
import type { InstrumentSteps, Ledger } from "../desk/ports.ts";
import { commonStep, FinerSizeError } from "../gateways/steps.ts";

/** One ledger entry for each instrument whose steps are new: whole positions and histories are counted in them. */
const KIND = "instruments";

/** What such an entry says. */
interface Fact {
  readonly venue: string;
  readonly account: string;
  readonly id: InstrumentId;
  readonly tick: string;
  readonly lot: string;
}

/** The finest steps that a desk has ever counted an account's instruments in, kept in its ledger as facts. */
export class KnownSteps {
  readonly #ledger: Ledger;
  readonly #of: Pick<Fact, "venue" | "account">;

  constructor(ledger: Ledger, venue: string, account: string) {
    this.#ledger = ledger;
    this.#of = { venue, account };
  }

  /** By instrument; an empty ledger knows none. */
  async read(): Promise<ReadonlyMap<InstrumentId, InstrumentSteps>> {
    const found = new Map<InstrumentId, InstrumentSteps>();
    for (const { body } of await this.#ledger.read([KIND])) {
      const { venue, account, id, tick, lot } = JSON.parse(body) as Fact;
      if (venue !== this.#of.venue || account !== this.#of.account) continue;
      const told = { tick: stepOf(tick), lot: stepOf(lot) };
      const before = found.get(id) ?? told;
      found.set(id, { tick: commonStep(before.tick, told.tick), lot: commonStep(before.lot, told.lot) });
    }
    return found;
  }

  /** Remembers what a start counts in, before anything is sent in it; says nothing twice. */
  async note(instruments: readonly (InstrumentSteps & { readonly id: InstrumentId })[]): Promise<void> {
    const known = await this.read();
    for (const { id, tick, lot } of instruments) {
      const before = known.get(id);
      if (before?.tick.text === tick.text && before.lot.text === lot.text) continue;
      await this.#ledger.append(KIND, "desk", { ...this.#of, id, tick: tick.text, lot: lot.text });
    }
  }

  /** Asks for something with sizes in it: when one lies between two lots the next start counts finer, and this one fails. */
  async counting<T>(ask: () => Promise<T>): Promise<T> {
    try {
      return await ask();
    } catch (error) {
      if (error instanceof FinerSizeError) await this.note([{ id: error.symbol, ...error.steps }]);
      throw error;
    }
  }
}
