import { EventEmitter } from "node:events";
import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { installCrashGuard } from "../../src/observe/crash-guard.ts";
import { createLog, type Log } from "../../src/observe/log.ts";
import { createRedactor } from "../../src/observe/redactor.ts";
import { limitRepeats } from "../../src/observe/repeats.ts";
import { tradeLine } from "../../src/observe/trade-line.ts";

const redactor = createRedactor(["hunter2-marker"]);
let folder: string;
let screen: { lines: string[]; isTTY: boolean; write(line: string): void };
let log: Log;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "perpdesk-log-"));
  file = join(folder, "logs", "perpdesk.log");
  screen = {
    lines: [],
    isTTY: false,
    write(line) {
      this.lines.push(line);
    },
  };
  log = createLog({ file, level: "info", redactor, screen });
});
afterEach(() => {
  log.close();
  rmSync(folder, { recursive: true, force: true });
});

test("a line that a kill cut short does not swallow the next one", () => {
  log.close();
  appendFileSync(file, '{"torn":');
  log = createLog({ file, level: "info", redactor, screen });
  log.error("after it");
  log.close();
  const lines = readFileSync(file, "utf8").split("\n");
  expect(lines.filter((line) => line.includes("after it")).map((line) => JSON.parse(line))).toMatchObject([
    { msg: "after it" },
  ]);
});

