// biome-ignore-all lint/suspicious/noTemplateCurlyInString: settings refer to variables in this way
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, test, vi } from "vitest";
import { loadSettings } from "../../src/settings/load.ts";
import { readSecretSource } from "../../src/settings/secret-source.ts";
import { machine } from "./machine.ts";

const FILE = "mode: demo\nsecrets: { provider: file, file: secrets.env }\n";
const AWS =
  "mode: demo\nsecrets: { provider: aws-secrets-manager, id: perpdesk/demo, region: eu-central-1 }\n";
const KEYS = { BINANCE_FUTURES_API_KEY: "key-marker", BINANCE_FUTURES_API_SECRET: "secret-marker" };
const LINES = "BINANCE_FUTURES_API_KEY=key-marker\nBINANCE_FUTURES_API_SECRET='secret-marker'\n";

afterEach(() => vi.unstubAllEnvs());

describe("secrets come from where the settings say", () => {
  test("env: nothing but the environment and .env, also when nothing is said", async () => {
    for (const text of ["mode: sim\n", "secrets: { provider: env }\n", "not: [valid"]) {
      expect(await readSecretSource(machine({ "my.yaml": text }))).toEqual({ ok: true, provided: {} });
    }
  });

  test("file: NAME=value lines of a file that only its owner may read, and known as secrets", async () => {
    const options = machine({ "my.yaml": FILE, "secrets.env": LINES });
    const source = await readSecretSource(options);
    expect(source).toEqual({ ok: true, provided: KEYS });
    const loaded = loadSettings({ ...options, provided: source.ok ? source.provided : {} });
    expect(loaded).toMatchObject({
      ok: true,
      settings: { keys: { apiKey: "key-marker", secret: "secret-marker" } },
      secrets: ["key-marker", "secret-marker"],
    });
  });

  test.each([
    [
      { "my.yaml": FILE },
      0o100600,
      "my.yaml:2: secrets.file secrets.env can't be read (ENOENT): check the path.",
    ],
    [
      { "my.yaml": FILE, "secrets.env": LINES },
      0o100640,
      "my.yaml:2: secrets.file secrets.env can be read by other users: run chmod 600 secrets.env.",
    ],
    [
      { "my.yaml": "secrets: { provider: file }\n" },
      0o100600,
      "my.yaml:1: secrets.file is missing: name the file that holds the secrets.",
    ],
    [
      { "my.yaml": "secrets: { provider: aws-secrets-manager }\n" },
      0o100600,
      "my.yaml:1: secrets.id is missing: name the secret.",
    ],
    [
      { "my.yaml": "secrets: { provider: aws-secrets-manager, id: x }\n" },
      0o100600,
      "my.yaml:1: secrets.region is missing: write it like eu-central-1.",
    ],
  ])("case %# is refused in one sentence", async (files, mode, sentence) => {
    const options = machine(files as never, { fileMode: () => mode });
    expect(await readSecretSource(options)).toEqual({ ok: false, problems: [sentence] });
  });

  test("a name that two places give different values is refused, the same value is not", async () => {
    const options = machine(
      { "my.yaml": FILE, "secrets.env": LINES },
      { env: { BINANCE_FUTURES_API_KEY: "other-marker" } },
    );
    const source = await readSecretSource(options);
    const provided = source.ok ? source.provided : {};
    expect(loadSettings({ ...options, provided })).toEqual({
      ok: false,
      problems: [
        "BINANCE_FUTURES_API_KEY is set in the environment and, differently, by the secrets provider: remove one.",
      ],
    });
    expect(loadSettings({ ...options, env: KEYS, provided }).ok).toBe(true);
  });

  test("what compose hands on empty, or .env.example left empty, contradicts nothing", () => {
    const empty = {
      BINANCE_FUTURES_API_KEY: "",
      BINANCE_FUTURES_API_SECRET: "",
      BINANCE_FUTURES_TESTNET: "",
    };
    const lines = Object.keys(empty).map((name) => `${name}=`);
    const files = { "my.yaml": FILE, ".env": `${lines.join("\n")}\n` };
    for (const env of [empty, {}]) {
      const loaded = loadSettings({ ...machine(files, { env }), provided: KEYS });
      expect(loaded).toMatchObject({ ok: true, settings: { keys: { apiKey: "key-marker" } } });
    }
    // Neither does a name that the provider knows without a value.
    const provided = { ...KEYS, REDIS_URL: "" };
    const env = { REDIS_URL: "redis://127.0.0.1:6379" };
    expect(loadSettings({ ...machine({ "my.yaml": FILE }, { env }), provided })).toMatchObject({
      ok: true,
      settings: { redisUrl: "redis://127.0.0.1:6379" },
    });
  });
});

