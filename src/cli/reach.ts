import type { Clock } from "../desk/ports.ts";
import { NoBudgetError, UnfitAccountError } from "../gateways/exchange-client.ts";
import type { SocketTarget } from "../gateways/reroute.ts";
import type { Log } from "../observe/log.ts";
import { StartError } from "./start-error.ts";

const LOOK_AGAIN_MS = 1_000;
/** The exchange counts by the minute, so that this is more than it ever takes. */
const PATIENCE_MS = 150_000;

/** What asking needs: where the exchange is, and how to wait. */
export interface ReachOptions {
  /** Where a local venue listens, or the exchange as it is named in messages, e.g. "binanceusdm (demo)". */
  readonly target: SocketTarget | string;
  readonly clock: Clock;
  readonly log: Pick<Log, "warn">;
}

/**
 * Asks the exchange something that a start can't do without. A desk that was started many times within a minute finds
 * its share of requests used up and waits for the next minute; all else is a `StartError`.
 */
export async function reach<T>(ask: () => Promise<T>, { target, clock, log }: ReachOptions): Promise<T> {
  const until = clock.monotonic() + PATIENCE_MS;
  for (let isTold = false; ; isTold = true) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof NoBudgetError) || clock.monotonic() > until) throw told(error, target);
      if (!isTold) log.warn(`The start waits for the exchange: ${error.message}.`);
      await new Promise<void>((resolve) => clock.after(LOOK_AGAIN_MS, resolve));
    }
  }
}

function told(error: unknown, target: SocketTarget | string): StartError {
  const text = error instanceof Error ? error.message : String(error);
  if (/symbol "/.test(text) || error instanceof NoBudgetError) return new StartError(text);
  if (error instanceof UnfitAccountError) return new StartError(`${text}.`);
  const code = /"(?:code|retCode)":\s*"?(-?\d+)/.exec(text)?.[1] ?? "no answer";
  return new StartError(
    typeof target === "string"
      ? `${target} can't be read (${code}): check the network of this machine, and in demo and live the keys in .env.`
      : `The venue at ${target.host}:${target.port} can't be read (${code}): check that it runs and that its keys are ours.`,
  );
}
