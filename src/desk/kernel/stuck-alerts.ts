import type { AlertIntent, AskRecoveryIntent, WithdrawRecoveryIntent } from "../../core/intent.ts";

/** A position is still stuck after two hours: what it is, and what people can type. */
export const stuckAlert = (ask: AskRecoveryIntent): AlertIntent => ({
  type: "alert",
  key: `stuck:${ask.engine}:${ask.rung}`,
  level: "high",
  title: `${ask.instrument}: a position is still stuck`,
  lines: [
    ...ask.lines,
    `To be out of ${ask.instrument} now: /close ${ask.instrument}. To wait: nothing. You are asked again in two hours.`,
  ],
  instrument: ask.instrument,
});

/** What people were asked about has got out. */
export const gotOutAlert = ({ engine, instrument, rung }: WithdrawRecoveryIntent): AlertIntent => ({
  type: "alert",
  key: `stuck:${engine}:${rung}`,
  level: "resolved",
  title: `${instrument}: the stuck position got out`,
  lines: [`Rung ${rung} of ${engine} holds nothing any more; there is nothing to decide.`],
  instrument,
});
