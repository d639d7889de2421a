/** A span of numbers from which each strike draws one; a plain number is a span of one. */
export type Span = readonly [low: number, high: number];

/** What a field of a fault may hold, with what it is when it is left out. */
export type FieldSpec =
  | { readonly type: "span"; readonly least: number; readonly most: number; readonly usual: Span }
  | { readonly type: "amount"; readonly least: number; readonly most: number; readonly usual: number }
  | { readonly type: "choice"; readonly words: readonly string[]; readonly usual: string }
  | { readonly type: "flag"; readonly usual: boolean }
  | { readonly type: "name"; readonly usual: undefined };

/** A number, or a pair [low, high] of which each strike draws one. */
export const span = (least: number, most: number, low: number, high: number) =>
  ({ type: "span", least, most, usual: [low, high] as Span }) as const;

/** A number. */
export const amount = (least: number, most: number, usual: number) =>
  ({ type: "amount", least, most, usual }) as const;

/** One of a few words; the first is usual. */
export const choice = <const W extends readonly [string, ...string[]]>(words: W) =>
  ({ type: "choice", words, usual: words[0] as W[number] }) as const;

/** Yes or no. */
export const flag = (usual: boolean) => ({ type: "flag", usual }) as const;

/** The name of something, e.g. an instrument; the fault picks one when it is left out. */
export const name = () => ({ type: "name", usual: undefined }) as const;

/** What a field holds once it is read. */
export type Held<S extends FieldSpec> = S extends { type: "span" }
  ? Span
  : S extends { type: "amount" }
    ? number
    : S extends { type: "choice"; words: readonly (infer W)[] }
      ? W
      : S extends { type: "flag" }
        ? boolean
        : string | undefined;

/** What a field may be written as. */
export type Written<S extends FieldSpec> = S extends { type: "span" } ? number | Span : Held<S>;
