// biome-ignore-all lint/suspicious/noTemplateCurlyInString: settings refer to variables in this way
import { describe, expect, test } from "vitest";
import { redacted } from "../../src/settings/secrets.ts";
import { good, grid, machine, problems } from "./machine.ts";

/** One engine in a line, on a symbol of its own. */
const engineOn = (name: string): string =>
  `{ type: grid, name: ${name}, symbol: ${name.toUpperCase()}USDT, direction: buy, quantity_usd: 100, take_profit: 0.8%, max_orders: 2, wait_time: 1, max_margin_usd: 1000 }`;

describe("secrets", () => {
  test.each([
    [
      "chat: { telegram: { token: '123456:AAmarkermarker', chats: [] } }",
      "my.yaml:1: chat.telegram.token holds a secret in clear: put it into .env as TELEGRAM_BOT_TOKEN=... and write ${TELEGRAM_BOT_TOKEN} here.",
    ],
    [
      "redisUrl: redis://:hunter2marker@host:6379",
      "my.yaml:1: redisUrl holds a secret in clear: put it into .env as REDIS_URL=... and write ${REDIS_URL} here.",
    ],
    [
      'databaseUrl: "postgres://perpdesk:hunter2$marker$@host:5432/perpdesk"',
      "my.yaml:1: databaseUrl holds a secret in clear: put it into .env as DATABASE_URL=... and write ${DATABASE_URL} here.",
    ],
    [
      'databaseUrl: "${DATABASE_URL:-postgres://perpdesk:hunter2marker@host:5432/perpdesk}"',
      "my.yaml:1: databaseUrl holds a secret in clear: put it into .env as DATABASE_URL=... and write ${DATABASE_URL} here.",
    ],
    [
      'redisUrl: "redis://:hunter2marker${REST:-}@host:6379"',
      "my.yaml:1: redisUrl holds a secret in clear: put it into .env as REDIS_URL=... and write ${REDIS_URL} here.",
    ],
    [
      "account: { name: '123456789:AAHmarkermarkermarkermarkermarker1' }",
      "my.yaml:1: account.name holds a secret in clear: put it into .env as NAME=... and write ${NAME} here.",
    ],
  ])("in the file itself are refused and not repeated: case %#", (text, sentence) => {
    const found = problems(machine({ "my.yaml": text }));
    expect(found).toEqual([sentence]);
  });

  test("may stand in an address by reference, and are hidden whatever signs they are made of", () => {
    const { settings, secrets } = good(
      machine(
        { "my.yaml": 'databaseUrl: "postgres://perpdesk:${POSTGRES_PASSWORD}@h/d"\n' },
        { env: { POSTGRES_PASSWORD: "hunter2$marker", REDIS_URL: "redis://:other$2${marker@h:1" } },
      ),
    );
    expect(settings.databaseUrl).toBe("postgres://perpdesk:hunter2$marker@h/d");
    for (const hidden of ["hunter2$marker", settings.databaseUrl, "other$2${marker"])
      expect(secrets).toContain(hidden);
  });

  test("under a wrong name are refused and not repeated", () => {
    const found = problems(
      machine({ "my.yaml": "api_keys: { binance: { api_key: hunter2marker, api_secret: 12345678 } }" }),
    );
    expect(found).toHaveLength(3);
    expect(found.join("\n")).not.toMatch(/hunter2marker|12345678/);
  });

  test("of the environment never come out in a problem, wherever they were put", () => {
    const found = problems(
      machine(
        { "my.yaml": "mode: hunter2marker\n" },
        { env: { BINANCE_FUTURES_API_SECRET: "hunter2marker" } },
      ),
    );
    expect(found).toEqual(['my.yaml:1: mode is "[redacted]": write one of sim, paper, demo, live.']);
  });
});

