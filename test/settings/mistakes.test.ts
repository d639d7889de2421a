// biome-ignore-all lint/suspicious/noTemplateCurlyInString: settings refer to variables in this way
import { describe, expect, test } from "vitest";
import { GRID, grid, machine, problems } from "./machine.ts";

describe("a mistake in a setting is one sentence with file, line, path, value and mend", () => {
  test.each([
    [
      grid('take_profit: "0,8"'),
      'my.yaml:7: engines[0].take_profit is "0,8": decimals take a point, not a comma: write it like "0.8%" or 0.008.',
    ],
    [
      grid("take_profit: 0.8"),
      'my.yaml:7: engines[0].take_profit is 0.8: it must be from 0.01% to 10%, or did you mean "0.8%"?',
    ],
    [
      grid("grid_step: 0.2"),
      'my.yaml:8: engines[0].grid_step is 0.2: it must be from 0.01% to 10%, or did you mean "0.2%"?',
    ],
    [grid("max_orders: 0"), "my.yaml:9: engines[0].max_orders is 0: write a whole number from 1 to 200."],
    [grid("max_orders: 2.5"), "my.yaml:9: engines[0].max_orders is 2.5: write a whole number from 1 to 200."],
    [
      grid("wait_time: soon"),
      'my.yaml:10: engines[0].wait_time is "soon": write a number from 0 to 86400 seconds.',
    ],
    [
      grid("leverage: 20"),
      "my.yaml:12: engines[0].leverage is 20: write a whole number from 1 to 3, higher leverage is not allowed.",
    ],
    [grid("direction: up"), 'my.yaml:5: engines[0].direction is "up": write one of buy, sell.'],
    [
      grid("quantity: -1"),
      'my.yaml:6: engines[0].quantity is -1: write an amount above zero with at most eight decimals, like "0.004".',
    ],
    [
      grid("quantity: 0,004"),
      'my.yaml:6: engines[0].quantity is "0,004": decimals take a point, not a comma: write it like "0.004".',
    ],
    [
      grid("quantity_usd: 100"),
      'my.yaml:6: engines[0].quantity is "0.004": quantity and quantity_usd exclude each other, remove one.',
    ],
    [
      grid("stop_loss_percentage: 0.02"),
      "my.yaml:12: engines[0].stop_loss_percentage is 0.02: it is in percent: write a number from 0.5 to 10, 2 means 2 %.",
    ],
    [
      grid("stop_loss_enabled: perhaps"),
      'my.yaml:12: engines[0].stop_loss_enabled is "perhaps": write true or false.',
    ],
    [
      grid("max_margin_usd: 1e3x"),
      'my.yaml:11: engines[0].max_margin_usd is "1e3x": write an amount of money from 100 to 1000000, like "100".',
    ],
    [
      grid("max_margin: 5"),
      "my.yaml:11: engines[0].max_margin_usd is 500: max_margin_usd and max_margin exclude each other, remove one.",
    ],
    [
      GRID.replace("    max_margin_usd: 500\n", ""),
      "my.yaml:2: engines[0].max_margin_usd is missing: set max_margin_usd, or max_margin in the asset that a contract in coins is margined in.",
    ],
    [
      grid("symbol: btc/usdt"),
      'my.yaml:4: engines[0].symbol is "btc/usdt": write the exchange\'s symbol, like BTCUSDT.',
    ],
    [grid("pair: BTC"), "my.yaml:12: engines[0].pair is no setting: did you mean symbol?"],
    [grid("take_proft: 1"), "my.yaml:12: engines[0].take_proft is no setting: did you mean take_profit?"],
    [
      GRID.replace("    symbol: BTCUSDT\n", ""),
      "my.yaml:2: engines[0].symbol is missing: write the exchange's symbol, like BTCUSDT.",
    ],
    ["spede: 3", "my.yaml:1: spede is no setting: did you mean speed?"],
    ["risk: { leverage_max: 3 }", "my.yaml:1: risk.leverage_max is no setting: did you mean leverageMax?"],
    [
      "risk: { leverageMax: 4 }",
      "my.yaml:1: risk.leverageMax is 4: write a whole number from 1 to 3, higher leverage is not allowed.",
    ],
    [
      "risk: { liquidationBufferPercent: 5 }",
      "my.yaml:1: risk.liquidationBufferPercent is 5: it is in percent: write a number from 20 to 90, 2 means 2 %.",
    ],
    [
      "risk: { cancelAfterSeconds: 10 }",
      "my.yaml:1: risk.cancelAfterSeconds is 10: write a whole number from 15 to 120, or 0 for none.",
    ],
    ["risk: { lastStop: 5 }", "my.yaml:1: risk.lastStop is 5: write true or false."],
    ["log: loud", 'my.yaml:1: log is "loud": write a map with "name: value" lines.'],
    ["engines: 5", 'my.yaml:1: engines is 5: write a list with "- " before each item.'],
    [
      "market: synthetic:x",
      'my.yaml:1: market is "synthetic:x": write synthetic:SEED with a whole number, or the path of a candle file.',
    ],
    ["desk: { name: desk }", 'my.yaml:1: desk.name is "desk": three of a-z and 0-9.'],
    [
      "wholly: unknown",
      "my.yaml:1: wholly is no setting: remove it; known here: mode, exchange, carrier, account, market, speed, desk, risk, engines, proposals, chat, secrets, live, redisUrl, databaseUrl, log, health.",
    ],
  ])("case %#", (text, sentence) => {
    expect(problems(machine({ "my.yaml": `${text}\n` }))).toEqual([sentence]);
  });

  test("several mistakes are all told, in the shipped file's order", () => {
    const found = problems(
      machine({
        "my.yaml": `${grid('take_profit: "0,8"').replace("max_orders: 10", "max_orders: 0")}spede: 3\nspeed: "\${FAST}"\n`,
      }),
    );
    expect(found).toHaveLength(4);
    expect(found.map((one) => one.split(":").slice(0, 2).join(":"))).toEqual([
      "my.yaml:13",
      "my.yaml:7",
      "my.yaml:9",
      "my.yaml:12",
    ]);
    expect(found[0]).toBe(
      "my.yaml:13: speed needs FAST, which is not set: add the line FAST=... to .env, or remove the setting.",
    );
  });
});

