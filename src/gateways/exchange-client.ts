import type { Urgency, WeightBudget } from "./weight-budget.ts";

/** The budget has no room for a call just now; nothing was sent. */
export class NoBudgetError extends Error {
  override readonly name = "NoBudgetError";
}

/** The account is set up so that this desk can't trade on it: the message says what to set, as a sentence without its end. */
export class UnfitAccountError extends Error {
  override readonly name = "UnfitAccountError";
}

/** A socket as it lives: it connects, and one day it breaks. Neither promise ever rejects unseen. */
export interface OpenSocket {
  readonly url: string;
  /** Rejects when the socket could not be opened. */
  readonly connected: Promise<unknown>;
  /** Resolves with the reason when the socket broke. */
  readonly broken: Promise<unknown>;
  /** Sends a message (an object as JSON) once connected; what can't be sent is lost with the socket. */
  send(message: object | string): void;
  /** What `work` sends leaves in one write at its end; left out where messages are not gathered. */
  together?(work: () => void): void;
  cut(error: Error): void;
}

/**
 * What carries a gateway's calls and frames: ccxt, a client of our own, or the simulation's in-process venue. It signs
 * and sends; payloads are the gateway's to read.
 */
export interface ExchangeClient {
  readonly budget: WeightBudget;
  /**
   * One REST call by method and path, e.g. "POST /fapi/v1/order"; resolves with the answer's JSON. Rejects with an
   * error whose message holds the exchange's own body (`{"code":-2019,...}`), or with `NoBudgetError`.
   */
  call(name: string, params: object, urgency: Urgency): Promise<unknown>;
  /** Opens a socket at an address of the exchange (production or demo, as the gateway's host table has it). */
  socket(url: string, hello?: object): OpenSocket;
  /** Hands every frame over, parsed, with the address of its socket. One listener. */
  tap(look: (url: string, message: unknown) => void): void;
  /** Wall time of this machine, whole milliseconds. */
  now(): number;
  /** Calls made within `work` leave in one write at its end; left out where each leaves by itself. */
  together?(work: () => void): void;
  /** Ends what the carrier keeps open by itself; sockets end with their keepers. */
  close?(): Promise<void>;
}
