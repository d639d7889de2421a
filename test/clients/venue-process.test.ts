import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { KEY } from "../venue/binance/served-venue.ts";
import { ccxtTrader } from "./ccxt-trader.ts";
import { connectorTrader } from "./connector-trader.ts";
import { packageTrader } from "./package-trader.ts";
import type { Trader, View } from "./trader.ts";

const SOURCE = join(import.meta.dirname, "..", "..", "src", "cli", "perpdesk.ts");
const LOADER = import.meta.resolve("tsx");

interface VenueProcess {
  readonly port: number;
  /** What the hand of stories says of the account. */
  state(): Promise<{
    readonly balance: { readonly wallet: string };
    readonly positions: readonly { readonly positionAmt: string; readonly entryPrice: string }[];
    readonly openOrders: readonly { readonly clientOrderId: string }[];
    readonly conditionals: readonly { readonly clientAlgoId: string }[];
  }>;
  control(path: string, body?: object): Promise<void>;
  stop(): Promise<void>;
}

describe("`perpdesk venue` in a process of its own", () => {
  it("shows three clients on one account the same, whoever of them acts", { timeout: 60_000 }, async () => {
    vi.spyOn(console, "warn").mockImplementation(() => {});
    const venue = await startVenue();
    const traders: Trader[] = [];
    try {
      // The market starts near 60,000 and stands still from here on.
      await venue.control("pause");
      for (const open of [ccxtTrader, connectorTrader, packageTrader]) traders.push(await open(venue.port));
      const [first, second, third] = traders as [Trader, Trader, Trader];
      const far = { id: "far", side: "buy", quantity: 0.02, price: 58_000 } as const;
      const stop = {
        id: "stop",
        kind: "STOP_MARKET",
        side: "sell",
        quantity: 0.01,
        trigger: 58_500,
      } as const;
      await first.setLeverage(7);
      await second.place(far);
      expect(await agreed(venue, traders, "far")).toMatchObject({ leverage: 7, openOrders: ["far"] });
      await third.amend({ ...far, price: 57_900 });
      await first.cancel("far");
      expect(await agreed(venue, traders, "far")).toMatchObject({
        openOrders: [],
        order: { status: "canceled", price: 57_900 },
      });
      await third.place({ id: "taken", side: "buy", quantity: 0.01 });
      await first.placeStop({ ...stop, reduceOnly: true });
      const held = await agreed(venue, traders, "taken", "stop");
      expect(held.positions).toMatchObject([{ side: "long", quantity: 0.01 }]);
      expect(held).toMatchObject({ order: { status: "closed" }, openStops: ["stop"], stop: "open" });
      await second.cancelStop("stop");
      await second.place({ id: "sold", side: "sell", quantity: 0.01, reduceOnly: true });
      const out = await agreed(venue, traders, "sold", "stop");
      expect(out).toMatchObject({ positions: [], openStops: [], stop: "canceled" });
      expect(out.wallet).toBeLessThan(held.wallet);
    } finally {
      await Promise.all([...traders.map((trader) => trader.close()), venue.stop()]);
    }
  });
});

/** What all clients see; they and the venue's own state must agree. */
async function agreed(
  venue: VenueProcess,
  traders: readonly Trader[],
  orderId: string,
  stopId?: string,
): Promise<View> {
  const views: View[] = [];
  for (const trader of traders) views.push(await trader.look(orderId, stopId));
  const [view] = views as [View];
  expect(views).toEqual(traders.map(() => view));
  const state = await venue.state();
  expect(view.wallet).toBeCloseTo(Number(state.balance.wallet), 5);
  expect(view.openOrders).toEqual(state.openOrders.map(({ clientOrderId }) => clientOrderId).sort());
  expect(view.openStops).toEqual(state.conditionals.map(({ clientAlgoId }) => clientAlgoId).sort());
  expect(view.positions.map(({ quantity }) => quantity)).toEqual(
    state.positions.map(({ positionAmt }) => Math.abs(Number(positionAmt))),
  );
  return view;
}

async function startVenue(): Promise<VenueProcess> {
  const cwd = mkdtempSync(join(tmpdir(), "perpdesk-clients-"));
  const args = ["venue", "--port", "0", "--control", "--market", "synthetic:1"];
  const main = `import(${JSON.stringify(SOURCE)}).then((cli) => cli.main(${JSON.stringify(args)}))`;
  const child = spawn(process.execPath, ["--import", LOADER, "--eval", main], {
    cwd,
    env: {
      PATH: process.env["PATH"],
      PERPDESK_VENUE_KEY: KEY.apiKey,
      PERPDESK_VENUE_SECRET: KEY.secret,
    },
    stdio: ["ignore", "pipe", "pipe"],
    // Whatever happens to the test, the process goes.
    timeout: 60_000,
  });
  let said = "";
  const port = await new Promise<number>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (text: Buffer) => {
        said += String(text);
        const line = /^\{"listening".*"port":(\d+)/m.exec(said);
        if (line !== null) resolve(Number(line[1]));
      });
    }
    child.once("exit", () => reject(new Error(`the venue ended: ${said}`)));
  });
  const url = `http://127.0.0.1:${port}/control`;
  const account = "main";
  return {
    port,
    state: async () =>
      (await fetch(`${url}/state?account=${account}`)).json() as ReturnType<VenueProcess["state"]>,
    control: async (path, body = {}) => {
      const answer = await fetch(`${url}/${path}`, {
        method: "POST",
        body: JSON.stringify({ account, ...body }),
      });
      expect([path, answer.status]).toEqual([path, 200]);
    },
    stop: async () => {
      const ended = once(child, "exit");
      child.kill("SIGTERM");
      await ended;
      rmSync(cwd, { recursive: true, force: true });
    },
  };
}
