import type { Instrument } from "../../core/instrument.ts";
import { lots } from "../../core/units.ts";
import { lotsText, priceText, rateText } from "../binance/texts.ts";
import { dayTexts } from "../binance/ticker.ts";
import type { Floor } from "./house.ts";

const HOUR = 3_600_000;

/** The parts of a ticker that change at different moments. */
export const tickerParts = {
  /** Mark, index and funding. */
  mark: ({ exchange }: Floor, instrument: Instrument): Readonly<Record<string, string>> => {
    const { mark, index, fundingRate, nextFundingAt } = exchange.mark(instrument.id);
    return {
      markPrice: priceText(mark, instrument),
      indexPrice: priceText(index, instrument),
      fundingRate: rateText(fundingRate),
      nextFundingTime: String(nextFundingAt),
    };
  },
  /** Best prices. */
  top: ({ exchange }: Floor, instrument: Instrument): Readonly<Record<string, string>> => {
    const { bids, asks } = exchange.depth(instrument.id, 1);
    return {
      bid1Price: priceText(bids[0]?.price, instrument),
      bid1Size: lotsText(bids[0]?.lots, instrument),
      ask1Price: priceText(asks[0]?.price, instrument),
      ask1Size: lotsText(asks[0]?.lots, instrument),
    };
  },
  /** The last day. Open interest is nobody's to know here and stays zero. */
  day: ({ day }: Floor, instrument: Instrument): Readonly<Record<string, string>> => {
    const last = priceText(day.lastPrice(instrument), instrument);
    const figures = day.of(instrument);
    const words = figures === undefined ? undefined : dayTexts(figures, lots(0), instrument);
    return {
      tickDirection: "ZeroPlusTick",
      lastPrice: last,
      prevPrice24h: words?.open ?? last,
      price24hPcnt: (Number(words?.changePercent ?? 0) / 100).toFixed(6),
      highPrice24h: words?.high ?? last,
      lowPrice24h: words?.low ?? last,
      volume24h: words?.volume ?? "0",
      turnover24h: words?.turnover ?? "0",
      openInterest: "0",
      openInterestValue: "0",
    };
  },
} as const;

/** A whole ticker as GET /v5/market/tickers and the first message of a stream show it. */
export function tickerRow(floor: Floor, instrument: Instrument): Readonly<Record<string, string>> {
  const anHourAgo = floor.exchange.candles(instrument.id, HOUR, { limit: 2 })[0];
  return {
    symbol: instrument.id,
    prevPrice1h: priceText(anHourAgo?.open ?? floor.day.lastPrice(instrument), instrument),
    ...tickerParts.day(floor, instrument),
    ...tickerParts.mark(floor, instrument),
    ...tickerParts.top(floor, instrument),
  };
}
