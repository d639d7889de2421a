import type { Environment } from "./environment.ts";
import { mapLeaves, type Path, pathText, type Tree } from "./path.ts";
import type { Settings } from "./settings.ts";

/** Names of settings and variables whose value nobody may read. */
const SECRET_NAME = /token|secret|passw|passphrase|api_?key|private_?key|credential|totp/i;

const REFERENCES_ONLY = /^(\$\{[A-Za-z_][A-Za-z0-9_]*(:-)?\})+$/;
const URL_WITH_PASSWORD = /^[a-z][a-z0-9+.-]*:\/\/[^/\s]*:[^/\s]+@/i;
/** `${VAR}`, and what a file says that it is otherwise. */
const REFERENCE = /\$\{[A-Za-z_][A-Za-z0-9_]*(?::-([^}]*))?\}/g;
const BOT_TOKEN = /\b\d{6,}:[A-Za-z0-9_-]{30,}/;

/** Secrets that stand in the settings file itself, each as a sentence that doesn't repeat it, without a place. */
export function literalSecrets(tree: Tree): readonly { readonly path: Path; readonly text: string }[] {
  const found: { path: Path; text: string }[] = [];
  mapLeaves(tree, (leaf, path) => {
    if (leaf === null || leaf === undefined || typeof leaf === "boolean") return leaf;
    const text = String(leaf);
    const name = String(path.findLast((part) => typeof part === "string") ?? "");
    const isNamedSecret = SECRET_NAME.test(name) && !REFERENCES_ONLY.test(text) && text !== "";
    const own = text.replaceAll(REFERENCE, (_whole, otherwise?: string) => otherwise ?? "");
    if (isNamedSecret || URL_WITH_PASSWORD.test(own) || BOT_TOKEN.test(text)) {
      const variable = variableFor(path);
      found.push({
        path,
        text: `${pathText(path)} holds a secret in clear: put it into .env as ${variable}=... and write \${${variable}} here.`,
      });
    }
    return leaf;
  });
  return found;
}

/** The environment's usual name for a secret of the settings. */
function variableFor(path: Path): string {
  const names = path.filter((part) => typeof part === "string");
  if (names.at(-1) === "token") return `${names.at(-2) ?? "MY"}_BOT_TOKEN`.toUpperCase();
  return (names.at(-1) ?? "MY_SECRET").replaceAll(/([a-z])([A-Z])/g, "$1_$2").toUpperCase();
}

/**
 * Every secret value that these settings and this environment (with `.env`) hold, for redaction: tokens, keys and
 * passwords, addresses with a password in them, and the parts of each that are secret on their own.
 */
export function secretsOf(settings: Settings | undefined, env: Environment): readonly string[] {
  const whole = [
    settings?.chat.telegram?.token,
    settings?.chat.discord?.token,
    settings?.keys?.apiKey,
    settings?.keys?.secret,
    settings?.keys?.password,
    ...Object.entries(env).map(([name, text]) => (SECRET_NAME.test(name) ? text : undefined)),
  ];
  const addresses = [settings?.redisUrl, settings?.databaseUrl, ...Object.values(env)];
  const found = new Set<string>();
  for (const text of [...whole, ...addresses.flatMap(addressSecrets)]) {
    if (text === undefined || text.length < SECRET_LENGTH_MIN || /^(true|false)$/i.test(text)) continue;
    found.add(text);
    // A Telegram token is "bot id:secret".
    const part = /^\d+:(.+)$/.exec(text)?.[1];
    if (part !== undefined && part.length >= SECRET_LENGTH_MIN) found.add(part);
  }
  return [...found];
}

/** Shorter ones would be found in every second word. */
const SECRET_LENGTH_MIN = 4;

function addressSecrets(text: string | undefined): readonly string[] {
  if (text === undefined || !URL_WITH_PASSWORD.test(text) || !URL.canParse(text)) return [];
  const { password } = new URL(text);
  return password === "" ? [text] : [text, password, decoded(password)];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

const HIDDEN = "[redacted]";

/** The settings as they may stand in recordings and answers: every secret replaced. */
export function redacted(settings: Settings): Settings {
  const { telegram, discord } = settings.chat;
  return {
    ...settings,
    chat: {
      ...settings.chat,
      telegram: telegram && { ...telegram, token: HIDDEN },
      discord: discord && { ...discord, token: HIDDEN },
    },
    keys: settings.keys && {
      apiKey: HIDDEN,
      secret: HIDDEN,
      ...(settings.keys.password === undefined ? {} : { password: HIDDEN }),
    },
    redisUrl: settings.redisUrl && HIDDEN,
    databaseUrl: settings.databaseUrl && HIDDEN,
  };
}
