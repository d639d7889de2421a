import { clockTime, counted, dayTime, duration } from "../chat/format.ts";
import type { Reply } from "../chat/reply.ts";
import type { LifeSign } from "../observe/life-file.ts";
import type { Starting, Word } from "./vigil.ts";

const OTHER_DESK =
  "If a desk runs with other settings or another --mode, begin the watchdog with the same: it looks at this one alone.";

/** What a watchdog says, as a message. `desk` says which, for one that was never seen. */
export function wordReply(word: Word, desk: string, now: number): Reply {
  const footer = `The watchdog at ${clockTime(now)}`;
  if (word.type === "back") {
    const { sign, forMs, isNewProcess } = word;
    const what = isNewProcess ? "It was started again." : "It is the same process: it hung.";
    const over = sign.isOver ? ["Somebody has ended it since."] : ["/status shows how it is."];
    return {
      title: "The desk is back",
      tone: "good",
      lines: [`${sign.desk}: away for ${duration(forMs)}. ${what}`, ...over],
      footer,
    };
  }
  if (word.type === "ended") {
    const { desk: which, wallAt } = word.sign;
    return {
      title: "The desk does not run",
      tone: "plain",
      lines: [
        `${which}: somebody ended it at ${dayTime(wallAt)}, before this watchdog began. It is watched from its next start on.`,
        OTHER_DESK,
      ],
      footer,
    };
  }
  if (word.starting !== undefined) return { ...startingReply(word, word.starting), footer };
  const { last, forMs, isAgain } = word;
  return {
    title: `CRITICAL: ${isAgain ? "Still no" : "No"} sign of life of the desk`,
    tone: "danger",
    lines: [
      last === undefined
        ? `${desk}: none since the watchdog began, ${duration(forMs)} ago.`
        : `${last.desk}: the last one was at ${dayTime(last.wallAt)}. Its process has ended, hangs, or can't write to its disk.`,
      ...(last === undefined ? [OTHER_DESK] : []),
      ...heldLines(last),
      "Look at the machine and start the desk again. Nothing that is typed here is done meanwhile.",
    ],
    footer,
  };
}

/** A process that has read nothing of its account guards nothing, though it lives. */
function startingReply(
  { last, forMs, isAgain }: Extract<Word, { readonly type: "silent" }>,
  { sign, starts }: Starting,
): Reply {
  const times = starts === 1 ? "started" : `started ${starts} times`;
  const before = last === undefined ? [] : [`The one before it ${traded(last)} ${dayTime(last.wallAt)}.`];
  return {
    title: `CRITICAL: The desk ${isAgain ? "still " : ""}does not get through its start`,
    tone: "danger",
    lines: [
      `${sign.desk}: ${times}, and nothing read of its account in ${duration(forMs)}.`,
      ...before,
      ...heldLines(last),
      "Its log says why: it may fail, read a long history, or wait for somebody at its terminal. Nothing that is typed here is done meanwhile.",
    ],
  };
}

const traded = (last: LifeSign): string => (last.isOver ? "was ended by somebody at" : "ran until");

function heldLines(last: LifeSign | undefined): readonly string[] {
  if (last?.held === undefined) return ["What is held is not known here: look into the exchange's app."];
  const { rungs, entries, exits } = last.held;
  const held = `Then ${counted(rungs, "rung")} held, and ${counted(exits, "exit")} rested at the exchange, which go on protecting.`;
  return entries === 0
    ? [held]
    : [
        held,
        `${counted(entries, "entry order")} rested too: what fills of them has no stop until the desk runs. Cancel them in the exchange's app if it does not.`,
      ];
}
