import type { APIMessage } from "discord.js";
import type { Message } from "telegraf/types";
import { afterEach, describe, expect, test } from "vitest";
import { commands } from "../../commands/index.ts";
import { fitsDiscord } from "../../src/chat/discord/embed.ts";
import { messagesOf } from "../../src/chat/layout.ts";
import { fitsTelegram } from "../../src/chat/telegram/html.ts";
import { terminalText } from "../../src/chat/terminal.ts";
import { snapshot } from "./desk.ts";
import {
  ann,
  annOnDiscord,
  bob,
  CHANNEL,
  GROUP,
  openWorld,
  textsIn,
  until,
  type World,
} from "./platforms.ts";

let world: World | undefined;
afterEach(async () => {
  await world?.close();
  world = undefined;
});

async function open(): Promise<World> {
  world = await openWorld();
  const { telegram, discord } = world;
  await until(
    () =>
      telegram.calls.some(({ method }) => method === "setMyCommands") &&
      discord.calls.some(({ route, status }) => route.startsWith("PUT") && status < 300),
    "both listen",
  );
  return world;
}

/** That many positions, each of its own instrument. */
function held(count: number) {
  const { books, instruments } = snapshot();
  const [book] = books;
  const [instrument] = instruments;
  if (book === undefined || instrument === undefined) throw new Error("nothing to copy");
  const ids = Array.from({ length: count }, (_, at) => `COIN${at}USDT`);
  return snapshot({
    books: ids.map((id) => ({ ...book, instrument: id })),
    instruments: ids.map((id) => ({ ...instrument, id, base: id })),
  });
}

interface Shown {
  readonly text: string;
  /** What each button carries, by its label. */
  readonly buttons: Readonly<Record<string, string>>;
}

function onTelegram(message: Message | undefined): Shown {
  if (message === undefined || !("text" in message)) throw new Error("no text");
  const keyboard = message.reply_markup?.inline_keyboard.flat() ?? [];
  return {
    text: message.text,
    buttons: Object.fromEntries(
      keyboard.map((button) => [button.text, "callback_data" in button ? button.callback_data : ""]),
    ),
  };
}

function onDiscord({ embeds: [embed], components = [] }: APIMessage): Shown {
  const rows = components as readonly {
    readonly components: readonly { readonly label: string; readonly custom_id: string }[];
  }[];
  return {
    text: [embed?.title, embed?.description, embed?.footer?.text].join("\n"),
    buttons: Object.fromEntries(
      rows.flatMap((row) => row.components.map((each) => [each.label, each.custom_id] as const)),
    ),
  };
}

describe("pages", () => {
  test("of a long list are turned in its one message, on Telegram", async () => {
    const { telegram, desk } = await open();
    desk.view = held(60);
    telegram.say(ann, ann, "/positions");
    const first = (await telegram.wait(({ method }) => method === "sendMessage")).message;
    if (first === undefined) throw new Error("no message");
    const told = onTelegram(first);
    expect(told.text).toMatch(/Page 1 of [3-9]$/);
    expect(Object.keys(told.buttons).slice(0, 3)).toEqual(["Next \u203a", "Last \u00bb", "Refresh"]);
    const turn = async (from: Shown, label: string): Promise<Shown> => {
      telegram.press(ann, first, from.buttons[label] ?? "");
      const edit = await telegram.wait(({ method }) => method === "editMessageText");
      expect([edit.error, edit.message?.message_id]).toEqual([undefined, first.message_id]);
      return onTelegram(edit.message as Message);
    };
    const second = await turn(told, "Next \u203a");
    expect(second.text).toMatch(/Page 2 of/);
    expect(second.text).not.toContain("COIN0USDT");
    const last = await turn(second, "Last \u00bb");
    expect(last.text).toContain("COIN59USDT");
    expect(Object.keys(last.buttons).slice(0, 3)).toEqual(["\u00ab First", "\u2039 Back", "Refresh"]);
    desk.view = held(2);
    // What is gone by then is the last page that there is.
    expect((await turn(last, "\u2039 Back")).text).toContain("2 open positions");
    expect(textsIn(world as World, ann.id)).toHaveLength(1);
  });

  test("on Discord too, for the eyes of the one who asked", async () => {
    const { discord, desk } = await open();
    desk.view = held(60);
    const asked = discord.slash(annOnDiscord, CHANNEL, "positions");
    const message = await asked.replied();
    const told = onDiscord(message);
    expect(told.text).toMatch(/Page 1 of [3-9]$/);
    await discord.press(annOnDiscord, message, told.buttons["Next \u203a"] ?? "").answered();
    await until(() => onDiscord(asked.reply as APIMessage).text.includes("Page 2 of"), "the page is turned");
    expect([asked.followUps, discord.messages.list(CHANNEL)]).toEqual([[], []]);
  });

  test("what can't be drawn anew comes as messages one after another, and says what is left", async () => {
    const reply = {
      title: "t",
      tone: "plain" as const,
      lines: Array.from({ length: 900 }, (_, at) => `line ${at}`),
    };
    expect(messagesOf(reply, fitsTelegram).length).toBeGreaterThan(1);
    expect(messagesOf({ ...reply, line: "status" }, fitsTelegram)).toHaveLength(1);
    expect(messagesOf({ ...reply, line: "status", page: 999 }, fitsDiscord)[0]?.lines?.at(-1)).toBe(
      "line 899",
    );
    const printed = terminalText(reply, false, 0).split("\n");
    expect([printed.length, printed.at(-1)]).toEqual([
      201,
      "  \u2026 and 701 more; name a symbol to see fewer. (1/1)",
    ]);
  });
});

