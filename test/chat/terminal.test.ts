import { PassThrough } from "node:stream";
import { afterEach, describe, expect, test } from "vitest";
import { commands } from "../../commands/index.ts";
import { openChat, type RunningChat } from "../../src/chat/hub.ts";
import { Terminal } from "../../src/chat/terminal.ts";
import type { AlertLevel } from "../../src/core/intent.ts";
import { DESK, type PersonRole } from "../../src/core/proposal.ts";
import { Roster } from "../../src/core/roster.ts";
import { DeskOfOneCard, ManualClock, MessagesInMemory, machineClock, STUCK, settle } from "./desk.ts";

let chat: RunningChat | undefined;
afterEach(async () => {
  await chat?.stop(100);
  chat = undefined;
});

async function sitDown(
  options: { readonly isTty?: boolean; readonly person?: string; readonly role?: PersonRole } = {},
) {
  const { isTty = true, person = "alice", role = "admin" } = options;
  const input = Object.assign(new PassThrough(), { isTTY: isTty });
  const output = Object.assign(new PassThrough(), { isTTY: isTty });
  let printed = "";
  output.on("data", (chunk: Buffer) => {
    printed += chunk.toString();
  });
  const desk = new DeskOfOneCard(machineClock);
  desk.people = new Roster({ listed: [{ name: "alice", role }], terminal: person });
  chat = await openChat({
    settings: { commandsPerMinute: 600, terminal: { person } },
    registry: commands,
    door: desk,
    messages: new MessagesInMemory(),
    log: () => undefined,
    audit: () => undefined,
    clock: machineClock,
    version: "0.1.0",
    terminal: { input, output },
  });
  desk.chat = chat;
  await chat.start();
  const type = async (line: string): Promise<string> => {
    const before = printed.length;
    input.write(`${line}\n`);
    for (let turn = 0; turn < 5; turn += 1) await settle();
    return printed.slice(before).replaceAll(/\p{Cc}\[[0-9;]*[A-Za-z]/gu, "");
  };
  return { desk, type, chat, input, output, printed: () => printed };
}

describe("at the terminal", () => {
  test("a terminal that is gone stops the printing and brings nothing down", async () => {
    const { chat: hub, input, printed } = await sitDown();
    const before = printed();
    input.emit("error", Object.assign(new Error("read EIO"), { code: "EIO" }));
    hub.alert({ type: "alert", key: "k", level: "critical", title: "Nobody reads this", lines: [] });
    await settle();
    expect(printed()).toBe(before);
    expect(hub.health()).toMatchObject([{ platform: "terminal", isConnected: false }]);
  });

  test("commands work with and without a slash, for the person from the settings", async () => {
    const { desk, type } = await sitDown();
    expect(await type("status")).toContain("Monitoring: trading normally");
    expect(await type("/pause")).toContain("No engine enters any more.");
    expect(desk.calls).toEqual([
      { type: "pause", actor: { person: "alice", role: "admin", platform: "terminal" } },
    ]);
    expect(await type("!!")).toContain("Type help to see what you can do.");
  });

  test("a card says what to type, and typing it decides", async () => {
    const { desk, type, printed } = await sitDown();
    await type("close btc");
    expect(printed()).toContain("Type: approve c4f2-1   or: reject c4f2-1");
    expect(await type("approve")).toContain("Say which card");
    expect(await type("approve c4f2-9")).toContain('No card "c4f2-9" waits for a decision; /proposals');
    expect(await type("approve c4f2-1")).toContain("Approved by alice on the terminal");
    expect(desk.executed).toEqual(["c4f2-1"]);
    expect(await type("reject c4f2-1")).toContain(
      "Card c4f2-1 waits for no decision any more. Approved by alice on the terminal",
    );
  });

  test("a decision that comes too late hears how the card ended, and what asks again", async () => {
    const { desk, type } = await sitDown();
    desk.expire(desk.ask("c4f2-1"));
    const word = /Card c4f2-1 expired at \d\d:\d\d:\d\d UTC\. \/close asks again\./;
    expect(await type("approve c4f2-1")).toMatch(word);
    desk.expire(desk.ask("c4f2-2"), "The desk restarted; ask again for a new quote.");
    expect(await type("approve c4f2-2")).toContain(
      "Card c4f2-2 was withdrawn. The desk restarted; ask again for a new quote. /close asks again.",
    );
  });

  test("a rejection says how to give its reason, and shows it", async () => {
    const { type } = await sitDown();
    await type("close btc");
    expect(await type("reject c4f2-1")).toContain("To say why, type: reject c4f2-1 because ...");
    expect(await type("reject c4f2-1 because the spread is wide")).toContain("Reason: the spread is wide");
  });

  test("a panic says what each typed decision does, and a panic that was taken back was not rejected", async () => {
    const { desk, type, printed } = await sitDown();
    desk.ask("k1-e1", DESK, { action: { type: "panic", account: "main" }, quote: undefined } as never);
    await type("version");
    expect(printed()).toContain("Type: reject k1-e1 (takes it back)   or: approve k1-e1 (closes now)");
    const back = await type("reject k1-e1");
    expect(back).toContain("Taken back by alice on the terminal");
    expect(back).toContain("To say why it was taken back, type: reject k1-e1 because ...");
    expect(back).not.toContain("Rejected by");
  });

  test("a card with several ways says them, and the way that is typed is taken", async () => {
    const { desk, type, printed } = await sitDown();
    const ask = (id: string): string => desk.ask(id, DESK, { action: STUCK });
    ask("r1-e1");
    await type("version");
    expect(printed()).toContain(
      "Type: approve r1-e1 close   or: approve r1-e1 ladder   or: approve r1-e1 hedge   or: approve r1-e1 wait",
    );
    expect(await type("approve r1-e1 up")).toContain(
      '"approve r1-e1 up" can\'t be read; say approve r1-e1 with close, ladder, hedge or wait, or reject r1-e1.',
    );
    expect(desk.calls).toEqual([]);
    await type("approve r1-e1 ladder");
    ask("r2-e1");
    await type("approve r2-e1 wait");
    ask("r3-e1");
    await type("reject r3-e1");
    expect(desk.calls.map(({ decision }) => decision)).toEqual(["ladder", "reject", "reject"]);
  });

  test("a hedge adds a position: a trader may not choose it", async () => {
    const { desk, type } = await sitDown({ role: "trader" });
    desk.ask("r1-e1", DESK, { action: STUCK });
    await type("version");
    expect(await type("approve r1-e1 hedge")).toContain(
      "Deciding on a hedge needs the role risk; you are trader. Nothing was done.",
    );
    expect(desk.calls).toEqual([]);
    await type("approve r1-e1 close");
    expect(desk.calls.map(({ decision }) => decision)).toEqual(["aggressive"]);
  });

  test("somebody the settings don't know may only look", async () => {
    const { desk, type } = await sitDown({ person: "nobody" });
    expect(await type("status")).toContain("Monitoring");
    expect(await type("panic")).toContain("you are viewer");
    desk.ask("c4f2-1");
    expect(await type("approve c4f2-1")).toContain("/approve needs the role trader; you are viewer");
    expect(desk.calls.filter((call) => call.type !== "decide")).toEqual([]);
    expect(desk.executed).toEqual([]);
  });

  test("what is not wanted of a kind is not printed either; what sounds always is, and how that goes on", async () => {
    const { chat: open, type, printed } = await sitDown();
    const tell = (key: string, level: AlertLevel, title: string): void =>
      open.alert({ type: "alert", key, level, title, lines: [] });
    expect(await type("notify trades off")).toContain("Messages of trades do not come");
    await type("notify size digest");
    tell("trades:grid1", "info", "a cycle");
    tell("trades:grid1", "resolved", "a cycle");
    tell("size:grid1", "notice", "a size");
    tell("life:start", "info", "a start");
    expect(printed()).not.toMatch(/a cycle|a size/);
    expect(printed()).toContain("a start");
    tell("trades:grid1", "high", "a loss");
    tell("trades:grid1", "notice", "less of a loss");
    expect(printed()).toContain("HIGH: a loss");
    expect(printed()).toContain("less of a loss");
  });

  test("a story at one level is printed once, its rise and its end too", async () => {
    const { chat: open, printed } = await sitDown();
    const tell = (level: "high" | "extreme" | "critical" | "resolved", line: string) =>
      open.alert({ type: "alert", key: "k", level, title: "BTCUSDT", lines: [line] });
    tell("high", "one");
    tell("high", "two");
    tell("extreme", "three");
    tell("critical", "four");
    tell("critical", "five");
    tell("resolved", "six");
    tell("resolved", "seven");
    const told = ["one", "two", "three", "four", "five", "six", "seven"].filter((word) =>
      printed().includes(word),
    );
    expect(told).toEqual(["one", "three", "four", "five", "six"]);
  });
});

test("a story that comes again says since when it is counted, not when it was printed", async () => {
  const clock = new ManualClock();
  const output = new PassThrough();
  let printed = "";
  output.on("data", (chunk: Buffer) => {
    printed += chunk.toString();
  });
  const nobody = (): never => {
    throw new Error("nobody is asked");
  };
  const wayOf = (): "on" => "on";
  const parts = { input: new PassThrough(), actor: nobody, reception: nobody, board: nobody, wayOf };
  const terminal = new Terminal({ ...parts, output, clock, log: () => undefined });
  terminal.start();
  const tell = (level: "info" | "high") =>
    terminal.alert({ type: "alert", key: "trades:a", level, title: "a: 3 cycles", lines: [] });
  tell("info");
  await clock.pass(20_000);
  tell("info");
  await clock.pass(50_000);
  tell("info");
  await clock.pass(5_000);
  tell("high");
  const footers = printed.split("\n").filter((line) => line.startsWith("  "));
  expect(footers).toEqual(["  At 14:03:20 UTC", "  3 times since 14:03:20 UTC", "  At 14:04:35 UTC"]);
});

describe("without a person", () => {
  test("it only prints: no colours, no prompt, no ears", async () => {
    const { desk, chat: open, type, printed } = await sitDown({ isTty: false });
    desk.ask("c4f2-1");
    open.alert({ type: "alert", key: "k", level: "high", title: "BTCUSDT", lines: ["9% away"] });
    await type("panic");
    expect(printed()).toContain("HIGH: BTCUSDT");
    expect(printed()).toContain("Close BTCUSDT long?");
    expect(printed()).not.toContain("Type: approve");
    expect(printed()).not.toContain("\u001b");
    expect(desk.calls).toEqual([]);
  });

  test("a closed pipe stops the printing, nothing else", async () => {
    const { chat: open, output } = await sitDown({ isTty: false });
    output.destroy(new Error("EPIPE"));
    await settle();
    open.alert({ type: "alert", key: "k", level: "critical", title: "BTCUSDT", lines: ["liquidated"] });
    expect(open.health()).toMatchObject([{ platform: "terminal", isConnected: false }]);
  });
});
