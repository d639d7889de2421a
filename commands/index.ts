import type { AnyCommand } from "../src/chat/command.ts";
import { adopt } from "./adopt.ts";
import { balance } from "./balance.ts";
import { close } from "./close.ts";
import { health } from "./health.ts";
import { help } from "./help.ts";
import { mismatch } from "./mismatch.ts";
import { orders } from "./orders.ts";
import { panic } from "./panic.ts";
import { pause } from "./pause.ts";
import { positions } from "./positions.ts";
import { resume } from "./resume.ts";
import { risk } from "./risk.ts";
import { riskReset } from "./risk-reset.ts";
import { status } from "./status.ts";
import { version } from "./version.ts";

/** Every command, in the order in which people meet them. */
export const commands: readonly AnyCommand[] = [
  status,
  positions,
  orders,
  balance,
  close,
  pause,
  resume,
  panic,
  risk,
  riskReset,
  mismatch,
  adopt,
  health,
  help,
  version,
];
