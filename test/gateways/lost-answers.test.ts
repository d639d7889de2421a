import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { RejectKind } from "../../src/core/reject-kind.ts";
import { lots, ticks } from "../../src/core/units.ts";
import { type BinanceRig, marketOrder, openRig, order, stopOrder } from "./rig.ts";
import { type Fault, refusal } from "./wire.ts";

const PLACE = "POST /fapi/v1/order";
const PLACE_STOP = "POST /fapi/v1/algoOrder";
const CANCEL = "DELETE /fapi/v1/order";
const HTML = "<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>";

/** Ways to lose an answer after which nobody can say whether the order was carried out. */
const LOST: readonly (readonly [string, Fault])[] = [
  ["HTTP 200 with malformed JSON", { type: "answer", status: 200, body: '{"orderId":12' }],
  ["HTTP 200 with nothing in it", { type: "answer", status: 200, body: "" }],
  ["HTTP 200 with a list", { type: "answer", status: 200, body: "[]" }],
  ["HTTP 200 without the order's status", { type: "answer", status: 200, body: '{"symbol":"BTCUSDT"}' }],
  ["a gateway's 502 page", { type: "answer", status: 502, body: HTML }],
  ["a 504 without a body", { type: "answer", status: 504, body: "" }],
  ["a reset before the answer", { type: "reset" }],
  ["a reset in the middle of the answer", { type: "resetMidAnswer" }],
  ["-1000, an unknown error", refusal(-1000)],
  ["-1001, disconnected", refusal(-1001)],
  ["-1006, an unexpected response", refusal(-1006)],
  ["-1007, a time-out behind the gateway", refusal(-1007, 503)],
  ["-4116, the client id is there already", refusal(-4116)],
];

/** Refusals: nothing rests afterwards. With the HTTP status that they come with. */
const REFUSED: readonly (readonly [code: number, status: number, kind: RejectKind])[] = [
  [-5022, 400, "postOnly"],
  [-2022, 400, "reduceOnly"],
  [-4118, 400, "reduceOnly"],
  [-2021, 400, "wouldTrigger"],
  [-2018, 400, "margin"],
  [-2019, 400, "margin"],
  [-2027, 400, "margin"],
  [-4131, 400, "thinMarket"],
  [-1111, 400, "filter"],
  [-4164, 400, "filter"],
  [-4014, 400, "filter"],
  [-4016, 400, "filter"],
  [-4024, 400, "filter"],
  [-2025, 400, "tooMany"],
  [-4045, 400, "tooMany"],
  [-1015, 429, "rateLimit"],
  [-1008, 503, "unavailable"],
  [-1021, 400, "clock"],
  [-1022, 400, "auth"],
  [-2014, 401, "auth"],
  [-2015, 401, "auth"],
  [-2023, 400, "other"],
  [-4028, 400, "other"],
  [-4061, 400, "other"],
  [-4120, 400, "other"],
];

