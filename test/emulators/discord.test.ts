import {
  type APIMessage,
  type ChatInputCommandInteraction,
  Client,
  DiscordAPIError,
  Events,
  GatewayIntentBits,
  type Interaction,
  MessageFlags,
  REST,
  Routes,
} from "discord.js";
import { afterEach, describe, expect, test } from "vitest";
import { createDiscord, type Discord, type DiscordOptions } from "./discord/discord.ts";
import { USUAL_RATES } from "./discord/rates.ts";

const TOKEN = "emulated.discord.token";
const APP = "100000000000000001";
const ann = { id: "400000000000000001", name: "Ann" };
const ben = { id: "400000000000000002", name: "Ben", takesDms: false };
const guild = { id: "200000000000000001", name: "desk" };
const elsewhere = { id: "200000000000000002", name: "elsewhere", hasBot: false };
const alerts = "300000000000000001";
const secret = "300000000000000002";
const readOnly = "300000000000000003";
const channels = [
  { id: alerts, name: "alerts", guild: guild.id },
  { id: secret, name: "secret", guild: guild.id, access: "none" },
  { id: readOnly, name: "rules", guild: guild.id, access: "read" },
] as const;
const commands = [
  {
    name: "close",
    description: "Close a position",
    options: [
      { type: 3 as const, name: "symbol", description: "Which", required: true, autocomplete: true },
      { type: 10 as const, name: "percent", description: "How much" },
    ],
  },
  {
    name: "alerts",
    description: "Alerts",
    options: [{ type: 1 as const, name: "list", description: "List" }],
  },
];

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

async function open(options: Partial<DiscordOptions> = {}): Promise<Discord> {
  const given = {
    token: TOKEN,
    users: [ann, ben],
    guilds: [guild, elsewhere],
    channels,
    rates: "off" as const,
  };
  const discord = await createDiscord({ ...given, ...options });
  cleanUps.push(() => discord.close());
  return discord;
}

function restFor(discord: Discord, token = TOKEN): REST {
  return new REST({ version: "10", api: discord.api, retries: 0, timeout: 2_000 }).setToken(token);
}

/** A client that is ready, with the commands registered and a handler for what people do. */
async function login(
  discord: Discord,
  onInteraction: (interaction: Interaction) => unknown = () => {},
  intents: readonly GatewayIntentBits[] = [GatewayIntentBits.Guilds],
): Promise<Client<true>> {
  const client = new Client({
    intents: [...intents],
    rest: { api: discord.api, retries: 0 },
    ws: { buildIdentifyThrottler: async () => ({ waitForIdentify: async () => {} }) }, // the usual one waits 5 s
  });
  cleanUps.push(() => client.destroy());
  client.on(Events.Error, () => {});
  client.on(Events.InteractionCreate, (interaction) => void onInteraction(interaction));
  const ready = new Promise((resolve) => client.once(Events.ClientReady, resolve));
  await client.login(TOKEN);
  await ready;
  await client.rest.put(Routes.applicationGuildCommands(APP, guild.id), { body: commands });
  return client as Client<true>;
}

/** What Discord refuses with; fails when it doesn't. */
async function refusalOf(call: Promise<unknown>): Promise<{ code: unknown; status: number; raw: unknown }> {
  const error = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof DiscordAPIError)) throw new Error(`not refused: ${error}`);
  return { code: error.code, status: error.status, raw: error.rawError };
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 2));
}

const button = (custom_id: string, label = "Approve") => ({ type: 2, style: 1, label, custom_id });
const row = (...components: object[]) => ({ type: 1, components });

