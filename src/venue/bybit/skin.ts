import type { Skin, SkinContext } from "../web/skin.ts";
import { type BybitCore, type BybitOptions, openBybitCore } from "./core.ts";
import { answer, troubleWords } from "./door.ts";
import { Sockets } from "./sockets.ts";

/** Bybit's v5 protocol over HTTP and WebSocket: requests to a host of bybit.com, or with a path under /v5/. */
export interface BybitSkin extends Skin {
  readonly core: BybitCore;
}

/** Serves exchanges in Bybit's protocol. */
export function bybitSkin(options: BybitOptions, context: SkinContext): BybitSkin {
  const core = openBybitCore(options, context);
  const sockets = new Sockets(core);
  return {
    name: "bybit",
    exchanges: options.exchanges,
    accounts: [...new Set(options.keys.map(({ account }) => account))],
    core,
    owns: (host, path) => /(^|\.)bybit\.com(:\d+)?$/.test(host) || path.startsWith("/v5/"),
    answer: (request) => answer(core.house, core.routes, request, context.onBug),
    upgrade: (message, raw, head) => sockets.upgrade(message, raw, head),
    dropSockets: (kind) => sockets.drop(kind),
    freezeSockets: (kind) => sockets.freeze(kind),
    silence: (kind, isOn) => core.topics.silence(kind, isOn),
    // Bybit's private sockets log in with a signature: there is no key to expire.
    expireListenKeys: () => {},
    trouble: troubleWords,
    close: () => {
      core.close();
      sockets.close();
    },
  };
}
