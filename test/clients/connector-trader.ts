import { until } from "../venue/binance/served-venue.ts";
import { type Connector, openConnector } from "./connector.ts";
import { PrivateEar } from "./private-ear.ts";
import { type Order, rounded, SYMBOL, sorted, standingOf, type Trader, type View } from "./trader.ts";

const BTC = { symbol: SYMBOL } as const;

/** Opens Binance's own connector (@binance/derivatives-trading-usds-futures) for the scenario. */
export async function connectorTrader(port: number): Promise<Trader> {
  const connector = await openConnector(port);
  const { restAPI, websocketStreams } = connector;
  const { listenKey } = await (await restAPI.startUserDataStream()).data();
  const ear = new PrivateEar();
  const connection = await websocketStreams.connect();
  let isConfirmed = false;
  connection.on("message", (text: string) => {
    if ("result" in JSON.parse(text)) isConfirmed = true;
  });
  connection.userData(listenKey ?? "").on("message", (message) => ear.take({ ...message }));
  await until(() => isConfirmed, "the private stream is open");
  return {
    name: "@binance/derivatives-trading-usds-futures",
    setLeverage: (leverage) => restAPI.changeInitialLeverage({ ...BTC, leverage }),
    setIsolated: () => restAPI.changeMarginType({ ...BTC, marginType: "ISOLATED" as never }),
    setHedge: (isOn) => restAPI.changePositionMode({ dualSidePosition: String(isOn) }),
    place: (order) => restAPI.newOrder(orderFields(order) as never),
    amend: ({ id, side, quantity, price }) =>
      restAPI.modifyOrder({
        ...BTC,
        origClientOrderId: id,
        side: side.toUpperCase() as never,
        quantity,
        price,
      }),
    cancel: (id) => restAPI.cancelOrder({ ...BTC, origClientOrderId: id }),
    placeStop: ({ id, side, quantity, kind, trigger, reduceOnly }) =>
      restAPI.newAlgoOrder({
        ...BTC,
        algoType: "CONDITIONAL",
        type: kind,
        side: side.toUpperCase(),
        quantity,
        triggerPrice: trigger,
        reduceOnly: String(reduceOnly === true),
        workingType: "MARK_PRICE",
        clientAlgoId: id,
      } as never),
    cancelStop: (id) => restAPI.cancelAlgoOrder({ clientAlgoId: id }),
    look: (orderId, stopId) => look(restAPI, orderId, stopId),
    heard: () => ear.heard(),
    codeOf: (error) => Number((error as { code?: unknown }).code),
    close: async () => {
      await connection.disconnect();
    },
  };
}

/** A limit order, or one at the market, in Binance's words. */
function orderFields({ id, side, quantity, price, reduceOnly, book }: Order): object {
  return {
    ...BTC,
    newClientOrderId: id,
    side: side.toUpperCase(),
    quantity,
    ...(price === undefined ? { type: "MARKET" } : { type: "LIMIT", timeInForce: "GTC", price }),
    ...(reduceOnly === undefined ? {} : { reduceOnly: String(reduceOnly) }),
    ...(book === undefined ? {} : { positionSide: book }),
  };
}

async function look(
  rest: Connector["restAPI"],
  orderId: string | undefined,
  stopId: string | undefined,
): Promise<View> {
  const of = async <T>(answer: Promise<{ data(): Promise<T> }>): Promise<T> => (await answer).data();
  const order =
    orderId === undefined ? undefined : await of(rest.queryOrder({ ...BTC, origClientOrderId: orderId }));
  const stop = stopId === undefined ? undefined : await of(rest.queryAlgoOrder({ clientAlgoId: stopId }));
  const openOrders = await of(rest.currentAllOpenOrders(BTC));
  const openStops = await of(rest.currentAllAlgoOpenOrders(BTC));
  const positions = await of(rest.positionInformationV3());
  const account = await of(rest.accountInformationV3());
  const [config] = await of(rest.symbolConfiguration(BTC));
  const mode = await of(rest.getCurrentPositionMode());
  return {
    order: order && {
      status: standingOf(order.status ?? ""),
      price: Number(order.price),
      quantity: Number(order.origQty),
      filled: Number(order.executedQty),
    },
    stop: stop && standingOf(stop.algoStatus ?? ""),
    openOrders: openOrders.map(({ clientOrderId }) => clientOrderId ?? "").sort(),
    openStops: openStops.map(({ clientAlgoId }) => clientAlgoId ?? "").sort(),
    positions: sorted(
      positions.map(({ positionAmt, entryPrice, liquidationPrice }) => ({
        side: Number(positionAmt) > 0 ? "long" : "short",
        quantity: Math.abs(Number(positionAmt)),
        entry: rounded(Number(entryPrice)),
        liquidation: Number(liquidationPrice),
      })),
    ),
    wallet: rounded(Number(account.totalWalletBalance)),
    available: rounded(Number(account.availableBalance)),
    leverage: Number(config?.leverage),
    isIsolated: config?.marginType === "ISOLATED",
    isHedge: mode.dualSidePosition === true,
  };
}
