/** A scheduler that runs every so many milliseconds, and where it stands. */
export interface Cadence {
  readonly every: number;
  /** How far its runs lie behind the whole multiples of `every` since 1970 (ms); 0 = not fixed yet. */
  readonly offset: number;
  /** The run before (wall ms); undefined for the first one. */
  readonly previous: number | undefined;
  /** The earliest first run (wall ms). */
  readonly startDate: number | undefined;
}

/**
 * When the next run is (wall ms) and the offset that keeps its phase from then on.
 * Runs that were missed are made up for by one run at once; after it the runs fall on the old phase again.
 */
export function nextRun(cadence: Cadence, now: number): { readonly next: number; readonly offset: number } {
  const next = Math.floor(cadence.previous === undefined ? firstRun(cadence, now) : following(cadence, now));
  const offset = cadence.offset === 0 ? next - slotBefore(next, cadence.every) : Math.floor(cadence.offset);
  return { next, offset };
}

function firstRun({ every, offset, startDate }: Cadence, now: number): number {
  if (startDate !== undefined) return Math.max(startDate, now);
  return offset > 0 ? inPhase(every, offset, now) : now;
}

function following({ every, offset, previous = 0 }: Cadence, now: number): number {
  const next = previous + every;
  return next < now ? inPhase(every, offset, now) : next;
}

/** The first moment after `now` that lies in phase. */
function inPhase(every: number, offset: number, now: number): number {
  const aligned = slotBefore(now, every) + offset;
  return aligned <= now ? aligned + every : aligned;
}

function slotBefore(at: number, every: number): number {
  return Math.floor(at / every) * every;
}