describe("an answer that is lost is never guessed", () => {
  let rig: BinanceRig;
  beforeEach(async () => {
    rig = await openRig();
    await rig.gateway.market.instruments(["BTCUSDT"]);
  });
  afterEach(() => rig.close());

  it.each(LOST)("%s leaves an order unknown", async (_name, fault) => {
    const sent = order();
    rig.wire.spoil(PLACE, fault);
    const events = await rig.gateway.trading.place(sent);
    expect(events).toEqual([
      {
        type: "placeUnknown",
        at: 0,
        wallAt: expect.any(Number),
        account: "main",
        clientId: sent.clientId,
        reason: expect.stringMatching(/./),
      },
    ]);
    expect(rig.wire.count(PLACE)).toBe(1);
  });

  it.each(LOST)("%s leaves a stop unknown, too", async (_name, fault) => {
    rig.wire.spoil(PLACE_STOP, fault);
    expect(await rig.gateway.trading.place(stopOrder())).toMatchObject([{ type: "placeUnknown" }]);
    expect(rig.wire.count(PLACE_STOP)).toBe(1);
  });

  it.each(LOST)("%s leaves a cancel failed, and the order not known to be gone", async (_name, fault) => {
    const sent = order();
    await rig.gateway.trading.place(sent);
    rig.wire.spoil(CANCEL, fault);
    const events = await rig.gateway.trading.cancel(sent, undefined);
    expect(events).toMatchObject([{ type: "cancelFailed", clientId: sent.clientId, isGone: false }]);
    expect(rig.wire.count(CANCEL)).toBe(1);
  });

  it.each(LOST)("%s makes a query fail, which is not 'not found'", async (_name, fault) => {
    rig.wire.spoil("GET /fapi/v1/order", fault);
    expect(await rig.gateway.trading.query(order())).toEqual({
      type: "failed",
      reason: expect.stringMatching(/./),
    });
  });

  // An empty list is a sound answer of these calls.
  it.each(LOST.filter(([, fault]) => fault.type !== "answer" || fault.body !== "[]"))(
    "%s in any part makes the reading of the account fail whole",
    async (_name, fault) => {
      const from = rig.venue.exchange.now() - 1_000;
      const parts = [
        "v1/openOrders",
        "v1/openAlgoOrders",
        "v1/allOrders",
        "v1/allAlgoOrders",
        "v1/userTrades",
      ];
      for (const part of parts) {
        const heal = rig.wire.spoilAll(`GET /fapi/${part}`, fault);
        await expect(rig.gateway.account.truth(["BTCUSDT"], from), part).rejects.toThrow();
        heal();
      }
      rig.wire.spoilAll("GET /fapi/v3/positionRisk", fault);
      await expect(rig.gateway.account.exposure()).rejects.toThrow();
    },
  );

  it("leaves an order unknown when nobody listens at the exchange's address", async () => {
    await rig.wire.down();
    const [event] = await rig.gateway.trading.place(order());
    expect(event).toMatchObject({ type: "placeUnknown" });
    expect(await rig.gateway.trading.query(order())).toMatchObject({ type: "failed" });
    await expect(rig.gateway.market.clockSkew()).rejects.toThrow();
  });

  it.each(["reset", "resetMidAnswer"] as const)(
    "finds an order that was carried out although its answer was lost by a %s",
    async (type) => {
      const sent = marketOrder();
      rig.wire.spoil(PLACE, { type, isCarriedOut: true });
      expect(await rig.gateway.trading.place(sent)).toMatchObject([{ type: "placeUnknown" }]);
      expect(await rig.gateway.trading.query(sent)).toMatchObject({
        type: "found",
        events: [
          { type: "fill", clientId: sent.clientId, lots: 10 },
          { type: "orderReport", clientId: sent.clientId, status: "filled" },
        ],
      });
    },
  );

  it("finds an order after -1007, when it was executed all the same", async () => {
    const sent = order();
    rig.wire.spoil(PLACE, { ...(refusal(-1007, 503) as object), isCarriedOut: true } as Fault);
    expect(await rig.gateway.trading.place(sent)).toMatchObject([
      { type: "placeUnknown", reason: "refused with -1007 (-1007)" },
    ]);
    const answer = await rig.gateway.trading.query(sent);
    expect(answer).toMatchObject({ type: "found", events: [{ type: "orderReport", status: "open" }] });
  });

  it("does not find an order after -1007, when it was not", async () => {
    const sent = order();
    rig.wire.spoil(PLACE, refusal(-1007, 503));
    await rig.gateway.trading.place(sent);
    expect(await rig.gateway.trading.query(sent)).toEqual({ type: "notFound" });
  });

  it("does not take a query for answered when its fills can't be read", async () => {
    const sent = marketOrder();
    await rig.gateway.trading.place(sent);
    rig.wire.spoil("GET /fapi/v1/userTrades", { type: "reset" });
    expect(await rig.gateway.trading.query(sent)).toMatchObject({ type: "failed" });
  });

  it.each(REFUSED)("tells %i (HTTP %i) as a refusal of kind %s", async (code, status, kind) => {
    const sent = order();
    rig.wire.spoil(PLACE, refusal(code, status));
    expect(await rig.gateway.trading.place(sent)).toEqual([
      {
        type: "placeRejected",
        at: 0,
        wallAt: expect.any(Number),
        account: "main",
        clientId: sent.clientId,
        reason: `refused with ${code} (${code})`,
        code,
        kind,
      },
    ]);
  });

  it.each([-2011, -2013])("tells %i on a cancel as gone, and on a query as not found", async (code) => {
    rig.wire.spoil(CANCEL, refusal(code));
    expect(await rig.gateway.trading.cancel(order(), undefined)).toMatchObject([
      { type: "cancelFailed", isGone: true },
    ]);
    rig.wire.spoil("GET /fapi/v1/order", refusal(code));
    expect(await rig.gateway.trading.query(order())).toEqual({ type: "notFound" });
  });

  it.each([-2015, -1021, -1003])("does not take %i on a query for 'not found'", async (code) => {
    rig.wire.spoil("GET /fapi/v1/order", refusal(code));
    expect(await rig.gateway.trading.query(order())).toMatchObject({ type: "failed" });
  });

  it("takes a request that the exchange calls too old for a refusal by the clock", async () => {
    rig.venue.wall.ahead = 3_500;
    expect(await rig.gateway.trading.place(order())).toMatchObject([
      { type: "placeRejected", kind: "clock", code: -1021 },
    ]);
    rig.venue.wall.ahead = 2_000;
    expect(await rig.gateway.trading.place(order())).toMatchObject([{ type: "orderReport", status: "open" }]);
    expect(await rig.gateway.market.clockSkew()).toBeGreaterThan(1_500);
  });
});

