import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { beginning } from "../../src/cli/beginning.ts";
import { fingerprint } from "../../src/cli/key-check.ts";
import {
  confirmationSentence,
  confirmLive,
  isConfirmed,
  requireConfirmable,
} from "../../src/cli/live-confirmation.ts";
import type { Desk } from "../../src/desk/desk.ts";
import type { Store } from "../../src/desk/ports.ts";
import { openStore } from "../../src/store/store.ts";
import { HandClock, settled } from "../gateways/rig.ts";
import { grid, KEYS, ownFolder, settingsIn } from "./settings.ts";

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

const live = (change: object = {}, env?: Readonly<Record<string, string>>) =>
  settingsIn(folder.path, { mode: "live", engines: [grid("BTCUSDT")], ...change }, env);
const bodies = async (kind: string) => (await store.ledger.read([kind])).map(({ body }) => JSON.parse(body));

const SENTENCE =
  "trade main on binanceusdm with real money: leverage 3x, gross 3x, purses grid BTCUSDT 1000.00 USD";

describe("the typed confirmation of live mode", () => {
  test("names account, exchange and limits, is kept, and is asked once", async () => {
    const settings = live();
    const asked: string[] = [];
    const ask = async (question: string) => {
      asked.push(question);
      return `  ${SENTENCE.replaceAll(" ", "  ")} `;
    };
    expect(confirmationSentence(settings)).toBe(SENTENCE);
    await confirmLive(settings, store.ledger, ask);
    await confirmLive(settings, store.ledger, ask);
    expect(asked).toEqual([
      [
        "This trades with real money:",
        "  liquidation at least 20% away, first start flatOnly, position mode oneWay\n  grid: buy BTCUSDT, purse 1000.00 USD, leverage 3x, at most 2 x 0.004, stops at 2%, recovery ladder",
        "To confirm, type this sentence exactly:",
        `  ${SENTENCE}`,
        "> ",
      ].join("\n\n"),
    ]);
    expect(await bodies("liveConfirmed")).toEqual([
      {
        account: "main",
        exchange: "binanceusdm",
        key: fingerprint("test-api-key"),
        leverageMax: 3,
        grossLeverageMax: 3,
        liquidationBuffer: "20%",
        startWith: "flatOnly",
        positionMode: "oneWay",
        engines: [
          "grid: buy BTCUSDT, purse 1000.00 USD, leverage 3x, at most 2 x 0.004, stops at 2%, recovery ladder",
        ],
      },
    ]);
    expect(JSON.stringify(await store.ledger.read())).not.toContain("test-api-key");
    expect(await isConfirmed(settings, store.ledger)).toBe(true);
    await requireConfirmable(settings, store.ledger, undefined);
  });

  test.each([
    ["yes"],
    [""],
    [SENTENCE.toUpperCase()],
    [SENTENCE.replace("1000", "100")],
    [`${SENTENCE} now`],
  ])("anything else confirms nothing: %s", async (typed) => {
    await expect(confirmLive(live(), store.ledger, async () => typed)).rejects.toThrow(
      "That is not the sentence: nothing was confirmed and nothing was started.",
    );
    expect(await isConfirmed(live(), store.ledger)).toBe(false);
  });

  test("without a terminal it is refused with where to confirm", async () => {
    await expect(requireConfirmable(live(), store.ledger, undefined)).rejects.toThrow(
      'mode live is not confirmed for account main on binanceusdm with this key and these limits: a person must type the confirmation once at a terminal of this machine, run "perpdesk confirm" with the same --config there.',
    );
  });

  test("a changed account, exchange, key or limit asks again; the way back does, too", async () => {
    const type = (settings: ReturnType<typeof live>) =>
      confirmLive(settings, store.ledger, async () => confirmationSentence(settings));
    await type(live());
    const others = [
      live({ account: { name: "second" } }),
      live({}, { ...KEYS, BINANCE_FUTURES_API_KEY: "another-key" }),
      live({ risk: { leverageMax: 3, grossLeverageMax: 2 } }),
      live({ engines: [grid("BTCUSDT", { max_margin_usd: 1_001 })] }),
      live({ engines: [grid("ETHUSDT")] }),
      live({ engines: [grid("BTCUSDT"), grid("BTCUSDT", { name: "two" })] }),
      live({ exchange: "bybit" }),
      live({ risk: { liquidationBufferPercent: 21 } }),
      live({ live: { startWith: "adopt" } }),
      live({ engines: [grid("BTCUSDT", { leverage: 2 })] }),
      live({ engines: [grid("BTCUSDT", { direction: "sell" })] }),
      live({ engines: [grid("BTCUSDT", { max_position_size: "0.012" })] }),
      live({ engines: [grid("BTCUSDT", { max_orders: 3 })] }),
      live({ engines: [grid("BTCUSDT", { quantity: "0.005" })] }),
      live({ engines: [grid("BTCUSDT", { stop_loss_percentage: 2.0001 })] }),
      live({ engines: [grid("BTCUSDT", { recovery_mode: "none" })] }),
      live({ engines: [grid("BTCUSDT", { max_loss_usd: 500 })] }),
      live({ engines: [grid("BTCUSDT", { stop_price: "20000" })] }),
      live({ account: { positionMode: "hedge" } }),
    ];
    for (const other of others) expect(await isConfirmed(other, store.ledger)).toBe(false);
    // What does not limit anything may change.
    expect(await isConfirmed(live({ health: { everySeconds: 60 } }), store.ledger)).toBe(true);
    const tuned = live({
      engines: [grid("BTCUSDT", { grid_step: "0.2%", take_profit: "0.6%", wait_time: 5 })],
    });
    expect(await isConfirmed(tuned, store.ledger)).toBe(true);
    await type(live({ risk: { leverageMax: 3, grossLeverageMax: 2 } }));
    expect(await isConfirmed(live(), store.ledger)).toBe(false);
  });

  test("a purse in coins counts with all its digits, and a largest position that is set stands for itself", async () => {
    const coins = (purse: number, change: object = {}) => {
      const sizes = { quantity: "1", max_margin_usd: undefined, max_margin: purse, ...change };
      return live({ exchange: "binancecoinm", engines: [grid("BTCUSD_PERP", sizes)] });
    };
    const settings = coins(0.00011, { max_position_size: "5" });
    const sentence = confirmationSentence(settings);
    expect(sentence).toMatch(/purses grid BTCUSD_PERP 0\.00011000 coins$/);
    await confirmLive(settings, store.ledger, async () => sentence);
    expect(await isConfirmed(coins(0.00011, { max_position_size: "5", max_orders: 3 }), store.ledger)).toBe(
      true,
    );
    expect(await isConfirmed(coins(0.00014, { max_position_size: "5" }), store.ledger)).toBe(false);
    expect(await isConfirmed(coins(0.00011, { max_position_size: "6" }), store.ledger)).toBe(false);
  });

  test("stops that are switched off are named in the sentence, and bound with their exception and limit", async () => {
    const bare = (loss: number, why: string) =>
      live({
        live: { gridWithoutStops: why },
        engines: [grid("BTCUSDT", { stop_loss_enabled: false, max_loss_usd: loss })],
      });
    const settings = bare(200, "Ann, 2026-05-02: hedged by options");
    const sentence = `${SENTENCE}, no stops for grid`;
    expect(confirmationSentence(settings)).toBe(sentence);
    const asked: string[] = [];
    await confirmLive(settings, store.ledger, async (question) => {
      asked.push(question);
      return sentence;
    });
    expect(asked[0]).toContain(
      "at most 2 x 0.004, no stops, loss limit 200.00 USD, recovery ladder\n  without stops by exception: Ann, 2026-05-02: hedged by options\n",
    );
    expect(await bodies("liveConfirmed")).toMatchObject([
      { gridWithoutStops: "Ann, 2026-05-02: hedged by options" },
    ]);
    expect(await isConfirmed(settings, store.ledger)).toBe(true);
    for (const other of [
      bare(201, "Ann, 2026-05-02: hedged by options"),
      bare(200, "Bob, 2026-05-02: hedged by options"),
    ])
      expect(await isConfirmed(other, store.ledger)).toBe(false);
  });

  test("a confirmation from before engines were bound as a whole does not hold", async () => {
    const before = {
      account: "main",
      exchange: "binanceusdm",
      key: fingerprint("test-api-key"),
      leverageMax: 3,
      grossLeverageMax: 3,
      purses: ["grid BTCUSDT 1000.00 USD"],
    };
    await store.ledger.append("liveConfirmed", "terminal", before);
    expect(await isConfirmed(live(), store.ledger)).toBe(false);
  });

  test("other modes are never asked", async () => {
    for (const mode of ["sim", "paper", "demo"]) {
      const settings = settingsIn(folder.path, { mode });
      await requireConfirmable(settings, store.ledger, undefined);
      await confirmLive(settings, store.ledger, () => Promise.reject(new Error("asked")));
    }
    expect(await store.ledger.read()).toEqual([]);
  });
});

