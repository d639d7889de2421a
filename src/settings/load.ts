import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { contradictions } from "./contradictions.ts";
import { type Environment, expand, withEnvFile } from "./environment.ts";
import { type KeysReading, readKeys, redirections } from "./keys.ts";
import { type Layers, layer } from "./layers.ts";
import { isWithin, type Path, type Tree } from "./path.ts";
import { sentences } from "./problems.ts";
import { type Parsed, schema } from "./schema.ts";
import { literalSecrets, secretsOf } from "./secrets.ts";
import type { Settings } from "./settings.ts";
import { parseYaml, type Source } from "./yaml-source.ts";

/** What the command line may say about single settings; stronger than any file. */
interface Overrides {
  readonly mode?: string | undefined;
  readonly market?: string | undefined;
  readonly speed?: string | number | undefined;
}

/** Where settings come from. */
export interface LoadOptions {
  /** A file that is laid over the shipped defaults; relative to `cwd`. */
  readonly configFile?: string | undefined;
  readonly env: Environment;
  readonly cwd: string;
  readonly overrides?: Overrides | undefined;
  /** The shipped defaults; the package's config/default.yaml when not named. */
  readonly defaultFile?: string | undefined;
  /** Reads a text file or throws as node does. */
  readonly readFile?: ((path: string) => string) | undefined;
  /** Variables that a secret source gave (`readSecretSource`); what is set for real must not contradict them. */
  readonly provided?: Environment | undefined;
  /** For who never trades: the exchange's keys are not read, nor missed. */
  readonly withoutKeys?: boolean | undefined;
  /** Permission bits of a file. */
  readonly fileMode?: ((path: string) => number) | undefined;
}

/** Settings that can be trusted, or every mistake that was found, one sentence each, none with a secret in it. */
export type LoadedSettings =
  | {
      readonly ok: true;
      readonly settings: Settings;
      /** What files and command line say together, before variables are filled in: secrets are names in it. */
      readonly written: Tree;
      readonly notes: readonly string[];
      /** Every secret value there is, for redaction. */
      readonly secrets: readonly string[];
    }
  | { readonly ok: false; readonly problems: readonly string[] };

/** Reads defaults, file, `.env`, environment and command line into frozen settings. Never throws for what a person wrote. */
export function loadSettings(options: LoadOptions): LoadedSettings {
  const readFile = options.readFile ?? ((path: string) => readFileSync(path, "utf8"));
  const envFile = readEnv(join(options.cwd, ".env"), readFile);
  const env = { ...options.provided, ...withEnvFile(options.env, envFile.text) };
  const read = readSources(options, readFile);
  const problems = [...envFile.problems, ...read.problems, ...contradicted(env, options.provided ?? {})];
  if (problems.length > 0) return refused(problems, { ...env, ...options.provided });

  const layers = layer(read.sources);
  const { data, mistakes: found } = parsedOf(layers, env);
  if (data === undefined || found.length > 0)
    return refused(
      found.map(({ text }) => text),
      env,
    );

  const keys = options.withoutKeys === true ? NO_KEYS : readKeys(env, data.mode, data.exchange);
  const settings = frozen(settingsOf(data, keys, options.cwd));
  const exposed = envFile.text === undefined ? undefined : exposure(options);
  const isReal = settings.mode === "demo" || settings.mode === "live";
  const mistakes = [
    ...contradictions(settings).map(({ path, text }) => `${layers.place(path)}: ${text}`),
    ...keys.problems,
    ...redirections(env, settings.mode),
    ...(exposed !== undefined && isReal ? [exposed] : []),
  ];
  if (mistakes.length > 0) return refused(mistakes, env);
  const notes = [...keys.notes, ...(exposed === undefined ? [] : [exposed])];
  return { ok: true, settings, written: layers.tree, notes, secrets: secretsOf(settings, env) };
}

const NO_KEYS: KeysReading = { keys: undefined, isTestnet: false, problems: [], notes: [] };

/** What stands wrong in a settings tree: where, and one sentence that begins with the file and line. */
interface Mistake {
  readonly path: Path;
  readonly text: string;
}

/** What layers hold by the schema; undefined when they can't be read at all. */
function parsedOf(
  layers: Layers,
  env: Environment,
): { readonly data: Parsed | undefined; readonly mistakes: readonly Mistake[] } {
  const literals = literalSecrets(layers.tree);
  const expanded = expand(layers.tree, env);
  const earlier = [...literals, ...expanded.problems];
  const parsed = schema.safeParse(expanded.tree);
  const issues = parsed.success ? [] : sentences(parsed.error.issues, layers, layers.tree, schema);
  const mistakes = [
    ...earlier.map(({ path, text }) => ({ path, text: `${layers.place(path)}: ${text}` })),
    ...issues.filter(({ path }) => !earlier.some((one) => isWithin(path, one.path))),
  ];
  if (!parsed.success) return { data: undefined, mistakes };
  const speed = parsed.data.mode === "sim" || layers.isChosen(["speed"]) ? parsed.data.speed : 1;
  return { data: { ...parsed.data, speed }, mistakes };
}

/** What layers of settings come to without keys and variables, and every mistake in them, contradictions included. */
export function settledOf(
  layers: Layers,
  cwd: string,
): { readonly settings: Settings | undefined; readonly mistakes: readonly Mistake[] } {
  const { data, mistakes } = parsedOf(layers, {});
  if (data === undefined || mistakes.length > 0) return { settings: undefined, mistakes };
  const settings = settingsOf(data, NO_KEYS, cwd);
  const found = contradictions(settings).map(({ path, text }) => ({
    path,
    text: `${layers.place(path)}: ${text}`,
  }));
  return { settings, mistakes: found };
}

