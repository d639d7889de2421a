import { amount, choice, type FieldSpec, flag, name, span } from "./fields.ts";

/** Who carries a fault out: the weather itself, the server with its sockets, the exchange's hand, or a test's harness. */
export type FaultBy = "request" | "message" | "clock" | "sockets" | "exchange" | "harness";

/** One kind of fault: who carries it out, its own fields, what the real world does, and what a right bot does then. */
interface FaultKindSpec {
  readonly by: FaultBy;
  readonly fields: Readonly<Record<string, FieldSpec>>;
  readonly world: string;
  readonly bot: string;
}

const SOCKETS = choice(["all", "private", "market", "api"]);
const LATER = span(0, 600_000, 0, 0);

/** Every way in which an exchange, the network or a person hurts a bot; a closed list. */
export const FAULT_KINDS = {
  latency: {
    by: "request",
    fields: { requestMs: span(0, 600_000, 20, 200), answerMs: LATER },
    world: "A request, or its answer, is on its way for longer than usual.",
    bot: "Keeps working on other things; its timestamps are those of sending, so a slow request may be refused with -1021.",
  },
  requestLost: {
    by: "request",
    fields: {},
    world: "The connection breaks before the exchange has the request: nothing was done.",
    bot: "Treats the outcome as unknown, asks by client id, and repeats only after 'not found' later than recvWindow.",
  },
  answerLost: {
    by: "request",
    fields: {},
    world: "The request was carried out, then the connection broke: the order rests, or has even filled.",
    bot: "Asks by client id, adopts the order; never sends a second one under another id.",
  },
  unknownStatus: {
    by: "request",
    fields: {},
    world: "503 with -1007: 'execution status unknown'. It was carried out.",
    bot: "As for answerLost: unknown is not rejected.",
  },
  unavailable: {
    by: "request",
    fields: {},
    world: "503 with -1008: the exchange protects itself and did not carry it out.",
    bot: "Knows that nothing happened; tries again a little later, closes first.",
  },
  failed: {
    by: "request",
    fields: {},
    world: "A 502 web page from a proxy in front of the exchange; this time nothing was carried out.",
    bot: "Can't tell it from the cases in which something was: asks, doesn't repeat.",
  },
  hang: {
    by: "request",
    fields: {},
    world: "The request was carried out; the connection stays open and no answer ever comes.",
    bot: "Gives up after its own timeout and treats the outcome as unknown.",
  },
  heldRequest: {
    by: "request",
    fields: { seconds: span(0.001, 3_600, 1, 10) },
    world:
      "A request lies in the network for seconds and arrives when the bot has given up, or was restarted.",
    bot: "Sends a short recvWindow, so that it is refused when late; adopts an order of its own that appears late.",
  },
  rateLimited: {
    by: "request",
    fields: { seconds: span(0.001, 600, 2, 10) },
    world: "429 with Retry-After, for everybody at this address, until the time is over.",
    bot: "Stops all REST calls until then, with a reserve for closes; warns.",
  },
  banned: {
    by: "request",
    fields: { seconds: span(0.001, 259_200, 30, 60) },
    world: "418: the address is banned for a while; every request is refused, sockets live on.",
    bot: "Sends nothing at all until the ban is over; stops increases; alerts.",
  },
  partialAnswer: {
    by: "request",
    fields: {},
    world:
      "A list of orders, trades or positions comes back with items missing. A list without items stays as it is.",
    bot: "Believes nothing gone before two consistent reads and a query by id.",
  },
  emptyAnswer: {
    by: "request",
    fields: {},
    world: "A list comes back empty though there are items.",
    bot: "As for partialAnswer; an empty list is not 'flat'.",
  },
  staleAnswer: {
    by: "request",
    fields: {},
    world:
      "A list comes back as it was some answers ago, from a replica that lags. The first answer to a question can't be stale.",
    bot: "Never lets an older state undo a newer one; a position it just traded is not gone.",
  },
  messageLost: {
    by: "message",
    fields: {},
    world: "A pushed message never arrives although its socket lives.",
    bot: "Finds the fill or the cancel by regular reads; no exposure stays unprotected longer than the bound.",
  },
  messageDoubled: {
    by: "message",
    fields: { afterMs: span(0, 60_000, 0, 200) },
    world: "The same message arrives twice.",
    bot: "Applies a fill once, by its trade id.",
  },
  messagesReordered: {
    by: "message",
    fields: { byMs: span(1, 60_000, 5, 100) },
    world: "A message is overtaken by later ones of its stream. It counts when that really happened.",
    bot: "Cumulative quantity never decreases; a final state stays final.",
  },
  messageLate: {
    by: "message",
    fields: { ms: span(1, 600_000, 100, 3_000) },
    world: "A stream lags: a message is late, and those behind it wait for it.",
    bot: "Judges staleness by event time; market data that is too old stops increases.",
  },
  depthGap: {
    by: "message",
    fields: { messages: amount(1, 10_000, 3) },
    world: "Some consecutive order-book updates are missing.",
    bot: "Sees that `pu` does not follow, drops the book, reads a snapshot anew.",
  },
  halfOpen: {
    by: "sockets",
    fields: { sockets: SOCKETS },
    world: "Open sockets go dead without a goodbye: silent, pings unanswered. A new connection works.",
    bot: "Notices the silence by its watchdog, connects anew, then reads all that it may have missed.",
  },
  disconnect: {
    by: "sockets",
    fields: { sockets: SOCKETS },
    world: "Sockets are cut, as exchanges do at least once a day.",
    bot: "Connects anew with a pause, stops increases until it has read what it missed.",
  },
  listenKeyExpiry: {
    by: "sockets",
    fields: {},
    world: "The key of the private stream dies: one message says so, then silence on an open socket.",
    bot: "Takes a new key, connects anew, reads what it missed.",
  },
  exchangeRestart: {
    by: "sockets",
    fields: { seconds: span(0.001, 3_600, 5, 30), partialSeconds: span(0, 600, 1, 5) },
    world:
      "All sockets are cut, everything is refused with 503 for a while; then, for a moment, lists come back partial.",
    bot: "Waits; believes nothing gone before two consistent reads; protection rests on the exchange all the time.",
  },
  clockSkew: {
    by: "clock",
    fields: { ms: amount(-3_600_000, 3_600_000, 1_500), driftMsPerSecond: amount(-1_000, 1_000, 0) },
    world: "The exchange's clock is off by a step and drifts (or ours is: it looks the same).",
    bot: "Measures the offset, sends with it; over a second it stops increases until resynced. Closes go on.",
  },
  tickChange: {
    by: "exchange",
    fields: { instrument: name(), steps: span(1, 1_000, 2, 10) },
    world:
      "The price step of an instrument becomes so many of the ticks it began with; prices between are refused.",
    bot: "Reads the instruments anew after such a refusal and rounds its levels to the new step.",
  },
  lotChange: {
    by: "exchange",
    fields: { instrument: name(), steps: span(1, 1_000, 2, 10) },
    world:
      "The quantity step becomes so many of the lots it began with; a position may hold a finer remainder.",
    bot: "Reads the instruments anew; closes remainders with closePosition, never loops.",
  },
  bracketChange: {
    by: "exchange",
    fields: { instrument: name(), times: span(0.1, 10, 1.5, 3) },
    world:
      "Maintenance rates are multiplied (and the largest leverage falls): liquidation comes nearer without any trade.",
    bot: "Reads brackets regularly, computes its liquidation prices anew, reduces where the distance is too small.",
  },
  delisting: {
    by: "exchange",
    fields: { instrument: name(), afterSeconds: span(0, 8_640_000, 60, 600) },
    world:
      "An instrument's end is announced: no increases; at its end (market time) positions are settled at the mark.",
    bot: "Closes only, in time; says so.",
  },
  stopRefused: {
    by: "exchange",
    fields: { stops: amount(1, 1_000, 1), moment: choice(["placed", "triggered"]) },
    world:
      "The account's next stops are refused, when they are placed or when they trigger. Counts once it is set up.",
    bot: "Tries once more, then closes the rung: no exposure without protection beyond the bound.",
  },
  triggerRefused: {
    by: "exchange",
    fields: { refused: flag(true) },
    world:
      "A triggered stop under a full take profit is refused (true), or the take profit is expired for it (false).",
    bot: "Cancels that rung's take profit, confirms, closes the remainder.",
  },
  deleveraged: {
    by: "exchange",
    fields: { instrument: name(), share: span(0.01, 1, 0.2, 1) },
    world: "Automatic deleveraging takes part of a position at the bankruptcy price of somebody else.",
    bot: "Recognises it by its client id, books it pro rata, alerts, does not re-enter the missing level.",
  },
  handTrade: {
    by: "exchange",
    fields: {
      instrument: name(),
      does: choice(["add", "reduce", "close", "flip", "open", "limit", "cancelStop", "cancelOrder"]),
      share: span(0.01, 3, 0.1, 0.5),
    },
    world:
      "A person trades on the same account: adds, reduces, closes, flips, opens, rests a limit, cancels our stop or order.",
    bot: "Books it to the foreign part; cancels orphaned reducers; re-places a cancelled stop once, then asks.",
  },
  secondBot: {
    by: "exchange",
    fields: { instrument: name(), as: choice(["foreignNonce", "newerEpoch"]), desk: name() },
    world: "An order with our prefix that we did not send: a second bot runs from the same configuration.",
    bot: "Stops increases and alerts; the one with the older epoch gives way.",
  },
  countdownSurvival: {
    by: "exchange",
    fields: { survive: flag(true) },
    world: "Whether stops survive the exchange's cancel-all countdown; its pages don't say.",
    bot: "Places missing stops anew at once; uses no countdown any more.",
  },
  priceShock: {
    by: "exchange",
    fields: { instrument: name(), percent: span(-90, 200, -5, 5), fadeSeconds: span(0, 86_400, 60, 600) },
    world: "The price jumps at once, and comes back over a while (market time; 0 seconds: it stays).",
    bot: "Stops fill at the price there is; the risk ladder acts on the mark, not on one trade.",
  },
  deskRestart: {
    by: "harness",
    fields: { how: choice(["killed", "stopped"]), downSeconds: span(0, 3_600, 1, 20) },
    world: "The bot itself is killed or stopped and comes back a while later.",
    bot: "Rebuilds everything from the exchange; nothing doubled, nothing forgotten.",
  },
  twinDesk: {
    by: "harness",
    fields: { seconds: span(1, 3_600, 5, 30) },
    world: "Two desks run from one configuration with stores of their own, started in the same second.",
    bot: "Both see foreign nonces, stop increases and alert.",
  },
} as const satisfies Record<string, FaultKindSpec>;

/** A kind of fault. */
export type FaultKind = keyof typeof FAULT_KINDS;

/** The own fields of a kind. */
export type FieldsOf<K extends FaultKind> = (typeof FAULT_KINDS)[K]["fields"];

/** The kinds that are carried out in one of these ways. */
export type KindBy<B extends FaultBy> = {
  [K in FaultKind]: (typeof FAULT_KINDS)[K]["by"] extends B ? K : never;
}[FaultKind];

/** All kinds in the order of the list. */
export const KINDS = Object.keys(FAULT_KINDS) as readonly FaultKind[];

/** Whether a fault is an occurrence at a moment (done to sockets, the exchange or the desk) rather than a condition. */
export const isInstant = (kind: FaultKind): boolean =>
  ["sockets", "exchange", "harness"].includes(FAULT_KINDS[kind].by);
