import { createHash } from "node:crypto";
import type { Gateway, KeyRights, Ledger } from "../desk/ports.ts";
import { KeyUnreadError } from "../gateways/key-question.ts";
import { createRedactor } from "../observe/redactor.ts";
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
 * Asks the exchange what the key may do and judges it; an exchange that does not say is a problem as well, which names what
 * was in the way. Never rejects.
 */
export async function askKey(gateway: Gateway, settings: Settings): Promise<KeyVerdict> {
  try {
    return judgeKey(await gateway.keyRights(), settings);
  } catch (error) {
    return { problems: [unread(error, settings)], notes: [], exception: undefined };
  }
}

/** What to do about the kinds of trouble that have a mend of their own. */
const MENDS: Readonly<Partial<Record<KeyUnreadError["kind"], string>>> = {
  lost: "check the network of this machine, and try again",
  clock: "set this machine's clock by the network (NTP)",
  auth: "check the key and its secret, whether it is for this exchange and mode, and that this machine's address is on its list",
  rateLimit: "wait a minute, and try again",
  unavailable: "the exchange is busy or does not serve this address, try again later",
};
const OTHER_MEND = "try again later, or make a new key";

/** Why the exchange does not say what the key may do, and what to do. Some exchanges repeat the key in their words: it is taken out. */
function unread(error: unknown, { keys }: Pick<Settings, "keys">): string {
  const said = "the exchange does not say what the key may do";
  if (!(error instanceof KeyUnreadError)) return `${said}: ${OTHER_MEND}.`;
  const reason = createRedactor(Object.values(keys ?? {})).text(error.message);
  return `${said} (${reason}): ${MENDS[error.kind] ?? OTHER_MEND}.`;
}

/**
 * Judges what a key may do (DESIGN.md section 7, threats): it may trade, and neither withdraw nor transfer; it works from listed
 * addresses alone, or an admin wrote down why not.
 */
export function judgeKey(rights: KeyRights, settings: Pick<Settings, "live">): KeyVerdict {
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
  const { problems, notes, exception } = await askKey(gateway, settings);
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
