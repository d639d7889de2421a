import type { APIMessage } from "discord.js";
import { afterEach, expect, test } from "vitest";
import type { StoredMessage } from "../emulators/telegram/rooms.ts";
import { embedText } from "./card-watch.ts";
import { slash } from "./taps.ts";
import { ann, BTC, CHANNEL, openWorld, pause, START_PRICE, until, type World } from "./world.ts";

let world: World | undefined;
afterEach(async () => {
  await world?.abandon();
  world = undefined;
});

/** A message of one platform, as far as this story looks at it. */
interface Told {
  readonly id: string;
  readonly text: string;
  readonly answers: string | undefined;
  readonly isSilent: boolean;
  readonly isEdited: boolean;
}

/** What both platforms show of liquidation risk, oldest first. */
function risks({ telegram, discord, chat }: World): { readonly telegram: Told[]; readonly discord: Told[] } {
  const onTelegram = telegram.calls.flatMap(({ method, params, message }): Told[] => {
    if (method !== "sendMessage" || message === undefined) return [];
    const now = telegram.rooms.find(chat)?.messages.get(message.message_id) as StoredMessage & {
      text?: string;
    };
    return [
      {
        id: String(now.message_id),
        text: now.text ?? "",
        answers: now.reply_to_message === undefined ? undefined : String(now.reply_to_message.message_id),
        isSilent: String(params["disable_notification"]) === "true",
        isEdited: now.edit_date !== undefined,
      },
    ];
  });
  const onDiscord = discord.calls.flatMap(({ route, message }): Told[] => {
    if (route !== "POST /channels/:channel/messages" || message === undefined) return [];
    const now = discord.messages.find(message.id) as APIMessage;
    return [
      {
        id: now.id,
        text: embedText(now),
        answers: now.message_reference?.message_id,
        isSilent: ((now.flags ?? 0) & 4096) !== 0,
        isEdited: now.edited_timestamp !== null,
      },
    ];
  });
  const isRisk = ({ text }: Told): boolean => /liquidation risk|LIQUIDATED/.test(text);
  return { telegram: onTelegram.filter(isRisk), discord: onDiscord.filter(isRisk) };
}

/** Both platforms show so many messages of risk, and the last of them says this. */
async function tell(w: World, count: number, text: string): Promise<void> {
  const isShown = (): boolean =>
    Object.values(risks(w)).every(
      (told) => told.length === count && told.at(-1)?.text.includes(text) === true,
    );
  await until(isShown, `both platforms show ${count} message(s), the last with "${text}"`, 10_000).catch(
    (fault: unknown) => {
      const { books } = w.running.door.snapshot();
      throw new Error(`${String(fault)}; ${JSON.stringify({ ...risks(w), books })}`);
    },
  );
}

/** A desk whose grid is paused, and a long of 0.1 BTC that somebody opened by hand at 3x isolated. */
async function withPosition(): Promise<{ readonly w: World; readonly liquidation: number }> {
  const w = await openWorld();
  world = w;
  expect(await slash(w, ann, "pause")).toContain("Entries are paused");
  w.trade("buy", 100);
  await until(() => w.known().foreign === 100, "the desk knows of the position");
  const position = w.exchange.positions("main").find(({ instrument }) => instrument === BTC);
  expect(position).toMatchObject({ lots: 100, marginMode: "isolated", leverage: 3 });
  const liquidation = position?.liquidation ?? 0;
  expect(liquidation / START_PRICE).toBeCloseTo(2 / 3, 1);
  return { w, liquidation };
}

/** The mark at which the liquidation price is so far away. */
const markAt = (liquidation: number, distance: number): number => Math.round(liquidation / (1 - distance));

