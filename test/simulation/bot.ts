import { kernelConfig, whoIs } from "../../src/cli/desk-config.ts";
import { firstPrices } from "../../src/cli/grids.ts";
import { leadership, ledgerHistory, replayFacts } from "../../src/cli/history.ts";
import { KnownSteps } from "../../src/cli/known-steps.ts";
import { reach } from "../../src/cli/reach.ts";
import type { DeskEvent } from "../../src/core/event.ts";
import type { AlertIntent } from "../../src/core/intent.ts";
import type { Proposal } from "../../src/core/proposal.ts";
import { hashText } from "../../src/core/random.ts";
import { millis } from "../../src/core/units.ts";
import { watchClock } from "../../src/desk/clock-watch.ts";
import { Desk } from "../../src/desk/desk.ts";
import { Door } from "../../src/desk/door.ts";
import type { KernelConfig } from "../../src/desk/kernel/config.ts";
import type { Effect } from "../../src/desk/kernel/effect.ts";
import { SKEW_MAX_MS } from "../../src/desk/kernel/interruptions.ts";
import { Kernel } from "../../src/desk/kernel/kernel.ts";
import type { DeskLog } from "../../src/desk/log.ts";
import type { Chat, Gateway, MachineDoor } from "../../src/desk/ports.ts";
import type { Recorder } from "../../src/desk/recorder.ts";
import { scopeOf } from "../../src/desk/scope.ts";
import type { HealthView } from "../../src/desk/snapshot.ts";
import { Grid } from "../../src/engines/grid/grid.ts";
import { binanceUsdm } from "../../src/gateways/binance-usdm.ts";
import { settingsOf } from "./bot-settings.ts";
import { type Network, SimulatedClient } from "./connection.ts";
import type { Process } from "./machine.ts";
import { type Disk, openMemoryStore } from "./memory-store.ts";
import type { Plant } from "./plants.ts";
import type { Scenario } from "./scenario.ts";

const HEALTH_MS = 15_000;

/** What happens in a bot that somebody outside wants to see. */
export interface BotWatcher {
  /** After every turn of the kernel, before its effects leave. */
  turn(bot: Bot, event: DeskEvent, effects: readonly Effect[]): void;
  alert(bot: Bot, alert: AlertIntent): void;
  card(bot: Bot, proposal: Proposal, token: string | undefined): void;
  log(bot: Bot, line: string): void;
}

/** One life of the desk's program, from its start to its end. */
export interface Bot {
  readonly name: string;
  readonly process: Process;
  readonly disk: Disk;
  /** Undefined until it has started. */
  desk: Desk | undefined;
  door: Door | undefined;
  gateway: Gateway | undefined;
  config: KernelConfig | undefined;
  /** The start failed: whoever watches the program starts it again. */
  failure: string | undefined;
}

/** What a bot is started with. */
export interface BotParts {
  readonly name: string;
  readonly process: Process;
  readonly disk: Disk;
  readonly network: Network;
  readonly scenario: Scenario;
  readonly watcher: BotWatcher;
  /** Drawn by the machine: four characters that no other life has. */
  readonly nonce: string;
  /** A bug that a test plants. */
  readonly plant: Plant | undefined;
}

/** Starts a bot as the composition root does; it is there at once and comes to life while time goes by. */
export function startBot(parts: BotParts): Bot {
  const { name, process, disk, watcher } = parts;
  const bot: Bot = {
    name,
    process,
    disk,
    desk: undefined,
    door: undefined,
    gateway: undefined,
    config: undefined,
    failure: undefined,
  };
  start(bot, parts).catch((error: unknown) => {
    bot.failure = error instanceof Error ? error.message : String(error);
    watcher.log(bot, `the start failed: ${bot.failure}`);
    process.kill();
  });
  return bot;
}

