import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { commands } from "../commands/index.ts";
import { type ChatTuning, openChat, type RunningChat } from "./chat/hub.ts";
import type { GridSetup } from "./chat/setup.ts";
import { alertMemory } from "./cli/alert-memory.ts";
import { beginning } from "./cli/beginning.ts";
import { chatSettings } from "./cli/chat-settings.ts";
import { adminNotes, codeMemory, lockedAlert } from "./cli/code-memory.ts";
import { kernelConfig, whoIs } from "./cli/desk-config.ts";
import { deskLog } from "./cli/desk-log.ts";
import { EarlyNews } from "./cli/early-news.ts";
import { firstNews } from "./cli/first-news.ts";
import { firstReading } from "./cli/first-reading.ts";
import { gridNotices, layGrids } from "./cli/grids.ts";
import { leadership, ledgerHistory, replayFacts } from "./cli/history.ts";
import { queueLog, startJobs } from "./cli/jobs.ts";
import { checkKey } from "./cli/key-check.ts";
import { KnownSteps } from "./cli/known-steps.ts";
import { entriesLeft, takeEntriesBack } from "./cli/last-entries.ts";
import { type AskPerson, confirmLive, requireConfirmable } from "./cli/live-confirmation.ts";
import { loopLag } from "./cli/loop-lag.ts";
import { machineDoor } from "./cli/machine-door.ts";
import { openGateway } from "./cli/open-gateway.ts";
import { reach } from "./cli/reach.ts";
import { heldThen, lifeFile, SignsOfLife } from "./cli/signs-of-life.ts";
import type { SimKeys } from "./cli/sim-keys.ts";
import type { SimVenue } from "./cli/sim-venue.ts";
import { endInTurn } from "./cli/stages.ts";
import { StartError } from "./cli/start-error.ts";
import { unlessStopped } from "./cli/stop-signal.ts";
import { readTotpSecrets, totpFile } from "./cli/totp-file.ts";
import { resumeTradeLog } from "./cli/trade-log.ts";
import type { DeskEvent } from "./core/event.ts";
import { watchClock } from "./desk/clock-watch.ts";
import { Desk } from "./desk/desk.ts";
import { endedAlert, startedAlert } from "./desk/desk-alerts.ts";
import { Door } from "./desk/door.ts";
import { HealthKeeper } from "./desk/health.ts";
import { Kernel } from "./desk/kernel/kernel.ts";
import type { Clock, Gateway, Store } from "./desk/ports.ts";
import { RECORDING_SCHEMA, Recorder, runName } from "./desk/recorder.ts";
import { scopeOf } from "./desk/scope.ts";
import { viewOf } from "./desk/view.ts";
import { Grid } from "./engines/grid/grid.ts";
import type { SocketTarget } from "./gateways/reroute.ts";
import { openQueues, type Queues } from "./jobs/queues.ts";
import { Figures } from "./observe/figures.ts";
import type { Log } from "./observe/log.ts";
import type { Redactor } from "./observe/redactor.ts";
import type { Tree } from "./settings/path.ts";
import { redacted } from "./settings/secrets.ts";
import type { Settings } from "./settings/settings.ts";
import { openStore } from "./store/store.ts";

/** What the composition root is given. */
export interface StartOptions {
  readonly settings: Settings;
  /** What files and command line say together, before variables are filled in; what is left out can't be shown. */
  readonly written?: Tree;
  readonly version: string;
  readonly log: Log;
  readonly redactor: Redactor;
  readonly clock: Clock;
  /**
   * A venue that runs elsewhere on this machine; without it sim starts the built-in one in this process. In the other modes it
   * stands in for the real exchange, and only tests give it: neither settings nor the command line can.
   */
  readonly venue: SocketTarget | undefined;
  /** Keys of the built-in exchange; those of a real one stand in the settings. */
  readonly keys: SimKeys["keys"];
  /** The chat's dialogue about one more grid; undefined: the desk was started without settings of its own. */
  readonly setup?: GridSetup;
  /** Asks the person at the terminal, where one sits there: for the confirmation of live mode. */
  readonly ask?: AskPerson;
  /** Times and limits of chat that differ from the usual ones: stories shrink and raise them. */
  readonly chatTuning?: ChatTuning;
  /** Where the terminal reads and prints; undefined: the process's own. */
  readonly terminal?: { readonly input?: NodeJS.ReadableStream; readonly output?: NodeJS.WritableStream };
  /** Resolves with the reason when somebody wants to stop: a start that waits for the exchange ends then. */
  readonly stopping?: Promise<string>;
}

/** A desk that runs. */
export interface RunningDesk {
  readonly desk: Desk;
  readonly door: Door;
  readonly chat: RunningChat;
  readonly figures: Figures;
  readonly venue: SimVenue | undefined;
  readonly gateway: Gateway;
  /** What a person should know of the exchange and its key. */
  readonly notes: readonly string[];
  readonly recording: string | undefined;
  readonly queue: string;
  /** Market time when the desk started. */
  readonly firstAt: number;
  /** Takes the entries back and waits until nothing is on its way; resolves with those that may still rest. Safe to call twice. */
  quiesce(): Promise<readonly string[]>;
  /**
   * Takes entries back, ends all rooms; resolves true when none may still rest and everything ended in time. Safe to call twice.
   * `fault`: nobody wanted the end; people are told why, with a sound.
   */
  stop(fault?: string): Promise<boolean>;
}

