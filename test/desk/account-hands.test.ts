import { describe, expect, it } from "vitest";
import type { DeskEvent } from "../../src/core/event.ts";
import { millis, ONE, value } from "../../src/core/units.ts";
import { AccountHands } from "../../src/desk/account-hands.ts";
import type { MarginAnswer, Trading } from "../../src/desk/ports.ts";
import { Rig } from "../support/rig.ts";
import { ManualClock } from "./manual-clock.ts";

const WANTED = {
  type: "addMargin",
  id: "k1-e7",
  account: "main",
  instrument: "BTCUSDT",
  positionSide: "both",
  amount: value(20 * ONE),
} as const;

/** Hands on an exchange that says `answer`, and whose positions can be read while `isReadable`. */
function hands(answer: () => Promise<MarginAnswer>) {
  const clock = new ManualClock();
  const told: DeskEvent[] = [];
  const world = { leads: true, isReadable: true, asked: 0 };
  const trading: Pick<Trading, "addMargin" | "recvWindowMs"> = {
    recvWindowMs: 5_000,
    addMargin: () => {
      world.asked += 1;
      return answer();
    },
  };
  const account = new AccountHands({
    gateway: {
      trading: trading as Trading,
      account: {
        start: async () => {},
        stop: async () => {},
        truth: () => Promise.reject(new Error("nobody asks")),
        exposure: async () => {
          if (!world.isReadable) throw new Error("no answer");
          return { type: "exposure", at: millis(0), wallAt: millis(0), account: "main", books: [] };
        },
      },
    },
    state: new Rig().state,
    clock,
    log: { warn: () => {}, error: () => {} } as never,
    leads: () => world.leads,
    emit: (event) => void told.push(event),
  });
  const types = (): readonly string[] => told.map(({ type }) => type);
  const answered = () => told.find((event) => event.type === "marginAnswered");
  return { account, clock, world, types, answered };
}
const kept = Promise.resolve(true);

describe("the hands that add margin", () => {
  it("read the risk figures before they tell that it was added, and are in flight until then", async () => {
    const { account, clock, types, answered } = hands(async () => ({ type: "added" }));
    account.addMargin(WANTED, kept);
    expect(account.inFlight).toBe(1);
    await clock.pass(0);
    expect([types(), account.inFlight]).toEqual([["exposure", "marginAnswered"], 0]);
    expect(answered()).toMatchObject({ id: "k1-e7", status: "added", isRead: true });
  });

  it.each([
    ["an answer that says so", async (): Promise<MarginAnswer> => ({ type: "unknown", reason: "timed out" })],
    ["a fault of the client", () => Promise.reject(new Error("timed out"))],
  ])(
    "after a lost request look only when the exchange can't accept it any more: %s",
    async (_what, answer) => {
      const { account, clock, world, types, answered } = hands(answer);
      account.addMargin(WANTED, kept);
      await clock.pass(5_999);
      expect([types(), account.inFlight]).toEqual([[], 1]);
      await clock.pass(1);
      expect([types(), world.asked]).toEqual([["exposure", "marginAnswered"], 1]);
      expect(answered()).toMatchObject({ status: "unknown", reason: "timed out", isRead: true });
    },
  );

  it("say when the figures could not be read", async () => {
    const { account, clock, world, types, answered } = hands(async () => ({ type: "added" }));
    world.isReadable = false;
    account.addMargin(WANTED, kept);
    await clock.pass(0);
    expect([types(), answered()]).toEqual([
      ["marginAnswered"],
      expect.objectContaining({ status: "added", isRead: false }),
    ]);
  });

  it("ask for nothing that the ledger does not have, nor when another process leads by then", async () => {
    const unwritten = hands(async () => ({ type: "added" }));
    unwritten.account.addMargin(WANTED, Promise.resolve(false));
    await unwritten.clock.pass(0);
    expect([unwritten.world.asked, unwritten.answered()]).toEqual([
      0,
      expect.objectContaining({ status: "refused", reason: expect.stringContaining("ledger") }),
    ]);
    const deposed = hands(async () => ({ type: "added" }));
    let write = (_isKept: boolean): void => {};
    deposed.account.addMargin(WANTED, new Promise((done) => (write = done)));
    await deposed.clock.pass(1_000);
    expect(deposed.world.asked).toBe(0);
    deposed.world.leads = false;
    write(true);
    await deposed.clock.pass(0);
    expect([deposed.world.asked, deposed.answered()]).toEqual([
      0,
      expect.objectContaining({ status: "refused", reason: expect.stringContaining("another process") }),
    ]);
  });
});
