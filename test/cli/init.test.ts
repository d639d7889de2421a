import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { UsageError } from "../../src/cli/arguments.ts";
import { terminalOn } from "../../src/cli/dialogue.ts";
import { init } from "../../src/cli/init.ts";
import { StartError } from "../../src/cli/start-error.ts";
import { systemClock } from "../../src/cli/system-clock.ts";
import { loadSettings } from "../../src/settings/load.ts";
import { QUESTIONS } from "../../src/settings/questions.ts";
import { KEYS, ownFolder } from "./settings.ts";

let folder: ReturnType<typeof ownFolder>;
beforeEach(() => {
  folder = ownFolder();
});
afterEach(() => folder.gone());

/** A person who answers by the question's words (several answers one after another), Enter to everything else. */
function person(answers: Readonly<Record<string, string | readonly string[]>>) {
  const given = new Map(Object.entries(answers).map(([words, own]) => [words, [own].flat()]));
  const heard: string[] = [];
  const asked: string[] = [];
  let isClosed = false;
  return {
    heard,
    asked,
    isClosed: () => isClosed,
    terminal: () => ({
      say: (text: string) => void heard.push(text),
      ask: async (question: string): Promise<string | undefined> => {
        asked.push(question);
        const words = [...given.keys()].find((each) => question.startsWith(each));
        const own = words === undefined ? undefined : given.get(words)?.shift();
        return own === "ctrl-c" ? undefined : (own ?? "");
      },
      close: () => {
        isClosed = true;
      },
    }),
  };
}

async function run(
  args: readonly string[],
  terminal: () => ReturnType<ReturnType<typeof person>["terminal"]> | undefined = () => undefined,
) {
  const said: string[] = [];
  const place = { cwd: folder.path, terminal, env: {}, clock: systemClock, apis: {} };
  const code = await init(args, { ...place, say: (text) => said.push(text) });
  return { code, said: said.join("\n") };
}
const written = (name = "my.yaml"): string => readFileSync(join(folder.path, name), "utf8");
const loaded = (name = "my.yaml", env: Readonly<Record<string, string>> = {}) => {
  const own = loadSettings({ configFile: name, cwd: folder.path, env });
  if (!own.ok) throw new Error(own.problems.join("\n"));
  return own.settings;
};

