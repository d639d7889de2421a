import { z } from "zod";
import { defineCommand } from "../src/chat/command.ts";
import { dayTime, duration, gain, grouped, instrumentOf, money } from "../src/chat/format.ts";
import type { Field, Reply } from "../src/chat/reply.ts";
import { causeText, howOf, netOf } from "../src/chat/trade-words.ts";
import { type Instrument, sizeUnit } from "../src/core/instrument.ts";
import { countIn, millisIn, moneyIn, type NumberedTrade, wordIn } from "../src/core/trade-log.ts";

/** All that the trade log tells of one trade: prices, money, why it was closed, and the exchange's own numbers. */
export const trade = defineCommand({
  name: "trade",
  aliases: [],
  description: "All about one trade: prices, money, reason, order",
  examples: ["trade 12"],
  topic: "results",
  role: "viewer",
  risk: "R0",
  approval: "none",
  isPrivate: true,
  schema: z.object({
    number: z
      .string({ error: "Which trade? /trades lists them with their numbers." })
      .regex(/^#?\d{1,9}$/, "A trade is named by its number: /trades lists them."),
  }),
  args: [
    {
      name: "number",
      description: "Its number; /trades lists them",
      isRequired: true,
      choices: (door) => door.snapshot().metrics.lastTrades.map(({ number }) => `${number}`),
    },
  ],
  async run({ args, door }): Promise<Reply> {
    const { metrics, asset, instruments } = door.snapshot();
    const number = Number(args.number.replace("#", ""));
    const found = metrics.lastTrades.find((each) => each.number === number);
    const [newest, oldest] = [metrics.lastTrades[0], metrics.lastTrades.at(-1)];
    if (found === undefined)
      return {
        title: "Not found",
        tone: "warning",
        lines: [
          newest === undefined || oldest === undefined
            ? "Nothing is in the trade log yet."
            : `trade ${number} is not among those kept; say a number from ${oldest.number} to ${newest.number}.`,
        ],
        isPrivate: true,
      };
    const net = netOf(found);
    return {
      title: `Trade ${number}: ${howOf(found)}, ${gain(net, asset)}`,
      tone: net === undefined || net >= 0 ? "plain" : "warning",
      fields: fieldsOf(found, asset, instrumentOf(instruments, wordIn(found.fields, "Symbol"))),
      buttons: [[{ label: "All trades", style: "plain", action: { type: "run", line: "trades" } }]],
      isPrivate: true,
    };
  },
});

function fieldsOf(
  { fields }: NumberedTrade,
  asset: string,
  instrument: Instrument | undefined,
): readonly Field[] {
  const word = (name: string): string => wordIn(fields, name);
  const number = (name: string): string => grouped(word(name));
  const unit = instrument === undefined ? "" : ` ${sizeUnit(instrument)}`;
  const left = (countIn(fields, "Left") ?? 0) === 0 ? "" : `, ${number("Left")} left`;
  const at = millisIn(fields, "At");
  const latency = millisIn(fields, "StopLatencyMs");
  const told: readonly (readonly [string, string])[] = [
    ["Grid", `${word("Engine")}${word("Rung") === "" ? "" : `, rung ${word("Rung")}`}`],
    ["Leg", word("Leg")],
    ["Symbol", word("Symbol")],
    ["Closed", at === undefined ? "" : dayTime(at)],
    ["Held for", heldFor(word("Duration"))],
    ["Size", word("Size") === "" ? "" : `${number("Size")}${unit}${left}`],
    ["Entry", number("Entry")],
    ["Exit", number("Exit")],
    ["Profit", gain(moneyIn(fields, "PnL"), asset)],
    ["Fees", money(moneyIn(fields, "Fees"), asset)],
    ["Why", word("By") === "" ? causeText(word("Cause")) : `${causeText(word("Cause"))}, by ${word("By")}`],
    ["Trigger", number("Trigger")],
    ["Slippage", word("Slippage") === "" ? "" : money(moneyIn(fields, "Slippage"), asset)],
    ["Stop latency", latency === undefined ? "" : duration(latency)],
    ["Order", word("Order")],
    ["Exchange no.", word("Trade")],
  ];
  return told.flatMap(([label, text]) => (text === "" ? [] : [{ label, text }]));
}

/** "160s" as "2 min 40 s". */
function heldFor(text: string): string {
  const seconds = /^(\d+)s$/.exec(text)?.[1];
  return seconds === undefined ? text : duration(Number(seconds) * 1_000);
}
