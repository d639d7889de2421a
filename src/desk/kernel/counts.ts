/** Counts since the process started. */
export interface Counts {
  turns: number;
  sent: number;
  acked: number;
  refused: number;
  guardRefused: number;
  unknown: number;
  mismatches: number;
}

/** Nothing is counted yet. */
export const noCounts = (): Counts => ({
  turns: 0,
  sent: 0,
  acked: 0,
  refused: 0,
  guardRefused: 0,
  unknown: 0,
  mismatches: 0,
});
