import { describe, expect, it } from "vitest";
import type { Engine } from "../../src/core/engine.ts";
import type { DeskEvent } from "../../src/core/event.ts";
import type { Intent } from "../../src/core/intent.ts";
import { lots, value } from "../../src/core/units.ts";
import type { Effect } from "../../src/desk/kernel/effect.ts";
import type { Turn } from "../../src/desk/kernel/kernel.ts";
import type { Gateway, Trading } from "../../src/desk/ports.ts";
import { again, type Plant, turning } from "./plants.ts";
import { HEDGE_FROM, scenarioOf } from "./scenario.ts";
import { runSeed } from "./world.ts";

/** A seed whose own run is without a violation. */
const SEED = 4;

/** A day in hedge mode on which what is stuck gets hedged. */
const HEDGED = HEDGE_FROM + 20;

/** Runs a seed in which nothing goes wrong but a restart, with a bug planted, and gives the promise that broke. */
async function broken(plant: Plant): Promise<string> {
  const { violation } = await runSeed(SEED, { plant, kinds: [] });
  return violation ?? "nothing was found";
}

/** A gateway whose orders go another way. */
const trading =
  (change: (trading: Trading) => Partial<Trading>): NonNullable<Plant["gateway"]> =>
  (gateway: Gateway) => {
    const { trading: own } = gateway;
    const bound: Trading = {
      recvWindowMs: own.recvWindowMs,
      place: (facts) => own.place(facts),
      cancel: (facts, id) => own.cancel(facts, id),
      query: (facts, id) => own.query(facts, id),
      setLeverage: (instrument, leverage) => own.setLeverage(instrument, leverage),
      setMarginMode: (instrument, mode) => own.setMarginMode(instrument, mode),
      addMargin: (instrument, side, amount) => own.addMargin(instrument, side, amount),
    };
    return { ...gateway, trading: { ...bound, ...change(bound) } };
  };

/** An engine some of whose intents get lost. */
const losing =
  (isLost: (intent: Intent, event: DeskEvent | undefined) => boolean): NonNullable<Plant["engine"]> =>
  (engine: Engine): Engine => ({
    id: engine.id,
    account: engine.account,
    needs: engine.needs,
    handle: (event, view) => engine.handle(event, view).filter((intent) => !isLost(intent, event)),
    adopt: (orders, view) => engine.adopt(orders, view).filter((intent) => !isLost(intent, undefined)),
    snapshot: () => engine.snapshot(),
    rungs: (view) => engine.rungs(view),
  });

const QUIET_TURN: Turn = { effects: [] };
const isEntry = (effect: Effect): boolean => effect.type === "send" && effect.order.role === "entry";

