import { describe, expect, it } from "vitest";
import type { OperatorRequest } from "../../../src/core/event.ts";
import type { LimitWish } from "../../../src/core/operator-request.ts";
import type { Actor } from "../../../src/core/proposal.ts";
import { lots, millis, ONE, rate, value } from "../../../src/core/units.ts";
import type { KernelConfig } from "../../../src/desk/kernel/config.ts";
import { limitRequestOf } from "../../../src/desk/limit-request.ts";
import { BOB, CAROL, GRID, Rig } from "../../support/rig.ts";
import { holding, open } from "../../support/scenario.ts";

const ALICE: Actor = { person: "alice", role: "admin", platform: "telegram" };
const WALL = millis(1_800_000_100_000);
let cards = 0;

/** What the door makes of a wish. */
function wish(rig: Rig, limit: string, to: number, isSure = false, actor = ALICE) {
  const asked: LimitWish = { limit, value: to, isSure };
  const request = limitRequestOf(rig.state, asked, WALL);
  if (request.type === "setLimit") return rig.ask(request, actor);
  cards += 1;
  return rig.ask({ type: "propose", proposalId: `k${cards}-e7`, action: request }, actor);
}
const card = () => `k${cards}-e7`;
const limits = (rig: Rig) => rig.state.risk.limits;

/** The next life of a desk, to which the ledger tells again what people said. */
function next(rig: Rig, config: Partial<KernelConfig> = {}): Rig {
  const after = new Rig({ exchange: rig.exchange, config: { epoch: 8, nonce: "abcd", ...config } });
  for (const effect of rig.effects) {
    if (effect.type !== "fact" || effect.kind !== "setLimit") continue;
    const { request, actor } = JSON.parse(JSON.stringify(effect.body)) as {
      request: OperatorRequest;
      actor: Actor;
    };
    after.ask(request, actor, true);
  }
  return after;
}

/** A rung that is held, and an entry that rests. */
function busy(grid: Parameters<typeof holding>[0] = {}): Rig {
  const rig = holding({ waitMs: millis(1_000), ...grid });
  rig.pass(5_000);
  return rig;
}

/** A grid that holds a rung, with a loss of some percent since its peak. */
function fallen(percent: number): Rig {
  const rig = holding();
  rig.state.risk.peak.restore(value(Math.round((rig.state.risk.equity ?? 0) / (1 - percent / 100))));
  rig.pass(1_000);
  return rig;
}

