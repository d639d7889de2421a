/** A grid whose rungs lie close together, so that orders and fills come in bursts. */
export const LIVELY_GRID = `
engines:
  - type: grid
    name: grid-btc
    symbol: BTCUSDT
    direction: buy
    quantity: "0.004"
    take_profit: "0.2%"
    grid_step: "0.04%"
    max_orders: 20
    wait_time: 1
    max_position_size: "0.08"
    max_margin_usd: 5000
    leverage: 3
    stop_loss_percentage: 0.8
`;
