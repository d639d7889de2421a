import { describe, expect, test } from "vitest";
import { firstNews } from "../../src/cli/first-news.ts";
import { StartError } from "../../src/cli/start-error.ts";
import { unlessStopped } from "../../src/cli/stop-signal.ts";
import type { DeskEvent } from "../../src/core/event.ts";
import { lots, millis, ticks } from "../../src/core/units.ts";
import type { Gateway } from "../../src/desk/ports.ts";
import { HandClock } from "../gateways/rig.ts";
import { keptLog } from "./settings.ts";

const TIMES = { at: millis(5), wallAt: millis(7) };
const top = (instrument: string, bid: number): DeskEvent => ({
  type: "top",
  ...TIMES,
  venue: "binanceusdm",
  instrument,
  bid: ticks(bid),
  ask: ticks(bid + 1),
  bidLots: lots(1),
  askLots: lots(1),
});
const gap = (stream: "market" | "account", reason: string): DeskEvent => ({
  type: "gap",
  ...TIMES,
  stream,
  reason,
});

/** A start that waits for its first news; what came of it, and what each feed can say. */
function waiting() {
  const clock = new HandClock();
  const log = keptLog();
  const heard: DeskEvent[] = [];
  const started: string[] = [];
  const feed = (name: string) => {
    const own = { say: (_event: DeskEvent): void => {}, up: (): void => {} };
    const start = (emit: (event: DeskEvent) => void): Promise<void> => {
      started.push(name);
      own.say = emit;
      return new Promise((resolve) => {
        own.up = resolve;
      });
    };
    return { own, start };
  };
  const [market, account] = [feed("market"), feed("account")];
  const gateway = {
    market: { start: (_ids: readonly string[], emit: (event: DeskEvent) => void) => market.start(emit) },
    account: { start: account.start },
  } as unknown as Gateway;
  const news = firstNews({
    gateway,
    symbols: ["BTCUSDT", "ETHUSDT"],
    clock,
    log,
    redact: (text) => text.replaceAll("hunter2", "[redacted]"),
    market: (event) => heard.push(event),
    account: (event) => heard.push(event),
  });
  const ended = news.then(
    ({ prices, at }) => ({ prices: [...prices], at: at() }),
    (error: unknown) => error,
  );
  return { clock, log, heard, started, market: market.own, account: account.own, news, ended };
}

describe("a start waits for the first news", () => {
  test("of the market, the account and each price, hands all on, and logs what breaks until then", async () => {
    const start = waiting();
    start.market.say(gap("market", "no route with hunter2"));
    start.market.up();
    await start.clock.pass(10);
    start.account.say(gap("account", "reset"));
    start.account.up();
    await start.clock.pass(10);
    start.market.say(top("BTCUSDT", 3));
    start.market.say(top("ETHUSDT", 4));
    expect(await start.ended).toEqual({
      prices: [
        ["BTCUSDT", 3],
        ["ETHUSDT", 4],
      ],
      at: 5,
    });
    start.market.say(gap("market", "later: the desk's own affair"));
    expect(start.heard.map(({ type }) => type)).toEqual(["gap", "gap", "top", "top", "gap"]);
    expect(start.log.lines).toEqual([
      'the market stream is down while the desk starts, and is tried again {"reason":"no route with [redacted]"}',
      'the account stream is down while the desk starts, and is tried again {"reason":"reset"}',
    ]);
    expect(start.clock.waiting).toBe(0);
  });

  test("but not for ever: each that stays away is named, with why and what to do", async () => {
    const market = waiting();
    market.market.say(gap("market", "no route with hunter2"));
    await market.clock.pass(30_000);
    expect(await market.ended).toEqual(
      new StartError(
        "In 30 s the market's streams did not open (no route with [redacted]): check that WebSockets may leave this machine.",
      ),
    );
    // What opens late finds nobody who would close the next one.
    market.market.up();
    await market.clock.pass(10);
    expect(market.started).toEqual(["market"]);

    const account = waiting();
    account.market.up();
    await account.clock.pass(10);
    account.account.say(gap("account", "-2015"));
    await account.clock.pass(30_000);
    expect(await account.ended).toEqual(
      new StartError(
        "In 30 s the account's stream did not open (-2015): check the keys and their rights, and check that WebSockets may leave this machine.",
      ),
    );

    const price = waiting();
    price.market.say(gap("market", "first try"));
    price.market.up();
    await price.clock.pass(10);
    price.account.up();
    price.market.say(top("BTCUSDT", 3));
    await price.clock.pass(30_000);
    expect(await price.ended).toEqual(
      new StartError("In 30 s no price of ETHUSDT came: check that WebSockets may leave this machine."),
    );
  });

  test("and no longer than nobody asks to stop", async () => {
    let ask: (reason: string) => void = () => {};
    const asked = new Promise<string>((resolve) => {
      ask = resolve;
    });
    const start = waiting();
    const ended = unlessStopped(start.news, asked).catch((error: unknown) => error);
    ask("SIGINT");
    expect(await ended).toEqual(
      new StartError("The start was ended before the desk ran (SIGINT): no order was sent."),
    );
    // Work that is done before stays done.
    expect(await unlessStopped(Promise.resolve(7), new Promise(() => {}))).toBe(7);
    expect(await unlessStopped(Promise.resolve(7), undefined)).toBe(7);
  });
});
