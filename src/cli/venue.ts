import { createLog } from "../observe/log.ts";
import { createRedactor } from "../observe/redactor.ts";
import { port, readArguments, speed } from "./arguments.ts";
import { faultPlan } from "./faults-file.ts";
import { readSettings } from "./read-settings.ts";
import { simKeys } from "./sim-keys.ts";
import { startSimVenue, VenueError } from "./sim-venue.ts";
import { StartError } from "./start-error.ts";

/** Serves the built-in exchange until it is told to stop. */
export async function venue(args: readonly string[]): Promise<number> {
  const { values } = readArguments(
    args,
    {
      port: { type: "string", default: "7070" },
      market: { type: "string" },
      speed: { type: "string" },
      config: { type: "string" },
      faults: { type: "string" },
      control: { type: "boolean", default: false },
    },
    0,
  );
  const at = port(values.port);
  if (values.speed !== undefined) speed(values.speed);
  const faults = values.faults === undefined ? undefined : faultPlan(values.faults);
  const { settings, secrets } = await readSettings({
    configFile: values.config,
    env: process.env,
    cwd: process.cwd(),
    overrides: { mode: "sim", market: values.market, speed: values.speed },
  });
  const keys = simKeys(process.env);
  const log = createLog({
    level: settings.log.level,
    redactor: createRedactor([...secrets, ...keys.secrets]),
  });
  const { exchange, market, speed: factor, account } = settings;
  const symbols = settings.engines.map(({ symbol }) => symbol);
  const running = await startSimVenue(
    {
      exchange,
      symbols,
      market,
      speed: factor,
      account,
      keys: keys.keys,
      port: at,
      control: values.control,
      faults,
    },
    log,
  ).catch((error: unknown) => {
    throw error instanceof VenueError ? new StartError(error.message) : error;
  });
  process.stdout.write(
    `${JSON.stringify({ listening: `http://127.0.0.1:${running.port}`, port: running.port, market, speed: factor })}\n`,
  );
  await new Promise<void>((resolve) => {
    process.on("SIGINT", () => resolve());
    process.on("SIGTERM", () => resolve());
  });
  await running.close();
  return 0;
}
