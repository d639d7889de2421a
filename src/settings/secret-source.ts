import { readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseEnv } from "node:util";
import { type Environment, expand, withEnvFile } from "./environment.ts";
import { redirections } from "./keys.ts";
import { layer } from "./layers.ts";
import { type LoadOptions, readSources } from "./load.ts";
import { isMap, type Tree } from "./path.ts";
import { secretsSchema } from "./schema.ts";
import type { Mode } from "./settings.ts";

/** Variables from where secrets are kept, or one sentence on why they can't be had; it holds no secret. */
export type ProvidedSecrets =
  | { readonly ok: true; readonly provided: Environment }
  | { readonly ok: false; readonly problems: readonly string[] };

/** How a secret of AWS Secrets Manager is read; tests lead it to a local endpoint. */
type ReadAws = (id: string, region: string) => Promise<string>;

const NONE: ProvidedSecrets = { ok: true, provided: {} };
const MODES: readonly Mode[] = ["sim", "paper", "demo", "live"];

/**
 * Reads the variables of the chosen secret source (S0-44): `env` gives none of its own, `file` a file of NAME=value
 * lines that only its owner may read, `aws-secrets-manager` a secret whose text is a JSON map. Mistakes in other
 * settings are left to `loadSettings`, which tells them all.
 */
export async function readSecretSource(
  options: LoadOptions,
  readAws: ReadAws = awsSecret,
): Promise<ProvidedSecrets> {
  const readFile = options.readFile ?? ((path: string) => readFileSync(path, "utf8"));
  const { sources } = readSources(options, readFile);
  const env = withEnvFile(
    options.env,
    optionalText(() => readFile(join(options.cwd, ".env"))),
  );
  const layers = layer(sources);
  const section = layers.tree["secrets"];
  const parsed = secretsSchema.safeParse(isMap(section) ? expand(section, env).tree : undefined);
  if (!parsed.success) return NONE;
  const { provider, file, id, region } = parsed.data;
  const told = (text: string): ProvidedSecrets => ({
    ok: false,
    problems: [`${layers.place(["secrets"])}: ${text}`],
  });
  if (provider === "env") return NONE;
  if (provider === "file") {
    if (file === undefined) return told("secrets.file is missing: name the file that holds the secrets.");
    return fromFile(file, options, readFile, told);
  }
  // An address of somebody in between must not see the signed request either: this comes before anything is asked.
  const { mode } = expand({ mode: layers.tree["mode"] }, env).tree as Tree;
  const known = MODES.find((each) => each === mode);
  if (known === undefined) return NONE;
  const led = redirections(env, known);
  if (led.length > 0) return { ok: false, problems: led };
  const where = region ?? env["AWS_REGION"] ?? env["AWS_DEFAULT_REGION"];
  if (id === undefined) return told("secrets.id is missing: name the secret.");
  if (where === undefined) return told("secrets.region is missing: write it like eu-central-1.");
  try {
    return fromJson(await readAws(id, where), id, told);
  } catch (error) {
    const name = error instanceof Error ? error.name : "unknown error";
    return told(
      `the secret "${id}" in ${where} can't be read (${name}): check its name and the rights of this machine.`,
    );
  }
}

function fromFile(
  file: string,
  options: LoadOptions,
  readFile: (path: string) => string,
  told: (text: string) => ProvidedSecrets,
): ProvidedSecrets {
  const path = resolve(options.cwd, file);
  const fileMode = options.fileMode ?? ((one: string) => statSync(one).mode);
  try {
    const isOpen = process.platform !== "win32" && (fileMode(path) & 0o077) !== 0;
    if (isOpen) return told(`secrets.file ${file} can be read by other users: run chmod 600 ${file}.`);
    return { ok: true, provided: named(parseEnv(readFile(path))) };
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "unknown error";
    return told(`secrets.file ${file} can't be read (${code}): check the path.`);
  }
}

function fromJson(text: string, id: string, told: (text: string) => ProvidedSecrets): ProvidedSecrets {
  const wrong = `the secret "${id}" must be a JSON map of names and texts, e.g. {"BINANCE_FUTURES_API_KEY": "..."}.`;
  let tree: unknown;
  try {
    tree = JSON.parse(text);
  } catch {
    return told(wrong);
  }
  if (!isMap(tree) || !Object.values(tree).every((value) => typeof value === "string")) return told(wrong);
  return { ok: true, provided: named(tree) };
}

/** Only what could be a variable's name. */
const named = (tree: Tree): Environment =>
  Object.fromEntries(
    Object.entries(tree).flatMap(([name, value]) =>
      /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) && name !== "__proto__" && typeof value === "string"
        ? [[name, value]]
        : [],
    ),
  );

function optionalText(read: () => string): string | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

/** The package is loaded only when it is chosen: it is large. Credentials and endpoint are AWS's own business. */
async function awsSecret(id: string, region: string): Promise<string> {
  const { GetSecretValueCommand, SecretsManagerClient } = await import("@aws-sdk/client-secrets-manager");
  const client = new SecretsManagerClient({ region, maxAttempts: 2 });
  try {
    const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: id }));
    return SecretString ?? "";
  } finally {
    client.destroy();
  }
}
