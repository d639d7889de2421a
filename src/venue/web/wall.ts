/** The clock of people and transport, as the server needs it; `{ now: Date.now, setTimeout, clearTimeout }` fits. */
export interface WallClock {
  now(): number;
  setTimeout(run: () => void, delayMs: number): unknown;
  clearTimeout(timer: unknown): void;
}