describe("keys and modes", () => {
  const keys = { BINANCE_FUTURES_API_KEY: "key-marker", BINANCE_FUTURES_API_SECRET: "secret-marker" };

  test("sim and paper load no keys, whatever the environment says, but know them as secrets", () => {
    for (const mode of ["sim", "paper"]) {
      const { settings, notes, secrets } = good(
        machine({ "my.yaml": `mode: ${mode}` }, { env: { ...keys, BINANCE_FUTURES_TESTNET: "false" } }),
      );
      expect(settings.mode).toBe(mode);
      expect(settings.keys).toBeUndefined();
      expect(notes.at(-1)).toBe(
        `BINANCE_FUTURES_API_KEY is set, but ${mode} mode uses no keys; it trades with mode: demo or live only.`,
      );
      expect(secrets).toEqual(["key-marker", "secret-marker"]);
    }
  });

  test("demo and live take them, on the real clock", () => {
    const { settings } = good(
      machine({ "my.yaml": "mode: demo" }, { env: { ...keys, BINANCE_FUTURES_TESTNET: "true" } }),
    );
    expect(settings.keys).toEqual({ apiKey: "key-marker", secret: "secret-marker" });
    expect(settings.speed).toBe(1);
    expect(redacted(settings).keys).toEqual({ apiKey: "[redacted]", secret: "[redacted]" });
    expect(good(machine({ "my.yaml": "mode: live" }, { env: keys })).settings.mode).toBe("live");
  });

  test.each([
    [
      "mode: live",
      { ...keys, BINANCE_FUTURES_TESTNET: "true" },
      "mode is live, but BINANCE_FUTURES_TESTNET=true says the keys are for demo: set mode: demo, or false.",
    ],
    [
      "mode: demo",
      { ...keys, BINANCE_FUTURES_TESTNET: "false" },
      "mode is demo, but BINANCE_FUTURES_TESTNET=false says the keys are for real: use demo keys and true.",
    ],
    ["mode: sim", { BINANCE_FUTURES_TESTNET: "ja" }, 'BINANCE_FUTURES_TESTNET is "ja": write true or false.'],
    [
      "mode: live",
      { BINANCE_FUTURES_API_KEY: "key-marker" },
      "mode live needs BINANCE_FUTURES_API_SECRET, which is not set: add the line BINANCE_FUTURES_API_SECRET=... to .env.",
    ],
    [
      "mode: live\nspeed: 60",
      keys,
      "my.yaml:2: speed is 60, but live mode runs on the real clock: remove speed.",
    ],
    [
      "mode: paper\nexchange: okx\nengines: []",
      {},
      "my.yaml:2: exchange is okx, but paper mode reads Binance USDT-M alone: set exchange: binanceusdm, or rehearse okx with mode sim or demo.",
    ],
    [
      "mode: demo\nchat: { telegram: { token: '${TELEGRAM_BOT_TOKEN}', chats: [], apiRoot: 'http://127.0.0.1:8081' } }",
      { ...keys, TELEGRAM_BOT_TOKEN: "123456:AAmarkermarker" },
      "my.yaml:2: chat.telegram.apiRoot is only for sim mode: in demo mode the desk speaks to the real telegram only, remove it.",
    ],
    [
      "mode: demo\ncarrier: direct",
      keys,
      "my.yaml:2: carrier is direct, which speaks to binanceusdm in sim and live mode alone, not to binanceusdm in demo: set carrier: ccxt.",
    ],
    [
      "exchange: okx\nengines: []\nrisk: { lastStop: true }",
      {},
      "my.yaml:3: risk.lastStop is true, but the desk places it on Binance alone, not on okx: set it to false.",
    ],
    [
      "exchange: bybit\nengines: []\nrisk: { cancelAfterSeconds: 60, stopsSurviveCancelAfter: true }",
      {},
      "my.yaml:3: risk.cancelAfterSeconds is 60, but bybit has no such countdown, only a protection that its support sets up for an account: set it to 0.",
    ],
    [
      "engines: []\nrisk: { cancelAfterSeconds: 60 }",
      {},
      "my.yaml:2: risk.cancelAfterSeconds is 60, but nobody says that stops survive it: run perpdesk doctor --probe in sim or demo mode; if it finds so, set risk.stopsSurviveCancelAfter: true, else set risk.cancelAfterSeconds: 0.",
    ],
    [
      `engines: [${["a", "b", "c", "d", "e", "f"].map(engineOn).join(", ")}]\nrisk: { cancelAfterSeconds: 15, stopsSurviveCancelAfter: true }`,
      {},
      "my.yaml:2: risk.cancelAfterSeconds is 15, but 6 symbols need more requests for it than a quarter of the exchange's limit: set it to 18 or more, or to 0.",
    ],
    [
      "exchange: okx\nspeed: 60\nengines: []\nrisk: { cancelAfterSeconds: 60, stopsSurviveCancelAfter: true }",
      {},
      "my.yaml:4: risk.cancelAfterSeconds is 60, but the built-in okx counts market seconds, and at speed 60 the desk could not keep up: set speed: 1, or set it to 0.",
    ],
    [
      "mode: paper",
      { HTTPS_PROXY: "http://evil.example" },
      "HTTPS_PROXY is set: paper mode speaks to the exchange without a proxy, unset it.",
    ],
    [
      "mode: live",
      { ...keys, NODE_TLS_REJECT_UNAUTHORIZED: "0" },
      "NODE_TLS_REJECT_UNAUTHORIZED is 0: live mode checks certificates, unset it.",
    ],
    [
      "mode: paper",
      { NODE_EXTRA_CA_CERTS: "ca.pem" },
      "NODE_EXTRA_CA_CERTS is set: paper mode trusts no certificate authorities of one's own, unset it.",
    ],
    [
      "mode: live",
      { ...keys, NODE_OPTIONS: "--require ./evil.cjs" },
      "NODE_OPTIONS is set: in live mode nothing is loaded into the desk, unset it.",
    ],
    [
      `mode: live\n${grid("stop_loss_enabled: false")}    max_loss_usd: 100\n`,
      keys,
      "my.yaml:13: engines[0].stop_loss_enabled is false, which live mode takes only by an admin's written exception: set it to true, or write who allows it and why as live.gridWithoutStops.",
    ],
  ])("case %# is refused", (text, env, sentence) => {
    expect(problems(machine({ "my.yaml": text }, { env }))).toEqual([sentence]);
  });

  test("demo keys of a testnet are told from those of demo trading", () => {
    const of = (env: Readonly<Record<string, string>>) =>
      good(
        machine(
          { "my.yaml": "mode: demo\nexchange: bybit\nengines: []" },
          { env: { BYBIT_API_KEY: "key-marker", BYBIT_API_SECRET: "secret-marker", ...env } },
        ),
      ).settings;
    expect(of({}).isTestnet).toBe(false);
    expect(of({ BYBIT_TESTNET: "true" }).isTestnet).toBe(true);
  });

  test("OKX's passphrase is a secret like its key", () => {
    const okx = { OKX_API_KEY: "key-marker", OKX_API_SECRET: "secret-marker", OKX_API_PASSPHRASE: "phrase" };
    const yaml = "mode: demo\nexchange: okx\nengines: []";
    const { settings, secrets } = good(machine({ "my.yaml": yaml }, { env: okx }));
    expect(settings.keys).toEqual({ apiKey: "key-marker", secret: "secret-marker", password: "phrase" });
    expect(redacted(settings).keys).toEqual({
      apiKey: "[redacted]",
      secret: "[redacted]",
      password: "[redacted]",
    });
    expect(secrets).toContain("phrase");
    expect(problems(machine({ "my.yaml": yaml }, { env: { ...okx, OKX_API_PASSPHRASE: "" } }))).toEqual([
      "mode demo needs OKX_API_PASSPHRASE, which is not set: add the line OKX_API_PASSPHRASE=... to .env.",
    ]);
  });

  test("a .env that others can read is told in sim and refused where money is", () => {
    const open = { fileMode: () => 0o100640 };
    const sentence = ".env can be read by other users of this machine: run chmod 600 .env.";
    expect(good(machine({ ".env": "A=1" }, open)).notes).toContain(sentence);
    expect(problems(machine({ ".env": "A=1", "my.yaml": "mode: demo" }, { ...open, env: keys }))).toEqual([
      sentence,
    ]);
    expect(good(machine({ ".env": "A=1", "my.yaml": "mode: demo" }, { env: keys })).notes).not.toContain(
      sentence,
    );
  });
});
