import type { DeskEvent } from "../core/event.ts";
import type { SetLeverageIntent, SetMarginModeIntent } from "../core/intent.ts";
import { millis } from "../core/units.ts";
import type { Effect } from "./kernel/effect.ts";
import type { KernelState } from "./kernel/state.ts";
import type { DeskLog } from "./log.ts";
import type { Clock, Gateway, MarginAnswer } from "./ports.ts";

type AddMargin = Extract<Effect, { type: "addMargin" }>;

/** What the hands need. */
interface AccountHandsParts {
  readonly gateway: Pick<Gateway, "trading" | "account">;
  readonly state: KernelState;
  readonly clock: Clock;
  readonly log: DeskLog;
  /** Asked before each request: another process may have taken over. */
  readonly leads: () => boolean;
  readonly emit: (event: DeskEvent) => void;
}

/** Carries out what changes the account itself and is no order: leverage, margin mode, added margin. */
export class AccountHands {
  readonly #parts: AccountHandsParts;

  constructor(parts: AccountHandsParts) {
    this.#parts = parts;
  }

  /** What the exchange did not take is told to the kernel: increases wait until it does (I6). */
  configure(wanted: SetLeverageIntent | SetMarginModeIntent): void {
    const { gateway, log, leads, emit } = this.#parts;
    if (!leads()) return;
    const { instrument } = wanted;
    const isLeverage = wanted.type === "setLeverage";
    const work = isLeverage
      ? gateway.trading.setLeverage(instrument, wanted.leverage)
      : gateway.trading.setMarginMode(instrument, wanted.mode);
    work
      .then((events) => {
        for (const event of events) emit(event);
      })
      .catch((error: unknown) => {
        const reason = textOf(error);
        log.error("the account could not be configured", { error: reason });
        const what = isLeverage ? "leverage" : "marginMode";
        emit({ type: "configRefused", ...this.#times(), instrument, what, reason });
      });
  }

  /**
   * Asked for once and never again: a request that was lost may have been carried out. The risk figures are read before its
   * answer is told, so that people hear what stands; after a lost one not before the exchange can't accept it any more.
   */
  addMargin({ id, instrument, positionSide, amount }: AddMargin): void {
    const { gateway, clock, log, leads, emit } = this.#parts;
    const tell = async (answer: MarginAnswer): Promise<void> => {
      if (answer.type === "unknown")
        await new Promise<void>((done) => clock.after(gateway.trading.recvWindowMs, done));
      try {
        if (answer.type !== "refused") emit(await gateway.account.exposure());
      } catch (error) {
        log.warn("the risk figures could not be read after margin was added", { error: textOf(error) });
      }
      const told = answer.type === "added" ? {} : { reason: answer.reason };
      emit({ type: "marginAnswered", ...this.#times(), id, status: answer.type, ...told });
    };
    if (!leads()) {
      void tell({ type: "refused", reason: "another process leads this desk's account now" });
      return;
    }
    gateway.trading
      .addMargin(instrument, positionSide, amount)
      .catch((error: unknown): MarginAnswer => ({ type: "unknown", reason: textOf(error) }))
      .then(tell)
      .catch((error: unknown) =>
        log.error("margin that was added could not be told", { error: textOf(error) }),
      );
  }

  #times() {
    const { state, clock } = this.#parts;
    return { at: state.at, wallAt: millis(Math.round(clock.now())), account: state.config.account };
  }
}

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
