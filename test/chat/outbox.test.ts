import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Outbox, type OutboxJob } from "../../src/chat/outbox.ts";
import { DISCORD_PACE, type PaceLimits, type Priority, TELEGRAM_PACE } from "../../src/chat/pace.ts";
import type { Delivery } from "../../src/chat/room.ts";
import { ManualClock, settle } from "./desk.ts";

const group = { chat: "-42", isGroup: true };
const person = { chat: "501", isGroup: false };
const SENT: Delivery = { type: "sent", message: "1" };

function desk(options: { readonly waitingMax?: number; readonly limits?: PaceLimits } = {}) {
  const clock = new ManualClock();
  const log: string[] = [];
  const outbox = new Outbox({
    clock,
    log: (level, text) => log.push(`${level} ${text}`),
    limits: TELEGRAM_PACE,
    ...options,
  });
  const written: { readonly what: string; readonly at: number }[] = [];
  const job = (
    what: string,
    priority: Priority,
    more: Partial<OutboxJob> = {},
    answers: Delivery[] = [],
  ): OutboxJob => ({
    priority,
    run: async () => {
      const answer = answers.shift() ?? SENT;
      if (answer.type === "sent") written.push({ what, at: clock.monotonic() });
      return answer;
    },
    ...more,
  });
  return { clock, log, outbox, written, job };
}

describe("what goes first", () => {
  test("critical, then replies, then edits, then the rest, each in its order", async () => {
    const { clock, outbox, written, job } = desk();
    const order: Priority[] = ["info", "edit", "reply", "critical", "info", "edit", "reply", "critical"];
    outbox.add(group, job("first", "info"));
    for (const [at, priority] of order.entries()) outbox.add(group, job(`${priority}${at}`, priority));
    await clock.pass(20_000);
    expect(written.map((each) => each.what)).toEqual([
      "first",
      "critical3",
      "critical7",
      "reply2",
      "reply6",
      "edit1",
      "edit5",
      "info0",
      "info4",
    ]);
    expect(outbox.pending).toBe(0);
  });

  test("something critical is out within two seconds behind a full queue", async () => {
    const { clock, outbox, written, job } = desk();
    for (let at = 0; at < 1_000; at += 1) outbox.add(group, job(`info${at}`, "info"));
    await clock.pass(61_500);
    const asked = clock.monotonic();
    outbox.add(group, job("critical", "critical"));
    await clock.pass(10_000);
    const critical = written.find((each) => each.what === "critical");
    expect((critical?.at ?? Number.NaN) - asked).toBeLessThan(2_000);
  });

  test("a waiting job of the same key is replaced; the newest is written, at the higher priority", async () => {
    const { clock, outbox, written, job } = desk();
    for (let at = 0; at < 4; at += 1) outbox.add(group, job(`before${at}`, "reply"));
    outbox.add(group, job("old", "critical", { key: "a" }));
    outbox.add(group, job("other", "info", { key: "b" }));
    outbox.add(group, job("new", "edit", { key: "a" }));
    await clock.pass(20_000);
    expect(written.map((each) => each.what)).toEqual([
      "before0",
      "new",
      "before1",
      "before2",
      "before3",
      "other",
    ]);
  });
});

