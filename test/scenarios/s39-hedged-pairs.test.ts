import { afterEach, describe, expect, it } from "vitest";
import { lots, millis, rate } from "../../src/core/units.ts";
import type { GridParameters } from "../../src/engines/grid/parameters.ts";
import { ONE_BRACKET } from "../support/instruments.ts";
import { executionsAddUp } from "./agreement.ts";
import { ONE_RUNG } from "./grids.ts";
import { ALICE, World } from "./world.ts";

let world: World;
afterEach(() => world.shut());

/** Bought at 100 (50,000.0) in hedge mode, to be sold at 101; the price falls to 95 and stays. Stuck after a minute. */
const EXAMPLE: GridParameters = {
  ...ONE_RUNG,
  positionSide: "long",
  takeProfit: rate(1_000_000),
  stopLoss: rate(10_000_000),
  recovery: "hedge",
  stuckAfterMs: millis(60_000),
  waitMs: millis(360_000_000),
};

/** Signed lots of the two books at the exchange. */
const legs = (): readonly [number, number] => {
  const held = (side: string): number =>
    world.exchange.positions("main").find((each) => each.positionSide === side)?.lots ?? 0;
  return [held("long"), held("short")];
};
/** Book, price and open lots of what rests for a role. */
const rests = (role: "takeProfit" | "stop" | "ladder") =>
  world
    .live(role)
    .map(({ request }) => [
      request.positionSide,
      ("trigger" in request ? request.trigger : request.price) ?? 0,
      request.lots ?? 0,
    ])
    .sort();
const button = (): string | undefined =>
  world.life.cards.findLast(({ proposal }) => proposal.state === "pending")?.token;
const shares = () =>
  (["long", "short"] as const).map((side) => world.state.account.share("BTCUSDT", side, "grid1").lots);

/** Held, fallen to 95, and asked about, minute by minute; with what closes and stops rest at the end of each. */
async function asked(grid: Partial<GridParameters> = {}): Promise<unknown[]> {
  world = await World.holding({ grids: [{ ...EXAMPLE, ...grid }], carrier: "direct", isHedge: true });
  world.price(475_000);
  const course: unknown[] = [];
  for (let minute = 1; minute <= 4; minute += 1) {
    await world.idle(60_000);
    course.push([rests("takeProfit"), rests("stop"), legs()]);
  }
  for (let minute = 5; minute <= 6 && button() === undefined; minute += 1) await world.idle(60_000);
  await world.until(() => button() !== undefined, "the card is shown");
  return course;
}
/** With a yes on the card and both legs standing. */
async function paired(): Promise<void> {
  await asked();
  expect(await world.life.door.decide(button() ?? "", "hedge", ALICE)).toEqual({
    isOk: true,
    text: "Decided; opening the hedge now.",
  });
  await world.until(
    () => legs()[1] === -10 && rests("stop").length === 2 && rests("takeProfit").length === 0,
    "the pair stands",
  );
  await world.until(() => world.desk.inFlight === 0, "all of it is acknowledged");
}
const STOPS = [
  ["long", 401_732, 10],
  ["short", 543_518, 10],
];
const flat = (): boolean =>
  legs().every((size) => size === 0) && rests("stop").length === 0 && world.desk.inFlight === 0;

const deleverage = (side: "long" | "short") =>
  world.exchange.hand.deleverage("main", "BTCUSDT", side, lots(10));
/** For a moment the exchange asks for more maintenance than the losing leg has: 47 % of it is left, of the hedge 50 %. */
function liquidateRung(): void {
  const { hand } = world.exchange;
  hand.setBrackets(
    "BTCUSDT",
    ONE_BRACKET.map((bracket) => ({ ...bracket, maintenance: rate(48_500_000) })),
  );
  hand.setBrackets("BTCUSDT", ONE_BRACKET);
}

