import { expect, test } from "vitest";
import { reach } from "../../src/cli/reach.ts";
import { systemClock } from "../../src/cli/system-clock.ts";
import { UnfitAccountError } from "../../src/gateways/exchange-client.ts";
import { AccountMode } from "../../src/gateways/okx/account-mode.ts";

const options = { target: "okx (live)", clock: systemClock, log: { warn: () => undefined } };

test.each(["1", "3", "4"])("a start on an OKX account in mode %s says what to set there", async (acctLv) => {
  const ask = async () => new AccountMode().noteConfig({ acctLv, posMode: "net_mode" });
  await expect(reach(ask, options)).rejects.toThrow(
    `OKX says account mode ${acctLv}, where swaps have no isolated margin: set the account to Futures mode (2) in its settings there.`,
  );
});

test("one in Futures mode begins; any other account that does not fit is told in the exchange's words too", async () => {
  expect(new AccountMode().noteConfig({ acctLv: "2", posMode: "long_short_mode" })).toBe(true);
  const unfit = async () => {
    throw new UnfitAccountError(
      'Bybit says margin mode "PORTFOLIO_MARGIN": set the account to isolated or cross margin',
    );
  };
  await expect(reach(unfit, options)).rejects.toThrow(
    /^Bybit says margin mode "PORTFOLIO_MARGIN": set .* margin\.$/,
  );
});