const SECOND_MS = 1_000;

/** Builds every room and starts the desk. Rejects with `StartError` when something a person can mend is in the way. */
export async function startDesk(options: StartOptions): Promise<RunningDesk> {
  const { settings, log, clock } = options;
  const opened: (() => Promise<unknown>)[] = [];
  try {
    return await build(options, opened);
  } catch (error) {
    for (const close of opened.reverse()) await close().catch(() => undefined);
    log.debug("the start failed", { error, mode: settings.mode, at: clock.now() });
    throw error;
  }
}

async function build(options: StartOptions, opened: (() => Promise<unknown>)[]): Promise<RunningDesk> {
  const { settings, log, redactor, clock } = options;
  mkdirSync(settings.desk.dataDir, { recursive: true });
  const whose = scopeOf(whoIs(settings, settings.exchange));
  const life = new SignsOfLife({ file: lifeFile(settings.desk.dataDir, whose), desk: whose, clock, log });
  opened.push(() => life.end(false));
  life.begin();
  const store = await databaseOf(options);
  opened.push(() => store.close());
  await requireConfirmable(settings, store.ledger, options.ask);
  const unlessAsked = <T>(work: Promise<T>): Promise<T> => unlessStopped(work, options.stopping);
  const exchange = await unlessAsked(
    openGateway({ settings, clock, log, simKeys: options.keys, target: options.venue }),
  );
  opened.push(() => exchange.close());
  const { gateway, venue, where } = exchange;
  const notes = [...exchange.notes, ...(await unlessAsked(checkKey(settings, gateway, store.ledger)))];
  await unlessAsked(confirmLive(settings, store.ledger, options.ask));
  const running = new Rooms();
  const symbols = [...new Set(settings.engines.map(({ symbol }) => symbol))];
  const patience = { target: where, clock, log };
  const known = await new KnownSteps(store.ledger, gateway.venue, settings.account.name).read();
  const infos = await unlessAsked(reach(() => gateway.market.instruments(symbols, known), patience));
  const { accountNews: account, marketNews: market } = running;
  const redact = (text: string): string => redactor.text(text);
  const first = await unlessAsked(firstNews({ gateway, symbols, clock, log, redact, market, account }));
  const marketNow = first.at();
  const scope = scopeOf(whoIs(settings, gateway.venue));
  const history = await ledgerHistory(store, scope, marketNow, venue !== undefined);
  const isUnderWay = venue === undefined && history.ledger !== "fresh";
  const grids = layGrids(settings, infos, first.prices, isUnderWay);
  notes.push(...gridNotices(settings, infos, first.prices, isUnderWay));
  const begin = await beginning(settings, store.ledger);
  const start = await unlessAsked(
    kernelConfig(options, store, gateway, infos, grids, history, marketNow, patience),
  );
  const config = { ...start.config, ...begin.policy };
  const recorder = settings.desk.recordings.enabled
    ? new Recorder(
        {
          folder: join(settings.desk.dataDir, "recordings"),
          run: runName(config),
          partBytesMax: settings.desk.recordings.maxMb * 1_000_000,
          runsKept: settings.desk.recordings.keepRuns,
        },
        { schema: RECORDING_SCHEMA, config, settings: redactor.deep(redacted(settings)) },
      )
    : undefined;
  const kernel = new Kernel(
    config,
    grids.map((parameters) => new Grid(parameters)),
  );
  const figures = new Figures();
  const lag = loopLag(clock);
  const leader = leadership(store, scope, config.epoch, clock);
  const owner = { whose: config, asset: config.asset, at: marketNow, isNewAccount: venue !== undefined };
  const metrics = await resumeTradeLog(settings.log.file, owner, log);
  const desk = new Desk({
    kernel,
    gateway,
    store,
    clock,
    recorder,
    chat: () => running.chat,
    isLeader: leader.isLeader,
    showProposal: (proposal) => door.show(proposal),
    log: deskLog(log, figures, clock, lag),
    historyFrom: start.historyFrom,
    metrics,
  });
  const queues = openQueues({ redisUrl: settings.redisUrl, log: queueLog(log) });
  const health = new HealthKeeper({
    desk: () => desk,
    gateway,
    clock,
    chat: () => running.chat,
    describeQueue: () => running.queue ?? queues.describe(),
    placements: () => {
      const { recent } = figures.report().placement;
      return { p50: recent.p50, p999: recent.p999 };
    },
  });
  const machine = machineDoor(options, running);
  const clockWatch = watchClock(
    clock,
    () => kernel.state.at,
    (event) => desk.emit(event),
  );
  opened.push(async () => clockWatch.stop());
  const view = { chat: () => running.chat, health: () => health.view() };
  const door: Door = new Door({ desk, store, market: gateway.market, clock, machine, clockWatch, ...view });
  running.chat = await openChat({
    settings: chatSettings(settings),
    registry: commands,
    setup: options.setup,
    door,
    memory: alertMemory(
      store.ledger,
      scope,
      () => clock.now(),
      (error) => log.error("the ledger could not be written", { error }),
    ),
    codes: codeMemory(store.ledger),
    // Read anew each time: who sets an authenticator up waits for no restart.
    totpSecret: (person) => readTotpSecrets(totpFile(settings.desk.dataDir)).get(person),
    onLocked: (person) => running.chat?.alert(lockedAlert(person)),
    messages: store.messages,
    log: (level, text) => log[level](redactor.text(text), { room: "chat" }),
    audit: (kind, actor, body) => {
      store.ledger
        .append(kind, actor, body)
        .catch((error: unknown) => log.error("the ledger could not be written", { error }));
    },
    clock,
    version: options.version,
    ...(options.chatTuning === undefined ? {} : { tuning: options.chatTuning }),
    ...(options.terminal === undefined ? {} : { terminal: options.terminal }),
  });
  opened.push(() => running.chat?.stop(SECOND_MS) ?? Promise.resolve());
  await replayFacts(store, desk, clock, venue !== undefined);
  life.tell(() => heldThen(kernel.state));
  notes.push(...adminNotes(kernel.state.roster));
  running.attach(desk);
  await running.chat.start();
  desk.start();
  running.chat.alert(startedAlert(viewOf(kernel.state), await store.ledger.head(), clock.now()));
  await firstReading(desk, clock);
  const stopBeginning = begin.watch(desk, clock);
  const jobs = await startJobs(options, queues, health, desk, store, running);
  const chat = running.chat;
  let taken: Promise<readonly string[]> | undefined;
  const quiesce = (): Promise<readonly string[]> => {
    taken ??= takeEntriesBack(desk, clock).then(async (left) => {
      if (left.length > 0) chat.alert(entriesLeft(settings.account.name, left));
      else await desk.endCountdowns();
      return left;
    });
    return taken;
  };
  let stopped: Promise<boolean> | undefined;
  const stop = async (fault: string | undefined): Promise<boolean> => {
    clockWatch.stop();
    stopBeginning();
    lag.stop();
    leader.stop();
    const left = await quiesce();
    const endDesk = (): Promise<void> => {
      desk.stop();
      return desk.settled();
    };
    const isInTime = await endInTurn(
      [
        // What is in the way of a clean end is worth waiting a moment longer for.
        {
          name: "chat",
          msMax: 4 * SECOND_MS,
          work: async () => {
            const how = { fault, endsExchange: venue !== undefined };
            chat.alert(endedAlert(viewOf(kernel.state), await store.ledger.head(), clock.now(), how));
            await chat.stop(left.length === 0 ? SECOND_MS : 3 * SECOND_MS);
          },
        },
        { name: "the recording and the ledger", msMax: 3 * SECOND_MS, work: endDesk },
        { name: "the jobs", msMax: 5 * SECOND_MS, work: () => jobs.stop() },
        { name: "the exchange", msMax: 2 * SECOND_MS, work: () => exchange.close() },
        { name: "the store", msMax: 2 * SECOND_MS, work: () => store.close() },
      ],
      { clock, log },
    );
    health.stop();
    await life.end(fault === undefined);
    return isInTime && left.length === 0;
  };
  return {
    desk,
    door,
    chat,
    figures,
    venue,
    gateway,
    notes,
    recording: recorder?.path(1),
    queue: running.queue ?? queues.describe(),
    firstAt: marketNow,
    quiesce,
    stop: (fault) => {
      stopped ??= stop(fault);
      return stopped;
    },
  };
}

/** Rooms that others reach before they are built. */
class Rooms {
  readonly #early = new EarlyNews();
  desk: Desk | undefined;
  chat: RunningChat | undefined;
  queue: string | undefined;
  queues: Pick<Queues, "views"> | undefined;

  readonly accountNews = (event: DeskEvent): void => {
    if (this.desk === undefined) this.#early.account(event);
    else this.desk.emit(event);
  };

  readonly marketNews = (event: DeskEvent): void => {
    if (this.desk === undefined) this.#early.market(event);
    else this.desk.emit(event);
  };

  attach(desk: Desk): void {
    this.desk = desk;
    for (const event of this.#early.kept) desk.emit(event);
  }
}

async function databaseOf(options: StartOptions): Promise<Store> {
  const { settings, log, redactor, clock } = options;
  const opened = await openStore({
    url: settings.databaseUrl,
    file: join(settings.desk.dataDir, "perpdesk.db"),
    scope: scopeOf(whoIs(settings, settings.exchange)),
    now: () => clock.now(),
    redact: (text) => redactor.text(text),
    onTrouble: (reason) => log.warn("the database has trouble", { reason }),
  });
  if (!opened.ok) throw new StartError(opened.problem);
  return opened.store;
}
