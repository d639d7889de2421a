import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { authenticators } from "../../src/cli/doctor/authenticators.ts";
import { checked } from "../../src/cli/doctor/finding.ts";
import { dataFolder, envFile, nodeVersion } from "../../src/cli/doctor/machine.ts";
import { database, redis } from "../../src/cli/doctor/services.ts";
import { confirmationSentence, confirmLive } from "../../src/cli/live-confirmation.ts";
import { StartError } from "../../src/cli/start-error.ts";
import { writeTotpSecrets } from "../../src/cli/totp-file.ts";
import { openStore } from "../../src/store/store.ts";
import { hasty } from "../gateways/rig.ts";
import { KEY } from "../venue/binance/served-venue.ts";
import { cleanUp, folderOf, ofExchange } from "./doctor-rig.ts";
import { grid, settingsIn } from "./settings.ts";

afterEach(cleanUp);

describe("doctor looks at the machine", () => {
  test.each([
    ["20.19.0", "ok", "Node 20.19.0."],
    ["24.1.0", "ok", "Node 24.1.0."],
    ["20.18.9", "mend", "Node 20.18.9 is too old: install 20.19 or newer."],
    ["18.20.0", "mend", "Node 18.20.0 is too old: install 20.19 or newer."],
  ])("Node %s", (version, verdict, text) => {
    expect(nodeVersion(version)).toEqual({ name: "node", verdict, text });
  });

  test("a .env is for its owner alone", () => {
    const path = folderOf();
    expect(envFile(path, "live")).toMatchObject({
      verdict: "ok",
      text: "there is none; sim and paper need none.",
    });
    writeFileSync(join(path, ".env"), "A=1");
    chmodSync(join(path, ".env"), 0o600);
    expect(envFile(path, "live")).toMatchObject({ verdict: "ok", text: "only you can read it." });
    chmodSync(join(path, ".env"), 0o644);
    const text = ".env can be read by other users of this machine: run chmod 600 .env.";
    for (const mode of ["demo", "live", undefined] as const)
      expect(envFile(path, mode)).toEqual({ name: ".env", verdict: "mend", text });
    // A start without keys goes well all the same.
    for (const mode of ["sim", "paper"] as const)
      expect(envFile(path, mode)).toEqual({ name: ".env", verdict: "note", text });
  });

  test("a data folder that is a file, or is not there yet", () => {
    const path = folderOf();
    const settings = settingsIn(path, { desk: { dataDir: "deep/var" }, log: { file: "taken/desk.log" } });
    writeFileSync(join(path, "taken"), "a file");
    chmodSync(join(path, "taken"), 0o400);
    const [data, log] = dataFolder(settings);
    expect(data).toMatchObject({ name: "data folder", verdict: "ok" });
    expect(data?.text).toMatch(/deep\/var can be written, \d+\.\d GB free\.$/);
    expect(log).toEqual({
      name: "log",
      verdict: "mend",
      text: `${join(path, "taken")} can't be written: name another folder as log.file, or give this user the right.`,
    });
  });
});

