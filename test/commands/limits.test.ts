import { beforeEach, describe, expect, test } from "vitest";
import type { CommandRunner } from "../../src/chat/runner.ts";
import type { PersonRole } from "../../src/core/proposal.ts";
import { ONE } from "../../src/core/units.ts";
import { DeskOfOneCard, LIMITS, ManualClock, NOON, snapshot } from "../chat/desk.ts";
import { runnerOn } from "./runner-on.ts";

let door: DeskOfOneCard;
let runner: CommandRunner;

beforeEach(() => {
  const clock = new ManualClock();
  door = new DeskOfOneCard(clock);
  runner = runnerOn(door, clock);
});
const ask = (line: string, role: PersonRole = "admin", barred?: string) => {
  const [name = "", ...input] = line.split(" ");
  const actor = {
    person: "alice",
    role,
    platform: "telegram",
    ...(barred === undefined ? {} : { barred }),
  } as const;
  return runner.run({ name, input, actor });
};
const said = async (line: string): Promise<string> => (await ask(line)).lines?.join(" ") ?? "";
const asked = () => door.calls.map(({ request }) => request);
/** One limit was tightened by bob. */
const tighten = (key: string, now: number): void => {
  const set = { value: now, by: "bob", wallAt: NOON };
  door.view = snapshot({ limits: LIMITS.map((each) => (each.key === key ? { ...each, now, set } : each)) });
};

describe("/set_limit", () => {
  test("alone lists what is in force, what the settings say, and who set it", async () => {
    tighten("exposure", 1.5);
    const { table, buttons } = await ask("set_limit");
    expect(table?.rows).toEqual([
      ["drawdown_warning", "5%", "5%", ""],
      ["drawdown_emergency", "10%", "10%", ""],
      ["drawdown_shutdown", "15%", "15%", ""],
      ["exposure", "1.5x", "3x", "by bob, 2026-05-02 14:03 UTC"],
      ["liquidation_buffer", "20%", "20%", ""],
      ["purse:grid1", "2,000.00 USDT", "2,000.00 USDT", ""],
      ["position:grid1", "0.050 BTC", "0.050 BTC", ""],
    ]);
    expect(buttons?.flat()).toHaveLength(7);
  });

  test("reads each value in its unit, and an engine may be left out where there is only one", async () => {
    for (const line of [
      "set_limit exposure 1.5",
      "set_limit Exposure 1.5x now",
      "set_limit drawdown_warning 3%",
      "set_limit drawdown_warning 2.5",
      "set_limit liquidation_buffer 30",
      "set_limit purse 1,500.50",
      "set_limit position:grid1 0.02",
      "set_limit exposure settings",
    ])
      await ask(line);
    expect(asked()).toEqual([
      { limit: "exposure", value: 1.5, isSure: false },
      { limit: "exposure", value: 1.5, isSure: true },
      { limit: "drawdown_warning", value: (3 * ONE) / 100, isSure: false },
      { limit: "drawdown_warning", value: ONE / 40, isSure: false },
      { limit: "liquidation_buffer", value: (3 * ONE) / 10, isSure: false },
      { limit: "purse:grid1", value: 1_500.5 * ONE, isSure: false },
      { limit: "position:grid1", value: 20, isSure: false },
      { limit: "exposure", value: 3, isSure: false },
    ]);
  });

  test.each([
    ["set_limit leverage 2", 'limit "leverage" is none; say one of drawdown_warning, '],
    [
      "set_limit exposure much",
      'exposure "much" can\'t be read; say a number of times the equity like 1.5, or settings.',
    ],
    ["set_limit exposure 0", 'exposure "0" can\'t be read; say '],
    [
      "set_limit drawdown_warning -3%",
      'drawdown_warning "-3%" can\'t be read; say a percentage like 3%, or settings.',
    ],
    ["set_limit purse -5", 'purse:grid1 "-5" can\'t be read; say an amount of money like 500, or settings.'],
    [
      "set_limit position 0.0001",
      'position:grid1 "0.0001" can\'t be read; say a size like 0.05, or settings.',
    ],
    [
      "set_limit exposure 1,5",
      'exposure "1,5" can\'t be read; say a number of times the equity like 1.5, with a point before decimals',
    ],
    ["set_limit liquidation_buffer 2,5", 'liquidation_buffer "2,5" can\'t be read; say '],
    ["set_limit drawdown_warning 1,5%", 'drawdown_warning "1,5%" can\'t be read; say '],
    ["set_limit purse 250,5", 'purse:grid1 "250,5" can\'t be read; say '],
    ["set_limit position 0,050", 'position:grid1 "0,050" can\'t be read; say '],
    ["set_limit exposure 2 please", "After the value stands nothing, or now"],
  ])("%s is refused in one sentence", async (line, text) => {
    expect(await said(line)).toContain(text);
    expect(asked()).toEqual([]);
  });

  test("with a name alone offers tighter values, and the settings where they are looser", async () => {
    const offered = async (line: string) => (await ask(line)).buttons?.flat().map(({ label }) => label);
    expect(await offered("set_limit exposure")).toEqual(["2.3x", "1.6x", "0.8x"]);
    expect(await offered("set_limit drawdown_warning")).toEqual(["3.9%", "2.8%", "1.6%"]);
    expect(await offered("set_limit liquidation_buffer")).toEqual(["37.5%", "55%", "72.5%"]);
    expect(await offered("set_limit purse")).toEqual(["1500", "1100", "580"]);
    tighten("position:grid1", 10);
    expect(await offered("set_limit position")).toEqual(["0.008", "0.006", "0.003", "settings"]);
    tighten("exposure", 0.1);
    expect(await offered("set_limit exposure")).toEqual(["settings"]);
    for (const line of ["exposure 2.3x", "purse 580", "drawdown_warning 3.9%"])
      await ask(`set_limit ${line}`);
    expect(asked()).toMatchObject([{ value: 2.3 }, { value: 580 * ONE }, { value: 3_900_000 }]);
  });

  test("needs an admin; somebody barred may still tighten, and the card keeps them from loosening", async () => {
    expect((await ask("set_limit", "risk")).lines?.[0]).toContain(
      "/set_limit needs the role admin; you are risk.",
    );
    await ask("set_limit exposure 1", "admin", "wrong codes");
    expect(asked()).toHaveLength(1);
  });
});

describe("/risk", () => {
  test("shows the limits in force and who tightened them", async () => {
    tighten("drawdown_emergency", 0.06 * ONE);
    const { fields, lines } = await ask("risk", "viewer");
    expect(fields?.[0]?.text).toBe("3.77% (Warning 5%, Emergency 6%, Shutdown 15%)");
    expect(lines).toContain("drawdown_emergency is 6%, set by bob; the settings say 10%.");
  });

  test("says where a state ends that begins at a smaller drawdown", async () => {
    tighten("drawdown_warning", 0.02 * ONE);
    door.view = { ...door.view, riskState: "warning" };
    expect((await ask("risk")).lines?.[0]).toBe(
      "The desk trades on. It ends by itself after 15 minutes with the drawdown at 1 % or less.",
    );
  });
});
