import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { afterEach, describe, expect, test } from "vitest";
import { fingerprint } from "../../src/cli/key-check.ts";
import { confirmationSentence } from "../../src/cli/live-confirmation.ts";
import { simKeys } from "../../src/cli/sim-keys.ts";
import type { Summary } from "../../src/cli/summary.ts";
import { systemClock } from "../../src/cli/system-clock.ts";
import { lots, millis, ticks } from "../../src/core/units.ts";
import type { Clock } from "../../src/desk/ports.ts";
import { type RunningDesk, type StartOptions, startDesk } from "../../src/main.ts";
import { createLog } from "../../src/observe/log.ts";
import { createRedactor } from "../../src/observe/redactor.ts";
import { loadSettings } from "../../src/settings/load.ts";
import type { Settings } from "../../src/settings/settings.ts";
import { openStore } from "../../src/store/store.ts";
import { refusal, Wire } from "../gateways/wire.ts";
import { KEY, type Served, serveVenue } from "../venue/binance/served-venue.ts";
import { ownFolder, perpdesk, ROOT, startVenue, until } from "./processes.ts";

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

describe("every exchange in sim mode", () => {
  test.each([
    ["example-bybit.yaml", "bybit", "USDT"],
    ["example-okx.yaml", "okx", "USDT"],
    ["example-coinm.yaml", "binancecoinm", "BTC"],
  ])("%s runs, fills and closes cycles", async (name, venue, asset) => {
    const folder = ownFolder();
    cleanUps.push(folder.gone);
    const config = join(ROOT, "config", name);
    const run = ["start", "--config", config, "--for", "15s", "--speed", "90", "--json"];
    const { code, stdout, stderr } = await perpdesk(run, { cwd: folder.path });
    expect(code, stderr).toBe(0);
    const summary = JSON.parse(stdout) as Summary;
    expect(summary).toMatchObject({ mode: "sim", asset, mismatches: 0, cleanShutdown: true });
    expect(summary.orders.guardRefused).toBe(0);
    expect(summary.fills).toBeGreaterThanOrEqual(2);
    expect(summary.cycles).toBeGreaterThanOrEqual(1);
    expect(summary.venuePosition).toBe(summary.position);
    expect(Number(summary.realizedPnl)).toBeGreaterThan(0);
    expect(readFileSync(summary.recording ?? "", "utf8").slice(0, 2_000)).toContain(`"venue":"${venue}"`);
    const replayed = await perpdesk(["replay", summary.recording ?? "", "--json"], { cwd: folder.path });
    expect(JSON.parse(replayed.stdout)).toMatchObject({ isSame: true });
  });
});

describe("an account in another position mode than the settings name", () => {
  test.each(["binanceusdm", "binancecoinm", "bybit", "okx"])(
    "is refused at the start on %s",
    async (exchange) => {
      const folder = ownFolder();
      cleanUps.push(folder.gone);
      const example = {
        binanceusdm: "example-btc.yaml",
        binancecoinm: "example-coinm.yaml",
        bybit: "example-bybit.yaml",
        okx: "example-okx.yaml",
      }[exchange];
      const oneWay = join(ROOT, "config", example ?? "");
      const hedge = join(folder.path, "hedge.yaml");
      const text = readFileSync(oneWay, "utf8");
      const account = "\naccount:\n";
      const own = text.includes(account) ? text : `${text}${account}`;
      writeFileSync(hedge, own.replace(account, `${account}  positionMode: hedge\n`));
      const venue = await startVenue(["--config", hedge], { cwd: folder.path });
      cleanUps.push(async () => {
        venue.run.signal("SIGTERM");
        await venue.run.ended;
      });
      const started = await perpdesk(["start", "--config", oneWay, "--venue", venue.url, "--for", "5s"], {
        cwd: folder.path,
      });
      expect([started.code, started.stderr.trimEnd().split("\n").at(-1)]).toEqual([
        1,
        `account.positionMode is oneWay, but account main on ${exchange} is in hedge mode, where no order of this desk would leave: switch the account to one-way mode, or set account.positionMode: hedge.`,
      ]);
    },
  );
});

