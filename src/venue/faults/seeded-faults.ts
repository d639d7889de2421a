import { invariant } from "../../core/invariant.ts";
import { type Random, seeded } from "../../core/random.ts";
import type { Fault, WrittenFault } from "./fault.ts";
import { type FaultKind, isInstant, KINDS } from "./kinds.ts";
import { readFault } from "./reading.ts";

/** How a seeded plan is drawn. */
export interface FaultProfile {
  /** Seconds of wall time after which nothing goes wrong any more, so that recovery can be seen; more than 300. */
  readonly calmFrom: number;
  /** Which kinds; all unless set. */
  readonly kinds?: readonly FaultKind[];
  /** 1 is a bad day that leaves room for trading; 2 is twice as many. */
  readonly density?: number;
}

/** How often a kind comes over somebody, and in what shape. */
interface Habit {
  /** Stretches (or occurrences) an hour at density 1. */
  readonly perHour: number;
  /** How long a stretch lasts, seconds. */
  readonly stretch?: readonly [number, number];
  /** How likely each request or message is struck within a stretch, and how many are at most. */
  readonly chance?: number;
  readonly count?: number;
  /** What the kind's own fields are, where the usual ones won't do. */
  readonly fields?: (random: Random) => object;
  /** For how long one strike is felt, seconds: it must be over when calm begins. */
  readonly tail?: number;
  /** Lasting damage comes late, so that there is trading before it. */
  readonly isLate?: boolean;
}

const lost: Habit = { perHour: 6, stretch: [10, 60], chance: 0.3, count: 3 };
const list: Habit = { perHour: 8, stretch: [10, 60], chance: 0.5, count: 4 };
const message: Habit = {
  perHour: 8,
  stretch: [5, 60],
  chance: 0.2,
  count: 40,
  // Market messages are many, those of accounts matter most: each second stretch is theirs alone.
  fields: (random) => (random.below(2) === 0 ? { on: "private" } : {}),
};

const HABITS: Readonly<Record<FaultKind, Habit>> = {
  latency: { perHour: 8, stretch: [10, 120], chance: 0.5, tail: 1 },
  requestLost: lost,
  answerLost: lost,
  unknownStatus: lost,
  unavailable: lost,
  failed: lost,
  hang: { ...lost, perHour: 3 },
  heldRequest: { ...lost, perHour: 4, tail: 10 },
  rateLimited: { perHour: 1.5, stretch: [10, 60], count: 1, tail: 10 },
  banned: { perHour: 0.6, stretch: [10, 60], count: 1, tail: 60 },
  partialAnswer: list,
  emptyAnswer: list,
  staleAnswer: list,
  messageLost: message,
  messageDoubled: message,
  messagesReordered: message,
  messageLate: { ...message, count: 10, tail: 3 },
  depthGap: { perHour: 4, stretch: [5, 60], chance: 0.2, count: 3 },
  halfOpen: { perHour: 1.5 },
  disconnect: { perHour: 3 },
  listenKeyExpiry: { perHour: 1 },
  exchangeRestart: { perHour: 0.5, tail: 35 },
  clockSkew: {
    perHour: 1,
    stretch: [20, 120],
    fields: (random) => ({ ms: random.below(6_001) - 3_000, driftMsPerSecond: random.below(21) - 10 }),
  },
  tickChange: { perHour: 0.5 },
  lotChange: { perHour: 0.3 },
  bracketChange: { perHour: 0.3, fields: () => ({ times: [1.1, 1.6] }) },
  delisting: { perHour: 0.15, isLate: true },
  stopRefused: {
    perHour: 2,
    fields: (random) => ({
      moment: random.below(2) === 0 ? "placed" : "triggered",
      stops: 1 + random.below(3),
    }),
  },
  triggerRefused: { perHour: 1, fields: (random) => ({ refused: random.below(2) === 0 }) },
  deleveraged: { perHour: 0.5 },
  handTrade: { perHour: 4, fields: (random) => ({ does: DEEDS[random.below(DEEDS.length)] }) },
  secondBot: {
    perHour: 0.4,
    fields: (random) => ({ as: random.below(2) === 0 ? "foreignNonce" : "newerEpoch" }),
  },
  countdownSurvival: { perHour: 0.5, fields: (random) => ({ survive: random.below(2) === 0 }) },
  priceShock: { perHour: 1, fields: () => ({ percent: [-6, 6], fadeSeconds: [30, 300] }) },
  deskRestart: {
    perHour: 2,
    fields: (random) => ({ how: random.below(4) === 0 ? "stopped" : "killed" }),
    tail: 20,
  },
  twinDesk: { perHour: 0.2, tail: 30 },
};

const DEEDS = ["add", "reduce", "close", "flip", "open", "limit", "cancelStop", "cancelOrder"] as const;

/** Within so many seconds an occurrence that can't be carried out at once is tried again. */
const PATIENCE = 60;

/** A random but repeatable list of faults: the same seed and profile give the same one. A kind left out changes no other. */
export function seededFaults(
  seed: number,
  { calmFrom, kinds = KINDS, density = 1 }: FaultProfile,
): readonly Fault[] {
  invariant(calmFrom > 300, "calm begins after more than 300 seconds");
  const written = kinds.flatMap((kind) => {
    const random = seeded(seed, `faults ${kind}`);
    const habit = HABITS[kind];
    const expected = (habit.perHour * density * calmFrom) / 3_600;
    const times = Math.floor(expected) + (random.unit() < expected % 1 ? 1 : 0);
    return Array.from({ length: times }, () => stretchOf(kind, habit, calmFrom, random));
  });
  return written.map((each) => {
    const reading = readFault(each, each.kind);
    invariant(reading.ok, `a seeded fault can be read: ${JSON.stringify(reading)}`);
    return reading.fault;
  });
}

function stretchOf(kind: FaultKind, habit: Habit, calmFrom: number, random: Random): WrittenFault {
  const end = calmFrom - (habit.tail ?? 0) - 1;
  const earliest = habit.isLate ? end * 0.7 : 0;
  if (isInstant(kind)) {
    const from = part(earliest, end - PATIENCE, random);
    // Its moment is drawn within the window; the rest of the window is for further attempts.
    return { kind, from, to: from + PATIENCE, ...habit.fields?.(random) } as WrittenFault;
  }
  const [least, most] = habit.stretch ?? [10, 60];
  const length = part(least, most, random);
  const from = part(earliest, end - length, random);
  const { chance, count } = habit;
  return {
    kind,
    from,
    to: from + length,
    ...(chance === undefined ? {} : { chance }),
    ...(count === undefined ? {} : { count: 1 + random.below(count) }),
    ...habit.fields?.(random),
  } as WrittenFault;
}

/** A number between two, in thousandths. */
const part = (low: number, high: number, random: Random): number =>
  Math.round((low + (high - low) * random.unit()) * 1_000) / 1_000;
