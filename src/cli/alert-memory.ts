import type { Seen } from "../chat/duty.ts";
import type { Ledger } from "../desk/ports.ts";

const KIND = "alertSeen";
/** What was seen longer ago than this does not keep an alert quiet any more. */
const KEPT_MS = 7 * 86_400_000;

/** Who has seen which alert, kept in the audit ledger: a restart asks nobody twice. `note` hears of what could not be written. */
export function alertMemory(
  ledger: Ledger,
  scope: string,
  now: () => number,
  note: (error: unknown) => void,
) {
  return {
    async load(): Promise<readonly Seen[]> {
      const entries = await ledger.read([KIND]);
      return entries
        .filter(({ wallAt }) => now() - wallAt < KEPT_MS)
        .map(({ actor, body }) => ({
          ...(JSON.parse(body) as Omit<Seen, "by"> & { scope: string }),
          by: actor,
        }))
        .filter((seen) => seen.scope === scope)
        .map(({ key, level, by, wallAt, untilWallAt }) => ({ key, level, by, wallAt, untilWallAt }));
    },
    save({ by, ...seen }: Seen): void {
      const body = Object.fromEntries(Object.entries(seen).filter(([, content]) => content !== undefined));
      ledger.append(KIND, by, { ...body, scope }).catch(note);
    },
  };
}
