import { afterEach, describe, expect, it } from "vitest";
import { ONE, value } from "../../src/core/units.ts";
import { refusal } from "../gateways/wire.ts";
import type { Carrier } from "./life.ts";
import { ALICE, CAROL, World } from "./world.ts";

const CALL = "POST /fapi/v1/positionMargin";
const USDT = (amount: number) => value(amount * ONE);
let world: World;
afterEach(() => world.shut());

/** A rung is held with its exits. */
async function open(carrier: Carrier = "direct"): Promise<void> {
  world = await World.holding({ carrier, isWired: true });
  await world.until(() => behind() > 0 && known() === behind(), "the desk knows what stands behind it");
}
const position = () => world.exchange.positions("main").find(({ lots }) => lots !== 0);
/** What stands behind the position, by the exchange. */
const behind = (): number => position()?.isolatedWallet ?? 0;
const known = () => world.state.account.exposure(world.state.account.book("BTCUSDT", "both"))?.isolatedWallet;
const counted = () => world.state.facts.margins.of("grid1");
const card = () => world.life.cards.findLast(({ proposal }) => proposal.action.type === "addMargin");
const outcome = () => card()?.proposal.outcome ?? "";

/** Asks for it and approves the card; resolves when the card is closed. */
async function add(amount: number) {
  const { door } = world.life;
  const wish = { instrument: "BTCUSDT", positionSide: undefined, amount: USDT(amount) };
  expect(await door.proposeMargin(ALICE, wish)).toMatchObject({ isOk: true });
  await world.until(() => card()?.token !== undefined, "the card is shown");
  const answer = await door.decide(card()?.token ?? "", "approve", CAROL);
  expect(answer).toEqual({ isOk: true, text: "Approved; adding the margin now." });
}
const ends = (state: string): Promise<void> =>
  world.until(() => card()?.proposal.state === state, `the card is ${state}`);

describe("scenario 42: margin that a person adds", () => {
  it.each(["direct", "ccxt"] as const)(
    "moves the liquidation away, counts against the purse over a restart, and no more when all is closed (%s)",
    async (carrier) => {
      await open(carrier);
      const [before, liquidation = 0] = [behind(), position()?.liquidation];
      await add(5);
      await ends("done");
      expect(behind()).toBe(before + 5 * ONE);
      expect(position()?.liquidation).toBeLessThan(liquidation);
      expect([known(), counted()]).toEqual([behind(), 5 * ONE]);
      expect(outcome()).toMatch(
        /^It was added. [\d.]+ USDT stand behind [\d.]+ BTC now, with liquidation at [\d.]+\.$/,
      );
      world.kill();
      await world.boot();
      expect(counted()).toBe(5 * ONE);
      await world.close();
      await world.until(() => position() === undefined && counted() === 0, "the purse has it back");
      world.kill();
      await world.boot();
      expect([counted(), await world.differences()]).toEqual([0, []]);
    },
  );

  it("whose answer is lost after it was carried out is found there, and is never asked for twice", async () => {
    await open();
    const before = behind();
    world.wire.spoil(CALL, { type: "reset", isCarriedOut: true });
    await add(5);
    await ends("done");
    expect([behind(), counted()]).toEqual([before + 5 * ONE, 5 * ONE]);
    expect(outcome()).toMatch(/^Its answer was lost, and the margin is there\. /);
  });

  it("whose request is lost is told as not known; the purse counts it until the position is closed", async () => {
    await open();
    const before = behind();
    world.wire.spoil(CALL, { type: "reset" });
    await add(5);
    await ends("failed");
    expect([behind(), counted()]).toEqual([before, 5 * ONE]);
    expect(outcome()).toMatch(/^Whether it was added is not known \(.*look again in a minute/);
  });

  it("that the exchange refuses counts no more, and its reason is told", async () => {
    await open();
    const before = behind();
    world.wire.spoil(CALL, refusal(-2019, 400));
    await add(5);
    await ends("failed");
    expect([behind(), counted()]).toEqual([before, 0]);
    expect(outcome()).toMatch(/^The exchange refused it: .*\(-2019\)\. Nothing was added\.$/);
  });

  it("is not asked for again by the next life when the desk dies under it, and still counts", async () => {
    await open();
    const before = behind();
    world.wire.spoil(CALL, { type: "hang", isCarriedOut: true });
    await add(5);
    await world.until(() => behind() === before + 5 * ONE, "it is carried out");
    world.kill();
    await world.boot();
    await ends("failed");
    expect([behind(), counted()]).toEqual([before + 5 * ONE, 5 * ONE]);
    expect(outcome()).toMatch(/^The desk restarted before it was done; \/margin shows what stands behind it/);
    expect(world.wire.count(CALL)).toBe(1);
  });
});
