import { ticks } from "../../../src/core/units.ts";
import { gatewayContract } from "../../contract/gateway.contract.ts";
import { openBybitRig } from "./rig.ts";

for (const kind of ["linear", "inverse"] as const) {
  const isLinear = kind === "linear";
  const instrument = isLinear ? "BTCUSDT" : "BTCUSD";
  gatewayContract(`Bybit's ${kind} perpetuals through ccxt`, async () => {
    const rig = await openBybitRig();
    return {
      gateway: rig.gateway,
      account: "main",
      instrument,
      asset: isLinear ? "USDT" : "BTC",
      kind,
      price: ticks(500_000),
      historyFrom: rig.venue.usdt.now() - 60_000,
      move: (price) => rig.venue.move(price, instrument),
      close: rig.close,
    };
  });
}
