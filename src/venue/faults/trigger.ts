import type { Random } from "../../core/random.ts";
import type { Fault } from "./fault.ts";
import type { Span } from "./fields.ts";

/** Decides for one fault whether it strikes now: its window, its period, its count and its chance. */
export class Trigger<F extends Fault = Fault> {
  readonly fault: F;
  /** The fault's own chance: other faults of the plan don't disturb it. */
  readonly random: Random;
  /** Wall time from which the fault's times count. */
  readonly beganAt: number;
  #left: number;
  #period = -1;
  readonly #matches = new Map<string, boolean>();

  constructor(fault: F, random: Random, beganAt: number) {
    this.fault = fault;
    this.random = random;
    this.beganAt = beganAt;
    this.#left = fault.count;
  }

  /** Whether it can never strike again. */
  isSpent(wallAt: number): boolean {
    return this.#left <= 0 || wallAt - this.beganAt >= this.fault.when.to;
  }

  /** Whether it may strike at this time, chance aside. */
  isOpen(wallAt: number): boolean {
    const since = wallAt - this.beganAt;
    const { from, to } = this.fault.when;
    return this.#left > 0 && since >= from && since < to && this.#isFresh(since);
  }

  /** Whether it is aimed at this venue and, by one of these names, at this call or stream. */
  isAimedAt(venue: string, ...names: readonly string[]): boolean {
    if (this.fault.venue !== undefined && this.fault.venue !== venue) return false;
    return this.fault.on.length === 0 || names.some((name) => this.#isMatch(name));
  }

  /** Whether it names what it is aimed at itself. */
  names(name: string): boolean {
    return this.fault.on.length > 0 && this.#isMatch(name);
  }

  /** Tries to strike: false when chance spares this one. A strike is used up. */
  strike(wallAt: number): boolean {
    if (this.fault.chance < 1 && this.random.unit() >= this.fault.chance) return false;
    this.#left -= 1;
    this.#period = this.#periodOf(wallAt - this.beganAt);
    return true;
  }

  /** Takes a strike back that came to nothing. */
  spare(): void {
    this.#left += 1;
  }

  /** Draws from a span, as a whole number of `scale` parts: milliseconds of seconds with 1000. */
  draw(span: Span, scale = 1): number {
    return draw(span, scale, this.random);
  }

  #isFresh(since: number): boolean {
    return this.fault.when.every === undefined || this.#periodOf(since) > this.#period;
  }

  #periodOf(since: number): number {
    const { from, every = 1 } = this.fault.when;
    return Math.floor((since - from) / every);
  }

  #isMatch(name: string): boolean {
    const known = this.#matches.get(name);
    if (known !== undefined) return known;
    const isMatch = this.fault.on.some((pattern) => fits(pattern, name));
    this.#matches.set(name, isMatch);
    return isMatch;
  }
}

/** A whole number of 1/`scale` parts from a span; a span of one takes no chance. */
export function draw([low, high]: Span, scale: number, random: Random): number {
  const least = Math.round(low * scale);
  const most = Math.round(high * scale);
  return most > least ? least + Math.floor(random.unit() * (most - least + 1)) : least;
}

/** Whether a text fits a pattern in which * stands for any text. */
function fits(pattern: string, text: string): boolean {
  const [head = "", ...rest] = pattern.split("*");
  if (rest.length === 0) return pattern === text;
  if (!text.startsWith(head)) return false;
  const tail = rest.at(-1) ?? "";
  let at = head.length;
  for (const part of rest.slice(0, -1)) {
    const found = text.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return text.length - tail.length >= at && text.endsWith(tail);
}