describe("a limit that an admin tightens", () => {
  it("holds at once, stands in the ledger with who and when, and the reply says before and after", () => {
    const rig = new Rig().boot();
    expect(wish(rig, "exposure", 1.5)).toEqual({
      isOk: true,
      text: "exposure: 3x before, 1.5x now; the settings say 3x.",
    });
    expect(
      limits(rig)
        .all()
        .find(({ key }) => key === "exposure"),
    ).toMatchObject({
      now: 1.5,
      settings: 3,
      set: { value: 1.5, by: "alice", wallAt: WALL },
    });
    expect(rig.facts("setLimit")).toMatchObject([
      { actor: "alice@telegram", body: { request: { limit: "exposure", value: 1.5 } } },
    ]);
  });

  it("lets no entry through beyond it, takes those back that rest, and lets them in again when it is loosened", () => {
    const rig = busy();
    expect(open(rig, "entry")).toHaveLength(1);
    wish(rig, "position:grid1", 10);
    rig.pass(60_000);
    expect([open(rig, "entry"), rig.held()]).toEqual([[], 10]);
    expect(rig.effects.filter((effect) => effect.type === "refused").at(-1)).toMatchObject({
      reason: "positionLimit",
    });
    wish(rig, "position:grid1", 50);
    rig.decide(card(), "k98-e7", "approve", CAROL);
    rig.pass(60_000);
    expect(open(rig, "entry")).toHaveLength(1);
  });

  it("takes an entry back too that was on its way, as soon as it rests, and not the one that its engine places anew", () => {
    const rig = holding({ waitMs: millis(1_000) });
    rig.isInstant = false;
    rig.pass(1_000);
    while (rig.deliver());
    const [sent] = [...rig.state.orders.live()].filter(
      ({ facts, state }) => facts.role === "entry" && state === "sending",
    );
    expect(sent).toBeDefined();
    wish(rig, "exposure", 2);
    expect(sent?.state).toBe("sending");
    rig.isInstant = true;
    rig.pass(5_000);
    expect(sent?.state).toBe("canceled");
    expect(open(rig, "entry")).toHaveLength(1);
    const again = rig.sent.length;
    rig.pass(5_000);
    expect([open(rig, "entry").length, rig.sent.length]).toEqual([1, again]);
  });

  it.each([
    ["purse:grid1", 100 * ONE, "purse"],
    ["exposure", 0.1, "grossLeverage"],
    ["liquidation_buffer", (9 * ONE) / 10, "liquidationDistance"],
  ] as const)("%s is the guard's", (limit, to, reason) => {
    const rig = busy({ quantity: lots(150), positionMax: lots(750), purse: value(50_000 * ONE) });
    expect(wish(rig, limit, to)?.isOk).toBe(true);
    rig.pass(60_000);
    expect([
      open(rig, "entry"),
      rig.effects.filter((effect) => effect.type === "refused").at(-1),
    ]).toMatchObject([[], { reason }]);
  });

  it("that is exceeded already closes nothing, and the reply says so", () => {
    const rig = busy({ quantity: lots(100), positionMax: lots(500) });
    expect(wish(rig, "position:grid1", 50)?.text).toBe(
      "position:grid1: 0.500 BTC before, 0.050 BTC now; the settings say 0.500 BTC. grid1 holds 0.100, beyond it already: nothing is closed for that, and no entry leaves until it is within.",
    );
    expect(wish(rig, "purse:grid1", 100 * ONE)?.text).toContain("beyond it already");
    rig.pass(10_000);
    expect(rig.held()).toBe(100);
  });

  it("comes back with the next start, and with a replay of what people said; stricter settings win then", () => {
    const rig = new Rig().boot();
    wish(rig, "exposure", 1.5);
    wish(rig, "drawdown_emergency", rate(ONE / 16));
    const after = next(rig).boot();
    expect([limits(after).exposure, limits(after).drawdowns.emergency]).toEqual([1.5, ONE / 16]);
    expect(limits(after).all()).toEqual(limits(rig).all());
    expect(limits(next(rig, { grossLeverageMax: 1 })).exposure).toBe(1);
    expect(limits(next(rig, { grossLeverageMax: 1 })).all()[3]).toMatchObject({ now: 1, set: undefined });
    expect(after.facts("setLimit")).toEqual([]);
    rig.effects.push(...after.effects);
    wish(after, "exposure", 3);
    after.decide(card(), "k98-e7", "approve", CAROL);
    rig.effects.push(...after.facts("setLimit"));
    expect(limits(next(rig)).exposure).toBe(3);
  });
});

describe("a drawdown step", () => {
  it("that is exceeded already asks for now, and then the ladder does what it does for any breach", () => {
    const rig = fallen(4);
    const asked = wish(rig, "drawdown_warning", rate(ONE / 50));
    expect(asked?.isOk).toBe(false);
    expect(asked?.text).toMatch(
      /^Equity .* \(4\.0.%\) below its peak of .* With that the risk state goes from Monitoring to Warning at once\. .*to do it all the same: \/set_limit drawdown_warning 2% now$/i,
    );
    expect([rig.state.riskState, rig.facts("setLimit")]).toEqual(["monitoring", []]);
    expect(wish(rig, "drawdown_warning", rate(ONE / 50), true)?.text).toBe(
      "drawdown_warning: 5% before, 2% now; the settings say 5%. The risk state was monitoring and is warning now.",
    );
    wish(rig, "drawdown_emergency", rate(ONE / 40), true);
    expect(rig.state.riskState).toBe("emergency");
    rig.pass(2_000);
    expect(open(rig, "entry")).toEqual([]);
    expect(rig.alerts.map(({ level, title }) => `${level} ${title}`)).toEqual(
      expect.arrayContaining(["high Risk: Monitoring to Warning", "extreme Risk: Warning to Emergency"]),
    );
    wish(rig, "drawdown_shutdown", rate(3_000_000), true);
    rig.pass(10_000);
    expect([rig.state.riskState, rig.held()]).toEqual(["shutdown", 0]);
  });

  it("keeps its place among the others, and what is not exceeded changes no state", () => {
    const rig = new Rig().boot();
    expect(wish(rig, "drawdown_emergency", rate(ONE / 20))?.text).toBe(
      "drawdown_emergency 5% would not leave the drawdowns in their order: Warning before Emergency before Shutdown. They are at 5%, 10%, 15% now; move the others first. Nothing was changed.",
    );
    expect(wish(rig, "drawdown_emergency", rate(ONE / 16))?.text).toBe(
      "drawdown_emergency: 10% before, 6.25% now; the settings say 10%. The risk state stays monitoring.",
    );
  });
});

