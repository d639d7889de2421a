import { describe, expect, test } from "vitest";
import { Board } from "../../src/chat/board.ts";
import { cardReply } from "../../src/chat/cards.ts";
import type { Reply } from "../../src/chat/reply.ts";
import { readTap, TAP_BYTES_MAX, tapText } from "../../src/chat/tap.ts";
import { OUT_OF_TIME } from "../../src/core/approval.ts";
import { NOT_KNOWN } from "../../src/core/margin-action.ts";
import type {
  DisarmProposal,
  LimitProposal,
  MarginProposal,
  ResetProposal,
} from "../../src/core/proposal.ts";
import { lots, millis, ONE, rate, ticks, value } from "../../src/core/units.ts";
import { alice, bitcoin, CLOSE, ManualClock, MessagesInMemory, NOON, proposal } from "./desk.ts";
import { outboxOn, PaperRoom } from "./rooms.ts";

const TOKEN = "A".repeat(22);
const read = ({ title, lines = [], fields = [], footer = "" }: Reply): string[] => [
  title,
  ...lines,
  ...fields.map(({ label, text }) => `${label}: ${text}`),
  footer,
];

describe("a card", () => {
  test("shows what would happen, what it means in money, and until when", () => {
    const reply = cardReply(proposal(), bitcoin, TOKEN, NOON + 10_000);
    expect(read(reply)).toEqual([
      "Close BTCUSDT long?",
      "Until 14:04:20 UTC (50 s) anyone with the role trader may decide; the first decision counts.",
      "Position: 0.010 BTC long, entry 97,123.4, isolated",
      "Closes: sell 0.010 BTC (100%)",
      "Expected fill: 97,199.0 (mark 97,200.0)",
      "Slippage: 0.001% worse than the mark",
      "Fee: 0.4860 USDT",
      "Realized profit: +0.76 USDT",
      "Margin ratio: 0.40% -> 0.00%",
      "Liquidation: 64,000.0 -> none, flat",
      "Card c4f2-17, asked by alice on Telegram at 14:03:20 UTC",
    ]);
    expect(reply.buttons).toEqual([
      [
        { label: "Approve", style: "danger", action: { type: "approve", token: TOKEN } },
        { label: "Reject", style: "plain", action: { type: "reject", token: TOKEN } },
      ],
    ]);
  });

  test("names a part, a foreign part, what it replaces, and what is not known", () => {
    const base = proposal();
    const card = proposal({
      supersedes: "c4f2-16",
      action: { ...CLOSE, part: rate(50_000_000), includesForeign: true, foreignLots: lots(2) },
      quote: {
        ...base.quote,
        lots: lots(5),
        slippage: rate(-10),
        entryPrice: undefined,
        marginRatioAfter: undefined,
      },
    });
    const lines = read(cardReply(card, bitcoin, TOKEN, NOON));
    expect(lines[0]).toBe("Close 50% of BTCUSDT long?");
    expect(lines).toContain("Replaces c4f2-16: new figures.");
    expect(lines).toContain("FOREIGN: 0.002 BTC long of it was not opened by this desk and is closed too.");
    expect(lines).toContain("Position: 0.010 BTC long, entry unknown, isolated");
    expect(lines).toContain("Slippage: no worse than the mark");
    expect(lines).toContain("Margin ratio: 0.40% -> unknown");
    expect(lines).toContain("Liquidation: 64,000.0 -> unknown");
    const stays = cardReply({ ...card, action: { ...CLOSE, foreignLots: lots(2) } }, bitcoin, TOKEN, NOON);
    expect(stays.lines).toContain("0.002 BTC long of the position was not opened by this desk and stays.");
  });

  test("a part is shown with all its digits, and says when whole lots come to more", () => {
    const base = proposal();
    const part = (share: number, size: number) => {
      const card = proposal({
        action: { ...CLOSE, part: rate(share) },
        quote: { ...base.quote, lots: lots(size) },
      });
      return read(cardReply(card, bitcoin, TOKEN, NOON)).filter((line) => line.startsWith("Close"));
    };
    expect(part(2_000, 1)).toEqual([
      "Close 0.002% of BTCUSDT long?",
      "Closes: sell 0.001 BTC (0.002%, rounded up)",
    ]);
    expect(part(ONE / 2, 5)).toEqual(["Close 50% of BTCUSDT long?", "Closes: sell 0.005 BTC (50%)"]);
    expect(part(12_500_000, 2)[1]).toBe("Closes: sell 0.002 BTC (12.5%, rounded up)");
  });

  test("of a reset says why, what begins anew and who must approve it, and trades nothing", () => {
    const { quote: _, ...base } = proposal();
    const asked: ResetProposal = {
      ...base,
      action: {
        type: "resetRisk",
        account: "main",
        cause: "a funding spike",
        riskState: "shutdown",
        equity: value(850_000_000_000),
        peak: value(1_000_000_000_000),
        asset: "USDT",
      },
    };
    const card = cardReply(asked, undefined, TOKEN, NOON);
    expect([card.title, card.lines?.[0], card.fields?.[1]?.text, card.buttons?.[0]?.length]).toEqual([
      "Begin the risk state anew?",
      "Why: a funding spike",
      "10,000.00 USDT -> 8,500.00 USDT",
      2,
    ]);
    expect(card.lines?.at(-1)).toContain("another admin may approve it");
    const titleOf = (changes: Partial<ResetProposal>): string[] =>
      read(
        cardReply(
          { ...asked, decidedBy: alice("discord"), decision: "approve", ...changes },
          undefined,
          undefined,
          NOON,
        ),
      );
    expect(titleOf({ state: "done", outcome: "The risk state is now Monitoring." }).slice(0, 3)).toEqual([
      "Risk reset: done",
      "Approved by alice on Discord.",
      "The risk state is now Monitoring.",
    ]);
    expect(titleOf({ state: "rejected", decision: "reject" })[2]).toBe("The risk state stays as it is.");
    expect(titleOf({ state: "failed", outcome: "Not while ..." }).slice(2, 4)).toEqual([
      "Not while ...",
      "/risk shows what holds.",
    ]);
    expect(titleOf({ state: "expired", outcome: OUT_OF_TIME }).slice(1, 3)).toEqual([
      "Nobody decided by 14:04:20 UTC. The risk state stays as it is.",
      "/risk_reset asks again.",
    ]);
    expect(titleOf({ state: "claimed" })[2]).toBe("Being checked again.");
  });

  test("of a limit shows what is in force, what is wanted and who must approve it", () => {
    const { quote: _, ...base } = proposal();
    const asked: LimitProposal = {
      ...base,
      action: {
        type: "limit",
        account: "main",
        limit: "exposure",
        from: 1,
        to: 2,
        settings: 3,
        texts: { from: "1x", to: "2x", settings: "3x" },
      },
    };
    const card = cardReply(asked, undefined, TOKEN, NOON);
    expect([card.title, card.fields, card.buttons?.[0]?.length]).toEqual([
      "Loosen exposure?",
      [
        { label: "Limit", text: "1x -> 2x" },
        { label: "Settings", text: "3x" },
      ],
      2,
    ]);
    expect(card.lines?.at(-1)).toContain("an admin other than alice may approve it");
    const of = (changes: Partial<LimitProposal>): string[] =>
      read(cardReply({ ...asked, ...changes }, undefined, undefined, NOON));
    expect(of({ state: "claimed" })[0]).toBe("exposure 2x: decided");
    expect(of({ state: "done", outcome: "exposure: 1x before." })[2]).toBe("exposure: 1x before.");
    expect(of({ state: "rejected", decision: "reject" })[2]).toBe("exposure stays at 1x.");
    expect(of({ state: "failed", outcome: "It is another." })[3]).toBe("/set_limit shows what holds.");
    expect(of({ state: "expired" })[1]).toContain("exposure stays at 1x.");
  });

  test("of the exchange's countdown says what nothing does any more, who approves it, and what holds", () => {
    const { quote: _, ...base } = proposal();
    const asked: DisarmProposal = { ...base, action: { type: "disarm", account: "main", seconds: 60 } };
    const card = cardReply(asked, undefined, TOKEN, NOON);
    expect([card.title, card.lines?.[0], card.buttons?.[0]?.length]).toEqual([
      "Disarm the exchange's countdown?",
      "Now the exchange takes entries and take profits back when it hears nothing from the desk for 60 s.",
      2,
    ]);
    expect(card.lines?.at(-1)).toContain("another person with the role risk may approve it");
    const lastOf = (changes: Partial<DisarmProposal>): string | undefined =>
      cardReply({ ...asked, decidedBy: alice("discord"), ...changes }, undefined, undefined, NOON).lines?.at(
        -1,
      );
    expect(lastOf({ state: "done", decision: "approve", outcome: "Disarmed." })).toBe(
      "/deadman_arm arms it again.",
    );
    expect(lastOf({ state: "rejected", decision: "reject" })).toBe("It stays armed.");
    expect(lastOf({ state: "failed", decision: "approve", outcome: "No." })).toBe(
      "/deadman shows what holds.",
    );
    expect(lastOf({ state: "expired" })).toBe("/deadman_disarm asks again.");
    expect(lastOf({ state: "claimed", decision: "approve" })).toBe("Being checked again.");
  });

  test("of added margin shows where the liquidation goes and what it takes of the purse, and what came of it", () => {
    const { quote: _, ...base } = proposal();
    const asked: MarginProposal = {
      ...base,
      action: {
        type: "addMargin",
        account: "main",
        instrument: "BTCUSDT",
        positionSide: "both",
        amount: value(50 * ONE),
        figures: {
          lots: lots(10),
          mark: ticks(972_000),
          riskState: "warning",
          asset: "USDT",
          behind: value(32_340_000_000),
          told: undefined,
          free: value(1_000 * ONE),
          liquidationBefore: ticks(650_000),
          liquidationAfter: "none",
          purses: [
            { engine: "grid1", part: value(50 * ONE), used: value(324 * ONE), cap: value(1_000 * ONE) },
          ],
        },
      },
    };
    expect(read(cardReply(asked, bitcoin, TOKEN, NOON))).toEqual([
      "Add 50.00 USDT to BTCUSDT?",
      "The money stands behind this position alone until it is closed, and is lost first if it is liquidated.",
      "Until 14:04:20 UTC (1 min) anyone with the role risk may decide; the first decision counts.",
      "Position: long 0.010 BTC, mark 97,200.0",
      "Margin: 323.40 USDT -> 373.40 USDT",
      "Liquidation: 65,000.0 (33.1% away) -> none",
      "Free on the account: 1,000.00 USDT -> 950.00 USDT",
      "Purse of grid1: 324.00 USDT -> 374.00 USDT of 1,000.00 USDT",
      "Card c4f2-17, asked by alice on Telegram at 14:03:20 UTC",
    ]);
    const linesOf = (changes: Partial<MarginProposal>) =>
      cardReply({ ...asked, decidedBy: alice("discord"), ...changes }, bitcoin, undefined, NOON).lines?.slice(
        1,
      );
    expect(linesOf({ state: "claimed", decision: "approve" })).toEqual(["Being checked again."]);
    expect(linesOf({ state: "rejected", decision: "reject" })).toEqual(["Nothing was added."]);
    expect(linesOf({ state: "done", decision: "approve", outcome: "It is there." })).toEqual([
      "It is there.",
    ]);
    const unknown = {
      state: "failed",
      decision: "approve",
      outcome: `${NOT_KNOWN} (no answer came).`,
    } as const;
    expect(cardReply({ ...asked, ...unknown }, bitcoin, undefined, NOON).title).toBe(
      "Add 50.00 USDT to BTCUSDT: not known",
    );
    expect(cardReply({ ...asked, state: "expired" }, bitcoin, undefined, NOON).lines?.[0]).toBe(
      "Nobody decided by 14:04:20 UTC. Nothing was added.",
    );
  });

  test("says who decided, where, when, and what came of it", () => {
    const decided = {
      decision: "approve",
      decidedBy: { ...alice("discord"), person: "bob" },
      decidedWallAt: millis(NOON + 5_000),
    } as const;
    const by = "Approved by bob on Discord at 14:03:25 UTC.";
    const done = proposal({
      ...decided,
      state: "done",
      executedLots: lots(10),
      executedCost: value(971_980 * 10 * bitcoin.unit),
      fees: value(48_599_000),
      realized: value(75_500_000),
      outcome: "The book is flat.",
    });
    expect(read(cardReply(done, bitcoin, TOKEN, NOON))).toEqual([
      "Close BTCUSDT long: done",
      by,
      "The book is flat.",
      "Closed: 0.010 BTC",
      "Average fill: 97,198.0 (shown 97,199.0)",
      "Fee: 0.4860 USDT",
      "Realized profit: +0.76 USDT",
      "Card c4f2-17, asked by alice on Telegram at 14:03:20 UTC",
    ]);
    const states = [
      [
        proposal({ ...decided, state: "claimed" }),
        ["Close BTCUSDT long: decided", by, "Being checked again."],
      ],
      [proposal({ ...decided, state: "executing" }), ["Close BTCUSDT long: decided", by, "Orders are out."]],
      [
        proposal({ ...decided, decision: "reject", state: "rejected" }),
        ["Close BTCUSDT long: rejected", "Rejected by bob on Discord at 14:03:25 UTC.", "Nothing was sent."],
      ],
      [
        proposal({ ...decided, state: "failed", outcome: "The exchange refused it." }),
        [
          "Close BTCUSDT long: failed",
          by,
          "The exchange refused it.",
          "Look at /positions before you ask again.",
        ],
      ],
      [
        proposal({ state: "expired", outcome: OUT_OF_TIME }),
        [
          "Close BTCUSDT long: expired",
          "Nobody decided by 14:04:20 UTC. Nothing was sent.",
          "/close asks again.",
        ],
      ],
      [
        proposal({ state: "expired", outcome: "Panic was pressed." }),
        ["Close BTCUSDT long: withdrawn", "Panic was pressed. Nothing was sent.", "/close asks again."],
      ],
      [
        proposal({ ...decided, state: "expired", outcome: "It expired before it was approved." }),
        [
          "Close BTCUSDT long: expired",
          "It expired before it was approved. Nothing was sent.",
          "/close asks again.",
        ],
      ],
      [
        proposal({
          ...decided,
          state: "superseded",
          outcome: "the price moved by 0.4%",
          supersededBy: "c4f2-18",
        }),
        [
          "Close BTCUSDT long: re-quoted",
          by,
          "Not carried out: the price moved by 0.4%",
          "The card c4f2-18 shows the new figures.",
        ],
      ],
    ] as const;
    for (const [card, lines] of states) {
      const reply = cardReply(card, bitcoin, TOKEN, NOON);
      expect(read(reply).slice(0, -1)).toEqual(lines);
      const labels = (reply.buttons ?? []).flat().map(({ label }) => label);
      expect(labels).toEqual(card.state === "rejected" ? ["Add a reason"] : []);
    }
  });

  test("an instrument that is not known any more costs figures, not the card", () => {
    expect(read(cardReply(proposal({ state: "done" }), undefined, TOKEN, NOON))).toContain(
      "Average fill: unknown (shown unknown)",
    );
  });
});

