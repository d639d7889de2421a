import { ticks } from "../../../src/core/units.ts";
import { gatewayContract } from "../../contract/gateway.contract.ts";
import { openOkxRig } from "./rig.ts";

gatewayContract("OKX through ccxt", async () => {
  const rig = await openOkxRig();
  return {
    gateway: rig.gateway,
    account: "main",
    instrument: "BTC-USDT-SWAP",
    asset: "USDT",
    price: ticks(500_000),
    historyFrom: rig.venue.exchange.now() - 60_000,
    elsewhere: { exchange: rig.venue.exchange, instrument: "ETH-USDT-SWAP", asset: "USDT" },
    move: (price) => rig.venue.move(price),
    close: rig.close,
  };
});
