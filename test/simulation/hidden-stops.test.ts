import { describe, expect, it } from "vitest";
import { readClientId, writeClientId } from "../../src/core/ids.ts";
import type { Effect } from "../../src/desk/kernel/effect.ts";
import type { Kernel } from "../../src/desk/kernel/kernel.ts";
import type { Gateway } from "../../src/desk/ports.ts";
import { again, type Plant, turning } from "./plants.ts";
import { runSeed } from "./world.ts";

/** A seed that holds something, and whose stops rest, when its desk is started again. */
const SEED = 2;

describe("I1: a second stop after a restart", () => {
  const STOPS = /\/fapi\/v1\/(open|all)AlgoOrders$/;
  const HIDDEN_MS = 8_000;
  /** Counts lives; for the first seconds of the second one it is asked for what is to be hidden. */
  const lives = () => {
    let count = 0;
    let bornAt = 0;
    return {
      kernel: (kernel: Kernel): Kernel => {
        count += 1;
        bornAt = kernel.state.config.bootWallAt;
        return kernel;
      },
      isYoung: (wallAt: number) => count === 2 && wallAt - bornAt < HIDDEN_MS,
    };
  };
  const lists = (isYoung: (wallAt: number) => boolean): NonNullable<Plant["weather"]> => {
    return (weather) => ({
      ...weather,
      request: (seen) =>
        STOPS.test(seen.name) && isYoung(seen.wallAt)
          ? { delayMs: 0, answerDelayMs: 0, end: "empty" }
          : weather.request(seen),
    });
  };

  it("is excused while empty lists hide the first one, and taken back in time", async () => {
    const { kernel, isYoung } = lives();
    const notes: string[] = [];
    const { violation, stops } = await runSeed(SEED, {
      plant: { kernel, weather: lists(isYoung) },
      kinds: [],
      trace: (line) => notes.push(line),
    });
    expect(violation).toBeUndefined();
    expect(stops).toBeGreaterThan(0);
    expect(notes.filter((line) => line.includes("is a second stop")).length).toBeGreaterThan(0);
  });

  it("is none of the exchange's when the gateway loses the first one from whole lists", async () => {
    const { kernel, isYoung } = lives();
    const gateway: NonNullable<Plant["gateway"]> = (own) => {
      const account: Gateway["account"] = {
        start: (emit) => own.account.start(emit),
        exposure: () => own.account.exposure(),
        stop: () => own.account.stop(),
        truth: async (ids, from) => {
          const { truth, config } = await own.account.truth(ids, from);
          const isStop = (report: { readonly source: string }) => report.source === "conditional";
          const seen = isYoung(truth.startedWallAt)
            ? { openConditionals: [], history: truth.history.filter((report) => !isStop(report)) }
            : {};
          return { truth: { ...truth, ...seen }, config };
        },
      };
      return { ...own, account };
    };
    const { violation } = await runSeed(SEED, { plant: { kernel, gateway }, kinds: [] });
    expect(violation).toMatch(/^I1: .* was accepted while .* of the same intent/);
  });

  it("is not excused by lists that hide other ones, for a stop that the desk knows", async () => {
    const { kernel, isYoung } = lives();
    const weather = lists(isYoung);
    const doubled = turning(({ state }, _, turn) => {
      const { effects, ...rest } = turn();
      const known = [...state.orders.live()].find(
        ({ facts }) => facts.role === "stop" && readClientId(facts.clientId)?.nonce !== state.config.nonce,
      );
      if (known === undefined) return { ...rest, effects };
      const id = readClientId(again(known.facts).clientId);
      if (id === undefined) throw new Error("the desk's orders have its ids");
      const clientId = writeClientId({ ...id, nonce: state.config.nonce, epoch: state.config.epoch });
      const order = { ...known.facts, clientId } as Extract<Effect, { type: "send" }>["order"];
      return { ...rest, effects: [...effects, { type: "send", order, reason: "again" }] };
    });
    const plant: Plant = { kernel: (own) => doubled(kernel(own)), weather };
    const { violation } = await runSeed(SEED, { plant, kinds: [] });
    expect(violation).toMatch(/^I1\/I9: .* leaves while .* of the same intent is resting/);
  });
});
