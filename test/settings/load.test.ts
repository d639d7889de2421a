// biome-ignore-all lint/suspicious/noTemplateCurlyInString: settings refer to variables in this way
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { loadSettings } from "../../src/settings/load.ts";
import { writtenSettings } from "../../src/settings/written.ts";
import { GRID, good, machine, problems } from "./machine.ts";

describe("the settings as they were written", () => {
  test("are lines with their places, laid over the defaults; secrets are names in them", () => {
    const file = `${GRID}chat:\n  telegram:\n    token: \${TELEGRAM_BOT_TOKEN}\n    chats: [{ id: 12, alerts: true, accountData: true }]\n`;
    const env = { TELEGRAM_BOT_TOKEN: "7000000001:marker-of-a-secret-token-0123456789" };
    const lines = writtenSettings(good(machine({ "my.yaml": file }, { env })).written);
    const told = Object.fromEntries(lines.map(({ path, text }) => [path, text]));
    expect(told).toMatchObject({
      mode: "sim",
      "engines[0].grid_step": "0.2%",
      "chat.telegram.token": "${TELEGRAM_BOT_TOKEN}",
      "chat.telegram.chats[0].id": "12",
    });
    expect(JSON.stringify(lines)).not.toContain("marker");
    expect(writtenSettings({ a: [], b: null })).toEqual([
      { path: "a", text: "none" },
      { path: "b", text: "not set" },
    ]);
  });
});

