import { answer } from "../binance/door.ts";
import { SOCKET_LIFE, type SocketLife, Sockets } from "../binance/sockets.ts";
import { troubleAnswer } from "../binance/trouble.ts";
import type { Skin, SkinContext } from "../web/skin.ts";
import { type CoinmOptions, openCoinmCore } from "./core.ts";

/** Hosts of COIN-M, real and demo. */
const HOSTS = /^(?:demo-)?(?:dapi|dstream|ws-dapi)\.binance(?:future)?\.com\b/;

/** Serves exchanges of inverse perpetuals in Binance's COIN-M protocol, told from USDT-M by host, or by path where there is none. */
export function coinmSkin(
  options: CoinmOptions & { readonly socketLife?: Partial<SocketLife> | undefined },
): (context: SkinContext) => Skin {
  return (context) => {
    const { venue, streams, close } = openCoinmCore(options, context);
    const sockets = new Sockets(venue, streams, { ...SOCKET_LIFE, ...options.socketLife }, context.onBug);
    return {
      name: "binancecoinm",
      exchanges: options.exchanges,
      accounts: [...new Set(options.keys.map(({ account }) => account))],
      owns: (host, path) => HOSTS.test(host) || path.startsWith("/dapi/"),
      answer: (request) => answer(venue, request, context.onBug),
      upgrade: (message, raw, head) => {
        // Orders over a socket are served for USDT-M alone.
        if (/^\/ws-[fd]api\//.test(message.url ?? "")) {
          raw.end("HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n");
        } else sockets.upgrade(message, raw, head);
      },
      dropSockets: (kind) => sockets.drop(kind),
      freezeSockets: (kind) => sockets.freeze(kind),
      trouble: troubleAnswer,
      silence: (kind, isOn) => streams.silence(kind, isOn),
      expireListenKeys: () => venue.listenKeys.expireAll(),
      close: () => {
        close();
        sockets.close();
      },
    };
  };
}
