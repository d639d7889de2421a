import { moneyText, percentText } from "../core/text.ts";
import type { Rate, Value } from "../core/units.ts";
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
  /** Least distance to liquidation after an entry, e.g. "20%". */
  readonly liquidationBuffer: string;
  readonly startWith: Settings["live"]["startWith"];
  readonly positionMode: Settings["account"]["positionMode"];
  /** An admin's written exception for engines without stops (X8), where there are any. */
  readonly gridWithoutStops?: string;
  /** Each engine in words: name, direction, symbol, purse, leverage, largest position, stops, loss limit and recovery. */
  readonly engines: readonly string[];
}

const KIND = "liveConfirmed";

/** The terms of these settings. */
function termsOf(settings: Settings): LiveTerms {
  const { account, exchange, keys, risk, engines, live } = settings;
  return {
    account: account.name,
    exchange,
    key: fingerprint(keys?.apiKey ?? ""),
    leverageMax: risk.leverageMax,
    grossLeverageMax: risk.grossLeverageMax,
    liquidationBuffer: percent(risk.liquidationBuffer),
    startWith: live.startWith,
    positionMode: account.positionMode,
    ...(isWithoutStops(settings) && live.gridWithoutStops !== undefined
      ? { gridWithoutStops: live.gridWithoutStops }
      : {}),
    engines: engines.map(engineTerms),
  };
}

const isWithoutStops = ({ engines }: Settings): boolean =>
  engines.some(({ stopLoss }) => stopLoss === undefined);

/** The terms of one engine; with them nothing of what it may lose or hold can grow unasked. */
function engineTerms(grid: Settings["engines"][number]): string {
  const { name, direction, symbol, leverage, stopLoss, maxPositionSize, maxOrders, size } = grid;
  const rung = size.type === "base" ? size.quantity : `${moneyText(size.amount)} USD`;
  const most = maxPositionSize ?? `${maxOrders} x ${rung}`;
  const stop = stopLoss === undefined ? "no stops" : `stops at ${percent(stopLoss)}`;
  const loss = grid.maxLoss === undefined ? "" : `, loss limit ${inAsset(grid.maxLoss, grid.isLossInUsd)}`;
  const stopPrice = grid.stopPrice === undefined ? "" : `, stop price ${grid.stopPrice}`;
  return `${name}: ${direction} ${symbol}, purse ${purseOf(grid)}, leverage ${leverage}x, at most ${most}, ${stop}${loss}${stopPrice}, recovery ${grid.recoveryMode}`;
}

/** Purses of contracts that are margined in coins count coins. */
const purseOf = ({ maxMargin, isMarginInUsd }: Settings["engines"][number]): string =>
  inAsset(maxMargin, isMarginInUsd);

const inAsset = (amount: Value, isInUsd: boolean): string =>
  isInUsd ? `${moneyText(amount)} USD` : `${moneyText(amount, 8)} coins`;

/** All digits that a rate has, without zeros that say nothing. */
const percent = (part: Rate): string => percentText(part, 6).replace(/\.?0+(?=%)/, "");

/** The sentence that a person types: it names the account, the exchange, the limits of leverage and the purses. */
export function confirmationSentence(settings: Settings): string {
  const { account, exchange, leverageMax, grossLeverageMax } = termsOf(settings);
  const purses = settings.engines.map((grid) => `${grid.name} ${grid.symbol} ${purseOf(grid)}`);
  const bare = settings.engines.filter(({ stopLoss }) => stopLoss === undefined).map(({ name }) => name);
  const stops = bare.length === 0 ? "" : `, no stops for ${bare.join(" and ")}`;
  const limits = `leverage ${leverageMax}x, gross ${grossLeverageMax}x, purses ${purses.join(" and ") || "none"}${stops}`;
  return `trade ${account} on ${exchange} with real money: ${limits}`;
}

/** What is confirmed with that sentence, a line for the account and one for each engine. */
function termLines(settings: Settings): readonly string[] {
  const { liquidationBuffer, startWith, positionMode, gridWithoutStops, engines } = termsOf(settings);
  return [
    `liquidation at least ${liquidationBuffer} away, first start ${startWith}, position mode ${positionMode}`,
    ...engines,
    ...(gridWithoutStops === undefined ? [] : [`without stops by exception: ${gridWithoutStops}`]),
  ];
}

/** Whether exactly these terms were confirmed last for the account, of which each exchange may have one of that name. */
export async function isConfirmed(settings: Settings, ledger: Ledger): Promise<boolean> {
  const terms = termsOf(settings);
  const entries = (await ledger.read([KIND])).map(({ body }) => JSON.parse(body) as LiveTerms);
  const last = entries.findLast(
    ({ account, exchange }) => account === terms.account && exchange === terms.exchange,
  );
  return last !== undefined && sameText(last) === sameText(terms);
}

/** In an order of its own: the ledger keeps names sorted. Terms from before some of these were bound lack them. */
const sameText = (terms: LiveTerms): string =>
  JSON.stringify([
    terms.account,
    terms.exchange,
    terms.key,
    terms.leverageMax,
    terms.grossLeverageMax,
    terms.liquidationBuffer,
    terms.startWith,
    terms.positionMode,
    terms.gridWithoutStops,
    terms.engines,
  ]);

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
  const terms = termLines(settings).map((line) => `  ${line}`);
  const typed = await ask?.(
    `This trades with real money:\n\n${terms.join("\n")}\n\nTo confirm, type this sentence exactly:\n\n  ${sentence}\n\n> `,
  );
  if (typed === undefined || typed.trim().replaceAll(/\s+/g, " ") !== sentence)
    throw new StartError("That is not the sentence: nothing was confirmed and nothing was started.");
  await ledger.append(KIND, "terminal", { ...termsOf(settings) });
}
