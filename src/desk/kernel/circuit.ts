import type { PlaceRejectedEvent } from "../../core/event.ts";
import type { InstrumentId } from "../../core/instrument.ts";
import type { AlertIntent } from "../../core/intent.ts";
import { isOpening, type OrderFacts, type OrderRecord, type PositionSide } from "../../core/order.ts";
import { type Millis, millis } from "../../core/units.ts";

/** So many refusals of one kind in a row open the circuit; from then on one order probes it at a time. */
const REFUSALS_MAX = 3;
/** Wall time between two probes, and in words. */
const SELDOM = { ms: 60_000, words: "one a minute" };
/** The same where nobody stands at a price that the exchange lets us take: a book fills up again by itself. */
const OFTEN = { ms: 1_000, words: "one a second" };

/** Refusals that the same order would only meet again; the others pass by themselves or are answered otherwise. */
const STRUCTURAL: ReadonlySet<PlaceRejectedEvent["kind"]> = new Set([
  "filter",
  "thinMarket",
  "reduceOnly",
  "tooMany",
  "margin",
  "auth",
  "other",
]);

/** What counts as one kind of order. */
type Kind = Pick<OrderFacts, "instrument" | "positionSide" | "role"> & Partial<Pick<OrderFacts, "side">>;

interface Line {
  readonly reason: string;
  /** Kind and code of the refusal: another one starts the count anew. */
  readonly what: string;
  readonly kind: PlaceRejectedEvent["kind"];
  count: number;
  triedWallAt: Millis;
  /** The first order that was held back since the last try is written down, the others are not. */
  isNoted: boolean;
  /** People were told; they are told of its end too. */
  isTold: boolean;
}

/**
 * Stops a storm of refusals: after three of the same kind, code, book and role only one order a minute is tried (one a second where the book is empty),
 * until one is taken or something changed that may help (engines.md scenario 18).
 */
export class Circuit {
  readonly #lines = new Map<string, Line>();

  /** Why an order of this instrument, book and role may not leave now; undefined: it may, as a probe or freely. */
  refusal(facts: Kind, wallAt: Millis): string | undefined {
    const { instrument, role } = facts;
    const line = this.#lines.get(keyOf(facts));
    if (line === undefined || line.count < REFUSALS_MAX) return undefined;
    const probes = probesOf(line.kind);
    if (wallAt - line.triedWallAt >= probes.ms) return undefined;
    return `the exchange refused ${role} orders of ${instrument} ${line.count} times (${line.reason}); ${probes.words} is tried`;
  }

  /** An order leaves: a probe, where the circuit is open. */
  sent(facts: OrderFacts, wallAt: Millis): void {
    const line = this.#lines.get(keyOf(facts));
    if (line === undefined) return;
    line.triedWallAt = wallAt;
    line.isNoted = false;
  }

  /** An order was held back; true for the first one since the last try. */
  heldBack(facts: OrderFacts): boolean {
    const line = this.#lines.get(keyOf(facts));
    const isNews = line?.isNoted === false;
    if (line !== undefined) line.isNoted = true;
    return isNews;
  }

  /** A refusal; an alert when it opens the circuit. */
  refused({ facts }: OrderRecord, event: PlaceRejectedEvent): AlertIntent | undefined {
    if (!STRUCTURAL.has(event.kind)) return undefined;
    const key = keyOf(facts);
    const what = `${event.kind}:${event.code ?? ""}`;
    const known = this.#lines.get(key);
    const count = known?.what === what ? known.count + 1 : 1;
    const isTold = known?.isTold === true || count >= REFUSALS_MAX;
    const { kind, reason, wallAt: triedWallAt } = event;
    this.#lines.set(key, { what, count, kind, reason, triedWallAt, isTold, isNoted: false });
    if (count !== REFUSALS_MAX) return undefined;
    return {
      type: "alert",
      key: `circuit:${key}`,
      level: facts.role === "entry" ? "high" : "critical",
      title: `${facts.instrument}: ${facts.role} orders are refused again and again`,
      lines: [
        `The exchange said "${event.reason}" ${count} times in a row.`,
        `From now on ${probesOf(kind).words} is tried. Look at /positions; the exchange's own app still works.`,
        // Once nothing is held no stop is left to try with.
        ...(facts.role === "stop" ? ["Entries wait until a stop is taken, or until /resume."] : []),
      ],
      instrument: facts.instrument,
    };
  }

