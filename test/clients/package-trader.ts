import { DefaultLogger, USDMClient, WebsocketClient } from "binance";
import { KEY, until } from "../venue/binance/served-venue.ts";
import { LoopbackAgent } from "./loopback-agent.ts";
import { PrivateEar } from "./private-ear.ts";
import { type Order, rounded, SYMBOL, sorted, standingOf, type Trader, type View } from "./trader.ts";

const BTC = { symbol: SYMBOL } as const;
const WORD = { buy: "BUY", sell: "SELL" } as const;
const quiet = { ...DefaultLogger, trace: () => {}, info: () => {} };

/** Opens the package `binance` for the scenario, with its production addresses led to a local port. */
export async function packageTrader(port: number): Promise<Trader> {
  const agent = new LoopbackAgent(port);
  const keys = { api_key: KEY.apiKey, api_secret: KEY.secret };
  const requestOptions = { httpsAgent: agent };
  const client = new USDMClient(keys, requestOptions);
  const socket = new WebsocketClient({ ...keys, requestOptions, wsOptions: { agent } }, quiet);
  const ear = new PrivateEar();
  let isOpen = false;
  socket.on("open", () => {
    isOpen = true;
  });
  socket.on("message", (message) => ear.take({ ...(message as object) }));
  await socket.subscribeUsdFuturesUserDataStream();
  await until(() => isOpen, "the private stream is open");
  return {
    name: "binance",
    setLeverage: (leverage) => client.setLeverage({ ...BTC, leverage }),
    setIsolated: () => client.setMarginType({ ...BTC, marginType: "ISOLATED" }),
    setHedge: (isOn) => client.setPositionMode({ dualSidePosition: isOn ? "true" : "false" }),
    place: (order) => client.submitNewOrder(orderFields(order)),
    amend: ({ id, side, quantity, price }) =>
      client.modifyOrder({ ...BTC, origClientOrderId: id, side: WORD[side], quantity, price }),
    cancel: (id) => client.cancelOrder({ ...BTC, origClientOrderId: id }),
    placeStop: ({ id, side, quantity, kind, trigger, reduceOnly }) =>
      client.submitNewAlgoOrder({
        ...BTC,
        algoType: "CONDITIONAL",
        type: kind,
        side: WORD[side],
        quantity,
        triggerPrice: trigger,
        reduceOnly: reduceOnly === true ? "true" : "false",
        workingType: "MARK_PRICE",
        clientAlgoId: id,
      }),
    cancelStop: (id) => client.cancelAlgoOrder({ clientAlgoId: id }),
    look: (orderId, stopId) => look(client, orderId, stopId),
    heard: () => ear.heard(),
    codeOf: (error) => Number((error as { code?: unknown }).code),
    close: async () => {
      socket.closeAll(true);
    },
  };
}

function orderFields({ id, side, quantity, price, reduceOnly, book }: Order) {
  return {
    ...BTC,
    newClientOrderId: id,
    side: WORD[side],
    quantity,
    ...(price === undefined
      ? { type: "MARKET" as const }
      : { type: "LIMIT" as const, timeInForce: "GTC" as const, price }),
    ...(reduceOnly === undefined ? {} : { reduceOnly: "true" as const }),
    ...(book === undefined ? {} : { positionSide: book }),
  };
}

async function look(
  client: USDMClient,
  orderId: string | undefined,
  stopId: string | undefined,
): Promise<View> {
  const order =
    orderId === undefined ? undefined : await client.getOrder({ ...BTC, origClientOrderId: orderId });
  const stop = stopId === undefined ? undefined : await client.getAlgoOrder({ clientAlgoId: stopId });
  const openOrders = await client.getAllOpenOrders(BTC);
  const openStops = await client.getOpenAlgoOrders(BTC);
  const positions = await client.getPositionsV3(BTC);
  const account = await client.getAccountInformationV3();
  const [config] = await client.getFuturesSymbolConfig(BTC);
  const mode = await client.getCurrentPositionMode();
  return {
    order: order && {
      status: standingOf(order.status),
      price: Number(order.price),
      quantity: Number(order.origQty),
      filled: Number(order.executedQty),
    },
    stop: stop && standingOf(stop.algoStatus),
    openOrders: openOrders.map(({ clientOrderId }) => clientOrderId).sort(),
    openStops: openStops.map(({ clientAlgoId }) => clientAlgoId).sort(),
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
    isHedge: mode.dualSidePosition,
  };
}
