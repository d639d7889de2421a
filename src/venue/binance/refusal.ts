/** Binance's "no": an HTTP status, its numeric code and its words. A value that handlers return, never thrown. */
export class Refusal {
  readonly status: number;
  readonly code: number;
  readonly msg: string;
  /** Seconds until it makes sense to come back; sent as `Retry-After`. */
  readonly retryAfter: number | undefined;

  constructor(code: number, msg: string, status = 400, retryAfter?: number) {
    this.code = code;
    this.msg = msg;
    this.status = status;
    this.retryAfter = retryAfter;
  }

  /** The JSON body that goes out. */
  get body(): { readonly code: number; readonly msg: string } {
    return { code: this.code, msg: this.msg };
  }
}

/** A reading that may have been refused. */
export type Read<T> = T | Refusal;

/** A required field is not there, is empty or can't be read (-1102, names the field). */
export const missing = (name: string): Refusal =>
  new Refusal(-1102, `Mandatory parameter '${name}' was not sent, was empty/null, or malformed.`);

/** A field was sent that has no place in this call (-1106). */
export const notRequired = (name: string): Refusal =>
  new Refusal(-1106, `Parameter '${name}' sent when not required.`);

/** A field holds something outside its allowed values (-1130). */
export const badValue = (name: string): Refusal =>
  new Refusal(-1130, `Data sent for parameter '${name}' is not valid.`);

type Accepted<F> = { readonly [K in keyof F]: Exclude<F[K], Refusal> };

/** All fields of a form, or the first refusal among them in the order in which they are written. */
export function allOf<F extends Record<string, unknown>>(fields: F): Read<Accepted<F>> {
  for (const field of Object.values(fields)) if (field instanceof Refusal) return field;
  return fields as Accepted<F>;
}
