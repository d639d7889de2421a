import type { KernelConfig } from "./kernel/config.ts";

/**
 * Whose epochs, pauses, proposals and messages they are: one database may serve several desks, and the same desk in several
 * modes. What was typed in `sim` says nothing about `live`. Account names have no slash, so no account's name is a scope.
 */
export const scopeOf = ({
  mode,
  venue,
  account,
  desk,
}: Pick<KernelConfig, "mode" | "venue" | "account" | "desk">): string =>
  `${mode}/${venue}/${account}/${desk}`;