const written = (): Record<string, unknown>[] =>
  readFileSync(file, "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line));

describe("the log", () => {
  test("writes the same NDJSON to file and screen, for its owner's eyes only", () => {
    log.debug("not now");
    log.info("desk up", { room: "desk", speed: 60 });
    log.child({ room: "chat" }).warn("slow", { ms: 71 });
    log.close();
    expect(written()).toEqual([
      { level: 30, time: expect.any(Number), room: "desk", speed: 60, msg: "desk up" },
      { level: 40, time: expect.any(Number), room: "chat", ms: 71, msg: "slow" },
    ]);
    expect(screen.lines.map((line) => JSON.parse(line))).toEqual(written());
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  test("has a trade in the file before the call returns, whatever the level, and errors too", () => {
    const strict = createLog({ file, level: "error", redactor, screen: null });
    strict.info("dropped");
    strict.trade({
      Engine: "grid-btc",
      Action: "TAKE_PROFIT",
      Size: "0.004",
      Entry: "97000.0",
      Exit: "97194.0",
      PnL: "0.77",
      Duration: 42,
    });
    expect(written()).toEqual([
      {
        level: 30,
        time: expect.any(Number),
        trade: {
          Engine: "grid-btc",
          Action: "TAKE_PROFIT",
          Size: "0.004",
          Entry: "97000.0",
          Exit: "97194.0",
          PnL: "0.77",
          Duration: 42,
        },
        msg: "GRID_TRADE | Action=TAKE_PROFIT | Size=0.004 | Entry=97000.0 | Exit=97194.0 | PnL=0.77 | Duration=42s | Engine=grid-btc",
      },
    ]);
    strict.error("bad", { error: new Error("why") });
    expect(written()[1]).toMatchObject({ level: 50, msg: "bad", error: { message: "why" } });
    strict.close();
  });

  test("keeps its last lines for people who ask, without secrets and without the trade log", () => {
    for (let at = 0; at < 250; at += 1) log.info(`line ${at}`);
    log.child({ room: "chat" }).warn("slow", { ms: 71, url: "x?key=hunter2-marker" });
    log.trade({ Action: "TAKE_PROFIT" });
    log.error("bad");
    expect(log.recent(3).map(({ level, text }) => `${level} ${text}`)).toEqual([
      "error bad",
      "warn slow; room chat, ms 71, url x?key=[redacted]",
      "info line 249",
    ]);
    expect(log.recent(Number.POSITIVE_INFINITY)).toHaveLength(200);
    expect(log.recent(1)[0]?.wallAt).toBeGreaterThan(1_700_000_000_000);
  });

  test("is one plain line for a person at a terminal", () => {
    screen.isTTY = true;
    log.warn("stream\u001b[2J broke", { error: new Error("gone\nfor good"), tries: 3 });
    log.trade({ Action: "STOP_LOSS", Size: "0.004" });
    expect(screen.lines[0]).toMatch(
      /^\d\d:\d\d:\d\d warn {2}stream \[2J broke error=gone for good tries=3\n$/,
    );
    expect(screen.lines[1]).toMatch(
      /^\d\d:\d\d:\d\d info {2}GRID_TRADE \| Action=STOP_LOSS \| Size=0\.004 \| Entry=- \| Exit=- \| PnL=- \| Duration=-\n$/,
    );
  });

  test("lets no secret through: in messages, fields, errors, children or trades", () => {
    const child = log.child({ from: "hunter2-marker" });
    child.info("saw hunter2-marker", {
      at: { deep: ["x hunter2-marker"] },
      level: "mine",
      time: 0,
      msg: "other",
    });
    child.error("failed", {
      error: Object.assign(new Error("hunter2-marker"), { request: "hunter2-marker" }),
    });
    child.trade({ Action: "hunter2-marker" });
    log.close();
    const text = readFileSync(file, "utf8") + screen.lines.join("");
    expect(text).not.toMatch(/hunter2/);
    expect(written().map((line) => line["msg"])).toEqual([
      "saw [redacted]",
      "failed",
      "GRID_TRADE | Action=[redacted] | Size=- | Entry=- | Exit=- | PnL=- | Duration=-",
    ]);
    expect(written()[0]).toMatchObject({ level: 30, from: "[redacted]", at: { deep: ["x [redacted]"] } });
  });

  test("goes on when the screen is gone", () => {
    screen.write = () => {
      throw new Error("EPIPE");
    };
    log.error("still here");
    expect(written()).toHaveLength(1);
  });
});

describe("a trade's line", () => {
  test("splits again as it was made, whatever stands in it", () => {
    expect(tradeLine({ Action: "a | b\nc", Order: "p1", Duration: "7s", Rung: -3 })).toBe(
      "GRID_TRADE | Action=a b c | Size=- | Entry=- | Exit=- | PnL=- | Duration=7s | Order=p1 | Rung=-3",
    );
  });
});

describe("a complaint that repeats", () => {
  test("is told at once, then once in a while with how often it was held back", () => {
    const said: unknown[] = [];
    let now = 0;
    const note = (level: string) => (message: string, fields?: object) => said.push([level, message, fields]);
    const repeats = limitRepeats({ warn: note("warn"), error: note("error") }, 1_000, () => now);
    for (now = 0; now <= 2_000; now += 100) repeats.report("ws", "warn", "stream broke", { try: now });
    repeats.report("rest", "error", "no answer");
    expect(said).toEqual([
      ["warn", "stream broke", { try: 0 }],
      ["warn", "stream broke", { try: 1_000, repeatedSince: 9 }],
      ["warn", "stream broke", { try: 2_000, repeatedSince: 9 }],
      ["error", "no answer", {}],
    ]);
  });
});

describe("the crash guard", () => {
  test("logs every uncaught trouble without secrets and tells the desk once", () => {
    const stand = new EventEmitter();
    const fatal: string[] = [];
    const uninstall = installCrashGuard({
      log,
      redactor,
      onFatal: (reason) => fatal.push(reason),
      process: stand as never,
    });
    stand.emit("unhandledRejection", new Error("url hunter2-marker failed\nmore"));
    stand.emit("uncaughtException", "plain hunter2-marker");
    expect(fatal).toEqual(["a promise was rejected and nobody cared: url [redacted] failed"]);
    expect(written()).toMatchObject([
      {
        level: 50,
        msg: "a promise was rejected and nobody cared",
        error: { message: "url [redacted] failed\nmore" },
      },
      { level: 50, msg: "an error was thrown and nobody caught it", error: "plain [redacted]" },
    ]);
    uninstall();
    expect(stand.listenerCount("unhandledRejection") + stand.listenerCount("uncaughtException")).toBe(0);
  });
});
