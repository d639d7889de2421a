/** Where a store would be, in words without a password. */
function describeTarget(target: { readonly url?: string | undefined; readonly file: string }): string {
  if (target.url === undefined) return `SQLite file ${target.file}`;
  const url = parsed(target.url);
  if (url === undefined) return "PostgreSQL";
  const host = url.hostname || url.searchParams.get("host") || "localhost";
  return `PostgreSQL at ${host}:${url.port || "5432"}${decodeURIComponent(url.pathname)}`;
}

/** Whether a text can be a PostgreSQL address at all. */
export function isPostgresUrl(text: string): boolean {
  const url = parsed(text);
  return url !== undefined && (url.protocol === "postgres:" || url.protocol === "postgresql:");
}

/** Why opening failed and what to do, in one sentence; never with the password in it. */
export function openFailure(
  error: unknown,
  target: { readonly url?: string | undefined; readonly file: string },
): string {
  const where = describeTarget(target);
  const reason = reasonOf(error);
  const mend = target.url === undefined ? sqliteMend(reason) : postgresMend(reason);
  return withoutSecrets(`${where} can't be opened: ${reason.text}; ${mend}.`, target.url);
}

/** An open connection broke; the pool replaces it. One sentence without the password. */
export function connectionLost(
  reason: string,
  target: { readonly url?: string | undefined; readonly file: string },
): string {
  return withoutSecrets(`${describeTarget(target)} lost a connection: ${reason}.`, target.url);
}

interface Reason {
  readonly code: string;
  readonly text: string;
}

function reasonOf(error: unknown): Reason {
  // A host with two addresses fails with both errors and an empty message.
  const first = error instanceof AggregateError ? error.errors[0] : error;
  const code = typeof first === "object" && first !== null && "code" in first ? String(first.code) : "";
  const message = first instanceof Error ? first.message : String(first);
  if (code === "ECONNREFUSED") return { code, text: "nothing listens there" };
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") return { code, text: "the host name is not known" };
  if (code === "28P01") return { code, text: "the password was refused" };
  if (/timeout exceeded when trying to connect/.test(message))
    return { code: "ETIMEDOUT", text: "no answer" };
  if (/previously executed migration/.test(message)) {
    return { code: "NEWER", text: "a newer perpdesk has written it" };
  }
  return {
    code,
    text: message.replaceAll(/\s+/g, " ").trim().replace(/[.;]$/, "") || code || "unknown reason",
  };
}

function sqliteMend(reason: Reason): string {
  if (reason.code === "NEWER") return "update perpdesk";
  if (reason.code.startsWith("SQLITE_BUSY")) return "end the other program that holds it";
  if (reason.code === "SQLITE_NOTADB" || reason.code === "SQLITE_CORRUPT") {
    return "move the file away and restore a backup";
  }
  return "check that its folder exists and may be written, or name another desk.dataDir";
}

function postgresMend(reason: Reason): string {
  if (reason.code === "NEWER") return "update perpdesk";
  if (reason.code === "28P01") return "check user and password in DATABASE_URL";
  return "start it or check DATABASE_URL (without DATABASE_URL a local SQLite file is used)";
}

function withoutSecrets(text: string, url: string | undefined): string {
  if (url === undefined) return text;
  const raw = parsed(url)?.password ?? "";
  let clean = text.replaceAll(url, "DATABASE_URL");
  for (const secret of [raw, decoded(raw), encodeURIComponent(decoded(raw))]) {
    if (secret !== "") clean = clean.replaceAll(secret, "[redacted]");
  }
  return clean;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function parsed(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined;
}
