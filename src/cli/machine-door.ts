import type { MachineDoor } from "../desk/ports.ts";
import type { Queues } from "../jobs/queues.ts";
import type { Log } from "../observe/log.ts";
import type { Redactor } from "../observe/redactor.ts";
import type { Tree } from "../settings/path.ts";
import { writtenSettings } from "../settings/written.ts";

/** A person who asks for the queues waits this long at most. */
const ANSWER_MS = 1_500;

/** What people may see of this process. Secrets stand nowhere in it: the settings name their variables, the log is clean. */
export function machineDoor(
  {
    log,
    redactor,
    written = {},
  }: {
    readonly log: Pick<Log, "recent">;
    readonly redactor: Pick<Redactor, "text">;
    readonly written?: Tree;
  },
  running: { readonly queues: Pick<Queues, "views"> | undefined },
): MachineDoor {
  return {
    logLines: (count) => log.recent(count),
    settings: () => writtenSettings(written).map(({ path, text }) => ({ path, text: redactor.text(text) })),
    queues: async () => await running.queues?.views(ANSWER_MS),
  };
}
