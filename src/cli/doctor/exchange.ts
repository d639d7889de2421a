import type { InstrumentChangedEvent } from "../../core/market-event.ts";
import { SKEW_MAX_MS } from "../../desk/kernel/interruptions.ts";
import type { Clock, Gateway } from "../../desk/ports.ts";
import type { Settings } from "../../settings/settings.ts";
import { firstPrices, gridNotices, layGrids, settleAsset } from "../grids.ts";
import { askKey } from "../key-check.ts";
import type { OpenExchange } from "../open-gateway.ts";
import { accountFindings, codeOf } from "./account.ts";
import { about, checked, type Finding } from "./finding.ts";
import type { Past } from "./past.ts";

/** A quiet market may take a while to say something. */
const PRICE_WITHIN_MS = 15_000;
/** Above this it is worth a word, though nothing stops yet. */
const SKEW_NOTED_MS = 250;

/**
 * The exchange: whether it answers, how far its clock is off, what the key may do, whether the grids fit its contracts and may
 * open positions there, and whether the account is as a start wants it. Only asks: nothing is ordered or set.
 */
export async function exchangeFindings(
  settings: Settings,
  { gateway, notes }: Pick<OpenExchange, "gateway" | "notes">,
  clock: Clock,
  past: Past,
): Promise<readonly Finding[]> {
  const parts = [
    checked("clock", async () => [await skew(gateway)]),
    checked("keys", () => keys(settings, gateway)),
    checked("exchange", () => markets(settings, gateway, clock, past)),
  ];
  const found = (await Promise.all(parts)).flat();
  return [...found, ...notes.map((text) => about("exchange").note(text))];
}

async function skew(gateway: Gateway): Promise<Finding> {
  const { ok, note, mend } = about("clock");
  const skewMs = await gateway.market.clockSkew().then(Math.round, () => undefined);
  if (skewMs === undefined)
    return mend("the exchange does not tell its time: check the network of this machine.");
  const off = `this machine's clock and the exchange's differ by ${Math.abs(skewMs)} ms`;
  if (Math.abs(skewMs) > SKEW_MAX_MS) return mend(`${off}: set the clock by the network (NTP).`);
  return Math.abs(skewMs) > SKEW_NOTED_MS ? note(`${off}: keep it set by the network (NTP).`) : ok(`${off}.`);
}

/** In live mode what would refuse a start is to be mended; in demo it is worth knowing. */
async function keys(settings: Settings, gateway: Gateway): Promise<readonly Finding[]> {
  const { ok, note, mend } = about("keys");
  const { mode } = settings;
  if (mode === "sim" || mode === "paper") return [ok(`${mode} mode needs none.`)];
  const { problems, notes } = await askKey(gateway, settings);
  const found = [
    ...problems.map((text) => (mode === "live" ? mend(text) : note(`for live mode: ${text}`))),
    ...notes.map((text) => note(text)),
  ];
  return found.length > 0 ? found : [ok("the key trades, and may neither withdraw nor transfer.")];
}

async function markets(
  settings: Settings,
  gateway: Gateway,
  clock: Clock,
  past: Past,
): Promise<readonly Finding[]> {
  const { ok, mend } = about("exchange");
  const symbols = [...new Set(settings.engines.map(({ symbol }) => symbol))];
  if (symbols.length === 0) return [ok("no engine trades anything yet.")];
  let infos: Awaited<ReturnType<Gateway["market"]["instruments"]>>;
  try {
    infos = await gateway.market.instruments(symbols, past.known);
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    return [
      mend(
        /symbol "/.test(text)
          ? `${text}.`
          : `${settings.exchange} can't be read (${codeOf(text) ?? "no answer"}): check the network of this machine, and in demo and live the keys in .env.`,
      ),
    ];
  }
  settleAsset(infos);
  const first = firstPrices(symbols);
  const statuses = new Map<string, InstrumentChangedEvent["status"]>();
  const started = gateway.market.start(symbols, (event) => {
    first.see(event);
    if (event.type === "instrumentChanged") statuses.set(event.instrument, event.status);
  });
  const prices = await Promise.race([
    started.then(() => first.all),
    new Promise<undefined>((resolve) => clock.after(PRICE_WITHIN_MS, () => resolve(undefined))),
  ]);
  if (prices === undefined)
    return [
      mend(
        `no price of ${symbols.join(", ")} came in ${PRICE_WITHIN_MS / 1_000} s: check that WebSockets may leave this machine.`,
      ),
    ];
  const fits = await checked("exchange", () => {
    layGrids(settings, infos, prices);
    return symbols.flatMap((symbol) => ended(symbol, statuses.get(symbol)) ?? []).map((text) => mend(text));
  });
  // Where nothing is traded any more, the market tells no time.
  const marketNow = first.at() === 0 ? clock.now() : first.at();
  const account = await checked("account", () => accountFindings(settings, gateway, infos, marketNow, past));
  const well = ok(`${gateway.venue} answers; ${symbols.join(", ")} can be traded as the engines are set.`);
  const { note } = about("settings");
  const notices = gridNotices(settings, infos, prices).map((text) => note(text));
  return [...(fits.length > 0 ? fits : [well]), ...notices, ...account];
}

/** Why an engine could open nothing on a symbol, and what to do; undefined where it can. */
function ended(symbol: string, status: InstrumentChangedEvent["status"] | undefined): string | undefined {
  if (status === "gone")
    return `${symbol} is no longer traded: give its engines another symbol, they do nothing there.`;
  if (status === "closeOnly")
    return `${symbol} takes no new positions, the exchange is delisting it: give its engines another symbol.`;
  return undefined;
}
