import type { ExchangeClient } from "./exchange-client.ts";

/** Which calls and streams may go to the real exchange; everything that is not named here is private. */
export interface Split {
  isPublicCall(name: string): boolean;
  isPublicStream(url: string): boolean;
}

/**
 * Two carriers as one, for paper trading: public data comes from the real exchange, which the first one asks without keys;
 * every other call, orders above all, and every private stream go to the venue in this process over the second one.
 */
export function splitClient(open: ExchangeClient, own: ExchangeClient, split: Split): ExchangeClient {
  return {
    budget: own.budget,
    call: (name, params, urgency) => (split.isPublicCall(name) ? open : own).call(name, params, urgency),
    socket: (url, hello) => (split.isPublicStream(url) ? open : own).socket(url, hello),
    tap: (look) => {
      open.tap(look);
      own.tap(look);
    },
    now: () => own.now(),
    close: async () => {
      await Promise.all([open.close?.(), own.close?.()]);
    },
  };
}
