import type { Settings } from "../settings/settings.ts";
import { StartError } from "./start-error.ts";

/**
 * A start on an account that counts positions otherwise than the settings say ends here, with what to mend: the guard would
 * refuse every order, exits included.
 */
export function requirePositionMode(
  { account, exchange }: Pick<Settings, "account" | "exchange">,
  isHedgeMode: boolean,
): void {
  const isHedgeWanted = account.positionMode === "hedge";
  if (isHedgeMode === isHedgeWanted) return;
  const [found, set] = isHedgeMode ? ["hedge", "hedge"] : ["one-way", "oneWay"];
  const wanted = isHedgeWanted ? "hedge" : "one-way";
  throw new StartError(
    `account.positionMode is ${account.positionMode}, but account ${account.name} on ${exchange} is in ${found} mode, where no order of this desk would leave: switch the account to ${wanted} mode, or set account.positionMode: ${set}.`,
  );
}
