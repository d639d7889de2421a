import {
  isTighter,
  LIMIT_ENDS,
  type LimitName,
  type LimitSet,
  type LimitTerm,
  type LimitView,
} from "../../core/limit.ts";
import type { EngineId } from "../../core/order.ts";
import { digitsOf } from "../../core/text.ts";
import { type Lots, lots, type Rate, rate, type Value, value } from "../../core/units.ts";
import { DRAWDOWNS, type Drawdowns } from "../../risk/ladder.ts";
import type { KernelConfig } from "./config.ts";

/** The account's and the engines' limits as they are in force: the settings', and what people tightened. The ledger keeps that. */
export class Limits {
  readonly #terms: ReadonlyMap<string, LimitTerm>;
  readonly #set = new Map<string, LimitSet>();

  constructor(config: KernelConfig) {
    this.#terms = new Map(termsOf(config).map((term) => [term.key, term]));
  }

  /** Whether nobody set any: all is as the settings say. */
  get isEmpty(): boolean {
    return this.#set.size === 0;
  }

  /** The account's gross notional over its equity, at most. */
  get exposure(): number {
    return this.now("exposure");
  }

  /** Least distance to liquidation after an increase. */
  get buffer(): Rate {
    return rate(this.now("liquidation_buffer"));
  }

  /** Drawdowns from which the risk states hold. */
  get drawdowns(): Drawdowns {
    return this.drawdownsWith("", 0);
  }

  /** The margin that an engine may use; nothing of one that is not known. */
  purse(engine: EngineId): Value {
    return value(this.now(`purse:${engine}`));
  }

  /** Most lots that an engine may hold and have in open entries. */
  position(engine: EngineId): Lots {
    return lots(this.now(`position:${engine}`));
  }

  /** The drawdowns as they would be with another value of a limit. */
  drawdownsWith(key: string, to: number): Drawdowns {
    const of = (step: keyof Drawdowns): Rate =>
      rate(key === `drawdown_${step}` ? to : this.now(`drawdown_${step}`));
    return { warning: of("warning"), emergency: of("emergency"), shutdown: of("shutdown") };
  }

  find(key: string): LimitTerm | undefined {
    return this.#terms.get(key);
  }

  /** All of them, in the order in which people meet them. */
  all(): readonly LimitView[] {
    return [...this.#terms.values()].map((term) => ({
      ...term,
      now: this.now(term.key),
      set: this.#inForce(term),
    }));
  }

  /** The value in force. What a person set once never lets more through than the settings of today. */
  now(key: string): number {
    const term = this.#terms.get(key);
    if (term === undefined) return 0;
    return this.#inForce(term)?.value ?? term.settings;
  }

  /** Undefined: as the settings say. A limit of an engine that is gone is kept for the day it comes back. */
  set(key: string, set: LimitSet | undefined): void {
    if (set === undefined) this.#set.delete(key);
    else this.#set.set(key, set);
  }

  /** For the state hash. */
  canonical(): unknown {
    return [...this.#set].sort(([a], [b]) => (a < b ? -1 : 1));
  }

  #inForce(term: LimitTerm): LimitSet | undefined {
    const set = this.#set.get(term.key);
    return set !== undefined && isTighter(term, set.value, term.settings) ? set : undefined;
  }
}

function termsOf({ asset, distanceMin, grids, grossLeverageMax }: KernelConfig): readonly LimitTerm[] {
  const drawdown = (step: keyof Drawdowns): LimitTerm => ({
    ...named(`drawdown_${step}`),
    settings: DRAWDOWNS[step],
    tightest: LIMIT_ENDS.drawdown,
  });
  const purseEnd = digitsOf(asset) === 2 ? LIMIT_ENDS.purseUsd : LIMIT_ENDS.purseCoins;
  return [
    drawdown("warning"),
    drawdown("emergency"),
    drawdown("shutdown"),
    { ...named("exposure"), settings: grossLeverageMax, tightest: LIMIT_ENDS.exposure },
    { ...named("liquidation_buffer"), settings: distanceMin, tightest: LIMIT_ENDS.buffer },
    ...grids.flatMap(({ engine, instrument, purse, positionMax }): LimitTerm[] => [
      { ...named("purse", engine), engine, instrument, settings: purse, tightest: purseEnd },
      { ...named("position", engine), engine, instrument, settings: positionMax, tightest: 1 },
    ]),
  ];
}

const named = (name: LimitName, engine?: EngineId): Pick<LimitTerm, "key" | "name"> => ({
  key: engine === undefined ? name : `${name}:${engine}`,
  name,
});
