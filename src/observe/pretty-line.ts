const NAMES: ReadonlyMap<unknown, string> = new Map([
  [20, "debug"],
  [30, "info "],
  [40, "warn "],
  [50, "ERROR"],
  [60, "FATAL"],
]);

/** A finished NDJSON line as one for a person at a terminal: time of day, level, message, fields. */
export function prettyLine(line: string): string {
  let content: Record<string, unknown>;
  try {
    content = JSON.parse(line) as Record<string, unknown>;
  } catch {
    return line;
  }
  const { level, time, msg, trade: _trade, ...fields } = content;
  const clock = typeof time === "number" ? new Date(time).toISOString().slice(11, 19) : "--:--:--";
  const rest = Object.entries(fields).map(([name, value]) => ` ${name}=${fieldText(value)}`);
  return `${clock} ${NAMES.get(level) ?? String(level)} ${visible(String(msg ?? ""))}${rest.join("")}\n`;
}

/** An error shows its message only: its stack is in the file. */
function fieldText(value: unknown): string {
  if (typeof value === "string") return visible(value);
  if (typeof value === "object" && value !== null && "message" in value)
    return visible(String(value.message));
  return visible(JSON.stringify(value) ?? "");
}

/** Control characters could rewrite the terminal. */
const visible = (text: string): string => text.replaceAll(/\p{Cc}+/gu, " ");
