import type { Skin, SkinContext } from "../web/skin.ts";
import { type BinanceCore, type BinanceOptions, openBinanceCore } from "./core.ts";
import { answer } from "./door.ts";
import { SOCKET_LIFE, type SocketLife, Sockets } from "./sockets.ts";
import { troubleAnswer } from "./trouble.ts";

/** Binance's USDT-M futures protocol over HTTP and WebSocket; it also takes every request that no other skin owns. */
export interface BinanceSkin extends Skin {
  readonly core: BinanceCore;
}

/** Serves an exchange in Binance's USDT-M protocol. */
export function binanceSkin(
  options: BinanceOptions & { readonly socketLife?: Partial<SocketLife> | undefined },
  context: SkinContext,
): BinanceSkin {
  const core = openBinanceCore(options, context);
  const sockets = new Sockets(
    core.venue,
    core.streams,
    { ...SOCKET_LIFE, ...options.socketLife },
    context.onBug,
  );
  return {
    name: "binanceusdm",
    exchanges: [options.exchange],
    core,
    owns: () => true,
    answer: (request) => answer(core.venue, request, context.onBug),
    upgrade: (message, raw, head) => sockets.upgrade(message, raw, head),
    accounts: [...new Set(options.keys.map(({ account }) => account))],
    dropSockets: (kind) => sockets.drop(kind),
    freezeSockets: (kind) => sockets.freeze(kind),
    trouble: troubleAnswer,
    silence: (kind, isOn) => core.streams.silence(kind, isOn),
    expireListenKeys: () => core.venue.listenKeys.expireAll(),
    close: () => {
      core.close();
      sockets.close();
    },
  };
}