describe("a bot with buttons", () => {
  test("a command brings a card, a press updates it", async () => {
    const discord = await open();
    await login(discord, async (interaction) => {
      if (interaction.isChatInputCommand()) {
        const symbol = interaction.options.getString("symbol", true);
        const percent = interaction.options.getNumber("percent");
        const content = `close ${percent} % of ${symbol}?`;
        const answer = await interaction.reply({
          content,
          components: [row(button("p:1"))],
          withResponse: true,
        });
        expect(answer.resource?.message?.content).toBe(content);
      }
      if (interaction.isButton()) await interaction.update({ content: "closed", components: [] });
    });
    const asked = discord.slash(ann, alerts, "close", { symbol: "BTC", percent: 50 });
    const card = await asked.replied();
    expect(card).toMatchObject({
      channel_id: alerts,
      author: { id: APP, bot: true },
      content: "close 50 % of BTC?",
      components: [{ id: 1, components: [{ id: 2, custom_id: "p:1" }] }],
      interaction_metadata: { id: asked.id, user: { id: ann.id } },
    });
    const press = await discord.press(ben, card, "p:1").answered();
    expect(press.answer).toBe(7);
    expect(press.reply).toMatchObject({ id: card.id, content: "closed", components: [] });
    expect(discord.messages.list(alerts).map((message) => message.content)).toEqual(["closed"]);
  });

  test("a deferred private reply is filled in, followed up and hidden from the channel", async () => {
    const discord = await open();
    let command: ChatInputCommandInteraction | undefined;
    await login(discord, async (interaction) => {
      if (!interaction.isChatInputCommand()) return;
      command = interaction;
      expect(interaction.options.getSubcommand()).toBe("list");
      await interaction.deferReply({ flags: MessageFlags.Ephemeral });
      await interaction.editReply({
        content: "two alerts",
        files: [{ attachment: Buffer.from("x"), name: "a.txt" }],
      });
      await interaction.followUp({ content: "more", flags: MessageFlags.Ephemeral });
    });
    const asked = discord.slash(ann, alerts, "alerts list");
    await until(() => asked.followUps.length === 1);
    expect(asked.reply).toMatchObject({
      content: "two alerts",
      flags: 64,
      attachments: [{ filename: "a.txt", size: 1 }],
    });
    expect(asked.followUps).toMatchObject([{ content: "more", flags: 64 }]);
    expect(discord.messages.list(alerts)).toEqual([]);
    const id = asked.reply?.id ?? "";
    expect(
      await refusalOf(restFor(discord).patch(Routes.channelMessage(alerts, id), { body: { content: "x" } })),
    ).toMatchObject({ code: 10008 });
    expect((await command?.fetchReply())?.content).toBe("two alerts");
    await command?.deleteReply();
    expect(asked.reply).toBeUndefined();
  });

  test("a deferred update, a modal and its submission, an autocompletion, a private channel", async () => {
    const discord = await open();
    const client = await login(discord, async (interaction) => {
      if (interaction.isAutocomplete()) {
        await interaction.respond([{ name: interaction.options.getFocused(), value: "BTC" }]);
      } else if (interaction.isButton() && interaction.customId === "later") {
        await interaction.deferUpdate();
        await interaction.editReply({ content: "done" });
      } else if (interaction.isButton()) {
        const input = { type: 4, custom_id: "why", style: 1 };
        await interaction.showModal({
          title: "Why?",
          custom_id: "m",
          components: [{ type: 18, label: "Reason", component: input }],
        });
      } else if (interaction.isModalSubmit()) {
        await interaction.reply({ content: interaction.fields.getTextInputValue("why") });
      }
    });
    const user = await client.users.fetch(ann.id);
    const { id, channelId } = await user.send({
      content: "card",
      components: [row(button("later"), button("why"))],
    });
    const card = { id, channel_id: channelId };
    expect(channelId).toBe(discord.dm(ann));
    const later = discord.press(ann, card, "later");
    await until(() => later.reply?.content === "done");
    expect([later.answer, later.reply?.id]).toEqual([6, id]);
    const why = await discord.press(ann, card, "why").answered();
    expect(why.modal).toMatchObject({ title: "Why?", custom_id: "m" });
    expect((await why.submit({ why: "too risky" }).replied()).content).toBe("too risky");
    const typed = await discord.autocomplete(ann, alerts, "close", "symbol", { symbol: "bt" }).answered();
    expect(typed.choices).toEqual([{ name: "bt", value: "BTC" }]);
    await expect(client.users.send(ben.id, "x")).rejects.toMatchObject({ code: 50007 });
  });

  test("each interaction is answered once, in time, and its token ages", async () => {
    const discord = await open();
    const caught: Interaction[] = [];
    await login(discord, (interaction) => caught.push(interaction));
    const deeds = [0, 1, 2].map(() => discord.slash(ann, alerts, "alerts list"));
    await until(() => caught.length === 3);
    const [once, late, aged] = caught as ChatInputCommandInteraction[];
    if (!once || !late || !aged) return;
    const rest = restFor(discord);
    const answer = (to: ChatInputCommandInteraction, token = to.token) =>
      rest.post(Routes.interactionCallback(to.id, token), {
        body: { type: 4, data: { content: "x" } },
        auth: false,
      });
    expect(await refusalOf(answer(once, "forged"))).toMatchObject({ code: 10062, status: 404 });
    await answer(once);
    expect(await refusalOf(answer(once))).toMatchObject({ code: 40060, status: 400 });
    deeds[1]?.age(3_001);
    expect(await refusalOf(answer(late))).toMatchObject({ code: 10062, status: 404 });
    await answer(aged);
    deeds[2]?.age(15 * 60_000 + 1);
    const edit = rest.patch(Routes.webhookMessage(APP, aged.token), { body: { content: "y" }, auth: false });
    expect(await refusalOf(edit)).toMatchObject({ code: 50027, status: 401 });
    const early = discord.press(ann, { id: "1", channel_id: alerts }, "forged");
    await until(() => caught.length === 4);
    expect(caught[3]).toMatchObject({ customId: "forged", message: { id: "1" } });
    expect(early.answer).toBeUndefined();
    const followUp = rest.post(Routes.webhook(APP, caught[3]?.token), {
      body: { content: "y" },
      auth: false,
    });
    expect(await refusalOf(followUp)).toMatchObject({ code: 10015 });
    expect(discord.calls.every((call) => !JSON.stringify(call).includes(once.token))).toBe(true);
  });
});