describe("button texts", () => {
  test("carry action and token in at most 64 bytes, and come back", () => {
    const text = tapText({ type: "approve", token: TOKEN });
    expect(text).toBe(`v1:a:${TOKEN}`);
    expect(Buffer.byteLength(text ?? "")).toBe(27);
    expect(readTap(text ?? "")).toEqual({ type: "decide", decision: "approve", token: TOKEN });
    expect(readTap(`v1:r:${TOKEN}`)).toEqual({ type: "decide", decision: "reject", token: TOKEN });
    expect(tapText({ type: "run", line: "x".repeat(60) })).toBeUndefined();
    const read = { type: "run", line: "status", page: 1, untilWallAt: undefined };
    expect(readTap("v1:x:status")).toEqual(read);
    expect(readTap(tapText({ type: "page", line: "status", page: 12 }) ?? "")).toEqual({ ...read, page: 12 });
    const pick = { type: "pick", line: "close BTCUSDT", untilWallAt: NOON } as const;
    expect(readTap(tapText(pick) ?? "")).toEqual({ ...pick, type: "run", page: 1 });
  });

  test("anything else is none of ours", () => {
    for (const text of [
      "",
      "v1:a:",
      "v1:p:0:status",
      "v1:p:99999:status",
      "v1:p:2:",
      "v1:k::close",
      "v1:k:UPPER:close",
      "v1:k:mb1x2y3z",
      "v1:a:short",
      `v2:a:${TOKEN}`,
      `v1:a:${TOKEN}'--`,
      "v1:x:",
      "approve",
      `v1:a:${"A".repeat(TAP_BYTES_MAX)}`,
    ]) {
      expect(readTap(text)).toBeUndefined();
    }
  });
});

