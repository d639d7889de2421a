import { describe, expect, test } from "vitest";
import { commands } from "../../commands/index.ts";
import { TOPICS } from "../../src/chat/command.ts";
import { tableLines } from "../../src/chat/layout.ts";
import type { Reply } from "../../src/chat/reply.ts";
import { CommandRunner } from "../../src/chat/runner.ts";
import type { PersonRole } from "../../src/core/proposal.ts";
import { ONE, value } from "../../src/core/units.ts";
import { DeskOfOneCard, ManualClock, NO_ALERTS, NO_CARDS, NO_CODES, snapshot } from "../chat/desk.ts";

function desk(role: PersonRole = "admin") {
  const clock = new ManualClock();
  const door = new DeskOfOneCard(clock);
  const log: string[] = [];
  const ledger: unknown[] = [];
  const runner = new CommandRunner({
    registry: commands,
    alerts: NO_ALERTS,
    cards: NO_CARDS,
    people: NO_CODES,
    commandsPerMinute: 600,
    door,
    clock,
    log: (level, text) => log.push(`${level} ${text}`),
    audit: (kind, actor, body) => ledger.push({ kind, actor, ...body }),
  });
  const actor = { person: "alice", role, platform: "telegram" } as const;
  const say = (line: string, sentWallAt?: number): Promise<Reply> => {
    const [name = "", ...input] = line.split(" ");
    return runner.run({ name, input, actor, ...(sentWallAt === undefined ? {} : { sentWallAt }) });
  };
  return { clock, door, runner, actor, say, log, ledger };
}

/** All that a person reads, in order. */
function read({ title, lines = [], fields = [], table, footer = "" }: Reply): string {
  const rows = table === undefined ? [] : tableLines(table);
  return [title, ...lines, ...fields.map(({ label, text }) => `${label}: ${text}`), ...rows, footer].join(
    "\n",
  );
}

