/** Calls of Binance's connector that the venue doesn't serve, and why. */
export const REST_NOT_SERVED: Readonly<Record<string, string>> = {
  acceptTheOfferedQuote: "converting between assets is another service; an account here has one asset",
  listAllConvertPairs: "as above",
  orderStatus: "as above: it is about conversions",
  sendQuoteRequest: "as above",
  assetIndex: "indices of margin assets belong to multi-assets mode, which the venue doesn't have",
  changeMultiAssetsMode: "one margin asset per account: the mode can be read (off), not changed",
  toggleBnbBurnOnFuturesTrade: "there is no BNB to pay fees with: the switch can be read (off), not changed",
  basis: "statistics over Binance's own delivery contracts and customers",
  longShortRatio: "statistics over Binance's customers",
  openInterestStatistics: "statistics over Binance's customers",
  takerBuySellVolume: "statistics over Binance's customers",
  topTraderLongShortRatioAccounts: "statistics over Binance's customers",
  topTraderLongShortRatioPositions: "statistics over Binance's customers",
  quarterlyContractSettlementPrice: "perpetuals only",
  compositeIndexSymbolInformation: "no contracts on baskets of coins",
  queryIndexPriceConstituents: "the index is the mark: no other exchanges stand behind it",
  queryInsuranceFundBalanceSnapshot: "the insurance fund's balance is an internal figure of the exchange",
  tradingSchedule: "contracts on coins trade around the clock",
  futuresTradfiPerpsContract: "no contracts on shares",
  classicPortfolioMarginAccountInformation: "portfolio margin is another product",
  getDownloadIdForFuturesOrderHistory:
    "downloads come as files from another host; the history calls hold all",
  getDownloadIdForFuturesTradeHistory: "as above",
  getDownloadIdForFuturesTransactionHistory: "as above",
  getFuturesOrderHistoryDownloadLinkById: "as above",
  getFuturesTradeDownloadLinkById: "as above",
  getFuturesTransactionHistoryDownloadLinkById: "as above",
};

/**
 * Lists whose rows are alternatives: the declaration sums them up, so they are checked as one. A filter has its own fields
 * only; an item of a batch is an order, or code and msg, never both.
 */
export const TOGETHER: Readonly<Record<string, readonly string[]>> = {
  exchangeInformation: [".symbols[].filters[]"],
  placeMultipleOrders: ["[]"],
  cancelMultipleOrders: ["[]"],
  modifyMultipleOrders: ["[]"],
};

const NO_ICEBERG = "Binance's page shows null: there are no iceberg orders in the algo service";

/** What payloads lack of their declared types, and why. Each of these is lacking: a line that is not is an error too. */
export const REST_EXCEPTIONS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  newAlgoOrder: { ".icebergQuantity is null, not string": NO_ICEBERG },
  queryAlgoOrder: { ".icebergQuantity is null, not string": NO_ICEBERG },
  currentAllAlgoOpenOrders: { "[].icebergQuantity is null, not string": NO_ICEBERG },
  queryAllAlgoOrders: { "[].icebergQuantity is null, not string": NO_ICEBERG },
  positionAdlQuantileEstimation: {
    "[].adlQuantile.BOTH is missing": "only outside of cross positions in hedge mode, says Binance's page",
    "[].adlQuantile.HEDGE is missing": "only with cross positions in hedge mode, as a mark",
  },
};

/** Methods of the socket API that are not calls of their own. */
export const SOCKET_API_NOT_SERVED: Readonly<Record<string, string>> = {
  sendMessage: "sends any message: what the others are made of",
  sendSignedMessage: "as above",
};

const INSIDE =
  "declared beside the result by a slip of the page's example; ccxt reads it inside, where REST has it too";

/** What messages of the socket API lack of their declared types, and why. */
export const SOCKET_API_EXCEPTIONS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  orderBook: { ".asks is missing": INSIDE, ".bids is missing": INSIDE },
  newAlgoOrder: { ".result.icebergQuantity is null, not string": NO_ICEBERG },
};

/** Streams of Binance's connector that the venue doesn't serve, and why; `userData` is looked at event by event. */
export const STREAMS_NOT_SERVED: Readonly<Record<string, string>> = {
  assetIndex: "indices of margin assets belong to multi-assets mode, which the venue doesn't have",
  compositeIndexSymbolInformationStreams: "no contracts on baskets of coins",
  tradingSessionStream: "contracts on coins trade around the clock",
};

/** Private events that the venue doesn't send, and why. */
export const EVENTS_NOT_SERVED: Readonly<Record<string, string>> = {
  GRID_UPDATE: "Binance's own grid trading service",
  STRATEGY_UPDATE: "Binance's own strategy service",
};

/** What private events lack of their declared types, and why. */
export const EVENT_EXCEPTIONS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  ORDER_TRADE_UPDATE: {
    ".o.N is missing": "not pushed without a commission, says Binance's page: only fills have it",
    ".o.n is missing": "not pushed without a commission",
  },
  ACCOUNT_CONFIG_UPDATE: {
    ".ai is missing": "comes instead of ac when multi-assets mode changes, which the venue doesn't have",
  },
  ACCOUNT_UPDATE: { ".a.P is an empty list": "a deposit changes no position" },
};
