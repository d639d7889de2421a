import type { AccountId } from "../../core/instrument.ts";
import type { FieldSpec, Held, Written } from "./fields.ts";
import type { FaultBy, FaultKind, FieldsOf, KindBy } from "./kinds.ts";

/** When a fault may strike, in wall milliseconds since its plan started. */
export interface When {
  readonly from: number;
  /** The first moment at which it no longer strikes; Infinity without an end. */
  readonly to: number;
  /** At most one strike in each stretch of this length. */
  readonly every?: number;
}

interface Aim {
  readonly when: When;
  /** Patterns of requests or streams, with * for any text; empty means all that the kind can meet. */
  readonly on: readonly string[];
  /** Only this account: its private stream, its orders. */
  readonly account?: AccountId;
  /** Only this protocol, e.g. "binanceusdm". */
  readonly venue?: string;
  /** At most so many strikes; Infinity without a bound. */
  readonly count: number;
  /** How likely each possible strike is, above 0 to 1. */
  readonly chance: number;
}

/** One fault of a plan, of one kind. */
export interface FaultOf<K extends FaultKind> extends Aim {
  readonly kind: K;
  readonly fields: { readonly [F in keyof FieldsOf<K>]: Held<Spec<FieldsOf<K>[F]>> };
}

/** One fault of a plan. */
export type Fault = { [K in FaultKind]: FaultOf<K> }[FaultKind];

/** The faults that are carried out in one of these ways. */
export type FaultBeing<B extends FaultBy> = Extract<Fault, { kind: KindBy<B> }>;

type Spec<S> = Extract<S, FieldSpec>;

/** When and at what a written fault aims; times in seconds of wall time. */
export interface WrittenAim {
  readonly at?: number;
  readonly from?: number;
  readonly to?: number;
  readonly every?: number;
  readonly on?: string | readonly string[];
  readonly account?: string;
  readonly venue?: string;
  readonly count?: number;
  readonly chance?: number;
}

type WrittenOf<K extends FaultKind> = {
  readonly [F in keyof FieldsOf<K>]?: Written<Spec<FieldsOf<K>[F]>>;
};

/** One fault as a person or a test writes it: kind, aim and own fields side by side. */
export type WrittenFault = { [K in FaultKind]: { readonly kind: K } & WrittenAim & WrittenOf<K> }[FaultKind];