describe("pickers", () => {
  test("ask for what is missing where there is a finite choice; a tap does it once", async () => {
    const { telegram, desk } = await open();
    telegram.say(ann, ann, "/close");
    const asked = (await telegram.wait(({ method }) => method === "sendMessage")).message;
    if (asked === undefined) throw new Error("no message");
    const { text, buttons } = onTelegram(asked);
    expect(text).toBe(
      [
        "/close: which symbol?",
        "Which position; left out: the only open one.",
        "There are BTCUSDT, ETHUSDT.",
        "Or type it: /close BTCUSDT",
      ].join("\n"),
    );
    expect(Object.keys(buttons)).toEqual(["BTCUSDT", "ETHUSDT"]);
    await telegram.answered(telegram.press(ann, asked, buttons["ETHUSDT"] ?? ""));
    await until(() => desk.calls.length === 1, "it is proposed");
    expect(desk.calls[0]).toMatchObject({ type: "proposeClose", request: { instrument: "ETHUSDT" } });
    const edit = await telegram.wait(({ method }) => method === "editMessageText");
    expect(onTelegram(edit.message as Message).text).toContain("Proposed");
    await telegram.answered(telegram.press(ann, asked, buttons["ETHUSDT"] ?? ""));
    await until(
      () => textsIn(world as World, ann.id).some((each) => each.includes("was used")),
      "it is told",
    );
    expect(desk.calls).toHaveLength(1);
  });

  test("a pick that is old, early, made up, or not the caller's to do is refused and written down", async () => {
    const { telegram, desk, ledger } = await open();
    telegram.say(ann, ann, "/close");
    const asked = (await telegram.wait(({ method }) => method === "sendMessage")).message;
    if (asked === undefined) throw new Error("no message");
    const until36 = (ms: number): string => (Date.now() + ms).toString(36);
    for (const data of [
      `v1:k:${until36(-1)}:close BTCUSDT`,
      `v1:k:${until36(70_000)}:close BTCUSDT`,
      `v1:k:${until36(50_000)}:panic`,
      `v1:k:${until36(50_000)}:pause`,
    ])
      await telegram.answered(telegram.press(ann, asked, data));
    telegram.say(bob, GROUP, "/health");
    await until(() => ledger.filter(({ kind }) => kind === "refusal").length >= 5, "all are refused");
    expect(desk.calls).toEqual([]);
    expect(ledger.filter(({ kind }) => kind === "refusal").map(({ reason }) => reason)).toEqual([
      "old",
      "old",
      "forged",
      "forged",
      "role",
    ]);
  });

  test("never on a card's name, and only where there is something to choose", () => {
    const asking = commands.filter(({ args }) =>
      args.some(
        ({ choices, asks, isRequired }) => choices !== undefined && (isRequired || asks) && asks !== false,
      ),
    );
    const names = asking.map(({ name }) => name);
    expect(names).toEqual(
      expect.arrayContaining(["close", "recover", "grid_stop", "grid_start", "trade", "ack"]),
    );
    expect(names).not.toContain("approve");
    expect(names).not.toContain("reject");
  });
});
