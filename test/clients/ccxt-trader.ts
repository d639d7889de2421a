import { type Client, reroute, until } from "../venue/binance/served-venue.ts";
import { PrivateEar } from "./private-ear.ts";
import { rounded, type Standing, sorted, type Trader, type View } from "./trader.ts";

const BTC = "BTC/USDT:USDT";

type Row = Readonly<Record<string, unknown>>;

/** Opens ccxt's binanceusdm for the scenario. */
export async function ccxtTrader(port: number): Promise<Trader> {
  const client = await reroute(port);
  await client.loadMarkets();
  const ear = new PrivateEar();
  listen(client, ear);
  await until(() => isPrivateOpen(client), "the private stream is open");
  return {
    name: "ccxt",
    setLeverage: (leverage) => client.setLeverage(leverage, BTC),
    setIsolated: () => client.setMarginMode("isolated", BTC),
    setHedge: (isOn) => client.setPositionMode(isOn),
    place: ({ id, side, quantity, price, reduceOnly, book }) =>
      client.createOrder(BTC, price === undefined ? "market" : "limit", side, quantity, price, {
        clientOrderId: id,
        ...(reduceOnly === undefined ? {} : { reduceOnly }),
        ...(book === undefined ? {} : { positionSide: book }),
      }),
    amend: async ({ id, side, quantity, price }) => {
      const order = await client.fetchOrder("", BTC, { origClientOrderId: id });
      return client.editOrder(String(order.id), BTC, "limit", side, quantity, price);
    },
    cancel: (id) => client.cancelOrder("", BTC, { clientOrderId: id }),
    placeStop: ({ id, side, quantity, kind, trigger, reduceOnly }) =>
      client.createOrder(BTC, kind, side, quantity, undefined, {
        triggerPrice: trigger,
        reduceOnly,
        workingType: "MARK_PRICE",
        clientOrderId: id,
      }),
    cancelStop: (id) => client.cancelOrder("", BTC, { clientOrderId: id, trigger: true }),
    look: (orderId, stopId) => look(client, orderId, stopId),
    heard: () => ear.heard(),
    codeOf: (error) => Number(/"code":(-\d+)/.exec(String(error))?.[1]),
    close: () => client.close(),
  };
}

/** ccxt hands out what is new since it was last asked, so it is asked again and again. */
function listen(client: Client, ear: PrivateEar): void {
  const forever = async (once: () => Promise<void>): Promise<void> => {
    for (;;) await once();
  };
  const ended = (): void => {
    // The client was closed.
  };
  forever(async () => {
    for (const { info } of await client.watchOrders()) ear.order(info);
  }).catch(ended);
  forever(async () => {
    for (const { info } of await client.watchPositions()) ear.position(info);
  }).catch(ended);
  forever(async () => {
    const balance = await client.watchBalance();
    ear.balance(Number(balance["USDT"]?.total));
  }).catch(ended);
}

const isPrivateOpen = ({ clients }: Client): boolean =>
  Object.entries(clients as Readonly<Record<string, { connection?: { readyState: number } }>>).some(
    ([url, { connection }]) => url.includes("/private/") && connection?.readyState === 1,
  );

async function look(client: Client, orderId: string | undefined, stopId: string | undefined): Promise<View> {
  const order =
    orderId === undefined ? undefined : await client.fetchOrder("", BTC, { origClientOrderId: orderId });
  const stop =
    stopId === undefined
      ? undefined
      : await client.fetchOrder("", BTC, { clientOrderId: stopId, trigger: true });
  const openOrders = await client.fetchOpenOrders(BTC);
  const openStops = await client.fetchOpenOrders(BTC, undefined, undefined, { trigger: true });
  const positions = await client.fetchPositions([BTC]);
  const balance = await client.fetchBalance();
  const leverages = await client.fetchLeverages([BTC]);
  const mode = await client.fetchPositionMode(BTC);
  const account = balance.info as Row;
  return {
    order: order && {
      status: order.status as Standing,
      price: order.type === "market" ? 0 : (order.price ?? 0),
      quantity: order.amount ?? 0,
      filled: order.filled ?? 0,
    },
    stop: stop?.status as Standing | undefined,
    openOrders: openOrders.map(({ clientOrderId }) => String(clientOrderId)).sort(),
    openStops: openStops.map(({ clientOrderId }) => String(clientOrderId)).sort(),
    positions: sorted(
      positions.map(({ side, contracts, entryPrice, liquidationPrice }) => ({
        side: side === "long" ? "long" : "short",
        quantity: contracts ?? 0,
        entry: rounded(entryPrice ?? 0),
        liquidation: liquidationPrice ?? 0,
      })),
    ),
    wallet: rounded(Number(account["totalWalletBalance"])),
    available: rounded(Number(balance["USDT"]?.free)),
    leverage: leverages[BTC]?.longLeverage ?? 0,
    isIsolated: leverages[BTC]?.marginMode === "isolated",
    isHedge: mode.hedged === true,
  };
}
