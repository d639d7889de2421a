import type { z } from "zod";
import { schema } from "../../src/settings/schema.ts";

/** One setting of the schema. `value` is what holds when the key is left out, if the schema says. */
export interface Leaf {
  readonly type: z.ZodType;
  readonly isOptional: boolean;
  readonly value: unknown;
}

interface Definition {
  readonly type: string;
  readonly shape?: Readonly<Record<string, z.ZodType>>;
  readonly element?: z.ZodType;
  readonly innerType?: z.ZodType;
  readonly in?: z.ZodType;
  readonly defaultValue?: unknown;
}

const definitionOf = (type: z.ZodType): Definition => type.def as unknown as Definition;

/** Every setting by its path, lists as "engines[].name". */
export function leaves(): ReadonlyMap<string, Leaf> {
  const all = new Map<string, Leaf>();
  walk(schema, "", all, { isOptional: false, value: undefined });
  return all;
}

function walk(type: z.ZodType, path: string, all: Map<string, Leaf>, outer: Omit<Leaf, "type">): void {
  const definition = definitionOf(type);
  const { shape, element, innerType } = definition;
  if (shape !== undefined) {
    for (const [key, field] of Object.entries(shape)) {
      walk(field, path === "" ? key : `${path}.${key}`, all, { isOptional: false, value: undefined });
    }
  } else if (element !== undefined) walk(element, `${path}[]`, all, outer);
  else if (innerType !== undefined) {
    walk(innerType, path, all, { isOptional: true, value: definition.defaultValue });
  } else if (definition.in !== undefined && holdsMore(definition.in)) walk(definition.in, path, all, outer);
  else all.set(path, { type, ...outer });
}

function holdsMore(type: z.ZodType): boolean {
  const { shape, element } = definitionOf(type);
  return shape !== undefined || element !== undefined;
}
