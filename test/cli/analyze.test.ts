import { spawnSync } from "node:child_process";
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { analyze } from "../../src/cli/analyze.ts";
import { figuresDocument } from "../../src/cli/figures-document.ts";
import { main } from "../../src/cli/perpdesk.ts";
import { resumeTradeLog } from "../../src/cli/trade-log.ts";
import type { TradeFields } from "../../src/core/trade-log.ts";
import { TradeJournal } from "../../src/desk/trade-journal.ts";
import { GridMetrics } from "../../src/engines/grid/metrics.ts";
import { createLog, type Log } from "../../src/observe/log.ts";
import { createRedactor } from "../../src/observe/redactor.ts";
import { GRID, Rig } from "../support/rig.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
let folder: string;
let file: string;
let out: string;
let err: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "perpdesk-analyze-"));
  file = join(folder, "perpdesk.log");
  [out, err] = ["", ""];
  vi.spyOn(process.stdout, "write").mockImplementation((text) => {
    out += String(text);
    return true;
  });
  vi.spyOn(process.stderr, "write").mockImplementation((text) => {
    err += String(text);
    return true;
  });
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true, force: true });
});

const logTo = (path: string): Log =>
  createLog({ file: path, level: "warn", redactor: createRedactor([]), screen: null });

/** A desk that trades for a while, and its figures: take profits, a stop, a liquidation, a mismatch. */
function traded(log: Log, metrics = new GridMetrics(), config: ConstructorParameters<typeof Rig>[0] = {}) {
  const rig = new Rig(config);
  const journal = new TradeJournal(rig.config, metrics, (fields) => log.trade(fields));
  rig.watch = (effects) => {
    for (const effect of effects)
      if (effect.type === "logTrade" || effect.type === "logEquity")
        journal.write(effect.fields, rig.state.at);
  };
  rig.boot();
  for (let cycle = 0; cycle < 6; cycle += 1) {
    const [entry] = rig.exchange.open("entry");
    if (entry !== undefined) rig.feed(...rig.exchange.fill(entry));
    rig.pass(40_000);
    const [takeProfit] = rig.exchange.open("takeProfit");
    const [stop] = rig.exchange.open("stop");
    if (cycle % 3 === 2 && stop !== undefined) rig.feed(...rig.exchange.trigger(stop));
    else if (takeProfit !== undefined) rig.feed(...rig.exchange.fill(takeProfit, 4 + cycle));
    rig.pass(40_000);
  }
  rig.feed(...rig.exchange.liquidate(2));
  rig.pass(65_000);
  return { rig, journal };
}
const documentOf = () =>
  JSON.parse(out) as { lines: Record<string, number>; desks: Record<string, unknown>[] };
const deskOf = (rig: Rig, journal: TradeJournal) => ({
  desk: `sim/${rig.config.venue}/main/abc`,
  asset: "USDT",
  ...figuresDocument(journal.report()),
});

