import { ticks } from "../../src/core/units.ts";
import { gatewayContract } from "../contract/gateway.contract.ts";
import { openRig } from "./rig.ts";

gatewayContract("Binance USDT-M through ccxt", async () => {
  const rig = await openRig();
  return {
    gateway: rig.gateway,
    account: "main",
    instrument: "BTCUSDT",
    asset: "USDT",
    price: ticks(500_000),
    historyFrom: rig.venue.exchange.now() - 60_000,
    hasOpenHistory: true,
    elsewhere: { exchange: rig.venue.exchange, instrument: "ETHUSDT", asset: "USDT" },
    move: (price) => rig.venue.move(price),
    close: rig.close,
  };
});
