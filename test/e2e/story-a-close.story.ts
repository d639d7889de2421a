import { afterEach, expect, test } from "vitest";
import { assertLedger, executedBy, proposalOrders, race } from "./close-race.ts";
import { askClose, slash, tapDiscord, tapTelegram } from "./taps.ts";
import { ann, bob, eve, openWorld, START_PRICE, until, type World, type WorldOptions } from "./world.ts";

let world: World | undefined;
afterEach(async () => {
  await world?.abandon();
  world = undefined;
});
const open = async (options?: WorldOptions): Promise<World> => {
  world = await openWorld(options);
  return world;
};
const wholeLedger = ({ ledger }: { ledger: readonly { kind: string; body: string }[] }, kind: string) =>
  ledger.filter((entry) => entry.kind === kind).map(({ body }) => JSON.parse(body));

test("/close on Telegram, approved there: the book is flat and both cards say who, where and what came of it; a moved price is quoted anew; taps that may not decide are told so", async () => {
  const w = await open({ expiresSeconds: 8 });
  w.trade("buy", 10);
  await until(() => w.known().foreign === 10, "the desk knows of the position");

  // Without the word nothing foreign is touched, and people are told how to say it.
  w.say(ann, "/close BTCUSDT");
  await w.telegram.wait((call) => JSON.stringify(call.params).includes("name it with `foreign`"), 10_000);

  const first = await askClose(w, ann, "/close BTCUSDT foreign");
  expect(
    w.cards.reads(first, "Close BTCUSDT long?", "FOREIGN: 0.010 BTC long", "sell 0.010 BTC (100%)"),
  ).toBe(true);
  const token = w.cards.find(first)?.telegram.token;
  expect(token).toMatch(/^[\w-]{22}$/);
  expect(w.cards.find(first)?.discord.token).toBe(token);

  // Forged: made up, or somebody's whom the desk doesn't know.
  expect(await tapTelegram(w, ann, first, `v1:a:${"z".repeat(22)}`)).toBe(
    "This button belongs to no open proposal. Nothing was done.",
  );
  expect(await tapTelegram(w, ann, first, "approve all")).toBe(
    "This button is not one of this desk. Nothing was done.",
  );
  expect(await tapTelegram(w, eve, first)).toBe("This desk doesn't know you. Nothing was done.");
  expect(await tapDiscord(w, eve, first)).toBe("This desk doesn't know you. Nothing was done.");
  expect(w.held()).toBe(10);

  // Drift: the price moves by half a percent between the card and the tap.
  w.move(START_PRICE - 2_500);
  await until(
    () => (w.running.desk.kernel.state.board.of("BTCUSDT").top?.bid ?? 0) < 498_000,
    "the desk saw it",
  );
  expect(await tapTelegram(w, ann, first)).toBe("Not executed: the price moved. Look at the new quote.");
  await until(() => w.cards.ids().length === 2, "the new quote is on both platforms");
  const second = w.cards.ids()[1] ?? "";
  await until(
    () => w.cards.reads(first, ": re-quoted", `The card ${second} shows the new figures.`),
    "both say so",
  );
  expect(w.cards.reads(second, `Replaces ${first}: new figures.`)).toBe(true);
  expect(await tapDiscord(w, bob, first, `v1:a:${token}`)).toBe(
    "This card was replaced by a new quote. Nothing was done.",
  );
  expect([w.held(), proposalOrders(w).size]).toEqual([10, 0]);

  // The new card works, once.
  expect(await tapTelegram(w, ann, second)).toBe("Approved; closing now.");
  await until(() => w.held() === 0, "the book is flat on the venue");
  await until(
    () =>
      w.cards.reads(
        second,
        "Close BTCUSDT long: done",
        "Approved by ann on Telegram at ",
        "The book is flat.",
      ),
    "both cards tell the result",
  );
  expect(w.cards.find(second)?.telegram.token ?? w.cards.find(second)?.discord.token).toBeUndefined();
  expect(executedBy(w, second)).toEqual([1, 10]);
  const used = w.running.door.snapshot().proposals;
  expect(used.map(({ state }) => state)).not.toContain("pending");

  // A second tap, and a late one on a card that nobody decided in time.
  w.trade("sell", 5);
  await until(() => w.known().foreign === -5, "the desk knows of the short");
  const third = await askClose(w, ann, "/close foreign BTCUSDT");
  const late = w.cards.find(third)?.telegram.token;
  await until(() => w.cards.reads(third, ": expired", "Nothing was sent."), "the card has expired");
  expect(await tapTelegram(w, ann, third, `v1:a:${late}`)).toBe(
    "This proposal has expired. Nothing was done.",
  );
  expect(await tapDiscord(w, bob, third, `v1:a:${late}`)).toBe(
    "This proposal has expired. Nothing was done.",
  );
  expect([w.held(), proposalOrders(w).size]).toEqual([-5, 1]);

  // Asked and approved on Discord by another person: the same on both platforms. Then the second tap.
  const before = w.cards.ids().length;
  expect(await slash(w, bob, "close", { symbol: "BTCUSDT", foreign: "yes" })).toContain("Proposed");
  await until(() => w.cards.ids().length > before, "the card is on both platforms");
  const fourth = w.cards.ids().at(-1) ?? "";
  const button = `v1:a:${w.cards.find(fourth)?.discord.token}`;
  expect(await tapDiscord(w, bob, fourth)).toBe("Approved; closing now.");
  await until(
    () => w.cards.reads(fourth, ": done", "Approved by bob on Discord at "),
    "both cards tell the result",
  );
  expect(await tapTelegram(w, ann, fourth, button)).toBe(
    "Already approved by bob on discord. Your tap did nothing.",
  );
  expect([w.held(), executedBy(w, fourth)]).toEqual([0, [1, 5]]);

  const ended = await w.close();
  expect(wholeLedger(ended, "tap")).toHaveLength(3);
  expect(wholeLedger(ended, "tapRefused").map(({ reason }) => reason)).toEqual([
    "unknown token",
    "not pending",
    "not pending",
    "not pending",
    "not pending",
  ]);
  expect(wholeLedger(ended, "refusal").map(({ reason }) => reason)).toEqual(["forged", "unknown", "unknown"]);
  expect(wholeLedger(ended, "proposalEnded").map(({ state }) => state)).toEqual([
    "superseded",
    "done",
    "expired",
    "done",
  ]);
});

test("100 rounds of eight racing taps without flood limits: 100 executions, none twice", async () => {
  const w = await open({ limits: "raised" });
  const result = await race(w, { rounds: 100, seed: 1, ownEvery: 10 });
  const { ledger } = await w.close();
  assertLedger(
    result,
    ledger.map(({ kind }) => kind),
  );
  expect(result).toMatchObject({
    executions: 100,
    doubles: 0,
    own: 10,
    foreign: 90,
    tapsWon: 100,
    tapsRefused: 700,
  });
});

test("20 rounds with every limit as shipped", async () => {
  const w = await open({ telegram: "private" });
  const result = await race(w, { rounds: 20, seed: 2, ownEvery: 10 });
  const { ledger } = await w.close();
  assertLedger(
    result,
    ledger.map(({ kind }) => kind),
  );
  expect(result).toMatchObject({
    executions: 20,
    doubles: 0,
    own: 2,
    foreign: 18,
    tapsWon: 20,
    tapsRefused: 140,
  });
});
