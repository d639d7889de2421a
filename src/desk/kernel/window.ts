import type { EngineView } from "../../core/engine.ts";
import type { FixedId } from "../../core/event.ts";
import { engineTag, FIXED_NONCE, writeClientId } from "../../core/ids.ts";
import type { Instrument, InstrumentId, MarginBracket } from "../../core/instrument.ts";
import { invariant } from "../../core/invariant.ts";
import type { CloseCause, EngineId, OrderRecord, PositionSide, Role } from "../../core/order.ts";
import type { Position } from "../../core/position.ts";
import type { RiskState } from "../../core/proposal.ts";
import type { Taken } from "../../core/taken.ts";
import type { Lots, Millis, Ticks } from "../../core/units.ts";
import type { KernelState } from "./state.ts";

/** What one engine sees of the desk. */
export class EngineWindow implements EngineView {
  readonly #state: KernelState;
  readonly #engine: EngineId;

  constructor(state: KernelState, engine: EngineId) {
    this.#state = state;
    this.#engine = engine;
  }

  get at(): Millis {
    return this.#state.at;
  }

  get wallAt(): Millis {
    return this.#state.wallAt;
  }

  get riskState(): RiskState {
    return this.#state.riskState;
  }

  get isPaused(): boolean {
    return this.#state.isPaused(this.#engine);
  }

  get isHalted(): boolean {
    return this.#state.facts.isHalted(this.#engine);
  }

  get forgivenLoss() {
    return this.#state.facts.forgiven(this.#engine);
  }

  get mayIncrease(): boolean {
    const { riskState } = this.#state;
    if (this.isPaused || riskState === "emergency" || riskState === "shutdown") return false;
    return this.#state.blocks().length === 0;
  }

  get isConfirmed(): boolean {
    return this.#state.isConfirmed;
  }

  get mayProtect(): boolean {
    return this.#state.mayProtect;
  }

  instrument(id: InstrumentId): Instrument {
    const instrument = this.#state.instrument(id);
    invariant(instrument !== undefined, `instrument ${id} was not loaded`);
    return instrument;
  }

  brackets(id: InstrumentId): readonly MarginBracket[] {
    return this.#state.brackets(id);
  }

  sizes(id: InstrumentId): { readonly step: number; readonly least: Lots } {
    return this.#state.instruments.sizes(id);
  }

  top(id: InstrumentId) {
    return this.#state.board.of(id).top;
  }

  mark(id: InstrumentId): Ticks | undefined {
    return this.#state.board.of(id).mark;
  }

  priceSet(which: "stop" | "pause") {
    return this.#state.facts.price(this.#engine, which);
  }

  order(clientId: string): OrderRecord | undefined {
    return this.#state.orders.get(clientId);
  }

  position(instrument: InstrumentId, positionSide: PositionSide): Readonly<Position> {
    return this.#state.account.share(instrument, positionSide, this.#engine);
  }

  taken(instrument: InstrumentId, positionSide: PositionSide): Taken {
    return this.#state.account.taken(instrument, positionSide, this.#engine);
  }

  newId(role: Role, rung: number, slice: number, cause?: CloseCause): string {
    const { desk, epoch, nonce } = this.#state.config;
    const generation = this.#state.orders.nextGeneration();
    return writeClientId({
      desk,
      engineTag: engineTag(this.#engine),
      role,
      ...(cause === undefined ? {} : { cause }),
      rung,
      slice,
      generation,
      epoch,
      nonce,
    });
  }

  fixedId(rung: number, slice: number, fixed: FixedId, cause: CloseCause): string {
    const { desk } = this.#state.config;
    const parts = { desk, engineTag: engineTag(this.#engine), role: "close", cause, rung, slice } as const;
    return writeClientId({ ...parts, ...fixed, nonce: FIXED_NONCE });
  }
}
