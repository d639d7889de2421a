import type { DeskEvent } from "../../src/core/event.ts";
import type { Effect } from "../../src/desk/kernel/effect.ts";
import type { Bot } from "./bot.ts";
import { WALL_START } from "./scenario.ts";

const KEPT = 60;
const QUIET: ReadonlySet<DeskEvent["type"]> = new Set(["top", "mark", "depth", "timer", "exposure"]);

/** The last lines of a run, and all of them for whoever listens. Lines are only made when somebody may read them. */
export class Trace {
  readonly #now: () => number;
  readonly #listener: ((line: string) => void) | undefined;
  #lines: string[] = [];

  constructor(now: () => number, listener: ((line: string) => void) | undefined) {
    this.#now = now;
    this.#listener = listener;
  }

  get lines(): readonly string[] {
    return this.#lines.slice(-KEPT);
  }

  note(line: string): void {
    const stamped = `${((this.#now() - WALL_START) / 1_000).toFixed(3).padStart(8)} ${line}`;
    this.#lines.push(stamped);
    if (this.#lines.length > 4 * KEPT) this.#lines = this.#lines.slice(-KEPT);
    this.#listener?.(stamped);
  }

  /** A turn of a desk: market news without consequences are left out. */
  turn(turn: number, bot: Bot, event: DeskEvent, effects: readonly Effect[]): void {
    if (effects.length === 0 && QUIET.has(event.type)) return;
    this.note(
      `${bot.name} turn ${turn} ${shown(event)}${effects.map((each) => ` -> ${effectText(each)}`).join("")}`,
    );
  }
}

function shown(event: DeskEvent): string {
  switch (event.type) {
    case "orderReport":
      return `report ${event.clientId} ${event.status} ${event.reason ?? ""}`;
    case "fill":
      return `fill ${event.clientId || event.venueOrderId} ${event.side} ${event.lots} @${event.price} trade ${event.tradeId} ${event.origin === "client" ? "" : event.origin}`;
    case "placeRejected":
    case "placeUnknown":
    case "cancelFailed":
      return `${event.type} ${event.clientId} ${event.reason}`;
    case "orderAbsent":
      return `orderAbsent ${event.clientId}`;
    case "position":
      return `position ${event.instrument} ${event.lots}`;
    case "gap":
      return `gap ${event.stream} ${event.reason}`;
    case "truth":
      return `truth ${event.cause} ${event.truth.openOrders.length}+${event.truth.openConditionals.length} rest, ${event.truth.fills.length} fills, held ${event.truth.books.map(({ instrument, lots }) => `${instrument} ${lots}`).join(" ")}`;
    case "operator":
      return `operator ${event.request.type}`;
    case "clockStep":
      return `clockStep ${event.stepMs} ${event.against}`;
    default:
      return event.type;
  }
}

function effectText(effect: Effect): string {
  switch (effect.type) {
    case "send":
      return `send ${effect.order.clientId} ${effect.order.side} ${effect.order.lots} @${effect.order.price ?? effect.order.trigger ?? "market"} (${effect.reason})`;
    case "cancel":
      return `cancel ${effect.facts.clientId} (${effect.reason})`;
    case "query":
      return `query ${effect.facts.clientId}`;
    case "refused":
      return `refused ${effect.clientId} ${effect.reason}: ${effect.detail}`;
    case "alert":
      return `alert "${effect.title}"`;
    default:
      return effect.type;
  }
}
