import { Client } from "discord.js";
import { expect, it } from "vitest";
import { shieldPackets } from "../../src/chat/discord/shield.ts";

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
