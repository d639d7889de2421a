import { describe, expect, it } from "vitest";
import { Hearing } from "../../src/gateways/binance/hearing.ts";
import { HandClock } from "./rig.ts";

function opened() {
  const clock = new HandClock();
  let deaf = 0;
  const hearing = new Hearing(clock, () => {
    deaf += 1;
  });
  hearing.changed();
  const read = (newestAt: number) => hearing.read(newestAt, hearing.opening);
  return { clock, hearing, read, deaf: () => deaf };
}

describe("a private stream", () => {
  it("is deaf when it tells of nothing since an execution that a reading shows, four seconds later", async () => {
    const { clock, hearing, read, deaf } = opened();
    read(1_000);
    hearing.heard(1_500);
    read(2_000);
    read(2_000);
    await clock.pass(3_999);
    expect(deaf()).toBe(0);
    await clock.pass(1);
    expect([deaf(), clock.waiting]).toEqual([1, 0]);
  });

  it("is not deaf when it tells of it late, or of something later: one message may be lost", async () => {
    const { clock, hearing, read, deaf } = opened();
    read(1_000);
    read(2_000);
    await clock.pass(3_000);
    hearing.heard(2_000);
    await clock.pass(10_000);
    hearing.heard(5_000);
    read(4_000);
    await clock.pass(10_000);
    hearing.heard(undefined);
    expect(deaf()).toBe(0);
  });

  it("need not tell what was executed before it was opened, nor what is read across an opening", async () => {
    const { clock, hearing, read, deaf } = opened();
    read(9_000);
    const before = hearing.opening;
    hearing.changed();
    hearing.read(10_000, before);
    read(9_500);
    await clock.pass(10_000);
    expect(deaf()).toBe(0);
    read(9_600);
    hearing.changed();
    await clock.pass(10_000);
    expect([deaf(), clock.waiting]).toEqual([0, 0]);
  });

  it("may tell before the first reading after its opening", async () => {
    const { clock, hearing, read, deaf } = opened();
    hearing.heard(3_000);
    read(2_000);
    read(3_000);
    await clock.pass(10_000);
    expect(deaf()).toBe(0);
  });
});
