import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { kernelConfig } from "../../src/cli/desk-config.ts";
import { ledgerHistory, replayFacts } from "../../src/cli/history.ts";
import { StartError } from "../../src/cli/start-error.ts";
import type { DeskEvent } from "../../src/core/event.ts";
import { engineTag, writeClientId } from "../../src/core/ids.ts";
import type { Actor } from "../../src/core/proposal.ts";
import { type Millis, millis } from "../../src/core/units.ts";
import type { Desk } from "../../src/desk/desk.ts";
import type { Gateway, Store } from "../../src/desk/ports.ts";
import { scopeOf } from "../../src/desk/scope.ts";
import { openStore } from "../../src/store/store.ts";
import { HandClock } from "../gateways/rig.ts";
import { Exchange } from "../support/exchange.ts";
import { LINEAR } from "../support/instruments.ts";
import { entryOf } from "../support/orders.ts";
import { keptLog, ownFolder, settingsIn } from "./settings.ts";

const DAY_MS = 86_400_000;
const NOW = millis(1_700_000_000_000);
const WHO = { mode: "live", venue: "binanceusdm", account: "main", desk: "abc" } as const;
const LIVE = scopeOf(WHO);
const SIM = scopeOf({ ...WHO, mode: "sim" });
const ADMIN: Actor = { person: "ann", role: "admin", platform: "telegram" };
const TRADER: Actor = { person: "bob", role: "trader", platform: "telegram" };

let store: Store;
let folder: ReturnType<typeof ownFolder>;
beforeEach(async () => {
  folder = ownFolder();
  const opened = await openStore({ file: join(folder.path, "perpdesk.db") });
  if (!opened.ok) throw new Error(opened.problem);
  store = opened.store;
});
afterEach(async () => {
  await store.close();
  folder.gone();
});

const historyOf = (scope: string, now: Millis = NOW) => ledgerHistory(store, scope, now, false);
const resume = (actor: Actor, scope: string) =>
  store.ledger.append("resume", actor.person, { request: { type: "resume" }, actor, scope });

describe("what the ledger says of the desk's past", () => {
  test("a new or lost one is fresh at every start, and all is read that the exchange has", async () => {
    const fresh = { from: NOW - 88 * DAY_MS, ledger: "fresh" };
    expect(await historyOf(LIVE)).toEqual(fresh);
    expect(await historyOf(LIVE), "the second start knows no more than the first").toEqual(fresh);
    await resume(TRADER, LIVE);
    await resume(ADMIN, SIM);
    await store.ledger.append("genesis", "desk", { at: NOW, scope: SIM });
    await store.ledger.append("genesis", "desk", { at: NOW });
    expect(await historyOf(LIVE), "what others began or allowed says nothing of this one").toEqual(fresh);
    expect(await historyOf(SIM)).toEqual({ from: NOW, ledger: "whole" });
    await resume(ADMIN, LIVE);
    expect(await historyOf(LIVE)).toEqual({ ...fresh, ledger: "whole" });
  });

  test("a start that found nothing of ours is where later ones begin to read, for 88 days", async () => {
    await store.ledger.append("genesis", "desk", { at: NOW, scope: LIVE });
    const later = (days: number) => historyOf(LIVE, millis(NOW + days * DAY_MS));
    expect(await later(3)).toEqual({ from: NOW, ledger: "whole" });
    expect(await later(100)).toEqual({ from: NOW + 12 * DAY_MS, ledger: "whole" });
  });

  test("the built-in exchange has no past, and its start begins nothing", async () => {
    expect(await ledgerHistory(store, SIM, NOW, true)).toEqual({ from: NOW, ledger: "whole" });
    expect(await store.ledger.read()).toEqual([]);
  });

  test("a broken one is not asked where the desk began", async () => {
    await store.ledger.append("genesis", "desk", { at: NOW, scope: LIVE });
    const broken = { ...store.ledger, read: store.ledger.read.bind(store.ledger) };
    const verify = async () => ({ sequence: 1, reason: "changed" });
    const history = await ledgerHistory(
      { ...store, ledger: { ...broken, verify } as never },
      LIVE,
      NOW,
      false,
    );
    expect(history).toEqual({ from: NOW - 88 * DAY_MS, ledger: "broken" });
  });
});

describe("facts of one desk", () => {
  test("come back to it alone; those of a version without scopes to each", async () => {
    const pause = (person: string, scope?: string) =>
      store.ledger.append("pause", person, {
        request: { type: "pause" },
        actor: { ...TRADER, person },
        ...(scope === undefined ? {} : { scope }),
      });
    await pause("old");
    await pause("live", LIVE);
    await resume(ADMIN, SIM);
    const told = async (mode: "live" | "sim") => {
      const events: string[] = [];
      const emit = (event: DeskEvent): void => {
        if (event.type === "operator") events.push(`${event.actor.person} ${event.request.type}`);
      };
      const desk = { emit, kernel: { state: { config: { ...WHO, mode } } } } as unknown as Desk;
      await replayFacts(store, desk, new HandClock());
      return events;
    };
    expect(await told("live")).toEqual(["old pause", "live pause"]);
    expect(await told("sim")).toEqual(["old pause", "ann resume"]);
  });
});

