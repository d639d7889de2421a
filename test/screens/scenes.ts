import type { APIMessage } from "discord.js";
import type { RungView } from "../../src/core/recovery.ts";
import type { Deed } from "../emulators/discord/deed.ts";
import type { DiscordCall } from "../emulators/discord/rest.ts";
import type { StoredMessage } from "../emulators/telegram/rooms.ts";
import type { TelegramCall } from "../emulators/telegram/telegram.ts";
import { ANN, ANN_ON_DISCORD } from "./desk.ts";
import { DISCORD, type PhoneMessage, phone, TELEGRAM } from "./phone.ts";
import { onDiscord, onTelegram, said } from "./read.ts";
import { CHANNEL, type Stage } from "./stage.ts";

/** One picture for the page. */
export interface Screen {
  readonly name: string;
  readonly title: string;
  /** What is to be seen, in a sentence. */
  readonly text: string;
  readonly svg: string;
}

const TITLE = "perpdesk";
const MINUTE_MS = 60_000;

/** Plays typical exchanges on both platforms and takes a picture of each from what the platforms wrote down. */
export async function play(stage: Stage): Promise<readonly Screen[]> {
  const actor = new Actor(stage);
  const { desk, time, quiet } = stage;
  const screens: Screen[] = [];
  const onScreen = (
    skin: typeof TELEGRAM,
    name: string,
    title: string,
    text: string,
    messages: PhoneMessage[],
  ) => screens.push({ name, title, text, svg: phone(skin, TITLE, messages) });

  // The market falls through three rungs and comes back a little.
  await actor.write("/notify trades digest");
  await desk.move(961_000, 20);
  await desk.move(966_500, 4);
  await quiet();

  for (const [name, line, title, text] of [
    ["status", "/status", "Status", "The desk in one look."],
    ["positions", "/positions", "Positions", "What is held, what it earns, and how far liquidation is."],
    [
      "chart",
      "/chart BTCUSDT 15m",
      "Chart",
      "The price with everything that the desk has there; Refresh puts a new picture into the same message.",
    ],
  ] as const)
    onScreen(TELEGRAM, name, title, text, [said(line, time()), ...(await actor.asked(line))]);

  // A proposal, before and after, on both platforms.
  const asked = said("/close BTCUSDT 50%", time());
  const answers = await actor.asked("/close BTCUSDT 50%");
  const before = actor.card("Close 50% of BTCUSDT");
  onScreen(
    TELEGRAM,
    "proposal-before",
    "Proposal, before",
    "Asked on Telegram: what it would do, in money, and until when it can be decided.",
    [asked, ...answers],
  );
  onScreen(DISCORD, "proposal-before-discord", "The same card on Discord", "Whoever presses first decides.", [
    onDiscord(before.discord, time()),
  ]);
  await actor.press(before.discord, "Approve");
  await desk.pass(3_000);
  await quiet();
  const after = actor.card("Close 50% of BTCUSDT");
  onScreen(
    DISCORD,
    "proposal-after-discord",
    "Proposal, after",
    "Approved on Discord: who, where, when, and what came of it.",
    [onDiscord(after.discord, time())],
  );
  onScreen(
    TELEGRAM,
    "proposal-after",
    "The same card on Telegram",
    "Its buttons are gone, on every platform.",
    [onTelegram(after.telegram, time())],
  );

  const help = await actor.slash("help", {});
  onScreen(DISCORD, "help", "Help", "Only what the caller may use.", help);

  const wrong = await actor.slash("close", { symbol: "BTCUSDT", part: "150%" });
  onScreen(DISCORD, "error", "An error", "One sentence: the field, the value and the mend.", wrong);

  const first = await actor.asked("/grid_setup");
  const typed = said("/grid_setup my grid!", time());
  const second = await actor.asked("/grid_setup my grid!");
  onScreen(
    TELEGRAM,
    "setup",
    "Setting up a grid",
    "Question by question; an answer that can't be is told at once.",
    [said("/grid_setup", time()), ...first, typed, ...second],
  );

  // What makes no sound comes together once an hour.
  await actor.write("/resume");
  await desk.move(979_000, 15);
  await desk.move(964_000, 15);
  await desk.pass(45 * MINUTE_MS);
  await quiet();
  onScreen(
    TELEGRAM,
    "digest",
    "A digest",
    "What was held back for an hour, in one message without a sound.",
    actor.last("The last hour", 1),
  );

  for (const [name, line, title, text] of [
    ["equity", "/equity", "Equity", "The account's course, from the same lines of the log as its figures."],
    ["exposure", "/exposure", "Exposure", "What is held in money, and how far the purse is used."],
  ] as const)
    onScreen(TELEGRAM, name, title, text, [said(line, time()), ...(await actor.asked(line))]);

  // Rungs that have no way out.
  await desk.move(925_000, 10);
  await desk.pass(20 * MINUTE_MS);
  await quiet();
  const stuck = await actor.asked("/stuck");
  const [rung] = desk.door
    .snapshot()
    .engines.flatMap(({ grid }) => grid?.rungs ?? [])
    .filter(isStuck);
  if (rung === undefined) throw new Error("no rung is stuck");
  await actor.write(`/recover grid-btc ${rung.index}`);
  const recover = actor.card("Stuck: rung");
  onScreen(TELEGRAM, "recovery-before", "A stuck rung", "What is stuck, and the ways out with their price.", [
    said("/stuck", time()),
    ...stuck,
    onTelegram(recover.telegram, time()),
  ]);
  await actor.press(recover.discord, "Ladder");
  await desk.pass(5_000);
  await quiet();
  onScreen(
    DISCORD,
    "recovery-after-discord",
    "The way that was chosen",
    "The same card on Discord, once it was decided.",
    [onDiscord(actor.card("Stuck: rung").discord, time())],
  );

  // The market falls until liquidation is near.
  await desk.move(712_000, 30);
  await desk.pass(10_000);
  await quiet();
  onScreen(
    TELEGRAM,
    "high-alert",
    "A HIGH alert",
    "Liquidation is near: how far, what it means and what can be done.",
    actor.last("HIGH:", 1),
  );
  onScreen(
    DISCORD,
    "high-alert-discord",
    "The same alert on Discord",
    "Seen or put off on one platform, it says so on both.",
    actor.lastOnDiscord("HIGH:"),
  );
  return screens;
}

