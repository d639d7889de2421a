import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { chain, RECORDING_SCHEMA, Recorder, type RecorderOptions, runName } from "../../src/desk/recorder.ts";
import { replay } from "../../src/desk/replay.ts";
import { Rig } from "../support/rig.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "perpdesk-recorder-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const optionsOf = (given: Partial<RecorderOptions> = {}): RecorderOptions => ({
  folder,
  run: "run1",
  partBytesMax: 1_000_000,
  runsKept: 3,
  ...given,
});

/** A desk that trades for a while (entries, fills, a close that is approved, a panic), written down as it lived. */
function record(options: RecorderOptions, isClosed = true): { rig: Rig; recorder: Recorder } {
  const rig = new Rig();
  const recorder = new Recorder(options, {
    schema: RECORDING_SCHEMA,
    config: rig.config,
    settings: { mode: "sim" },
  });
  const turn = rig.turn.bind(rig);
  rig.turn = (event) => {
    const result = turn(event);
    recorder.turn(event, result.effects, result.effects.length > 0);
    if (rig.turns.length % 50 === 0) recorder.hash(rig.hash(), rig.state.counts.turns);
    return result;
  };
  rig.boot();
  for (let n = 0; n < 3; n += 1) {
    const [entry] = rig.exchange.open("entry");
    if (entry !== undefined) rig.feed(...rig.exchange.fill(entry, 4), ...rig.exchange.fill(entry));
    rig.quote(500_000 - 1_500 * n);
    rig.pass(2_000);
  }
  rig.propose("k1-e7");
  rig.decide("k1-e7");
  rig.ask({ type: "panic" });
  rig.pass(3_000);
  recorder.hash(rig.hash(), rig.state.counts.turns);
  recorder.flush();
  if (isClosed) recorder.close();
  return { rig, recorder };
}
const linesOf = (path: string) => readFileSync(path, "utf8").split("\n").slice(0, -1);

describe("a recording", () => {
  it("replays to the same state hashes, turn by turn", async () => {
    const { rig, recorder } = record(optionsOf());
    expect(rig.state.counts.sent).toBeGreaterThan(8);
    const result = await replay(recorder.path(1));
    expect(result).toEqual({
      isSame: true,
      problem: undefined,
      turns: rig.turns.length,
      hashesChecked: Math.floor(rig.turns.length / 50) + 1,
      isTorn: false,
      stateHash: rig.hash(),
    });
    expect(await replay(folder)).toEqual(result);
  });

  it("two desks with the same configuration and events are the same desk; another event is another hash", () => {
    const [a, b, c] = [new Rig().boot(), new Rig().boot(), new Rig().boot()];
    c.quote(500_001);
    expect([a.hash() === b.hash(), a.hash() === c.hash()]).toEqual([true, false]);
  });

  it("that was changed in any byte is found, and the turn is named", async () => {
    const { recorder } = record(optionsOf());
    const path = recorder.path(1);
    const whole = readFileSync(path);
    const lines = linesOf(path);
    const turnAt: number[] = [];
    let turns = 0;
    for (const line of lines) {
      turnAt.push(turns + 1);
      if (line.startsWith('{"e":')) turns += 1;
    }
    const starts: number[] = [];
    lines.reduce((at, line) => {
      starts.push(at);
      return at + Buffer.byteLength(line) + 1;
    }, 0);
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), async (at, flip) => {
        const spoiled = Buffer.from(whole);
        spoiled[at] = (spoiled[at] ?? 0) ^ flip;
        writeFileSync(path, spoiled);
        const result = await replay(path);
        const line = starts.findLastIndex((start) => start <= at);
        const isLast = line === lines.length - 1;
        // A last line that is no JSON any more looks like one that a kill cut off: it is left out, and said to be.
        if (isLast && result.isTorn) return;
        // The very last byte only ends the line.
        if (at === whole.length - 1) return;
        expect(result.isSame).toBe(false);
        expect(result.turns).toBeLessThanOrEqual(turnAt[line] ?? 0);
        if (line > 0)
          expect(result.problem).toMatch(
            new RegExp(`turn ${turnAt[line]}\\b|turn ${(turnAt[line] ?? 0) - 1}\\b`),
          );
      }),
      { numRuns: 60 },
    );
    writeFileSync(path, whole);
    expect((await replay(path)).isSame).toBe(true);
  });

  it("cut off in the middle of its last line, as a kill does, loses that line only", async () => {
    const { recorder } = record(optionsOf(), false);
    const path = recorder.path(1);
    const whole = await replay(path);
    truncateSync(path, statSync(path).size - 20);
    expect(await replay(path)).toEqual({ ...whole, hashesChecked: whole.hashesChecked - 1, isTorn: true });
  });

  it("with a broken line in its middle is not trusted beyond it", async () => {
    const { recorder } = record(optionsOf());
    const path = recorder.path(1);
    const lines = linesOf(path);
    lines[10] = (lines[10] ?? "").slice(0, 30);
    writeFileSync(path, `${lines.join("\n")}\n`);
    const result = await replay(path);
    expect(result.isSame).toBe(false);
    expect(result.problem).toMatch(/^turn \d+: the line is not valid JSON$/);
  });

  it("whose effects were others, though its chain is whole, names the turn and the event", async () => {
    const { recorder } = record(optionsOf());
    const path = recorder.path(1);
    let link = "";
    let turn = 0;
    let forged = 0;
    const rewritten = linesOf(path).map((line) => {
      let body = `${line.slice(0, line.lastIndexOf(',"c":"'))}}`;
      if (body.startsWith('{"e":')) turn += 1;
      if (forged === 0 && body.includes('"type":"send"')) {
        forged = turn;
        body = body.replace('"lots":10', '"lots":11');
      }
      link = chain(link, body);
      return `${body.slice(0, -1)},"c":"${link}"}`;
    });
    writeFileSync(path, `${rewritten.join("\n")}\n`);
    const result = await replay(path);
    expect(forged).toBeGreaterThan(0);
    expect(result).toMatchObject({ isSame: false, turns: forged });
    expect(result.problem).toMatch(
      new RegExp(`^turn ${forged}: the effects of ".+" differ from the recorded ones$`),
    );
  });

  it("whose state hash is another is found at the hash", async () => {
    const { rig, recorder } = record(optionsOf(), false);
    recorder.hash("0".repeat(32), 1);
    recorder.close();
    expect((await replay(recorder.path(1))).problem).toBe(
      `turn ${rig.turns.length}: the state hash is ${rig.hash()}, recorded was ${"0".repeat(32)}`,
    );
  });

  it("of another schema, without a header, or that is not there is refused in one sentence", async () => {
    const path = join(folder, "odd.0001.ndjson");
    const write = (body: string) => writeFileSync(path, `${body.slice(0, -1)},"c":"${chain("", body)}"}\n`);
    write('{"header":{"schema":99}}');
    expect((await replay(path)).problem).toBe(`schema 99 is not ${RECORDING_SCHEMA}`);
    write('{"h":"x","turns":1}');
    expect((await replay(path)).problem).toBe("the recording does not start with a header");
    writeFileSync(path, "");
    expect((await replay(path)).problem).toBe("the recording is empty");
    await expect(replay(join(folder, "gone.0001.ndjson"))).rejects.toThrow("does not exist");
    await expect(replay(join(folder, "nowhere"))).rejects.toThrow("holds no recording");
  });
});

