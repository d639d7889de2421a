import { InvariantError } from "../core/invariant.ts";

/**
 * One text for one content: keys sorted by code unit, no spaces, `undefined` fields left out, -0 written as 0.
 * This is what the ledger's hash covers, so the same facts give the same hash on every machine.
 * Throws `InvariantError` for what JSON can't carry exactly (NaN, infinities, bigint, functions, class instances, cycles).
 */
export function canonicalJson(content: unknown): string {
  return write(content, new Set());
}

function write(content: unknown, above: Set<object>): string {
  if (content === null || typeof content === "boolean" || typeof content === "string") {
    return JSON.stringify(content);
  }
  if (typeof content === "number") {
    if (!Number.isFinite(content)) throw new InvariantError(`${content} has no canonical JSON`);
    return JSON.stringify(content === 0 ? 0 : content);
  }
  if (typeof content !== "object") throw new InvariantError(`a ${typeof content} has no canonical JSON`);
  if (above.has(content)) throw new InvariantError("a cycle has no canonical JSON");
  above.add(content);
  const text = Array.isArray(content) ? writeList(content, above) : writeObject(content, above);
  above.delete(content);
  return text;
}

function writeList(list: readonly unknown[], above: Set<object>): string {
  return `[${Array.from(list, (item) => write(item === undefined ? null : item, above)).join(",")}]`;
}

function writeObject(content: object, above: Set<object>): string {
  const prototype: unknown = Object.getPrototypeOf(content);
  if (prototype !== Object.prototype && prototype !== null) {
    throw new InvariantError(`a ${content.constructor?.name ?? "class instance"} has no canonical JSON`);
  }
  const fields = Object.entries(content)
    .filter(([, field]) => field !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, field]) => `${JSON.stringify(name)}:${write(field, above)}`);
  return `{${fields.join(",")}}`;
}
