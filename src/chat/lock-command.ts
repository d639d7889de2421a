import { z } from "zod";
import { type Millis, millis } from "../core/units.ts";
import type { DeskSnapshot, LockView } from "../desk/snapshot.ts";
import { type Command, defineCommand } from "./command.ts";
import { dayTime } from "./format.ts";
import { outcomeReply } from "./outcome.ts";
import type { Reply } from "./reply.ts";
import { symbolArgument, symbolsOf, unknownSymbol } from "./symbol.ts";

const UNITS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };
const TIME = /^(\d{1,4})(m|h|d)$/;

const locking = z.object({
  symbol: z.string().optional(),
  time: z
    .string()
    .regex(TIME, "For how long is minutes, hours or days: write e.g. 30m, 4h or 2d.")
    .transform((text) => {
      const [, count, unit = ""] = TIME.exec(text) ?? [];
      return Number(count) * (UNITS[unit] ?? Number.NaN);
    })
    .refine((ms) => ms > 0, "For how long is at least one minute: write e.g. 30m.")
    .optional(),
});
const ending = z.object({ symbol: z.string().optional() });

/** "BTCUSDT: locked by alice until 2026-05-02 14:03 UTC". */
export const lockLine = ({ instrument, kind, by, untilWallAt }: LockView): string =>
  `${instrument}: ${kind === "block" ? "blocked" : "locked"} by ${by}${untilWallAt === undefined ? "" : ` until ${dayTime(untilWallAt)}`}`;

function listOf({ locks }: DeskSnapshot): Reply {
  const lines = locks.length === 0 ? ["Engines may enter in every instrument."] : locks.map(lockLine);
  return { title: "Instruments without new entries", tone: "plain", lines, isPrivate: true };
}

/** A command after which no engine enters in an instrument. A lock may end by itself, a block only when somebody allows it. */
export const lockCommand = (kind: "block" | "lock"): Command<typeof locking> =>
  defineCommand({
    name: kind,
    aliases: kind === "lock" ? ["locks"] : ["blacklist"],
    description:
      kind === "lock"
        ? "No new entries in one symbol, for a time or until unlock; alone it lists them"
        : "No new entries in one symbol until allow; alone it lists them",
    examples: kind === "lock" ? ["lock BTCUSDT 4h", "lock BTCUSDT", "lock"] : ["block BTCUSDT", "block"],
    topic: "stopping",
    role: "trader",
    risk: "R1",
    approval: "none",
    schema: locking,
    args: [
      symbolArgument("Which one; left out: those that are locked"),
      ...(kind === "lock"
        ? [{ name: "time", description: "For how long, e.g. 30m, 4h or 2d", isRequired: false }]
        : []),
    ],
    async run({ args, actor, door, nowWall }) {
      const desk = door.snapshot();
      if (args.symbol === undefined) return listOf(desk);
      const [instrument] = symbolsOf(desk, args.symbol) ?? [];
      if (instrument === undefined) return unknownSymbol(desk, args.symbol);
      const until: { readonly untilWallAt?: Millis } =
        args.time === undefined ? {} : { untilWallAt: millis(Math.round(nowWall + args.time)) };
      const outcome = await door.lock(actor, { instrument, kind, ...until });
      const end = `/${kind === "lock" ? "unlock" : "allow"} ${instrument}`;
      const { untilWallAt } = until;
      const next =
        untilWallAt === undefined
          ? `${end} ends it.`
          : `Until ${dayTime(untilWallAt)}; ${end} ends it sooner.`;
      return outcomeReply(outcome, kind === "lock" ? "Locked" : "Blocked", "Not done", next);
    },
  });

/** A command that ends what the other one began. */
export const unlockCommand = (kind: "block" | "lock"): Command<typeof ending> =>
  defineCommand({
    name: kind === "lock" ? "unlock" : "allow",
    aliases: kind === "lock" ? ["delete_locks"] : ["blacklist_delete", "bl_delete"],
    description: `Engines may enter again in a symbol that was ${kind === "lock" ? "locked" : "blocked"}`,
    examples: [`${kind === "lock" ? "unlock" : "allow"} BTCUSDT`],
    topic: "stopping",
    role: "risk",
    risk: "R3",
    approval: "none",
    schema: ending,
    args: [{ ...symbolArgument("Which one"), isRequired: true }],
    async run({ args, actor, door }) {
      const desk = door.snapshot();
      const [instrument] = (args.symbol === undefined ? undefined : symbolsOf(desk, args.symbol)) ?? [];
      if (instrument === undefined) return unknownSymbol(desk, args.symbol);
      return outcomeReply(await door.unlock(actor, { instrument, kind }), "Free again", "Not done");
    },
  });
