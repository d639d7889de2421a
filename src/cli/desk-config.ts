import { randomBytes } from "node:crypto";
import { readClientId } from "../core/ids.ts";
import type { VenueId } from "../core/instrument.ts";
import type { RosterRules } from "../core/roster.ts";
import type { Truth } from "../core/truth.ts";
import { type Millis, millis } from "../core/units.ts";
import type { KernelConfig } from "../desk/kernel/config.ts";
import type { Clock, Gateway, InstrumentInfo, Store, TruthReading } from "../desk/ports.ts";
import { scopeOf } from "../desk/scope.ts";
import type { GridParameters } from "../engines/grid/parameters.ts";
import type { Settings } from "../settings/settings.ts";
import { settleAsset } from "./grids.ts";
import type { History } from "./history.ts";
import { KnownSteps } from "./known-steps.ts";
import { requirePositionMode } from "./position-mode.ts";
import { type ReachOptions, reach } from "./reach.ts";

const ENTRIES_MARGIN_MS = 1_000;
const MARKET_STALE_MS = 10_000;
/** How far back own orders are looked at for their epoch; the ledger knows the older ones. */
const EPOCH_LOOK_MS = 86_400_000;
/** How far back a desk whose ledger is fresh looks on an account where nothing is held and nothing rests. */
const EMPTY_LOOK_MS = 7 * EPOCH_LOOK_MS;

/** What the kernel's configuration is made from. */
export interface DeskConfigParts {
  readonly settings: Settings;
  readonly clock: Clock;
  readonly version: string;
}

/** How a desk starts. */
export interface DeskConfig {
  readonly config: KernelConfig;
  /** Market time from which the account's history is read. */
  readonly historyFrom: Millis;
}

/**
 * The kernel's configuration: takes the lead of its scope under an epoch above all that were ever seen. An account in another
 * position mode than the settings name is a `StartError`.
 */
export async function kernelConfig(
  options: DeskConfigParts,
  store: Store,
  gateway: Gateway,
  infos: readonly InstrumentInfo[],
  grids: readonly GridParameters[],
  history: History,
  marketNow: number,
  patience: ReachOptions,
): Promise<DeskConfig> {
  const { settings, clock, version } = options;
  const whose = whoIs(settings, gateway.venue);
  const symbols = infos.map(({ instrument }) => instrument.id);
  const steps = new KnownSteps(store.ledger, gateway.venue, settings.account.name);
  await steps.note(infos.map(({ instrument }) => instrument));
  const { historyFrom, truth } = await lookBack(history, marketNow, (from) =>
    reach(() => steps.counting(() => gateway.account.truth(symbols, from)), patience),
  );
  requirePositionMode(settings, truth.isHedgeMode);
  // A version that knew no scopes counted by the account's name alone.
  let seen = await store.currentEpoch(settings.account.name);
  for (const { clientId } of [...truth.openOrders, ...truth.openConditionals, ...truth.history]) {
    const id = readClientId(clientId);
    if (id?.desk === settings.desk.name) seen = Math.max(seen, id.epoch);
  }
  const epoch = await store.nextEpoch(scopeOf(whose), seen + 1);
  const config: KernelConfig = {
    version,
    ...whose,
    asset: settleAsset(infos),
    nonce: nonce(),
    epoch,
    bootWallAt: millis(Math.round(clock.now())),
    entriesHoldMs: millis(gateway.trading.recvWindowMs + ENTRIES_MARGIN_MS),
    staleMs: millis(MARKET_STALE_MS),
    speed: settings.speed,
    instruments: infos,
    grids,
    leverageMax: settings.risk.leverageMax,
    grossLeverageMax: settings.risk.grossLeverageMax,
    distanceMin: settings.risk.liquidationBuffer,
    lastStop: settings.risk.lastStop,
    ...(settings.risk.cancelAfterSeconds > 0 ? { countdownSeconds: settings.risk.cancelAfterSeconds } : {}),
    proposals: {
      expiresMs: millis(settings.proposals.expiresMs),
      recoveryExpiresMs: millis(settings.proposals.recoveryExpiresMs),
      drift: settings.proposals.drift,
      dataAgeMaxMs: millis(settings.proposals.maxDataAgeMs),
      overCap: {
        notional: settings.proposals.closeNotionalMax,
        loss: settings.proposals.closeLossMax,
      },
      panicUndoMs: millis(settings.proposals.panicUndoMs),
    },
    people: rosterRules(settings),
    ledger: history.ledger,
  };
  return { config, historyFrom };
}

/**
 * Reads the account as far back as its own orders must be known for their epoch. A fresh ledger beside an account where
 * something is held or rests was lost: all that the exchange still has is read then, and by every reading of the start.
 */
async function lookBack(
  history: History,
  marketNow: number,
  read: (from: number) => Promise<TruthReading>,
): Promise<{ readonly historyFrom: Millis; readonly truth: Truth }> {
  const since = (ms: number) => millis(Math.max(history.from, marketNow - ms));
  if (history.ledger !== "fresh")
    return { historyFrom: history.from, truth: (await read(since(EPOCH_LOOK_MS))).truth };
  const from = since(EMPTY_LOOK_MS);
  const { truth } = await read(from);
  const { openOrders, openConditionals, books } = truth;
  const isEmpty = [...openOrders, ...openConditionals].length === 0 && books.every((book) => book.lots === 0);
  if (isEmpty) return { historyFrom: from, truth };
  return { historyFrom: history.from, truth: (await read(history.from)).truth };
}

/** What the settings say of people: chat never gives more. */
function rosterRules({ chat }: Settings): RosterRules {
  const { newPeople } = chat;
  return {
    listed: chat.people.map(({ name, role, telegramId, discordId }) => ({
      name,
      role,
      ...(telegramId === undefined ? {} : { telegram: telegramId }),
      ...(discordId === undefined ? {} : { discord: discordId }),
    })),
    ...(newPeople === "none" ? {} : { newPeople }),
    terminal: chat.terminal.person,
  };
}

/** Who this desk is; `scopeOf` makes a text of it. */
export const whoIs = (settings: Settings, venue: VenueId) => ({
  mode: settings.mode,
  venue,
  account: settings.account.name,
  desk: settings.desk.name,
});

/** Four of a-z, 0-9 from the operating system: tells two processes of one epoch apart. Never the fixed "0000". */
function nonce(): string {
  for (;;) {
    const text = (randomBytes(4).readUInt32BE() % 36 ** 4).toString(36).padStart(4, "0");
    if (text !== "0000") return text;
  }
}
