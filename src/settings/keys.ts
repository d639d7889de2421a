import type { Environment } from "./environment.ts";
import type { ExchangeId, ExchangeKeys, Mode } from "./settings.ts";

/** The exchange keys of the environment (S3-126 to S3-128), or what is wrong with them. */
export interface KeysReading {
  readonly keys: ExchangeKeys | undefined;
  /** The variable that says demo is true: keys of the exchange's testnet where it has demo trading beside one. */
  readonly isTestnet: boolean;
  readonly problems: readonly string[];
  readonly notes: readonly string[];
}

/** How an exchange's variables are called. `demo` says whether these are keys of its demo trading or testnet. */
interface Names {
  readonly apiKey: string;
  readonly secret: string;
  readonly password?: string;
  readonly demo: string;
}

const BINANCE: Names = {
  apiKey: "BINANCE_FUTURES_API_KEY",
  secret: "BINANCE_FUTURES_API_SECRET",
  demo: "BINANCE_FUTURES_TESTNET",
};

/** The variables of each exchange. */
const KEY_NAMES: Readonly<Record<ExchangeId, Names>> = {
  binanceusdm: BINANCE,
  binancecoinm: BINANCE,
  bybit: { apiKey: "BYBIT_API_KEY", secret: "BYBIT_API_SECRET", demo: "BYBIT_TESTNET" },
  okx: {
    apiKey: "OKX_API_KEY",
    secret: "OKX_API_SECRET",
    password: "OKX_API_PASSPHRASE",
    demo: "OKX_DEMO",
  },
};

/** Which variables of `.env` an exchange's keys stand in. */
export function keyVariables(exchange: ExchangeId): readonly string[] {
  const { apiKey, secret, password } = KEY_NAMES[exchange];
  return password === undefined ? [apiKey, secret] : [apiKey, secret, password];
}

/**
 * Reads an exchange's keys for a mode. Sim and paper load none. The variable that says demo (`_TESTNET=true`) must
 * agree with the mode; saying `false` never makes anything live by itself.
 */
export function readKeys(env: Environment, mode: Mode, exchange: ExchangeId): KeysReading {
  const names = KEY_NAMES[exchange];
  const wanted = keyVariables(exchange);
  const [apiKey, secret, password] = wanted.map((name) => env[name] || undefined);
  const testnet = env[names.demo] || undefined;
  const isTestnet = testnet === "true";
  const problems: string[] = [];
  if (testnet !== undefined && testnet !== "true" && testnet !== "false") {
    problems.push(`${names.demo} is ${JSON.stringify(testnet.slice(0, 20))}: write true or false.`);
  }
  if (mode === "sim" || mode === "paper") {
    const notes =
      apiKey === undefined && secret === undefined
        ? []
        : [`${names.apiKey} is set, but ${mode} mode uses no keys; it trades with mode: demo or live only.`];
    return { keys: undefined, isTestnet, problems, notes };
  }
  if (mode === "live" && testnet === "true") {
    problems.push(
      `mode is live, but ${names.demo}=true says the keys are for demo: set mode: demo, or false.`,
    );
  }
  if (mode === "demo" && testnet === "false") {
    problems.push(
      `mode is demo, but ${names.demo}=false says the keys are for real: use demo keys and true.`,
    );
  }
  const missing = wanted.find((name) => !env[name]);
  if (missing !== undefined || apiKey === undefined || secret === undefined) {
    problems.push(`mode ${mode} needs ${missing}, which is not set: add the line ${missing}=... to .env.`);
    return { keys: undefined, isTestnet, problems, notes: [] };
  }
  const keys = { apiKey, secret, ...(password === undefined ? {} : { password }) };
  return { keys, isTestnet, problems, notes: [] };
}

/** Variables that would let somebody in between listen or answer. */
const REDIRECTIONS = ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"];

/** What of the environment could lead the desk to another host (DESIGN.md section 7); sim has no real hosts. */
export function redirections(env: Environment, mode: Mode): readonly string[] {
  if (mode === "sim") return [];
  const problems = REDIRECTIONS.filter((name) => env[name]).map(
    (name) => `${name} is set: ${mode} mode speaks to the exchange without a proxy, unset it.`,
  );
  for (const name of Object.keys(env)) {
    if (!/^AWS_ENDPOINT_URL/.test(name) || !env[name]) continue;
    problems.push(`${name} is set: ${mode} mode asks the real secrets manager only, unset it.`);
  }
  if (env["NODE_TLS_REJECT_UNAUTHORIZED"] === "0") {
    problems.push(`NODE_TLS_REJECT_UNAUTHORIZED is 0: ${mode} mode checks certificates, unset it.`);
  }
  if (env["NODE_EXTRA_CA_CERTS"]) {
    problems.push(
      `NODE_EXTRA_CA_CERTS is set: ${mode} mode trusts no certificate authorities of one's own, unset it.`,
    );
  }
  // It can load any code, and other certificates, before the first line of ours.
  if (env["NODE_OPTIONS"]) {
    problems.push(`NODE_OPTIONS is set: in ${mode} mode nothing is loaded into the desk, unset it.`);
  }
  return problems;
}
