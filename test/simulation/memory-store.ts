import type { Actor, Decision, Proposal, ProposalState } from "../../src/core/proposal.ts";
import { millis } from "../../src/core/units.ts";
import type { Ledger, LedgerEntry, MessageStore, ProposalStore, Store } from "../../src/desk/ports.ts";
import { canonicalJson } from "../../src/store/canonical-json.ts";
import type { Timeline } from "./timeline.ts";

/** How long a write takes to reach the disk, wall milliseconds. */
const DISK_MS = 2;

interface Kept {
  proposal: Proposal;
  tokenHash: string | undefined;
}

/** What a machine's disk holds of one desk. It outlives the processes that write to it. */
export class Disk {
  readonly entries: LedgerEntry[] = [];
  readonly proposals = new Map<string, Kept>();
  readonly epochs = new Map<string, number>();
  /** Somebody changed or removed lines: the chain no longer verifies. */
  isBroken = false;
}

/**
 * The desk's store over a simulated disk: a write that was not answered when the process died did not happen. One
 * answers after another, in the order in which they were asked for.
 */
export function openMemoryStore(
  disk: Disk,
  timeline: Timeline,
  isDead: () => boolean,
  now: () => number,
): Store {
  const write = <T>(act: () => T): Promise<T> =>
    new Promise((resolve) => {
      timeline.after(DISK_MS, () => {
        if (!isDead()) resolve(act());
      });
    });
  return {
    ledger: ledgerOf(disk, write, now),
    proposals: proposalsOf(disk, write),
    messages: NO_MESSAGES,
    nextEpoch: (account, atLeast) =>
      write(() => {
        const epoch = Math.max((disk.epochs.get(account) ?? 0) + 1, atLeast);
        disk.epochs.set(account, epoch);
        return epoch;
      }),
    currentEpoch: (account) => write(() => disk.epochs.get(account) ?? 0),
    close: () => Promise.resolve(),
  };
}

type Write = <T>(act: () => T) => Promise<T>;

function ledgerOf(disk: Disk, write: Write, now: () => number): Ledger {
  return {
    append: (kind, actor, body) => {
      const text = canonicalJson(body);
      return write(() => {
        const sequence = disk.entries.length + 1;
        const entry = {
          sequence,
          wallAt: now(),
          kind,
          actor,
          body: text,
          previousHash: "",
          hash: `${sequence}`,
        };
        disk.entries.push(entry);
        return entry;
      });
    },
    read: (kinds) =>
      write(() => disk.entries.filter(({ kind }) => kinds === undefined || kinds.includes(kind))),
    last: (count, of = {}) =>
      write(() =>
        disk.entries
          .filter(({ kind, actor }) => kind === (of.kind ?? kind) && actor === (of.actor ?? actor))
          .reverse()
          .slice(0, count),
      ),
    head: () => write(() => ({ sequence: disk.entries.length, hash: `${disk.entries.length}` })),
    verify: () => write(() => (disk.isBroken ? { sequence: 1, reason: "a line was changed" } : undefined)),
  };
}

function proposalsOf(disk: Disk, write: Write): ProposalStore {
  return {
    save: (proposal, tokenHash) =>
      write(() => {
        const kept = disk.proposals.get(proposal.id);
        // What has been decided is never overwritten by what was not, as in the database.
        if (kept !== undefined && !BEFORE[proposal.state].includes(kept.proposal.state)) return;
        const { reason } = kept?.proposal ?? {};
        const whole = reason === undefined ? proposal : { ...proposal, reason };
        disk.proposals.set(proposal.id, { proposal: whole, tokenHash: tokenHash ?? kept?.tokenHash });
      }),
    byTokenHash: (tokenHash) =>
      write(() => [...disk.proposals.values()].find((kept) => kept.tokenHash === tokenHash)?.proposal),
    byId: (id) => write(() => disk.proposals.get(id)?.proposal),
    claim: (id, decision, actor, nowWall) => write(() => claim(disk, id, decision, actor, nowWall)),
    addReason: (id, reason) =>
      write(() => {
        const kept = disk.proposals.get(id);
        if (kept?.proposal.decision !== "reject" || kept.proposal.reason !== undefined) return false;
        kept.proposal = { ...kept.proposal, reason };
        return true;
      }),
    unfinished: () =>
      write(() =>
        [...disk.proposals.values()]
          .map(({ proposal }) => proposal)
          .filter(({ state }) => state === "pending" || state === "claimed" || state === "executing"),
      ),
  };
}

const OPEN: readonly ProposalState[] = ["pending", "claimed"];
const BEFORE: Readonly<Record<ProposalState, readonly ProposalState[]>> = {
  pending: ["pending"],
  claimed: OPEN,
  executing: [...OPEN, "executing"],
  done: [...OPEN, "executing", "done"],
  failed: [...OPEN, "executing", "failed"],
  rejected: [...OPEN, "rejected"],
  expired: [...OPEN, "expired"],
  superseded: [...OPEN, "superseded"],
};

function claim(disk: Disk, id: string, decision: Decision, actor: Actor, nowWall: number): boolean {
  const kept = disk.proposals.get(id);
  if (kept === undefined || kept.proposal.state !== "pending") return false;
  if (kept.proposal.expiresWallAt <= nowWall) return false;
  kept.proposal = {
    ...kept.proposal,
    state: "claimed",
    decision,
    decidedBy: actor,
    decidedWallAt: millis(nowWall),
  };
  return true;
}

const NO_MESSAGES: MessageStore = {
  save: () => Promise.resolve(),
  find: () => Promise.resolve([]),
  remove: () => Promise.resolve(),
};
