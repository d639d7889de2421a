import type { Instrument, InstrumentId, MarginBracket } from "../../core/instrument.ts";
import type { AlertIntent, AlertLevel } from "../../core/intent.ts";
import type { InstrumentChangedEvent } from "../../core/market-event.ts";
import type { OrderFacts } from "../../core/order.ts";
import { type Lots, lots, type Ticks, ticks, type Value, value } from "../../core/units.ts";
import type { InstrumentInfo } from "../ports.ts";

/** An instrument as the exchange has it now; prices and sizes stay counted in the ticks and lots of the start. */
interface Listing {
  readonly instrument: Instrument;
  readonly brackets: readonly MarginBracket[];
  readonly priceStep: number | undefined;
  readonly lotStep: number | undefined;
  readonly status: InstrumentChangedEvent["status"];
}

/** What the desk trades, kept up with the exchange: filters, margin tiers, and whether it is traded at all. */
export class Instruments {
  readonly #listings = new Map<InstrumentId, Listing>();

  constructor(infos: readonly InstrumentInfo[]) {
    for (const { instrument, brackets, priceStep = 1, lotStep = 1 } of infos)
      this.#listings.set(instrument.id, { instrument, brackets, priceStep, lotStep, status: "trading" });
  }

  get(id: InstrumentId): Instrument | undefined {
    return this.#listings.get(id)?.instrument;
  }

  brackets(id: InstrumentId): readonly MarginBracket[] {
    return this.#listings.get(id)?.brackets ?? [];
  }

  /** Why the exchange takes no increases of it, as a sentence; undefined while it does. */
  closeOnly(id: InstrumentId): string | undefined {
    const listing = this.#listings.get(id);
    if (listing === undefined) return undefined;
    if (listing.status === "closeOnly") return `${id} takes no new positions: the exchange is delisting it`;
    if (listing.status === "gone") return `${id} is no longer traded on the exchange`;
    if (listing.priceStep === undefined || listing.lotStep === undefined)
      return `${id} has a price or size step that this run can't count in: restart the desk to trade it`;
    return undefined;
  }

  /** All reasons of `closeOnly`. */
  doubts(): readonly string[] {
    return [...this.#listings.keys()].flatMap((id) => this.closeOnly(id) ?? []);
  }

  /** Sizes are multiples of `step`; less than `least` can't be traded. */
  sizes(id: InstrumentId): { readonly step: number; readonly least: Lots } {
    const listing = this.#listings.get(id);
    const step = listing?.lotStep ?? 1;
    return { step, least: lots(Math.max(step, Math.ceil((listing?.instrument.lotsMin ?? 1) / step) * step)) };
  }

  /** Largest notional that the margin tiers allow at a leverage; undefined: no tier is known. */
  notionalMax(id: InstrumentId, leverage: number | undefined): Value | undefined {
    const brackets = this.brackets(id);
    if (brackets.length === 0) return undefined;
    const allowed = brackets.filter(({ leverageMax }) => leverageMax >= (leverage ?? 1));
    return value(Math.max(0, ...allowed.map(({ cap }) => cap)));
  }

  /** An order on the exchange's present steps: buys never dearer, sells never cheaper, sizes never larger. */
  onSteps(facts: OrderFacts): OrderFacts {
    const listing = this.#listings.get(facts.instrument);
    const priceStep = listing?.priceStep ?? 1;
    const lotStep = listing?.lotStep ?? 1;
    if (priceStep === 1 && lotStep === 1) return facts;
    const price = (count: Ticks): Ticks =>
      ticks(
        (facts.side === "buy" ? Math.floor(count / priceStep) : Math.ceil(count / priceStep)) * priceStep,
      );
    return {
      ...facts,
      lots: lots(Math.floor(facts.lots / lotStep) * lotStep),
      ...(facts.price === undefined ? {} : { price: price(facts.price) }),
      ...(facts.trigger === undefined ? {} : { trigger: price(facts.trigger) }),
    };
  }

  /** Takes a change in; tells people what it means for them. */
  change(event: InstrumentChangedEvent): AlertIntent | undefined {
    const before = this.#listings.get(event.instrument);
    if (before === undefined) return undefined;
    const { brackets, priceStep, lotStep, status, notionalMin } = event;
    const instrument = { ...before.instrument, notionalMin };
    const wasClosed = this.closeOnly(event.instrument) !== undefined;
    this.#listings.set(event.instrument, { instrument, brackets, priceStep, lotStep, status });
    const reason = this.closeOnly(event.instrument);
    if (reason !== undefined) {
      return alertOf(event.instrument, "critical", "no new positions", [
        `${reason}.`,
        "Entries on it are taken back and stay stopped; stops and closes go on.",
      ]);
    }
    if (wasClosed) {
      return alertOf(event.instrument, "resolved", "traded again", [
        "The exchange takes new positions again. Its engines wait for /resume.",
      ]);
    }
    return alertOf(event.instrument, "notice", "the exchange changed its rules", [
      `Prices now step by ${priceStep} and sizes by ${lotStep} of the units of the start; ${brackets.length} margin tiers.`,
      "Orders and liquidation prices follow the new rules from now on.",
    ]);
  }
}

const alertOf = (
  instrument: InstrumentId,
  loudness: AlertLevel,
  what: string,
  lines: readonly string[],
): AlertIntent => ({
  type: "alert",
  key: `instrument:${instrument}`,
  level: loudness,
  title: `${instrument}: ${what}`,
  lines,
  instrument,
});
