import type { AnyCommand } from "../src/chat/command.ts";
import { adopt } from "./adopt.ts";
import { balance } from "./balance.ts";
import { close } from "./close.ts";
import { grid } from "./grid.ts";
import { gridStart } from "./grid-start.ts";
import { gridStop } from "./grid-stop.ts";
import { health } from "./health.ts";
import { help } from "./help.ts";
import { mismatch } from "./mismatch.ts";
import { orders } from "./orders.ts";
import { panic } from "./panic.ts";
import { pause } from "./pause.ts";
import { pausePrice } from "./pause-price.ts";
import { positions } from "./positions.ts";
import { reconcile } from "./reconcile.ts";
import { recover } from "./recover.ts";
import { resume } from "./resume.ts";
import { risk } from "./risk.ts";
import { riskReset } from "./risk-reset.ts";
import { status } from "./status.ts";
import { stopPrice } from "./stop-price.ts";
import { stuck } from "./stuck.ts";
import { version } from "./version.ts";

/** Every command, in the order in which people meet them. */
export const commands: readonly AnyCommand[] = [
  status,
  positions,
  orders,
  balance,
  grid,
  stuck,
  close,
  recover,
  pause,
  resume,
  panic,
  gridStop,
  gridStart,
  stopPrice,
  pausePrice,
  risk,
  riskReset,
  mismatch,
  reconcile,
  adopt,
  health,
  help,
  version,
];