test("the price falls: HIGH under 10 %, EXTREME under 5 % edits it and answers it, CRITICAL when liquidated is new again", async () => {
  const { w, liquidation } = await withPosition();
  w.move(markAt(liquidation, 0.25));
  await pause(300);
  expect(risks(w)).toEqual({ telegram: [], discord: [] });

  w.move(markAt(liquidation, 0.0995));
  await tell(w, 1, "HIGH: BTCUSDT: liquidation risk HIGH");
  for (const [high] of Object.values(risks(w))) {
    expect(high).toMatchObject({ answers: undefined, isSilent: false, isEdited: false });
    expect(high?.text).toMatch(/Long 0\.100 BTC, unrealized -1[23]\d\d\.\d\d USDT\./);
    expect(high?.text).toContain(": 9.9");
    expect(high?.text).toContain(
      "Close a part with /close BTCUSDT foreign 50%, or add margin on the exchange.",
    );
  }

  w.move(markAt(liquidation, 0.0495));
  await tell(w, 2, "EXTREME: BTCUSDT: liquidation risk EXTREME");
  await until(
    () => Object.values(risks(w)).every(([high]) => high?.isEdited === true),
    "the HIGH messages are edited",
  );
  for (const [high, extreme] of Object.values(risks(w))) {
    expect(high?.text).toMatch(
      /HIGH: BTCUSDT: liquidation risk HIGH[\s\S]*Now EXTREME at \d\d:\d\d:\d\d UTC; see the newer message\./,
    );
    expect(extreme).toMatchObject({ answers: high?.id, isSilent: false });
    expect(extreme?.text).toContain("Close all or a part now: /close BTCUSDT foreign");
  }

  w.move(liquidation - 500);
  await tell(w, 3, "CRITICAL: BTCUSDT: LIQUIDATED or at the margin limit (CRITICAL)");
  await until(
    () => Object.values(risks(w)).every((told) => told[1]?.isEdited === true),
    "the EXTREME messages are edited",
  );
  for (const [, extreme, critical] of Object.values(risks(w))) {
    expect(extreme?.text).toContain("Now CRITICAL at ");
    expect(critical).toMatchObject({ answers: extreme?.id, isSilent: false });
  }
  expect(w.held()).toBe(0);
  await until(() => w.known().foreign === 0, "the desk knows that it is gone");
  expect(w.known().own).toBe(0);
  await w.close();
});

test("the price recovers: resolved in place, once it was a point better for a minute of the market, and not before", async () => {
  const { w, liquidation } = await withPosition();
  w.move(markAt(liquidation, 0.09));
  await tell(w, 1, "HIGH: BTCUSDT: liquidation risk HIGH");
  const level = () => w.running.door.snapshot().books.find(({ instrument }) => instrument === BTC)?.level;

  // Half a point better is not better, however long it lasts.
  for (let second = 0; second < 70; second += 1) w.move(markAt(liquidation, 0.105));
  await settled(w);
  expect(level()).toBe("HIGH");
  // Much better, for less than a minute.
  for (let second = 0; second < 50; second += 1) w.move(START_PRICE);
  await settled(w);
  expect(level()).toBe("HIGH");
  // And under the threshold again: the minute starts anew.
  w.move(markAt(liquidation, 0.09));
  for (let second = 0; second < 50; second += 1) w.move(START_PRICE);
  await settled(w);
  expect([level(), risks(w).telegram.length, risks(w).discord.length]).toEqual(["HIGH", 1, 1]);

  for (let second = 0; second < 15; second += 1) w.move(START_PRICE);
  await tell(w, 1, "Resolved: BTCUSDT: liquidation risk resolved (was HIGH)");
  expect(level()).toBe("LOW");
  for (const [told] of Object.values(risks(w))) {
    expect(told?.isEdited).toBe(true);
    expect(told?.text).toMatch(/Over at \d\d:\d\d:\d\d UTC\. It stood since \d\d:\d\d:\d\d UTC\./);
  }
  expect(w.held()).toBe(100);
  expect(
    w.discord.calls.filter(({ params }) => params["channel"] !== undefined && params["channel"] !== CHANNEL),
  ).toEqual([]);
  await w.close();
});

/** The desk has taken in the market as it is now. */
const settled = (w: World): Promise<void> =>
  until(() => w.running.desk.kernel.state.at >= w.exchange.now() - 1_000, "the desk has caught up");