describe("limits", () => {
  test("a group gets at most 18 a minute, and all of it in the end", async () => {
    const { clock, outbox, written, job } = desk();
    for (let at = 0; at < 60; at += 1) outbox.add(group, job(String(at), "reply"));
    await clock.pass(240_000);
    expect(written).toHaveLength(60);
    for (const { at } of written) {
      expect(written.filter((each) => each.at >= at && each.at < at + 60_000).length).toBeLessThanOrEqual(18);
    }
    expect(written.filter((each) => each.at < 60_000)).toHaveLength(18);
  });

  test("edits and news leave a group room for answers, and answers for what is critical", async () => {
    const { clock, outbox, written, job } = desk();
    for (let at = 0; at < 30; at += 1) outbox.add(group, job(`info${at}`, "info"));
    await clock.pass(20_000);
    for (let at = 0; at < 5; at += 1) outbox.add(group, job(`edit${at}`, "edit"));
    await clock.pass(10_000);
    for (let at = 0; at < 9; at += 1) outbox.add(group, job(`reply${at}`, "reply"));
    await clock.pass(10_000);
    for (let at = 0; at < 9; at += 1) outbox.add(group, job(`critical${at}`, "critical"));
    await clock.pass(10_000);
    const of = (priority: Priority): number =>
      written.filter((each) => each.what.startsWith(priority)).length;
    expect([of("info"), of("edit"), of("reply"), of("critical")]).toEqual([12, 2, 4, 2]);
  });

  test("topics of one group share its limits, and a wait that the platform asks for", async () => {
    const { clock, outbox, written, job } = desk();
    const [one, other] = ["-42/1", "-42/2"].map((chat) => ({ chat, limitedAs: "-42", isGroup: true }));
    if (one === undefined || other === undefined) throw new Error("two topics");
    for (let at = 0; at < 15; at += 1) {
      outbox.add(one, job(`one${at}`, "reply"));
      outbox.add(other, job(`other${at}`, "reply"));
    }
    await clock.pass(59_000);
    expect(written).toHaveLength(18);
    await clock.pass(120_000);
    expect(written).toHaveLength(30);
    const from = clock.monotonic();
    outbox.add(one, job("late", "critical", {}, [{ type: "later", afterMs: 30_000, reason: "429" }]));
    await clock.pass(1_000);
    outbox.add(other, job("waits too", "critical"));
    await clock.pass(60_000);
    const last = written.slice(-2);
    expect(last.map(({ what }) => what).sort()).toEqual(["late", "waits too"]);
    expect(Math.min(...last.map(({ at }) => at)) - from).toBeGreaterThanOrEqual(30_000);
  });

  test("a write that fails in another topic does not cut short the wait that the platform asks for", async () => {
    const { clock, outbox, written, job } = desk();
    const topic = (name: string) => ({ chat: `-42/${name}`, limitedAs: "-42", isGroup: true });
    const from = clock.monotonic();
    const timedOut: Delivery = { type: "later", afterMs: undefined, reason: "timed out" };
    const slow = {
      ...job("under way", "reply"),
      run: () =>
        written.length === 0 && clock.monotonic() === from
          ? new Promise<Delivery>((resolve) => clock.after(500, () => resolve(timedOut)))
          : job("under way", "reply").run(),
    };
    outbox.add(topic("b"), slow);
    outbox.add(topic("a"), job("flood", "critical", {}, [{ type: "later", afterMs: 40_000, reason: "429" }]));
    await clock.pass(39_900);
    expect(written).toEqual([]);
    await clock.pass(10_000);
    expect(written.map(({ what }) => what).sort()).toEqual(["flood", "under way"]);
  });

  test("what has no limit of its own does not wait behind what waits for its minute", async () => {
    const { clock, outbox, written, job } = desk({ limits: DISCORD_PACE });
    for (let at = 0; at < 25; at += 1) outbox.add(group, job(`critical${at}`, "critical"));
    await clock.pass(15_000);
    outbox.add(group, job("card", "reply"));
    await clock.pass(1_000);
    expect(written.at(-1)?.what).toBe("card");
    expect(written).toHaveLength(21);
    await clock.pass(60_000);
    expect(written).toHaveLength(26);
  });

  test("a person gets bursts of three and one a second", async () => {
    const { clock, outbox, written, job } = desk();
    for (let at = 0; at < 8; at += 1) outbox.add(person, job(String(at), "reply"));
    await clock.pass(0);
    expect(written).toHaveLength(3);
    await clock.pass(5_000);
    expect(written.map((each) => each.at)).toEqual([0, 0, 0, 1_000, 2_000, 3_000, 4_000, 5_000]);
  });

  test("all rooms together get at most 25 a second", async () => {
    const { clock, outbox, written, job } = desk();
    for (let at = 0; at < 100; at += 1)
      outbox.add({ chat: String(at), isGroup: false }, job(String(at), "reply"));
    await clock.pass(10_000);
    expect(written).toHaveLength(100);
    for (const { at } of written) {
      expect(written.filter((each) => each.at >= at && each.at < at + 1_000).length).toBeLessThanOrEqual(25);
    }
  });

  test("Telegram's own wait is kept, for everything in that room and nothing elsewhere", async () => {
    const { clock, outbox, written, job } = desk();
    outbox.add(group, job("flooded", "reply", {}, [{ type: "later", afterMs: 30_000, reason: "429" }]));
    await clock.pass(0);
    outbox.add(group, job("critical", "critical"));
    outbox.add(person, job("elsewhere", "reply"));
    await clock.pass(29_999);
    expect(written.map((each) => each.what)).toEqual(["elsewhere"]);
    await clock.pass(1);
    expect(written.map((each) => each.what)).toEqual(["elsewhere", "critical", "flooded"]);
  });
});

