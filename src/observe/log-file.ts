import { closeSync, fstatSync, mkdirSync, openSync, readSync, writeSync } from "node:fs";
import { dirname } from "node:path";

/** Lines on their way to a file. */
export interface LogFile {
  /** `isUrgent`: with the operating system before this returns, so a kill can't lose it; others wait a moment together. */
  write(line: string, isUrgent: boolean): void;
  /** Writes what waits; later lines are dropped. */
  close(): void;
}

/** Characters that may wait in memory. */
const WAITING_MAX = 16_384;
/** Milliseconds that a line may wait in memory. */
const FLUSH_MS = 250;

/**
 * Opens a log for appending, for its owner's eyes only. Trouble with the disk later is told to `onTrouble` and
 * loses lines, never the process. Throws what node throws when it can't be opened.
 */
export function openLogFile(path: string, onTrouble: (reason: string) => void): LogFile {
  mkdirSync(dirname(path), { recursive: true });
  const file = openSync(path, "a", 0o600);
  let waiting = "";
  let isOpen = true;
  // A line that a kill or a full disk cut short must not swallow the next one.
  let isTorn = !endsWithLine(path);
  const flush = (): void => {
    if (waiting === "") return;
    let bytes = Buffer.from(isTorn ? `\n${waiting}` : waiting, "utf8");
    waiting = "";
    try {
      while (bytes.length > 0) bytes = bytes.subarray(writeSync(file, bytes));
      isTorn = false;
    } catch (error) {
      isTorn = true;
      onTrouble(error instanceof Error ? error.message : String(error));
    }
  };
  const timer = setInterval(flush, FLUSH_MS);
  timer.unref();
  return {
    write(line, isUrgent) {
      if (!isOpen) return;
      waiting += line;
      if (isUrgent || waiting.length > WAITING_MAX) flush();
    },
    close() {
      if (!isOpen) return;
      flush();
      clearInterval(timer);
      isOpen = false;
      closeSync(file);
    },
  };
}

/** Whether a file is empty or ends with a whole line. */
function endsWithLine(path: string): boolean {
  const file = openSync(path, "r");
  try {
    const { size } = fstatSync(file);
    if (size === 0) return true;
    const last = Buffer.alloc(1);
    readSync(file, last, 0, 1, size - 1);
    return last.toString() === "\n";
  } finally {
    closeSync(file);
  }
}
