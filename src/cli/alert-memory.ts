import type { KeptAlert, Notice, OwnNotice } from "../chat/alert-desk.ts";
import type { Seen } from "../chat/duty.ts";
import type { AlertMemory } from "../chat/hub.ts";
import type { Ledger } from "../desk/ports.ts";

const SEEN = "alertSeen";
const NOTICE = "notify";
const OWN = "notifyOwn";
const STANDS = "alertStands";
const OVER = "alertOver";
/** Who says what is not said by a person. */
const DESK = "desk";
/** What was seen or stood longer ago than this is not taken up any more. */
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
      const entries = (await ledger.read([SEEN, NOTICE, OWN, STANDS, OVER]))
        .map((entry) => ({ ...entry, said: JSON.parse(entry.body) as { readonly scope?: string } }))
        .filter(({ said }) => said.scope === scope);
      const seen = new Map<string, Seen>();
      const open = new Map<string, KeptAlert>();
      const notices: Notice[] = [];
      const own: (OwnNotice & { readonly person: string })[] = [];
      for (const { kind, said, actor, wallAt: at } of entries) {
        if (kind === NOTICE) {
          const { kind: of, way } = said as Notice;
          notices.push({ kind: of, way });
          continue;
        }
        if (kind === OWN) {
          const { kind: of, way } = said as OwnNotice;
          own.push({ person: actor, kind: of, way });
          continue;
        }
        const { key } = said as { readonly key: string };
        // Whatever is told later of an alert ends what was before.
        seen.delete(key);
        if (now() - at >= KEPT_MS) continue;
        if (kind === SEEN) {
          const { level, wallAt, untilWallAt } = said as Omit<Seen, "by">;
          seen.set(key, { key, level, by: actor, wallAt, untilWallAt });
          // One that was put off sounds again.
          if (untilWallAt === undefined) open.delete(key);
        } else if (kind === STANDS) {
          const { level, title, lines, sinceWallAt } = said as KeptAlert;
          open.set(key, { key, level, title, lines, sinceWallAt });
        } else open.delete(key);
      }
      return { seen: [...seen.values()], notices, open: [...open.values()], own };
    },
    saveSeen: ({ by, ...seen }) => save(SEEN, by, seen),
    saveOpen: (alert) => save(STANDS, DESK, alert),
    saveOver: (key) => save(OVER, DESK, { key }),
    saveNotice: (notice, person) => save(NOTICE, person, notice),
    saveOwn: (notice, person) => save(OWN, person, notice),
  };
}
