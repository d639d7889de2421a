import { describe, expect, it } from "vitest";
import type { DeskEvent } from "../../../src/core/event.ts";
import type { ExchangeClient } from "../../../src/gateways/exchange-client.ts";
import { OKX_STREAMS } from "../../../src/gateways/okx/hosts.ts";
import { okx } from "../../../src/gateways/okx.ts";
import { HandClock } from "../rig.ts";

const COMMON = {
  ctType: "linear",
  ctVal: "0.01",
  instType: "SWAP",
  lotSz: "0.01",
  maxLmtSz: "1000",
  maxMktSz: "1000",
  minSz: "0.01",
  state: "live",
  tickSz: "0.1",
  uly: "BTC-USD",
};
/** Two families with one index: in coins, and in dollars of several kinds. */
const SWAPS = [
  {
    ...COMMON,
    ctType: "inverse",
    instId: "BTC-USD-SWAP",
    instFamily: "BTC-USD",
    settleCcy: "BTC",
    lotSz: "1",
  },
  { ...COMMON, instId: "BTC-USD_UM-SWAP", instFamily: "BTC-USD_UM", settleCcy: "USDⓈ" },
];
const ANSWERS: Readonly<Record<string, readonly object[]>> = {
  "GET /api/v5/public/instruments": SWAPS,
  "GET /api/v5/public/mark-price": [{ markPx: "50000" }],
  "GET /api/v5/public/position-tiers": [{ tier: "1", maxSz: "5000", mmr: "0.004", maxLever: "100" }],
  "GET /api/v5/account/trade-fee": [{ maker: "-0.0002", taker: "-0.0005" }],
};

describe("the index of a swap", () => {
  it("is the one that OKX names, also where the swap's id says something else", async () => {
    const sent: { readonly args: readonly { readonly channel: string; readonly instId: string }[] }[] = [];
    let tell: (url: string, message: unknown) => void = () => {};
    const client = {
      call: async (name: string) => ({ code: "0", msg: "", data: ANSWERS[name] ?? [] }),
      socket: (url: string, hello: (typeof sent)[number]) => {
        sent.push(hello);
        return {
          url,
          connected: Promise.resolve(),
          broken: new Promise(() => {}),
          send: () => {},
          cut: () => {},
        };
      },
      now: () => 0,
      tap: (look: typeof tell) => {
        tell = look;
      },
    } as unknown as ExchangeClient;
    const { market } = okx({
      account: "main",
      client,
      streams: OKX_STREAMS.live,
      keys: undefined,
      clock: new HandClock(),
      log: { warn: () => {} },
    });
    const ids = SWAPS.map(({ instId }) => instId);
    const events: DeskEvent[] = [];
    await market.instruments(ids);
    const started = market.start(ids, (event) => events.push(event));
    await new Promise((resolve) => setImmediate(resolve));
    const args = sent[0]?.args ?? [];
    expect(args.filter(({ channel }) => channel === "index-tickers")).toEqual([
      { channel: "index-tickers", instId: "BTC-USD" },
    ]);
    const url = OKX_STREAMS.live.public;
    for (const arg of args) tell(url, { event: "subscribe", arg });
    await started;
    const push = (channel: string, instId: string, row: object) =>
      tell(url, { arg: { channel, instId }, data: [{ ts: "1746057600001", ...row }] });
    push("index-tickers", "BTC-USD", { idxPx: "50008.8" });
    for (const id of ids) {
      push("funding-rate", id, { fundingRate: "0.0001", fundingTime: "1746086400000" });
      push("mark-price", id, { markPx: "50010" });
    }
    expect(events).toMatchObject(
      ids.map((instrument) => ({ type: "mark", instrument, mark: 500_100, index: 500_088 })),
    );
    await market.stop();
  });
});