describe("the registry", () => {
  test("has these commands, each fit for Telegram and Discord", () => {
    expect(commands.map((each) => each.name).sort()).toEqual([
      "ack",
      "add_margin",
      "adopt",
      "alerts",
      "allow",
      "approve",
      "audit",
      "balance",
      "block",
      "cancel",
      "cancel_all",
      "chart",
      "close",
      "close_losers",
      "close_winners",
      "config_show",
      "count",
      "daily",
      "deadman",
      "deadman_arm",
      "deadman_disarm",
      "entries",
      "equity",
      "exits",
      "exposure",
      "flatten",
      "funding",
      "grant",
      "grid",
      "grid_setup",
      "grid_setup_save",
      "grid_start",
      "grid_stop",
      "health",
      "hedge",
      "help",
      "jobs",
      "link",
      "lock",
      "logs",
      "margin",
      "mismatch",
      "monthly",
      "notify",
      "orders",
      "panic",
      "pause",
      "pause_price",
      "performance",
      "ping",
      "positions",
      "profit",
      "proposals",
      "reconcile",
      "recover",
      "reject",
      "resume",
      "revoke",
      "risk",
      "risk_reset",
      "set_limit",
      "snooze",
      "start_engines",
      "stats",
      "status",
      "stop",
      "stop_price",
      "stuck",
      "trade",
      "trades",
      "unlock",
      "users",
      "version",
      "weekly",
      "whoami",
    ]);
    for (const { name, description, args, examples } of commands) {
      expect(name).toMatch(/^[a-z0-9_]{1,32}$/);
      expect(description.length).toBeGreaterThan(5);
      expect(description.length).toBeLessThanOrEqual(100);
      expect(args.every((each) => each.description.length <= 100)).toBe(true);
      expect(examples.length, name).toBeGreaterThan(0);
      expect(examples.every((example) => example.split(" ")[0] === name)).toBe(true);
    }
    const asking = commands.filter(({ approval }) => approval !== "none");
    expect(asking.map(({ name, approval }) => `${name} ${approval}`)).toEqual([
      "close C",
      "close_losers P",
      "close_winners P",
      "cancel_all C",
      "recover C",
      "hedge P",
      "add_margin C",
      "flatten C",
      "risk_reset 2P",
      "set_limit 2P",
      "deadman_disarm 2P",
      "grant 2P",
    ]);
    expect(commands.map(({ name, role, risk }) => `${name} ${role} ${risk}`)).toEqual([
      "status viewer R0",
      "positions viewer R0",
      "orders viewer R0",
      "balance trader R0",
      "margin trader R0",
      "count viewer R0",
      "trades viewer R0",
      "trade viewer R0",
      "funding viewer R0",
      "profit viewer R0",
      "daily viewer R0",
      "weekly viewer R0",
      "monthly viewer R0",
      "performance viewer R0",
      "stats viewer R0",
      "entries viewer R0",
      "exits viewer R0",
      "equity viewer R0",
      "exposure viewer R0",
      "chart viewer R0",
      "grid viewer R0",
      "stuck viewer R0",
      "close trader R2",
      "close_losers risk R2",
      "close_winners risk R2",
      "cancel trader R1",
      "cancel_all trader R2",
      "recover trader R2",
      "hedge risk R3",
      "add_margin risk R2",
      "proposals viewer R0",
      "approve trader R3",
      "reject trader R1",
      "pause trader R1",
      "resume risk R3",
      "panic trader R2",
      "flatten risk R2",
      "stop risk R1",
      "start_engines risk R3",
      "lock trader R1",
      "unlock risk R3",
      "block trader R1",
      "allow risk R3",
      "grid_stop trader R1",
      "grid_start risk R3",
      "grid_setup trader R0",
      "grid_setup_save admin R1",
      "stop_price trader R3",
      "pause_price trader R3",
      "risk viewer R0",
      "risk_reset admin R4",
      "set_limit admin R4",
      "deadman trader R0",
      "deadman_arm risk R1",
      "deadman_disarm risk R4",
      "mismatch trader R0",
      "reconcile risk R1",
      "adopt risk R3",
      "alerts viewer R0",
      "ack trader R1",
      "snooze trader R1",
      "notify viewer R1",
      "users admin R0",
      "grant admin R4",
      "revoke admin R1",
      "whoami viewer R0",
      "link viewer R4",
      "audit risk R0",
      "health trader R0",
      "jobs trader R0",
      "logs risk R0",
      "config_show trader R0",
      "help viewer R0",
      "ping viewer R0",
      "version viewer R0",
    ]);
  });

  test("no two commands answer to the same name", () => {
    const names = commands.flatMap((each) => [each.name, ...each.aliases]);
    expect(new Set(names).size).toBe(names.length);
  });
});

