import type { AnyCommand } from "../src/chat/command.ts";
import { ack } from "./ack.ts";
import { addMargin } from "./add-margin.ts";
import { adopt } from "./adopt.ts";
import { alerts } from "./alerts.ts";
import { allow } from "./allow.ts";
import { approve } from "./approve.ts";
import { audit } from "./audit.ts";
import { balance } from "./balance.ts";
import { block } from "./block.ts";
import { cancel } from "./cancel.ts";
import { cancelAll } from "./cancel-all.ts";
import { chart } from "./chart.ts";
import { close } from "./close.ts";
import { closeLosers } from "./close-losers.ts";
import { closeWinners } from "./close-winners.ts";
import { configShow } from "./config-show.ts";
import { count } from "./count.ts";
import { daily } from "./daily.ts";
import { deadman } from "./deadman.ts";
import { deadmanArm } from "./deadman-arm.ts";
import { deadmanDisarm } from "./deadman-disarm.ts";
import { entries } from "./entries.ts";
import { equity } from "./equity.ts";
import { exits } from "./exits.ts";
import { exposure } from "./exposure.ts";
import { flatten } from "./flatten.ts";
import { funding } from "./funding.ts";
import { grant } from "./grant.ts";
import { grid } from "./grid.ts";
import { gridSetup } from "./grid-setup.ts";
import { gridSetupSave } from "./grid-setup-save.ts";
import { gridStart } from "./grid-start.ts";
import { gridStop } from "./grid-stop.ts";
import { health } from "./health.ts";
import { hedge } from "./hedge.ts";
import { help } from "./help.ts";
import { jobs } from "./jobs.ts";
import { link } from "./link.ts";
import { lock } from "./lock.ts";
import { logs } from "./logs.ts";
import { margin } from "./margin.ts";
import { mismatch } from "./mismatch.ts";
import { monthly } from "./monthly.ts";
import { notify } from "./notify.ts";
import { orders } from "./orders.ts";
import { panic } from "./panic.ts";
import { pause } from "./pause.ts";
import { pausePrice } from "./pause-price.ts";
import { performance } from "./performance.ts";
import { ping } from "./ping.ts";
import { positions } from "./positions.ts";
import { profit } from "./profit.ts";
import { proposals } from "./proposals.ts";
import { reconcile } from "./reconcile.ts";
import { recover } from "./recover.ts";
import { reject } from "./reject.ts";
import { resume } from "./resume.ts";
import { revoke } from "./revoke.ts";
import { risk } from "./risk.ts";
import { riskReset } from "./risk-reset.ts";
import { setLimit } from "./set-limit.ts";
import { snooze } from "./snooze.ts";
import { startEngines } from "./start-engines.ts";
import { stats } from "./stats.ts";
import { status } from "./status.ts";
import { stop } from "./stop.ts";
import { stopPrice } from "./stop-price.ts";
import { stuck } from "./stuck.ts";
import { trade } from "./trade.ts";
import { trades } from "./trades.ts";
import { unlock } from "./unlock.ts";
import { users } from "./users.ts";
import { version } from "./version.ts";
import { weekly } from "./weekly.ts";
import { whoami } from "./whoami.ts";

/** Every command, in the order in which people meet them. */
export const commands: readonly AnyCommand[] = [
  status,
  positions,
  orders,
  balance,
  margin,
  count,
  trades,
  trade,
  funding,
  profit,
  daily,
  weekly,
  monthly,
  performance,
  stats,
  entries,
  exits,
  equity,
  exposure,
  chart,
  grid,
  stuck,
  close,
  closeLosers,
  closeWinners,
  cancel,
  cancelAll,
  recover,
  hedge,
  addMargin,
  proposals,
  approve,
  reject,
  pause,
  resume,
  panic,
  flatten,
  stop,
  startEngines,
  lock,
  unlock,
  block,
  allow,
  gridStop,
  gridStart,
  gridSetup,
  gridSetupSave,
  stopPrice,
  pausePrice,
  risk,
  riskReset,
  setLimit,
  deadman,
  deadmanArm,
  deadmanDisarm,
  mismatch,
  reconcile,
  adopt,
  alerts,
  ack,
  snooze,
  notify,
  users,
  grant,
  revoke,
  whoami,
  link,
  audit,
  health,
  jobs,
  logs,
  configShow,
  help,
  ping,
  version,
];
