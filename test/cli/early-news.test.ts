import { expect, test } from "vitest";
import { EarlyNews } from "../../src/cli/early-news.ts";
import type { DeskEvent } from "../../src/core/event.ts";
import { millis, value } from "../../src/core/units.ts";

const times = { at: millis(1), wallAt: millis(2), account: "main", stream: "account" } as const;
const gap: DeskEvent = { type: "gap", ...times, reason: "reset" };
const resynced: DeskEvent = { type: "resynced", ...times };

const closing: DeskEvent = {
  type: "instrumentChanged",
  at: millis(1),
  wallAt: millis(2),
  venue: "binanceusdm",
  instrument: "BTCUSDT",
  brackets: [],
  priceStep: 1,
  lotStep: 1,
  notionalMin: value(0),
  status: "closeOnly",
};

test("a break of the account's stream before there is a desk is kept for it, the last word only", () => {
  const early = new EarlyNews();
  expect(early.kept).toEqual([]);
  early.account(gap);
  early.account({ type: "timer", at: millis(1), wallAt: millis(2) });
  expect(early.kept).toEqual([gap]);
  early.account(resynced);
  expect(early.kept).toEqual([resynced]);
});

test("an instrument that is not traded as it should be is kept as well; quotes and the market's breaks are not", () => {
  const early = new EarlyNews();
  early.market({ ...closing, status: "trading" } as DeskEvent);
  early.market(closing);
  early.market({ ...closing, instrument: "ETHUSDT" } as DeskEvent);
  early.market({ ...gap, stream: "market" } as DeskEvent);
  early.account(gap);
  expect(early.kept).toEqual([closing, { ...closing, instrument: "ETHUSDT" }, gap]);
});