describe("doctor looks at authenticators", () => {
  const chat = {
    people: [
      { name: "ann", role: "admin", telegramId: "501" },
      { name: "bob", role: "risk" },
      { name: "carol", role: "trader" },
    ],
    terminal: { person: "ann" },
    telegram: { token: `\${TELEGRAM_BOT_TOKEN}`, chats: [] },
  };
  const ENV = { TELEGRAM_BOT_TOKEN: "7000000001:AA-telegram-marker" };
  const SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
  const look = (path: string) =>
    checked("authenticators", () => authenticators(settingsIn(path, { desk: { dataDir: "." }, chat }, ENV)));

  test("none yet: a note with a chat, where roles from risk on need one, nothing without", async () => {
    const path = folderOf();
    expect(await look(path)).toEqual([
      {
        name: "authenticators",
        verdict: "note",
        text: "ann, bob can't link accounts, nor approve alone what takes two people: set one up with perpdesk totp ann, perpdesk totp bob.",
      },
    ]);
    const { telegram: _, ...terminal } = chat;
    expect(
      await checked("authenticators", () =>
        authenticators(settingsIn(path, { desk: { dataDir: "." }, chat: terminal })),
      ),
    ).toEqual([{ name: "authenticators", verdict: "ok", text: "nobody has one yet." }]);
  });

  test("says whose there are, and never what they are", async () => {
    const path = folderOf();
    const file = join(path, "totp.json");
    writeTotpSecrets(file, new Map([["ann", SECRET]]));
    const [there, missing] = await look(path);
    expect(there).toEqual({
      name: "authenticators",
      verdict: "ok",
      text: `${file} is for you alone, with those of ann.`,
    });
    expect(missing?.text).toContain("bob can't link accounts");
    const both = ["ann", "bob"].map((name) => [name, SECRET] as const);
    writeTotpSecrets(file, new Map(both));
    expect((await look(path)).map(({ verdict }) => verdict)).toEqual(["ok"]);
  });

  test("one that others can read, or that is damaged, is to be mended", async () => {
    const path = folderOf();
    const file = join(path, "totp.json");
    writeTotpSecrets(file, new Map([["ann", SECRET]]));
    chmodSync(file, 0o640);
    expect(await look(path)).toEqual([
      {
        name: "authenticators",
        verdict: "mend",
        text: `${file} can be read by other users: run chmod 600 ${file}.`,
      },
    ]);
    chmodSync(file, 0o600);
    writeFileSync(file, `{"ann":"${SECRET}!"}`);
    const [damaged] = await look(path);
    expect(damaged).toMatchObject({ name: "authenticators", verdict: "mend" });
    expect(damaged?.text).toContain(
      "is damaged: remove it, and set every authenticator up again with perpdesk totp NAME.",
    );
    expect(damaged?.text).not.toContain(SECRET);
  });
});

describe("doctor looks at what a desk stands on", () => {
  test("Redis: not used, or away, which a start bears", async () => {
    const path = folderOf();
    expect(await redis(settingsIn(path, {}))).toMatchObject({
      verdict: "ok",
      text: "not used: jobs live in the desk's own process.",
    });
    const away = await redis(settingsIn(path, { redisUrl: "redis://127.0.0.1:1" }));
    expect(away).toMatchObject({ name: "redis", verdict: "note" });
    expect(away.text).toMatch(
      /^REDIS_URL: no Redis answers at 127\.0\.0\.1:1 .*start Redis there.* in the desk's own process\.$/,
    );
  });

  test("the database: none yet, whole, doctored, and one that can't be opened", async () => {
    const path = folderOf();
    const settings = settingsIn(path, { desk: { dataDir: "." } });
    const plain = (text: string): string => text;
    expect(await database(settings, plain, false)).toEqual([
      {
        name: "database",
        verdict: "ok",
        text: `${join(path, "perpdesk.db")} will be made at the first start.`,
      },
    ]);
    const opened = await openStore({ file: join(path, "perpdesk.db") });
    if (!opened.ok) throw new Error(opened.problem);
    await opened.store.close();
    expect(await database(settings, plain, false)).toEqual([
      { name: "database", verdict: "ok", text: `${join(path, "perpdesk.db")} opens.` },
      { name: "ledger", verdict: "ok", text: "its chain is whole." },
    ]);
    const other = folderOf();
    writeFileSync(join(other, "perpdesk.db"), "no database at all, but long enough to be looked at twice");
    const [broken] = await database(settingsIn(other, { desk: { dataDir: "." } }), plain, false);
    expect(broken).toMatchObject({ name: "database", verdict: "mend" });
  });

  test("whether live was confirmed with these very limits", async () => {
    const path = folderOf();
    const settings = settingsIn(path, { mode: "live", desk: { dataDir: "." }, engines: [grid("BTCUSDT")] });
    const plain = (text: string): string => text;
    const told = async (canAsk: boolean) =>
      (await database(settings, plain, canAsk)).find(({ name }) => name === "confirmation");
    expect(await told(true)).toEqual({
      name: "confirmation",
      verdict: "note",
      text: 'live mode is not confirmed with this key and these limits: a start at this terminal asks for it, any other needs "perpdesk confirm" first.',
    });
    expect(await told(false)).toEqual({
      name: "confirmation",
      verdict: "mend",
      text: 'live mode is not confirmed with this key and these limits, and a start without a terminal is refused: run "perpdesk confirm" at one.',
    });
    const opened = await openStore({ file: join(path, "perpdesk.db") });
    if (!opened.ok) throw new Error(opened.problem);
    await confirmLive(settings, opened.store.ledger, async () => confirmationSentence(settings));
    await opened.store.close();
    expect(await told(false)).toEqual({
      name: "confirmation",
      verdict: "ok",
      text: "live mode was confirmed with this key and these limits.",
    });
  });
});