describe("loosening a limit", () => {
  const tight = (): Rig => {
    const rig = new Rig().boot();
    wish(rig, "exposure", 1);
    return rig;
  };

  it("takes a card that another admin approves, for exactly what it shows", () => {
    const rig = tight();
    expect(wish(rig, "exposure", 2)).toEqual({
      isOk: true,
      text: "That loosens it. The proposal is shown on every connected platform; another admin must approve it.",
    });
    expect([limits(rig).exposure, rig.proposal(card())?.action]).toMatchObject([
      1,
      { type: "limit", from: 1, to: 2, settings: 3, texts: { from: "1x", to: "2x", settings: "3x" } },
    ]);
    expect(rig.decide(card(), "k98-e7", "approve", CAROL)?.text).toBe(
      "exposure: 1x before, 2x now; the settings say 3x.",
    );
    expect(rig.facts("setLimit").at(-1)).toMatchObject({
      actor: "carol@discord",
      body: { request: { limit: "exposure", value: 2 }, askedBy: ALICE, isAlone: false },
    });
  });

  it.each([
    ["whoever asked", ALICE],
    ["the same on another platform", { ...ALICE, platform: "discord" } as const],
    ["a trader", BOB],
  ])("is not approved by %s", (_who, actor) => {
    const rig = tight();
    wish(rig, "exposure", 2);
    expect(rig.decide(card(), "k98-e7", "approve", actor)?.isOk).toBe(false);
    expect(limits(rig).exposure).toBe(1);
  });

  it("is asked anew when the limit, or the settings, are others by then", () => {
    const rig = tight();
    wish(rig, "exposure", 2);
    wish(rig, "exposure", 0.5);
    expect(rig.decide(card(), "k98-e7", "approve", CAROL)).toEqual({
      isOk: false,
      text: "exposure was 1x when it was asked and is 0.5x now: ask again with /set_limit. Nothing was changed.",
    });
    expect([limits(rig).exposure, rig.proposal(card())?.state]).toEqual([0.5, "failed"]);
  });

  it("can't be had without a card, twice at once, beyond the settings, or by a desk's only admin without a code", () => {
    const rig = tight();
    expect(rig.ask({ type: "setLimit", limit: "exposure", value: 2, wallAt: WALL })?.text).toBe(
      "Two people decide what loosens a limit: /set_limit makes a card.",
    );
    wish(rig, "exposure", 2);
    expect(wish(rig, "exposure", 3)?.text).toMatch(
      /^The card k\d+-e7 asks about exposure already; decide there\.$/,
    );
    expect(wish(rig, "exposure", 3.5)?.text).toBe(
      "exposure 3.5x is looser than 3x, which the settings say: name one from 0.1x to 3x. Nothing was changed.",
    );
    const alone = new Rig({ config: { people: { listed: [{ name: "alice", role: "admin" }] } } }).boot();
    wish(alone, "exposure", 1);
    wish(alone, "exposure", 3);
    alone.pass(60_000);
    alone.decide(card(), "k98-e7", "approve", ALICE);
    expect(limits(alone).exposure).toBe(1);
    wish(alone, "exposure", 3);
    alone.pass(60_000);
    expect(alone.decide(card(), "k98-e7", "approve", ALICE, true)?.isOk).toBe(true);
    expect(limits(alone).exposure).toBe(3);
    expect(limits(alone).isEmpty).toBe(true);
  });

  it("ends with the desk's life, undone", () => {
    const rig = tight();
    wish(rig, "exposure", 2);
    const after = next(rig);
    const pending = rig.proposal(card());
    after.feed({
      type: "proposalRestored",
      ...rig.exchange.times(),
      proposal: { ...pending, state: "claimed" } as never,
    });
    after.boot();
    expect([after.proposal(card())?.state, limits(after).exposure]).toEqual(["failed", 1]);
  });
});

