import { type Random, seeded } from "../../src/core/random.ts";
import type { WrittenFault } from "../../src/venue/faults/fault.ts";
import type { FaultKind } from "../../src/venue/faults/kinds.ts";
import { type Scenario, TROUBLE_MS } from "./scenario.ts";

/** Seconds of wall time in which faults may begin: the desk first gets going, and the last ones end before calm. */
const FIRST_S = 15;
const LAST_S = TROUBLE_MS / 1_000 - 20;

const ORDERS = ["POST /fapi/v1/order", "POST /fapi/v1/algoOrder"];
const CANCELS = ["DELETE /fapi/v1/order", "DELETE /fapi/v1/algoOrder"];
const READS = ["GET *"];

/** Which calls a fault of requests is aimed at: mostly those that move orders. */
function aim(chance: Random): { readonly on?: readonly string[] } {
  const draw = chance.below(10);
  if (draw < 5) return { on: ORDERS };
  if (draw < 7) return { on: CANCELS };
  return draw < 8 ? { on: READS } : {};
}

type Make = (window: { readonly from: number; readonly to: number }, chance: Random) => WrittenFault;

const struck =
  (kind: "requestLost" | "answerLost" | "unknownStatus" | "unavailable" | "failed" | "hang"): Make =>
  (window, chance) => ({ kind, ...window, ...aim(chance), chance: 0.2 + 0.6 * chance.unit() });
const list =
  (kind: "partialAnswer" | "emptyAnswer" | "staleAnswer"): Make =>
  (window, chance) => ({ kind, ...window, chance: 0.3 + 0.7 * chance.unit() });
const at = ({ from }: { readonly from: number }): { readonly at: number } => ({ at: from });

/** How each kind is laid into a window of a few seconds. */
const MAKE: Readonly<Partial<Record<FaultKind, Make>>> = {
  latency: (window, chance) => ({
    kind: "latency",
    ...window,
    chance: 0.5,
    requestMs: [10, 100 + chance.below(2_500)],
  }),
  requestLost: struck("requestLost"),
  answerLost: struck("answerLost"),
  unknownStatus: struck("unknownStatus"),
  unavailable: struck("unavailable"),
  failed: struck("failed"),
  hang: struck("hang"),
  heldRequest: (window, chance) => ({
    kind: "heldRequest",
    ...window,
    ...aim(chance),
    chance: 0.6,
    seconds: [1, 4],
  }),
  rateLimited: (window) => ({ kind: "rateLimited", ...window, count: 1, seconds: [1, 6] }),
  banned: (window) => ({ kind: "banned", ...window, count: 1, seconds: [3, 12] }),
  partialAnswer: list("partialAnswer"),
  emptyAnswer: list("emptyAnswer"),
  staleAnswer: list("staleAnswer"),
  messageLost: (window, chance) => ({
    kind: "messageLost",
    ...window,
    on: chance.below(2) === 0 ? "private" : "market",
    chance: 0.3,
  }),
  messageDoubled: (window) => ({ kind: "messageDoubled", ...window, chance: 0.5 }),
  messagesReordered: (window, chance) => ({
    kind: "messagesReordered",
    ...window,
    on: chance.below(3) === 0 ? "market" : "private",
    chance: 0.5,
    byMs: [5, 400],
  }),
  messageLate: (window) => ({ kind: "messageLate", ...window, chance: 0.3, ms: [100, 3_000] }),
  depthGap: (window) => ({ kind: "depthGap", ...window, chance: 0.2, messages: 4 }),
  halfOpen: (window, chance) => ({ kind: "halfOpen", ...at(window), sockets: kindOf(chance) }),
  disconnect: (window, chance) => ({ kind: "disconnect", ...at(window), sockets: kindOf(chance) }),
  listenKeyExpiry: (window) => ({ kind: "listenKeyExpiry", ...at(window) }),
  exchangeRestart: (window) => ({
    kind: "exchangeRestart",
    ...at(window),
    seconds: [3, 15],
    partialSeconds: [0, 4],
  }),
  clockSkew: (window, chance) => ({
    kind: "clockSkew",
    ...window,
    ms: (chance.below(2) === 0 ? 1 : -1) * (200 + chance.below(4_000)),
    driftMsPerSecond: chance.below(20) - 10,
  }),
  tickChange: (window) => ({ kind: "tickChange", ...at(window) }),
  lotChange: (window) => ({ kind: "lotChange", ...at(window) }),
  bracketChange: (window) => ({ kind: "bracketChange", ...at(window) }),
  delisting: (window) => ({ kind: "delisting", ...at(window) }),
  stopRefused: (window, chance) => ({ kind: "stopRefused", ...at(window), stops: 1 + chance.below(3) }),
  triggerRefused: (window, chance) => ({
    kind: "triggerRefused",
    ...at(window),
    refused: chance.below(2) === 0,
  }),
  deleveraged: (window) => ({ kind: "deleveraged", ...at(window) }),
  handTrade: (window, chance) => ({ kind: "handTrade", ...at(window), does: handOf(chance) }),
  secondBot: (window, chance) => ({
    kind: "secondBot",
    ...at(window),
    as: chance.below(2) === 0 ? "foreignNonce" : "newerEpoch",
  }),
  countdownSurvival: (window, chance) => ({
    kind: "countdownSurvival",
    ...at(window),
    survive: chance.below(2) === 0,
  }),
  priceShock: (window, chance) => ({
    kind: "priceShock",
    ...at(window),
    percent: (chance.below(2) === 0 ? 1 : -1) * (1 + chance.below(5)),
    fadeSeconds: [60, 900],
  }),
  deskRestart: (window, chance) => ({
    kind: "deskRestart",
    ...at(window),
    how: chance.below(4) === 0 ? "stopped" : "killed",
    downSeconds: [1, 15],
  }),
  twinDesk: (window) => ({ kind: "twinDesk", ...at(window), seconds: [8, 25] }),
};

