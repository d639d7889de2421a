import { describe, expect, it } from "vitest";
import { explained } from "../../../src/core/book.ts";
import { engineTag, readClientId } from "../../../src/core/ids.ts";
import { executionCost, notional } from "../../../src/core/instrument.ts";
import { flat, trade } from "../../../src/core/position.ts";
import { type Random, seeded } from "../../../src/core/random.ts";
import { lots, millis, ONE, rate, signOf, ticks, value } from "../../../src/core/units.ts";
import { Grid } from "../../../src/engines/grid/grid.ts";
import type { GridParameters } from "../../../src/engines/grid/parameters.ts";
import { reach } from "../../properties/hand.ts";
import { Exchange } from "../../support/exchange.ts";
import { LINEAR } from "../../support/instruments.ts";
import { GRID, Rig } from "../../support/rig.ts";
import { SteadyBuyer } from "../../support/steady-buyer.ts";

const MODES = ["one-way", "hedge"] as const;
type Mode = (typeof MODES)[number];

/** Two grids and a steady buyer, whose limits stand beside theirs; none may use more than what a few orders of it bind. */
function limitsOf(mode: Mode, chance: Random): readonly GridParameters[] {
  const isHedge = mode === "hedge";
  const purse = (orders: number): GridParameters["purse"] => value(Math.round((0.5 + orders) * 250) * ONE);
  const shared = { ...GRID, waitMs: millis(1_000), stopLoss: rate(1_500_000), leverage: 2 };
  const long = isHedge ? "long" : "both";
  return [
    { ...shared, engine: "near", positionSide: long, purse: purse(2 + chance.below(3)) },
    {
      ...shared,
      engine: "far",
      positionSide: isHedge ? "short" : "both",
      direction: isHedge ? "sell" : "buy",
      step: rate(300_000),
      takeProfit: rate(400_000),
      purse: purse(2 + chance.below(3)),
    },
    {
      ...shared,
      engine: "steady",
      positionSide: long,
      purse: purse(1 + chance.below(4)),
      positionMax: lots(45),
    },
  ];
}

class Account {
  readonly rig: Rig;
  readonly buyer: SteadyBuyer;
  readonly limits: readonly GridParameters[];

  constructor(
    mode: Mode,
    limits: readonly GridParameters[],
    exchange = new Exchange(mode === "hedge"),
    epoch = 7,
  ) {
    this.limits = limits;
    const [near, far, steady] = limits;
    if (near === undefined || far === undefined || steady === undefined) throw new Error("three engines");
    this.buyer = new SteadyBuyer({
      id: "steady",
      positionSide: steady.positionSide,
      lots: lots(4),
      every: 3,
    });
    this.rig = new Rig({
      exchange,
      config: { grids: limits, epoch, nonce: `n${epoch}aa` },
      engines: [new Grid(near), new Grid(far), this.buyer],
    }).boot();
  }

  /** Client ids of what rests of some engines. */
  resting(...engines: readonly string[]): readonly string[] {
    return this.rig.exchange
      .open()
      .flatMap(({ facts }) => (engines.includes(facts.engine) ? [facts.clientId] : []));
  }

  /** What an engine holds and has paid, added up from the exchange's executions alone. */
  share({ engine }: GridParameters) {
    const position = flat();
    for (const { clientId, side, price, lots: size } of this.rig.exchange.fills) {
      if (readClientId(clientId)?.engineTag !== engineTag(engine)) continue;
      const signed = lots(size * signOf(side));
      trade(position, signed, executionCost(LINEAR, price, signed, "nearest"), value(0));
    }
    return position;
  }

  check(): void {
    const { exchange, state } = this.rig;
    const held = { both: 0, long: 0, short: 0 };
    for (const limits of this.limits) {
      const share = this.share(limits);
      held[limits.positionSide] += share.lots;
      expect(state.account.share(LINEAR.id, limits.positionSide, limits.engine).lots).toBe(share.lots);
      expect(share.lots * signOf(limits.direction)).toBeGreaterThanOrEqual(0);
      let worth = Math.abs(share.cost);
      let open = 0;
      for (const { facts, filled } of exchange.open("entry")) {
        if (facts.engine !== limits.engine) continue;
        open += facts.lots - filled;
        worth += notional(LINEAR, facts.price ?? ticks(1), lots(facts.lots - filled), "up");
      }
      const used = worth / limits.leverage + (worth * LINEAR.takerFee) / ONE;
      expect(used, limits.engine).toBeLessThanOrEqual(limits.purse + 20);
      expect(Math.abs(share.lots) + open).toBeLessThanOrEqual(limits.positionMax);
    }
    for (const side of ["both", "long", "short"] as const) {
      const book = state.account.book(LINEAR.id, side);
      expect([held[side], explained(book), book.foreign.lots, book.mismatch]).toEqual([
        exchange.books[side].lots,
        exchange.books[side].lots,
        0,
        undefined,
      ]);
    }
    expect([state.counts.mismatches, [...state.failed.keys()]]).toEqual([
      0,
      this.buyer.isBroken ? ["steady"] : [],
    ]);
  }