describe("messages", () => {
  test("an enforced nonce sends once; a plain nonce twice", async () => {
    const discord = await open();
    const rest = restFor(discord);
    const send = (enforce_nonce: boolean) =>
      rest.post(Routes.channelMessages(alerts), {
        body: { content: "x", nonce: "n1", enforce_nonce },
      }) as Promise<APIMessage>;
    const [first, second] = [await send(true), await send(true)];
    expect(second).toEqual(first);
    await send(false);
    expect(discord.messages.list(alerts)).toHaveLength(2);
  });

  test("replies, mentions that are let through, silent flag, edit, delete and reading back", async () => {
    const discord = await open();
    const rest = restFor(discord);
    const send = (body: object) => rest.post(Routes.channelMessages(alerts), { body }) as Promise<APIMessage>;
    const named = `<@${ann.id}> <@${ben.id}> @everyone`;
    expect(await send({ content: named })).toMatchObject({
      mentions: [{ id: ann.id }, { id: ben.id }],
      mention_everyone: true,
    });
    const quiet = await send({ content: named, allowed_mentions: { users: [ann.id] }, flags: 4096 });
    expect(quiet).toMatchObject({ mentions: [{ id: ann.id }], mention_everyone: false, flags: 4096 });
    const reply = await send({ content: "re", message_reference: { message_id: quiet.id } });
    expect(reply).toMatchObject({ type: 19, referenced_message: { id: quiet.id } });
    const edited = await rest.patch(Routes.channelMessage(alerts, reply.id), {
      body: { embeds: [{ title: "t" }] },
    });
    expect(edited).toMatchObject({
      content: "re",
      embeds: [{ title: "t" }],
      edited_timestamp: expect.any(String),
    });
    expect(reply.embeds).toEqual([]);
    expect(await rest.delete(Routes.channelMessage(alerts, quiet.id))).toBeInstanceOf(ArrayBuffer);
    const left = (await rest.get(Routes.channelMessages(alerts))) as APIMessage[];
    expect(left.map((message) => message.content)).toEqual(["re", named]);
    expect(await rest.get(Routes.channelMessage(alerts, reply.id))).toMatchObject({ id: reply.id });
    expect(await rest.get(Routes.channel(alerts))).toMatchObject({ name: "alerts", guild_id: guild.id });
    expect(await rest.get(Routes.user())).toMatchObject({ id: APP, bot: true });
  });

  test("what the bot may not do", async () => {
    const discord = await open();
    const rest = restFor(discord);
    const body = { content: "x" };
    const foreign = discord.say(ann, alerts, "mine");
    const cases: readonly (readonly [Promise<unknown>, number, number])[] = [
      [rest.post(Routes.channelMessages(secret), { body }), 50001, 403],
      [rest.get(Routes.channel(secret)), 50001, 403],
      [rest.post(Routes.channelMessages(readOnly), { body }), 50013, 403],
      [rest.post(Routes.channelMessages("1"), { body }), 10003, 404],
      [rest.patch(Routes.channelMessage(alerts, "1"), { body }), 10008, 404],
      [rest.patch(Routes.channelMessage(alerts, foreign.id), { body }), 50005, 403],
      [rest.delete(Routes.channelMessage(alerts, foreign.id)), 50013, 403],
      [rest.put(Routes.applicationGuildCommands(APP, elsewhere.id), { body: [] }), 50001, 403],
      [rest.post(Routes.userChannels(), { body: { recipient_id: "5" } }), 10013, 404],
      [rest.post(Routes.channelMessages(alerts), { body: { content: " " } }), 50006, 400],
      [rest.get("/no/such/route"), 0, 404],
      [restFor(discord, "wrong").get(Routes.user()), 0, 401],
    ];
    for (const [call, code, status] of cases) expect(await refusalOf(call)).toMatchObject({ code, status });
  });

  test("an edit of a message older than an hour is a 429 with code 30046, which discord.js waits out", async () => {
    const discord = await open();
    const rest = new REST({ version: "10", api: discord.api, retries: 0, rejectOnRateLimit: ["/"] }).setToken(
      TOKEN,
    );
    const { id } = (await rest.post(Routes.channelMessages(alerts), {
      body: { content: "x" },
    })) as APIMessage;
    discord.messages.age(id, 3_590_000);
    await rest.patch(Routes.channelMessage(alerts, id), { body: { content: "y" } });
    discord.messages.age(id, 20_000);
    const edit = rest.patch(Routes.channelMessage(alerts, id), { body: { content: "z" } });
    await expect(edit).rejects.toMatchObject({ name: "RateLimitError[/channels/:id/messages/:id]" });
    expect(discord.calls.at(-1)).toMatchObject({ status: 429, error: { code: 30046, retry_after: 5 } });
  });
});

