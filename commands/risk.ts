import { z } from "zod";
import { defineCommand } from "../src/chat/command.ts";
import { direction, gain, instrumentOf, money, percent, price } from "../src/chat/format.ts";
import { shownLimit } from "../src/chat/limit-argument.ts";
import type { Reply } from "../src/chat/reply.ts";
import { calmBelow, limitText } from "../src/core/limit.ts";
import { mulDiv, ONE, rate, value } from "../src/core/units.ts";
import type { DeskDoor } from "../src/desk/ports.ts";

const TONES = { monitoring: "good", warning: "warning", emergency: "danger", shutdown: "danger" } as const;

const STEPS = ["warning", "emergency", "shutdown"] as const;
type Step = (typeof STEPS)[number];

const limitNow = ({ limits }: Snapshot, key: string): number =>
  limits.find((limit) => limit.key === key)?.now ?? 0;
const percentOf = (part: number): string => limitText({ name: "drawdown_warning" }, part, "", undefined);
const spaced = (part: number): string => percentOf(part).replace("%", " %");
const stepText = (desk: Snapshot, step: Step): string =>
  `${step[0]?.toUpperCase()}${step.slice(1)} ${percentOf(limitNow(desk, `drawdown_${step}`))}`;

/** What people tightened, and what the settings say of it. */
const tightened = (desk: Snapshot): readonly string[] =>
  desk.limits.flatMap((limit) =>
    limit.set === undefined
      ? []
      : [
          `${limit.key} is ${shownLimit(desk, limit, limit.now)}, set by ${limit.set.by}; the settings say ${shownLimit(desk, limit, limit.settings)}.`,
        ],
  );

/** What the desk does in a state, and how it is left. */
function meaningOf(desk: Snapshot): string {
  const ends = (step: "warning" | "emergency"): string => {
    const at = limitNow(desk, `drawdown_${step}`);
    return `It ends by itself after 15 minutes with the drawdown at ${spaced(calmBelow(rate(at)))} or less.`;
  };
  switch (desk.riskState) {
    case "monitoring":
      return "The desk trades normally.";
    case "warning":
      return `The desk trades on. ${ends("warning")}`;
    case "emergency":
      return `No entries. Positions nearer than ${spaced(limitNow(desk, "liquidation_buffer"))} to their liquidation are closed in quarters. ${ends("emergency")}`;
    default:
      return "All that the engines held is closed. Only an admin leaves it: /risk_reset.";
  }
}

/** How far the account is below its peak, and what that makes the desk do. */
export const risk = defineCommand({
  name: "risk",
  aliases: [],
  description: "The risk state: drawdown, peak, nearest liquidation",
  examples: ["risk"],
  topic: "safety",
  role: "viewer",
  risk: "R0",
  approval: "none",
  isPrivate: true,
  schema: z.object({}),
  args: [],
  async run({ door }) {
    const desk = door.snapshot();
    const { peak, equity, asset } = desk;
    const name = `${desk.riskState[0]?.toUpperCase()}${desk.riskState.slice(1)}`;
    const asked =
      desk.riskFloor === "monitoring"
        ? []
        : [`A person asked for ${desk.riskFloor}: nothing milder until a person says so.`];
    return {
      title: `Risk: ${name}`,
      tone: TONES[desk.riskState],
      lines: [meaningOf(desk), ...asked, ...tightened(desk)],
      fields: [
        {
          label: "Drawdown",
          text: `${percent(desk.drawdown)} (${STEPS.map((step) => stepText(desk, step)).join(", ")})`,
        },
        { label: "Equity", text: money(equity, asset) },
        { label: "Peak", text: money(peak, asset) },
        {
          label: "Below it",
          text: gain(equity === undefined || peak === undefined ? undefined : value(equity - peak), asset),
        },
        { label: "Liquidation", text: nearest(desk) },
        ...desk.engines.map((each) => ({ label: `Purse ${each.engine}`, text: purseText(desk, each) })),
      ],
      ...liquidations(desk),
      buttons: [
        [
          { label: "Refresh", style: "plain", action: { type: "run", line: "risk" } },
          { label: "Positions", style: "plain", action: { type: "run", line: "positions" } },
        ],
      ],
      isPrivate: true,
    };
  },
});

type Snapshot = ReturnType<DeskDoor["snapshot"]>;

function purseText({ asset }: Snapshot, { purseUsed, purseCap }: Snapshot["engines"][number]): string {
  const amounts = `${money(purseUsed, asset)} of ${money(purseCap, asset)}`;
  return purseCap === 0
    ? amounts
    : `${amounts} (${percent(rate(mulDiv(purseUsed, ONE, purseCap, "up")), 0)})`;
}

/** How far every open position is from its liquidation. */
function liquidations(desk: Snapshot): Pick<Reply, "table"> {
  const held = desk.books.filter(({ lots }) => lots !== 0);
  if (held.length === 0) return {};
  const columns = ["Position", "mark", "liquid.", "away", "level", "ratio"];
  const rows = held.map((book) => {
    const instrument = instrumentOf(desk.instruments, book.instrument);
    return [
      `${book.instrument} ${direction(book.lots)}`,
      price(book.mark, instrument),
      price(book.liquidation, instrument),
      percent(book.distance, 1),
      book.level.toLowerCase(),
      percent(book.marginRatio, 1),
    ];
  });
  return { table: { columns, rows } };
}

/** The position that is nearest to its liquidation, as far as distances are known. */
function nearest({ books }: Snapshot): string {
  const held = books.filter(({ lots }) => lots !== 0);
  if (held.length === 0) return "nothing is held";
  const [first] = held
    .filter(({ distance }) => distance !== undefined)
    .sort((a, b) => (a.distance ?? 0) - (b.distance ?? 0));
  const unknown = held.some(({ distance, level }) => distance === undefined && level !== "LOW");
  const known =
    first === undefined ? "no price is near" : `${first.instrument} ${percent(first.distance, 1)} away`;
  return unknown ? `${known}; of another it is unknown` : known;
}
