import type { Desk } from "../desk/desk.ts";
import type { KernelConfig } from "../desk/kernel/config.ts";
import type { Clock, Ledger } from "../desk/ports.ts";
import type { Settings } from "../settings/settings.ts";
import { fingerprint } from "./key-check.ts";

const KIND = "begun";
const LOOK_EVERY_MS = 100;

/** How a desk meets what it finds on the account; and what it does once it may trade there. */
export interface Beginning {
  /** For the kernel; absent: a later start, or a mode without real money. */
  readonly policy: Pick<KernelConfig, "start">;
  /** Notes the beginning in the ledger as soon as the account is as it must be; returns how to stop looking. */
  watch(desk: Desk, clock: Clock): () => void;
}

/**
 * The first live start with a key is flat-only: its name in the settings does not tell which account of the exchange it belongs to,
 * so another key is another beginning. It is flat-only unless `live.startWith: adopt` says otherwise: until the account was once seen as
 * it must be, every start is the first. Later ones go on with what is theirs.
 */
export async function beginning(settings: Settings, ledger: Ledger): Promise<Beginning> {
  const { mode, account, exchange, live } = settings;
  const key = fingerprint(settings.keys?.apiKey ?? "");
  const isSame = (body: string): boolean => {
    const told = JSON.parse(body) as Readonly<Record<string, string>>;
    return told["account"] === account.name && told["exchange"] === exchange && told["key"] === key;
  };
  const hasBegun = (await ledger.read([KIND])).some(({ body }) => isSame(body));
  if (mode !== "live" || hasBegun) return { policy: {}, watch: () => () => undefined };
  return {
    policy: { start: live.startWith },
    watch: (desk, clock) => {
      let cancel = (): void => undefined;
      let isOver = false;
      const later = (): void => {
        if (!isOver) cancel = clock.after(LOOK_EVERY_MS, look);
      };
      const look = (): void => {
        const { state } = desk.kernel;
        if (!state.interruptions.isSteady || state.foundAtStart !== undefined) {
          later();
          return;
        }
        const body = { account: account.name, exchange, key, startWith: live.startWith };
        cancel = (): void => undefined;
        isNoted = true;
        ledger.append(KIND, "desk", body).catch(() => {
          isNoted = false;
          later();
        });
      };
      let isNoted = false;
      look();
      return () => {
        cancel();
        isOver = true;
        // What became so in the last moment counts, too.
        if (!isNoted) look();
      };
    },
  };
}
