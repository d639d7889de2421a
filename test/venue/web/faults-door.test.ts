import { afterEach, describe, expect, it } from "vitest";
import { writeClientId } from "../../../src/core/ids.ts";
import { lots, ticks } from "../../../src/core/units.ts";
import type { WrittenFault } from "../../../src/venue/faults/fault.ts";
import { FAULT_KINDS, KINDS } from "../../../src/venue/faults/kinds.ts";
import { Script } from "../../../src/venue/faults/script.ts";
import { type Served, serveVenue, until } from "../binance/served-venue.ts";
import { ask, RESTING } from "./plain-client.ts";

let venue: Served;
afterEach(() => venue.close());

/** Talks to the faults of a running venue. */
async function door(method: string, plan?: unknown): Promise<readonly [number, Record<string, unknown>]> {
  const answer = await fetch(`${venue.server.url}/control/faults`, {
    method,
    ...(plan === undefined ? {} : { body: typeof plan === "string" ? plan : JSON.stringify(plan) }),
  });
  return [answer.status, (await answer.json()) as Record<string, unknown>];
}

describe("the door to a running venue's faults", () => {
  it("adds faults from now on, counts them, and takes them away", async () => {
    venue = await serveVenue({ control: true });
    expect(await door("GET")).toEqual([200, { counts: Object.fromEntries(KINDS.map((kind) => [kind, 0])) }]);
    const plan = { faults: [{ kind: "unavailable", on: "POST *" }] };
    expect(await door("POST", plan)).toEqual([200, { added: 1 }]);
    expect(await ask(venue, "POST /fapi/v1/order", RESTING)).toMatchObject([503, { code: -1008 }]);
    expect(await door("DELETE")).toMatchObject([200, { counts: { unavailable: 1, hang: 0 } }]);
    expect(await ask(venue, "POST /fapi/v1/order", RESTING)).toMatchObject([200, { status: "NEW" }]);
    expect(venue.exchange.openOrders("main")).toHaveLength(1);
  });

  it("says what is wrong with a plan, and adds none of it", async () => {
    venue = await serveVenue({ control: true });
    const plan = { faults: [{ kind: "hang" }, { kind: "latency", requestMs: -1 }] };
    expect(await door("POST", plan)).toEqual([
      400,
      { problems: ["faults[1].requestMs -1: write a number from 0 to 600000, or [low, high]."] },
    ]);
    expect(await door("POST", "no json")).toEqual([
      400,
      { problems: ['a fault plan holds "faults:" with a list.'] },
    ]);
    expect(await door("PUT", plan)).toMatchObject([405, {}]);
    expect(await ask(venue, "POST /fapi/v1/order", RESTING)).toMatchObject([200, {}]);
  });

  it("is shut unless the venue was started with it", async () => {
    venue = await serveVenue();
    expect(await door("GET")).toMatchObject([404, { code: -5000 }]);
  });
});

describe("what a served venue does to its exchange and its desk", () => {
  const OWN = writeClientId({
    desk: "abc",
    engineTag: "gr",
    role: "entry",
    rung: 3,
    slice: 0,
    generation: 5,
    epoch: 2,
    nonce: "n0n1",
  });

  it("every kind that is the exchange's or the harness's is carried out when it is due, and counts then", async () => {
    const script = new Script(() => Date.now());
    const harnessed: string[] = [];
    venue = await serveVenue({
      weather: script.plan,
      shock: (instrument, percent) => {
        venue.move(Math.round(500_000 * (1 + percent / 100)), instrument);
        return true;
      },
      harness: ({ fault }) => harnessed.push(fault.kind) > 0,
    });
    const order = {
      instrument: "BTCUSDT",
      side: "buy",
      positionSide: "both",
      timeInForce: "GTC",
      lots: lots(20),
      reduceOnly: false,
    } as const;
    venue.move(500_000);
    expect(venue.exchange.place("main", { ...order, clientId: "", kind: "market" }).ok).toBe(true);
    expect(
      venue.exchange.place("main", { ...order, clientId: OWN, kind: "limit", price: ticks(490_000) }).ok,
    ).toBe(true);
    const own: Readonly<Partial<Record<string, object>>> = {
      priceShock: { percent: 1 },
      deleveraged: { share: 0.25 },
      handTrade: { does: "add" },
      tickChange: { instrument: "ETHUSDT" },
      lotChange: { instrument: "ETHUSDT" },
      delisting: { instrument: "ETHUSDT" },
    };
    const kinds = KINDS.filter((kind) => ["exchange", "harness"].includes(FAULT_KINDS[kind].by));
    for (const kind of kinds) {
      script.once({ kind, ...own[kind] } as WrittenFault as never);
      await until(() => script.struck(kind) === 1, kind);
      expect(venue.exchange.validate(), kind).toEqual([]);
    }
    expect(kinds).toHaveLength(13);
    expect(harnessed).toEqual(["deskRestart", "twinDesk"]);
    expect(venue.exchange.status("ETHUSDT")).toBe("settling");
    expect(venue.exchange.openOrders("main").length).toBeGreaterThan(1);
  });

  it("what can't be done yet is done once it can; what nobody can do is not counted", async () => {
    const script = new Script(() => Date.now());
    venue = await serveVenue({ weather: script.plan });
    script.once({ kind: "deskRestart" });
    script.once({ kind: "handTrade", does: "cancelOrder" });
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect([script.struck("handTrade"), script.struck("deskRestart")]).toEqual([0, 0]);
    expect(await ask(venue, "POST /fapi/v1/order", RESTING)).toMatchObject([200, {}]);
    await until(() => script.struck("handTrade") === 1, "the next attempt, a second later");
    expect([venue.exchange.openOrders("main"), script.struck("deskRestart")]).toEqual([[], 0]);
  });
});