const isStuck = ({ stuckSince }: RungView): boolean => stuckSince !== undefined;

/** What Ann does, and what she sees of it. */
class Actor {
  readonly #stage: Stage;

  constructor(stage: Stage) {
    this.#stage = stage;
  }

  /** Writes to the bot in private. */
  async write(line: string): Promise<void> {
    const { telegram, desk, quiet } = this.#stage;
    telegram.say(ANN, ANN, line, { date: Math.floor(desk.timeline.now / 1_000) });
    await quiet();
  }

  /** Writes, and gives what the bot sent since: an answer at least, however slow the machine. */
  async asked(line: string): Promise<readonly PhoneMessage[]> {
    const { telegram, time, quiet } = this.#stage;
    const from = telegram.calls.length;
    const sent = (): PhoneMessage[] =>
      telegram.calls.slice(from).flatMap((call) => {
        const { message, files } = call;
        return /^send/.test(call.method) && message !== undefined ? [onTelegram(message, time(), files)] : [];
      });
    await this.write(line);
    for (let tries = 0; sent().length === 0; tries += 1) {
      if (tries > 20) throw new Error(`"${line}" got no answer`);
      await quiet();
    }
    return sent();
  }

  /** Runs a slash command, and gives its answer. */
  async slash(name: string, options: Readonly<Record<string, string>>): Promise<PhoneMessage[]> {
    const { discord, quiet, time } = this.#stage;
    const deed: Deed = discord.slash(ANN_ON_DISCORD, CHANNEL, name, options);
    await quiet();
    const typed = Object.entries(options).map(([key, value]) => ` ${key}: ${value}`);
    const command = `/${name}${typed.join("")}`;
    const messages = [deed.reply, ...deed.followUps].flatMap((each) => (each === undefined ? [] : [each]));
    return messages.map((message, at) => onDiscord(message, time(), at === 0 ? { command } : {}));
  }

  /** Presses a button of a message on Discord. */
  async press(message: APIMessage, label: string): Promise<void> {
    const { discord, quiet } = this.#stage;
    const rows = (message.components ?? []) as unknown as readonly {
      readonly components: readonly { readonly label?: string; readonly custom_id?: string }[];
    }[];
    const button = rows.flatMap(({ components }) => components).find((each) => each.label?.includes(label));
    if (button?.custom_id === undefined) throw new Error(`the message has no button "${label}"`);
    discord.press(ANN_ON_DISCORD, message, button.custom_id);
    await quiet();
  }

  /** The newest card whose title has these words, on both platforms as it stands now. */
  card(words: string): { readonly telegram: StoredMessage; readonly discord: APIMessage } {
    const { telegram, discord } = this.#stage;
    const [call, other] = [lastTelegram(telegram.calls, words), lastDiscord(discord.calls, words)];
    if (call?.message === undefined || other?.message === undefined)
      throw new Error(`no card says "${words}" on both platforms`);
    return { telegram: call.message, discord: other.message };
  }

  /** The newest messages on Telegram with these words. */
  last(words: string, count: number): PhoneMessage[] {
    const { telegram, time } = this.#stage;
    const standing = telegram.messages(ANN.id).filter((each) => textOf(each).includes(words));
    if (standing.length === 0) throw new Error(`nothing on Telegram says "${words}"`);
    return standing.slice(-count).map((each) => onTelegram(each, stampOf(textOf(each)) ?? time()));
  }

  /** The newest message on Discord with these words. */
  lastOnDiscord(words: string): PhoneMessage[] {
    const { discord, time } = this.#stage;
    const found = lastDiscord(discord.calls, words)?.message;
    if (found === undefined) throw new Error(`nothing on Discord says "${words}"`);
    return [onDiscord(found, stampOf(found.embeds[0]?.footer?.text ?? "") ?? time())];
  }
}

/** When an alert says that it was; phones show when it came. */
const stampOf = (text: string): string | undefined => /At (\d\d:\d\d):/.exec(text)?.[1];

const textOf = (message: StoredMessage): string =>
  "text" in message ? message.text : "caption" in message ? (message.caption ?? "") : "";

const lastTelegram = (calls: readonly TelegramCall[], words: string): TelegramCall | undefined =>
  calls.findLast(
    ({ message }) =>
      message !== undefined && "text" in message && message.text.split("\n")[0]?.includes(words) === true,
  );

const lastDiscord = (calls: readonly DiscordCall[], words: string): DiscordCall | undefined =>
  calls.findLast(
    ({ message, route }) => /channels/.test(route) && message?.embeds[0]?.title?.includes(words) === true,
  );
