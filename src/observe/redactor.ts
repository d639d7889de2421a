/** What stands where a secret stood. */
export const HIDDEN = "[redacted]";

/** Takes secrets out of everything that leaves the process: logs, errors, chat, recordings. */
export interface Redactor {
  /** The text with every secret in it replaced, in whichever of its written forms. */
  text(text: string): string;
  /** Whether any secret stands in the text. */
  isIn(text: string): boolean;
  /** Plain data without secrets: errors with message, stack and cause, maps, lists, cycles; never throws. */
  deep(content: unknown): unknown;
}

/** Names whose value is hidden even when it is not known as a secret. */
const SECRET_NAME =
  /token|secret|passw|passphrase|api_?key|private_?key|authorization|cookie|listenkey|totp/i;
/** Parts of addresses that sign or open something. */
const SECRET_PARAMETER =
  /([?&;\s"](?:signature|listenKey|api_?key|access_?token|token|secret|password)=)[^&\s"'#]+/gi;
/** A Telegram bot token in an address, also one that we don't know. */
const BOT_PATH = /(\/bot)\d{6,}:[A-Za-z0-9_-]{10,}/g;
/** The password of an address. */
const ADDRESS_PASSWORD = /(\b[a-z][a-z0-9+.-]{1,20}:\/\/[^/\s:@]{0,100}:)[^/\s@]+(?=@)/gi;

/** How deep plain data is followed. */
const DEPTH_MAX = 8;

/**
 * A redactor for these secret values. Each is found raw, URL-encoded, JSON-escaped, in hex and in base64, also in
 * the middle of a longer base64 text (as in an Authorization header). Values under four characters can't be found
 * without hiding half the language; they are left to the rules by name.
 */
export function createRedactor(secrets: readonly string[]): Redactor {
  const forms = new Set(secrets.filter((secret) => secret.length >= 4).flatMap(formsOf));
  const longestFirst = [...forms].sort((a, b) => b.length - a.length);
  const known =
    longestFirst.length === 0
      ? undefined
      : new RegExp(longestFirst.map((form) => escaped(form)).join("|"), "g");
  const text = (raw: string): string => {
    const clean = known === undefined ? raw : raw.replaceAll(known, HIDDEN);
    return clean
      .replaceAll(BOT_PATH, `$1${HIDDEN}`)
      .replaceAll(ADDRESS_PASSWORD, `$1${HIDDEN}`)
      .replaceAll(SECRET_PARAMETER, `$1${HIDDEN}`);
  };
  return {
    text,
    isIn: (raw) => known !== undefined && raw.search(known) >= 0,
    deep: (content) => deep(content, text, [], ""),
  };
}

function formsOf(secret: string): readonly string[] {
  const bytes = Buffer.from(secret, "utf8");
  const encoded = encodeURIComponent(secret);
  const percent = (form: string): readonly string[] => [
    form,
    form.replaceAll(/%[0-9A-F]{2}/g, (hex) => hex.toLowerCase()),
  ];
  const everyByte = [...bytes].map((byte) => `%${byte.toString(16).padStart(2, "0")}`).join("");
  return [
    secret,
    JSON.stringify(secret).slice(1, -1),
    ...percent(encoded),
    ...percent(encoded.replaceAll("%20", "+")),
    ...percent(encoded.replaceAll(/[!'()*]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`)),
    ...percent(everyByte.toUpperCase()),
    bytes.toString("hex"),
    bytes.toString("hex").toUpperCase(),
    ...base64Forms(bytes),
  ];
}

/**
 * The base64 characters that a text must show wherever these bytes stand in it: three alignments, without the
 * characters at both ends that also depend on the neighbours; in both alphabets.
 */
function base64Forms(bytes: Buffer): readonly string[] {
  const forms: string[] = [];
  for (const before of [0, 1, 2]) {
    const shifted = Buffer.concat([Buffer.alloc(before), bytes])
      .toString("base64")
      .replaceAll("=", "");
    const first = Math.ceil((before * 8) / 6);
    const last = Math.floor(((before + bytes.length) * 8) / 6);
    const form = shifted.slice(first, last);
    if (form.length >= 4) forms.push(form, form.replaceAll("+", "-").replaceAll("/", "_"));
  }
  return forms;
}

const escaped = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\/-]/g, "\\$&");

type Clean = (text: string) => string;

function deep(content: unknown, clean: Clean, above: readonly object[], name: string): unknown {
  if (typeof content === "string") return SECRET_NAME.test(name) && content !== "" ? HIDDEN : clean(content);
  if (typeof content === "bigint") return `${content}`;
  if (typeof content === "number" && SECRET_NAME.test(name)) return HIDDEN;
  if (typeof content === "function" || typeof content === "symbol") return undefined;
  if (typeof content !== "object" || content === null) return content;
  if (above.includes(content)) return "[circular]";
  if (above.length >= DEPTH_MAX) return "[too deep]";
  const path = [...above, content];
  try {
    return ofObject(content, clean, path, name);
  } catch {
    return "[unreadable]";
  }
}

function ofObject(content: object, clean: Clean, path: readonly object[], name: string): unknown {
  if (ArrayBuffer.isView(content) || content instanceof ArrayBuffer) return `[${content.byteLength} bytes]`;
  if (content instanceof Date)
    return Number.isNaN(content.getTime()) ? "Invalid Date" : content.toISOString();
  if (content instanceof URL || content instanceof RegExp) return clean(String(content));
  if (content instanceof Set) return [...content].map((item) => deep(item, clean, path, name));
  if (Array.isArray(content)) return content.map((item) => deep(item, clean, path, name));
  const entries =
    content instanceof Map ? [...content].map(([key, item]) => [String(key), item]) : fieldsOf(content);
  const plain = entries.map(([key, item]) => [clean(String(key)), deep(item, clean, path, String(key))]);
  return Object.fromEntries(plain.filter(([, item]) => item !== undefined));
}

/** An object's fields; of an error also those that are not enumerable. A getter that throws is left out. */
function fieldsOf(content: object): (readonly [string, unknown])[] {
  const own = content instanceof Error ? ["name", "message", "stack", "cause", "errors"] : [];
  return [...new Set([...own, ...Object.keys(content)])].flatMap((key) => {
    try {
      const value: unknown = Reflect.get(content, key);
      return value === undefined ? [] : [[key, value] as const];
    } catch {
      return [];
    }
  });
}