async function start(bot: Bot, parts: BotParts): Promise<void> {
  const { process, disk, network, scenario, watcher } = parts;
  const { clock } = process;
  const store = openMemoryStore(
    disk,
    network.timeline,
    () => process.isDead,
    () => clock.now(),
  );
  const client = new SimulatedClient(network, process);
  const settings = settingsOf(scenario);
  const log = logOf(bot, watcher);
  const plain = binanceUsdm({
    account: settings.account.name,
    client,
    clock,
    log,
    streams: "wss://fstream.binance.com",
  });
  const gateway = parts.plant?.gateway?.(plain) ?? plain;
  bot.gateway = gateway;
  const symbols = scenario.instruments.map(({ id }) => id);
  const patience = { target: { host: "127.0.0.1", port: 1 }, clock, log };
  const known = await new KnownSteps(store.ledger, gateway.venue, settings.account.name).read();
  const infos = await reach(() => gateway.market.instruments(symbols, known), patience);
  const first = firstPrices(symbols);
  await gateway.market.start(symbols, (event) => {
    first.see(event);
    bot.desk?.emit(event);
  });
  await gateway.account.start((event) => bot.desk?.emit(event));
  await first.all;
  const marketNow = first.at();
  const history = await ledgerHistory(store, scopeOf(whoIs(settings, gateway.venue)), marketNow, false);
  const options = { settings, clock, version: "0.0.0-simulation" };
  const drawn = await kernelConfig(
    options,
    store,
    gateway,
    infos,
    scenario.grids,
    history,
    marketNow,
    patience,
  );
  const config: KernelConfig = { ...drawn.config, nonce: parts.nonce };
  const grids = scenario.grids.map((grid) => new Grid(grid));
  const engines = grids.map((grid) => parts.plant?.engine?.(grid) ?? grid);
  const made = new Kernel(config, engines);
  const kernel = parts.plant?.kernel?.(made) ?? made;
  const leader = leadership(store, scopeOf(config), config.epoch, clock);
  const chat: Chat = {
    alert: (alert) => watcher.alert(bot, alert),
    card: (proposal, token) => watcher.card(bot, proposal, token),
    health: () => [],
  };
  const desk: Desk = new Desk({
    kernel,
    gateway,
    store,
    clock,
    recorder: recorderOf(bot, watcher),
    chat: () => chat,
    isLeader: leader.isLeader,
    showProposal: (proposal) => door.show(proposal),
    log,
    historyFrom: drawn.historyFrom,
  });
  const clockWatch = watchClock(
    clock,
    () => kernel.state.at,
    (event) => desk.emit(event),
  );
  const door: Door = new Door({
    desk,
    store,
    market: gateway.market,
    clock,
    chat: () => chat,
    health: () => NO_HEALTH,
    machine: NO_MACHINE,
    clockWatch,
  });
  await replayFacts(store, desk, clock);
  bot.config = config;
  bot.door = door;
  bot.desk = desk;
  desk.start();
  checkHealth(bot, desk, gateway);
}

/** The health job, as far as the desk hears of it: whether the exchange can be asked, and how far its clock is off. */
function checkHealth({ process: { clock } }: Bot, desk: Desk, gateway: Gateway): void {
  const report = (skewMs: number | null, problems: string): void => {
    const times = { at: desk.kernel.state.at, wallAt: millis(Math.round(clock.now())) };
    desk.emit({
      type: "jobResult",
      ...times,
      job: "health",
      isOk: problems === "",
      report: { skewMs, problems },
    });
    if (skewMs === null || Math.abs(skewMs) <= SKEW_MAX_MS) return;
    desk.emit({ type: "clockStep", ...times, stepMs: skewMs, against: "exchange" });
  };
  const look = (): void => {
    gateway.market.clockSkew().then(
      (skewMs) => report(Math.round(skewMs), Math.abs(skewMs) > SKEW_MAX_MS ? "clock skew" : ""),
      () => report(null, "the exchange can't be reached"),
    );
    clock.after(HEALTH_MS, look);
  };
  clock.after(HEALTH_MS, look);
}

/** The flight recorder's place is where every turn passes: after it was taken, before its effects leave. */
const recorderOf = (bot: Bot, watcher: BotWatcher): Recorder =>
  ({
    turn: (event: DeskEvent, effects: readonly Effect[]) => watcher.turn(bot, event, effects),
    hash: () => {},
    flush: () => {},
    close: () => {},
  }) as unknown as Recorder;

function logOf(bot: Bot, watcher: BotWatcher): DeskLog {
  const write = (level: string) => (message: string, fields?: Readonly<Record<string, unknown>>) =>
    watcher.log(bot, `${level} ${message} ${fields === undefined ? "" : JSON.stringify(fields)}`);
  return {
    info: write("info"),
    warn: write("warn"),
    error: write("error"),
    trade: () => {},
    placement: () => {},
    entryFilled: () => {},
  };
}

/** Four of a-z, 0-9 that name one life of one machine. */
export const nonceOf = (seed: number, life: string): string =>
  (hashText(life, seed | 0) % 36 ** 4).toString(36).padStart(4, "0").replace("0000", "zzzz");

/** Nobody looks at the process here. */
const NO_MACHINE: MachineDoor = { logLines: () => [], settings: () => [], queues: async () => undefined };

const NO_HEALTH: HealthView = {
  isHealthy: true,
  marketAgeMs: undefined,
  accountAgeMs: undefined,
  clockSkewMs: undefined,
  eventLoopDelayMs: undefined,
  memoryMb: undefined,
  queue: "",
  queueLagMs: undefined,
  lastCheckWallAt: undefined,
  problems: [],
  platforms: [],
  placementP50Ms: undefined,
  placementP999Ms: undefined,
};
