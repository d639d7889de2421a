import type { Notice } from "../chat/alert-desk.ts";
import type { Seen } from "../chat/duty.ts";
import type { AlertMemory } from "../chat/hub.ts";
import type { Ledger } from "../desk/ports.ts";

const SEEN = "alertSeen";
const NOTICE = "notify";
/** What was seen longer ago than this does not keep an alert quiet any more. */
const KEPT_MS = 7 * 86_400_000;

/** What people said about alerts, kept in the audit ledger: a restart asks nobody twice. `note` hears of what could not be written. */
export function alertMemory(
  ledger: Ledger,
  scope: string,
  now: () => number,
  note: (error: unknown) => void,
): AlertMemory {
  const save = (kind: string, person: string, body: object): void => {
    const told = Object.fromEntries(Object.entries(body).filter(([, content]) => content !== undefined));
    ledger.append(kind, person, { ...told, scope }).catch(note);
  };
  return {
    async load() {
      const entries = (await ledger.read([SEEN, NOTICE]))
        .map((entry) => ({ ...entry, said: JSON.parse(entry.body) as { readonly scope?: string } }))
        .filter(({ said }) => said.scope === scope);
      const seen = entries
        .filter(({ kind, wallAt }) => kind === SEEN && now() - wallAt < KEPT_MS)
        .map(({ said, actor }): Seen => {
          const { key, level, wallAt, untilWallAt } = said as Omit<Seen, "by">;
          return { key, level, by: actor, wallAt, untilWallAt };
        });
      const notices = entries
        .filter(({ kind }) => kind === NOTICE)
        .map(({ said }): Notice => {
          const { kind, way } = said as Notice;
          return { kind, way };
        });
      return { seen, notices };
    },
    saveSeen: ({ by, ...seen }) => save(SEEN, by, seen),
    saveNotice: (notice, person) => save(NOTICE, person, notice),
  };
}
