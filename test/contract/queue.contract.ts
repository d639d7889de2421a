import { describe } from "vitest";
import type { QueueBench } from "./queue-bench.ts";
import { deduplicationContract } from "./queue-deduplication.contract.ts";
import { familyContract } from "./queue-family.contract.ts";
import { keepingContract } from "./queue-keeping.contract.ts";
import { runningContract } from "./queue-running.contract.ts";
import { schedulerContract } from "./queue-schedulers.contract.ts";
import { recoveryJobContract } from "./recovery-job.contract.ts";

/** What every backend of the job queues has to do, asserted to the value. */
export function queueContract(name: string, open: () => Promise<QueueBench>): void {
  describe(`job queues on ${name}`, () => {
    runningContract(open);
    keepingContract(open);
    deduplicationContract(open);
    familyContract(open);
    schedulerContract(open);
    recoveryJobContract(open);
  });
}
