import type { Countdown } from "../../desk/countdown-port.ts";
import type { ExchangeClient } from "../exchange-client.ts";
import type { Dialect } from "./dialect.ts";
import { failureOf } from "./errors.ts";
import { object, text } from "./fields.ts";

/**
 * Binance counts for each symbol; a call weighs 10 of the pool. Conditional orders are another service since they have calls of their
 * own, and no page says whether they stay. Any number of milliseconds may be asked for.
 * @see Binance's page "Auto-Cancel All Open Orders"
 */
export const binanceCountdown = (client: ExchangeClient, { family }: Dialect): Countdown => ({
  per: "instrument",
  secondsMin: 1,
  async set(symbol, seconds) {
    const countdownTime = seconds * 1_000;
    let told: string;
    try {
      const params = { symbol, countdownTime };
      const answer = await client.call(`POST /${family}/v1/countdownCancelAll`, params, "close");
      told = text(object(answer, "countdown"), "countdownTime");
    } catch (error) {
      throw new Error(failureOf(error).reason);
    }
    if (Number(told) !== countdownTime) throw new Error(`the exchange set ${told} ms, not ${countdownTime}`);
  },
});
