/** OKX's "no" to a whole call: HTTP status, code and words. A value that handlers return, never thrown. */
export class Refusal {
  readonly code: string;
  readonly msg: string;
  readonly status: number;

  constructor(code: number, msg: string, status = STATUS.get(code) ?? 200) {
    this.code = String(code);
    this.msg = msg;
    this.status = status;
  }
}

/** HTTP statuses of the codes that have another one than 200, as OKX's list of error codes has them. */
const STATUS: ReadonlyMap<number, number> = new Map([
  [50001, 503],
  [50002, 400],
  [50004, 400],
  [50011, 429],
  [50013, 429],
  [50014, 400],
  [50026, 500],
  [50100, 400],
  [50102, 401],
  [50103, 401],
  [50104, 401],
  [50105, 401],
  [50106, 401],
  [50107, 401],
  [50111, 401],
  [50112, 401],
  [50113, 401],
  [50115, 405],
  [51000, 400],
]);

/** A reading that may have been refused. */
export type Read<T> = T | Refusal;

/** A field that must be there is missing or empty. */
export const missing = (name: string): Refusal => new Refusal(50014, `Parameter ${name} can not be empty.`);

/** A field holds something outside its allowed values. */
export const badValue = (name: string): Refusal => new Refusal(51000, `Parameter ${name} error`);

/** An instrument that is not listed. */
export const noInstrument = (): Refusal => new Refusal(51001, "Instrument ID or Spread ID doesn't exist.");

/** Cancelling, querying or amending something that is not there any more, or never was. */
export const GONE = {
  cancel: new Refusal(51400, "Cancellation failed as the order has been filled, canceled or does not exist."),
  query: new Refusal(51603, "Order does not exist"),
  amend: new Refusal(
    51503,
    "Order modification failed as the order has been filled, canceled or does not exist.",
  ),
} as const;
