import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Client } from "discord.js";
import { expect, it } from "vitest";
import { shieldPackets } from "../../src/chat/discord/shield.ts";

it("every client of discord.js is shielded", () => {
  const folder = fileURLToPath(new URL("../../src/chat", import.meta.url));
  const sources = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => [name, readFileSync(join(folder, name), "utf8")] as const)
    .filter(([, text]) => text.includes("new Client("));
  expect(sources.length).toBeGreaterThan(0);
  const bare = sources.filter(([, text]) => !text.includes("shieldPackets(client,"));
  expect(bare.map(([name]) => name)).toEqual([]);
});

it("a RESUMED after the session was ended breaks discord.js, and not the desk", async () => {
  const late = [
    { op: 0, t: "RESUMED", d: {} },
    { id: 0, sessionInfo: null, closeSequence: 0 },
  ] as const;
  const handling = (client: Client) =>
    client.ws as unknown as { handlePacket(...given: readonly unknown[]): unknown };
  const bare = new Client({ intents: [] });
  expect(() => handling(bare).handlePacket(...late)).toThrow(/sequence/);
  const client = new Client({ intents: [] });
  const faults: unknown[] = [];
  shieldPackets(client, (fault) => faults.push(fault));
  expect(handling(client).handlePacket(...late)).toBe(false);
  expect(faults).toHaveLength(1);
  await Promise.all([bare.destroy(), client.destroy()]);
});
