import { exchangeFindings } from "../../src/cli/doctor/exchange.ts";
import { readPast } from "../../src/cli/doctor/past.ts";
import { openGateway } from "../../src/cli/open-gateway.ts";
import { simKeys } from "../../src/cli/sim-keys.ts";
import { systemClock } from "../../src/cli/system-clock.ts";
import type { Clock } from "../../src/desk/ports.ts";
import { hasty } from "../gateways/rig.ts";
import { Wire } from "../gateways/wire.ts";
import { KEY, serveVenue } from "../venue/binance/served-venue.ts";
import { grid, keptLog, ownFolder, settingsIn } from "./settings.ts";

const cleanUps: (() => unknown)[] = [];

/** Ends and removes all that a test opened here, the youngest first. */
export async function cleanUp(): Promise<void> {
  for (const clean of cleanUps.splice(0).reverse()) await clean();
}

/** A folder that is gone after the test. */
export function folderOf(): string {
  const folder = ownFolder();
  cleanUps.push(folder.gone);
  return folder.path;
}

/** What doctor finds of an exchange that a local venue plays. `options`: of the venue. */
export async function ofExchange(written: object, options: Parameters<typeof serveVenue>[0] = {}) {
  const served = await serveVenue({ isPaused: false, speed: 60, ...options });
  cleanUps.push(() => served.close());
  const wire = await Wire.to(served.server.port);
  cleanUps.push(() => wire.down());
  const settings = settingsIn(folderOf(), {
    engines: [grid("BTCUSDT")],
    desk: { dataDir: "." },
    ...written,
  });
  const target = { host: "127.0.0.1", port: wire.port };
  const simulated = { ...simKeys({}).keys, apiKey: KEY.apiKey, secret: KEY.secret };
  const parts = { settings, clock: hasty, log: keptLog(), simKeys: simulated, target };
  const exchange = await openGateway(parts);
  cleanUps.push(() => exchange.close());
  // A loaded machine may be slow to bring the first price; only a test that waits for none hurries.
  const look = async (clock: Clock = systemClock) => {
    const past = await readPast(settings, exchange.gateway.venue, (text) => text);
    return exchangeFindings(settings, exchange, clock, past);
  };
  return { served, wire, settings, look };
}
