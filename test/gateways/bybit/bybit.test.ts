import { ticks } from "../../../src/core/units.ts";
import { BYBIT_STREAMS } from "../../../src/gateways/bybit/hosts.ts";
import { loginOf } from "../../../src/gateways/bybit/login.ts";
import { bybit } from "../../../src/gateways/bybit.ts";
import { gatewayContract } from "../../contract/gateway.contract.ts";
import { KEY, serveBybit } from "../../venue/bybit/served-bybit.ts";
import { hasty } from "../rig.ts";
import { InProcessClient } from "./in-process.ts";
import { openBybitRig } from "./rig.ts";

for (const kind of ["linear", "inverse"] as const) {
  const isLinear = kind === "linear";
  const instrument = isLinear ? "BTCUSDT" : "BTCUSD";
  const shared = {
    account: "main",
    instrument,
    asset: isLinear ? "USDT" : "BTC",
    kind,
    price: ticks(500_000),
  };

  gatewayContract(`Bybit's ${kind} perpetuals through ccxt`, async () => {
    const rig = await openBybitRig();
    return {
      ...shared,
      gateway: rig.gateway,
      elsewhere: { exchange: rig.venue.usdt, instrument: "ETHUSDT", asset: "USDT" },
      historyFrom: rig.venue.usdt.now() - 60_000,
      move: (price) => rig.venue.move(price, instrument),
      close: rig.close,
    };
  });

  gatewayContract(`Bybit's ${kind} perpetuals through a carrier in this process`, async () => {
    const venue = await serveBybit();
    const gateway = bybit({
      account: "main",
      client: new InProcessClient(venue.core),
      streams: BYBIT_STREAMS.live,
      login: (now) => loginOf(KEY, now),
      clock: hasty,
      log: { warn: () => {} },
    });
    return {
      ...shared,
      gateway,
      elsewhere: { exchange: venue.usdt, instrument: "ETHUSDT", asset: "USDT" },
      historyFrom: venue.usdt.now() - 60_000,
      move: (price) => venue.move(price, instrument),
      close: async () => {
        await gateway.account.stop();
        await gateway.market.stop();
        await venue.close();
      },
    };
  });
}