describe("what people read", () => {
  test("status says whether it trades, what it is worth and what is open", async () => {
    const reply = await desk().say("status");
    expect(read(reply)).toBe(
      [
        "Monitoring: trading normally",
        "grid1 BTCUSDT: 1 rung held, 1 waiting",
        "Equity: 10,000.77 USDT",
        "Open profit: +0.77 USDT",
        "Realized: +1.23 USDT by average entry",
        "Fees, funding: 0.46 USDT, -0.01 USDT",
        "Open: 2 positions, 2 orders",
        "Since start: 31 fills, 12 cycles",
        "Health: good",
        "Mode: sim on binanceusdm, speed 60",
        "Last news 400 ms ago, up 1 h 5 min",
      ].join("\n"),
    );
    expect(reply.tone).toBe("good");
  });

  test("a paused and blocked desk says who, why and how to end it", async () => {
    const { door, say } = desk();
    door.view = snapshot({
      isPaused: true,
      pausedBy: "bob",
      blocks: ["the book of BTCUSDT does not add up"],
    });
    const reply = await say("status");
    expect(reply.title).toBe("Paused: no new entries");
    expect(reply.tone).toBe("warning");
    expect(reply.lines).toContain("Paused by bob; stops and take profits stay. /resume ends it.");
    expect(reply.lines).toContain("Blocked: the book of BTCUSDT does not add up");
  });

  test("missing numbers are unknown, never 0", async () => {
    const { door, say } = desk();
    door.view = snapshot({ equity: undefined, wallet: undefined, unrealized: undefined });
    const text = read(await say("status")) + read(await say("balance")) + read(await say("positions"));
    expect(text).toContain("Equity: unknown");
    expect(text).toContain("Wallet: unknown");
    expect(text).toContain("  liquidation  unknown");
    expect(text).toContain("  away         unknown (high)");
    expect(text).toContain("  entry        unknown");
    expect(text).not.toMatch(/: 0(\.0+)? USDT/);
  });

  test("what the account holds elsewhere, and fees in another asset, are named", async () => {
    const { door, say } = desk();
    const others = [{ symbol: "XRPUSDT", size: "120.5", asset: "USDT", notional: value(60 * ONE) }];
    const { totals } = snapshot();
    door.view = snapshot({
      others,
      totals: { ...totals, otherFees: [{ asset: "BNB", fee: value(1_230_000) }] },
    });
    expect(read(await say("positions"))).toContain("Not traded here: XRPUSDT 120.5");
    const balance = read(await say("balance"));
    expect(balance).toContain("Fees in BNB: 0.0123");
    expect(balance).toContain("Realized: +1.23 USDT since start\n");
    expect(balance).toContain("\nRealized: by the average entry, before fees. /profit counts rung by rung");
    door.view = snapshot({ others, books: [] });
    expect(read(await say("positions"))).toContain(
      "No open position\nThe account holds what this desk does not trade: XRPUSDT 120.5.",
    );
  });

  test("positions stay readable on a phone and name what is not the desk's", async () => {
    const reply = await desk().say("positions");
    expect(reply.tone).toBe("danger");
    const lines = tableLines(reply.table ?? { columns: [], rows: [] });
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(40);
    expect(lines).toEqual([
      "BTCUSDT long",
      "  size         0.010 BTC",
      "  entry        97,123.4",
      "  mark         97,200.0",
      "  profit       +0.77 USDT",
      "  realized     +1.23 USDT",
      "  liquidation  64,000.0",
      "  away         34.2% (low)",
      "  margin       isolated 3x",
      "  margin ratio 0.4%",
      "ETHUSDT short",
      "  size         0.250 ETH",
      "  entry        unknown",
      "  mark         3,500.12",
      "  profit       unknown",
      "  realized     0.00 USDT",
      "  liquidation  unknown",
      "  away         unknown (high)",
      "  margin       unknown",
      "  margin ratio unknown",
      "  foreign      0.250 ETH, not the desk's",
    ]);
  });

  test("one symbol may be named by its base; an unknown one is answered with those that are traded", async () => {
    const { say } = desk();
    expect(read(await say("positions eth"))).not.toContain("BTCUSDT");
    expect(read(await say("positions dogeusdt"))).toBe(
      'Not done\nsymbol "dogeusdt" is not traded here; say BTCUSDT, ETHUSDT.\n',
    );
  });

  test("orders are sorted by price and a lost answer is said", async () => {
    const reply = await desk().say("orders");
    expect(read(reply)).toBe(
      [
        "2 orders on BTCUSDT",
        "Of 1 order the exchange's answer was lost; the desk is asking.",
        "side    price  size for",
        "sell 98,000.0 0.010 profit 4 unknown",
        "buy  96,900.0 0.006 entry 3",
        "",
      ].join("\n"),
    );
  });

  test("health and version say how the desk does", async () => {
    const { say } = desk();
    expect(read(await say("health"))).toBe(
      [
        "Healthy",
        "Market news: 120 ms ago",
        "Account news: none yet",
        "Clock: -3 ms off the exchange's",
        "Queue: in process, lag unknown",
        "Process: loop delay 1.3 ms, memory 141 MB",
        "Orders: 40 sent, 97.5% accepted, 1 refused by the exchange",
        "Placing: half within 4.2 ms, 99.9% within 31 ms",
        "terminal: connected, 4 sent",
        "Last check 12 s ago",
      ].join("\n"),
    );
    expect(read(await say("version"))).toContain("perpdesk 0.1.0");
  });

  test("help lists what the caller may use, and only that", async () => {
    const viewer = await desk("viewer").say("help");
    expect(viewer.fields?.map(({ label, text }) => `${label}: ${text}`)).toEqual([
      "Look: /status /positions /orders /count /funding /equity /exposure /chart",
      "Results: /trades /trade /profit /daily /weekly /monthly /performance /stats /entries /exits",
      "Grids (engines): /grid /stuck",
      "Cards (decisions): /proposals",
      "Risk and account (safety): /risk",
      "Alerts (notices): /alerts /notify",
      "People: /whoami /link",
      "Desk: /help /ping /version",
    ]);
    const names = commands.flatMap(({ name, aliases }) => [name, ...aliases]);
    expect(Object.keys(TOPICS).filter((topic) => names.includes(topic))).toEqual([]);
    const closing = await desk("trader").say("help closing");
    expect(closing.lines?.map((line) => line.split(" - ")[0])).toEqual([
      "/close",
      "/cancel",
      "/cancel_all",
      "/recover",
    ]);
    expect(read(await desk("viewer").say("help closing"))).toContain('command "closing" is none of yours');
    const trader = read(await desk("trader").say("help close"));
    expect(trader).toContain("/close [symbol] [side] [part] [foreign]");
    expect(trader).toContain("Also: /fx, /forceexit, /forcesell");
    expect(trader).toContain("Example: /close BTCUSDT long 50%");
    expect(trader).toContain(
      "For trader and above; it reduces risk, at a cost. A card asks first; whoever asked may approve it.",
    );
    expect(read(await desk("viewer").say("help panic"))).toContain('command "panic" is none of yours');
  });
});