/** A name with two values: nobody could say which one counts. */
function contradicted(env: Environment, provided: Environment): readonly string[] {
  return Object.entries(provided)
    .filter(([name, value]) => value !== "" && env[name] !== value)
    .map(
      ([name]) => `${name} is set in the environment and, differently, by the secrets provider: remove one.`,
    );
}

function refused(problems: readonly string[], env: Environment): LoadedSettings {
  const secrets = secretsOf(undefined, env);
  const clean = problems.map((problem) =>
    secrets.reduce((text, secret) => text.replaceAll(secret, "[redacted]"), problem),
  );
  return { ok: false, problems: [...new Set(clean)] };
}

interface ReadText {
  readonly text: string | undefined;
  readonly problems: readonly string[];
}

function readEnv(path: string, readFile: (path: string) => string): ReadText {
  try {
    return { text: readFile(path), problems: [] };
  } catch (error) {
    const code = codeOf(error);
    if (code === "ENOENT") return { text: undefined, problems: [] };
    return {
      text: undefined,
      problems: [`.env can't be read (${code}): make it a readable file or remove it.`],
    };
  }
}

/** The shipped defaults, the file over them, the command line over both, and what could not be read. */
export function readSources(options: LoadOptions, readFile: (path: string) => string) {
  const sources: Source[] = [];
  const problems: string[] = [];
  const shipped = options.defaultFile ?? join(packageFolder(), "config", "default.yaml");
  const files = [
    shipped,
    ...(options.configFile === undefined ? [] : [resolve(options.cwd, options.configFile)]),
  ];
  for (const path of files) {
    const name = path === shipped ? "config/default.yaml" : (options.configFile ?? path);
    let text: string;
    try {
      text = readFile(path);
    } catch (error) {
      const code = codeOf(error);
      const why = code === "ENOENT" ? "does not exist" : `can't be read (${code})`;
      problems.push(
        `the settings file ${name} ${why}: check the path (it was looked for from ${options.cwd}).`,
      );
      continue;
    }
    const parsed = parseYaml(name, text);
    if (parsed.ok) sources.push(parsed.source);
    else problems.push(...parsed.problems);
  }
  sources.push(...commandLine(options.overrides ?? {}));
  return { sources, problems };
}

function commandLine(overrides: Overrides): readonly Source[] {
  const tree: Tree = Object.fromEntries(Object.entries(overrides).filter(([, value]) => value !== undefined));
  const place = (path: Path): string => (path.length === 0 ? "command line" : `--${String(path[0])}`);
  return Object.keys(tree).length === 0 ? [] : [{ name: "command line", tree, place }];
}

/** A sentence when others may read `.env`. */
function exposure(options: LoadOptions): string | undefined {
  const path = join(options.cwd, ".env");
  const fileMode = options.fileMode ?? ((file: string) => statSync(file).mode);
  const bits = process.platform === "win32" ? 0 : fileMode(path) & 0o077;
  const where = relative(options.cwd, path);
  return bits === 0
    ? undefined
    : `${where} can be read by other users of this machine: run chmod 600 ${where}.`;
}

function settingsOf(parsed: Parsed, { keys, isTestnet }: KeysReading, cwd: string): Settings {
  const { desk, risk, proposals, log, health, market, chat, live } = parsed;
  return {
    mode: parsed.mode,
    exchange: parsed.exchange,
    carrier: parsed.carrier,
    account: parsed.account,
    market: market.startsWith("synthetic:") ? market : resolve(cwd, market),
    speed: parsed.speed,
    desk: { ...desk, dataDir: resolve(cwd, desk.dataDir) },
    risk: {
      leverageMax: risk.leverageMax,
      grossLeverageMax: risk.grossLeverageMax,
      liquidationBuffer: risk.liquidationBufferPercent,
      lastStop: risk.lastStop,
      cancelAfterSeconds: risk.cancelAfterSeconds,
      stopsSurviveCancelAfter: risk.stopsSurviveCancelAfter,
    },
    engines: parsed.engines,
    proposals: {
      expiresMs: proposals.expiresSeconds * 1_000,
      recoveryExpiresMs: proposals.recoveryExpiresSeconds * 1_000,
      closeNotionalMax: proposals.closeNotionalMax,
      closeLossMax: proposals.closeLossMax,
      panicUndoMs: proposals.panicUndoSeconds * 1_000,
      drift: proposals.driftBps,
      maxDataAgeMs: proposals.maxDataAgeSeconds * 1_000,
    },
    chat: { ...chat, quietHours: chat.quietHours, telegram: chat.telegram, discord: chat.discord },
    secretsFrom: parsed.secrets.provider,
    keys,
    isTestnet,
    live: {
      startWith: live.startWith,
      keyWithoutIpLimit: live.keyWithoutIpLimit,
      gridWithoutStops: live.gridWithoutStops,
    },
    redisUrl: parsed.redisUrl,
    databaseUrl: parsed.databaseUrl,
    log: { file: resolve(cwd, log.file), level: log.level },
    health: {
      everyMs: health.everySeconds * 1_000,
      heartbeatMs: health.heartbeatMinutes * 60_000,
      watchdogMs: health.watchdogSeconds * 1_000,
    },
  };
}

function frozen<T>(node: T): T {
  if (typeof node === "object" && node !== null && !Object.isFrozen(node)) {
    Object.freeze(node);
    for (const part of Object.values(node)) frozen(part);
  }
  return node;
}

/** The folder with package.json, above both src/ and dist/src/. */
function packageFolder(): string {
  let folder = import.meta.dirname;
  while (!existsSync(join(folder, "package.json")) && dirname(folder) !== folder) folder = dirname(folder);
  return folder;
}

const codeOf = (error: unknown): string =>
  typeof error === "object" && error !== null && "code" in error ? String(error.code) : "unknown error";