describe("the shipped settings", () => {
  test("are accepted without a file, a key or a variable, and are frozen to the bottom", () => {
    const { settings, notes, secrets } = good(machine({}));
    expect(settings.mode).toBe("sim");
    expect(settings.market).toBe("synthetic:1");
    expect(settings.speed).toBe(60);
    expect(settings.account).toEqual({ name: "main", positionMode: "oneWay", deposit: 1_000_000_000_000 });
    expect(settings.engines).toEqual([
      {
        type: "grid",
        name: "grid-btc",
        symbol: "BTCUSDT",
        direction: "buy",
        size: { type: "base", quantity: "0.004" },
        takeProfit: 200_000,
        gridStep: 100_000,
        maxOrders: 20,
        waitMs: 10_000,
        maxPositionSize: "0.08",
        maxMargin: 500_000_000_000,
        isMarginInUsd: true,
        leverage: 3,
        stopLoss: 2_000_000,
        isLossInUsd: false,
        positionTimeoutMs: 3_600_000,
        recoveryMode: "ladder",
      },
    ]);
    expect(settings.risk).toEqual({
      leverageMax: 3,
      grossLeverageMax: 3,
      liquidationBuffer: 20_000_000,
      lastStop: false,
      cancelAfterSeconds: 0,
      stopsSurviveCancelAfter: false,
    });
    expect(settings.proposals).toEqual({
      expiresMs: 60_000,
      recoveryExpiresMs: 600_000,
      closeNotionalMax: 1_000_000_000_000,
      closeLossMax: 50_000_000_000,
      panicUndoMs: 5_000,
      drift: 200_000,
      maxDataAgeMs: 5_000,
    });
    expect(settings.chat.telegram).toBeUndefined();
    expect(settings.chat.discord).toBeUndefined();
    expect([settings.redisUrl, settings.databaseUrl, settings.keys]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    expect(settings.desk.dataDir).toBe("/home/desk/var");
    expect(settings.log).toEqual({ file: "/home/desk/logs/perpdesk.log", level: "info" });
    expect(notes).toEqual([]);
    expect(secrets).toEqual([]);
    expect(() => Object.assign(settings.engines[0] ?? {}, { leverage: 125 })).toThrow(TypeError);
  });

  test("are found from the source tree without being told where", () => {
    const loaded = loadSettings({ env: {}, cwd: join(import.meta.dirname, "nowhere") });
    expect(loaded.ok).toBe(true);
  });
});

describe("a file of one's own", () => {
  test("is laid over the shipped settings: maps merge, lists replace, null takes away", () => {
    const { settings } = good(
      machine({ "my.yaml": `${GRID}risk: { leverageMax: 2 }\ndesk: { dataDir: /srv/desk }\n` }),
    );
    expect(settings.engines.map((engine) => engine.name)).toEqual(["g"]);
    expect(settings.engines[0]).toMatchObject({
      takeProfit: 800_000,
      gridStep: 200_000,
      leverage: 1,
      stopLoss: 2_000_000,
    });
    expect(settings.risk).toMatchObject({ leverageMax: 2, grossLeverageMax: 3 });
    expect(settings.desk).toMatchObject({ name: "pd1", dataDir: "/srv/desk" });
    expect(good(machine({ "my.yaml": "engines: []\nmarket: candles.csv.gz\n" })).settings).toMatchObject({
      engines: [],
      market: "/home/desk/candles.csv.gz",
    });
  });

  test("may be empty", () => {
    expect(good(machine({ "my.yaml": "# nothing yet\n" })).settings).toEqual(good(machine({})).settings);
  });

  test("yields to the command line", () => {
    const overrides = { market: "synthetic:5", speed: "10" };
    const { settings } = good(machine({ "my.yaml": "speed: 3\n" }, { overrides }));
    expect([settings.market, settings.speed]).toEqual(["synthetic:5", 10]);
    expect(problems(machine({}, { overrides: { speed: "fast", mode: "dream" } }))).toEqual([
      '--mode: mode is "dream": write one of sim, paper, demo, live.',
      '--speed: speed is "fast": write a number from 0.01 to 1000000 (1 is real time).',
    ]);
  });

  test("takes variables from .env and the environment, the real one first", () => {
    const { settings, secrets } = good(
      machine(
        {
          "my.yaml": 'speed: "${SPEED}"\nmarket: "synthetic:${SEED:-7}"\n',
          ".env": "SPEED=2\nREDIS_URL=redis://:hunter2@h:1\n",
        },
        { env: { SPEED: "9" } },
      ),
    );
    expect([settings.speed, settings.market]).toEqual([9, "synthetic:7"]);
    expect(settings.redisUrl).toBe("redis://:hunter2@h:1");
    expect(secrets).toEqual(["redis://:hunter2@h:1", "hunter2"]);
  });

  test("takes an empty variable for one that is not set: the other place counts", () => {
    const files = { "my.yaml": 'speed: "${SPEED}"\n', ".env": "SPEED=2\nREDIS_URL=\n" };
    const { settings } = good(machine(files, { env: { SPEED: "", REDIS_URL: "redis://h:1" } }));
    expect([settings.speed, settings.redisUrl]).toEqual([2, "redis://h:1"]);
  });

  test.each([
    [
      "is missing",
      {},
      { configFile: "gone.yaml" },
      "the settings file gone.yaml does not exist: check the path (it was looked for from /home/desk).",
    ],
    [
      "is no YAML",
      { "my.yaml": "mode: sim\nrisk: [1\n" },
      {},
      "my.yaml:2 is not valid YAML: a [ is not closed; write the ] that is missing.",
    ],
    [
      "is a list",
      { "my.yaml": "- 1\n" },
      {},
      'my.yaml must hold settings as "name: value" lines, not a list.',
    ],
    [
      "says a thing twice",
      { "my.yaml": "speed: 1\nspeed: 2\n" },
      {},
      'my.yaml:2 is not valid YAML: "speed" stands there a second time; remove one of the two.',
    ],
    [
      "reaches for prototypes",
      { "my.yaml": "risk:\n  __proto__:\n    leverageMax: 3\n" },
      {},
      'my.yaml:2 has the key "__proto__": remove it, no setting has that name.',
    ],
    [
      "folds itself",
      { "my.yaml": "a: &x 1\nb: *x\n" },
      {},
      "my.yaml:2 uses the alias *x: write the value out instead.",
    ],
  ])("that %s is one sentence", (_what, files, options, sentence) => {
    const found = problems(machine(files as Record<string, string>, options));
    expect(found).toHaveLength(1);
    if (typeof sentence === "string") expect(found).toEqual([sentence]);
    else expect(found[0]).toMatch(sentence);
  });
});
