import { sizeUnit } from "../../core/instrument.ts";
import { textOf } from "../../core/text.ts";
import type { Truth } from "../../core/truth.ts";
import type { Gateway, InstrumentInfo } from "../../desk/ports.ts";
import { plain } from "../../gateways/binance/errors.ts";
import { PayloadError } from "../../gateways/binance/fields.ts";
import type { Settings } from "../../settings/settings.ts";
import { settleAsset } from "../grids.ts";
import { about, type Finding } from "./finding.ts";
import type { Past } from "./past.ts";

/** How far back the history is asked for: enough to see whether every part of it can be. */
const HISTORY_MS = 3_600_000;

/**
 * The account, read once with all that a start reads of it: whether it can be read at all, has one book for each symbol and
 * the asset to trade with, and is as the first live start wants it. `marketNow`: market time.
 */
export async function accountFindings(
  settings: Settings,
  gateway: Gateway,
  infos: readonly InstrumentInfo[],
  marketNow: number,
  { start }: Pick<Past, "start">,
): Promise<readonly Finding[]> {
  const { ok, note, mend } = about("account");
  const symbols = infos.map(({ instrument }) => instrument.id);
  let truth: Truth;
  try {
    ({ truth } = await gateway.account.truth(symbols, Math.max(0, marketNow - HISTORY_MS)));
  } catch (error) {
    return [
      mend(
        `${settings.exchange}'s account can't be read (${reasonOf(error)}), and a start would not begin: check what the key may do and the network of this machine.`,
      ),
    ];
  }
  const asset = settleAsset(infos);
  const found: Finding[] = [];
  const isHedgeWanted = settings.account.positionMode === "hedge";
  if (truth.isHedgeMode && !isHedgeWanted)
    found.push(
      mend(
        "it is in hedge mode, where no order of this desk leaves: switch it to one-way mode, or set account.positionMode: hedge.",
      ),
    );
  if (!truth.isHedgeMode && isHedgeWanted)
    found.push(
      mend(
        "it is in one-way mode, and account.positionMode is hedge, so that no order would leave: switch it to hedge mode, or set oneWay.",
      ),
    );
  if (!truth.wallets.some((wallet) => wallet.asset === asset))
    found.push(mend(`it has no wallet of ${asset}, and nothing is traded without: move some there.`));
  const held = heldOn(truth, infos);
  if (held !== undefined && start === "flatOnly")
    found.push(
      mend(
        `it holds ${held}, and the first live start trades nothing until it is empty: close them on the exchange, or set live.startWith to adopt.`,
      ),
    );
  if (held !== undefined && start === "adopt")
    found.push(
      note(
        `it holds ${held}: what is this desk's own goes back into its rungs, the rest is foreign and is never touched.`,
      ),
    );
  return found.length > 0
    ? found
    : [ok(`it can be read, with its history, and is in ${truth.isHedgeMode ? "hedge" : "one-way"} mode.`)];
}

/** What is on the account as a sentence's part; undefined: nothing. */
function heldOn(truth: Truth, infos: readonly InstrumentInfo[]): string | undefined {
  const books = truth.books.flatMap((book) => {
    const instrument = infos.find((info) => info.instrument.id === book.instrument)?.instrument;
    if (book.lots === 0) return [];
    const size = instrument === undefined ? book.lots : textOf(book.lots, instrument.lot);
    return [`${book.instrument} ${size}${instrument === undefined ? "" : ` ${sizeUnit(instrument)}`}`];
  });
  const positions = [...books, ...truth.others.map(({ symbol, size }) => `${symbol} ${size}`)];
  const orders = truth.openOrders.length + truth.openConditionals.length;
  const parts = [
    ...(positions.length === 0 ? [] : [`${counted(positions.length, "position")} (${positions.join(", ")})`]),
    ...(orders === 0 ? [] : [counted(orders, "order")]),
  ];
  return parts.length === 0 ? undefined : parts.join(" and ");
}

const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`;

/** Ours say what is wrong; of an exchange's errors the code, or what kind of trouble it was: never the signed address. */
function reasonOf(error: unknown): string {
  if (error instanceof PayloadError) return error.message;
  return codeOf(error instanceof Error ? error.message : String(error)) ?? plain(error);
}

/** The exchange's own code in an error's text. */
export const codeOf = (text: string): string | undefined =>
  /"(?:s[cC]ode|code|retCode)":\s*"?(-?\d+)/.exec(text)?.[1];