describe("risk", () => {
  test("says how far the account is below its peak, what that makes the desk do, and what is unknown", async () => {
    const { door, say } = desk("viewer");
    expect(read(await say("risk")).split("\n")).toEqual([
      "Risk: Monitoring",
      "The desk trades normally.",
      "Drawdown: 3.77% (Warning 5%, Emergency 10%, Shutdown 15%)",
      "Equity: 10,000.77 USDT",
      "Peak: 10,400.00 USDT",
      "Below it: -399.23 USDT",
      "Liquidation: BTCUSDT 34.2% away; of another it is unknown",
      "Purse grid1: 324.00 USDT of 2,000.00 USDT (16%)",
      "BTCUSDT long",
      "  mark    97,200.0",
      "  liquid. 64,000.0",
      "  away    34.2%",
      "  level   low",
      "  ratio   0.4%",
      "ETHUSDT short",
      "  mark    3,500.12",
      "  liquid. unknown",
      "  away    unknown",
      "  level   high",
      "  ratio   unknown",
      "",
    ]);
    door.view = snapshot({ riskState: "emergency", riskFloor: "emergency", drawdown: undefined, books: [] });
    const reply = await say("risk");
    expect([reply.title, reply.tone, reply.lines?.[1]]).toEqual([
      "Risk: Emergency",
      "danger",
      "A person asked for emergency: nothing milder until a person says so.",
    ]);
    expect(read(reply)).toContain("Drawdown: unknown");
    expect(read(reply)).toContain("Liquidation: nothing is held");
  });

  test("only an admin asks to reset it, and says why", async () => {
    const refused = desk("risk");
    await refused.say("risk_reset a spike");
    expect(refused.door.calls).toEqual([]);
    const admin = desk("admin");
    const bare = await admin.say("risk_reset");
    expect([admin.door.calls, bare.title, bare.lines?.[0]]).toEqual([
      [],
      "Not done",
      "Say in a few words what led to it: it stands on the card and in the ledger.",
    ]);
    const reply = await admin.say("risk_reset a funding spike");
    expect([admin.door.calls.map(({ type, request }) => [type, request]), reply.title]).toEqual([
      [["resetRisk", "a funding spike"]],
      "Asked",
    ]);
  });
});

