import type { PlaceRejectedEvent } from "../../core/event.ts";
import type { AlertIntent } from "../../core/intent.ts";
import type { OrderRecord } from "../../core/order.ts";
import type { Effect } from "./effect.ts";
import type { KernelState } from "./state.ts";

/** Instruments are read again this often (wall), and after refusals by a filter at most this often. */
const REFRESH_EVERY_MS = 300_000;
const REFRESH_SOON_MS = 10_000;

/** What the desk as a whole learns from refused orders; what the one order's engine does is the engine's business. */
export class Refusals {
  readonly #state: KernelState;
  readonly #effect: (effect: Effect) => void;
  #refreshedWallAt = 0;
  #isRefreshWanted = false;

  constructor(state: KernelState, effect: (effect: Effect) => void) {
    this.#state = state;
    this.#effect = effect;
  }

  /** The exchange said no. */
  refused(order: OrderRecord, event: PlaceRejectedEvent): void {
    const state = this.#state;
    const { interruptions } = state;
    switch (event.kind) {
      case "clock":
        if (interruptions.clockRefused()) this.#tell(clockAlert(event));
        state.doubt();
        break;
      case "rateLimit":
        // Our own budget says so without a code: that is no news for people.
        if (interruptions.limited(state.wallAt, event.code === undefined, event.waitMs ?? 0))
          this.#tell(limitAlert(event));
        break;
      case "reduceOnly":
        // Somebody else reduces, or there is less than we think: both show in a reading (scenario 8).
        state.doubt();
        break;
      case "filter":
        this.#isRefreshWanted = true;
        this.#refresh();
        break;
      default:
    }
    this.#tell(state.circuit.refused(order, event));
  }

  /** The exchange took one. */
  accepted(order: OrderRecord): void {
    this.#state.interruptions.accepted();
    this.#tell(this.#state.circuit.accepted(order));
  }

  /** Time goes by. */
  tick(): void {
    const { interruptions, wallAt, config } = this.#state;
    if (this.#refreshedWallAt === 0) this.#refreshedWallAt = wallAt;
    this.#refresh();
    if (interruptions.limitEnded(wallAt)) this.#tell(limitEndedAlert(config.account));
  }

  #refresh(): void {
    const { wallAt } = this.#state;
    if (wallAt - this.#refreshedWallAt < (this.#isRefreshWanted ? REFRESH_SOON_MS : REFRESH_EVERY_MS)) return;
    this.#refreshedWallAt = wallAt;
    this.#isRefreshWanted = false;
    this.#effect({ type: "refreshInstruments" });
  }

  #tell(alert: AlertIntent | undefined): void {
    if (alert !== undefined) this.#effect(alert);
  }
}

const clockAlert = (event: PlaceRejectedEvent): AlertIntent => ({
  type: "alert",
  key: `clock:${event.account}`,
  level: "high",
  title: "The exchange refuses our clock's time",
  lines: [
    `It said "${event.reason}". Entries wait until the account was read again; closes are still tried.`,
    "If this goes on: set the machine's clock (NTP).",
  ],
});

const limitAlert = (event: PlaceRejectedEvent): AlertIntent => ({
  type: "alert",
  key: `limits:${event.account}`,
  level: "high",
  title: "The exchange limits our requests",
  lines: [`It said "${event.reason}". Entries wait; stops rest on the exchange and closes are still tried.`],
});

const limitEndedAlert = (account: string): AlertIntent => ({
  type: "alert",
  key: `limits:${account}`,
  level: "resolved",
  title: "The exchange takes our requests again",
  lines: ["Entries may leave again."],
});