describe("the board", () => {
  function board(options: ConstructorParameters<typeof PaperRoom>[1] = {}) {
    const clock = new ManualClock();
    const room = new PaperRoom(clock, options);
    const messages = new MessagesInMemory();
    const made = () =>
      new Board({
        outlets: [{ room, outbox: outboxOn(clock) }],
        messages,
        clock,
        log: () => undefined,
        instrument: () => bitcoin,
      });
    return { clock, room, messages, made };
  }

  test("however fast a card changes, one message shows the newest state", async () => {
    const { clock, room, made } = board();
    const cards = made();
    cards.show(proposal(), TOKEN);
    await clock.pass(0);
    cards.show(proposal({ state: "claimed" }), undefined);
    cards.show(proposal({ state: "executing" }), undefined);
    cards.show(proposal({ state: "done" }), undefined);
    await clock.pass(10_000);
    expect(room.messages).toHaveLength(1);
    expect(room.messages[0]?.reply.title).toBe("Close BTCUSDT long: done");
    expect(room.messages[0]?.reply.buttons).toBeUndefined();
  });

  test("two changes that are stored side by side may come the wrong way round: what is done stays done", async () => {
    const { clock, room, made } = board();
    const cards = made();
    cards.show(proposal(), TOKEN);
    await clock.pass(2_000);
    cards.show(proposal({ state: "done" }), undefined);
    cards.show(proposal({ state: "executing" }), undefined);
    await clock.pass(10_000);
    expect(room.messages.map(({ reply }) => reply.title)).toEqual(["Close BTCUSDT long: done"]);
  });

  test("a card that is too old for a new message loses its buttons all the same", async () => {
    const { clock, room, made } = board({ platform: "discord", chat: "300", editMsMax: 3_000_000 });
    const cards = made();
    cards.show(proposal({ expiresWallAt: millis(clock.now() + 3_600_000) }), TOKEN);
    await clock.pass(3_600_000);
    cards.show(proposal({ state: "expired" }), undefined);
    await clock.pass(10_000);
    expect(room.messages.map(({ reply }) => [reply.title, reply.buttons])).toEqual([
      ["Close BTCUSDT long: expired", undefined],
    ]);
  });

  test("a card that was never seen is not shown when it has expired, but when money moved it is", async () => {
    const { clock, room, made } = board();
    const away = { type: "later", afterMs: 90_000, reason: "away" } as const;
    const cards = made();
    room.answers.push(away);
    cards.show(proposal({ id: "a" }), TOKEN);
    await clock.pass(61_000);
    cards.show(proposal({ id: "a", state: "expired" }), undefined);
    await clock.pass(200_000);
    expect(room.messages).toEqual([]);
    room.answers.push(away);
    cards.show(proposal({ id: "b", expiresWallAt: millis(clock.now() + 60_000) }), TOKEN);
    await clock.pass(1_000);
    cards.show(proposal({ id: "b", state: "done" }), undefined);
    await clock.pass(200_000);
    expect(room.messages.map(({ reply, isSilent }) => [reply.title, isSilent])).toEqual([
      ["Close BTCUSDT long: done", true],
    ]);
  });

  test("a tap is plausible only from the card itself; an unknown token is the desk's to judge", async () => {
    const { clock, made } = board();
    const cards = made();
    const from = (message: string, chat = "-42") =>
      cards.isPlausible(TOKEN, { platform: "telegram", chat, message });
    cards.show(proposal(), TOKEN);
    expect(from("1")).toBe(true);
    await clock.pass(0);
    expect([from("1"), from("2"), from("1", "-43")]).toEqual([true, false, false]);
    expect(cards.isPlausible("B".repeat(22), { platform: "telegram", chat: "-42", message: "2" })).toBe(true);
    expect([cards.tokenOf("c4f2-17"), cards.tokenOf("other")]).toEqual([TOKEN, undefined]);
    cards.show(proposal({ state: "rejected" }), undefined);
    expect(cards.tokenOf("c4f2-17")).toBeUndefined();
    expect([from("1"), from("2")]).toEqual([true, false]);
  });

  test("finished cards are forgotten in the end, here and in the store", async () => {
    const { clock, messages, made } = board();
    const cards = made();
    for (let at = 0; at < 520; at += 1) {
      const token = `${at}`.padStart(22, "0");
      cards.show(proposal({ id: `p${at}`, expiresWallAt: millis(clock.now() + 60_000) }), token);
      await clock.pass(4_000);
      cards.show(proposal({ id: `p${at}`, state: "rejected" }), undefined);
      await clock.pass(4_000);
    }
    await clock.pass(600_000);
    expect(messages.rows.length).toBeLessThanOrEqual(500);
    expect(messages.rows.length).toBeGreaterThan(450);
  });
});