describe("deadman", () => {
  test("says what the exchange does when the desk falls silent, and who may change that", async () => {
    const { door, say } = desk("risk");
    const bare = await say("deadman");
    expect([bare.title, bare.lines?.[0]]).toEqual([
      "No countdown at the exchange",
      "When the desk falls silent, what rests on binanceusdm goes on resting, stops too: risk.cancelAfterSeconds is 0.",
    ]);
    const at = door.view.wallAt;
    const part = { instrument: "BTCUSDT", setWallAt: at, endsWallAt: at + 60_000, problem: undefined };
    const countdown = { seconds: 60, isArmed: true, why: undefined, parts: [part] };
    door.view = snapshot({ countdown });
    expect(read(await say("deadman"))).toMatch(
      /^Countdown at the exchange: armed, 60 s\n.*entries and take profits back.*Stops stay\.\nBTCUSDT: set .* ago, ends at \d\d:\d\d:\d\d UTC unless/,
    );
    door.view = snapshot({
      countdown: { ...countdown, parts: [{ ...part, problem: "ReadTimeout" }] },
    });
    const failing = await say("deadman");
    expect([failing.tone, failing.fields?.[0]?.text]).toEqual([
      "warning",
      expect.stringMatching(/the last request failed: ReadTimeout$/),
    ]);
    door.view = snapshot({ countdown: { ...countdown, isArmed: false, why: "carol disarmed it" } });
    expect(read(await say("deadman"))).toMatch(/not armed\nWhy: carol disarmed it\./);
    await say("deadman_arm");
    await say("deadman_disarm");
    expect(door.calls.map(({ type }) => type)).toEqual(["armCountdown", "proposeDisarm"]);
    const trader = desk("trader");
    for (const line of ["deadman_arm", "deadman_disarm"]) await trader.say(line);
    expect(trader.door.calls).toEqual([]);
  });
});

describe("close", () => {
  const asked = async (line: string) => {
    const { door, say } = desk("trader");
    await say(line);
    return door.calls[0]?.request;
  };

  test("reads its words in any order", async () => {
    const half = { instrument: "BTCUSDT", positionSide: "long", part: ONE / 2, includesForeign: false };
    expect(await asked("close BTCUSDT long 50%")).toEqual(half);
    expect(await asked("close 50 long btc")).toEqual(half);
    expect(await asked("close half long BTC/USDT")).toEqual(half);
    const { door, say } = desk("trader");
    const [bitcoin] = snapshot().books;
    door.view = snapshot({ books: bitcoin === undefined ? [] : [bitcoin] });
    await say("close");
    expect(door.calls[0]?.request).toEqual({
      instrument: undefined,
      positionSide: undefined,
      part: ONE,
      includesForeign: false,
    });
    expect(await asked("close ETHUSDT foreign all")).toMatchObject({
      instrument: "ETHUSDT",
      part: ONE,
      includesForeign: true,
    });
  });

  test.each([
    ["close 150%", 'part "150%" is more than 100%; say 25%, 50%, 75%, 100% or another percentage.'],
    ["close 0", 'part "0" is not above 0%; say 25%, 50%, 75%, 100% or another percentage.'],
    ["close -5%", 'part "-5%" is not above 0%; say 25%, 50%, 75%, 100% or another percentage.'],
    ["close 0,5%", 'part "0,5%" has a comma; write decimals with a point, like 12.5%.'],
    [
      "close 0.123456789%",
      'part "0.123456789%" is no percentage; say 25%, 50%, 75%, 100% or another percentage.',
    ],
    ["close XRPUSDT", 'symbol "XRPUSDT" is not traded here; say BTCUSDT, ETHUSDT.'],
    [
      "close BTCUSDT ETHUSDT",
      '"ETHUSDT" is one word too many; say a symbol, long or short, a part like 50% or an amount like 0.004BTC, and foreign, each once: close BTCUSDT long 50%.',
    ],
  ])("%s is refused in one sentence", async (line, sentence) => {
    const { door, say } = desk("trader");
    const reply = await say(line);
    expect(reply.lines?.[0]).toBe(sentence);
    expect(reply.tone).toBe("warning");
    expect(door.calls).toEqual([]);
  });

  test("takes named arguments from a form, and names the wrong one", async () => {
    const { door, runner, actor } = desk("trader");
    await runner.run({
      name: "close",
      input: { symbol: "ETHUSDT", side: "short", part: "25%", foreign: "yes" },
      actor,
    });
    expect(door.calls[0]?.request).toEqual({
      instrument: "ETHUSDT",
      positionSide: "short",
      part: ONE / 4,
      includesForeign: true,
    });
    const wrong = await runner.run({ name: "close", input: { side: "up" }, actor });
    expect(wrong.lines?.[0]).toBe('side "up" is neither long nor short; say one of them.');
    const foreign = await runner.run({ name: "close", input: { extra: "1" }, actor });
    expect(foreign.lines?.[0]).toBe('/close has no argument "extra".');
    expect(door.calls).toHaveLength(1);
  });
});