describe("AWS Secrets Manager, over its own client and a local endpoint", () => {
  /** An endpoint that answers as AWS does, and what it was asked. */
  async function endpoint(status: number, body: object) {
    const asked: { target: string; body: string }[] = [];
    const server = createServer((request, response) => {
      let text = "";
      request.on("data", (part) => {
        text += part;
      });
      request.on("end", () => {
        asked.push({ target: String(request.headers["x-amz-target"]), body: text });
        response.writeHead(status, { "content-type": "application/x-amz-json-1.1" });
        response.end(JSON.stringify(body));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    vi.stubEnv("AWS_ENDPOINT_URL", `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    vi.stubEnv("AWS_ACCESS_KEY_ID", "test");
    vi.stubEnv("AWS_SECRET_ACCESS_KEY", "test");
    return { asked, close: () => new Promise((resolve) => server.close(resolve)) };
  }

  test("a JSON secret becomes variables", async () => {
    const aws = await endpoint(200, { Name: "perpdesk/demo", SecretString: JSON.stringify(KEYS) });
    expect(await readSecretSource(machine({ "my.yaml": AWS }))).toEqual({ ok: true, provided: KEYS });
    expect(aws.asked).toEqual([
      { target: "secretsmanager.GetSecretValue", body: JSON.stringify({ SecretId: "perpdesk/demo" }) },
    ]);
    await aws.close();
  });

  test.each([
    [
      400,
      { __type: "ResourceNotFoundException", Message: "Secrets Manager can't find the specified secret." },
      'my.yaml:2: the secret "perpdesk/demo" in eu-central-1 can\'t be read (ResourceNotFoundException): check its name and the rights of this machine.',
    ],
    [
      200,
      { SecretString: "hunter2marker" },
      'my.yaml:2: the secret "perpdesk/demo" must be a JSON map of names and texts, e.g. {"BINANCE_FUTURES_API_KEY": "..."}.',
    ],
    [
      200,
      { SecretString: '{"A": {"b": "hunter2marker"}}' },
      'my.yaml:2: the secret "perpdesk/demo" must be a JSON map of names and texts, e.g. {"BINANCE_FUTURES_API_KEY": "..."}.',
    ],
  ])("answer %d is one sentence without the secret", async (status, body, sentence) => {
    const aws = await endpoint(status, body);
    expect(await readSecretSource(machine({ "my.yaml": AWS }))).toEqual({ ok: false, problems: [sentence] });
    await aws.close();
  });

  test("a request that somebody in between would see never leaves", async () => {
    const asked: string[] = [];
    const ask = (env: Readonly<Record<string, string>>, text = AWS) =>
      readSecretSource(machine({ "my.yaml": text }, { env }), async (id) => {
        asked.push(id);
        return "{}";
      });
    const led = { AWS_ENDPOINT_URL_SECRETS_MANAGER: "http://evil", NODE_EXTRA_CA_CERTS: "ca.pem" };
    const problems = [
      "AWS_ENDPOINT_URL_SECRETS_MANAGER is set: demo mode asks the real secrets manager only, unset it.",
      "NODE_EXTRA_CA_CERTS is set: demo mode trusts no certificate authorities of one's own, unset it.",
    ];
    expect(await ask(led)).toEqual({ ok: false, problems });
    const byVariable = AWS.replace("mode: demo", 'mode: "${MODE:-demo}"');
    expect(await ask(led, byVariable)).toEqual({ ok: false, problems });
    // Which mode it is can't be told: loadSettings says so, and nothing is asked before.
    expect(await ask(led, AWS.replace("mode: demo", "mode: dream"))).toEqual({ ok: true, provided: {} });
    expect(asked).toEqual([]);
    // A rehearsal has no real hosts, and without a redirection it is asked.
    expect(await ask(led, AWS.replace("mode: demo", "mode: sim"))).toEqual({ ok: true, provided: {} });
    expect(await ask({})).toEqual({ ok: true, provided: {} });
    expect(asked).toEqual(["perpdesk/demo", "perpdesk/demo"]);
  });

  test("in demo and live nobody leads it to another host", () => {
    const options = machine(
      { "my.yaml": "mode: demo" },
      { env: { ...KEYS, AWS_ENDPOINT_URL: "http://evil" } },
    );
    expect(loadSettings(options)).toEqual({
      ok: false,
      problems: ["AWS_ENDPOINT_URL is set: demo mode asks the real secrets manager only, unset it."],
    });
  });
});
