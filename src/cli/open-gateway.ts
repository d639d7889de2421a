import { unreachable } from "../core/invariant.ts";
import type { Clock, Gateway } from "../desk/ports.ts";
import { openBinanceCoinm } from "../gateways/binance-coinm.ts";
import { openBinanceDirect } from "../gateways/binance-direct.ts";
import { openBinanceUsdm } from "../gateways/binance-usdm.ts";
import { openBybit } from "../gateways/bybit.ts";
import { openOkx } from "../gateways/okx.ts";
import type { SocketTarget } from "../gateways/reroute.ts";
import type { Log } from "../observe/log.ts";
import type { ExchangeKeys, Settings } from "../settings/settings.ts";
import { openPaper } from "./paper.ts";
import type { SimKeys } from "./sim-keys.ts";
import { openSimVenue, type SimVenue } from "./sim-venue.ts";

/** What an exchange is opened with. */
export interface GatewayParts {
  readonly settings: Settings;
  readonly clock: Clock;
  readonly log: Log;
  /** Keys of the built-in exchange. */
  readonly simKeys: SimKeys["keys"];
  /**
   * Where all sockets are led instead: a venue that runs elsewhere on this machine. In the other modes only tests give it;
   * neither settings nor the command line can.
   */
  readonly target: SocketTarget | undefined;
}

/** An exchange that can be asked and traded on. */
export interface OpenExchange {
  readonly gateway: Gateway;
  /** The built-in exchange, where it runs in this process (sim and paper). */
  readonly venue: SimVenue | undefined;
  /** Where a local venue listens, or how the exchange is named in messages. */
  readonly where: SocketTarget | string;
  /** What a person should know of it before trading. */
  readonly notes: readonly string[];
  close(): Promise<void>;
}

/**
 * Opens the exchange that the settings name, in their mode: the built-in one (sim), real prices matched by the built-in one
 * (paper), the exchange's demo trading, or the real one. Rejects with `VenueError` or `StartError`.
 */
export async function openGateway(parts: GatewayParts): Promise<OpenExchange> {
  const { settings, target } = parts;
  switch (settings.mode) {
    case "sim":
      return openSim(parts);
    case "paper":
      return openPaper(parts);
    case "demo":
    case "live": {
      const keys = settings.keys ?? { apiKey: "", secret: "" };
      const gateway = await gatewayTo(parts, keys, target, settings.mode === "demo");
      const where = `${settings.exchange} (${settings.mode})`;
      return { gateway, venue: undefined, where, notes: [], close: () => closed(gateway) };
    }
    default:
      return unreachable(settings.mode);
  }
}

async function openSim(parts: GatewayParts): Promise<OpenExchange> {
  const { settings, simKeys, log } = parts;
  const venue = parts.target === undefined ? await openSimVenue(settings, simKeys, log) : undefined;
  const target = parts.target ?? { host: "127.0.0.1", port: venue?.port ?? 0 };
  const gateway = await gatewayTo(parts, simKeys, target, false);
  return {
    gateway,
    venue,
    where: target,
    notes: [],
    close: async () => {
      await closed(gateway);
      await venue?.close();
    },
  };
}

/** The gateway to an exchange, real money or demo, over the real hosts unless its sockets are led elsewhere. */
async function gatewayTo(
  { settings, clock, log }: GatewayParts,
  keys: ExchangeKeys,
  target: SocketTarget | undefined,
  isDemo: boolean,
): Promise<Gateway> {
  const options = { account: settings.account.name, keys, target, isDemo, clock, log };
  switch (settings.exchange) {
    case "binanceusdm":
      return settings.carrier === "direct" ? openBinanceDirect(options) : openBinanceUsdm(options);
    case "binancecoinm":
      return openBinanceCoinm(options);
    case "bybit": {
      const demo = settings.isTestnet ? "testnet" : "demo";
      return openBybit({ ...options, world: isDemo ? demo : "live" });
    }
    case "okx":
      return openOkx(options);
    default:
      return unreachable(settings.exchange);
  }
}

async function closed(gateway: Gateway): Promise<void> {
  await gateway.account.stop();
  await gateway.market.stop();
}