describe("limits of a body", () => {
  const text = (length: number) => "x".repeat(length);
  const field = { name: "n", value: "v" };
  const tooLong = (max: number) => `Must be ${max} or fewer in length.`;
  const between = (min: number, max: number) => `Must be between ${min} and ${max} in length.`;

  test.each<[string, object, (string | number)[], string]>([
    ["content", { content: text(2_001) }, ["content"], tooLong(2_000)],
    ["embeds", { embeds: Array(11).fill({ title: "t" }) }, ["embeds"], tooLong(10)],
    ["title", { embeds: [{ title: text(257) }] }, ["embeds", 0, "title"], tooLong(256)],
    ["description", { embeds: [{ description: text(4_097) }] }, ["embeds", 0, "description"], tooLong(4_096)],
    ["fields", { embeds: [{ fields: Array(26).fill(field) }] }, ["embeds", 0, "fields"], tooLong(25)],
    [
      "field name",
      { embeds: [{ fields: [{ name: "", value: "v" }] }] },
      ["embeds", 0, "fields", 0, "name"],
      between(1, 256),
    ],
    [
      "footer",
      { embeds: [{ title: "t", footer: { text: text(2_049) } }] },
      ["embeds", 0, "footer", "text"],
      between(1, 2_048),
    ],
    [
      "total",
      { embeds: [{ description: text(3_000) }, { description: text(3_001) }] },
      ["embeds"],
      "Embed size exceeds maximum size of 6000",
    ],
    ["rows", { components: [1, 2, 3, 4, 5, 6].map((n) => row(button(`${n}`))) }, ["components"], tooLong(5)],
    [
      "buttons in a row",
      { components: [row(...[1, 2, 3, 4, 5, 6].map((n) => button(`${n}`)))] },
      ["components", 0, "components"],
      between(1, 5),
    ],
    [
      "custom_id",
      { components: [row(button(text(101)))] },
      ["components", 0, "components", 0, "custom_id"],
      between(1, 100),
    ],
    [
      "same custom_id",
      { components: [row(button("a")), row(button("a"))] },
      ["components", 1, "components", 0, "custom_id"],
      "Component custom id cannot be duplicated",
    ],
    [
      "label",
      { components: [row(button("a", text(81)))] },
      ["components", 0, "components", 0, "label"],
      tooLong(80),
    ],
    ["bare button", { components: [button("a")] }, ["components", 0, "type"], "Value must be one of {1}."],
    [
      "select",
      { components: [row({ type: 3, custom_id: "s", options: [] })] },
      ["components", 0, "components", 0, "options"],
      between(1, 25),
    ],
    [
      "V2 with content",
      { content: "x", flags: 1 << 15, components: [{ type: 10, content: "x" }] },
      ["content"],
      "The 'content' field cannot be used when using MessageFlags.IS_COMPONENTS_V2",
    ],
    [
      "V2 components",
      { flags: 1 << 15, components: Array(41).fill({ type: 10, content: "x" }) },
      ["components"],
      tooLong(40),
    ],
    [
      "reply to nothing",
      { content: "x", message_reference: { message_id: "1" } },
      ["message_reference"],
      "Unknown message",
    ],
    [
      "mentions",
      { content: "x", allowed_mentions: { parse: ["users"], users: ["1"] } },
      ["allowed_mentions"],
      "parse:[users] and users: [ids...] are mutually exclusive.",
    ],
  ])("%s", async (_name, body, path, message) => {
    const discord = await open();
    const { code, status, raw } = await refusalOf(
      restFor(discord).post(Routes.channelMessages(alerts), { body }),
    );
    const { errors } = raw as { errors: Record<string, unknown> };
    const found = path.reduce<unknown>((node, step) => (node as Record<string, unknown>)?.[step], errors);
    expect({ code, status, found }).toMatchObject({
      code: 50035,
      status: 400,
      found: { _errors: [{ message }] },
    });
    expect(discord.messages.list(alerts)).toEqual([]);
  });

  test("what is just within the limits is taken", async () => {
    const discord = await open();
    const embeds = [
      { title: text(256), description: text(4_096), fields: Array(24).fill(field) },
      { description: text(1_600) },
    ];
    const components = [1, 2, 3, 4, 5].map((n) =>
      row(...[1, 2, 3, 4, 5].map((m) => button(`${n}${m}${text(98)}`, text(80)))),
    );
    const sent = await restFor(discord).post(Routes.channelMessages(alerts), {
      body: { content: text(2_000), embeds, components },
    });
    expect(sent).toMatchObject({ embeds: [{}, {}], components: [{}, {}, {}, {}, {}] });
  });

  test.each<[string, object[], (string | number)[], string]>([
    ["upper case", [{ name: "Close", description: "d" }], [0, "name"], "Command name is invalid"],
    ["no description", [{ name: "close" }], [0, "description"], "This field is required"],
    [
      "same name",
      [
        { name: "a", description: "d" },
        { name: "a", description: "d" },
      ],
      [1],
      "Application command names must be unique",
    ],
    [
      "order of options",
      [
        {
          name: "a",
          description: "d",
          options: [
            { type: 3, name: "b", description: "d" },
            { type: 3, name: "c", description: "d", required: true },
          ],
        },
      ],
      [0, "options"],
      "Required options must be placed before non-required options",
    ],
    [
      "choices",
      [
        {
          name: "a",
          description: "d",
          options: [
            { type: 3, name: "b", description: "d", choices: Array(26).fill({ name: "x", value: "x" }) },
          ],
        },
      ],
      [0, "options", 0, "choices"],
      tooLong(25),
    ],
  ])("commands: %s", async (_name, body, path, message) => {
    const discord = await open();
    const put = restFor(discord).put(Routes.applicationGuildCommands(APP, guild.id), { body });
    const { code, raw } = await refusalOf(put);
    const { errors } = raw as { errors: Record<string, unknown> };
    const found = path.reduce<unknown>((node, step) => (node as Record<string, unknown>)?.[step], errors);
    expect({ code, found }).toMatchObject({ code: 50035, found: { _errors: [{ message }] } });
    expect(discord.commands.list(guild.id)).toEqual([]);
  });

  test("commands keep their ids when they are put again", async () => {
    const discord = await open();
    const rest = restFor(discord);
    const route = Routes.applicationGuildCommands(APP, guild.id);
    const first = (await rest.put(route, { body: commands })) as { id: string; name: string }[];
    const again = (await rest.put(route, { body: commands.slice(1) })) as { id: string; name: string }[];
    expect(again.map(({ id, name }) => [id, name])).toEqual([[first[1]?.id, "alerts"]]);
    expect(await rest.get(route)).toEqual(again);
  });
});

