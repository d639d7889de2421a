import type { Engine, EngineSnapshot, EngineView } from "../../src/core/engine.ts";
import type { DeskEvent, RecoverRungEvent } from "../../src/core/event.ts";
import type { AskRecoveryIntent, Intent } from "../../src/core/intent.ts";
import type { OrderRecord } from "../../src/core/order.ts";
import type { RecoveryStage, RungView } from "../../src/core/recovery.ts";
import { lots, type Millis, ticks } from "../../src/core/units.ts";
import { Grid } from "../../src/engines/grid/grid.ts";
import type { GridParameters } from "../../src/engines/grid/parameters.ts";

/** A grid whose rungs are stuck when a test says so: it asks when told, and notes what it is told to do. */
export class StuckGrid implements Engine {
  readonly id: string;
  readonly account: string;
  readonly needs: Engine["needs"];
  /** Orders to recover, as they came. */
  readonly told: RecoverRungEvent[] = [];
  /** Set: the held rungs are stuck since then. */
  stuckSince: Millis | undefined;
  stage: RecoveryStage = "stuck";
  /** Recoveries that it was told to begin. */
  attempts = 0;
  /** Set: asked for at the next timer. */
  asks: Partial<AskRecoveryIntent> | undefined;
  /** False: a ladder is never placed. */
  obeys = true;
  readonly #grid: Grid;
  readonly #parameters: GridParameters;

  constructor(parameters: GridParameters) {
    this.#grid = new Grid(parameters);
    this.#parameters = parameters;
    this.id = parameters.engine;
    this.account = parameters.account;
    this.needs = this.#grid.needs;
  }

  handle(event: DeskEvent, view: EngineView): readonly Intent[] {
    if (event.type === "recoverRung") return this.#recover(event, view);
    const intents = this.#grid.handle(event, view);
    return event.type === "timer" ? [...intents, ...this.#ask(view)] : intents;
  }

  adopt(orders: readonly OrderRecord[], view: EngineView): readonly Intent[] {
    return this.#grid.adopt(orders, view);
  }

  snapshot(): EngineSnapshot {
    return this.#grid.snapshot();
  }

  rungs(view: EngineView): readonly RungView[] {
    return this.#grid.rungs(view).map((rung) => this.#shown(rung));
  }

  #shown(rung: RungView): RungView {
    const { stuckSince, stage, attempts } = this;
    if (stuckSince === undefined || rung.held === 0) return rung;
    const closes =
      stage === "ladder" ? [{ price: ticks(503_000), lots: rung.held, isLadder: true }] : rung.closes;
    return { ...rung, stuckSince, stage, attempts, closes };
  }

  #ask(view: EngineView): readonly Intent[] {
    const rung = this.rungs(view).find(({ held }) => held > 0);
    const { asks, stuckSince } = this;
    if (asks === undefined || rung === undefined || stuckSince === undefined) return [];
    this.asks = undefined;
    const { engine, account, instrument, positionSide } = this.#parameters;
    const where = { engine, account, instrument, positionSide, rung: rung.index, lots: rung.held };
    return [
      {
        type: "askRecovery",
        ...where,
        stuckSince,
        ways: ["aggressive", "ladder"],
        fallback: "wait",
        lines: ["The ladder was tried once."],
        ...asks,
      },
    ];
  }

  #recover(event: RecoverRungEvent, view: EngineView): readonly Intent[] {
    this.told.push(event);
    if (!this.obeys) return [];
    const { how, at, wallAt, engine, instrument, positionSide, fixed } = event;
    this.attempts += 1;
    if (how !== "aggressive") {
      this.stage = how === "ladder" ? "ladder" : "hedged";
      return [];
    }
    const held = this.rungs(view).find(({ index }) => index === event.rung)?.held ?? lots(0);
    const share = {
      type: "closeShare",
      at,
      wallAt,
      engine,
      instrument,
      positionSide,
      lots: held,
      fixed,
    } as const;
    return this.#grid.handle(share, view);
  }
}
