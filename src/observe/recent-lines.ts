/** One line of the desk's own log, for people. */
export interface RecentLine {
  readonly wallAt: number;
  readonly level: "debug" | "info" | "warn" | "error";
  /** The message, and what it carries beside it. */
  readonly text: string;
}

/** Lines that are kept. */
const KEPT = 200;
/** Characters of what a line carries beside its message. */
const FIELDS_MOST = 300;

/** The last lines of a log, as they were written: secrets are out of them already. The trade log's lines are not among them. */
export class RecentLines {
  readonly #kept: string[] = [];

  /** Takes a finished line in. */
  take(line: string): void {
    if (line.includes('"msg":"GRID_')) return;
    this.#kept.push(line);
    if (this.#kept.length > KEPT) this.#kept.shift();
  }

  /** The newest first, `count` at most. */
  last(count: number): readonly RecentLine[] {
    return this.#kept.slice(-count).reverse().map(read);
  }
}

function read(line: string): RecentLine {
  const { level, time, msg, ...fields } = JSON.parse(line) as Readonly<Record<string, unknown>>;
  const beside = Object.entries(fields).map(
    ([name, content]) => `${name} ${typeof content === "string" ? content : JSON.stringify(content)}`,
  );
  return {
    wallAt: Number(time),
    level: levelOf(Number(level)),
    text: [String(msg), ...(beside.length === 0 ? [] : [beside.join(", ").slice(0, FIELDS_MOST)])].join("; "),
  };
}

const levelOf = (level: number): RecentLine["level"] =>
  level >= 50 ? "error" : level >= 40 ? "warn" : level >= 30 ? "info" : "debug";