describe("a request that is never answered is lost, too", () => {
  it("leaves orders unknown, cancels and queries failed and readings refused, and finds what was carried out", async () => {
    const rig = await openRig({ timeoutMs: 400 });
    try {
      // A busy machine may well be slower than so short a patience; only the hanging requests are the subject.
      await rig.gateway.market
        .instruments(["BTCUSDT"])
        .catch(() => rig.gateway.market.instruments(["BTCUSDT"]));
      const sent = order();
      const bought = marketOrder();
      const calls = [
        PLACE_STOP,
        CANCEL,
        "GET /fapi/v1/order",
        "GET /fapi/v1/userTrades",
        "GET /fapi/v3/positionRisk",
      ];
      const heals = [
        rig.wire.spoilAll(PLACE, { type: "hang", isCarriedOut: true }),
        ...calls.map((call) => rig.wire.spoilAll(call, { type: "hang" })),
      ];
      const { trading, account } = rig.gateway;
      const unknown = [{ type: "placeUnknown", reason: "RequestTimeout: timed out" }];
      await Promise.all([
        expect(trading.place(bought)).resolves.toMatchObject(unknown),
        expect(trading.place(stopOrder())).resolves.toMatchObject(unknown),
        expect(trading.cancel(sent, undefined)).resolves.toMatchObject([
          { type: "cancelFailed", isGone: false },
        ]),
        expect(trading.query(sent)).resolves.toMatchObject({ type: "failed" }),
        expect(account.truth(["BTCUSDT"], rig.venue.exchange.now() - 1_000)).rejects.toThrow(),
        expect(account.exposure()).rejects.toThrow(/timed out/),
      ]);
      for (const heal of heals) heal();
      expect(await trading.query(bought)).toMatchObject({
        type: "found",
        events: [{ type: "fill", lots: 10 }, { status: "filled" }],
      });
    } finally {
      await rig.close();
    }
  });
});