describe("scenario 39: bought at 100, the price falls to 95 and stays, and a person hedges", () => {
  it("minute by minute: nothing moves before the yes; then two legs, each with its stop, and the price back at 100 ends both", async () => {
    const course = await asked();
    const before = [[["long", 505_000, 10]], [["long", 450_000, 10]], [10, 0]];
    expect(course).toEqual([before, before, before, before]);
    await world.life.door.decide(button() ?? "", "hedge", ALICE);
    await world.until(() => rests("stop").length === 2 && rests("takeProfit").length === 0, "it stands");
    expect([legs(), rests("stop"), shares()]).toEqual([[10, -10], STOPS, [10, -10]]);
    const order = [
      ...world.life.sent.map(({ role, positionSide }) => `send ${role} ${positionSide}`),
      ...world.life.canceled.map(({ role, positionSide }) => `cancel ${role} ${positionSide}`),
    ];
    expect(order.slice(-5)).toEqual([
      "send hedge short",
      "send stop short",
      "send stop long",
      "cancel takeProfit long",
      "cancel stop long",
    ]);
    world.price(499_000);
    await world.pass(2_000);
    expect(legs()).toEqual([10, -10]);
    world.price(500_010);
    await world.until(flat, "both legs are closed");
    await world.pass(2_000);
    expect([executionsAddUp(world), shares()]).toEqual([[], [0, 0]]);
    const closes = world.life.trades.map(({ Action, Leg, Cause, Size }) => [Action, Leg ?? "", Cause, Size]);
    expect(closes.sort().reverse()).toEqual([
      ["CLOSE", "hedge", "hedge", "0.010"],
      ["CLOSE", "", "hedge", "0.010"],
    ]);
    const told = world.life.trades.reduce((sum, { PnL, Fees }) => sum + Number(PnL) - Number(Fees), 0);
    expect(told * 1e8).toBeCloseTo(world.exchange.balance("main").wallet - 10_000 * 1e8, 0);
  });

  it.each([
    ["hedge", 544_000],
    ["rung", 401_000],
  ])("the stop of the %s fires: the other leg is closed in the same turn", async (_leg, price) => {
    await paired();
    world.price(price);
    await world.until(flat, "the other leg is closed too");
    await world.pass(1_000);
    expect([world.sent["close"], executionsAddUp(world), shares()]).toEqual([1, [], [0, 0]]);
  });

  it.each([
    ["stopped", 544_000, 401_000],
    ["stopped the other way", 401_000, 544_000],
  ])(
    "the desk is dead for good, one leg is %s: the other's loss ends at its own stop",
    async (_how, first, then) => {
      await paired();
      world.kill();
      world.price(first);
      expect(legs().filter((size) => size !== 0)).toHaveLength(1);
      world.price(then);
      expect(legs()).toEqual([0, 0]);
      const { wallet } = world.exchange.balance("main");
      // From 500,000 and 475,000: the worst that the two stops, a little slippage and the fees come to.
      const worst = (500_000 - 400_000 + 545_000 - 475_000) * 10 * 0.0001 + 3;
      expect(10_000 - wallet / 1e8).toBeLessThan(worst);
    },
  );

  it.each([
    ["hedge", "deleveraged", [10, 0], (): void => void deleverage("short"), 401_000],
    ["rung", "liquidated", [0, -10], (): void => liquidateRung(), 544_000],
  ] as const)(
    "the desk is dead for good, the %s is %s: the other's loss ends at its own stop",
    async (_leg, _how, left, happens, price) => {
      await paired();
      world.kill();
      happens();
      expect(legs()).toEqual(left);
      world.price(price);
      expect(legs()).toEqual([0, 0]);
    },
  );

  it.each([
    ["its stop fired", () => world.price(544_000)],
    ["it was deleveraged", () => void deleverage("short")],
    ["its rung was liquidated", () => liquidateRung()],
  ])(
    "the desk is dead while a leg goes (%s), and started again: the other leg goes too",
    async (_how, happens) => {
      await paired();
      world.kill();
      happens();
      await world.boot();
      await world.until(flat, "the other leg is closed");
      expect([executionsAddUp(world), shares()]).toEqual([[], [0, 0]]);
    },
  );

  it("killed while the hedge travels and started again, the pair stands as if nothing had happened, and ends as one", async () => {
    await asked();
    void world.life.door.decide(button() ?? "", "hedge", ALICE);
    await world.until(() => world.sent["hedge"] === 1, "the hedge leaves");
    world.kill();
    await world.pass(500);
    await world.boot();
    await world.until(() => rests("stop").length === 2 && rests("takeProfit").length === 0, "it stands");
    expect([legs(), rests("stop"), shares(), world.sent["hedge"]]).toEqual([[10, -10], STOPS, [10, -10], 1]);
    world.price(500_010);
    await world.until(flat, "both legs are closed");
    expect(executionsAddUp(world)).toEqual([]);
  });

  it("a no is the ladder", async () => {
    await asked();
    expect(await world.life.door.decide(button() ?? "", "reject", ALICE)).toEqual({
      isOk: true,
      text: "The hedge is refused; placing the ladder now.",
    });
    await world.until(() => world.live("ladder").length === 3, "the ladder rests");
    expect([legs(), rests("stop"), world.sent["hedge"]]).toEqual([
      [10, 0],
      [["long", 450_000, 10]],
      undefined,
    ]);
  });

  it("a yes that the guard refuses at the tap opens nothing: the answer says why, and the ladder is laid", async () => {
    await asked();
    const { door } = world.life;
    await door.pause(ALICE);
    expect(await door.decide(button() ?? "", "hedge", ALICE)).toEqual({
      isOk: false,
      text: "Not hedged: the guard refuses it (paused): entries are paused. Instead: placing the ladder now.",
    });
    await world.until(() => world.live("ladder").length === 3, "the ladder rests");
    expect([legs(), world.sent["hedge"]]).toEqual([[10, 0], undefined]);
  });
});
