import { ALONE_MS } from "../../core/approval.ts";
import type { Actor } from "../../core/proposal.ts";

/**
 * What whoever asks for something that takes two people is told where there is no second one. Away from the terminal a code of the
 * authenticator always stands in; at the terminal only where one is set up.
 */
export const nobodyElse = (who: string, { platform }: Actor): string =>
  `there is no second ${who}, so approve it yourself in ${ALONE_MS / 1_000} s with a code of your authenticator${platform === "terminal" ? ", where one is set up" : ""}`;

/** How one person approved what takes two, as the card keeps it. Which codes the terminal asked for is not known here. */
export const approvedAlone = ({ platform }: Actor): string =>
  `approved alone, ${platform === "terminal" ? "at the terminal" : "with a code"} and after a minute.`;
