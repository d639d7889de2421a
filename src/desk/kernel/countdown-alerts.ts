import type { CountdownEvent } from "../../core/event.ts";
import type { InstrumentId } from "../../core/instrument.ts";
import type { AlertIntent } from "../../core/intent.ts";
import type { KernelConfig } from "./config.ts";

/** "14:03:05 UTC". */
export const timeText = (at: number): string => `${new Date(at).toISOString().slice(11, 19)} UTC`;

/** The exchange did not take the desk's sign of life; `endsWallAt`: when its countdown ends then, where one runs. */
export function countdownFailedAlert(
  { account }: KernelConfig,
  { instrument, seconds, problem = "" }: CountdownEvent,
  endsWallAt: number | undefined,
): AlertIntent {
  const whose = instrument ?? `account ${account}`;
  const [title, meaning] =
    seconds === 0
      ? [
          "could not be ended",
          endsWallAt === undefined
            ? "If one runs from before, entries and take profits go once more when it ends; the desk places them again."
            : `At ${timeText(endsWallAt)} entries and take profits go once more; the desk places them again.`,
        ]
      : endsWallAt === undefined
        ? ["could not be set", "Nothing cancels entries by itself if the desk falls silent now; stops rest."]
        : [
            "could not be set again",
            `At ${timeText(endsWallAt)} the exchange takes entries and take profits back unless it takes a sign of life before; the desk places them again then. Stops stay.`,
          ];
  return {
    type: "alert",
    key: `countdown:${account}`,
    level: "high",
    title: `${whose}: the exchange's countdown ${title}`,
    lines: [
      `The exchange: ${problem}. The desk tries again every two seconds.`,
      meaning,
      "Press /health: it says whether the exchange answers; /deadman shows each countdown.",
    ],
    ...(instrument === undefined ? {} : { instrument }),
  };
}

/** The exchange takes signs of life again, or what was to end has ended. */
export const countdownSetAlert = ({ account }: KernelConfig, seconds: number): AlertIntent => ({
  type: "alert",
  key: `countdown:${account}`,
  level: "resolved",
  title: seconds === 0 ? "The exchange's countdown has ended" : "The exchange's countdown is set again",
  lines: ["The exchange answered. What it took back meanwhile is placed again."],
});

/** A stop that should have stayed went with a countdown. */
export const stopWentAlert = (
  { account }: KernelConfig,
  instrument: InstrumentId,
  at: number,
): AlertIntent => ({
  type: "alert",
  key: `countdown-stop:${account}`,
  level: "critical",
  title: `${instrument}: a stop went with the exchange's countdown`,
  lines: [
    `At ${timeText(at)} a stop was cancelled at one moment with entries or take profits, and not by the desk: stops do not survive the countdown here.`,
    "The stop is placed again now; while it was gone nothing limited the loss. The countdown is disarmed and ended, also after a restart.",
    "Press /positions, then set risk.cancelAfterSeconds: 0 and risk.stopsSurviveCancelAfter: false. If somebody cancelled them by hand: start once with 0, then set them again.",
  ],
  instrument,
});
