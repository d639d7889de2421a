import { describe, expect, test } from "vitest";
import type { ExchangeClient } from "../../src/gateways/exchange-client.ts";
import { splitClient } from "../../src/gateways/split-client.ts";
import { BINANCE_WEIGHTS, WeightBudget } from "../../src/gateways/weight-budget.ts";

/** A carrier that writes down what it is asked to do. */
function carrier(name: string, seen: string[]): ExchangeClient & { say(message: string): void } {
  let look: (url: string, message: unknown) => void = () => {};
  return {
    budget: new WeightBudget(BINANCE_WEIGHTS, () => 0),
    call: async (call) => {
      seen.push(`${name} ${call}`);
      return name;
    },
    socket: (url) => {
      seen.push(`${name} ${url}`);
      return {
        url,
        connected: Promise.resolve(),
        broken: new Promise(() => {}),
        send: () => {},
        cut: () => {},
      };
    },
    tap: (listen) => {
      look = listen;
    },
    now: () => (name === "own" ? 7 : 0),
    close: async () => {
      seen.push(`${name} closed`);
    },
    say: (message) => look(`wss://${name}`, message),
  };
}

describe("a client in two parts", () => {
  test("only what is named public leaves; everything else stays", async () => {
    const seen: string[] = [];
    const [open, own] = [carrier("open", seen), carrier("own", seen)];
    const client = splitClient(open, own, {
      isPublicCall: (name) => name === "GET /time",
      isPublicStream: (url) => url.endsWith("/public"),
    });
    expect(await client.call("GET /time", {}, "read")).toBe("open");
    expect(await client.call("POST /order", {}, "entry")).toBe("own");
    expect(await client.call("GET /something-new", {}, "read")).toBe("own");
    client.socket("wss://host/public");
    client.socket("wss://host/private");
    const heard: unknown[] = [];
    client.tap((url, message) => heard.push([url, message]));
    open.say("a price");
    own.say("a fill");
    expect(heard).toEqual([
      ["wss://open", "a price"],
      ["wss://own", "a fill"],
    ]);
    expect([client.now(), client.budget === own.budget]).toEqual([7, true]);
    await client.close?.();
    expect(seen).toEqual([
      "open GET /time",
      "own POST /order",
      "own GET /something-new",
      "open wss://host/public",
      "own wss://host/private",
      "open closed",
      "own closed",
    ]);
  });
});
