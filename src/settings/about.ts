import { z } from "zod";

/** What people are told of a setting: in `--help`, in docs/settings.md and in every dialogue that asks for it. */
export interface About {
  /** What it counts; left out where it counts nothing. */
  readonly unit?: string;
  /** Which values it takes, where its kind does not say so by itself. */
  readonly range?: string;
  /** One or two sentences on what it does. */
  readonly help: string;
  /** The question that a dialogue asks for it; a setting without one is only set in the file. */
  readonly prompt?: string;
  /** What a dialogue offers where the schema has no value of its own. */
  readonly offer?: string;
}

const abouts = z.registry<About & { readonly standard?: string }>();
const ranges = z.registry<{ readonly range: string }>();
const refusals = z.registry<{ readonly keys: Readonly<Record<string, string>> }>();

/** Writes down what a setting is about, on the type as it stands in its map. */
export function about<T extends z.ZodType>(type: T, words: About): T {
  abouts.add(type, words);
  return type;
}

/** A setting that may be left out; `written` holds then, as a person would write it. */
export function standing<T extends z.ZodType>(type: T, written: string, words: About): z.ZodDefault<T> {
  const value = type.parse(written) as z.core.util.NoUndefined<z.output<T>>;
  const optional = type.default(value);
  abouts.add(optional, { ...words, standard: written });
  return optional;
}

/** Says which values a kind of setting takes, as docs show it. */
export function ranged<T extends z.ZodType>(type: T, range: string): T {
  ranges.add(type, { range });
  return type;
}

/** A map that knows why it does not have some settings: by name, what to do instead. */
export function refusing<T extends z.ZodType>(type: T, keys: Readonly<Record<string, string>>): T {
  refusals.add(type, { keys });
  return type;
}

/** Why a map does not have a setting of this name; undefined where nothing special is to be said. */
export function refusalOf(map: unknown, key: string): string | undefined {
  const keys = map instanceof z.ZodType ? refusals.get(map)?.keys : undefined;
  return keys !== undefined && Object.hasOwn(keys, key) ? keys[key] : undefined;
}

/** One setting of a schema with all that is known of it. */
export interface Parameter extends About {
  /** Its place, lists as "engines[].name". */
  readonly path: string;
  /** Its own name, the last part of the path. */
  readonly name: string;
  readonly type: z.ZodType;
  readonly range: string;
  readonly isRequired: boolean;
  /** What holds when it is left out, as it is written; undefined: nothing, or what config/default.yaml says. */
  readonly standard: string | undefined;
}

interface Definition {
  readonly shape?: Readonly<Record<string, z.ZodType>>;
  readonly element?: z.ZodType;
  readonly innerType?: z.ZodType;
  readonly in?: z.ZodType;
}

const definitionOf = (type: z.ZodType): Definition => type.def as Definition;

/** The settings of a schema in its own order. Throws for one that says nothing about itself. */
export function parametersOf(schema: z.ZodType, path = ""): readonly Parameter[] {
  const { shape, element, innerType, in: input } = definitionOf(schema);
  if (shape !== undefined)
    return Object.entries(shape).flatMap(([key, type]) =>
      parametersOf(type, path === "" ? key : `${path}.${key}`),
    );
  if (element !== undefined) return parametersOf(element, `${path}[]`);
  const words = abouts.get(schema);
  if (words !== undefined) {
    const range = words.range ?? rangeOf(schema);
    if (range === undefined) throw new Error(`${path} has no range`);
    const name = path.slice(path.lastIndexOf(".") + 1);
    const { standard } = words;
    return [{ ...words, path, name, type: schema, range, isRequired: innerType === undefined, standard }];
  }
  const inner = innerType ?? input;
  if (inner === undefined || !holdsMore(inner)) throw new Error(`${path} is not explained`);
  return parametersOf(inner, path);
}

function holdsMore(type: z.ZodType): boolean {
  const { shape, element, innerType, in: input } = definitionOf(type);
  if (shape !== undefined || element !== undefined) return true;
  const inner = innerType ?? input;
  return inner !== undefined && holdsMore(inner);
}

function rangeOf(type: z.ZodType): string | undefined {
  const own = ranges.get(type)?.range;
  const { innerType } = definitionOf(type);
  return own ?? (innerType === undefined ? undefined : rangeOf(innerType));
}
