import { moneyText } from "../core/text.ts";
import type { Ledger } from "../desk/ports.ts";
import type { Settings } from "../settings/settings.ts";
import { fingerprint } from "./key-check.ts";
import { StartError } from "./start-error.ts";

/** Asks the person at this machine's terminal; resolves with what was typed. Undefined: nobody can type here. */
export type AskPerson = ((question: string) => Promise<string>) | undefined;

/** What a person confirms before real money is traded, and what must not change without asking again. */
interface LiveTerms {
  readonly account: string;
  readonly exchange: string;
  /** Fingerprint of the key. */
  readonly key: string;
  readonly leverageMax: number;
  readonly grossLeverageMax: number;
  /** Name, symbol and purse of each engine, in words. */
  readonly purses: readonly string[];
}

const KIND = "liveConfirmed";

/** The terms of these settings. Purses of contracts that are margined in coins count coins. */
function termsOf(settings: Settings): LiveTerms {
  const { account, exchange, keys, risk, engines } = settings;
  return {
    account: account.name,
    exchange,
    key: fingerprint(keys?.apiKey ?? ""),
    leverageMax: risk.leverageMax,
    grossLeverageMax: risk.grossLeverageMax,
    purses: engines.map(({ name, symbol, maxMargin, isMarginInUsd }) => {
      const purse = isMarginInUsd ? `${moneyText(maxMargin)} USD` : `${moneyText(maxMargin, 4)} coins`;
      return `${name} ${symbol} ${purse}`;
    }),
  };
}

/** The sentence that a person types: it names the account, the exchange and the limits. */
export function confirmationSentence(settings: Settings): string {
  const { account, exchange, leverageMax, grossLeverageMax, purses } = termsOf(settings);
  const limits = `leverage ${leverageMax}x, gross ${grossLeverageMax}x, purses ${purses.join(" and ") || "none"}`;
  return `trade ${account} on ${exchange} with real money: ${limits}`;
}

/** Whether exactly these terms were confirmed last for the account. */
export async function isConfirmed(settings: Settings, ledger: Ledger): Promise<boolean> {
  const terms = termsOf(settings);
  const entries = (await ledger.read([KIND])).map(({ body }) => JSON.parse(body) as LiveTerms);
  const last = entries.findLast(({ account }) => account === terms.account);
  return last !== undefined && sameText(last) === sameText(terms);
}

const sameText = ({ account, exchange, key, leverageMax, grossLeverageMax, purses }: LiveTerms): string =>
  JSON.stringify([account, exchange, key, leverageMax, grossLeverageMax, purses]);

/** Refuses, before anything is asked of the exchange, a live start that nobody confirmed and nobody could. Throws `StartError`. */
export async function requireConfirmable(settings: Settings, ledger: Ledger, ask: AskPerson): Promise<void> {
  if (settings.mode !== "live" || ask !== undefined || (await isConfirmed(settings, ledger))) return;
  throw new StartError(
    `mode live is not confirmed for account ${settings.account.name} on ${settings.exchange} with this key and these limits: ` +
      'a person must type the confirmation once at a terminal of this machine, run "perpdesk confirm" with the same --config there.',
  );
}

/**
 * Asks for the typed confirmation unless these very terms have one, and writes it to the ledger, bound to account, key and limits.
 * Throws `StartError` when something else is typed.
 */
export async function confirmLive(settings: Settings, ledger: Ledger, ask: AskPerson): Promise<void> {
  if (settings.mode !== "live" || (await isConfirmed(settings, ledger))) return;
  await requireConfirmable(settings, ledger, ask);
  const sentence = confirmationSentence(settings);
  const typed = await ask?.(
    `This trades with real money. To confirm, type this sentence exactly:\n\n  ${sentence}\n\n> `,
  );
  if (typed === undefined || typed.trim().replaceAll(/\s+/g, " ") !== sentence)
    throw new StartError("That is not the sentence: nothing was confirmed and nothing was started.");
  await ledger.append(KIND, "terminal", { ...termsOf(settings) });
}
