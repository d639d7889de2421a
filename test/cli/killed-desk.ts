// A desk that is killed in the moment in which the turn of a take profit is over. Its log is the argument.
import { TradeJournal } from "../../src/desk/trade-journal.ts";
import { GridMetrics } from "../../src/engines/grid/metrics.ts";
import { createLog } from "../../src/observe/log.ts";
import { createRedactor } from "../../src/observe/redactor.ts";
import { Rig } from "../support/rig.ts";

const log = createLog({ file: process.argv[2], level: "info", redactor: createRedactor([]), screen: null });
const rig = new Rig();
const journal = new TradeJournal(rig.config, new GridMetrics(), (fields) => log.trade(fields));
rig.watch = (effects) => {
  for (const effect of effects) {
    if (effect.type !== "logTrade" && effect.type !== "logEquity") continue;
    journal.write(effect.fields, rig.state.at);
    if (effect.type === "logTrade") process.kill(process.pid, "SIGKILL");
  }
};
rig.boot();
for (const role of ["entry", "takeProfit"]) {
  const [order] = rig.exchange.open(role);
  if (order !== undefined) rig.feed(...rig.exchange.fill(order));
}
