import type { Capabilities, Gateway } from "../../desk/ports.ts";
import { askRights } from "../key-question.ts";
import { BinanceAccount } from "./account-feed.ts";
import { Catalogue } from "./catalogue.ts";
import { binanceCountdown } from "./countdown.ts";
import type { Dialect } from "./dialect.ts";
import { failureOf } from "./errors.ts";
import { readKeyRights } from "./key-rights.ts";
import { BinanceMarket, type BinanceParts } from "./market-feed.ts";
import { Readings } from "./readings.ts";
import { BinanceTrading } from "./trading.ts";
import { Translation } from "./translate.ts";

/** What both families can do. */
const BINANCE_CAN: Capabilities = {
  hedgeMode: true,
  restingStops: true,
  markPriceStops: true,
  postOnly: true,
  marginModePer: "instrument",
  fillsCarryClientId: false,
  cancelAfter: true,
  forgetsCanceledAfterMs: 3 * 86_400_000,
};

/** One family of Binance's futures behind the desk's three ports, whoever carries the calls. */
export function binanceGateway(parts: BinanceParts, dialect: Dialect): Gateway {
  const { account: name, client } = parts;
  const catalogue = new Catalogue(client, dialect);
  const dictionary = {
    account: name,
    venue: dialect.venue,
    instruments: catalogue.instruments,
    brackets: catalogue.brackets,
  };
  const translation = new Translation(dictionary);
  const readings = new Readings(dictionary);
  const market = new BinanceMarket(parts, dialect, translation, catalogue);
  const account = new BinanceAccount(parts, dialect, { translation, readings }, () => market.lastAt);
  client.tap((url, message) => {
    market.take(url, message);
    account.take(url, message);
  });
  return {
    venue: dialect.venue,
    market,
    account,
    trading: new BinanceTrading(parts, dialect, readings),
    can: BINANCE_CAN,
    countdown: binanceCountdown(client, dialect),
    keyRights: () => askRights(() => readKeyRights(client), failureOf),
  };
}
