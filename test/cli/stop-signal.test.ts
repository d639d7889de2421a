import { EventEmitter } from "node:events";
import { expect, test } from "vitest";
import { stopSignal } from "../../src/cli/stop-signal.ts";
import { createRedactor } from "../../src/observe/redactor.ts";
import { keptLog } from "./settings.ts";

/** A process that only says what came to it. */
function standIn() {
  const exits: unknown[] = [];
  const streams = { stdin: new EventEmitter(), stdout: new EventEmitter(), stderr: new EventEmitter() };
  const process = Object.assign(new EventEmitter(), streams, { exit: (code: number) => exits.push(code) });
  const log = keptLog();
  const time = { ms: 0 };
  const stopping = stopSignal({
    log,
    redactor: createRedactor([]),
    process: process as unknown as NodeJS.Process,
    monotonic: () => time.ms,
  });
  return { process, exits, time, log, asked: stopping.asked, stop: stopping.stop };
}

test.each(["SIGINT", "SIGTERM"])("%s asks to stop, a second one ends at once", async (signal) => {
  const { process, exits, time, asked } = standIn();
  process.emit(signal);
  expect(await asked).toBe(signal);
  expect(exits).toEqual([]);
  // npm hands the terminal's own signal on: one Ctrl-C may come twice.
  time.ms += 3;
  process.emit(signal);
  expect(exits).toEqual([]);
  time.ms += 600;
  process.emit(signal);
  expect(exits).toEqual([1]);
});

test("a terminal that goes asks to stop, however often it says so, and nothing that it broke is a fault", async () => {
  const { process, exits, log, asked } = standIn();
  process.emit("SIGHUP");
  process.emit("SIGHUP");
  for (const stream of [process.stdin, process.stdout, process.stderr])
    stream.emit("error", Object.assign(new Error("write EIO"), { code: "EIO" }));
  expect(await asked).toBe("SIGHUP");
  // A service that is ended with its terminal hears both.
  process.emit("SIGTERM");
  expect([exits, log.lines]).toEqual([[], []]);
});

test("what nobody caught, and whoever holds the switch, ask to stop as well", async () => {
  const fatal = standIn();
  fatal.process.emit("uncaughtException", new Error("a bug"));
  expect(await fatal.asked).toMatch(/^fatal: .*a bug$/);
  const told = standIn();
  told.stop("time is up");
  expect(await told.asked).toBe("time is up");
});
