import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { FIXED_NONCE, readClientId } from "../../src/core/ids.ts";
import { type Random, seeded } from "../../src/core/random.ts";
import { askClose, tapDiscord, tapTelegram } from "./taps.ts";
import { ann, bob, pause, START_PRICE, until, type World } from "./world.ts";

/** How a race is run. */
export interface RaceOptions {
  readonly rounds: number;
  readonly seed: number;
  /** Every so many rounds the position is the grid's own instead of one opened by hand. */
  readonly ownEvery: number;
  readonly told?: (done: number) => void;
}

/** What came of all rounds. */
export interface RaceResult {
  readonly rounds: number;
  readonly seed: number;
  readonly own: number;
  readonly foreign: number;
  /** Orders with a proposal's id that the venue executed. */
  readonly executions: number;
  /** Proposals with more than one executed order. */
  readonly doubles: number;
  readonly taps: number;
  readonly tapsWon: number;
  readonly tapsRefused: number;
  readonly wonOn: { readonly telegram: number; readonly discord: number };
  readonly seconds: number;
  /** Of what came out of each round: kind, lots, executed orders and lots. The same seed gives the same. */
  readonly outcomeHash: string;
}

const PATIENCE_MS = 120_000;
const TAPS_WITHIN_MS = 25;
const WON = "Approved; closing now.";
const LOST = /^Already approved by (ann|bob) on (telegram|discord)\. Your tap did nothing\.$/;

/**
 * Closes fresh small positions one after the other, each with eight taps racing over both platforms, and asserts of
 * each round that one tap won, one order with the proposal's id was executed, and both cards say so.
 */
export async function race(world: World, options: RaceOptions): Promise<RaceResult> {
  const random = seeded(options.seed, "close-race");
  const started = performance.now();
  const outcomes: unknown[] = [];
  const wonOn = { telegram: 0, discord: 0 };
  let own = 0;
  for (let round = 1; round <= options.rounds; round += 1) {
    const isOwn = round % options.ownEvery === 0;
    if (isOwn) own += 1;
    const size = isOwn ? await openOwn(world) : await openForeign(world, 2 + random.below(5));
    const id = await askClose(world, ann, isOwn ? "/close BTCUSDT" : "/close BTCUSDT foreign", PATIENCE_MS);
    const by = await tapAll(world, id, random);
    wonOn[by] += 1;
    await until(() => world.held() === 0, `round ${round} is flat on the venue`);
    const platform = by === "telegram" ? "Telegram" : "Discord";
    await until(
      () => world.cards.reads(id, ": done", ` on ${platform} at `, "The book is flat."),
      `both cards of round ${round} tell the result`,
      PATIENCE_MS,
    );
    const [orders, filled] = executedBy(world, id);
    assert.deepEqual([orders, filled], [1, size], `round ${round}: one order closed the position`);
    if (isOwn) await until(() => world.openOrders().length + world.openStops().length === 0, "nothing rests");
    outcomes.push([isOwn ? "own" : "foreign", size, orders, filled]);
    if (world.known().own !== 0 || world.known().foreign !== 0) throw new Error("the desk is not flat");
    options.told?.(round);
  }
  const all = proposalOrders(world);
  return {
    rounds: options.rounds,
    seed: options.seed,
    own,
    foreign: options.rounds - own,
    executions: [...all.values()].reduce((sum, { orders }) => sum + orders, 0),
    doubles: [...all.values()].filter(({ orders }) => orders > 1).length,
    taps: options.rounds * 8,
    tapsWon: wonOn.telegram + wonOn.discord,
    tapsRefused: options.rounds * 8 - wonOn.telegram - wonOn.discord,
    wonOn,
    seconds: Math.round((performance.now() - started) / 100) / 10,
    outcomeHash: createHash("sha256").update(JSON.stringify(outcomes)).digest("hex"),
  };
}

type Tap = () => Promise<readonly [platform: "telegram" | "discord", told: string]>;

/**
 * Four taps on each platform by the two who may, in a shuffled order and a few milliseconds apart (a tap on Discord is
 * acknowledged first, so it would hardly ever win a dead heat); one wins, and its platform is given.
 */
