/**
 * How far quotes may move, ends included, and until when (market time, not included) without anything coming of them, nor of
 * a wake that is due meanwhile: within it they may be left out.
 */
export interface Quiet {
  readonly bidFrom: number;
  readonly bidTo: number;
  readonly askFrom: number;
  readonly askTo: number;
  readonly markFrom: number;
  readonly markTo: number;
  readonly until: number;
}

/** Every quote there can be, for ever. */
export const ANY_QUOTE: Quiet = {
  bidFrom: 0,
  bidTo: Number.POSITIVE_INFINITY,
  askFrom: 0,
  askTo: Number.POSITIVE_INFINITY,
  markFrom: 0,
  markTo: Number.POSITIVE_INFINITY,
  until: Number.POSITIVE_INFINITY,
};

/** What both leave. */
export const bothQuiet = (one: Quiet, other: Quiet): Quiet => ({
  bidFrom: Math.max(one.bidFrom, other.bidFrom),
  bidTo: Math.min(one.bidTo, other.bidTo),
  askFrom: Math.max(one.askFrom, other.askFrom),
  askTo: Math.min(one.askTo, other.askTo),
  markFrom: Math.max(one.markFrom, other.markFrom),
  markTo: Math.min(one.markTo, other.markTo),
  until: Math.min(one.until, other.until),
});