describe("perpdesk init at a terminal", () => {
  test("asks every question that matters, writes what differs, and the desk takes it", async () => {
    const ann = person({ "Size of one rung (USD)": "200", "Maximum margin": "2000", Leverage: "3" });
    const { code, said } = await run([], ann.terminal);
    expect(code).toBe(0);
    expect(ann.asked.slice(0, 3)).toEqual([
      "Where do orders go (sim, paper, demo, live)? [sim] ",
      "Which exchange (binanceusdm, binancecoinm, bybit, okx)? [binanceusdm] ",
      "What is the account called? [main] ",
    ]);
    expect(ann.asked).toContain("Stop loss % from entry? [2] ");
    expect(ann.asked).toContain("Emergency stop price? [none] ");
    expect(ann.asked.some((each) => /\(coins\)|distances laid|allows a grid/.test(each))).toBe(false);
    expect(ann.isClosed()).toBe(true);
    expect(
      written()
        .split("\n")
        .slice(0, 3)
        .every((line) => line.startsWith("# ")),
    ).toBe(true);
    expect(parse(written())).toEqual({
      engines: [
        {
          type: "grid",
          name: "grid",
          symbol: "BTCUSDT",
          direction: "buy",
          quantity_usd: 200,
          take_profit: "0.8%",
          spacing: "geometric",
          max_orders: 25,
          wait_time: 10,
          max_margin_usd: 2000,
          leverage: 3,
        },
      ],
    });
    expect(loaded().engines[0]).toMatchObject({
      gridStep: 200_000,
      stopLoss: 2_000_000,
      recoveryMode: "ladder",
      positionTimeoutMs: 3_600_000,
    });
    expect(said).toBe(
      [
        "my.yaml is written.",
        "grid: a take profit of 0.80% against a stop of 2.00% needs 71.4% of the rungs to win before fees.",
        "grid: its stop at 2.00% closes a rung before it can be stuck (at a loss of 2.22% its take profit is 3% away): recovery_mode ladder acts only where a take profit is missing.",
        "Mode sim needs no keys.",
        "Look whether it fits the exchange: npm run --silent perpdesk -- doctor --config my.yaml",
        "Start: npm start -- --config my.yaml",
      ].join("\n"),
    );
  });

  test("says what is wrong with an answer at once, with the file's own sentence, and asks again", async () => {
    const bob = person({
      "Where do orders go": ["fast", "sim"],
      "What does it trade": ["BTC-USDT-SWAP", "BTCUSDT"],
      "Size of one rung, in base": "0.004",
      "Take profit": ["0.8", "0,8%", "0.8%"],
      "Equal distances": "arithmetic",
      "From which price": ["", "60000"],
      "Lowest price": "50000",
      "Highest price": ["40000", "70000"],
      "How many rungs": ["300", "10"],
      "Maximum margin": ["20000", "5000"],
      "Maximum position": ["0.01", "0.04"],
      "Does each rung": "no",
      "Most that this grid may lose": ["", "9000", "500"],
      "How are stuck": ["hedge", "aggressive"],
      "Emergency stop": ["55000", "45000"],
      "Price beyond": ["44000", "52000"],
    });
    await run([], bob.terminal);
    expect(bob.heard.slice(1)).toEqual([
      'mode is "fast": write one of sim, paper, demo, live.',
      "symbol is BTC-USDT-SWAP, but binanceusdm writes its perpetuals like BTCUSDT.",
      'take_profit is 0.8: it must be from 0.01% to 10%, or did you mean "0.8%"?',
      'take_profit is "0,8%": decimals take a point, not a comma: write it like "0.8%" or 0.008.',
      'spacing is "arithmetic": equal distances are laid from a price: set anchor_price, or write spacing: geometric.',
      "lower_price is 50000, but upper_price is 40000: write a lower price.",
      "max_orders is 300: write a whole number from 1 to 200.",
      "the purses (max_margin_usd) of all engines are 20000.00, but account.deposit is 10000.00: lower the purses or raise the deposit.",
      "max_position_size is 0.01, but 10 orders of 0.004 are 0.04: raise it or lower max_orders.",
      "stop_loss_enabled is false, and nothing else limits the loss: set max_loss_usd, or stop_loss_enabled: true.",
      "max_loss_usd is 9000.00, but the purse max_margin_usd is 5000.00: lower it to at most the purse.",
      "recovery_mode is hedge, but account.positionMode is oneWay, where an opposite order would only close: set account.positionMode: hedge, or recovery_mode: ladder.",
      "stop_price is 55000, but the stop lies beyond the last rung, at lower_price 50000: write a price below 50000.",
      "stop_price is 45000, but a grid pauses before it stops, at pause_price 44000: write a price below 44000.",
    ]);
    expect(loaded().engines[0]).toMatchObject({
      size: { type: "base", quantity: "0.004" },
      anchorPrice: "60000",
      stopLoss: undefined,
      maxLoss: 50_000_000_000,
      recoveryMode: "aggressive",
      stopPrice: "45000",
      pausePrice: "52000",
    });
  });

  test("explains a question, goes back, and leaves out what is answered with none", async () => {
    const eve = person({
      "Which exchange": ["?", "bybit"],
      "What is the account": "back",
      "Take profit": ["1%", "2%"],
      "Distance between": "back",
      "How are stuck": "none",
      "Emergency stop": "none",
    });
    await run(["--out", "eve.yaml"], eve.terminal);
    expect(eve.heard[1]).toBe(
      "Which exchange is traded on; in sim, whose instruments and protocol the built-in one plays. paper reads Binance USDT-M alone. Values: binanceusdm, binancecoinm, bybit, okx.",
    );
    // Asked again, the exchange is taken as it ships.
    expect(loaded("eve.yaml").exchange).toBe("binanceusdm");
    expect(loaded("eve.yaml").engines[0]).toMatchObject({
      takeProfit: 2_000_000,
      recoveryMode: "none",
      stopPrice: undefined,
    });
  });

  test("for real money asks for no key, says where keys go, and takes an exception in words", async () => {
    const dan = person({
      "Where do orders go": "live",
      "Which exchange": "okx",
      "Does each rung": "no",
      "Most that this grid": "500",
      "Who allows": ["me", "Dan, 2026-05-02: the loss limit is enough"],
    });
    const { said } = await run([], dan.terminal);
    expect(said).toContain(
      "Write the keys into .env where you start the desk (OKX_API_KEY=..., OKX_API_SECRET=..., OKX_API_PASSPHRASE=...), then: chmod 600 .env",
    );
    expect(dan.asked.some((each) => /secret|passphrase|token|api/i.test(each))).toBe(false);
    expect(dan.asked.some((each) => /built-in|market seconds/.test(each))).toBe(false);
    expect(dan.heard.slice(1)).toEqual([
      'live.gridWithoutStops is "me": write who allows it and why, in 20 characters or more.',
    ]);
    expect(loaded("my.yaml", KEYS)).toMatchObject({
      mode: "live",
      exchange: "okx",
      engines: [{ symbol: "BTC-USDT-SWAP", stopLoss: undefined }],
      live: { gridWithoutStops: "Dan, 2026-05-02: the loss limit is enough" },
    });
  });

  test("a secret that is typed in by mistake is refused, not repeated and not written", async () => {
    const token = `123456789:${"AAHmarker".repeat(5)}`;
    const ann = person({ "What is the account": [token, "main"] });
    await run([], ann.terminal);
    expect(ann.heard.join("\n")).toContain("account.name holds a secret in clear");
    expect(ann.heard.join("\n")).not.toContain("AAHmarker");
    expect(written()).not.toContain("AAHmarker");
  });

  test("who leaves, leaves nothing behind; a file that is there is never touched", async () => {
    const gone = person({ "Take profit": "ctrl-c" });
    await expect(run([], gone.terminal)).rejects.toThrow(new StartError("Nothing was written."));
    expect(existsSync(join(folder.path, "my.yaml"))).toBe(false);
    writeFileSync(join(folder.path, "my.yaml"), "mine: true\n");
    const late = person({});
    const taken = new StartError("my.yaml exists already and is left alone: name another file with --out.");
    await expect(run([], late.terminal)).rejects.toThrow(taken);
    await expect(run(["--yes"])).rejects.toThrow(taken);
    expect([late.asked, written()]).toEqual([[], "mine: true\n"]);
  });

  test("over real streams: what is typed ahead waits for its question, an end ends it", async () => {
    const input = new PassThrough();
    const output = new PassThrough();
    const terminal = terminalOn(input, output);
    input.write("one\ntwo\n");
    expect([await terminal.ask("first? "), await terminal.ask("second? ")]).toEqual(["one", "two"]);
    const third = terminal.ask("third? ");
    input.end();
    expect([await third, await terminal.ask("fourth? ")]).toEqual([undefined, undefined]);
    terminal.say("bye");
    expect(String(output.read())).toContain("third? ");
  });

  test("a secret is not shown while it is typed, what comes after it is", async () => {
    const input = new PassThrough();
    const output = Object.assign(new PassThrough(), { isTTY: true, columns: 80 });
    const terminal = terminalOn(input, output);
    const secret = terminal.ask("Token? ", true);
    input.write("hush-hush\r");
    expect(await secret).toBe("hush-hush");
    const name = terminal.ask("Name? ");
    input.write("ann\r");
    expect(await name).toBe("ann");
    terminal.close();
    const shown = String(output.read());
    expect(shown).toMatch(/Token\? .*Name\? .*ann/s);
    expect(shown).not.toContain("hush");
  });
});