describe("the exchange's limits hold entries back before closes", () => {
  let rig: BinanceRig;
  beforeEach(async () => {
    rig = await openRig();
    await rig.gateway.market.instruments(["BTCUSDT"]);
    await rig.gateway.trading.place(marketOrder());
  });
  afterEach(() => rig.close());

  const kindOf = async (facts: Parameters<typeof rig.gateway.trading.place>[0]) => {
    const [event] = await rig.gateway.trading.place(facts);
    return event?.type === "placeRejected" ? `${event.kind}: ${event.reason}` : event?.type;
  };
  const close = () => marketOrder({ role: "close", side: "sell", lots: lots(1), isReduceOnly: true });

  it("sends closes and cancels when only the reserve is left, but no entry and no reading", async () => {
    const entry = order({ price: ticks(480_000) });
    await rig.gateway.trading.place(entry);
    const used = { "X-MBX-USED-WEIGHT-1M": "2000" };
    rig.wire.spoil("GET /fapi/v1/time", {
      type: "answer",
      status: 200,
      body: '{"serverTime":1}',
      headers: used,
    });
    await rig.gateway.market.clockSkew();
    const before = rig.wire.count(PLACE);
    expect(await kindOf(order())).toMatch(/^rateLimit: 2000 of 2400 request weight/);
    expect(rig.wire.count(PLACE)).toBe(before);
    await expect(rig.gateway.account.exposure()).rejects.toThrow(/2000 of 2400/);
    expect(await kindOf(close())).toBe("orderReport");
    expect(await rig.gateway.trading.cancel(entry, undefined)).toMatchObject([{ status: "canceled" }]);
    expect(await rig.gateway.trading.query(entry)).toMatchObject({ type: "found" });
  });

  it.each([429, 418])("sends nothing at all for as long as an HTTP %i says", async (status) => {
    rig.wire.spoil(PLACE, refusal(-1003, status, { "Retry-After": "7" }));
    const [refused] = await rig.gateway.trading.place(order());
    expect(refused).toMatchObject({ kind: "rateLimit", code: -1003, reason: "refused with -1003 (-1003)" });
    const asked = rig.wire.asked.length;
    // The desk hears how long that is, from the answer and from every refusal of our own.
    const [again] = await rig.gateway.trading.place(order());
    expect(again).toMatchObject({ kind: "rateLimit", code: undefined });
    for (const event of [refused, again]) {
      const waitMs = event?.type === "placeRejected" ? event.waitMs : undefined;
      expect(waitMs).toBeGreaterThan(0);
      expect(waitMs).toBeLessThanOrEqual(7_000);
    }
    expect(await kindOf(close())).toMatch(
      /^rateLimit: the exchange wants no requests for another [67]\d{3} ms/,
    );
    expect(await rig.gateway.trading.query(order())).toMatchObject({ type: "failed" });
    expect(await rig.gateway.trading.cancel(order(), undefined)).toMatchObject([
      { type: "cancelFailed", isGone: false },
    ]);
    expect(rig.wire.asked).toHaveLength(asked);
  });

  it("takes a 429 without any JSON for a ban of a minute", async () => {
    rig.wire.spoil(PLACE, { type: "answer", status: 429, body: "slow down" });
    expect(await kindOf(order())).toBe("rateLimit: too many requests");
    expect(await kindOf(close())).toMatch(/another (59|60)\d{3} ms/);
  });

  it("holds back only entries after too many orders (-1015): closes, cancels and queries go on", async () => {
    rig.wire.spoil(PLACE, refusal(-1015, 429));
    const [refused] = await rig.gateway.trading.place(order());
    expect(refused).toMatchObject({ kind: "rateLimit", code: -1015, reason: "refused with -1015 (-1015)" });
    // It is no ban: the desk hears of no standstill.
    expect(refused).not.toHaveProperty("waitMs");
    expect(await kindOf(order())).toBe("rateLimit: the exchange wants no more orders just now");
    expect(await kindOf(close())).toBe("orderReport");
    expect(await rig.gateway.trading.query(order())).toEqual({ type: "notFound" });
  });

  it("goes on at once after -1008: the server was overloaded, nobody is banned", async () => {
    rig.wire.spoil(PLACE, refusal(-1008, 503));
    expect(await kindOf(order())).toBe("unavailable: refused with -1008 (-1008)");
    expect(await kindOf(order())).toBe("orderReport");
  });

  it("meets the venue's own limit of orders, and is heard again in the next window", async () => {
    const busy = await openRig({ server: { limits: { ordersPerTenSeconds: 2 } } });
    try {
      await busy.gateway.market.instruments(["BTCUSDT"]);
      const answers = await Promise.all([1, 2, 3].map(() => busy.gateway.trading.place(order())));
      expect(
        answers
          .flat()
          .map(({ type }) => type)
          .sort(),
      ).toEqual(["orderReport", "orderReport", "placeRejected"]);
      expect(await busy.gateway.trading.query(order())).toEqual({ type: "notFound" });
    } finally {
      await busy.close();
    }
  });

  it("meets the venue's own weight limit with its Retry-After", async () => {
    const busy = await openRig({ server: { limits: { weightPerMinute: 30 } } });
    try {
      await busy.gateway.market.instruments(["BTCUSDT"]);
      const truth = busy.gateway.account.truth(["BTCUSDT"], busy.venue.exchange.now() - 1_000);
      await expect(truth).rejects.toThrow(/-1003/);
      const asked = busy.wire.asked.length;
      await expect(busy.gateway.account.exposure()).rejects.toThrow(/wants no requests/);
      expect(busy.wire.asked).toHaveLength(asked);
    } finally {
      await busy.close();
    }
  });
});