describe("the first live start on an account", () => {
  const deskThat = (state: { foundAtStart: string | undefined; isSteady: boolean }) =>
    ({
      kernel: {
        state: {
          get foundAtStart() {
            return state.foundAtStart;
          },
          interruptions: {
            get isSteady() {
              return state.isSteady;
            },
          },
        },
      },
    }) as unknown as Desk;

  test("is flat-only until the account was once seen flat; later ones go on with what is theirs", async () => {
    const first = await beginning(live(), store.ledger);
    expect(first.policy).toEqual({ start: "flatOnly" });
    const state = { foundAtStart: undefined as string | undefined, isSteady: false };
    const clock = new HandClock();
    first.watch(deskThat(state), clock);
    state.foundAtStart = "the account holds 1 position";
    state.isSteady = true;
    await clock.pass(5_000);
    expect(await bodies("begun")).toEqual([]);
    expect((await beginning(live(), store.ledger)).policy).toEqual({ start: "flatOnly" });

    state.foundAtStart = undefined;
    await clock.pass(1_000);
    await settled();
    const key = fingerprint("test-api-key");
    expect(await bodies("begun")).toEqual([
      { account: "main", exchange: "binanceusdm", key, startWith: "flatOnly" },
    ]);
    await clock.pass(60_000);
    expect(await bodies("begun")).toHaveLength(1);
    expect((await beginning(live(), store.ledger)).policy).toEqual({});
    const others = [
      live({ account: { name: "second" } }),
      live({ exchange: "bybit" }),
      live({}, { ...KEYS, BINANCE_FUTURES_API_KEY: "key-of-another-account" }),
    ];
    for (const other of others)
      expect((await beginning(other, store.ledger)).policy).toEqual({ start: "flatOnly" });
  });

  test("is flat-only again where an earlier version noted it without a key", async () => {
    await store.ledger.append("begun", "desk", { account: "main", exchange: "binanceusdm" });
    expect((await beginning(live(), store.ledger)).policy).toEqual({ start: "flatOnly" });
  });

  test("adopts by the explicit setting", async () => {
    const { policy } = await beginning(live({ live: { startWith: "adopt" } }), store.ledger);
    expect(policy).toEqual({ start: "adopt" });
  });

  test("stops looking when the desk ends, and other modes never look", async () => {
    const clock = new HandClock();
    const stop = (await beginning(live(), store.ledger)).watch(
      deskThat({ foundAtStart: undefined, isSteady: false }),
      clock,
    );
    expect(clock.waiting).toBe(1);
    stop();
    expect(clock.waiting).toBe(0);
    expect(await store.ledger.read()).toEqual([]);
    const sim = await beginning(settingsIn(folder.path, {}), store.ledger);
    expect(sim.policy).toEqual({});
    sim.watch(deskThat({ foundAtStart: undefined, isSteady: true }), clock)();
    expect(await store.ledger.read()).toEqual([]);
  });
});
