import { createLog } from "../observe/log.ts";
import { createRedactor } from "../observe/redactor.ts";
import type { Mode } from "../settings/settings.ts";
import { readArguments } from "./arguments.ts";
import { authenticators } from "./doctor/authenticators.ts";
import { chats } from "./doctor/chats.ts";
import { exchangeFindings } from "./doctor/exchange.ts";
import { about, checked, type Finding } from "./doctor/finding.ts";
import { dataFolder, envFile, nodeVersion } from "./doctor/machine.ts";
import { readPast } from "./doctor/past.ts";
import { type ProbeAnswers, probeExchange } from "./doctor/probe.ts";
import { database, redis } from "./doctor/services.ts";
import { openGateway } from "./open-gateway.ts";
import { personAtTerminal } from "./person.ts";
import { readSettings } from "./read-settings.ts";
import { simKeys } from "./sim-keys.ts";
import { StartError } from "./start-error.ts";
import { systemClock } from "./system-clock.ts";

/** Looks at everything that a start needs; exit code 0 when nothing must be mended. */
export async function doctor(args: readonly string[]): Promise<number> {
  const { values } = readArguments(
    args,
    {
      config: { type: "string" },
      mode: { type: "string" },
      probe: { type: "boolean" },
      json: { type: "boolean" },
    },
    0,
  );
  const options = { config: values.config, mode: values.mode, isProbe: values.probe === true };
  const { findings, probe } = await examine(options);
  const isWell = findings.every(({ verdict }) => verdict !== "mend");
  const document = { isWell, findings, ...(probe === undefined ? {} : { probe }) };
  process.stdout.write(values.json === true ? `${JSON.stringify(document)}\n` : asText(findings, isWell));
  return isWell ? 0 : 1;
}

interface Examined {
  readonly findings: readonly Finding[];
  readonly probe: ProbeAnswers | undefined;
}

async function examine(asked: {
  readonly config: string | undefined;
  readonly mode: string | undefined;
  readonly isProbe: boolean;
}): Promise<Examined> {
  const machine = (mode: Mode | undefined) => [nodeVersion(), envFile(process.cwd(), mode)];
  let loaded: Awaited<ReturnType<typeof readSettings>>;
  try {
    loaded = await readSettings({
      configFile: asked.config,
      env: process.env,
      cwd: process.cwd(),
      overrides: { mode: asked.mode },
    });
  } catch (error) {
    if (!(error instanceof StartError)) throw error;
    const problems = error.message.split("\n").map((line) => about("settings").mend(line));
    return { findings: [...machine(undefined), ...problems], probe: undefined };
  }
  const { settings, notes, secrets } = loaded;
  if (asked.isProbe && settings.mode !== "sim" && settings.mode !== "demo")
    throw new StartError(
      `--probe sends orders to try the exchange out: mode ${settings.mode} is refused, use sim or demo.`,
    );
  const keys = simKeys(process.env);
  const redactor = createRedactor([...secrets, ...keys.secrets]);
  const redact = (text: string): string => redactor.text(text);
  const quiet = createLog({ level: "error", redactor, screen: null });
  const found = await Promise.all([
    settingsFindings(settings, notes),
    checked("data folder", () => dataFolder(settings)),
    checked("redis", async () => [await redis(settings)]),
    checked("database", () => database(settings, redact, personAtTerminal() !== undefined)),
    checked("authenticators", () => authenticators(settings)),
    chats(settings),
  ]);
  let probe: ProbeAnswers | undefined;
  const parts = { settings, clock: systemClock, log: quiet, simKeys: keys.keys, target: undefined };
  const ofExchange = await checked("exchange", async () => {
    const exchange = await openGateway(parts);
    try {
      const past = await readPast(settings, exchange.gateway.venue, redact);
      const seen = await exchangeFindings(settings, exchange, systemClock, past);
      if (asked.isProbe) probe = await probeExchange(parts, exchange);
      return seen;
    } finally {
      await exchange.close();
    }
  });
  quiet.close();
  const probed = probe?.findings ?? [];
  return { findings: [...machine(settings.mode), ...found.flat(), ...ofExchange, ...probed], probe };
}

const SOURCES = {
  env: "the environment and .env",
  file: "a file of their own",
  "aws-secrets-manager": "AWS Secrets Manager",
} as const;

function settingsFindings(
  settings: Awaited<ReturnType<typeof readSettings>>["settings"],
  notes: readonly string[],
): readonly Finding[] {
  const { mode, exchange, engines, secretsFrom } = settings;
  const { ok, note } = about("settings");
  return [
    ok(`mode ${mode}, ${exchange}, ${engines.length} engine(s).`),
    ...notes.map((text) => note(text)),
    about("secrets").ok(`they come from ${SOURCES[secretsFrom]}.`),
  ];
}

function asText(findings: readonly Finding[], isWell: boolean): string {
  const width = Math.max(...findings.map(({ name }) => name.length));
  const lines = findings.map(
    ({ name, verdict, text }) => `${verdict.padEnd(4)}  ${name.padEnd(width)}  ${text}`,
  );
  const count = findings.filter(({ verdict }) => verdict === "mend").length;
  lines.push(isWell ? "Nothing must be mended." : `${count} thing(s) to mend before a start.`);
  return `${lines.join("\n")}\n`;
}
