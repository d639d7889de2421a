// biome-ignore-all lint/suspicious/noTemplateCurlyInString: settings refer to variables in this way
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { redacted } from "../../src/settings/secrets.ts";
import { DEFAULTS, good, machine, problems } from "./machine.ts";

describe("chat platforms", () => {
  const section = [
    "chat:",
    "  people: [{ name: operator, role: admin, telegramId: 11, discordId: '222222222222222222' }]",
    "  telegram:",
    "    token: ${TELEGRAM_BOT_TOKEN}",
    "    chats: [{ id: -1001234, alerts: true }, { id: 55, topic: 3, alerts: false, accountData: true }]",
    "  discord:",
    "    token: ${DISCORD_BOT_TOKEN}",
    "    guild: '333333333333333333'",
    "    channels: [{ id: '444444444444444444', alerts: true }]",
    "",
  ].join("\n");
  const env = { TELEGRAM_BOT_TOKEN: "123456:AAmarker", DISCORD_BOT_TOKEN: "MTIz.marker.x" };

  test("are on with a section and a token; their tokens are known as secrets and left out of the redacted copy", () => {
    const { settings, secrets } = good(machine({ "my.yaml": section }, { env }));
    expect(settings.chat.telegram).toEqual({
      token: "123456:AAmarker",
      chats: [
        { id: "-1001234", topic: undefined, alerts: true, accountData: false },
        { id: "55", topic: 3, alerts: false, accountData: true },
      ],
      apiRoot: undefined,
    });
    expect(settings.chat.discord).toEqual({
      token: "MTIz.marker.x",
      guild: "333333333333333333",
      channels: [{ id: "444444444444444444", alerts: true }],
      apiRoot: undefined,
    });
    expect(secrets).toEqual(["123456:AAmarker", "AAmarker", "MTIz.marker.x"]);
    expect(JSON.stringify(redacted(settings))).not.toMatch(/marker/);
    expect(redacted(settings).chat.telegram?.chats).toEqual(settings.chat.telegram?.chats);
  });

  test("without their tokens say which variable is missing", () => {
    expect(problems(machine({ "my.yaml": section }))).toEqual([
      "my.yaml:4: chat.telegram.token needs TELEGRAM_BOT_TOKEN, which is not set: add the line TELEGRAM_BOT_TOKEN=... to .env, or remove the section chat.telegram.",
      "my.yaml:7: chat.discord.token needs DISCORD_BOT_TOKEN, which is not set: add the line DISCORD_BOT_TOKEN=... to .env, or remove the section chat.discord.",
    ]);
  });

  test("a malformed token is refused without being repeated", () => {
    const found = problems(
      machine({ "my.yaml": section }, { env: { ...env, TELEGRAM_BOT_TOKEN: "wrong/marker" } }),
    );
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(
      /^my\.yaml:4: chat\.telegram\.token is "\$\{TELEGRAM_BOT_TOKEN\}": a bot token of @BotFather/,
    );
    expect(found[0]).not.toMatch(/marker/);
  });

  test("a wide id that isn't quoted is refused instead of rounded", () => {
    const text = section.replace("'333333333333333333'", "333333333333333333");
    expect(problems(machine({ "my.yaml": text }, { env }))).toEqual([
      'my.yaml:8: chat.discord.guild is 333333333333333300: put the id into quotes, like "1234567890123456789": as a number it loses its last digits.',
    ]);
  });

  test("the shipped chat settings work once .env is filled in", () => {
    const chat = readFileSync(join(DEFAULTS, "..", "chat.yaml"), "utf8");
    const filled = {
      ...env,
      TELEGRAM_USER_ID: "11",
      TELEGRAM_CHAT_ID: "-1001234",
      DISCORD_USER_ID: "222222222222222222",
      DISCORD_GUILD_ID: "333333333333333333",
      DISCORD_CHANNEL_ID: "444444444444444444",
    };
    const { settings } = good(machine({ "my.yaml": chat }, { env: filled }));
    expect(settings.chat.people).toEqual([
      {
        name: "operator",
        role: "admin",
        telegramId: "11",
        discordId: "222222222222222222",
        pictures: "dark",
      },
    ]);
    expect(
      problems(machine({ "my.yaml": chat })).every((one) => /needs [A-Z_]+, which is not set/.test(one)),
    ).toBe(true);
  });

  test("another API root is only an address of this machine, and only in sim mode", () => {
    const own = section.replace("  discord:", "    apiRoot: http://127.0.0.1:8081\n  discord:");
    expect(good(machine({ "my.yaml": own }, { env })).settings.chat.telegram?.apiRoot).toBe(
      "http://127.0.0.1:8081",
    );
    const far = own.replace("127.0.0.1", "evil.example");
    expect(problems(machine({ "my.yaml": far }, { env }))).toEqual([
      'my.yaml:6: chat.telegram.apiRoot is "http://evil.example:8081": only an address of this machine, like http://127.0.0.1:8081.',
    ]);
    expect(problems(machine({ "my.yaml": `${own}mode: paper\n` }, { env }))).toEqual([
      "my.yaml:6: chat.telegram.apiRoot is only for sim mode: in paper mode the desk speaks to the real telegram only, remove it.",
    ]);
  });
});
