import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createDiscord } from "../emulators/discord/discord.ts";
import { createTelegram } from "../emulators/telegram/telegram.ts";
import { freePort } from "../jobs/own-redis.ts";
import { ownFolder, Perpdesk, perpdesk } from "./processes.ts";

const folder = ownFolder();
afterAll(folder.gone);
// What has to be built is built before anybody counts lines.
beforeAll(() => perpdesk(["version"], { cwd: folder.path }), 60_000);
const cwd = folder.path;

/** The shipped grid with one thing written otherwise. */
const grid = (name: string, setting: string, written: string): string => {
  const settings: Record<string, string> = {
    quantity: '"0.004"',
    take_profit: '"0.2%"',
    grid_step: '"0.1%"',
    max_orders: "20",
    wait_time: "10",
    max_position_size: '"0.08"',
    max_margin_usd: "5000",
    leverage: "3",
    [setting]: written,
  };
  const lines = Object.entries(settings).map(([key, value]) => `    ${key}: ${value}`);
  const head = "engines:\n  - type: grid\n    name: grid-btc\n    symbol: BTCUSDT\n    direction: buy\n";
  folder.write(name, `${head}${lines.join("\n")}\n`);
  return name;
};
const candles = (name: string, ...lines: readonly string[]): string => {
  folder.write(name, `${["open_time_ms,open,high,low,close,volume", ...lines].join("\n")}\n`);
  return name;
};
const AT = 1_735_689_600_000;
const line = (minute: number): string => `${AT + minute * 60_000},97000,97010,96990,97005,3`;

folder.write("torn.yaml", "mode: sim\nspeed: [60\n");
folder.write("unknown-key.yaml", "spede: 60\n");
mkdirSync(join(cwd, "a-folder.csv"));
writeFileSync(join(cwd, "broken.csv.gz"), Buffer.from([0x1f, 0x8b, 0, 1, 2, 3]));

/** What was typed, the one sentence that comes back, and the exit code. */
const MISTAKES: readonly (readonly [
  what: string,
  args: readonly string[],
  code: 1 | 2,
  says: string | RegExp,
])[] = [
  [
    "a settings file that is not there",
    ["start", "--config", "none.yaml"],
    1,
    `the settings file none.yaml does not exist: check the path (it was looked for from ${cwd}).`,
  ],
  [
    "YAML that is torn",
    ["start", "--config", "torn.yaml"],
    1,
    "torn.yaml:2 is not valid YAML: a [ is not closed; write the ] that is missing.",
  ],
  [
    "a key that is no setting",
    ["start", "--config", "unknown-key.yaml"],
    1,
    "unknown-key.yaml:1: spede is no setting: did you mean speed?",
  ],
  [
    "a quantity below the lot",
    ["start", "--config", grid("lot.yaml", "quantity", '"0.0004"')],
    1,
    'engine "grid-btc": quantity is 0.0004: write a multiple of 0.001, the step of BTCUSDT.',
  ],
  [
    "a take profit with a comma",
    ["start", "--config", grid("comma.yaml", "take_profit", '"0,8"')],
    1,
    'comma.yaml:7: engines[0].take_profit is "0,8": decimals take a point, not a comma: write it like "0.8%" or 0.008.',
  ],
  [
    "no orders at all",
    ["start", "--config", grid("orders.yaml", "max_orders", "0")],
    1,
    "orders.yaml:9: engines[0].max_orders is 0: write a whole number from 1 to 200.",
  ],
  [
    "a candle file that is not there",
    ["start", "--market", "none.csv"],
    1,
    `candle file ${join(cwd, "none.csv")} can't be read: it does not exist, check the path.`,
  ],
  [
    "a candle file that is a folder",
    ["start", "--market", "a-folder.csv"],
    1,
    `candle file ${join(cwd, "a-folder.csv")} can't be read: it is a folder, name a CSV file in it.`,
  ],
  [
    "a candle file that is broken",
    ["start", "--market", "broken.csv.gz"],
    1,
    /^candle file .*broken\.csv\.gz can't be read: .*, name a whole CSV file, plain or gzip\.$/,
  ],
  [
    "a gap in a candle file",
    ["start", "--market", candles("gap.csv", line(0), line(1), line(3))],
    1,
    `candle file ${join(cwd, "gap.csv")}, line 4: there is a gap, the candle after 2025-01-01T00:01:00Z is 2025-01-01T00:03:00Z, not 60 s later; fill it or cut the file there.`,
  ],
  ["a speed of 0", ["start", "--speed", "0"], 2, '--speed "0" is no speed; write a number above 0, e.g. 60.'],
  ["a duration of 5x", ["start", "--for", "5x"], 2, '--for "5x" is no duration; write e.g. 60s, 10m or 1h.'],
  [
    "a venue on another machine",
    ["start", "--venue", "http://10.1.2.3:7070"],
    2,
    '--venue "http://10.1.2.3:7070" is not a venue on this machine; write http://127.0.0.1:PORT.',
  ],
  [
    "a venue that looks like this machine",
    ["start", "--venue", "http://127.0.0.1.example.com:7070"],
    2,
    '--venue "http://127.0.0.1.example.com:7070" is not a venue on this machine; write http://127.0.0.1:PORT.',
  ],
  [
    "a command that there is not",
    ["fly"],
    2,
    'perpdesk has no command "fly"; it has start, init, venue, backtest, replay, analyze, audit, watchdog, worker, doctor, confirm, totp.',
  ],
  ["an option that there is not", ["start", "--fast"], 2, "Unknown option '--fast'; see --help."],
  [
    "live trading without keys",
    ["start", "--mode", "live"],
    1,
    "mode live needs BINANCE_FUTURES_API_KEY, which is not set: add the line BINANCE_FUTURES_API_KEY=... to .env.",
  ],
  ["a recording that is not there", ["replay", "none"], 1, /^"none" holds no recording; give a /],
  [
    "a worker without Redis",
    ["worker"],
    1,
    "A worker needs Redis: set REDIS_URL in .env, e.g. redis://:PASSWORD@127.0.0.1:6379.",
  ],
];