const verdicts = (found: readonly { readonly name: string; readonly verdict: string }[]) =>
  found.map(({ name, verdict }) => `${name} ${verdict}`);

describe("doctor looks at the exchange", () => {
  test("all well in sim and, with a good key, in live", async () => {
    for (const mode of ["sim", "live"]) {
      const { look } = await ofExchange({ mode });
      const found = await look();
      expect(verdicts(found)).toEqual([
        "clock ok",
        "keys ok",
        "exchange ok",
        "settings note",
        "settings note",
        "account ok",
      ]);
      expect(found.flatMap(({ verdict, text }) => (verdict === "note" ? [text] : []))).toEqual([
        "grid: a take profit of 0.50% against a stop of 2.00% needs 80.0% of the rungs to win before fees, 81.8% after.",
        expect.stringMatching(/^grid: its stop at 2\.00% closes a rung before it can be stuck/),
      ]);
    }
  });

  test("a clock that is off, a key that may withdraw, and a grid that does not fit", async () => {
    const key = { ...KEY, permissions: { withdrawals: true } };
    const engines = [grid("BTCUSDT", { quantity: "0.0004" })];
    const { served, look } = await ofExchange({ mode: "live", engines }, { keys: [key] });
    served.wall.ahead = 600;
    const found = await look();
    expect(found.map(({ name, verdict, text }) => `${name} ${verdict}: ${text}`)).toEqual([
      expect.stringMatching(
        /^clock note: this machine's clock and the exchange's differ by \d+ ms: keep it set/,
      ),
      "keys mend: the key may withdraw: take that right from it, or make a key without it.",
      'exchange mend: engine "grid": quantity is 0.0004: write a multiple of 0.001, the step of BTCUSDT.',
      "account ok: it can be read, with its history, and is in one-way mode.",
    ]);
    served.wall.ahead = 5_000;
    expect((await look())[0]).toMatchObject({ name: "clock", verdict: "mend" });
  });

  test("a key that the exchange does not know, a symbol that it does not trade, and silence", async () => {
    const strangers = await ofExchange({ mode: "demo" }, { keys: [] });
    const found = await strangers.look();
    expect(verdicts(found)).toEqual(["clock ok", "keys note", "exchange mend"]);
    expect(found.at(-1)?.text).toMatch(/^binanceusdm can't be read \(-2015\): check the network/);
    const unknown = await ofExchange({ engines: [grid("DOGEUSDT")] });
    expect((await unknown.look()).at(-1)?.text).toBe(
      'symbol "DOGEUSDT" is not traded on binanceusdm; look at its list of symbols.',
    );
    const silent = await ofExchange({});
    silent.served.server.silence("market", true);
    expect((await silent.look(hasty)).at(-1)?.text).toBe(
      "no price of BTCUSDT came in 15 s: check that WebSockets may leave this machine.",
    );
  });
});

test("a check that breaks is something to mend, a line for each mistake", async () => {
  const broken = await checked("thing", () => Promise.reject(new StartError("one.\ntwo.")));
  expect(broken).toEqual([
    { name: "thing", verdict: "mend", text: "one." },
    { name: "thing", verdict: "mend", text: "two." },
  ]);
});