describe("the command line outside sim", () => {
  const keys = {
    BINANCE_FUTURES_API_KEY: "a-key-of-nobody",
    BINANCE_FUTURES_API_SECRET: "a-secret-of-nobody",
  };

  test.each([
    [
      "live without a terminal, before anything is asked of the exchange",
      ["start", "--mode", "live"],
      'mode live is not confirmed for account main on binanceusdm with this key and these limits: a person must type the confirmation once at a terminal of this machine, run "perpdesk confirm" with the same --config there.',
    ],
    [
      "a confirmation that nobody types",
      ["confirm", "--mode", "live"],
      'mode live is not confirmed for account main on binanceusdm with this key and these limits: a person must type the confirmation once at a terminal of this machine, run "perpdesk confirm" with the same --config there.',
    ],
    [
      "a confirmation of what needs none",
      ["confirm"],
      "mode is sim: only live mode is confirmed, nothing is to be done.",
    ],
    [
      "a venue of one's own in demo",
      ["start", "--mode", "demo", "--venue", "http://127.0.0.1:7070"],
      "--venue is for sim mode only: in demo mode the desk speaks to the real exchange, remove it.",
    ],
    [
      "a market file in paper",
      ["start", "--mode", "paper", "--market", "synthetic:1"],
      "--market is for sim mode only: in paper mode the desk speaks to the real exchange, remove it.",
    ],
    [
      "a speed in live",
      ["start", "--mode", "live", "--speed", "60"],
      "--speed: speed is 60, but live mode runs on the real clock: remove speed.",
    ],
    [
      "a probe in live",
      ["doctor", "--mode", "live", "--probe"],
      "--probe sends orders to try the exchange out: mode live is refused, use sim or demo.",
    ],
  ])("refuses %s", async (_what, args, sentence) => {
    const folder = ownFolder();
    cleanUps.push(folder.gone);
    const { code, stdout, stderr } = await perpdesk(args, { cwd: folder.path, env: keys });
    expect({ code, stdout, stderr: stderr.trimEnd() }).toEqual({ code: 1, stdout: "", stderr: sentence });
  });

  test("doctor finds a sim start sound, a wrong setting wrong, and probes the built-in exchange", async () => {
    const folder = ownFolder();
    cleanUps.push(folder.gone);
    const sound = await perpdesk(["doctor", "--json", "--probe"], { cwd: folder.path });
    expect(sound.code, sound.stderr).toBe(0);
    const found = JSON.parse(sound.stdout);
    expect(found.isWell).toBe(true);
    expect(found.probe.answers).toEqual({ stopUnderFullTakeProfit: "refused", stopsSurviveCountdown: true });
    expect(new Set(found.findings.map(({ name }: { readonly name: string }) => name))).toEqual(
      new Set([
        "node",
        ".env",
        "settings",
        "secrets",
        "data folder",
        "log",
        "redis",
        "database",
        "telegram",
        "discord",
        "authenticators",
        "clock",
        "keys",
        "exchange",
        "account",
        "probe",
      ]),
    );
    folder.write("wrong.yaml", "mode: simm\n");
    const wrong = await perpdesk(["doctor", "--config", "wrong.yaml"], { cwd: folder.path });
    expect(wrong.code).toBe(1);
    expect(wrong.stdout).toContain('wrong.yaml:1: mode is "simm": write one of sim, paper, demo, live.');
    expect(wrong.stdout).toContain("1 thing(s) to mend before a start.");
  });
});

/** A desk in this process on a venue that plays the real exchange. */
interface Bench {
  readonly real: Served;
  readonly wire: Wire;
  readonly settings: Settings;
  start(typed?: string, more?: Partial<StartOptions>): Promise<RunningDesk>;
  /** All that the terminal showed. */
  shown(): string;
  entries(kind: string): Promise<readonly Record<string, unknown>[]>;
}

async function openBench(written: object, options: Parameters<typeof serveVenue>[0] = {}): Promise<Bench> {
  const real = await serveVenue({ isPaused: false, ...options });
  cleanUps.push(() => real.close());
  const wire = await Wire.to(real.server.port);
  cleanUps.push(() => wire.down());
  const path = mkdtempSync(join(tmpdir(), "perpdesk-modes-"));
  cleanUps.push(() => rmSync(path, { recursive: true, force: true }));
  const engine = {
    type: "grid",
    name: "grid",
    symbol: "BTCUSDT",
    direction: "buy",
    quantity: "0.004",
    take_profit: "0.5%",
    grid_step: "0.1%",
    max_orders: 1,
    wait_time: 0,
    max_margin_usd: 1_000,
    leverage: 3,
  };
  const file = { engines: [engine], desk: { dataDir: "data" }, log: { file: "desk.log" }, ...written };
  writeFileSync(join(path, "desk.yaml"), JSON.stringify(file));
  const env = { BINANCE_FUTURES_API_KEY: KEY.apiKey, BINANCE_FUTURES_API_SECRET: KEY.secret };
  const loaded = loadSettings({ configFile: "desk.yaml", cwd: path, env });
  if (!loaded.ok) throw new Error(loaded.problems.join("\n"));
  const { settings } = loaded;
  const redactor = createRedactor(loaded.secrets);
  let shown = "";
  const output = new PassThrough().on("data", (text) => {
    shown += String(text);
  });
  return {
    real,
    wire,
    settings,
    shown: () => shown,
    start: async (typed, more) => {
      const log = createLog({ file: settings.log.file, level: "info", redactor, screen: null });
      const running = await startDesk({
        settings,
        version: "0.1.0",
        log,
        redactor,
        clock: systemClock,
        venue: { host: "127.0.0.1", port: wire.port },
        keys: simKeys({}).keys,
        ask: typed === undefined ? undefined : () => Promise.resolve(typed),
        terminal: { input: new PassThrough(), output },
        ...more,
      });
      cleanUps.push(() => running.stop());
      return running;
    },
    entries: async (kind) => {
      const opened = await openStore({ file: join(settings.desk.dataDir, "perpdesk.db") });
      if (!opened.ok) throw new Error(opened.problem);
      const found = await opened.store.ledger.read([kind]);
      await opened.store.close();
      return found.map(({ body }) => JSON.parse(body) as Record<string, unknown>);
    },
  };
}

