/** Bybit's "no": its numeric code and words, sent with HTTP 200. A value that handlers return, never thrown. */
export class Refusal {
  readonly code: number;
  readonly msg: string;
  readonly result: object;

  constructor(code: number, msg: string, result: object = {}) {
    this.code = code;
    this.msg = msg;
    this.result = result;
  }
}

/** A reading that may have been refused. */
export type Read<T> = T | Refusal;

/** A field that is missing or can't be read (10001, names the field). */
export const wrong = (what: string): Refusal => new Refusal(10001, `params error: ${what}`);

type Accepted<F> = { readonly [K in keyof F]: Exclude<F[K], Refusal> };

/** All fields of a form, or the first refusal among them in the order in which they are written. */
export function allOf<F extends Record<string, unknown>>(fields: F): Read<Accepted<F>> {
  for (const field of Object.values(fields)) if (field instanceof Refusal) return field;
  return fields as Accepted<F>;
}

/** Several orders of one call, each with its own answer. */
export class Batch {
  readonly list: readonly object[];
  readonly codes: readonly { readonly code: number; readonly msg: string }[];

  constructor(rows: readonly { readonly row: object; readonly refused: Refusal | undefined }[]) {
    this.list = rows.map(({ row }) => row);
    this.codes = rows.map(({ refused }) => ({ code: refused?.code ?? 0, msg: refused?.msg ?? "OK" }));
  }
}
