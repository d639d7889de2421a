import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { lots } from "../../../src/core/units.ts";
import { walkFills } from "../../../src/gateways/okx/history.ts";
import { marketOrder, type OkxRig, openOkxRig, stopOrder } from "./rig.ts";

const RECENT = "GET /api/v5/trade/fills";
const ARCHIVE = "GET /api/v5/trade/fills-history";
const HOUR_MS = 3_600_000;
const NOW = 1_746_057_600_000;

/** An OKX whose archive lags behind: `bills` are newest first, as it lists them. */
function lagging(recent: readonly number[], archive: readonly number[]) {
  const asked: string[] = [];
  const rows = (bills: readonly number[], after: unknown) =>
    bills
      .filter((bill) => after === undefined || bill < Number(after))
      .slice(0, 100)
      .map((bill) => ({ billId: String(bill), ts: String(NOW - 1_000) }));
  const call = async (name: string, params: object) => {
    asked.push(name);
    const { after } = params as { readonly after?: string };
    return { code: "0", msg: "", data: rows(name === RECENT ? recent : archive, after) };
  };
  const walk = async (from: number, now = NOW) =>
    (await walkFills(call, {}, from, now)).map((row) => Number(row["billId"]));
  return { asked, walk };
}

describe("where the OKX gateway asks for executions", () => {
  it("takes the last three days from the quick list alone", async () => {
    const { asked, walk } = lagging([5, 4, 3], []);
    expect(await walk(NOW - 70 * HOUR_MS)).toEqual([3, 4, 5]);
    expect(asked).toEqual([RECENT]);
  });

  it("takes what is older from the archive, and what is in both once; in order although the archive lags", async () => {
    const { asked, walk } = lagging([5, 4, 3], [3, 2, 1]);
    expect(await walk(NOW - 72 * HOUR_MS)).toEqual([1, 2, 3, 4, 5]);
    expect(asked).toEqual([RECENT, ARCHIVE]);
    // Before the first market message it is not known what time it is.
    expect(await walk(NOW, 0)).toEqual([1, 2, 3, 4, 5]);
  });

  it("reads on while pages are full", async () => {
    const many = Array.from({ length: 230 }, (_, at) => 230 - at);
    const { asked, walk } = lagging(many, []);
    expect(await walk(NOW)).toEqual(many.toReversed());
    expect(asked).toEqual([RECENT, RECENT, RECENT]);
  });
});

describe("executions of the OKX gateway on a served venue", () => {
  let rig: OkxRig;
  beforeEach(async () => {
    rig = await openOkxRig();
    await rig.start();
  });
  afterEach(() => rig.close());

  it("come from the quick list when an order or a stop is asked for, and in a reading", async () => {
    const { trading } = rig.gateway;
    const [bought, stop] = [marketOrder({ lots: lots(300) }), stopOrder({ lots: lots(300) })];
    await trading.place(bought);
    await trading.place(stop);
    rig.venue.move(489_000);
    for (const facts of [bought, stop]) {
      const answer = await trading.query(facts);
      const events = answer.type === "found" ? answer.events : [];
      const fills = events.filter((event) => event.type === "fill");
      expect(fills.reduce((sum, fill) => sum + fill.lots, 0)).toBe(300);
      expect(new Set(fills.map(({ clientId }) => clientId))).toEqual(new Set([facts.clientId]));
    }
    const from = rig.venue.exchange.now() - HOUR_MS;
    const { truth } = await rig.gateway.account.truth(["BTC-USDT-SWAP"], from);
    expect(truth.fills.map(({ tradeId }) => tradeId)).toEqual(
      rig.venue.exchange
        .trades("main", {})
        .map(({ tradeId, side }) => `${tradeId}${side === "buy" ? "b" : "s"}`),
    );
    expect(rig.wire.count(RECENT)).toBe(3);
    expect(rig.wire.count(ARCHIVE)).toBe(0);
    rig.wire.spoil(RECENT, { type: "reset" });
    await expect(rig.gateway.account.truth(["BTC-USDT-SWAP"], from)).rejects.toThrow();
  });
});