  /** The market goes on, and everybody hears of what came of it. */
  live(chance: Random, steps: number): void {
    const { rig } = this;
    for (let step = 0; step < steps; step += 1) {
      const by = Math.round((chance.unit() * 2 - 1) * (chance.below(10) === 0 ? 6_000 : 1_500));
      const mark = Math.min(540_000, Math.max(460_000, rig.exchange.mark + by));
      rig.feed(...reach(rig.exchange, mark, chance), ...rig.exchange.quotes());
      rig.pass(500 + chance.below(2_000));
      this.check();
    }
  }
}

describe.each(MODES)("two grids and another engine on one account in %s mode", (mode) => {
  it("keep within their purses, and the books add up, whatever the market does, and after a restart", () => {
    const refused = new Set<string>();
    const traded = new Set<string>();
    for (let seed = 1; seed <= 4; seed += 1) {
      const chance = seeded(seed, mode);
      const account = new Account(mode, limitsOf(mode, chance));
      account.live(chance, 45);
      for (const { reason, clientId } of account.rig.refused) refused.add(`${ownerOf(clientId)} ${reason}`);
      for (const { clientId } of account.rig.exchange.fills) traded.add(ownerOf(clientId));
      const next = new Account(mode, account.limits, account.rig.exchange, 8);
      next.check();
      next.live(chance, 10);
    }
    // The twins: all of them traded, and each came to the end of its purse.
    expect([...traded].sort()).toEqual(["far", "near", "steady"]);
    for (const engine of ["far", "near", "steady"]) expect(refused).toContain(`${engine} purse`);
  });

  it.each(["near", "far", "steady"])(
    "%s is stopped alone: the orders of the others stay as they are",
    (engine) => {
      const others = ["near", "far", "steady"].filter((name) => name !== engine);
      let entriesTakenBack = 0;
      let entriesOfOthers = 0;
      for (let seed = 1; seed <= 3; seed += 1) {
        const chance = seeded(seed, `${mode} ${engine}`);
        const account = new Account(mode, limitsOf(mode, chance));
        account.live(chance, 20);
        const { rig } = account;
        const isEntering = (): boolean =>
          rig.exchange.open("entry").some(({ facts }) => facts.engine === engine);
        for (let n = 0; n < 30 && engine !== "steady" && !isEntering(); n += 1) account.live(chance, 1);
        const before = account.resting(...others);
        const exits = account.resting(engine).filter((id) => readClientId(id)?.role !== "entry");
        entriesTakenBack += account.resting(engine).length - exits.length;
        rig.ask({ type: "pause", engine });
        expect(account.resting(...others)).toEqual(before);
        expect(account.resting(engine)).toEqual(exits);
        // They go on, and it does not.
        const sent = rig.sent.length;
        account.live(chance, 30);
        const later = rig.sent.slice(sent).filter(({ role }) => role === "entry");
        expect(later.some((order) => order.engine === engine)).toBe(false);
        entriesOfOthers += later.length;
      }
      expect(entriesOfOthers).toBeGreaterThan(0);
      if (engine !== "steady") expect(entriesTakenBack).toBeGreaterThan(0);
    },
  );

  it("one with a fault in its code is stopped alone, and its stops keep resting", () => {
    const chance = seeded(1, `${mode} fault`);
    const account = new Account(mode, limitsOf(mode, chance));
    do account.live(chance, 1);
    while (account.share(account.limits[2] as GridParameters).lots === 0);
    const before = account.resting("near", "far");
    const stops = account.resting("steady");
    account.buyer.isBroken = true;
    account.rig.feed(...account.rig.exchange.quotes());
    expect(account.rig.state.failed.get("steady")).toBe("a bug of the steady buyer");
    expect([account.resting("near", "far"), account.resting("steady")]).toEqual([before, stops]);
    expect(stops.length).toBeGreaterThan(0);
    account.live(chance, 20);
  });
});

function ownerOf(clientId: string): string {
  const tag = readClientId(clientId)?.engineTag;
  return ["near", "far", "steady"].find((name) => engineTag(name) === tag) ?? "nobody";
}