describe("the desk's risk", () => {
  const events = async (isNewExchange: boolean) => {
    const told: unknown[] = [];
    const emit = (event: DeskEvent): void => {
      if (event.type === "operator") told.push(event.request);
      if (event.type === "riskRestored") {
        const { type: _type, at: _at, wallAt: _wallAt, ...what } = event;
        told.push(what);
      }
    };
    const desk = { emit, kernel: { state: { config: { ...WHO, mode: "live" } } } } as unknown as Desk;
    await replayFacts(store, desk, new HandClock(), isNewExchange);
    return told;
  };
  const state = (to: string, floor: string, scope = LIVE) =>
    store.ledger.append("riskState", "desk", { from: "monitoring", to, floor, reason: "", scope });
  const peak = (amount: number, scope = LIVE) =>
    store.ledger.append("riskPeak", "desk", { peak: amount, wallet: amount - 1, at: NOW, resetAt: 7, scope });
  const asks = (request: object) =>
    store.ledger.append("setRiskState", "ann", { request, actor: ADMIN, scope: LIVE });

  test("comes back as its last state and peak, and as what people asked for since, in order", async () => {
    await peak(100);
    await state("warning", "monitoring");
    await asks({ type: "setRiskState", state: "emergency" });
    await state("emergency", "emergency");
    await peak(120);
    await peak(500, SIM);
    await state("shutdown", "monitoring", SIM);
    // Killed between what a person asked for and what came of it: the wish alone is there.
    await asks({ type: "setRiskState", state: "shutdown" });
    expect(await events(false)).toEqual([
      { type: "setRiskState", state: "emergency" },
      { state: "emergency", floor: "emergency" },
      { peak: { peak: 120, wallet: 119, at: NOW, resetAt: 7 } },
      { type: "setRiskState", state: "shutdown" },
    ]);
  });

  test("of an account on a built-in exchange that is gone says nothing of the next one", async () => {
    await peak(100);
    await state("shutdown", "monitoring");
    await asks({ type: "setRiskState", state: "emergency" });
    expect(await events(true)).toEqual([{ type: "setRiskState", state: "emergency" }]);
  });
});

describe("a start under an epoch of its own", () => {
  const settings = (change: object = {}) =>
    settingsIn(folder.path, { mode: "live", desk: { name: "abc" }, ...change });

  const ownId = (epoch: number): string =>
    writeClientId({
      desk: "abc",
      engineTag: engineTag("grid1"),
      role: "entry",
      rung: 1,
      slice: 0,
      generation: 1,
      epoch,
      nonce: "wxyz",
    });

  /** Starts on an account, beside one order of an epoch where told: how far back was read, and what came of it. */
  async function begin(
    given: {
      ledger?: "fresh";
      rests?: number;
      mode?: string;
      name?: string;
      isHedgeMode?: boolean;
      positionMode?: string;
    } = {},
  ) {
    const exchange = new Exchange();
    const { rests } = given;
    if (rests !== undefined) exchange.place(entryOf({ clientId: ownId(rests) }));
    const read: number[] = [];
    const truth = async (_ids: readonly string[], from: number) => {
      read.push(NOW - from);
      const { isHedgeMode = false } = given;
      return { truth: { ...exchange.truth().truth, isHedgeMode }, config: [] };
    };
    const gateway = {
      venue: "binanceusdm",
      account: { truth },
      trading: { recvWindowMs: 3_000 },
    } as unknown as Gateway;
    const clock = new HandClock();
    const made = await kernelConfig(
      {
        settings: settings({
          mode: given.mode ?? "live",
          desk: { name: given.name ?? "abc" },
          account: { positionMode: given.positionMode ?? "oneWay" },
        }),
        clock,
        version: "0",
      },
      store,
      gateway,
      [{ instrument: LINEAR, brackets: [] }],
      [],
      { from: millis(NOW - 88 * DAY_MS), ledger: given.ledger ?? "whole" },
      NOW,
      { target: "test", clock, log: keptLog() },
    );
    return { epoch: made.config.epoch, back: NOW - made.historyFrom, read };
  }

  test.each([
    [
      true,
      "oneWay",
      "account.positionMode is oneWay, but account main on binanceusdm is in hedge mode, where no order of this desk would leave: switch the account to one-way mode, or set account.positionMode: hedge.",
    ],
    [
      false,
      "hedge",
      "account.positionMode is hedge, but account main on binanceusdm is in one-way mode, where no order of this desk would leave: switch the account to hedge mode, or set account.positionMode: oneWay.",
    ],
  ])(
    "ends, and takes no lead, where hedge mode is %s and the settings say %s",
    async (isHedgeMode, positionMode, text) => {
      await expect(begin({ isHedgeMode, positionMode })).rejects.toThrow(new StartError(text));
      expect(await store.currentEpoch(LIVE)).toBe(0);
      await begin({ isHedgeMode: !isHedgeMode, positionMode });
      expect(await store.currentEpoch(LIVE)).toBe(1);
    },
  );

  test("reads 90 days where a ledger was lost, and a week where the account is empty", async () => {
    expect(await begin({ ledger: "fresh" })).toEqual({ epoch: 1, back: 7 * DAY_MS, read: [7 * DAY_MS] });
    const lost = await begin({ ledger: "fresh", rests: 7 });
    expect([lost.back, lost.read]).toEqual([88 * DAY_MS, [7 * DAY_MS, 88 * DAY_MS]]);
    expect(lost.epoch).toBeGreaterThan(7);
    expect((await begin()).read).toEqual([DAY_MS]);
  });

  test("a start in another mode or under another desk's name deposes nobody", async () => {
    expect((await begin()).epoch).toBe(1);
    await begin({ mode: "demo" });
    await begin({ name: "xyz" });
    expect(await store.currentEpoch(LIVE)).toBe(1);
    expect((await begin()).epoch).toBe(2);
    expect(await store.currentEpoch(LIVE)).toBe(2);
  });

  test("goes on above the epochs of a version that counted by the account's name alone", async () => {
    await store.nextEpoch("main", 41);
    expect((await begin()).epoch).toBe(42);
    expect((await begin()).epoch).toBe(43);
    expect((await begin({ name: "xyz" })).epoch).toBe(42);
  });
});
