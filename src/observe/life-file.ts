import { readFile, rename, writeFile } from "node:fs/promises";

/** What a desk last wrote of itself. */
export interface LifeSign {
  /** Which process: another one after every start. */
  readonly boot: string;
  /** Counts on with every sign. */
  readonly beat: number;
  readonly wallAt: number;
  /** Whose desk, e.g. "live/binanceusdm/main/pd1". */
  readonly desk: string;
  /** Somebody ended it: nothing more comes, and nobody need worry. */
  readonly isOver: boolean;
  /** What was held and rested then; undefined before the account was read. */
  readonly held: HeldThen | undefined;
}

/** What a desk held, and what of it rested at the exchange. */
export interface HeldThen {
  readonly rungs: number;
  readonly entries: number;
  readonly exits: number;
}

/** Writes a sign whole or not at all, for its owner's eyes only. Rejects as node does. */
export async function writeLifeSign(path: string, sign: LifeSign): Promise<void> {
  // Two processes that write the same file must not take the other one's away.
  const fresh = `${path}.${sign.boot.slice(0, 8)}`;
  await writeFile(fresh, `${JSON.stringify(sign)}\n`, { mode: 0o600 });
  await rename(fresh, path);
}

/** Reads the last sign; undefined where there is none, or none that can be read. */
export async function readLifeSign(path: string): Promise<LifeSign | undefined> {
  try {
    const told: unknown = JSON.parse(await readFile(path, "utf8"));
    return isLifeSign(told) ? told : undefined;
  } catch {
    return undefined;
  }
}

function isLifeSign(told: unknown): told is LifeSign {
  if (typeof told !== "object" || told === null) return false;
  const { boot, beat, wallAt, desk, isOver, held } = told as Partial<Record<keyof LifeSign, unknown>>;
  const isNamed = typeof boot === "string" && typeof desk === "string" && typeof isOver === "boolean";
  return isNamed && [beat, wallAt].every(Number.isSafeInteger) && (held === undefined || isHeld(held));
}

function isHeld(told: unknown): told is HeldThen {
  if (typeof told !== "object" || told === null) return false;
  const { rungs, entries, exits } = told as Partial<Record<keyof HeldThen, unknown>>;
  return [rungs, entries, exits].every(Number.isSafeInteger);
}