describe("parts and runs", () => {
  it("goes over to a new part when one is full, and replays over all of them", async () => {
    const { rig, recorder } = record(optionsOf({ partBytesMax: 4_000 }));
    const parts = readdirSync(folder).sort();
    expect(parts.length).toBeGreaterThan(3);
    expect(parts[0]).toBe("run1.0001.ndjson");
    for (const part of parts) expect(statSync(join(folder, part)).mode & 0o777).toBe(0o600);
    expect(await replay(recorder.path(1))).toMatchObject({ isSame: true, turns: rig.turns.length });
    // Any part leads to its run.
    expect(await replay(recorder.path(2))).toMatchObject({ isSame: true, turns: rig.turns.length });
  });

  it("a missing part in the middle is noticed", async () => {
    record(optionsOf({ partBytesMax: 4_000 }));
    const parts = readdirSync(folder).sort();
    const [, second, third] = parts;
    if (second === undefined || third === undefined) throw new Error("too few parts");
    writeFileSync(join(folder, second), readFileSync(join(folder, third)));
    expect((await replay(folder)).problem).toMatch(/the line was changed after it was written$/);
  });

  it("has a name of its own in every life, though epochs begin anew; the newest is found by its time", async () => {
    const life = { desk: "pd1", epoch: 1 };
    // The older one's name sorts last.
    const older = record(optionsOf({ run: runName({ ...life, nonce: "zzzz" }) }));
    const newer = record(optionsOf({ run: runName({ ...life, nonce: "abcd" }) }));
    expect(readdirSync(folder).sort()).toEqual([
      "pd1-e000001-abcd.0001.ndjson",
      "pd1-e000001-zzzz.0001.ndjson",
    ]);
    truncateSync(older.recorder.path(1), 10);
    utimesSync(older.recorder.path(1), 1_000, 1_000);
    expect((await replay(folder)).stateHash).toBe(newer.rig.hash());
  });

  it("keeps the newest runs whole and removes older ones whole", () => {
    for (const [age, run] of ["a", "a.b", "c", "d"].entries()) {
      for (const part of ["0001", "0002"]) {
        const path = join(folder, `${run}.${part}.ndjson`);
        writeFileSync(path, "x\n");
        utimesSync(path, 1_000 + age, 1_000 + age);
      }
    }
    writeFileSync(join(folder, "notes.txt"), "mine");
    record(optionsOf({ run: "e", runsKept: 4 }));
    expect(readdirSync(folder).sort()).toEqual(
      ["a.b", "c", "d"]
        .flatMap((run) => [`${run}.0001.ndjson`, `${run}.0002.ndjson`])
        .concat("e.0001.ndjson", "notes.txt"),
    );
  });

  it("never overwrites a recording", () => {
    record(optionsOf());
    expect(() => record(optionsOf())).toThrow("EEXIST");
  });

  it("has what is urgent on disk before the turn's effects leave", () => {
    const rig = new Rig();
    const recorder = new Recorder(optionsOf(), {
      schema: RECORDING_SCHEMA,
      config: rig.config,
      settings: {},
    });
    const event = { type: "timer", ...rig.exchange.times() } as const;
    recorder.turn(event, [], false);
    expect(linesOf(recorder.path(1))).toHaveLength(1);
    recorder.turn(event, [], true);
    expect(linesOf(recorder.path(1))).toHaveLength(3);
    recorder.close();
    recorder.close();
  });
});
