import type { JobWorker, Queues } from "./queues.ts";
import { syncSchedulers } from "./schedulers.ts";

/** Name of the queue for slow housekeeping; a worker process may take it off the bot. */
const UPKEEP_QUEUE = "upkeep";
const LEDGER_EVERY_MS = 3_600_000;

/** What a look at the ledger's hash chain found. */
export type LedgerVerdict = { readonly isWhole: boolean; readonly problem: string };

/** Verifies the audit ledger's chain; rejects when the store can't be read. */
export type VerifyLedger = () => Promise<LedgerVerdict>;

/** Works on the housekeeping queue in this process: every hour the audit ledger's hash chain is verified. */
export async function startUpkeep(
  queues: Queues,
  verify: VerifyLedger,
  onVerdict: (verdict: LedgerVerdict) => void,
): Promise<{ stop(): Promise<void> }> {
  const queue = queues.queue<Record<string, never>, LedgerVerdict>(UPKEEP_QUEUE);
  const worker: JobWorker<Record<string, never>, LedgerVerdict> = queues.worker(UPKEEP_QUEUE, async () => {
    const verdict = await verify();
    onVerdict(verdict);
    return verdict;
  });
  await syncSchedulers(queue, [
    { id: "verify-ledger", name: "verify-ledger", data: {}, timing: { everyMs: LEDGER_EVERY_MS } },
  ]);
  return { stop: () => worker.close(true) };
}
