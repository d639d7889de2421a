import type { Countdown } from "../../desk/countdown-port.ts";
import { text } from "../binance/fields.ts";
import type { ExchangeClient } from "../exchange-client.ts";
import { failureOf } from "./errors.ts";
import { rowOf } from "./words.ts";

/**
 * OKX counts for the whole account: every order that rests, in every market, those by hand included. 10 to 120 seconds, and one request a second.
 * @see OKX v5 "POST / Cancel All After"
 */
export const okxCountdown = (client: ExchangeClient): Countdown => ({
  per: "account",
  secondsMin: 10,
  async set(_instrument, seconds) {
    let triggerTime: string;
    try {
      const params = { timeOut: String(seconds) };
      const answer = await client.call("POST /api/v5/trade/cancel-all-after", params, "close");
      triggerTime = text(rowOf(answer, "countdown"), "triggerTime");
    } catch (error) {
      throw new Error(failureOf(error).reason);
    }
    if ((Number(triggerTime) === 0) !== (seconds === 0))
      throw new Error(`the exchange says that it ends at ${triggerTime}, asked were ${seconds} s`);
  },
});
