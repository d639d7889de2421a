import { createHash } from "node:crypto";
import type { LedgerEntry } from "../desk/ports.ts";

/** What the first entry of a ledger names as the hash before it. */
export const GENESIS_HASH = "0".repeat(64);

/** An entry before its own hash is known. */
export type Unsealed = Omit<LedgerEntry, "hash">;

/**
 * The entry's hash: sha256 (hex) over all its fields and the hash before it, each with its length in front, so
 * that no two different entries give the same bytes. A change anywhere breaks every later link.
 */
export function hashOf(entry: Unsealed): string {
  const hash = createHash("sha256").update("perpdesk-ledger-1\n");
  const fields = [`${entry.sequence}`, `${entry.wallAt}`, entry.kind, entry.actor, entry.body];
  for (const field of [...fields, entry.previousHash]) {
    const bytes = Buffer.from(field, "utf8");
    hash.update(`${bytes.length}:`).update(bytes);
  }
  return hash.digest("hex");
}

/** Where a chain stands: the last entry that was checked. */
export interface ChainEnd {
  readonly sequence: number;
  readonly hash: string;
}

/** A ledger that is not whole: the first entry that is wrong or missing, and why. */
export interface ChainFault {
  readonly sequence: number;
  readonly reason: string;
}

/** Follows one more entry; returns the new end, or what is wrong with it. */
export function follow(end: ChainEnd, entry: LedgerEntry): ChainEnd | ChainFault {
  const expected = end.sequence + 1;
  if (entry.sequence !== expected) {
    return { sequence: expected, reason: `entry ${expected} is missing: the next one is ${entry.sequence}` };
  }
  if (entry.previousHash !== end.hash) {
    return { sequence: expected, reason: `entry ${expected} does not continue entry ${end.sequence}` };
  }
  if (entry.hash !== hashOf(entry)) {
    return { sequence: expected, reason: `entry ${expected} was changed: its hash does not fit its content` };
  }
  return { sequence: expected, hash: entry.hash };
}

/** The chain ended; compares it with the head that was written with the last append. */
export function compareWithHead(end: ChainEnd, head: ChainEnd | undefined): ChainFault | undefined {
  if (head === undefined)
    return { sequence: end.sequence, reason: "the record of the last entry is missing" };
  if (head.sequence > end.sequence) {
    const first = end.sequence + 1;
    return {
      sequence: first,
      reason: `the ledger was cut: entries ${first} to ${head.sequence} are missing`,
    };
  }
  if (head.sequence < end.sequence) {
    const first = head.sequence + 1;
    return { sequence: first, reason: `entry ${first} was added behind the ledger's back` };
  }
  if (head.hash !== end.hash) {
    return { sequence: end.sequence, reason: `entry ${end.sequence} is not the one that was written last` };
  }
  return undefined;
}

/** Fewer digits of a posted hash than these could be found by chance. */
const POSTED_DIGITS = 16;

/** Whether an entry's hash is the one that was posted, or begins with the digits that were. */
export const isHash = (hash: string, posted: string | undefined): boolean =>
  posted !== undefined && posted.length >= POSTED_DIGITS && hash.startsWith(posted.toLowerCase());

/** No entry of a chain that is whole ends with the hash that was posted. */
export function notFound(end: ChainEnd, posted = ""): ChainFault {
  return {
    sequence: end.sequence,
    reason: `no entry ends with ${posted}, which was posted: the ledger's tail was cut, or all of it was written anew`,
  };
}
