import type { BasketAction } from "../core/proposal.ts";
import type { KernelConfig } from "./kernel/config.ts";

/** What people say of a list of closes. */
export type BasketWish = Pick<BasketAction, "what" | "least" | "includesForeign" | "tap">;

/** The list that they ask for, empty: the kernel fills it. Each book of an instrument may be a part: long and short, or both in one. */
export const basketOf = (
  { account, instruments }: KernelConfig,
  asked: BasketWish,
  nextId: () => string,
): BasketAction => ({
  type: "basket",
  account,
  ...asked,
  parts: [],
  unquoted: [],
  ids: instruments.flatMap(() => [nextId(), nextId()]),
});
