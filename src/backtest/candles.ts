import type { InstrumentId } from "../core/instrument.ts";
import { type FileCandle, readCandleFile } from "../venue/candle-file.ts";

/** All candles of one instrument, from one file or from several that follow each other. */
export interface CandleRow {
  readonly candles: readonly FileCandle[];
  readonly candleMs: number;
}

/** Candles by instrument, or one sentence that names the file and the mend. */
export type CandlesReading =
  | { readonly ok: true; readonly rows: ReadonlyMap<InstrumentId, CandleRow> }
  | { readonly ok: false; readonly message: string };

/** What to take of the files; times are when a candle opens, the end is left out. */
export interface CandleChoice {
  /** What a file's name may contain. */
  readonly known: Iterable<InstrumentId>;
  /** Whose candles a file holds whose name says nothing. */
  readonly otherwise: InstrumentId;
  readonly from?: number | undefined;
  readonly to?: number | undefined;
}

/**
 * Reads candle files (see `readCandleFile`). Those of one instrument must follow each other without a gap, in the order
 * in which they are named; which instrument it is is told by the file's name.
 */
export function readCandles(paths: readonly string[], choice: CandleChoice): CandlesReading {
  const known = [...choice.known].sort((a, b) => b.length - a.length);
  const joined = new Map<InstrumentId, { candles: FileCandle[]; candleMs: number; path: string }>();
  for (const path of paths) {
    const read = readCandleFile(path);
    if (!read.ok) return read;
    const { candles, candleMs } = read;
    const id = instrumentIn(path, known) ?? choice.otherwise;
    const before = joined.get(id);
    if (before === undefined) {
      joined.set(id, { candles: [...candles], candleMs, path });
      continue;
    }
    const wrong = whyNotNext(before, candles, candleMs, path);
    if (wrong !== undefined) return { ok: false, message: wrong };
    for (const candle of candles) before.candles.push(candle);
    before.path = path;
  }
  const rows = new Map<InstrumentId, CandleRow>();
  for (const [id, { candles, candleMs }] of joined) {
    const { from = Number.NEGATIVE_INFINITY, to = Number.POSITIVE_INFINITY } = choice;
    const cut = candles.filter(({ openAt }) => openAt >= from && openAt < to);
    if (cut.length === 0) {
      const span = `${isoOf(candles[0]?.openAt ?? 0)} to ${isoOf(candles[candles.length - 1]?.openAt ?? 0)}`;
      return {
        ok: false,
        message: `no candle of ${id} lies within --from and --to: the files go from ${span}`,
      };
    }
    rows.set(id, { candles: cut, candleMs });
  }
  return { ok: true, rows };
}

function instrumentIn(path: string, known: readonly InstrumentId[]): InstrumentId | undefined {
  const file = path.slice(Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\")) + 1);
  return known.find((id) => file.includes(id));
}

function whyNotNext(
  before: { readonly candles: readonly FileCandle[]; readonly candleMs: number; readonly path: string },
  candles: readonly FileCandle[],
  candleMs: number,
  path: string,
): string | undefined {
  const last = before.candles[before.candles.length - 1];
  const [first] = candles;
  if (last === undefined || first === undefined) return undefined;
  // The length of a file's candles shows from two of them on.
  if (candles.length > 1 && candleMs !== before.candleMs)
    return `candle file ${path} has candles of ${candleMs / 1000} s, ${before.path} of ${before.candleMs / 1000} s: name files of one length`;
  const wanted = last.openAt + before.candleMs;
  if (first.openAt === wanted) return undefined;
  return `candle file ${path} begins at ${isoOf(first.openAt)}, not at ${isoOf(wanted)}, where ${before.path} ends: name files that follow each other`;
}

/** A time as people and files write it. */
export const isoOf = (at: number): string => new Date(at).toISOString().replace(".000Z", "Z");
