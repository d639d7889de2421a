import { createHash } from "node:crypto";
import type { Gateway, KeyRights, Ledger } from "../desk/ports.ts";
import type { Settings } from "../settings/settings.ts";
import { StartError } from "./start-error.ts";

/** Tells keys apart without telling them: the first 16 digits of the key's SHA-256. */
export const fingerprint = (apiKey: string): string =>
  createHash("sha256").update(apiKey).digest("hex").slice(0, 16);

/** What the rights of a key mean for trading with real money. */
export interface KeyVerdict {
  /** Why live refuses it, each a sentence. */
  readonly problems: readonly string[];
  /** What is worth knowing all the same. */
  readonly notes: readonly string[];
  /** The written exception that a key without an address list was let through by. */
  readonly exception: string | undefined;
}

/**
 * Judges what a key may do (DESIGN.md section 7, threats): it may trade, and neither withdraw nor transfer; it works from listed
 * addresses alone, or an admin wrote down why not. `rights` undefined: the exchange does not say, which is refused as well.
 */
export function judgeKey(rights: KeyRights | undefined, settings: Pick<Settings, "live">): KeyVerdict {
  if (rights === undefined) {
    const text = "the exchange does not say what the key may do: make a new key, and try again later.";
    return { problems: [text], notes: [], exception: undefined };
  }
  const problems: string[] = [];
  const notes: string[] = [];
  let exception: string | undefined;
  if (!rights.canTrade) problems.push("the key may not trade futures: allow it that on the exchange.");
  if (rights.canWithdraw)
    problems.push("the key may withdraw: take that right from it, or make a key without it.");
  if (rights.canTransfer && !rights.canWithdraw)
    problems.push("the key may transfer money: take that right from it, no engine needs it.");
  if (!rights.isIpRestricted) {
    exception = settings.live.keyWithoutIpLimit;
    if (exception === undefined) {
      problems.push(
        "the key works from any address: list this machine's address with it on the exchange, or write who allows it and why as live.keyWithoutIpLimit.",
      );
    } else notes.push(`the key works from any address, by exception: ${exception}`);
  }
  return { problems, notes, exception };
}

/**
 * Checks the key of a real or a demo account before anything is traded. In live mode a problem is a `StartError`, and an exception
 * goes to the ledger; in demo all is a note. Returns the notes; other modes have no key.
 */
export async function checkKey(
  settings: Settings,
  gateway: Gateway,
  ledger: Ledger,
): Promise<readonly string[]> {
  if (settings.keys === undefined || (settings.mode !== "live" && settings.mode !== "demo")) return [];
  const rights = await gateway.keyRights().catch(() => undefined);
  const { problems, notes, exception } = judgeKey(rights, settings);
  if (settings.mode === "demo") return [...problems, ...notes].map((text) => `In live mode: ${text}`);
  if (problems.length > 0)
    throw new StartError(problems.map((text) => `mode live is refused: ${text}`).join("\n"));
  if (exception !== undefined) await noteException(settings, settings.keys.apiKey, exception, ledger);
  return notes.map((text) => `Live: ${text}`);
}

/** The exception is written down once for each key and wording. */
async function noteException(
  { account, exchange }: Settings,
  apiKey: string,
  exception: string,
  ledger: Ledger,
): Promise<void> {
  const body = { account: account.name, exchange, key: fingerprint(apiKey), exception };
  const last = (await ledger.read(["keyWithoutIpLimit"])).at(-1);
  const isKnown =
    last !== undefined && Object.entries(body).every(([name, text]) => JSON.parse(last.body)[name] === text);
  if (!isKnown) await ledger.append("keyWithoutIpLimit", "settings", body);
}
