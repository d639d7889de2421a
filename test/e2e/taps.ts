import { embedText } from "./card-watch.ts";
import { CHANNEL, type Person, until, type World } from "./world.ts";

const PATIENCE_MS = 30_000;

/** Asks to close on Telegram and waits for the card on both platforms; gives its id. */
export async function askClose(world: World, by: Person, text: string, ms = PATIENCE_MS): Promise<string> {
  const before = world.cards.ids().length;
  world.say(by, text);
  await until(() => world.cards.ids().length > before, `"${text}" has a card on both platforms`, ms);
  const id = world.cards.ids().at(-1);
  if (id === undefined) throw new Error("there is no card");
  return id;
}

/** A tap on Telegram; gives what the person was told. `data` is the button's text unless another is named. */
export async function tapTelegram(world: World, by: Person, id: string, data?: string): Promise<string> {
  const card = world.cards.find(id);
  if (card === undefined) throw new Error(`card ${id} is not shown`);
  const tap = world.telegram.press(by.telegram, card.telegram.place, data ?? `v1:a:${card.telegram.token}`);
  return (await world.telegram.answered(tap, PATIENCE_MS)).text;
}

/** A tap on Discord; gives what the person was told. */
export async function tapDiscord(world: World, by: Person, id: string, data?: string): Promise<string> {
  const card = world.cards.find(id);
  if (card === undefined) throw new Error(`card ${id} is not shown`);
  const deed = world.discord.press(by.discord, card.discord.message, data ?? `v1:a:${card.discord.token}`);
  // A deferred update names the card itself as its answer; what is told comes after it.
  const told = () => deed.followUps[0] ?? (deed.answer === 4 ? deed.reply : undefined);
  await until(() => told() !== undefined, "the tap on Discord is answered", PATIENCE_MS);
  return embedText(told() ?? { embeds: [] });
}

/** A slash command on Discord; gives the answer. */
export async function slash(
  world: World,
  by: Person,
  name: string,
  options: Readonly<Record<string, string>> = {},
): Promise<string> {
  const deed = world.discord.slash(by.discord, CHANNEL, name, options);
  return embedText(await deed.replied(PATIENCE_MS));
}
