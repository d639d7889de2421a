import type { Engine } from "../../src/core/engine.ts";
import type { DeskEvent, OperatorRequest } from "../../src/core/event.ts";
import type { OrderFacts } from "../../src/core/order.ts";
import { type Random, seeded } from "../../src/core/random.ts";
import type { RejectKind } from "../../src/core/reject-kind.ts";
import { ONE } from "../../src/core/units.ts";
import type { KernelConfig } from "../../src/desk/kernel/config.ts";
import type { Effect } from "../../src/desk/kernel/effect.ts";
import { Grid } from "../../src/engines/grid/grid.ts";
import type { GridParameters } from "../../src/engines/grid/parameters.ts";
import type { Exchange } from "../support/exchange.ts";
import { Rig } from "../support/rig.ts";
import { refusal } from "../support/scenario.ts";
import { type Drawn, draw } from "./draw.ts";
import { calmDown, quote, reach, wait } from "./hand.ts";
import { heldByRung, isWhole, likeness, neverFlips, nextRung, oneOrder, withinCaps } from "./truth.ts";

/** What sequences are counted by: in how many of them it happened. */
export const HAPPENINGS = [
  "entry",
  "takeProfit",
  "stop",
  "stopRefused",
  "partialFill",
  "move",
  "refusal",
  "lostAnswer",
  "lostNews",
  "cooldown",
  "pause",
  "close",
  "ladder",
  "overClose",
  "restart",
  "noRoom",
  "allRungs",
] as const;
export type Happening = (typeof HAPPENINGS)[number];

/** A bug that a test plants. */
export interface Plant {
  readonly config?: (grid: GridParameters) => GridParameters;
  readonly engine?: (engine: Engine) => Engine;
  /** What arrives at the exchange in the place of an order. */
  readonly leaving?: (order: OrderFacts) => readonly OrderFacts[];
  /** What the next life reads of the exchange. */
  readonly nextLife?: (rig: Rig) => void;
}

/** What became of one sequence. */
export interface Told {
  readonly seed: number;
  /** The first promise that did not hold. */
  readonly violation: string | undefined;
  readonly happened: readonly Happening[];
  readonly turns: number;
  readonly crashes: number;
  /** Restarts that protected again what the life before was closing, for a reason that it took with it. */
  readonly reprotected: number;
}

class Broken extends Error {}

/** Runs one sequence; the same seed gives the same one. */
export function runSequence(seed: number, plant: Plant = {}): Told {
  const sequence = new Sequence(seed, plant);
  let violation: string | undefined;
  try {
    sequence.run();
  } catch (error) {
    violation = error instanceof Broken ? error.message : `it threw: ${String((error as Error).stack)}`;
  }
  const { turns, crashes, reprotected } = sequence;
  return { seed, violation, happened: [...sequence.happened], turns, crashes, reprotected };
}

const REFUSALS: readonly RejectKind[] = ["rateLimit", "filter", "unavailable", "margin"];
/** Wall time for which requests and news may be on their way, as a rule. */
const LATE_MS = 2_000;
const EXTREMES = [430_000, 570_000] as const;

/**
 * Why a rung is closed at the market without a trace at the exchange: its stop was not taken, or the price was beyond it for a
 * moment. A next life that finds the price back gives it a new stop instead; a way out of being stuck it begins at its own
 * next check. Both are safe, and both are looked at.
 */
const SILENT: ReadonlySet<string> = new Set(["stopLate", "beyondStop", "recovery"]);

const isSilentClose = (effect: Effect): boolean =>
  (effect.type === "logTrade" && effect.fields["Action"] === "STUCK") ||
  (effect.type === "send" && SILENT.has(effect.reason)) ||
  (effect.type === "cancel" && effect.reason === "a stop is refused");

/** Why rungs are being closed just now, or that one is stuck, as the state hash has it. */
function closingsOf(rig: Rig): readonly string[] {
  const state = rig.state.engines.get("grid1")?.snapshot().state;
  const { rungs } = state as { readonly rungs: readonly unknown[][] };
  return rungs.flatMap(([, , , , closing, , recovery]) => [
    ...(Array.isArray(closing) ? [String(closing[0])] : []),
    ...(recovery === null ? [] : ["recovery"]),
  ]);
}

const likenessText = (rig: Rig, grid: GridParameters): string => JSON.stringify(likeness(rig, grid));

