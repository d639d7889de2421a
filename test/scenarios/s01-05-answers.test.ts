import { afterEach, describe, expect, it } from "vitest";
import { MANY_RUNGS, World } from "./world.ts";

/** The numbers are those of research/engines.md section 4. */
const PLACE = "POST /fapi/v1/order";
const QUERY = "GET /fapi/v1/order";
const CANCEL = "DELETE /fapi/v1/order";
const CARRIERS = ["ccxt", "direct"] as const;
/** A rung that was bought once and is protected. */
const HELD = { entry: 1, stop: 1, takeProfit: 1 };

let world: World;
afterEach(() => world.shut());

/** A desk that is steady and about to send its first entry. */
async function steady(changes: Parameters<typeof World.open>[0], before: () => void): Promise<void> {
  world = await World.open(changes);
  before();
  await world.boot();
}

describe.each(CARRIERS)("answers over %s", (carrier) => {
  it("scenario 1: a fill before its acknowledgement is counted by client id, and the late acknowledgement resets nothing", async () => {
    let speakAgain = (): void => {};
    await steady({ carrier }, () => {
      world.script.next(PLACE, { kind: "latency", requestMs: 0, answerMs: 3_000 });
      speakAgain = world.script.always({ kind: "messageLost", on: "private" });
    });
    await world.until(() => world.live("entry").length === 1, "the exchange has the entry");
    const { clientId } = world.one("entry");
    expect(world.orderState(clientId)).toBe("sending");
    speakAgain();
    await world.fillEntry();
    await world.until(() => world.desk.inFlight === 1, "only its own answer is still on its way");
    expect([world.orderState(clientId), world.life.asked]).toEqual(["filled", []]);
    await world.until(() => world.desk.inFlight === 0, "the late acknowledgement");
    await world.pass(2_000);
    expect(await world.differences()).toEqual([]);
    expect([world.orderState(clientId), world.position, world.state.account.fills]).toEqual([
      "filled",
      10,
      1,
    ]);
    expect([world.sent, world.life.canceled, world.alerts()]).toEqual([HELD, [], []]);
  });

  it("scenario 2: a submit that timed out but was accepted is unknown, asked for by its id, and never sent again", async () => {
    let speakAgain = (): void => {};
    await steady({ carrier, grids: [MANY_RUNGS], timeoutMs: 400 }, () => {
      world.script.next(PLACE, "hang");
      speakAgain = world.script.always({ kind: "messageLost", on: "private" });
    });
    await world.until(() => world.live("entry").length === 1, "the exchange has the entry");
    const { clientId } = world.one("entry");
    await world.meanwhile(() => world.orderState(clientId) === "unknown", "the request times out");
    expect(world.life.asked).toEqual([]);
    await world.until(() => world.orderState(clientId) === "resting", "the question is answered");
    expect(world.life.asked.map((facts) => facts.clientId)).toEqual([clientId]);
    speakAgain();
    await world.pass(5_000);
    expect([world.sent, world.live("entry").length, world.state.counts.unknown]).toEqual([
      { entry: 1 },
      1,
      1,
    ]);
    expect([await world.differences(), world.alerts()]).toEqual([[], []]);
  });

  it("scenario 3: 503 'execution status unknown' (-1007) is no refusal either", async () => {
    let speakAgain = (): void => {};
    await steady({ carrier }, () => {
      world.script.next(PLACE, "unknownStatus");
      speakAgain = world.script.always({ kind: "messageLost", on: "private" });
    });
    await world.until(() => world.life.asked.length > 0, "the order is asked for");
    const { clientId } = world.one("entry");
    await world.until(() => world.orderState(clientId) === "resting", "the answer");
    speakAgain();
    await world.fillEntry();
    expect(await world.differences()).toEqual([]);
    expect([world.position, world.sent, world.state.counts.unknown, world.alerts()]).toEqual([
      10,
      HELD,
      1,
      [],
    ]);
    expect(world.script.struck("unknownStatus")).toBe(1);
  });

  it("scenario 5: a cancel refused because the order is filled ends in the fill with its exits, without a replacement", async () => {
    world = await World.running({ carrier, grids: [MANY_RUNGS] });
    const { clientId } = world.one("entry");
    world.unheard(() => world.price(499_990));
    expect([world.position, world.orderState(clientId)]).toEqual([10, "resting"]);
    expect(await world.ask("pause")).toMatchObject({ isOk: true });
    await world.protected();
    await world.pass(3_000);
    expect(await world.differences()).toEqual([]);
    expect([world.orderState(clientId), world.position, world.sent]).toEqual(["filled", 10, HELD]);
    expect(world.life.canceled.map((facts) => facts.clientId)).toEqual([clientId]);
    expect([world.life.asked.length, world.alerts()]).toEqual([1, []]);
  });
});