describe("failure", () => {
  test("what fails is tried again with growing pauses, critical for as long as it takes", async () => {
    const { clock, outbox, written, job, log } = desk();
    const away = Array.from(
      { length: 40 },
      (): Delivery => ({ type: "later", afterMs: undefined, reason: "away" }),
    );
    const tries: number[] = [];
    const stubborn = job("critical", "critical", {}, away);
    const run = (): Promise<Delivery> => {
      tries.push(clock.monotonic());
      return stubborn.run();
    };
    outbox.add(group, { ...stubborn, run });
    await clock.pass(3_600_000);
    expect(written.map((each) => each.what)).toEqual(["critical"]);
    expect(tries.slice(0, 7)).toEqual([0, 1_000, 3_000, 7_000, 15_000, 31_000, 61_000]);
    expect(log).toEqual(["warn writing to -42 is put off: away"]);
  });

  test("an answer that comes too late is not sent any more", async () => {
    const { clock, outbox, written, job } = desk();
    outbox.add(
      group,
      job("stale", "reply", { keepMs: 60_000 }, [{ type: "later", afterMs: 90_000, reason: "429" }]),
    );
    await clock.pass(200_000);
    expect(written).toEqual([]);
    expect(outbox.pending).toBe(0);
  });

  test("what can never be delivered, or throws, is logged and holds up nothing", async () => {
    const { clock, outbox, written, job, log } = desk();
    outbox.add(group, job("refused", "critical", {}, [{ type: "refused", reason: "kicked" }]));
    outbox.add(group, { priority: "reply", run: () => Promise.reject(new Error("bug")) });
    outbox.add(group, job("next", "info"));
    await clock.pass(5_000);
    expect(written.map((each) => each.what)).toEqual(["next"]);
    expect(log).toEqual([
      "error a message to -42 can't be delivered: kicked",
      "error a message to -42 can't be delivered: bug",
    ]);
  });

  test("the queue is bounded: the least important, oldest one goes, and never a critical one", async () => {
    const { clock, outbox, written, job } = desk({ waitingMax: 3 });
    outbox.add(group, job("now", "info"));
    for (const name of ["info1", "edit1", "reply1", "info2"])
      outbox.add(group, job(name, name.replace(/\d/, "") as Priority));
    for (const name of ["c1", "c2", "c3", "c4"]) outbox.add(group, job(name, "critical"));
    await clock.pass(30_000);
    expect(written.map((each) => each.what)).toEqual(["now", "c1", "c2", "c3", "c4"]);
  });

  test("at the end the queue says when all is written; closed, it takes nothing more", async () => {
    const { clock, outbox, written, job } = desk();
    for (let at = 0; at < 5; at += 1) outbox.add(person, job(String(at), "reply"));
    let isDrained = false;
    void outbox.drained().then(() => {
      isDrained = true;
    });
    await clock.pass(1_000);
    expect(isDrained).toBe(false);
    await clock.pass(1_000);
    await settle();
    expect(isDrained).toBe(true);
    outbox.close();
    outbox.add(person, job("late", "critical"));
    await clock.pass(1_000);
    expect(written).toHaveLength(5);
    await outbox.drained();
  });
});

test("property: whatever comes, limits hold and everything critical is written once", async () => {
  const jobs = fc.array(
    fc.record({
      priority: fc.constantFrom<Priority>("critical", "reply", "edit", "info"),
      afterMs: fc.integer({ min: 0, max: 3_000 }),
      failures: fc.integer({ min: 0, max: 3 }),
    }),
    { minLength: 1, maxLength: 60 },
  );
  await fc.assert(
    fc.asyncProperty(jobs, async (given) => {
      const { clock, outbox, written, job } = desk({ waitingMax: 20 });
      for (const [at, { priority, afterMs, failures }] of given.entries()) {
        const answers = Array.from(
          { length: failures },
          (): Delivery => ({ type: "later", afterMs: undefined, reason: "x" }),
        );
        outbox.add(group, job(`${priority}${at}`, priority, {}, answers));
        await clock.pass(afterMs);
      }
      await clock.pass(3_600_000);
      const critical = given.flatMap(({ priority }, at) =>
        priority === "critical" ? [`critical${at}`] : [],
      );
      const names = written.map((each) => each.what);
      expect(names.filter((name) => name.startsWith("critical")).sort()).toEqual(critical.sort());
      expect(new Set(names).size).toBe(names.length);
      for (const { at } of written) {
        expect(written.filter((each) => each.at >= at && each.at < at + 60_000).length).toBeLessThanOrEqual(
          20,
        );
      }
    }),
    { numRuns: 25, seed: 7 },
  );
});