class Sequence {
  readonly #drawn: Drawn;
  readonly #chance: Random;
  readonly #plant: Plant;
  readonly happened = new Set<Happening>();
  readonly #facts: OperatorRequest[] = [];
  #rig: Rig;
  /** The life that is compared with it just now: what people say, both hear. */
  #next: Rig | undefined;
  #epoch = 7;
  /** The next so many orders that leave are refused like this. */
  #refusing: { kind: RejectKind; left: number } | undefined;
  #lateMs = 0;
  /** Since the last crash the life that went on has closed something of which the exchange does not know why. */
  #isClosing = false;
  turns = 0;
  crashes = 0;
  reprotected = 0;

  constructor(seed: number, plant: Plant) {
    this.#drawn = draw(seed);
    this.#chance = seeded(seed, "course");
    this.#plant = plant;
    this.#rig = this.#life(undefined);
    this.#adopt(this.#rig);
  }

  /** Limits as they were configured: promises go by them, whatever the desk was told. */
  get #grid(): GridParameters {
    return this.#drawn.grid;
  }

  run(): void {
    for (let step = 0; step < this.#drawn.steps; step += 1) {
      if (this.#drawn.crashes.has(step)) this.#crash();
      this.#happen();
      this.#look();
    }
    this.#calm("the end");
    this.#resume();
    this.#calm("resumed");
    this.#walkAway();
  }

  #life(exchange: Exchange | undefined): Rig {
    const grid = this.#plant.config?.(this.#grid) ?? this.#grid;
    const config: Partial<KernelConfig> = { grids: [grid], epoch: this.#epoch, nonce: `n${this.#epoch}aa` };
    const made = new Grid(grid);
    const engines = [this.#plant.engine?.(made) ?? made];
    const rig = new Rig({ config, engines, ...(exchange === undefined ? {} : { exchange }) });
    if (exchange !== undefined) this.#plant.nextLife?.(rig);
    for (const request of this.#facts) rig.ask(request, undefined, true);
    rig.boot();
    rig.isInstant = false;
    return rig;
  }

  /** The life that goes on: what it sends is looked at, and may be refused. */
  #adopt(rig: Rig): void {
    this.#rig = rig;
    rig.watch = (effects) => {
      this.turns += 1;
      const sent = effects.flatMap((effect) => (effect.type === "send" ? [effect.order] : []));
      for (const { role } of sent) {
        if (role === "close" || role === "ladder") this.happened.add(role);
      }
      if (effects.some(isSilentClose)) this.#isClosing = true;
      if (sent.length > 0) this.#hold(neverFlips(rig, this.#grid, sent));
    };
    const usual = rig.answer;
    rig.answer = (effect: Effect) => {
      if (effect.type === "query") this.#arrive(effect.facts.clientId);
      if (effect.type !== "send") return usual.call(rig, effect);
      const refusing = this.#refusing;
      if (refusing !== undefined && refusing.left > 0) {
        refusing.left -= 1;
        this.happened.add("refusal");
        return [refusal(rig, effect.order.clientId, refusing.kind, -1)];
      }
      const arriving = this.#plant.leaving?.(effect.order) ?? [effect.order];
      return arriving.flatMap((order) => usual.call(rig, { ...effect, order } as Effect));
    };
  }

  /** An order is said to be absent only when it can't arrive any more: one that is on its way arrives before. */
  #arrive(clientId: string): void {
    const { requests, news } = this.#rig;
    const index = requests.findIndex(
      (effect) => effect.type === "send" && effect.order.clientId === clientId,
    );
    const [sent] = index < 0 ? [] : requests.splice(index, 1);
    if (sent !== undefined) news.push(...this.#rig.answer(sent));
  }

  #hold(promise: string | undefined): void {
    if (promise !== undefined) throw new Broken(promise);
  }

  /** What may never be so. */
  #look(): void {
    const rig = this.#rig;
    this.#hold(withinCaps(rig, this.#grid) ?? oneOrder(rig) ?? neverFlips(rig, this.#grid, []));
  }

  #happen(): void {
    const rig = this.#rig;
    const chance = this.#chance;
    const what = chance.below(100);
    const ms = 1 + chance.below(5);
    rig.exchange.at += ms;
    rig.exchange.wallAt += ms;
    if (what < 25) this.#move();
    else if (what < 45)
      for (let n = chance.below(4); n >= 0; n -= 1) rig.serve(this.#any(rig.requests.length));
    else if (what < 66) for (let n = chance.below(4); n >= 0; n -= 1) rig.deliver(this.#any(rig.news.length));
    else if (what < 79) this.#pass(100 + chance.below(1_500));
    else if (what < 82)
      this.#refusing = { kind: REFUSALS[chance.below(4)] ?? "other", left: 1 + chance.below(2) };
    else if (what < 84) this.#ask({ type: "pause" });
    else if (what < 88) this.#resume();
    else if (what < 91) this.#pass(310_000);
    else if (this.#drawn.isLossy) this.#lose(what);
  }

  #any(count: number): number {
    return this.#drawn.isLossy && count > 0 && this.#chance.below(4) === 0 ? this.#chance.below(count) : 0;
  }

  /** To where some order waits, a little way, or far. */
  #move(): void {
    const rig = this.#rig;
    const { exchange } = rig;
    const chance = this.#chance;
    const { step, stopLoss = 0 } = this.#grid;
    const orders = exchange.open();
    const aim = chance.below(2) === 0 ? orders[chance.below(Math.max(1, orders.length))] : undefined;
    const most = ((chance.below(12) === 0 ? stopLoss * 1.3 : step * 1.6) / ONE) * exchange.mark;
    const by = Math.round((chance.unit() * 2 - 1) * most);
    const at = aim?.facts.trigger ?? aim?.facts.price;
    const wanted = at === undefined ? exchange.mark + by : aim?.facts.side === "buy" ? at - 1 : at;
    const mark = Math.min(EXTREMES[1], Math.max(EXTREMES[0], wanted));
    this.#note(reach(exchange, mark, chance));
    this.happened.add("move");
    this.#quote();
  }

  #quote(): void {
    const rig = this.#rig;
    quote(rig);
    const isWaiting =
      !rig.requests.some(({ type }) => type === "send") &&
      rig.exchange.open("entry").length === 0 &&
      rig.state.blocks().length === 0 &&
      !rig.state.isPaused("grid1") &&
      nextRung(rig, this.#grid) !== undefined;
    if (isWaiting) this.happened.add("cooldown");
  }

  #note(news: readonly DeskEvent[]): void {
    const rig = this.#rig;
    rig.news.push(...news);
    for (const event of news) {
      const order = "clientId" in event ? rig.exchange.orders.get(event.clientId) : undefined;
      if (order === undefined) continue;
      const { role } = order.facts;
      if (event.type === "fill") {
        if (event.lots < order.facts.lots) this.happened.add("partialFill");
        if (role === "entry" || role === "takeProfit" || role === "stop") this.happened.add(role);
      } else if (event.type === "orderReport" && event.status === "rejected")
        this.happened.add("stopRefused");
    }
  }

  /** Mostly what is on its way arrives before it is old: else stops are late, and rungs are closed for that. */
  #pass(ms: number): void {
    const rig = this.#rig;
    const wallMs = Math.min(ms, 2_000);
    const isIdle = rig.news.length + rig.requests.length === 0;
    this.#lateMs = isIdle ? 0 : this.#lateMs + wallMs;
    if (this.#lateMs > LATE_MS && this.#chance.below(40) > 0) rig.settle();
    wait(rig, ms, wallMs);
    this.#quote();
  }

  #ask(request: OperatorRequest): void {
    this.#rig.ask(request);
    this.#facts.push(request);
    if (request.type === "pause") this.happened.add("pause");
  }

  #resume(): void {
    if (this.#rig.state.isPaused("grid1")) this.#ask({ type: "resume" });
  }

  /** Where stops were refused again and again, entries wait for a person's word: here it is. */
  #heedAlerts(): void {
    if (this.#rig.state.circuit.doubts().length === 0) return;
    this.#ask({ type: "resume" });
    this.#next?.ask({ type: "resume" });
  }

  #lose(what: number): void {
    const rig = this.#rig;
    const chance = this.#chance;
    if (what < 95) {
      const index = rig.requests.findIndex(({ type }) => type === "send");
      const [effect] = index < 0 ? [] : rig.requests.splice(index, 1);
      if (effect?.type !== "send") return;
      this.happened.add("lostAnswer");
      const { clientId } = effect.order;
      if (chance.below(2) === 0) rig.exchange.place(effect.order);
      const times = { ...rig.exchange.times(), account: "main" };
      rig.news.push({ type: "placeUnknown", ...times, clientId, reason: "timeout" });
    } else if (what < 98) {
      if (rig.news[0]?.type !== "fill" && rig.news[0]?.type !== "orderReport") return;
      rig.news.shift();
      this.happened.add("lostNews");
    } else {
      const event = rig.news[chance.below(Math.max(1, rig.news.length))];
      if (event !== undefined && event.type !== "truth") rig.news.push(event);
    }
  }

  /** Nothing goes wrong any more: soon all must be as it should. */
  #calm(when: string, rig = this.#rig): void {
    this.#refusing = undefined;
    this.#heedAlerts();
    const isCalm = (): boolean => isWhole(rig, this.#grid) === undefined;
    calmDown(rig, this.#drawn.isLossy, isCalm);
    // News that was on its way may bring the last refusal of three: people hear of that one as well.
    if (rig === this.#rig && rig.state.circuit.doubts().length > 0) {
      this.#heedAlerts();
      calmDown(rig, this.#drawn.isLossy, isCalm);
    }
    const found = isWhole(rig, this.#grid);
    if (found !== undefined) throw new Broken(`${when}: ${found}`);
    if (rig === this.#rig) this.#look();
  }

  /**
   * The process dies with requests on their way, each of which arrives or does not. A next life and the one that did not die
   * come to the same; one of the two goes on.
   */
  #crash(): void {
    this.crashes += 1;
    this.happened.add("restart");
    const rig = this.#rig;
    this.#refusing = undefined;
    this.#heedAlerts();
    // What the price has passed is executed to its end: a like order that arrives later would be, too.
    this.#note(reach(rig.exchange, rig.exchange.mark));
    const after = rig.exchange.copy();
    for (const effect of rig.requests) {
      // A cancel of an entry may be one that nobody wants any more: lost, it would be a loss that no life makes up for.
      const isEntry = effect.type === "cancel" && effect.facts.role === "entry";
      if (!isEntry && this.#chance.below(2) === 0) continue;
      if (effect.type === "send") after.place(effect.order);
      if (effect.type === "cancel") after.cancel(effect.facts);
    }
    this.#isClosing = closingsOf(rig).some((cause) => SILENT.has(cause));
    const isDying = this.#chance.below(2) === 0;
    after.wallAt += 2_000;
    after.at += 2_000;
    this.#epoch += 1;
    const next = this.#life(after);
    this.#next = next;
    this.#calm("a restart", next);
    this.#calm("the life that went on");
    // The next life is two seconds ahead: a wait that ends in between has another moment.
    if (likenessText(rig, this.#grid) !== likenessText(next, this.#grid)) {
      this.#calm("a restart, a little later", next);
      this.#calm("the life that went on, a little later");
    }
    const [one, other] = [likenessText(rig, this.#grid), likenessText(next, this.#grid)];
    const { isOverClosed } = heldByRung(rig.exchange, this.#grid);
    if (isOverClosed) this.happened.add("overClose");
    const isSame = one === other;
    // A stop that was refused when it fired meant nothing while another one covered its rung. Where that one never arrived, or
    // was taken back unfilled, which no list tells, the next life can't know.
    const isCoveredUnseen = (rung: number): boolean =>
      [...rig.state.orders.all()].some(
        ({ facts }) =>
          facts.role === "stop" && facts.rung === rung && next.state.orders.get(facts.clientId) === undefined,
      );
    const isUncovered = (effect: Effect): boolean =>
      effect.type === "send" && effect.reason === "stopRefused" && isCoveredUnseen(effect.order.rung);
    const isOther = (effect: Effect): boolean => isSilentClose(effect) || isUncovered(effect);
    const isClosing = this.#isClosing || next.turns.some(({ effects }) => effects.some(isOther));
    if (!isSame && isClosing) this.reprotected += 1;
    else if (!isSame && !isOverClosed) throw new Broken(`a restart comes to ${other}, without it ${one}`);
    this.#next = undefined;
    if (isDying) this.#adopt(next);
  }

  /** The market goes against the grid, from one entry to the next: every rung in range gets its order. */
  #walkAway(): void {
    const rig = this.#rig;
    const { ordersMax, direction } = this.#grid;
    for (let n = 0; n <= ordersMax; n += 1) {
      const [entry] = rig.exchange.open("entry");
      if (entry === undefined) break;
      const { price = 0 } = entry.facts;
      this.#note(reach(rig.exchange, direction === "buy" ? price - 1 : price, this.#chance));
      this.#calm("one rung further");
    }
    const held = heldByRung(rig.exchange, this.#grid).rungs.size;
    if (held > 0 && nextRung(rig, this.#grid) === undefined) this.happened.add("noRoom");
    if (held === ordersMax) this.happened.add("allRungs");
  }
}
