import type { DeskEvent, MarginAnsweredEvent } from "../core/event.ts";
import type { SetLeverageIntent, SetMarginModeIntent } from "../core/intent.ts";
import { millis } from "../core/units.ts";
import type { Effect } from "./kernel/effect.ts";
import type { KernelState } from "./kernel/state.ts";
import type { DeskLog } from "./log.ts";
import type { Clock, Gateway, MarginAnswer } from "./ports.ts";
import { ABSENT_MARGIN_MS } from "./router.ts";

type AddMargin = Extract<Effect, { type: "addMargin" }>;
type Told = Pick<MarginAnsweredEvent, "status" | "reason" | "isRead">;

const refused = (reason: string): Told => ({ status: "refused", reason, isRead: false });

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
  #inFlight = 0;

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

  /** Requests for margin whose answer was not told yet. */
  get inFlight(): number {
    return this.#inFlight;
  }

  /**
   * Asked for once and never again: a request that was lost may have been carried out. It leaves when `kept` says that the
   * ledger has it. The risk figures are read before its answer is told, so that people hear what stands; after a lost one not
   * before the exchange can't accept it any more.
   */
  addMargin(wanted: AddMargin, kept: Promise<boolean>): void {
    this.#inFlight += 1;
    this.#add(wanted, kept)
      .then((told) => this.#parts.emit({ type: "marginAnswered", ...this.#times(), id: wanted.id, ...told }))
      .catch((error: unknown) =>
        this.#parts.log.error("margin that was added could not be told", { error: textOf(error) }),
      )
      .finally(() => {
        this.#inFlight -= 1;
      });
  }

  async #add({ instrument, positionSide, amount }: AddMargin, kept: Promise<boolean>): Promise<Told> {
    const { gateway, clock, log, leads, emit } = this.#parts;
    if (!(await kept)) return refused("the ledger could not be written, so it did not leave");
    if (!leads()) return refused("another process leads this desk's account now");
    const answer = await gateway.trading
      .addMargin(instrument, positionSide, amount)
      .catch((error: unknown): MarginAnswer => ({ type: "unknown", reason: textOf(error) }));
    if (answer.type === "refused") return refused(answer.reason);
    if (answer.type === "unknown") {
      const ms = gateway.trading.recvWindowMs + ABSENT_MARGIN_MS;
      await new Promise<void>((done) => clock.after(ms, done));
    }
    const reason = answer.type === "unknown" ? { reason: answer.reason } : {};
    try {
      emit(await gateway.account.exposure());
      return { status: answer.type, ...reason, isRead: true };
    } catch (error) {
      log.warn("the risk figures could not be read after margin was added", { error: textOf(error) });
      return { status: answer.type, ...reason, isRead: false };
    }
  }

  #times() {
    const { state, clock } = this.#parts;
    return { at: state.at, wallAt: millis(Math.round(clock.now())), account: state.config.account };
  }
}

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
