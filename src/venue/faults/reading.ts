import type { Fault, When, WrittenFault } from "./fault.ts";
import type { FieldSpec, Span } from "./fields.ts";
import { FAULT_KINDS, type FaultKind, isInstant, KINDS } from "./kinds.ts";

/** A plan as it was read: its faults, and the seed of their chance; or what is wrong, one sentence each. */
export type PlanReading =
  | { readonly ok: true; readonly seed: number; readonly faults: readonly Fault[] }
  | { readonly ok: false; readonly problems: readonly string[] };

type Tree = Readonly<Record<string, unknown>>;

const AIM = ["kind", "at", "from", "to", "every", "on", "account", "venue", "count", "chance"];
const SECOND = 1_000;
/** A hundred days: longer than anything runs, and exact in milliseconds. */
const SECONDS_MOST = 8_640_000;

/** Reads a plan, e.g. from YAML or JSON: `{ seed?: whole number, faults: [{ kind, at | from, to, every, on, ... }] }`. */
export function readPlan(document: unknown): PlanReading {
  if (!isTree(document)) return { ok: false, problems: ['a fault plan holds "faults:" with a list.'] };
  const problems: string[] = [];
  for (const key of Object.keys(document)) {
    if (key !== "seed" && key !== "faults")
      problems.push(`"${key}" is no part of a fault plan: it has seed and faults.`);
  }
  const { seed = 1, faults } = document;
  if (!Number.isSafeInteger(seed)) problems.push(`seed ${show(seed)}: write a whole number.`);
  if (!Array.isArray(faults)) problems.push(`faults ${show(faults)}: write a list, "- kind: latency".`);
  const read = (Array.isArray(faults) ? faults : []).map((each: unknown, index) =>
    readFault(each, `faults[${index}]`),
  );
  problems.push(...read.flatMap((each) => (each.ok ? [] : each.problems)));
  return problems.length > 0
    ? { ok: false, problems }
    : { ok: true, seed: seed as number, faults: read.flatMap((each) => (each.ok ? [each.fault] : [])) };
}

type FaultReading =
  | { readonly ok: true; readonly fault: Fault }
  | { readonly ok: false; readonly problems: readonly string[] };

/** Reads one fault; `place` names it in messages. */
export function readFault(written: WrittenFault | unknown, place: string): FaultReading {
  if (!isTree(written)) return { ok: false, problems: [`${place} ${show(written)}: write "kind: latency".`] };
  const kind = KINDS.find((each) => each === written["kind"]);
  if (kind === undefined) {
    const known = `write one of ${KINDS.join(", ")}`;
    return { ok: false, problems: [`${place}.kind ${show(written["kind"])}: ${known}.`] };
  }
  const reader = new Reader(written, place, kind);
  const fault = reader.fault();
  return reader.problems.length > 0 ? { ok: false, problems: reader.problems } : { ok: true, fault };
}

/** Reads the fields of one fault and gathers what is wrong with them. */
class Reader {
  readonly problems: string[] = [];
  readonly #written: Tree;
  readonly #place: string;
  readonly #kind: FaultKind;

  constructor(written: Tree, place: string, kind: FaultKind) {
    this.#written = written;
    this.#place = place;
    this.#kind = kind;
  }