describe("wrong input on the command line is one clear sentence", () => {
  test.each(MISTAKES)("%s", async (_what, args, code, says) => {
    const ended = await perpdesk(args, { cwd });
    const lines = ended.stderr.trimEnd().split("\n");
    expect({ code: ended.code, stdout: ended.stdout, lines: lines.length }, ended.stderr).toEqual({
      code,
      stdout: "",
      lines: 1,
    });
    if (typeof says === "string") expect(lines[0]).toBe(says);
    else expect(lines[0]).toMatch(says);
    expect(ended.stderr).not.toMatch(/^\s+at /m);
  });

  test("a port in use", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    const { port } = other.address() as { readonly port: number };
    const { code, stdout, stderr } = await perpdesk(["venue", "--port", String(port)], { cwd });
    other.close();
    expect({ code, stdout, stderr }).toEqual({
      code: 1,
      stdout: "",
      stderr: `port ${port}: it is in use: name another with --port, or 0 for any free one.\n`,
    });
  });

  test("a venue that nobody serves", async () => {
    const port = await freePort();
    const { code, stdout, stderr } = await perpdesk(["start", "--venue", `http://127.0.0.1:${port}`], {
      cwd,
    });
    expect({ code, stdout, stderr }).toEqual({
      code: 1,
      stdout: "",
      stderr: `The venue at 127.0.0.1:${port} can't be read (no answer): check that it runs and that its keys are ours.\n`,
    });
  });

  test("several mistakes in one file are one sentence each", async () => {
    folder.write("several.yaml", "speed: fast\nspede: 60\nrisk:\n  leverageMax: 50\n");
    const { code, stderr } = await perpdesk(["start", "--config", "several.yaml"], { cwd });
    expect(code).toBe(1);
    expect(stderr.trimEnd().split("\n")).toEqual([
      'several.yaml:1: speed is "fast": write a number from 0.01 to 1000000 (1 is real time).',
      "several.yaml:4: risk.leverageMax is 50: write a whole number from 1 to 3, higher leverage is not allowed.",
      "several.yaml:2: spede is no setting: did you mean speed?",
    ]);
  });
});

describe("wrong tokens", () => {
  const WRONG = {
    TELEGRAM_BOT_TOKEN: "7000000001:AAwrong-marker_0123456789abcdefghij",
    DISCORD_BOT_TOKEN: "wrong-marker.of-discord.0123456789",
  };

  test("the desk runs on, and says once for each platform what is wrong", async () => {
    const telegram = await createTelegram({
      token: "7000000001:AAright_0123456789abcdefghijklmnop",
      users: [],
    });
    const discord = await createDiscord({
      token: "right.of-discord.0123456789",
      users: [],
      guilds: [{ id: "200000000000000001", name: "desk" }],
      channels: [{ id: "300000000000000001", name: "desk", guild: "200000000000000001" }],
    });
    folder.write(
      "tokens.yaml",
      `chat:
  telegram:
    token: "\${TELEGRAM_BOT_TOKEN}"
    apiRoot: ${telegram.apiRoot}
    chats:
      - id: "-42"
        alerts: true
  discord:
    token: "\${DISCORD_BOT_TOKEN}"
    apiRoot: ${discord.api}
    guild: "200000000000000001"
    channels:
      - id: "300000000000000001"
        alerts: true
`,
    );
    const bot = new Perpdesk(["start", "--config", "tokens.yaml"], { cwd, env: WRONG });
    try {
      await bot.said("GRID_TRADE", 90_000);
      bot.signal("SIGTERM");
      const { code, stdout, stderr } = await bot.ended;
      expect(code).toBe(0);
      expect(stdout).toContain("Clean shutdown.");
      const said = stderr
        .trimEnd()
        .split("\n")
        .map((text) => JSON.parse(text) as { readonly level: number; readonly msg: string })
        .filter(({ level }) => level >= 40)
        .map(({ msg }) => msg);
      expect(said.filter((msg) => msg.includes("refuses the token")).sort()).toEqual([
        "Discord refuses the token: put the one from the developer portal into the settings. Trading goes on; trying again.",
        "Telegram refuses the token: put the one that BotFather gave into the settings. Trading goes on; trying again.",
      ]);
      for (const secret of Object.values(WRONG)) expect(stdout + stderr).not.toContain(secret);
    } finally {
      await bot.kill();
      await telegram.close();
      await discord.close();
    }
  });
});
