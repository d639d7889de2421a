import assert from "node:assert/strict";
import { type Random, seeded } from "../../src/core/random.ts";
import type { ShownCard } from "./card-watch.ts";
import { proposalOrders } from "./close-race.ts";
import { askClose, tapTelegram } from "./taps.ts";
import { ann, bob, CHANNEL, eve, GROUP, openWorld, type Person, pause, until, type World } from "./world.ts";

/** How many attempts are made, and from which seed. */
export interface ForgedPlan {
  readonly attempts: number;
  readonly seed: number;
  readonly tell: (line: string) => void;
}

/** What came of them. */
export interface ForgedReport {
  readonly attempts: number;
  readonly seed: number;
  /** Attempts by kind, as they were made. */
  readonly kinds: Readonly<Record<string, number>>;
  /** Taps that won, orders sent, facts made by an operator: of all attempts. */
  readonly accepted: number;
  /** Attempts that the ledger accounts for, by the reason that it gives. */
  readonly audited: Readonly<Record<string, number>>;
  readonly ledgerEntries: number;
  readonly seconds: number;
}

const AT_ONCE = 250;
const PATIENCE_MS = 120_000;
/** What only an accepted wish leaves in the ledger. */
const ACCEPTED = [
  ...["tap", "pause", "resume", "panic", "flatten", "setPrice", "adopt", "proposalExecuting"],
  ...["grant", "revoke", "link", "codeUsed"],
];

/** Where attempts are made: a card that is open (or just was), one that was decided, and one whose time ran out. */
interface Ground {
  readonly world: World;
  readonly random: Random;
  card: ShownCard;
  readonly decided: ShownCard;
  expired: ShownCard;
}

/** Makes one attempt. */
type Attempt = (ground: Ground) => void;

/** All kinds of attempts. Each is one update or interaction, and must come to one refusal. */
const KINDS: Readonly<Record<string, Attempt>> = {
  strangerTapsTheRealButton: (g) => tap(g, eve, buttonOf(g.card)),
  strangerTapsAnything: (g) => tap(g, eve, noise(g.random)),
  strangerCommands: ({ world, random }) => {
    if (random.below(2) === 0) world.telegram.say(eve.telegram, GROUP, acting(random));
    else world.discord.slash(eve.discord, CHANNEL, "panic");
  },
  strangerLinks: ({ world, random }) => {
    const code = Array.from({ length: 3 }, () => String(1_000 + random.below(9_000))).join("-");
    if (random.below(2) === 0) world.telegram.say(eve.telegram, GROUP, `/link ${code}`);
    else world.discord.slash(eve.discord, CHANNEL, "link", { code });
  },
  strangerWritesInPrivate: ({ world, random }) =>
    void world.telegram.say(eve.telegram, eve.telegram, acting(random)),
  wordsOfNobody: ({ world, random }) => {
    const how = random.below(2) === 0 ? { anonymousAdmin: true } : ({ forwarded: true } as const);
    world.telegram.say(ann.telegram, GROUP, acting(random), how);
  },
  madeUpToken: (g) => tap(g, someone(g), `v1:a:${madeUp(g.random, 22)}`),
  oneCharacterOff: (g) => tap(g, someone(g), oneOff(buttonOf(g.card), g.random)),
  noButtonOfOurs: (g) => tap(g, someone(g), noise(g.random)),
  buttonThatActs: (g) => tap(g, someone(g), `v1:x:${pick(g.random, ["panic", "resume", "pause"])}`),
  replayed: (g) => tap({ ...g, card: g.decided }, someone(g), buttonOf(g.decided)),
  expired: (g) => tap({ ...g, card: g.expired }, someone(g), buttonOf(g.expired)),
  foreignMessage: (g) => tap(g, someone(g), buttonOf(g.card), 1_000_000 + g.random.below(1_000)),
  foreignPlace: (g) => {
    const { world, random } = g;
    const place = { chat: { id: ann.telegram.id }, message_id: 1 + random.below(1_000) };
    if (random.below(2) === 0) world.telegram.press(ann.telegram, place, buttonOf(g.card));
    else
      world.discord.press(
        ann.discord,
        { id: "999", channel_id: world.discord.dm(ann.discord) },
        buttonOf(g.card),
      );
  },
  oldCommand: ({ world, random }) => {
    const date = Math.floor(Date.now() / 1_000) - 60 - random.below(3_600);
    world.telegram.say(ann.telegram, GROUP, acting(random), { date });
  },
};