describe("what is refused in one sentence", () => {
  it.each([
    ["exposure", 4, "exposure 4x is looser than 3x, which the settings say: name one from 0.1x to 3x."],
    ["exposure", 0.05, "exposure 0.05x is tighter than any setting may be: name one from 0.1x to 3x."],
    [
      "liquidation_buffer",
      ONE / 10,
      "liquidation_buffer 10% is looser than 20%, which the settings say: name one from 90% to 20%.",
    ],
    [
      "liquidation_buffer",
      ONE,
      "liquidation_buffer 100% is tighter than any setting may be: name one from 90% to 20%.",
    ],
    [
      "drawdown_shutdown",
      ONE / 5,
      "drawdown_shutdown 20% is looser than 15%, which binds every desk: name one from 0.5% to 15%.",
    ],
    [
      "purse:grid1",
      99 * ONE,
      "purse:grid1 99.00 USDT is tighter than any setting may be: name one from 100.00 USDT to 5000.00 USDT.",
    ],
    [
      "position:grid1",
      51,
      "position:grid1 0.051 BTC is looser than 0.050 BTC, which the settings say: name one from 0.001 BTC to 0.050 BTC.",
    ],
  ])("%s %s", (limit, to, text) => {
    const rig = new Rig().boot();
    expect(wish(rig, limit, to)).toEqual({ isOk: false, text: `${text} Nothing was changed.` });
    expect(rig.facts("setLimit")).toEqual([]);
  });

  it("a limit that is none, what holds already, and somebody who is no admin any more", () => {
    const rig = new Rig().boot();
    expect(wish(rig, "purse:grid9", 1)?.text).toBe(
      'There is no limit "purse:grid9"; use one of drawdown_warning, drawdown_emergency, drawdown_shutdown, exposure, liquidation_buffer, purse:grid1, position:grid1.',
    );
    expect(wish(rig, "exposure", 3)?.text).toBe("exposure is 3x already.");
    for (const [limit, to] of [
      ["exposure", Number.NaN],
      ["exposure", Number.NEGATIVE_INFINITY],
      ["purse:grid1", 200 * ONE + 0.5],
    ] as const)
      expect(wish(rig, limit, to)).toEqual({
        isOk: false,
        text: `${limit} can't be ${to}: say a number. Nothing was changed.`,
      });
    expect(wish(rig, "exposure", 1, false, { ...BOB, role: "admin" })?.text).toBe(
      "Only an admin moves limits. Nothing was changed.",
    );
    expect(GRID.purse).toBe(limits(rig).purse("grid1"));
  });
});

describe("limits that the settings tightened between two lives", () => {
  it.each([
    ["position", { positionMax: lots(15) }],
    ["purse", { purse: value(150 * ONE) }],
  ])(
    "of a %s: entries that rest beyond it are taken back once the account is known, exits stay",
    (_what, grid) => {
      const rig = busy();
      expect([open(rig, "entry"), rig.held()]).toEqual([[10], 10]);
      const after = next(rig, { grids: [{ ...GRID, waitMs: millis(1_000), ...grid }] }).boot();
      after.pass(30_000);
      expect([open(after, "entry"), after.held()]).toEqual([[], 10]);
      expect([open(after, "takeProfit"), open(after, "stop")]).toEqual([[10], [10]]);
    },
  );

  it("an entry within them stays as it is", () => {
    const rig = busy();
    const [entry] = rig.exchange.open("entry");
    const after = next(rig).boot();
    after.pass(30_000);
    expect(after.exchange.open("entry")).toEqual([entry]);
  });
});