/** Kinds that change the exchange for good are rarer: what follows them tests less of the rest. */
const RARE: ReadonlySet<FaultKind> = new Set([
  "tickChange",
  "lotChange",
  "delisting",
  "twinDesk",
  "secondBot",
]);

/** What goes wrong in a seed: a restart always, and a handful of others (of these kinds), each in a window of its own. */
export function misfortunesOf(
  { seed }: Scenario,
  only: readonly FaultKind[] | undefined,
): readonly WrittenFault[] {
  const chance = seeded(seed, "misfortunes");
  const kinds = only ?? (Object.keys(MAKE) as FaultKind[]);
  const draw = (): FaultKind => {
    for (;;) {
      const kind = kinds[chance.below(kinds.length)] ?? "latency";
      if (only !== undefined || !RARE.has(kind) || chance.below(3) === 0) return kind;
    }
  };
  const count = kinds.length === 0 ? 0 : 6 + chance.below(9);
  const chosen: FaultKind[] = ["deskRestart", ...Array.from({ length: count }, draw)];
  const lay = (kind: FaultKind, by: Random): readonly WrittenFault[] => {
    const from = FIRST_S + by.unit() * (LAST_S - FIRST_S);
    const window = { from, to: from + 1 + by.unit() * 12 };
    const make = MAKE[kind];
    return make === undefined ? [] : [make(window, by)];
  };
  const laid = chosen.flatMap((kind) => lay(kind, chance));
  // One seed in six has one of the rare kinds more, so that ten thousand seeds meet each a thousand times.
  const extra = seeded(seed, "rarities");
  const rare = [...RARE][extra.below(RARE.size * 6)];
  return only !== undefined || rare === undefined ? laid : [...laid, ...lay(rare, extra)];
}

type SocketWord = "all" | "private" | "market";
const kindOf = (chance: Random): SocketWord =>
  (["all", "private", "private", "market"] as const)[chance.below(4)] ?? "all";

const HANDS = ["add", "reduce", "close", "flip", "open", "limit", "cancelStop", "cancelOrder"] as const;
const handOf = (chance: Random): (typeof HANDS)[number] => HANDS[chance.below(HANDS.length)] ?? "add";