  /** The exchange took an order of this kind: the circuit closes. */
  accepted({ facts }: OrderRecord): AlertIntent | undefined {
    const key = keyOf(facts);
    const line = this.#lines.get(key);
    if (line === undefined) return undefined;
    this.#lines.delete(key);
    if (!line.isTold) return undefined;
    return {
      type: "alert",
      key: `circuit:${key}`,
      level: "resolved",
      title: `${facts.instrument}: ${facts.role} orders are taken again`,
      lines: ["The exchange accepted one."],
      instrument: facts.instrument,
    };
  }

  /** Something changed that may help: a fill moves what can be reduced, new filters, a person's word. */
  retry(instrument: InstrumentId, why: "fill" | "filters" | "person"): void {
    for (const [key, line] of this.#lines) {
      if (!key.startsWith(`${instrument}/`)) continue;
      if (why === "person" || line.kind === (why === "fill" ? "reduceOnly" : "filter")) line.count = 0;
    }
  }

  /** A position became smaller, which frees margin: whatever was refused for want of it is probed at once. */
  marginFreed(): void {
    for (const line of this.#lines.values()) if (line.kind === "margin") line.triedWallAt = millis(0);
  }

  /** Whether entries of an instrument are refused for want of margin, until one is taken. */
  lacksMargin(instrument: InstrumentId): boolean {
    return SIDES.some((positionSide) => {
      const line = this.#lines.get(keyOf({ instrument, positionSide, role: "entry" }));
      return line !== undefined && line.kind === "margin" && line.count >= REFUSALS_MAX;
    });
  }

  /** Why an instrument takes no further risk: its stops are refused. */
  stopsRefused(instrument: InstrumentId): readonly string[] {
    return SIDES.flatMap((positionSide) => {
      const line = this.#lines.get(keyOf({ instrument, positionSide, role: "stop" }));
      if (line === undefined || line.count < REFUSALS_MAX) return [];
      return [`the exchange refuses the stops of ${instrument} (${line.reason})`];
    });
  }

  /** What is stopped now, as sentences; of one instrument: what keeps its entries back. */
  doubts(instrument?: InstrumentId): readonly string[] {
    const holdEntries = new Set(
      SIDES.flatMap((positionSide) =>
        (["entry", "stop"] as const).map((role) =>
          keyOf({ instrument: instrument ?? "", positionSide, role }),
        ),
      ),
    );
    return [...this.#lines]
      .filter(
        ([key, { count }]) => count >= REFUSALS_MAX && (instrument === undefined || holdEntries.has(key)),
      )
      .map(([key, { reason }]) => `${key.replace("/", " ")} orders are refused (${reason})`);
  }

  /** For the state hash. */
  canonical(): unknown {
    return [...this.#lines].map(([key, { what, count, triedWallAt }]) => [key, what, count, triedWallAt]);
  }
}

const probesOf = (kind: PlaceRejectedEvent["kind"]) => (kind === "thinMarket" ? OFTEN : SELDOM);

const SIDES: readonly PositionSide[] = ["both", "long", "short"];

/** In hedge mode each book has lines of its own: what one has nothing left of the other may hold. */
const keyOf = ({ instrument, positionSide, role, side }: Kind) => {
  // What takes a hedge back reduces: it must not wait because hedges can't be opened.
  const isBack = role === "hedge" && side !== undefined && !isOpening({ role, side, positionSide });
  const what = isBack ? "hedge back" : role;
  return positionSide === "both" ? `${instrument}/${what}` : `${instrument}/${positionSide} ${what}`;
};