async function tapAll(world: World, id: string, random: Random): Promise<"telegram" | "discord"> {
  const people = world.chat > 0 ? [ann] : [ann, bob];
  // Who taps late still has the button that was there before.
  const button = `v1:a:${world.cards.find(id)?.telegram.token}`;
  const taps = [0, 1, 2, 3].flatMap((turn): Tap[] => [
    () =>
      tapTelegram(world, people[turn % people.length] ?? ann, id, button).then(
        (text) => ["telegram", text] as const,
      ),
    () =>
      tapDiscord(world, turn % 2 === 0 ? ann : bob, id, button).then((text) => ["discord", text] as const),
  ]);
  for (let at = taps.length - 1; at > 0; at -= 1) {
    const other = random.below(at + 1);
    const [a, b] = [taps[at], taps[other]];
    if (a !== undefined && b !== undefined) [taps[at], taps[other]] = [b, a];
  }
  const starts = taps.map(() => random.below(TAPS_WITHIN_MS));
  const answers = await Promise.all(taps.map((tap, at) => pause(starts[at] ?? 0).then(tap)));
  const winners = answers.filter(([, text]) => text === WON);
  const losers = answers.filter(([, text]) => LOST.test(text));
  assert.deepEqual(
    [winners.length, losers.length],
    [1, 7],
    `one tap of eight wins: ${JSON.stringify(answers)}`,
  );
  return winners[0]?.[0] ?? "telegram";
}

/** Somebody opens a position by hand; the desk has seen it when it counts it as foreign. */
async function openForeign(world: World, size: number): Promise<number> {
  world.trade("buy", size);
  await until(() => world.known().foreign === size, "the desk knows of the foreign position");
  return size;
}

/** The grid is let go, opens a rung as the price falls to it, and guards it with a stop and a take profit. */
async function openOwn(world: World): Promise<number> {
  world.say(ann, "/resume");
  const entry = () => world.openOrders().find(({ clientId }) => readClientId(clientId)?.role === "entry");
  await until(() => entry() !== undefined, "the grid's entry rests", PATIENCE_MS);
  world.move((entry()?.request.price ?? START_PRICE) - 3);
  await until(() => world.openStops().length === 1 && world.openOrders().length === 1, "the rung is guarded");
  await until(() => world.known().own > 0 && world.known().own === world.held(), "the desk holds the rung");
  world.move(START_PRICE);
  return world.held();
}

type Executions = Pick<World, "executions">;

/** Executed orders and lots that carry a proposal's id. */
export function executedBy(world: Executions, id: string): readonly [orders: number, lots: number] {
  const found = proposalOrders(world).get(id);
  return [found?.orders ?? 0, found?.lots ?? 0];
}

/** What the venue executed for proposals, by their ids. */
export function proposalOrders(world: Executions): ReadonlyMap<string, { orders: number; lots: number }> {
  const found = new Map<string, { orders: number; lots: number }>();
  for (const [clientId, { orders, lots }] of world.executions) {
    const id = readClientId(clientId);
    if (id?.role !== "close" || id.nonce !== FIXED_NONCE) continue;
    const key = `k${id.generation}-e${id.epoch}`;
    const entry = found.get(key) ?? { orders: 0, lots: 0 };
    found.set(key, { orders: entry.orders + orders.size, lots: entry.lots + lots });
  }
  return found;
}

/** Asserts that the race and the ledger tell the same story: one winning tap, seven refused ones and one end a round. */
export function assertLedger(result: RaceResult, kinds: readonly string[]): void {
  const count = (kind: string): number => kinds.filter((each) => each === kind).length;
  assert.deepEqual(
    {
      executions: result.executions,
      doubles: result.doubles,
      raised: count("proposalRaised"),
      won: count("tap"),
      refused: count("tapRefused"),
      executing: count("proposalExecuting"),
      ended: count("proposalEnded"),
    },
    {
      executions: result.rounds,
      doubles: 0,
      raised: result.rounds,
      won: result.rounds,
      refused: result.rounds * 7,
      executing: result.rounds,
      ended: result.rounds,
    },
  );
}