describe("perpdesk analyze", () => {
  it("gives the figures of the running desk, to the last digit", async () => {
    const log = logTo(file);
    const { rig, journal } = traded(log);
    log.close();
    expect(await analyze([file, "--json"])).toBe(0);
    const { gridMetrics, closes } = figuresDocument(journal.report());
    expect(gridMetrics.total_trades).toBeGreaterThan(2);
    // The desk shuts down after the liquidation and closes the rest.
    expect(closes.map(({ action }) => action)).toEqual(["CLOSE", "LIQUIDATION", "STOP_LOSS", "TAKE_PROFIT"]);
    expect(documentOf().desks).toEqual([JSON.parse(JSON.stringify(deskOf(rig, journal)))]);
    expect(documentOf().lines).toMatchObject({ torn: 0, known: 0, unusable: 0 });
  });

  it("reads several files, packed and in any order, and passes over a torn line and lines of other kinds", async () => {
    const log = logTo(file);
    const { rig, journal } = traded(log);
    log.warn("something else", { trade: "none" });
    log.close();
    const lines = readFileSync(file, "utf8").trimEnd().split("\n");
    const [older, newer] = [join(folder, "older.gz"), join(folder, "newer.log")];
    writeFileSync(older, gzipSync(`${lines.slice(0, 5).join("\n")}\n`));
    writeFileSync(newer, `${lines.slice(5).join("\n")}\n{"level":30,"time":1,"trade":{"Act`);
    expect(await analyze([newer, older, "--json"])).toBe(0);
    expect(documentOf().desks).toEqual([JSON.parse(JSON.stringify(deskOf(rig, journal)))]);
    expect(documentOf().lines).toMatchObject({ trade: lines.length - 1, other: 1, torn: 1 });
  });

  it("tells a person the same in a table", async () => {
    const log = logTo(file);
    traded(log);
    log.close();
    expect(await analyze([file])).toBe(0);
    for (const name of [
      "Trades",
      "Worst drawdown",
      "Stops",
      "Closes",
      "Engines",
      "Rungs",
      "Days",
      "grid1:6567",
    ])
      expect(out).toContain(name);
    expect(out).not.toMatch(/undefined|NaN|null/);
  });

  it("keeps the desks of one log apart", async () => {
    const log = logTo(file);
    traded(log);
    traded(log, new GridMetrics(), { config: { desk: "xyz", grids: [GRID] } });
    log.close();
    await analyze([file, "--json"]);
    expect(documentOf().desks.map(({ desk }) => desk)).toEqual([
      "sim/binanceusdm/main/abc",
      "sim/binanceusdm/main/xyz",
    ]);
  });

  it("reads standard input", () => {
    const log = logTo(file);
    const { rig, journal } = traded(log);
    log.close();
    const grep = readFileSync(file, "utf8");
    const program = join(ROOT, "test/cli/analyze-run.ts");
    const ran = spawnSync(process.execPath, ["--import", "tsx", program, "-", "--json"], {
      cwd: ROOT,
      input: grep,
      encoding: "utf8",
    });
    expect([ran.status, ran.stderr]).toEqual([0, ""]);
    expect(JSON.parse(ran.stdout).desks).toEqual([JSON.parse(JSON.stringify(deskOf(rig, journal)))]);
  });

  it.each([
    ["no argument", [], 2, "analyze needs a log, e.g. perpdesk analyze logs/perpdesk.log."],
    ["an option that it has not", ["x.log", "--fast"], 2, "Unknown option '--fast'; see --help."],
    [
      "no such file",
      ["FOLDER/none.log"],
      1,
      'There is no file "FOLDER/none.log"; name a log, e.g. logs/perpdesk.log.',
    ],
    ["a folder", ["FOLDER"], 1, '"FOLDER" is a folder; name the log in it, e.g. FOLDER/perpdesk.log.'],
    [
      "no log",
      ["FOLDER/text.txt"],
      1,
      '"FOLDER/text.txt": line 2 is no JSON; give a log of the desk, one JSON document a line.',
    ],
    [
      "a list",
      ["FOLDER/list.json"],
      1,
      '"FOLDER/list.json": line 1 is no JSON; give a log of the desk, one JSON document a line.',
    ],
    [
      "a log without trades",
      ["FOLDER/empty.log"],
      1,
      '"FOLDER/empty.log": no GRID_TRADE or GRID_EQUITY line in it; give the log of a desk that has traded.',
    ],
  ])("says in one sentence what is wrong with %s", async (_what, args, code, sentence) => {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "text.txt"), '{"level":30,"msg":"up"}\nhello there\n');
    writeFileSync(join(folder, "list.json"), "[1, 2]\n");
    writeFileSync(join(folder, "empty.log"), '{"level":30,"time":1,"msg":"desk up"}\n');
    const real = args.map((arg) => arg.replace("FOLDER", folder));
    expect(await main(["analyze", ...real])).toBe(code);
    expect([out, err]).toEqual(["", `${sentence.replaceAll("FOLDER", folder)}\n`]);
  });
});

describe("a desk that starts again", () => {
  const owner = (given: object = {}) => ({
    whose: { mode: "sim", venue: "binanceusdm", account: "main", desk: "abc" } as const,
    asset: "USDT",
    at: 1_700_000_000_000,
    isNewAccount: false,
    ...given,
  });

  it("goes on counting from its log: rotated files too, without torn lines, lines of others and fields that it does not know", async () => {
    const first = logTo(file);
    const { journal } = traded(first);
    traded(first, new GridMetrics(), { config: { desk: "xyz", grids: [GRID] } });
    first.close();
    const lines = readFileSync(file, "utf8").trimEnd().split("\n");
    writeFileSync(`${file}.2.gz`, gzipSync(`${lines.slice(0, 3).join("\n")}\n`));
    renameSync(file, `${file}.1`);
    writeFileSync(`${file}.1`, `${lines.slice(3, 9).join("\n")}\n`);
    writeFileSync(file, `${lines.slice(9).join("\n").replaceAll('"Engine":', '"Mood":"good","Engine":')}\n`);
    appendFileSync(file, '{"level":30,"time":1,"trade":{"Action":"TAKE_PR');
    const log = logTo(file);
    const resumed = await resumeTradeLog(file, owner(), log);
    log.close();
    expect(resumed.report()).toEqual(journal.report());
  });

  it("on another account of the built-in exchange counts from nothing, and says so in the log", async () => {
    const log = logTo(file);
    traded(log);
    const resumed = await resumeTradeLog(file, owner({ isNewAccount: true }), log);
    log.close();
    expect(resumed.report()).toMatchObject({
      totalTrades: 0,
      engines: [],
      lastTrades: [],
      from: 1_700_000_000_000,
    });
    expect(resumed.accountFrom).toBe(1_700_000_000_000);
    expect(readFileSync(file, "utf8").trimEnd().split("\n").at(-1)).toContain(
      "GRID_HEALTH | Action=NEW_ACCOUNT",
    );
  });

  it("writes nothing when the log is new", async () => {
    const written: TradeFields[] = [];
    const log = { trade: (fields: TradeFields) => written.push(fields), warn: () => {} };
    await resumeTradeLog(file, owner({ isNewAccount: true }), log);
    expect(written).toEqual([]);
  });
});

it("a kill right after a line was told loses none of them", () => {
  const ran = spawnSync(process.execPath, ["--import", "tsx", join(ROOT, "test/cli/killed-desk.ts"), file], {
    cwd: ROOT,
  });
  expect(ran.signal).toBe("SIGKILL");
  const lines = readFileSync(file, "utf8").trimEnd().split("\n");
  expect(lines.map((line) => /"msg":"(GRID_[A-Z]+)/.exec(line)?.[1])).toEqual(["GRID_EQUITY", "GRID_TRADE"]);
});
