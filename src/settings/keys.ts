import type { Environment } from "./environment.ts";
import type { Mode, Settings } from "./settings.ts";

/** The exchange keys of the environment (S3-126 to S3-128), or what is wrong with them. */
export interface KeysReading {
  readonly keys: Settings["binance"];
  readonly problems: readonly string[];
  readonly notes: readonly string[];
}

/**
 * Reads BINANCE_FUTURES_API_KEY, _API_SECRET and _TESTNET for a mode. Sim and paper load no keys. `_TESTNET=true`
 * says these are keys of the demo exchange; `false` says they are not, and never makes anything live by itself.
 */
export function readKeys(env: Environment, mode: Mode): KeysReading {
  const apiKey = env["BINANCE_FUTURES_API_KEY"] || undefined;
  const apiSecret = env["BINANCE_FUTURES_API_SECRET"] || undefined;
  const testnet = env["BINANCE_FUTURES_TESTNET"] || undefined;
  const problems: string[] = [];
  if (testnet !== undefined && testnet !== "true" && testnet !== "false") {
    problems.push(`BINANCE_FUTURES_TESTNET is ${JSON.stringify(testnet.slice(0, 20))}: write true or false.`);
  }
  if (mode === "sim" || mode === "paper") {
    const notes =
      apiKey === undefined && apiSecret === undefined
        ? []
        : [
            `BINANCE_FUTURES_API_KEY is set, but ${mode} mode uses no keys; it trades with mode: demo or live only.`,
          ];
    return { keys: undefined, problems, notes };
  }
  if (mode === "live" && testnet === "true") {
    problems.push(
      "mode is live, but BINANCE_FUTURES_TESTNET=true says the keys are for demo: set mode: demo, or false.",
    );
  }
  if (mode === "demo" && testnet === "false") {
    problems.push(
      "mode is demo, but BINANCE_FUTURES_TESTNET=false says the keys are for real: use demo keys and true.",
    );
  }
  if (apiKey === undefined || apiSecret === undefined) {
    const missing = apiKey === undefined ? "BINANCE_FUTURES_API_KEY" : "BINANCE_FUTURES_API_SECRET";
    problems.push(`mode ${mode} needs ${missing}, which is not set: add the line ${missing}=... to .env.`);
    return { keys: undefined, problems, notes: [] };
  }
  return { keys: { apiKey, apiSecret }, problems, notes: [] };
}

/** Variables that would let somebody in between listen or answer. */
const REDIRECTIONS = ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"];

/** What of the environment could lead the desk to another host (DESIGN.md section 7); sim has no real hosts. */
export function redirections(env: Environment, mode: Mode): readonly string[] {
  if (mode === "sim") return [];
  const problems = REDIRECTIONS.filter((name) => env[name]).map(
    (name) => `${name} is set: ${mode} mode speaks to the exchange without a proxy, unset it.`,
  );
  if (env["NODE_TLS_REJECT_UNAUTHORIZED"] === "0") {
    problems.push(`NODE_TLS_REJECT_UNAUTHORIZED is 0: ${mode} mode checks certificates, unset it.`);
  }
  return problems;
}