describe("answers that are lost in other ways", () => {
  it("scenario 2b: a request that arrives after its client gave up, but within recvWindow, is adopted and not doubled", async () => {
    await steady({ grids: [MANY_RUNGS], timeoutMs: 400 }, () =>
      world.script.next(PLACE, { kind: "heldRequest", seconds: 2 }),
    );
    await world.until(() => world.sent.entry === 1, "the entry leaves");
    const [entry] = world.life.sent;
    const id = entry?.clientId ?? "";
    await world.meanwhile(() => world.orderState(id) === "unknown", "the request times out");
    await world.pass(1_000);
    // The exchange knows nothing of it yet: that proves nothing before recvWindow and a margin have passed.
    expect([world.orderState(id), world.live("entry").length, world.life.asked.length > 0]).toEqual([
      "unknown",
      0,
      true,
    ]);
    await world.until(() => world.live("entry").length === 1, "it arrives");
    await world.pass(6_000);
    expect(await world.differences()).toEqual([]);
    expect([world.orderState(id), world.sent, world.accepted.get(`main ${id}`)]).toEqual([
      "resting",
      { entry: 1 },
      1,
    ]);
    expect(world.alerts()).toEqual([]);
  });

  it("scenario 2b: a request older than recvWindow is refused; only then its absence is believed and the rung is tried anew", async () => {
    await steady({ grids: [MANY_RUNGS], timeoutMs: 400 }, () =>
      world.script.next(PLACE, { kind: "heldRequest", seconds: 3.5 }),
    );
    await world.until(() => world.sent.entry === 1, "the entry leaves");
    const sentAt = world.time.monotonic();
    const [first] = world.life.sent;
    const id = first?.clientId ?? "";
    await world.meanwhile(() => world.orderState(id) === "unknown", "the request times out");
    await world.until(() => world.live("entry").length === 1, "another entry rests");
    expect(world.time.monotonic() - sentAt).toBeGreaterThan(4_000);
    await world.pass(3_000);
    expect(await world.differences()).toEqual([]);
    const second = world.one("entry").clientId;
    expect([world.orderState(id), world.orderState(second), world.sent]).toEqual([
      "rejected",
      "resting",
      { entry: 2 },
    ]);
    expect([world.accepted.get(`main ${id}`), world.accepted.get(`main ${second}`)]).toEqual([undefined, 1]);
    expect([second === id, world.alerts()]).toEqual([false, []]);
  });

  it.each([
    ["HTTP 408", { type: "answer", status: 408, body: "Request Timeout", isCarriedOut: true }],
    [
      "a proxy's 502 page",
      { type: "answer", status: 502, body: "<html>502 Bad Gateway</html>", isCarriedOut: true },
    ],
    ["a reset connection", { type: "reset", isCarriedOut: true }],
  ] as const)(
    "scenario 3: %s after the order was carried out: it is asked for and found",
    async (_name, fault) => {
      await steady({ isWired: true }, () => {
        world.wire.spoil(PLACE, fault);
        world.wire.mute("/private");
      });
      await world.until(() => world.live("entry").length === 1, "the exchange has the entry");
      const { clientId } = world.one("entry");
      await world.until(() => world.orderState(clientId) === "resting", "it was found");
      world.wire.unmute("/private");
      await world.fillEntry();
      expect(await world.differences()).toEqual([]);
      expect([world.position, world.sent, world.wire.count(PLACE), world.state.counts.unknown]).toEqual([
        10,
        HELD,
        2,
        1,
      ]);
      expect([world.wire.count(QUERY) > 0, world.alerts()]).toEqual([true, []]);
    },
  );

  it("scenario 4: a question that fails says nothing: half a minute long the order stays unknown and keeps its room", async () => {
    let speakAgain = (): void => {};
    let answerAgain = (): void => {};
    await steady({ grids: [MANY_RUNGS] }, () => {
      world.script.next(PLACE, "answerLost");
      answerAgain = world.script.always({ kind: "failed", on: QUERY });
      speakAgain = world.script.always({ kind: "messageLost", on: "private" });
    });
    await world.until(() => world.live("entry").length === 1, "the exchange has the entry");
    const { clientId } = world.one("entry");
    await world.idle(30_000);
    const questions = world.life.asked.length;
    expect([world.orderState(clientId), world.sent, questions > 10]).toEqual(["unknown", { entry: 1 }, true]);
    // The last one may be on its way still.
    await world.until(() => world.script.struck("failed") >= questions, "each question has failed");
    answerAgain();
    speakAgain();
    await world.until(() => world.orderState(clientId) === "resting", "the question is answered");
    await world.fillEntry();
    await world.ask("pause");
    expect(await world.differences()).toEqual([]);
    expect([world.position, world.orderState(clientId), world.alerts()]).toEqual([10, "filled", []]);
  });

  it("scenario 5: nor is a cancel whose answer is lost a cancelled order: it is asked for, and gone when the exchange says so", async () => {
    world = await World.running();
    const { clientId } = world.one("entry");
    world.script.next(CANCEL, "answerLost");
    const speakAgain = world.script.always({ kind: "messageLost", on: "private" });
    await world.ask("pause");
    await world.until(() => world.orderState(clientId) === "canceled", "the question is answered");
    speakAgain();
    expect(await world.differences()).toEqual([]);
    expect([world.position, world.sent, world.life.canceled.length, world.life.asked.length]).toEqual([
      0,
      { entry: 1 },
      1,
      1,
    ]);
    expect(world.alerts()).toEqual([]);
  });
});
