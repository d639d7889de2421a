/** A payload of the exchange that lacks a field or holds something else in it; names the field. */
export class PayloadError extends Error {
  override readonly name = "PayloadError";
}

/** A JSON object as it came; unknown fields are fine, missing ones are an error when they are read. */
export type Payload = Readonly<Record<string, unknown>>;

/** An object field, or the payload itself when it is one. */
export function object(raw: unknown, what: string): Payload {
  if (typeof raw !== "object" || raw === null || Array.isArray(raw))
    throw new PayloadError(`${what} is no object`);
  return raw as Payload;
}

/** A list of objects. */
export function list(raw: unknown, what: string): readonly Payload[] {
  if (!Array.isArray(raw)) throw new PayloadError(`${what} is no list`);
  return raw.map((item, index) => object(item, `${what}[${index}]`));
}

/** A text field; numbers become text (ccxt quotes long ones). */
export function text(payload: Payload, field: string): string {
  const raw = payload[field];
  if (typeof raw === "string") return raw;
  if (typeof raw === "number") return String(raw);
  throw new PayloadError(`field "${field}" is missing`);
}

/** A text field that may be missing. */
export const optionalText = (payload: Payload, field: string): string | undefined =>
  payload[field] === undefined || payload[field] === null ? undefined : text(payload, field);

/** A whole number, e.g. a time or an id below 2^53. */
export function whole(payload: Payload, field: string): number {
  const count = Number(text(payload, field));
  if (!Number.isSafeInteger(count)) throw new PayloadError(`field "${field}" is no whole number`);
  return count;
}

/** A yes or no; Binance sends booleans, ccxt may quote them. */
export function yes(payload: Payload, field: string): boolean {
  const raw = payload[field];
  if (raw === true || raw === "true") return true;
  if (raw === false || raw === "false") return false;
  throw new PayloadError(`field "${field}" is neither true nor false`);
}