describe("the gateway", () => {
  test("a wrong token is closed with 4004, a privileged intent with 4014", async () => {
    const discord = await open();
    const client = (intents: readonly GatewayIntentBits[]) => {
      const made = new Client({ intents: [...intents], rest: { api: discord.api, retries: 0 } });
      cleanUps.push(() => made.destroy());
      return made;
    };
    await expect(client([GatewayIntentBits.Guilds]).login("wrong")).rejects.toThrow(/invalid token/i);
    const nosy = client([GatewayIntentBits.Guilds, GatewayIntentBits.MessageContent]);
    await expect(nosy.login(TOKEN)).rejects.toThrow(/disallowed intents/i);
  });

  test("after a cut line the session resumes and what was missed comes in order", async () => {
    const discord = await open();
    const seen: string[] = [];
    await login(discord, (interaction) => interaction.isButton() && seen.push(interaction.customId));
    const card = discord.say(ann, alerts, "card");
    discord.press(ann, card, "1");
    await until(() => seen.length === 1);
    discord.gateway.drop(4000);
    discord.press(ann, card, "2");
    discord.press(ann, card, "3");
    await until(() => seen.length === 3);
    expect(seen).toEqual(["1", "2", "3"]);
    expect(discord.gateway.counts).toMatchObject({ identified: 1, resumed: 1 });
  });

  test("op 7 resumes, op 9 identifies anew and loses what was missed", async () => {
    const discord = await open();
    const seen: string[] = [];
    await login(discord, (interaction) => interaction.isButton() && seen.push(interaction.customId));
    const card = discord.say(ann, alerts, "card");
    discord.gateway.reconnect();
    await until(() => discord.gateway.counts.resumed === 1);
    discord.press(ann, card, "after 7");
    await until(() => seen.length === 1);
    discord.gateway.invalidate();
    discord.press(ann, card, "lost");
    await until(() => discord.gateway.counts.identified === 2);
    discord.press(ann, card, "after 9");
    await until(() => seen.length === 2);
    expect(seen).toEqual(["after 7", "after 9"]);
  });

  test("a silent gateway is noticed by its missing acknowledgements, and the session resumes", async () => {
    const discord = await open({ heartbeatMs: 150 });
    const seen: string[] = [];
    await login(discord, (interaction) => interaction.isButton() && seen.push(interaction.customId));
    const fault = discord.fault.silence(Number.POSITIVE_INFINITY);
    discord.press(ann, discord.say(ann, alerts, "card"), "missed");
    const beats = discord.gateway.counts.heartbeats;
    await until(() => discord.gateway.counts.heartbeats > beats);
    await fault.end();
    await until(() => seen.length === 1);
    expect(discord.gateway.counts).toMatchObject({ identified: 1, resumed: 1 });
  });

  test("messages are told by intents, their text only where it is granted", async () => {
    const discord = await open({ grantedIntents: GatewayIntentBits.MessageContent });
    const { Guilds, GuildMessages, MessageContent } = GatewayIntentBits;
    const texts: Record<string, string[]> = { none: [], plain: [], granted: [] };
    const kinds = {
      none: [Guilds],
      plain: [Guilds, GuildMessages],
      granted: [Guilds, GuildMessages, MessageContent],
    };
    for (const [kind, intents] of Object.entries(kinds)) {
      const client = await login(discord, () => {}, intents);
      client.on(Events.MessageCreate, (message) => void texts[kind]?.push(message.content));
    }
    discord.say(ann, alerts, "secret plan");
    discord.say(ann, alerts, `<@${APP}> hello`);
    await until(() => texts["granted"]?.length === 2 && texts["plain"]?.length === 2);
    expect(texts).toEqual({
      none: [],
      plain: ["", `<@${APP}> hello`],
      granted: ["secret plan", `<@${APP}> hello`],
    });
  });

  test("the bot is added to a guild and leaves it", async () => {
    const discord = await open();
    const client = await login(discord);
    client.on(Events.GuildCreate, (joined) => void joined.leave());
    discord.join(elsewhere);
    await until(() => discord.calls.some((call) => call.route === "DELETE /users/@me/guilds/:guild"));
    expect(discord.directory.joined).toEqual([guild.id]);
    await until(() => client.guilds.cache.size === 1);
  });
});