describe("every checker can fail", () => {
  it("finds nothing where no bug is planted", async () => {
    expect(await broken({})).toBe("nothing was found");
  });

  it("I1: an entry that is sent twice under two ids", async () => {
    const plant = trading((own) => ({
      place: async (facts) => {
        const answer = await own.place(facts);
        if (facts.role === "entry") await own.place(again(facts));
        return answer;
      },
    }));
    expect(await broken({ gateway: plant })).toMatch(
      /^I1: .* was accepted while .* of the same intent lives/,
    );
  });

  it("I1, I7: an order whose id is used again when it is closed", async () => {
    const plant = trading((own) => ({
      cancel: async (facts, id) => {
        const answer = await own.cancel(facts, id);
        if (facts.role === "entry") await own.place(facts);
        return answer;
      },
    }));
    expect(await broken({ gateway: plant })).toMatch(/^I1\/I7: the exchange accepted .* 2 times/);
  });

  it("I1, I9: an order that leaves while the first one of its intent is on its way", async () => {
    const plant = turning((_, __, turn) => {
      const { effects, ...rest } = turn();
      const copies = effects.flatMap((effect) =>
        effect.type === "send" && effect.order.role === "entry"
          ? [{ ...effect, order: again(effect.order) as typeof effect.order }]
          : [],
      );
      return { ...rest, effects: [...effects, ...copies] };
    });
    expect(await broken({ kernel: plant })).toMatch(/^I1\/I9: .* leaves while .* is sending/);
  });

  it("I2: a desk that misses fills and trades on", async () => {
    const plant = turning((kernel, event, turn) => {
      kernel.state.blocks = () => [];
      for (const book of kernel.state.account.books.values()) book.mismatch = undefined;
      const isMissed = event.type === "fill" || (event.type === "truth" && kernel.state.isBooted);
      return isMissed ? QUIET_TURN : turn();
    });
    expect(await broken({ kernel: plant })).toMatch(/^I2: .* increases are free/);
  });

  it("I3: an engine that places no stops and closes nothing", async () => {
    const plant = losing(
      (intent) => intent.type === "place" && (intent.facts.role === "stop" || intent.facts.role === "close"),
    );
    expect(await broken({ engine: plant })).toMatch(/^I3: .* lots of .* are held and stops for 0 rest/);
  });

  it("I3: an engine in hedge mode that places no stop for its hedges, and closes nothing", async () => {
    const sides = new Map(
      scenarioOf(HEDGED).grids.map(({ engine, positionSide }) => [engine, positionSide] as const),
    );
    const engine = losing(
      (intent) =>
        intent.type === "place" &&
        ((intent.facts.role === "stop" && intent.facts.positionSide !== sides.get(intent.facts.engine)) ||
          intent.facts.role === "close"),
    );
    const [whole, { violation }] = [
      await runSeed(HEDGED, { kinds: [] }),
      await runSeed(HEDGED, { kinds: [], plant: { engine, isReplayed: false } }),
    ];
    expect(whole.violation).toBeUndefined();
    expect(violation).toMatch(/^I3: .* lots of BTCUSDT\/long are held and stops for 0 rest/);
  });

  it("I4: stops for more than is held", async () => {
    const plant = trading((own) => ({
      place: (facts) => own.place(facts.role === "stop" ? { ...facts, lots: lots(facts.lots * 2) } : facts),
    }));
    expect(await broken({ gateway: plant })).toMatch(/^I4: .* stops for .* lots are armed over .* held/);
  });

  it("I4: a reducer that leaves for more than its engine holds", async () => {
    const plant = turning((_, __, turn) => {
      const { effects, ...rest } = turn();
      const larger = effects.map((effect) => {
        if (effect.type !== "send" || !effect.order.isReduceOnly) return effect;
        // The guard is asked about one order and the desk keeps another in mind.
        const facts = { ...effect.order, lots: lots(effect.order.lots * 3) };
        return { ...effect, order: facts as typeof effect.order };
      });
      return { ...rest, effects: larger };
    });
    expect(await broken({ kernel: plant })).toMatch(/^I4: reducers of/);
  });

  it("I5: an order that is gone and rests on in the desk", async () => {
    const unseen = turning((kernel, event, turn) => {
      const order = event.type === "orderReport" ? kernel.state.orders.get(event.clientId) : undefined;
      const result = turn();
      if (order?.state === "canceled" && order.facts.role === "entry") order.state = "resting";
      return result;
    });
    expect(await broken({ kernel: unseen })).toMatch(
      /^I5: .* is resting in the desk and not at the exchange/,
    );
  });

  it("I6: entries of fifty times their size", async () => {
    const plant = trading((own) => ({
      place: (facts) => own.place(facts.role === "entry" ? { ...facts, lots: lots(facts.lots * 50) } : facts),
    }));
    expect(await broken({ gateway: plant })).toMatch(/^I6: /);
  });

  it("I8: an entry that leaves in Shutdown", async () => {
    const plant = turning((kernel, _, turn) => {
      const result = turn();
      if (result.effects.some(isEntry)) kernel.state.riskState = "shutdown";
      return result;
    });
    expect(await broken({ kernel: plant })).toMatch(/^I8: .* left in Shutdown/);
  });

  it("I9: a query that says too soon that an order is absent", async () => {
    const plant = trading((own) => ({
      recvWindowMs: -1_000_000,
      place: async (facts) => {
        const events = await own.place(facts);
        const [event] = events;
        if (facts.role !== "entry" || event === undefined) return events;
        const { at, wallAt } = event;
        return [
          {
            type: "placeUnknown",
            at,
            wallAt,
            account: facts.account,
            clientId: facts.clientId,
            reason: "lost",
          },
        ];
      },
      query: () => Promise.resolve({ type: "notFound" }),
    }));
    const deaf = turning((_, event, turn) => {
      const isNews = event.type === "orderReport" || event.type === "fill" || event.type === "truth";
      return isNews && event.at > 0 && event.type !== "truth" ? QUIET_TURN : turn();
    });
    expect(await broken({ gateway: plant, kernel: deaf })).toMatch(/^I9: /);
  });

  it("conservation: an exchange that loses money", async () => {
    const plant: NonNullable<Plant["exchange"]> = (exchange) => ({
      ...exchange,
      validate: () => [...exchange.validate(), "a unit is missing"],
    });
    expect(await broken({ exchange: plant })).toBe("conservation: a unit is missing");
  });

  it("I5: a wallet that is one unit off at the end", async () => {
    const plant = turning((kernel, event, turn) => {
      const result = turn();
      const { wallet } = kernel.state.account;
      const isMoney = event.type === "balance" || event.type === "truth";
      if (isMoney && wallet !== undefined) kernel.state.account.wallet = (wallet + 1) as typeof wallet;
      return result;
    });
    expect(await broken({ kernel: plant, isReplayed: false })).toMatch(/^I5: the desk's wallet is/);
  });

  it("I5: an equity that misses a part of it at every reading", async () => {
    const plant = turning((kernel, event, turn) => {
      const { worth } = kernel.state.risk;
      const result = turn();
      if (event.type === "truth") worth.transfer(value(-Math.round((worth.wallet ?? 0) / 1_000)));
      return result;
    });
    expect(await broken({ kernel: plant, isReplayed: false })).toMatch(
      /^I5: the desk thinks that the account/,
    );
  });

  it("risk: a desk that trades on far below its peak", async () => {
    const plant = turning((kernel, _, turn) => {
      const { state } = kernel;
      state.risk.peak.reset(value(Math.round((state.risk.equity ?? 0) * 1.2)));
      const result = turn();
      state.riskState = "monitoring";
      return result;
    });
    expect(await broken({ kernel: plant, isReplayed: false })).toMatch(/^risk: .* is in monitoring/);
  });

  it("owner: an order that lives and that the desk took for cancelled", async () => {
    const plant = trading((own) => ({
      cancel: async (facts, id) =>
        facts.role === "entry"
          ? [
              {
                type: "orderReport",
                at: 0 as never,
                wallAt: 0 as never,
                account: facts.account,
                instrument: facts.instrument,
                source: "order",
                clientId: facts.clientId,
                venueOrderId: id ?? "",
                status: "canceled",
                origin: "client",
                side: facts.side,
                positionSide: facts.positionSide,
                lots: facts.lots,
                isReduceOnly: facts.isReduceOnly,
              },
            ]
          : own.cancel(facts, id),
    }));
    expect(await broken({ gateway: plant })).toMatch(/^(owner|I1): /);
  });

  it("liveness: an order that stays on its way", async () => {
    const plant = trading((own) => ({
      cancel: (facts, id) =>
        facts.role === "entry" ? new Promise<never>(() => undefined) : own.cancel(facts, id),
      query: () => new Promise<never>(() => undefined),
    }));
    expect(await broken({ gateway: plant })).toMatch(/^liveness: .* is (canceling|unknown)/);
  });

  it("liveness: a grid that quotes no more", async () => {
    let entries = 0;
    const plant = losing((intent) => {
      if (intent.type !== "place" || intent.facts.role !== "entry") return false;
      entries += 1;
      return entries > 3;
    });
    expect(await broken({ engine: plant, isReplayed: false })).toMatch(
      /^liveness: .* has room and quotes nothing/,
    );
  });

  it("I5: a kernel whose replay is another one", async () => {
    const plant: NonNullable<Plant["engine"]> = (engine) => ({
      id: engine.id,
      account: engine.account,
      needs: engine.needs,
      handle: (event, view) => engine.handle(event, view),
      adopt: (orders, view) => engine.adopt(orders, view),
      rungs: (view) => engine.rungs(view),
      snapshot: () => ({ ...engine.snapshot(), cycles: engine.snapshot().cycles + 1 }),
    });
    expect(await broken({ engine: plant })).toMatch(/I5: the replay's state hash/);
  });
});
