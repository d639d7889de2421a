import { ticks } from "../../src/core/units.ts";
import { gatewayContract } from "../contract/gateway.contract.ts";
import { openCoinmRig } from "./coinm-rig.ts";

gatewayContract("Binance COIN-M through ccxt", async () => {
  const rig = await openCoinmRig();
  return {
    gateway: rig.gateway,
    account: "main",
    instrument: "BTCUSD_PERP",
    asset: "BTC",
    kind: "inverse",
    price: ticks(500_000),
    historyFrom: rig.venue.btc.now() - 60_000,
    hasOpenHistory: true,
    elsewhere: { exchange: rig.venue.eth, instrument: "ETHUSD_PERP", asset: "ETH" },
    move: (price) => rig.venue.move(price),
    close: rig.close,
  };
});
