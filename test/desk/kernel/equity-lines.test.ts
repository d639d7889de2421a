import { describe, expect, it } from "vitest";
import { moneyText } from "../../../src/core/text.ts";
import { lots, millis, value } from "../../../src/core/units.ts";
import { Rig } from "../../support/rig.ts";

const equityLines = (rig: Rig) =>
  rig.effects.flatMap((effect) => (effect.type === "logEquity" ? [effect.fields] : []));
const healthLines = (rig: Rig) =>
  rig.effects.flatMap((effect) =>
    effect.type === "logTrade" && /MATCH/.test(String(effect.fields["Action"])) ? [effect.fields] : [],
  );
const held = (): Rig => {
  const rig = new Rig().boot();
  const [entry] = rig.exchange.open("entry");
  if (entry !== undefined) rig.feed(...rig.exchange.fill(entry));
  return rig;
};

describe("the account's line of the trade log", () => {
  it("comes once a minute of market time, with equity, purses and exposure", () => {
    const rig = held();
    const before = equityLines(rig).length;
    rig.pass(180_000);
    const lines = equityLines(rig).slice(before);
    expect(lines.map(({ At }) => Math.floor(Number(At) / 60_000))).toEqual(
      [0, 1, 2].map((minute) => Math.floor(Number(lines[0]?.["At"]) / 60_000) + minute),
    );
    const { wallet } = rig.state.account;
    expect(lines.at(-1)).toMatchObject({
      Action: "EQUITY",
      Equity: expect.stringMatching(/^\d+\.\d{8}$/),
      Wallet: moneyText(wallet ?? value(0), 8),
      Funding: "0.00000000",
      Transferred: "0.00000000",
      Epoch: 7,
    });
    expect(lines.at(-1)?.["Purses"]).toMatch(/^grid1:\d+\.\d{8}\/5000\.00000000\/\d+\.\d{8}$/);
    expect(Number(lines.at(-1)?.["Exposure"])).toBeGreaterThanOrEqual(500);
  });

  it("does not come while the equity is not known, and never with an execution", () => {
    const rig = new Rig();
    rig.timer();
    expect(equityLines(rig)).toEqual([]);
    rig.boot();
    rig.pass(120_000);
    const turns = rig.turns.filter(({ effects }) => effects.some(({ type }) => type === "logEquity"));
    expect(turns.length).toBeGreaterThan(1);
    for (const { event } of turns) expect(["mark", "timer"]).toContain(event.type);
  });

  it("tells what was moved in or out of the account", () => {
    const rig = held();
    const wallet = Number(rig.state.account.wallet);
    const { at, wallAt } = rig.exchange.times();
    rig.feed({
      type: "balance",
      at,
      wallAt,
      account: "main",
      asset: "USDT",
      wallet: value(wallet - 20_000_000_000),
      cause: "transfer",
    });
    rig.pass(61_000);
    expect(equityLines(rig).at(-1)).toMatchObject({ Transferred: "-200.00000000" });
  });

  it("is part of the state: the same events give the same hash, another minute another one", () => {
    const [one, other] = [held(), held()];
    expect(one.hash()).toBe(other.hash());
    one.pass(60_000);
    expect(JSON.stringify(one.state.equityLines.canonical())).not.toBe(
      JSON.stringify(other.state.equityLines.canonical()),
    );
  });
});

describe("a book that does not add up", () => {
  it("is one line when it is found, and one when it adds up again", () => {
    const rig = held();
    const { position } = rig.exchange;
    position.lots = lots(position.lots + 5);
    rig.exchange.at = millis(rig.exchange.at + 1);
    rig.pass(400_000);
    expect(healthLines(rig)).toMatchObject([
      { Engine: "desk", Action: "MISMATCH", Symbol: "BTCUSDT", PositionSide: "both", Size: "0.005" },
    ]);
    position.lots = lots(position.lots - 5);
    rig.pass(400_000);
    expect(healthLines(rig).map(({ Action }) => Action)).toEqual(["MISMATCH", "MATCHED"]);
  });
});