describe("settings that contradict each other", () => {
  const second = GRID.replace("engines:\n", "").replace("name: g", "name: h");
  test("are refused, but not two directions on one symbol in hedge mode: each has a book of its own", () => {
    const both = `account: { positionMode: hedge }\n${GRID}${second.replace("direction: buy", "direction: sell")}`;
    expect(problems(machine({ "my.yaml": both }))).toEqual(["(accepted)"]);
  });

  test.each([
    [
      "a position smaller than its orders",
      grid('max_position_size: "0.03"'),
      "my.yaml:12: engines[0].max_position_size is 0.03, but 10 orders of 0.004 are 0.04: raise it or lower max_orders.",
    ],
    [
      "leverage over the account's",
      `${grid("leverage: 3")}risk: { leverageMax: 2 }`,
      "my.yaml:12: engines[0].leverage is 3, but risk.leverageMax is 2: lower the first.",
    ],
    [
      "two engines of one name",
      GRID + second.replace("name: h", "name: g"),
      'my.yaml:13: engines[1].name "g" is used twice: give it another name.',
    ],
    [
      "two directions on one symbol",
      GRID + second.replace("direction: buy", "direction: sell"),
      'my.yaml:15: engines[1].direction is sell, but "g" already buys BTCUSDT: in one-way mode engines on a symbol share a direction, use another symbol, another account or hedge mode.',
    ],
    [
      "another exchange's way to write a symbol",
      grid("symbol: BTC-USDT-SWAP"),
      "my.yaml:4: engines[0].symbol is BTC-USDT-SWAP, but binanceusdm writes its perpetuals like BTCUSDT.",
    ],
    [
      "a Binance symbol on OKX",
      `exchange: okx\n${GRID}`,
      "my.yaml:5: engines[0].symbol is BTCUSDT, but okx writes its perpetuals like BTC-USDT-SWAP or, margined in coins, BTC-USD-SWAP.",
    ],
    [
      "a USDT-M symbol on COIN-M",
      `exchange: binancecoinm\n${GRID}`,
      "my.yaml:5: engines[0].symbol is BTCUSDT, but binancecoinm writes its perpetuals like BTCUSD_PERP.",
    ],
    [
      "purses beyond the deposit",
      `${grid("max_margin_usd: 20000")}`,
      "my.yaml:1: the purses (max_margin_usd) of all engines are 20000.00, but account.deposit is 10000.00: lower the purses or raise the deposit.",
    ],
    [
      "a role for newcomers that is none",
      "chat: { newPeople: boss }",
      'my.yaml:1: chat.newPeople is "boss": write one of none, viewer, trader, risk, admin.',
    ],
    [
      "a limit of commands that stops everybody",
      "chat: { commandsPerMinute: 1 }",
      "my.yaml:1: chat.commandsPerMinute is 1: write a whole number from 5 to 600.",
    ],
    [
      "nobody at the terminal",
      "chat: { terminal: { person: carol } }",
      'my.yaml:1: chat.terminal.person is "carol", who is not in chat.people: name one of operator.',
    ],
    [
      "a person twice",
      "chat: { people: [{ name: operator, role: admin }, { name: Operator, role: viewer }] }",
      "my.yaml:1: chat.people[1].name Operator is used twice: every person has one entry with one role.",
    ],
    [
      "one account of two people",
      'chat: { people: [{ name: operator, role: admin, telegramId: 7 }, { name: bob, role: viewer, telegramId: "7" }] }',
      "my.yaml:1: chat.people[1].telegramId 7 is used twice: every person has one entry with one role.",
    ],
  ])("%s", (_what, text, sentence) => {
    expect(problems(machine({ "my.yaml": `${text}\n` }))).toEqual([sentence]);
  });
});
