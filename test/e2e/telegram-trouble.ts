import assert from "node:assert/strict";
import { readClientId } from "../../src/core/ids.ts";
import type { Fault } from "../emulators/telegram/door.ts";
import { proposalOrders } from "./close-race.ts";
import { askClose, slash } from "./taps.ts";
import { ann, pause, START_PRICE, until, type World } from "./world.ts";

/** What Telegram may do to us, in the order of the story. */
const KINDS = ["conflict409", "flood429", "hang", "down"] as const;
type Kind = (typeof KINDS)[number];

/** What came of one fault. */
export interface Weathered {
  readonly fault: Kind;
  readonly seconds: number;
  /** Orders of the desk that were executed on the venue, whole or in part, while the fault lasted. */
  readonly fills: number;
  readonly entries: number;
  /** The slowest answer on Discord meanwhile, in milliseconds. */
  readonly discordMs: number;
  /** From the end of the fault to the first answer on Telegram, in seconds. */
  readonly backAfterSeconds: number;
}

/** How long the faults last. */
export interface TroubleOptions {
  readonly ms: Readonly<Record<Kind, number>>;
  /** Old enough that a command must not act any more; shorter than every fault. */
  readonly oldMs: number;
  readonly told?: (row: Weathered) => void;
}

const BACK_MS_MAX = 60_000;

/**
 * Runs the grid on a moving market through all faults, one after the other. Asserts of each that the grid traded on,
 * Discord answered, Telegram was back in time, and what was typed and tapped meanwhile was not carried out.
 */
export async function weather(world: World, options: TroubleOptions): Promise<readonly Weathered[]> {
  const stopWaves = waves(world);
  const rows: Weathered[] = [];
  try {
    await until(() => countOf(world).fills >= 3, "the grid trades", 30_000);
    for (const fault of KINDS) {
      const row = await one(world, fault, options);
      rows.push(row);
      options.told?.(row);
    }
  } finally {
    stopWaves();
  }
  return rows;
}

async function one(world: World, kind: Kind, { ms, oldMs }: TroubleOptions): Promise<Weathered> {
  const { telegram } = world;
  const { state } = world.running.desk.kernel;
  // A card that stands when the fault begins; it is tapped during the fault and has expired when the tap arrives.
  const id = kind === "down" ? await askClose(world, ann, "/close BTCUSDT") : undefined;
  const card = world.cards.find(id);
  const before = countOf(world);
  const fault: Fault =
    kind === "flood429"
      ? telegram.fault.flood429(ms[kind] / 1_000, { polls: true })
      : telegram.fault[kind](ms[kind]);
  const began = performance.now();
  let isOver = false;
  const ended = fault.over.then(() => {
    isOver = true;
    return performance.now();
  });
  world.say(ann, "/pause");
  world.say(ann, "/close BTCUSDT foreign");
  if (card !== undefined) telegram.press(ann.telegram, card.telegram.place, `v1:a:${card.telegram.token}`);
  let discordMs = 0;
  while (!isOver) {
    const asked = performance.now();
    assert.match(await slash(world, ann, "status"), /grid/);
    discordMs = Math.max(discordMs, performance.now() - asked);
    await Promise.race([pause(Math.min(1_000, ms[kind] / 4)), ended]);
  }
  const endedAt = await ended;
  const during = countOf(world);
  const answers = telegram.calls.length;
  world.say(ann, "/version");
  const isAnswer = (at: number): boolean => {
    const call = telegram.calls[at];
    return (
      call?.method === "sendMessage" &&
      call.error === undefined &&
      JSON.stringify(call.message).includes("perpdesk 0.1.0")
    );
  };
  let seen = answers;
  await until(
    () => {
      while (seen < telegram.calls.length && !isAnswer(seen)) seen += 1;
      return seen < telegram.calls.length;
    },
    `Telegram answers again after ${kind}`,
    BACK_MS_MAX,
  );
  const backAfter = performance.now() - endedAt;
  assert(endedAt - began >= oldMs, "what was typed at the beginning is old at the end");
  await told(world, answers, "/pause");
  await told(world, answers, "/close");
  assert.deepEqual([...state.paused], [], `after ${kind} nothing is paused`);
  assert.equal(proposalOrders(world).size, 0, `after ${kind} nothing was closed`);
  assert(
    state.proposals.all().every((each) => each.id === id && each.state === "expired"),
    "nothing was proposed",
  );
  assert(during.fills > before.fills && during.entries > before.entries, `the grid traded on during ${kind}`);
  return {
    fault: kind,
    seconds: rounded(endedAt - began),
    fills: during.fills - before.fills,
    entries: during.entries - before.entries,
    discordMs: Math.round(discordMs),
    backAfterSeconds: rounded(backAfter),
  };
}

/** The one who typed an old command is told that it was not carried out. */
const told = (world: World, from: number, command: string): Promise<void> =>
  until(
    () =>
      world.telegram.calls
        .slice(from)
        .some(({ message }) => JSON.stringify(message ?? null).includes(`Your ${command} was written`)),
    `${command} is refused for its age`,
    BACK_MS_MAX,
  );

/** The market swings around where it began, wide enough for the grid to open and close rungs all the time. */
function waves({ market }: World): () => void {
  const began = performance.now();
  const timer = setInterval(() => {
    const phase = ((performance.now() - began) / WAVE_MS) * 2 * Math.PI;
    market.set("BTCUSDT", Math.round(START_PRICE * (1 + 0.004 * Math.sin(phase))) as never);
  }, 20);
  return () => clearInterval(timer);
}

const WAVE_MS = 2_000;

/** Executed orders of the desk so far, and how many of them were entries. */
function countOf({ executions }: World): { readonly fills: number; readonly entries: number } {
  const roles = [...executions.keys()].map((clientId) => readClientId(clientId)?.role);
  return {
    fills: roles.filter((role) => role !== undefined).length,
    entries: roles.filter((role) => role === "entry").length,
  };
}

const rounded = (ms: number): number => Math.round(ms / 100) / 10;
