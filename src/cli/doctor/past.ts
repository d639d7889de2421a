import { existsSync } from "node:fs";
import { join } from "node:path";
import type { InstrumentId, VenueId } from "../../core/instrument.ts";
import type { InstrumentSteps } from "../../desk/ports.ts";
import type { Settings } from "../../settings/settings.ts";
import { openStore } from "../../store/store.ts";
import { beginning } from "../beginning.ts";
import { KnownSteps } from "../known-steps.ts";

/** What the ledger says of former starts, as far as the next one goes by it. */
export interface Past {
  /** Steps that an earlier life of this desk counted in. */
  readonly known: ReadonlyMap<InstrumentId, InstrumentSteps>;
  /** What the first live start does with what it finds; undefined: it is no first one, or not live. */
  readonly start: Settings["live"]["startWith"] | undefined;
}

/** Reads it from the database; one that is not there yet, or can't be opened, knows nothing. Nothing is noted in the ledger. */
export async function readPast(
  settings: Settings,
  venue: VenueId,
  redact: (text: string) => string,
): Promise<Past> {
  const { mode, live, account, desk, databaseUrl } = settings;
  const nothing: Past = { known: new Map(), start: mode === "live" ? live.startWith : undefined };
  const file = join(desk.dataDir, "perpdesk.db");
  if (databaseUrl === undefined && !existsSync(file)) return nothing;
  const opened = await openStore({ url: databaseUrl, file, redact });
  if (!opened.ok) return nothing;
  const { store } = opened;
  try {
    const known = await new KnownSteps(store.ledger, venue, account.name).read();
    const { policy } = await beginning(settings, store.ledger);
    return { known, start: policy.start };
  } finally {
    await store.close();
  }
}