describe("who may, and when", () => {
  test("a role that is too low is refused, logged and written to the ledger; nothing happens", async () => {
    const { door, say, ledger, log } = desk("viewer");
    const reply = await say("panic");
    expect(reply.lines).toEqual([
      "/panic needs the role trader; you are viewer. An admin gives roles with /grant, up to what the settings file says.",
    ]);
    expect(door.calls).toEqual([]);
    expect(ledger).toEqual([
      {
        kind: "refusal",
        actor: "alice",
        command: "panic",
        platform: "telegram",
        reason: "role",
        role: "viewer",
        needed: "trader",
      },
    ]);
    expect(log).toEqual(["warn /panic refused: alice is viewer"]);
  });

  test("what acts is refused when it is older than 30 s; what reads is answered", async () => {
    const { clock, door, say, ledger } = desk();
    const old = clock.now() - 30_001;
    expect((await say("panic", old)).lines?.[0]).toBe(
      "Your /panic was written 30 s ago, so nothing was done.",
    );
    expect((await say("status", old)).title).toBe("Monitoring: trading normally");
    expect(door.calls).toEqual([]);
    expect(ledger).toMatchObject([
      { kind: "refusal", command: "panic", reason: "old" },
      { kind: "command", command: "status" },
    ]);
    await say("panic", clock.now() - 30_000);
    expect(door.calls).toMatchObject([{ type: "panic", actor: { person: "alice" } }]);
  });

  test("pause, resume and panic reach the desk and say what holds now", async () => {
    const { door, say } = desk();
    expect(read(await say("pause"))).toBe(
      "Paused\nNo engine enters any more.\n/resume lets engines enter again.\n",
    );
    expect(read(await say("resume"))).toContain("Engines may enter again.");
    expect(read(await say("panic"))).toContain("All engine positions are being closed.");
    expect(door.calls.map((call) => call.type)).toEqual(["pause", "resume", "panic"]);
  });

  test("unknown commands, spare words and a desk that throws each get an answer", async () => {
    const { door, say, log } = desk();
    expect(read(await say("buy all"))).toBe(
      'Not done\nThere is no command "buy".\n/help lists what you may use.\n',
    );
    for (const [typed, meant] of [
      ["stauts", "status"],
      ["closs", "close"],
      ["hepl", "help"],
      ["CLOSELOOSERS", "close_losers"],
    ])
      expect(read(await say(`${typed} now`))).toContain(
        `There is no command "${typed}". Did you mean /${meant}?\n`,
      );
    expect(read(await desk("viewer").say("panick"))).not.toContain("Did you mean /panic");
    expect(read(await say("help stauts"))).toContain("did you mean /help status?");
    expect(read(await say("pause now"))).toContain('/pause takes no arguments; leave out "now".');
    door.fault = new Error("boom");
    expect(read(await say("status"))).toBe(
      "Not done\n/status failed inside perpdesk. Trading goes on; the log has the cause.\n",
    );
    expect(log).toEqual(["error /status of alice failed: boom"]);
  });
});
