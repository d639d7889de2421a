import type { Instrument } from "../../core/instrument.ts";

/** One object of an answer or message. */
export type Row = Readonly<Record<string, unknown>>;

/** "BTCUSD" of "BTCUSD_PERP": the pair that a contract belongs to. */
export const pairOf = (symbol: string): string => symbol.split("_")[0] ?? symbol;

/** The row without some fields and with others. */
function changed(row: Row, dropped: readonly string[], added: Row): Row {
  const kept = Object.entries(row).filter(([name]) => !dropped.includes(name));
  return { ...Object.fromEntries(kept), ...added };
}

const symbolOf = (row: Row): string => String(row["symbol"] ?? "");

/** The row with its pair. */
export const withPair = (row: Row): Row => ({ ...row, pair: pairOf(symbolOf(row)) });

/** The row without its symbol. */
export const withoutSymbol = (row: Row): Row => changed(row, ["symbol"], {});

/** An order: COIN-M counts what was executed in the base asset. Refusals inside a batch stay as they are. */
export const orderRow = (row: Row): Row =>
  row["orderId"] === undefined ? row : withPair(changed(row, ["cumQuote"], { cumBase: row["cumQuote"] }));

/** An execution. */
export const tradeRow = (row: Row): Row => withPair(changed(row, ["quoteQty"], { baseQty: row["quoteQty"] }));

/** A position of positionRisk: no totals of its own, and the largest size in the base asset. */
export const riskRow = (row: Row): Row =>
  changed(row, ["notional", "maxNotionalValue"], {
    notionalValue: row["notional"],
    maxQty: row["maxNotionalValue"],
  });

/** A position of the account call. */
export const accountPositionRow = (row: Row): Row =>
  changed(row, ["notional", "maxNotional", "bidNotional", "askNotional"], {
    notionalValue: row["notional"],
    maxQty: row["maxNotional"],
  });

/** An asset of the balance call. */
export const balanceRow = (row: Row): Row =>
  changed(row, ["maxWithdrawAmount", "marginAvailable"], { withdrawAvailable: row["maxWithdrawAmount"] });

/** What a change of the leverage answers. */
export const leverageRow = (row: Row): Row =>
  changed(row, ["maxNotionalValue"], { maxQty: row["maxNotionalValue"] });

/** The day's figures: volume counts contracts, turnover the base asset. */
export const tickerRow = (row: Row): Row =>
  withPair(changed(row, ["quoteVolume"], { baseVolume: row["quoteVolume"] }));

/** The last price of a symbol. */
export const priceRow = (row: Row): Row => ({ ...row, ps: pairOf(symbolOf(row)) });

/** Margin tiers: floors and caps count the base asset. Binance's own types spell one of them `qtylFloor`. */
export function bracketRow(row: Row): Row {
  const tiers = row["brackets"] as readonly Row[];
  const brackets = tiers.map((tier) =>
    changed(tier, ["notionalCap", "notionalFloor"], {
      qtyCap: tier["notionalCap"],
      qtyFloor: tier["notionalFloor"],
      qtylFloor: tier["notionalFloor"],
    }),
  );
  return { ...row, brackets };
}

/** A symbol of exchangeInfo: what it is worth in quote, and its state under another name. */
export function symbolRow(row: Row, instrument: Instrument): Row {
  const filters = (row["filters"] as readonly Row[]).filter(
    ({ filterType }) => filterType !== "MIN_NOTIONAL" && filterType !== "POSITION_RISK_CONTROL",
  );
  return withPair(
    changed(row, ["status", "settlePlan", "maxMoveOrderLimit", "permissionSets"], {
      contractStatus: row["status"],
      contractSize: instrument.unit / 1e8,
      equalQtyPrecision: 4,
      OrderType: row["orderTypes"],
      filters,
    }),
  );
}

/** A message of the market streams or of a private stream; undefined when COIN-M has none such. */
export function messageRow(message: Row, alias: string): Row | undefined {
  switch (message["e"]) {
    case "TRADE_LITE":
      return undefined;
    case "ORDER_TRADE_UPDATE": {
      const order = message["o"] as Row;
      return { ...message, i: alias, o: changed(order, ["M"], { ma: order["M"] }) };
    }
    case "ACCOUNT_UPDATE":
    case "MARGIN_CALL":
      return { ...message, i: alias };
    default:
      return message;
  }
}
