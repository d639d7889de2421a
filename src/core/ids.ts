import { invariant } from "./invariant.ts";
import type { CloseCause, EngineId, Role } from "./order.ts";
import { hashText } from "./random.ts";

/** What a client order id says. Widths are fixed, so an id can be read back without a separator. */
export interface ClientId {
  /** Three letters or digits: whose desk. */
  readonly desk: string;
  /** Two characters derived from the engine's name. */
  readonly engineTag: string;
  readonly role: Role;
  /** Of a close, where its engine said. */
  readonly cause?: CloseCause;
  /** The lattice index of a grid rung, or 0; from -839,807 to 839,807. */
  readonly rung: number;
  /** Which part of a split order, from 0 to 35. */
  readonly slice: number;
  /** Counts up with every order of the engine, so that no id is used twice. */
  readonly generation: number;
  /** Who led when it was sent; see `Store.nextEpoch`. */
  readonly epoch: number;
  /** Four characters drawn from the operating system at boot. */
  readonly nonce: string;
}

const ROLE_LETTER: Readonly<Record<Role, string>> = {
  entry: "e",
  takeProfit: "t",
  stop: "s",
  ladder: "l",
  hedge: "h",
  close: "c",
  lastStop: "z",
};
/** Closes have a letter for each cause; the role's own says none. */
const CAUSE_LETTER: Readonly<Record<CloseCause, string>> = {
  asked: "a",
  chosen: "p",
  recovery: "v",
  loss: "d",
  hedge: "g",
  stopRefused: "r",
  stopLate: "u",
  beyondStop: "b",
  halted: "x",
};
const ROLE_OF = new Map(Object.entries(ROLE_LETTER).map(([role, letter]) => [letter, role as Role]));
const CAUSE_OF = new Map(
  Object.entries(CAUSE_LETTER).map(([cause, letter]) => [letter, cause as CloseCause]),
);

const RUNG_ZERO = 36 ** 4 / 2;
const GENERATION_MAX = 36 ** 5 - 1;
const EPOCH_MAX = 36 ** 4 - 1;

/** Nonce of orders whose id must be the same after a restart: those of a proposal (DESIGN.md section 4). */
export const FIXED_NONCE = "0000";

/** The owner of orders under a tag of which no engine is configured. */
export const retiredOwner = (tag: string): EngineId => `retired-${tag}`;

/**
 * The two characters that stand for an engine's name in client ids. Of an engine of an earlier life only they are known: what is
 * done for it is written under them.
 */
export const engineTag = (engine: EngineId): string =>
  /^retired-([0-9a-z]{2})$/.exec(engine)?.[1] ?? base36(hashText(engine) % 36 ** 2, 2);

/** The desk's prefix of every client id: how an own order is told from a foreign one. */
export const ownPrefix = (desk: string): string => `p${desk}`;

/**
 * Writes an id of 25 characters of [a-z0-9], within Binance's 36 and our own 32.
 * Throws `InvariantError` when a part is out of its range.
 */
export function writeClientId(id: ClientId): string {
  invariant(/^[a-z0-9]{3}$/.test(id.desk), `desk name "${id.desk}" is three of a-z, 0-9`);
  invariant(/^[a-z0-9]{2}$/.test(id.engineTag), "an engine tag is two of a-z, 0-9");
  invariant(/^[a-z0-9]{4}$/.test(id.nonce), "a nonce is four of a-z, 0-9");
  invariant(isWithin(id.generation, 0, GENERATION_MAX), "generations are used up");
  invariant(isWithin(id.epoch, 0, EPOCH_MAX), "epochs are used up");
  invariant(isWithin(id.slice, 0, 35), "a slice is from 0 to 35");
  invariant(isWithin(id.rung, 1 - RUNG_ZERO, RUNG_ZERO - 1), "a rung is within the lattice");
  return (
    ownPrefix(id.desk) +
    id.engineTag +
    (id.role === "close" && id.cause !== undefined ? CAUSE_LETTER[id.cause] : ROLE_LETTER[id.role]) +
    base36(id.rung + RUNG_ZERO, 4) +
    base36(id.slice, 1) +
    base36(id.generation, 5) +
    base36(id.epoch, 4) +
    id.nonce
  );
}

const SHAPE =
  /^p([a-z0-9]{3})([a-z0-9]{2})([a-z])([a-z0-9]{4})([a-z0-9])([a-z0-9]{5})([a-z0-9]{4})([a-z0-9]{4})$/;

/** Reads an id back; undefined for any text that `writeClientId` could not have written. */
export function readClientId(text: string): ClientId | undefined {
  const parts = SHAPE.exec(text);
  if (parts === null) return undefined;
  const [, desk = "", tag = "", letter = "", rung = "", slice = "", generation = "", epoch = "", nonce = ""] =
    parts;
  const cause = CAUSE_OF.get(letter);
  const role = cause === undefined ? ROLE_OF.get(letter) : "close";
  if (role === undefined || rung === "0000") return undefined;
  return {
    desk,
    engineTag: tag,
    role,
    ...(cause === undefined ? {} : { cause }),
    rung: Number.parseInt(rung, 36) - RUNG_ZERO,
    slice: Number.parseInt(slice, 36),
    generation: Number.parseInt(generation, 36),
    epoch: Number.parseInt(epoch, 36),
    nonce,
  };
}

const base36 = (count: number, width: number): string => count.toString(36).padStart(width, "0");

const isWithin = (count: number, least: number, most: number): boolean =>
  Number.isInteger(count) && count >= least && count <= most;
