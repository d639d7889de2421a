import { expect, test } from "vitest";
import type { DeskEvent } from "../../src/core/event.ts";
import type { Decision } from "../../src/core/proposal.ts";
import type { Desk } from "../../src/desk/desk.ts";
import { Door } from "../../src/desk/door.ts";
import type { Outcome } from "../../src/desk/ports.ts";
import { alice, machineClock, proposal, STUCK, snapshot } from "../chat/desk.ts";
import { Disk, openMemoryStore } from "../simulation/memory-store.ts";
import type { Timeline } from "../simulation/timeline.ts";

/** A disk that writes in no time. */
const AT_ONCE = { after: (_: number, write: () => void) => write() } as unknown as Timeline;

/** A door on a store, with a desk behind it that notes what reaches it. */
function door(action = proposal().action) {
  const heard: DeskEvent[] = [];
  const desk = {
    kernel: { state: { at: 0, config: { epoch: 7 } } },
    ask: async (event: DeskEvent): Promise<Outcome> => {
      heard.push(event);
      return { isOk: true, text: "Done." };
    },
  } as unknown as Desk;
  const tokens: string[] = [];
  const store = openMemoryStore(
    new Disk(),
    AT_ONCE,
    () => false,
    () => machineClock.now(),
  );
  const chat = {
    alert: () => undefined,
    card: (_: unknown, token: string | undefined) => {
      if (token !== undefined) tokens.push(token);
    },
    health: () => [],
  };
  const parts = { desk, store, clock: machineClock, chat: () => chat, health: () => snapshot().health };
  const built = new Door(parts);
  const now = machineClock.now();
  const card = { ...proposal({ id: "r1-e7", action }), expiresWallAt: (now + 60_000) as never };
  const tap = (decision: Decision): Promise<Outcome> =>
    built.decide(tokens[0] ?? "", decision, alice("discord"));
  return { heard, show: () => built.show(card), tap };
}

test("a decision that a card does not know leaves it open for one that it does", async () => {
  const { heard, show, tap } = door(STUCK);
  await show();
  expect(await tap("approve")).toEqual({
    isOk: false,
    text: "This card offers several ways: choose one of aggressive, ladder, hedge, wait. Nothing was done.",
  });
  expect(heard).toEqual([]);
  expect((await tap("ladder")).isOk).toBe(true);
  expect(heard).toMatchObject([
    { type: "proposalClaimed", id: "r1-e7", decision: "ladder", requoteId: "k1-e7" },
  ]);
  expect(await tap("aggressive")).toEqual({
    isOk: false,
    text: "Already decided by alice on discord. Your tap did nothing.",
  });
});

test("a close has no ways", async () => {
  const { heard, show, tap } = door();
  await show();
  expect(await tap("hedge")).toEqual({
    isOk: false,
    text: 'A close has no way "hedge"; approve or reject it. Nothing was done.',
  });
  expect((await tap("approve")).isOk).toBe(true);
  expect(heard).toHaveLength(1);
});