const keyOf = ({ keys }: Settings): string => fingerprint(keys?.apiKey ?? "");

const entriesOf = (real: Served) =>
  real.exchange.openOrders("main").filter(({ request }) => request.side === "buy");

describe("live mode on a venue that plays the exchange", () => {
  test("is confirmed once by typing, starts flat and trades; a later start asks nobody", async () => {
    const bench = await openBench({ mode: "live" });
    await expect(bench.start()).rejects.toThrow(/^mode live is not confirmed/);
    expect(bench.wire.asked).toEqual([]);
    await expect(bench.start("yes")).rejects.toThrow(/^That is not the sentence/);
    expect(entriesOf(bench.real)).toEqual([]);

    const running = await bench.start(confirmationSentence(bench.settings));
    expect(running.desk.kernel.state.config).toMatchObject({ mode: "live", start: "flatOnly" });
    await until(() => entriesOf(bench.real).length === 1, "an entry rests at the exchange");
    expect(bench.wire.asked.every(({ host }) => host.endsWith("binance.com"))).toBe(true);
    expect(await running.stop()).toBe(true);
    expect(entriesOf(bench.real)).toEqual([]);
    expect(await bench.entries("begun")).toEqual([
      { account: "main", exchange: "binanceusdm", key: keyOf(bench.settings), startWith: "flatOnly" },
    ]);

    const again = await bench.start();
    expect(again.desk.kernel.state.config.start).toBeUndefined();
    expect(await again.stop()).toBe(true);
    expect(await bench.entries("liveConfirmed")).toHaveLength(1);
  });

  test("a contract that is being delisted when the desk starts gets no entry", async () => {
    const bench = await openBench({ mode: "demo" });
    bench.real.exchange.hand.delist("BTCUSDT", millis(bench.real.exchange.now() + 86_400_000));
    const running = await bench.start();
    const { state } = running.desk.kernel;
    await until(() => state.interruptions.isSteady, "the account was read twice");
    expect(state.instruments.closeOnly("BTCUSDT")).toBe(
      "BTCUSDT takes no new positions: the exchange is delisting it",
    );
    await running.stop();
    expect(bench.real.exchange.orderHistory("main", {})).toEqual([]);
  });

  test("with a position on the account the first start trades nothing and says what is there; adopting does", async () => {
    const held = (real: Served): void => {
      real.exchange.setMarginMode("main", "BTCUSDT", "isolated");
      real.exchange.setLeverage("main", "BTCUSDT", 3);
      const answer = real.exchange.place("main", {
        instrument: "BTCUSDT",
        clientId: "by-hand",
        side: "buy",
        positionSide: "both",
        kind: "market",
        timeInForce: "GTC",
        lots: lots(25),
        reduceOnly: false,
      });
      expect(answer.ok).toBe(true);
    };
    const flat = await openBench({ mode: "live" });
    held(flat.real);
    const running = await flat.start(confirmationSentence(flat.settings));
    const { state } = running.desk.kernel;
    await until(() => state.interruptions.isSteady, "the account was read twice");
    expect(state.foundAtStart).toBe(
      "this start must be flat, but the account holds 1 position (BTCUSDT 0.025 BTC)",
    );
    await running.stop();
    expect(flat.real.exchange.orderHistory("main", {}).map(({ clientId }) => clientId)).toEqual(["by-hand"]);
    expect(await flat.entries("begun")).toEqual([]);

    const adopting = await openBench({ mode: "live", live: { startWith: "adopt" } });
    held(adopting.real);
    const adopted = await adopting.start(confirmationSentence(adopting.settings));
    await until(() => entriesOf(adopting.real).length === 1, "it trades beside the foreign position");
    await adopted.stop();
    expect(await adopting.entries("begun")).toEqual([
      { account: "main", exchange: "binanceusdm", key: keyOf(adopting.settings), startWith: "adopt" },
    ]);
    expect(adopting.real.exchange.positions("main").find(({ lots: size }) => size !== 0)?.lots).toBe(25);
  });

  test("a key that may withdraw is refused before anybody is asked; demo only says so", async () => {
    const keys = [{ ...KEY, permissions: { withdrawals: true } }];
    const live = await openBench({ mode: "live" }, { keys });
    await expect(live.start(confirmationSentence(live.settings))).rejects.toThrow(
      "mode live is refused: the key may withdraw: take that right from it, or make a key without it.",
    );
    expect(await live.entries("liveConfirmed")).toEqual([]);
    const demo = await openBench({ mode: "demo" }, { keys });
    const running = await demo.start();
    // The other notes are about the grid itself: its break-even and its recovery.
    expect(running.notes.filter((note) => !note.startsWith("grid: "))).toEqual([
      expect.stringMatching(/^In live mode: the exchange does not say what the key may do/),
    ]);
    expect(demo.wire.asked.every(({ host }) => /^demo-|binancefuture/.test(host))).toBe(true);
    await until(() => entriesOf(demo.real).length === 1, "an entry rests at the demo exchange");
    await running.stop();
  });
});