  fault(): Fault {
    const specs: Readonly<Record<string, FieldSpec>> = FAULT_KINDS[this.#kind].fields;
    const known = [...AIM, ...Object.keys(specs)];
    for (const field of Object.keys(this.#written)) {
      if (!known.includes(field))
        this.#wrong(field, `${this.#kind} has no such field: it has ${known.slice(1).join(", ")}`);
    }
    const fields = Object.fromEntries(
      Object.entries(specs).map(([field, spec]) => [field, this.#field(field, spec)]),
    );
    const when = this.#when();
    const account = this.#text("account");
    const venue = this.#text("venue");
    return {
      kind: this.#kind,
      fields,
      when,
      on: this.#on(),
      count: this.#number("count", 1, 1_000_000, true) ?? (this.#has("at") ? 1 : Number.POSITIVE_INFINITY),
      chance: this.#number("chance", 0.000_001, 1) ?? 1,
      ...(account === undefined ? {} : { account }),
      ...(venue === undefined ? {} : { venue }),
    } as unknown as Fault;
  }

  #when(): When {
    const at = this.#number("at", 0, SECONDS_MOST);
    const from = this.#number("from", 0, SECONDS_MOST);
    const to = this.#number("to", 0, SECONDS_MOST);
    const every = this.#number("every", 0.001, SECONDS_MOST);
    for (const other of ["from", "to", "every"]) {
      if (this.#has("at") && this.#has(other))
        this.#wrong(other, "it can't stand beside at: write at alone, or from, to and every");
    }
    if (to !== undefined && to <= (from ?? 0)) this.#wrong("to", `it must be later than from ${from ?? 0}`);
    const { by } = FAULT_KINDS[this.#kind];
    if (isInstant(this.#kind) && !this.#has("at") && !this.#has("from") && !this.#has("every"))
      this.#wrong("at", `${this.#kind} happens at a moment: write at, from or every in seconds`);
    if (by === "clock") {
      for (const field of ["every", "count", "chance"])
        if (this.#has(field)) this.#wrong(field, "a clock is off all the time: write from and to");
    }
    return {
      from: Math.round((at ?? from ?? 0) * SECOND),
      to: to === undefined ? Number.POSITIVE_INFINITY : Math.round(to * SECOND),
      ...(every === undefined ? {} : { every: Math.max(1, Math.round(every * SECOND)) }),
    };
  }

  #on(): readonly string[] {
    if (!this.#has("on")) return [];
    const { by } = FAULT_KINDS[this.#kind];
    const found = this.#written["on"];
    const patterns: readonly unknown[] = Array.isArray(found) ? found : [found];
    if (by !== "request" && by !== "message") {
      this.#wrong("on", `${this.#kind} is aimed at no call or stream: leave it out`);
    } else if (patterns.length === 0 || !patterns.every((each) => typeof each === "string" && each !== "")) {
      const example = by === "request" ? '"POST /fapi/v1/order" or "GET *"' : '"private" or "*@bookTicker"';
      this.#wrong("on", `write a pattern or a list of them, e.g. ${example}`);
    }
    return patterns as readonly string[];
  }

  #field(field: string, spec: FieldSpec): unknown {
    if (!this.#has(field)) return spec.usual;
    const found = this.#written[field];
    switch (spec.type) {
      case "amount":
        return this.#number(field, spec.least, spec.most);
      case "span":
        return this.#span(field, spec.least, spec.most);
      case "choice":
        if (!spec.words.includes(String(found))) this.#wrong(field, `write one of ${spec.words.join(", ")}`);
        return String(found);
      case "flag":
        if (typeof found !== "boolean") this.#wrong(field, "write true or false");
        return found;
      case "name":
        return this.#text(field);
    }
  }

  #span(field: string, least: number, most: number): Span {
    const found = this.#written[field];
    const [low, high]: readonly unknown[] =
      Array.isArray(found) && found.length === 2 ? found : [found, found];
    const isWithin = (each: unknown): each is number =>
      typeof each === "number" && each >= least && each <= most;
    if (isWithin(low) && isWithin(high) && low <= high) return [low, high];
    this.#wrong(field, `write a number from ${least} to ${most}, or [low, high]`);
    return [least, least];
  }

  #number(field: string, least: number, most: number, isWhole = false): number | undefined {
    if (!this.#has(field)) return undefined;
    const found = this.#written[field];
    const isFine =
      typeof found === "number" && found >= least && found <= most && (!isWhole || Number.isInteger(found));
    if (isFine) return found;
    this.#wrong(field, `write a ${isWhole ? "whole " : ""}number from ${least} to ${most}`);
    return undefined;
  }

  #text(field: string): string | undefined {
    if (!this.#has(field)) return undefined;
    const found = this.#written[field];
    if (typeof found === "string" && found !== "") return found;
    this.#wrong(field, "write a name");
    return undefined;
  }

  #has(field: string): boolean {
    return Object.hasOwn(this.#written, field) && this.#written[field] !== undefined;
  }

  #wrong(field: string, mend: string): void {
    const sentence = `${this.#place}.${field} ${show(this.#written[field])}: ${mend}.`;
    if (!this.problems.some((known) => known.startsWith(`${this.#place}.${field} `)))
      this.problems.push(sentence);
  }
}

const isTree = (value: unknown): value is Tree =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const show = (found: unknown): string => (found === undefined ? "is missing" : JSON.stringify(found));
