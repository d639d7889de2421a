import { afterEach, describe, expect, test } from "vitest";
import { bookKey } from "../../src/core/book.ts";
import { millis } from "../../src/core/units.ts";
import { executedBy, proposalOrders } from "./close-race.ts";
import { askClose, tapDiscord, tapTelegram } from "./taps.ts";
import { ann, BTC, bob, openWorld, pause, START_PRICE, until, type World } from "./world.ts";

let world: World | undefined;
afterEach(async () => {
  await world?.abandon();
  world = undefined;
});

/** What changes between the card and the tap, and why the tap does not count then. */
const CHANGES: readonly (readonly [why: string, change: (w: World) => Promise<void>])[] = [
  [
    "the price moved",
    async (w) => {
      w.move(START_PRICE - 2_500);
      await until(() => (quotes(w).top?.bid ?? 0) < START_PRICE - 2_000, "the desk sees the price");
    },
  ],
  [
    "the position's size changed",
    async (w) => {
      w.trade("buy", 4);
      await until(() => w.known().foreign === 14, "the desk knows of the purchase");
    },
  ],
  [
    "the position turned around",
    async (w) => {
      w.trade("sell", 28);
      await until(() => w.known().foreign === -14, "the desk knows of the sale");
    },
  ],
  [
    "the margin mode changed",
    async (w) => {
      // An exchange changes the mode of a flat position alone: the same is held again afterwards.
      w.trade("buy", 14);
      await until(() => w.known().foreign === 0, "the desk knows that nothing is held");
      expect(w.exchange.setMarginMode("main", BTC, "cross")).toMatchObject({ ok: true });
      w.trade("sell", 14);
      const { account } = w.running.desk.kernel.state;
      const exposure = () => account.exposures.get(bookKey("main", BTC, "both"));
      await until(() => w.known().foreign === -14, "the desk knows of the sale");
      await until(() => exposure()?.marginMode === "cross", "the desk knows of the mode");
    },
  ],
  [
    "the desk's risk state changed",
    async (w) => {
      const actor = { person: "ann", role: "admin", platform: "terminal" } as const;
      expect(await w.running.door.setRiskState(actor, "warning")).toMatchObject({ isOk: true });
    },
  ],
  [
    "the market data is too old",
    async (w) => {
      w.server.pause();
      const { desk } = w.running;
      const old = (): boolean => Date.now() - (quotes(w).topWallAt ?? 0) > 5_200;
      await until(() => old() && desk.kernel.state.wallAt > millis(0), "the last price is old");
    },
  ],
];
const quotes = (w: World) => w.running.desk.kernel.state.board.of(BTC);

describe.each([
  ["telegram", tapTelegram],
  ["discord", tapDiscord],
] as const)("a tap on %s after something changed", (_, tap) => {
  test("price, size, side, margin mode, risk state, age of the data: nothing is executed, each time a new card with a new token; the last one works", async () => {
    const w = await openWorld({ expiresSeconds: 60, limits: "raised" });
    world = w;
    w.say(ann, "/pause");
    await until(() => w.openOrders().length === 0, "no entry rests");
    w.trade("buy", 10);
    await until(() => w.known().foreign === 10, "the desk knows of the position");
    let card = await askClose(w, ann, "/close BTCUSDT foreign");
    const tokens = new Set<string>();
    for (const [why, change] of CHANGES) {
      const token = w.cards.find(card)?.telegram.token ?? "";
      expect(w.cards.find(card)?.discord.token).toBe(token);
      tokens.add(token);
      await change(w);
      const held = w.held();
      expect(await tap(w, bob, card)).toBe(`Not executed: ${why}. Look at the new quote.`);
      await until(() => w.cards.ids().at(-1) !== card, "the new card is on both platforms");
      w.server.resume();
      const fresh = w.cards.ids().at(-1) ?? "";
      await until(() => w.cards.reads(card, ": re-quoted", `The card ${fresh} shows`), "both cards say so");
      // The old button is dead, on either platform.
      for (const old of [tapTelegram, tapDiscord])
        expect(await old(w, bob, card, `v1:a:${token}`)).toBe(
          "This card was replaced by a new quote. Nothing was done.",
        );
      expect([w.held(), proposalOrders(w).size]).toEqual([held, 0]);
      card = fresh;
    }
    expect(tokens.size).toBe(CHANGES.length);
    await pause(1_500);
    expect(await tap(w, bob, card)).toBe("Approved; closing now.");
    await until(() => w.held() === 0, "the position is closed");
    await until(() => w.cards.reads(card, ": done"), "both cards tell the result");
    expect([executedBy(w, card), proposalOrders(w).size]).toEqual([[1, 14], 1]);
    await w.close();
  });
});
