import { randomBytes } from "node:crypto";
import { readClientId } from "../core/ids.ts";
import { millis } from "../core/units.ts";
import type { KernelConfig } from "../desk/kernel/config.ts";
import type { Clock, Gateway, InstrumentInfo, Store } from "../desk/ports.ts";
import type { GridParameters } from "../engines/grid/parameters.ts";
import type { Settings } from "../settings/settings.ts";
import { settleAsset } from "./grids.ts";
import type { History } from "./history.ts";
import { KnownSteps } from "./known-steps.ts";
import { type ReachOptions, reach } from "./reach.ts";

const ENTRIES_MARGIN_MS = 1_000;
const MARKET_STALE_MS = 10_000;
/** How far back own orders are looked at for their epoch; the ledger knows the older ones. */
const EPOCH_LOOK_MS = 86_400_000;

/** What the kernel's configuration is made from. */
export interface DeskConfigParts {
  readonly settings: Settings;
  readonly clock: Clock;
  readonly version: string;
}

/** The kernel's configuration: takes the lead of the account under an epoch above all that were ever seen. */
export async function kernelConfig(
  options: DeskConfigParts,
  store: Store,
  gateway: Gateway,
  infos: readonly InstrumentInfo[],
  grids: readonly GridParameters[],
  history: History,
  marketNow: number,
  patience: ReachOptions,
): Promise<KernelConfig> {
  const { settings, clock, version } = options;
  const symbols = infos.map(({ instrument }) => instrument.id);
  const from = Math.max(history.from, marketNow - EPOCH_LOOK_MS);
  const steps = new KnownSteps(store.ledger, gateway.venue, settings.account.name);
  await steps.note(infos.map(({ instrument }) => instrument));
  const { truth } = await reach(() => steps.counting(() => gateway.account.truth(symbols, from)), patience);
  let seen = 0;
  for (const { clientId } of [...truth.openOrders, ...truth.openConditionals, ...truth.history]) {
    const id = readClientId(clientId);
    if (id?.desk === settings.desk.name) seen = Math.max(seen, id.epoch);
  }
  const epoch = await store.nextEpoch(settings.account.name, seen + 1);
  return {
    version,
    mode: settings.mode,
    desk: settings.desk.name,
    account: settings.account.name,
    venue: gateway.venue,
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
    proposals: {
      expiresMs: millis(settings.proposals.expiresMs),
      drift: settings.proposals.drift,
      dataAgeMaxMs: millis(settings.proposals.maxDataAgeMs),
    },
    ledger: history.ledger,
  };
}

/** Four of a-z, 0-9 from the operating system: tells two processes of one epoch apart. Never the fixed "0000". */
function nonce(): string {
  for (;;) {
    const text = (randomBytes(4).readUInt32BE() % 36 ** 4).toString(36).padStart(4, "0");
    if (text !== "0000") return text;
  }
}
