// A desk in a process of its own, as `perpdesk start` runs it, with the hand that kills it around a claim:
// node --import tsx test/e2e/taps-bot.ts FOLDER PORT raised|shipped. FOLDER holds desk.yaml, and "die" with the moment.
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { systemClock } from "../../src/cli/system-clock.ts";
import { startDesk } from "../../src/main.ts";
import { createLog } from "../../src/observe/log.ts";
import { createRedactor } from "../../src/observe/redactor.ts";
import { StoredProposals } from "../../src/store/proposals.ts";
import { RAISED, readSettings, until, WORLD_MARKERS } from "./world.ts";

const [folder = "", port = "", limits = ""] = process.argv.slice(2);
const order = join(folder, "die");

/** kill -9 of this process, if it was ordered for this moment. */
function dieIf(moment: "beforeClaim" | "afterClaim"): void {
  if (!existsSync(order) || readFileSync(order, "utf8") !== moment) return;
  rmSync(order);
  process.kill(process.pid, "SIGKILL");
}

const { claim } = StoredProposals.prototype;
StoredProposals.prototype.claim = async function (...call) {
  dieIf("beforeClaim");
  const isWon = await claim.apply(this, call);
  if (isWon) dieIf("afterClaim");
  return isWon;
};

const isFirst = !existsSync(join(folder, "data"));
const { settings, secrets } = readSettings(folder);
const redactor = createRedactor(secrets);
const log = createLog({ file: settings.log.file, level: "info", redactor, screen: null });
const running = await startDesk({
  settings,
  version: "0.1.0",
  log,
  redactor,
  clock: systemClock,
  venue: { host: "127.0.0.1", port: Number(port) },
  keys: { apiKey: WORLD_MARKERS.PERPDESK_VENUE_KEY, secret: WORLD_MARKERS.PERPDESK_VENUE_SECRET },
  ...(limits === "raised" ? { chatTuning: RAISED } : {}),
  terminal: { input: new PassThrough(), output: new PassThrough().resume() },
});
const { state } = running.desk.kernel;
await until(() => state.isBooted, "the account was read", 60_000);
// The first life sets the account as the settings want it, which would be a reason to quote anew.
if (isFirst) await until(() => state.blocks().length === 0, "entries are allowed", 60_000);
// Whoever hears "ready" may end it at once: it must be able to hear that.
const isOver = new Promise<void>((resolve) => process.once("SIGTERM", () => resolve()));
process.stdout.write("ready\n");
await isOver;
const isClean = await running.stop();
log.close();
process.exit(isClean ? 0 : 1);