describe("perpdesk init without a terminal", () => {
  test("--yes takes what is offered", async () => {
    expect((await run(["--yes"])).code).toBe(0);
    expect(loaded().engines[0]).toMatchObject({ symbol: "BTCUSDT", takeProfit: 800_000, maxOrders: 25 });
  });

  test.each([["binanceusdm"], ["binancecoinm"], ["bybit"], ["okx"]])(
    "--yes on %s fits that exchange",
    async (exchange) => {
      writeFileSync(join(folder.path, "answers.yaml"), `exchange: ${exchange}\n`);
      await run(["--answers", "answers.yaml"]);
      expect(loaded().exchange).toBe(exchange);
    },
  );

  test("--answers takes S1's names and null prices from a file", async () => {
    const answers = [
      "exchange: binancecoinm",
      "account.deposit: 1",
      "direction: sell",
      "quantity: 3",
      "take_profit: 0.008",
      "max_orders: 20",
      "max_margin: 0.05",
      "leverage: 3",
      "stop_loss_percentage: 4",
      "recovery_mode: aggressive",
      "stop_price: null",
      "pause_price: 120000.5",
    ].join("\n");
    writeFileSync(join(folder.path, "a.yaml"), `${answers}\n`);
    await run(["--answers", "a.yaml", "--out", "coinm.yaml"]);
    expect(loaded("coinm.yaml")).toMatchObject({
      account: { deposit: 100_000_000 },
      engines: [
        {
          symbol: "BTCUSD_PERP",
          direction: "sell",
          maxMargin: 5_000_000,
          isMarginInUsd: false,
          stopLoss: 4_000_000,
          recoveryMode: "aggressive",
          pausePrice: "120000.5",
          stopPrice: undefined,
        },
      ],
    });
  });

  test.each([
    [
      "take_profit: 0.8",
      'a.yaml:1: take_profit is 0.8: it must be from 0.01% to 10%, or did you mean "0.8%"?',
    ],
    [
      "mode: sim\nquantity: 1\nmax_position_size: 2",
      "a.yaml:3: max_position_size is 2, but 25 orders of 1 are 25: raise it or lower max_orders.",
    ],
    ["max_margin: 1", "a.yaml:1: max_margin is not asked for beside the other answers: remove it."],
    [
      "engines: []",
      /^a\.yaml:1: "engines" is no question: remove it; known are mode, exchange, .*pause_price/,
    ],
    ["name: { a: 1 }", 'a.yaml:1: name is one value: write "name: value".'],
    [
      "account.deposit: 100",
      "a.yaml: the purses (max_margin_usd) of all engines are 5000.00, but account.deposit is 100.00: lower the purses or raise the deposit.",
    ],
    ["a: [", /^a\.yaml:\d is not valid YAML/],
  ])("--answers with %j is one sentence with its place, and nothing is written", async (text, sentence) => {
    writeFileSync(join(folder.path, "a.yaml"), `${text}\n`);
    const refused = await run(["--answers", "a.yaml"]).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(StartError);
    if (typeof sentence === "string") expect((refused as Error).message).toBe(sentence);
    else expect((refused as Error).message).toMatch(sentence);
    expect(existsSync(join(folder.path, "my.yaml"))).toBe(false);
  });

  test("nobody there and no answers is an unusable command, and so are both at once", async () => {
    await expect(run([])).rejects.toThrow(
      new UsageError("init asks at a terminal, and here is none: give --answers FILE or --yes."),
    );
    await expect(run(["--yes", "--answers", "a.yaml"])).rejects.toThrow(UsageError);
    await expect(run(["--answers", "gone.yaml"])).rejects.toThrow(/^the answers gone\.yaml can't be read/);
  });

  test("asks for every parameter of seed S1's section 5", () => {
    const ids = QUESTIONS.map(({ id }) => id);
    for (const id of [
      "exchange",
      "symbol",
      "direction",
      "quantity",
      "take_profit",
      "max_margin_usd",
      "max_position_size",
      "grid_step",
      "max_orders",
      "wait_time",
      "stop_loss_enabled",
      "stop_loss_percentage",
      "position_timeout_minutes",
      "recovery_mode",
      "stop_price",
      "pause_price",
    ])
      expect(ids).toContain(id);
  });
});