describe("limits and faults", () => {
  test("every answer carries rate-limit headers; the sixth message in five seconds is a 429", async () => {
    const discord = await open({ rates: { ...USUAL_RATES, messageWindowMs: 60_000 } });
    const send = () =>
      fetch(`${discord.api}/v10/channels/${alerts}/messages`, {
        method: "POST",
        headers: { authorization: `Bot ${TOKEN}`, "content-type": "application/json" },
        body: '{"content":"x"}',
      });
    const remaining: unknown[] = [];
    for (let n = 0; n < 5; n += 1) remaining.push((await send()).headers.get("x-ratelimit-remaining"));
    expect(remaining).toEqual(["4", "3", "2", "1", "0"]);
    const refused = await send();
    expect(refused.status).toBe(429);
    expect(refused.headers.get("x-ratelimit-limit")).toBe("5");
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(50);
    expect(await refused.json()).toMatchObject({
      message: "You are being rate limited.",
      global: false,
      retry_after: expect.any(Number),
    });
    discord.rates.limits = "off";
    expect((await send()).status).toBe(200);
  });

  test("a global 429 is waited out by discord.js", async () => {
    const discord = await open();
    const rest = restFor(discord);
    discord.fault.rate429(0.3);
    await rest.get(Routes.user());
    expect(discord.calls.map((call) => call.status)).toEqual([429, 200]);
  });

  test("down: cut off, then the same port, a resumed session and an answered press", async () => {
    const discord = await open();
    await login(discord, async (interaction) => {
      if (interaction.isButton()) await interaction.reply("back");
    });
    const before = discord.api;
    const card = discord.say(ann, alerts, "card");
    const fault = discord.fault.down(50);
    await expect(fetch(before)).rejects.toThrow();
    await fault.over;
    expect(discord.api).toBe(before);
    await until(() => discord.gateway.isOnline);
    expect((await discord.press(ann, card, "a").replied()).content).toBe("back");
  });

  test("hang answers nothing; lost carries out and does not say so, and an enforced nonce makes the retry safe", async () => {
    const discord = await open();
    const body = { content: "x", nonce: "7", enforce_nonce: true };
    const send = (timeout: number) =>
      new REST({ version: "10", api: discord.api, retries: 0, timeout })
        .setToken(TOKEN)
        .post(Routes.channelMessages(alerts), { body });
    const hung = discord.fault.hang(60_000);
    await expect(send(40)).rejects.toThrow(/abort/i);
    await hung.end();
    expect(discord.messages.list(alerts)).toEqual([]);
    const lost = discord.fault.lost(60_000);
    await expect(send(400)).rejects.toThrow(/abort/i);
    await lost.end();
    await send(10_000);
    expect(discord.messages.list(alerts)).toHaveLength(1);
  });
});
