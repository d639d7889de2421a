import { hashText } from "../../core/random.ts";

const hex = (count: number, width: number): string => count.toString(16).padStart(width, "0");

/** Where an order lives: which of the exchanges, and its number there. */
export interface OrderPlace {
  readonly floor: number;
  readonly id: number;
}

/** Bybit's order ids are UUIDs; ours hold the exchange's number and its own count. */
export const orderIdText = ({ floor, id }: OrderPlace): string =>
  `${hex(floor, 8)}-0000-4000-8000-${hex(id, 12)}`;

/** Reads an order id back; undefined for any other text. */
export function orderPlaceOf(text: string): OrderPlace | undefined {
  const found = /^([0-9a-f]{8})-0000-4000-8000-([0-9a-f]{12})$/.exec(text);
  if (found === null) return undefined;
  return { floor: Number.parseInt(found[1] ?? "", 16), id: Number.parseInt(found[2] ?? "", 16) };
}

/** Id of an order that the matching refused after it was accepted. */
export const shortLivedIdText = (floor: number, count: number): string =>
  `${hex(floor, 8)}-0001-4000-8000-${hex(count, 12)}`;

/** Id of an execution: the two sides of a trade have two. */
export const execIdText = (floor: number, orderId: number, tradeId: number): string =>
  `${hex(orderId, 8)}-${hex(floor, 4)}-5000-8000-${hex(tradeId, 12)}`;

/** Id of a funding payment: one for an instrument and a time. */
export const fundingIdText = (floor: number, instrument: string, at: number): string =>
  `${hex(hashText(instrument), 8)}-${hex(floor, 4)}-5001-8000-${hex(at, 12)}`;