describe("the end and the beginning where the exchange does not answer", () => {
  test("an entry that can't be taken back is named in chat, and nothing is called clean; the recording is whole", async () => {
    const bench = await openBench({ mode: "demo" });
    const running = await bench.start();
    await until(() => entriesOf(bench.real).length === 1, "an entry rests");
    bench.wire.spoilAll("DELETE /fapi/v1/order", { type: "hang" });
    const left = await running.quiesce();
    expect(left).toEqual([expect.stringMatching(/^grid: buy 0\.004 BTCUSDT at \d+\.\d$/)]);
    expect(await running.stop()).toBe(false);
    expect(entriesOf(bench.real)).toHaveLength(1);
    expect(bench.shown()).toContain("perpdesk ended, but entries may still rest on the exchange");
    expect(bench.shown()).toContain(left[0]);
    const last =
      readFileSync(running.recording ?? "", "utf8")
        .trimEnd()
        .split("\n")
        .at(-1) ?? "";
    expect(JSON.parse(last)).toMatchObject({ h: running.desk.hash() });
  });

  test("a start whose account stream is refused ends with why; whoever asks to stop does not wait for that", async () => {
    const bench = await openBench({ mode: "demo" });
    bench.wire.spoilAll("POST /fapi/v1/listenKey", refusal(-2015, 401));
    const stopping = new Promise<string>((resolve) => setTimeout(() => resolve("SIGINT"), 1_500));
    const from = performance.now();
    await expect(bench.start(undefined, { stopping })).rejects.toThrow(
      "The start was ended before the desk ran (SIGINT): no order was sent.",
    );
    expect(performance.now() - from).toBeLessThan(10_000);
    // Half a minute would be long for a story.
    const after: Clock["after"] = (ms, call) => systemClock.after(ms === 30_000 ? 2_000 : ms, call);
    await expect(bench.start(undefined, { clock: { ...systemClock, after } })).rejects.toThrow(
      "In 30 s the account's stream did not open (AuthenticationError): check the keys and their rights, and check that WebSockets may leave this machine.",
    );
    expect(bench.real.exchange.orderHistory("main", {})).toEqual([]);
  });
});

describe("paper mode on a venue that plays the exchange", () => {
  test("the desk trades on real prices, and the exchange never sees a key or a signature", async () => {
    const bench = await openBench({ mode: "paper" });
    const running = await bench.start();
    const [here] = running.venue?.exchanges ?? [];
    if (here === undefined) throw new Error("no venue in this process");
    await until(() => here.openOrders("main").length === 1, "an entry rests at the venue here");
    const price = here.openOrders("main")[0]?.request.price ?? ticks(0);
    bench.real.server.pause();
    bench.real.move(price - 20);
    await until(() => here.positions("main").some(({ lots: size }) => size === 4), "it is filled");
    await until(
      () => here.openOrders("main").length === 1 && here.openConditionals("main").length === 1,
      "take profit and stop rest",
    );
    bench.real.move(Math.round(price * 1.006));
    await until(() => running.door.snapshot().totals.cycles === 1, "the cycle is closed");
    await until(() => here.positions("main").every(({ lots: size }) => size === 0), "nothing is held");
    expect(running.door.snapshot()).toMatchObject({ mode: "paper", totals: { mismatches: 0 } });
    expect(here.validate()).toEqual([]);
    await running.stop();
    expect(bench.real.exchange.orderHistory("main", {})).toEqual([]);
    const signed = bench.wire.asked.filter(
      ({ apiKey, fields }) => apiKey !== undefined || fields["signature"] !== undefined,
    );
    expect(signed).toEqual([]);
    expect(bench.wire.opened.some((path) => /private|listenKey/.test(path))).toBe(false);
  });
});
