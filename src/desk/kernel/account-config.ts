import type { AccountConfigEvent, ConfigRefusedEvent } from "../../core/event.ts";
import type { InstrumentId } from "../../core/instrument.ts";
import type { AlertIntent } from "../../core/intent.ts";
import type { Millis } from "../../core/units.ts";
import type { Account } from "./account.ts";
import type { KernelConfig } from "./config.ts";
import type { Effect } from "./effect.ts";

/** A setting that the exchange refused is asked for again after this long (wall). */
const RETRY_MS = 60_000;

/** Leverage and margin mode: what the engines want, what the exchange has, and what it refused (I6). */
export class AccountConfig {
  readonly #config: KernelConfig;
  readonly #refused = new Map<InstrumentId, { readonly reason: string; readonly wallAt: Millis }>();
  #askedWallAt = 0;

  constructor(config: KernelConfig) {
    this.#config = config;
  }

  /**
   * What must be asked for now: all that differs, at the start and again every minute. Nothing where a person holds
   * something, whose leverage it is as well: people are told, once it is sure (`isSteady`).
   */
  wanted(account: Account, wallAt: Millis, isSteady: boolean): readonly Effect[] {
    const isFirst = this.#askedWallAt === 0;
    if (wallAt - this.#askedWallAt < RETRY_MS) return [];
    const effects: Effect[] = [];
    for (const { account: name, instrument, leverage } of this.#config.grids) {
      if (account.isForeignIn(instrument)) {
        const isAsWanted =
          account.leverages.get(instrument) === leverage && account.marginModes.get(instrument) !== "cross";
        if (isSteady && !isAsWanted && !this.#refused.has(instrument))
          effects.push(this.#leaveAlone(instrument, leverage, wallAt));
        continue;
      }
      if (account.leverages.get(instrument) !== leverage)
        effects.push({ type: "setLeverage", account: name, instrument, leverage });
      const mode = account.marginModes.get(instrument);
      // An exchange that does not say its margin mode is asked once, not every minute.
      if (mode === "cross" || (mode === undefined && isFirst))
        effects.push({ type: "setMarginMode", account: name, instrument, mode: "isolated" });
    }
    if (effects.length > 0) this.#askedWallAt = wallAt;
    return effects;
  }

  #leaveAlone(instrument: InstrumentId, leverage: number, wallAt: Millis): AlertIntent {
    this.#refused.set(instrument, {
      reason: `the leverage and margin mode of ${instrument} are left alone while a person holds a position there`,
      wallAt,
    });
    return {
      type: "alert",
      key: `config:${instrument}`,
      level: "high",
      title: `${instrument}: leverage and margin mode are left alone`,
      lines: [
        "A position that is not the desk's is held there; it would get the desk's leverage.",
        `No entry leaves on it until that is gone, or until you set isolated margin and ${leverage}x on the exchange.`,
      ],
      instrument,
    };
  }

  /** A person asks to go on: what differs is asked for at once. */
  retry(): void {
    this.#askedWallAt = 0;
  }

  /** Why increases of an instrument wait, as a sentence; undefined: nothing was refused. */
  doubt(instrument: InstrumentId): string | undefined {
    return this.#refused.get(instrument)?.reason;
  }

  doubts(): readonly string[] {
    return [...this.#refused.values()].map(({ reason }) => reason);
  }

  /** The exchange refused: nothing increases on this instrument until it is as wanted. */
  refused({ instrument, what, reason, wallAt }: ConfigRefusedEvent): AlertIntent | undefined {
    const isNews = !this.#refused.has(instrument);
    const name = what === "leverage" ? "leverage" : "margin mode";
    this.#refused.set(instrument, {
      reason: `the ${name} of ${instrument} could not be set: ${reason}`,
      wallAt,
    });
    if (!isNews) return undefined;
    return {
      type: "alert",
      key: `config:${instrument}`,
      level: "high",
      title: `${instrument}: the exchange did not take our ${name}`,
      lines: [`It said: ${reason}.`, "No entry leaves on it until it does; it is asked again every minute."],
      instrument,
    };
  }

  /** Why the account's position mode takes none of our orders, in one sentence; none: it does, or is not known. */
  otherMode({ isHedgeMode }: Account): readonly string[] {
    if (isHedgeMode === undefined || this.#config.grids.length === 0) return [];
    if (this.#config.grids.some(({ positionSide }) => (positionSide === "both") !== isHedgeMode)) return [];
    const [is, was] = isHedgeMode ? ["hedge", "one-way"] : ["one-way", "hedge"];
    return [
      `the account is in ${is} mode now, and the settings are for ${was} mode: set it back on the exchange, or set account.positionMode and restart`,
    ];
  }

  /** The exchange told what it has now; an alert when a refusal is over, or when somebody else changed it. */
  told(event: AccountConfigEvent, account: Account, isBooted: boolean): AlertIntent | "foreign" | undefined {
    const { instrument } = event;
    const grid = this.#config.grids.find((each) => each.instrument === instrument);
    if (instrument === undefined || grid === undefined) return undefined;
    const before = account.leverages.get(instrument);
    const isOurs = (event.leverage ?? before) === grid.leverage;
    if (isBooted && event.leverage !== undefined && before === grid.leverage && !isOurs) return "foreign";
    const isAsWanted = isOurs && (event.marginMode ?? account.marginModes.get(instrument)) === "isolated";
    if (!isAsWanted || !this.#refused.delete(instrument)) return undefined;
    return {
      type: "alert",
      key: `config:${instrument}`,
      level: "resolved",
      title: `${instrument}: leverage and margin mode are as wanted`,
      lines: [`Read back: ${grid.leverage}x, isolated.`],
      instrument,
    };
  }
}
