/** Writes one line to the log; the text has no secrets in it. */
export type ChatLog = (level: "info" | "warn" | "error", text: string) => void;

/** Puts a fact into the audit ledger: a refusal with who was refused and why. Never throws. */
export type ChatAudit = (kind: string, actor: string, body: Readonly<Record<string, unknown>>) => void;

/**
 * Takes secrets out of a text: as they are, URL-encoded and in base64. Libraries put tokens into error messages
 * and URLs, so everything that comes from one goes through here before it is kept or shown.
 */
export function redactor(secrets: readonly string[]): (text: string) => string {
  const forms = secrets
    .filter((secret) => secret.length > 0)
    .flatMap((secret) => [secret, encodeURIComponent(secret), Buffer.from(secret).toString("base64")]);
  const needles = [...new Set(forms)].sort((a, b) => b.length - a.length);
  return (text) => needles.reduce((left, needle) => left.replaceAll(needle, "[redacted]"), text);
}

/** What went wrong, in one line for the log: name and message of an error, or the thing itself as text. */
export function faultText(fault: unknown): string {
  if (!(fault instanceof Error)) return String(fault);
  const code = "code" in fault && typeof fault.code === "string" ? ` (${fault.code})` : "";
  const text = fault.message === "" ? fault.name : fault.message;
  return `${text}${code}`.replaceAll(/\s+/g, " ").slice(0, 400);
}