/** Makes the attempts, a crowd at a time, and counts what the ledger says of them. Asserts that none was accepted. */
export async function forgedStory({ attempts, seed, tell }: ForgedPlan): Promise<ForgedReport> {
  const from = performance.now();
  const world = await openWorld({ limits: "raised", expiresSeconds: 5 });
  try {
    world.trade("buy", 10);
    await until(() => world.known().foreign === 10, "the desk knows of the position");
    const ground = await prepare(world, seeded(seed, "forged"));
    const kinds: Record<string, number> = Object.fromEntries(Object.keys(KINDS).map((kind) => [kind, 0]));
    const names = Object.keys(KINDS);
    let asked = 3;
    for (let made = 0; made < attempts; ) {
      if (world.cards.reads(ground.card.id, ": expired")) {
        ground.expired = ground.card;
        ground.card = await ask(world);
        asked += 1;
      }
      const crowd = Math.min(AT_ONCE, attempts - made);
      for (let at = 0; at < crowd; at += 1) {
        const kind = pick(ground.random, names);
        kinds[kind] = (kinds[kind] ?? 0) + 1;
        KINDS[kind]?.(ground);
      }
      made += crowd;
      await quiet(world);
      if (made % 5_000 === 0) tell(`${made} of ${attempts} attempts`);
    }
    assert.equal(world.held(), 10, "nothing was closed");
    assert.equal(proposalOrders(world).size, 0, "no card was carried out");
    // The twin: a real tap is taken.
    const { id } = await ask(world);
    asked += 1;
    assert.equal(await tapTelegram(world, ann, id), "Approved; closing now.");
    await until(() => world.held() === 0, "a real tap closes the position", PATIENCE_MS);
    await quiet(world);
    const { ledger } = await world.close();
    const count = (kind: string): number => ledger.filter((entry) => entry.kind === kind).length;
    const audited: Record<string, number> = {};
    for (const { kind, body } of ledger) {
      if (kind !== "refusal" && kind !== "tapRefused") continue;
      const told = JSON.parse(body) as { readonly reason: string; readonly attempts?: number };
      audited[told.reason] = (audited[told.reason] ?? 0) + (told.attempts ?? 1);
    }
    assert.equal(count("command"), asked, "no command was run but those that asked for cards");
    return {
      attempts,
      seed,
      kinds,
      // One real tap took a card back, and one was the last: its close also pauses the grid.
      accepted: ACCEPTED.reduce((sum, kind) => sum + count(kind), 0) - 4,
      audited,
      ledgerEntries: ledger.length,
      seconds: Math.round((performance.now() - from) / 1_000),
    };
  } finally {
    await world.abandon();
  }
}

/** A card that was taken back, one whose time runs out, and one that is open. */
async function prepare(world: World, random: Random): Promise<Ground> {
  const decided = await ask(world);
  await tapTelegram(world, ann, decided.id, buttonOf(decided).replace("v1:a:", "v1:r:"));
  const late = await ask(world);
  await until(() => world.cards.reads(late.id, ": expired"), "a card's time runs out", PATIENCE_MS);
  return { world, random, card: await ask(world), decided, expired: late };
}

async function ask(world: World): Promise<ShownCard> {
  const card = world.cards.find(await askClose(world, ann, "/close BTCUSDT foreign", PATIENCE_MS));
  assert(card?.telegram.token !== undefined, "the card is shown with its buttons");
  return card;
}

/** Waits until all that was done has reached the desk, and all that it wrote is on disk. */
async function quiet(world: World): Promise<void> {
  let [before, now] = [-1, 0];
  while (before !== now) {
    await until(() => world.telegram.updates.pending.length === 0, "all updates are read", PATIENCE_MS);
    await pause(100);
    before = now;
    now = (await world.running.door.audit(1)).head.sequence;
  }
}

const buttonOf = ({ telegram: { token } }: ShownCard): string => `v1:a:${token}`;
const pick = <T>(random: Random, all: readonly T[]): T => all[random.below(all.length)] as T;
/** Who may decide. */
const someone = ({ random }: Ground): Person => pick(random, [ann, bob]);
/** A command that acts. */
const acting = (random: Random): string =>
  pick(random, ["/panic", "/resume", "/pause", "/close BTCUSDT foreign"]);

/** A tap on the card, or on a made-up message in its room, on either platform. */
function tap({ world, random, card }: Ground, by: Person, data: string, message?: number): void {
  if (random.below(2) === 0) {
    const message_id = message ?? card.telegram.place.message_id;
    world.telegram.press(by.telegram, { chat: { id: GROUP }, message_id }, data);
  } else {
    const id = message === undefined ? card.discord.message.id : String(message);
    world.discord.press(by.discord, { id, channel_id: CHANNEL }, data);
  }
}

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const madeUp = (random: Random, length: number): string =>
  Array.from({ length }, () => LETTERS[random.below(LETTERS.length)]).join("");

/** A button with one character of its token changed. */
function oneOff(button: string, random: Random): string {
  const at = "v1:a:".length + random.below(button.length - "v1:a:".length);
  const other = button[at] === "A" ? "B" : "A";
  return button.slice(0, at) + other + button.slice(at + 1);
}

/** What is no button of ours. */
const noise = (random: Random): string =>
  pick(random, [
    `v1:z:${madeUp(random, 22)}`,
    `v1:a:${madeUp(random, random.below(16))}`,
    `v2:a:${madeUp(random, 22)}`,
    madeUp(random, 1 + random.below(64)),
    `v1:a:${madeUp(random, 60)}`,
    "approve all",
  ]);
