import type { Order, Stop } from "./trader.ts";

/** One step of the scenario: what the client does, or what happens around it. */
type Step =
  | { readonly does: "leverage"; readonly to: number }
  | { readonly does: "isolate" }
  | { readonly does: "hedge"; readonly isOn: boolean }
  /** `price: "bid"` stands at the market's best bid, so that the next taker meets it first. */
  | { readonly does: "place"; readonly order: Omit<Order, "price"> & { readonly price?: number | "bid" } }
  | { readonly does: "amend"; readonly order: Order & { readonly price: number } }
  | { readonly does: "cancel"; readonly id: string }
  | { readonly does: "placeStop"; readonly stop: Stop }
  | { readonly does: "cancelStop"; readonly id: string }
  /** Somebody else sells at the market. */
  | { readonly happens: "sale"; readonly quantity: number }
  | { readonly happens: "prices"; readonly to: readonly number[] };

/** A step with the number that it is refused with, if it is. */
export type Scene = Step & { readonly title: string; readonly refusedWith?: number };

/** The one scenario that every client plays. Quantities in BTC, prices in USDT; the market starts at 50,000. */
export const SCENES: readonly Scene[] = [
  { title: "sets leverage", does: "leverage", to: 10 },
  { title: "isolates the margin", does: "isolate" },
  { title: "isolates it again", does: "isolate", refusedWith: -4046 },
  {
    title: "rests an order far below",
    does: "place",
    order: { id: "far", side: "buy", quantity: 0.02, price: 48_000 },
  },
  {
    title: "changes its price and size",
    does: "amend",
    order: { id: "far", side: "buy", quantity: 0.03, price: 48_500 },
  },
  { title: "cancels it", does: "cancel", id: "far" },
  { title: "cancels it again", does: "cancel", id: "far", refusedWith: -2011 },
  {
    title: "orders too little",
    does: "place",
    order: { id: "tiny", side: "buy", quantity: 0.001, price: 49_000 },
    refusedWith: -4164,
  },
  {
    title: "orders more than the margin bears",
    does: "place",
    order: { id: "huge", side: "buy", quantity: 9, price: 49_000 },
    refusedWith: -2019,
  },
  {
    title: "rests at the best bid",
    does: "place",
    order: { id: "part", side: "buy", quantity: 0.02, price: "bid" },
  },
  { title: "is filled in part", happens: "sale", quantity: 0.005 },
  { title: "cancels the rest", does: "cancel", id: "part" },
  { title: "buys at the market", does: "place", order: { id: "taken", side: "buy", quantity: 0.015 } },
  {
    title: "sets a stop",
    does: "placeStop",
    stop: {
      id: "stop",
      side: "sell",
      quantity: 0.02,
      kind: "STOP_MARKET",
      trigger: 49_000,
      reduceOnly: true,
    },
  },
  {
    title: "sets a take profit",
    does: "placeStop",
    stop: {
      id: "target",
      side: "sell",
      quantity: 0.02,
      kind: "TAKE_PROFIT_MARKET",
      trigger: 52_000,
      reduceOnly: true,
    },
  },
  { title: "cancels the take profit", does: "cancelStop", id: "target" },
  { title: "cancels it again", does: "cancelStop", id: "target", refusedWith: -2011 },
  { title: "can't change the position mode now", does: "hedge", isOn: true, refusedWith: -4068 },
  { title: "sees the price come near the stop", happens: "prices", to: [49_500, 49_100] },
  { title: "is stopped out", happens: "prices", to: [48_990, 49_000] },
  {
    title: "has nothing left to reduce",
    does: "place",
    order: { id: "empty", side: "sell", quantity: 0.01, reduceOnly: true },
    refusedWith: -2022,
  },
  { title: "turns to hedge mode", does: "hedge", isOn: true },
  {
    title: "must name a book",
    does: "place",
    order: { id: "bookless", side: "buy", quantity: 0.01 },
    refusedWith: -4061,
  },
  {
    title: "goes long",
    does: "place",
    order: { id: "long", side: "buy", quantity: 0.01, book: "LONG" },
  },
  {
    title: "goes short beside it",
    does: "place",
    order: { id: "short", side: "sell", quantity: 0.006, book: "SHORT" },
  },
  {
    title: "closes the long",
    does: "place",
    order: { id: "longOut", side: "sell", quantity: 0.01, book: "LONG" },
  },
  {
    title: "closes the short",
    does: "place",
    order: { id: "shortOut", side: "buy", quantity: 0.006, book: "SHORT" },
  },
  { title: "turns back to one-way mode", does: "hedge", isOn: false },
  { title: "takes more leverage", does: "leverage", to: 50 },
  { title: "buys with it", does: "place", order: { id: "risky", side: "buy", quantity: 0.02 } },
  { title: "sees its margin shrink", happens: "prices", to: [48_700, 48_400] },
  { title: "is liquidated", happens: "prices", to: [48_000, 47_500] },
];
