import { Herald } from "../chat/herald.ts";
import type { Clock } from "../desk/ports.ts";
import { scopeOf } from "../desk/scope.ts";
import { readLifeSign } from "../observe/life-file.ts";
import { createLog, type Log } from "../observe/log.ts";
import { createRedactor } from "../observe/redactor.ts";
import type { Environment } from "../settings/environment.ts";
import type { Settings } from "../settings/settings.ts";
import { readArguments } from "./arguments.ts";
import { chatSettings } from "./chat-settings.ts";
import { whoIs } from "./desk-config.ts";
import { readSettings } from "./read-settings.ts";
import { lifeFile } from "./signs-of-life.ts";
import { StartError } from "./start-error.ts";
import { stopSignal } from "./stop-signal.ts";
import { systemClock } from "./system-clock.ts";
import { Vigil } from "./vigil.ts";
import { wordReply } from "./vigil-text.ts";

const LOOK_EVERY_MS = 1_000;
const DRAIN_MS = 2_000;

/** What a watchdog looks at, and what it speaks with. */
export interface Watched {
  readonly settings: Settings;
  readonly secrets: readonly string[];
  /** Whose signs of life, e.g. "live/binanceusdm/main/pd1". */
  readonly scope: string;
  readonly file: string;
}

/**
 * The desk that `start` would run with the same settings and mode, whose name its file bears. Rejects with a `StartError` where
 * there is no chat to speak up in.
 */
export async function watched(
  args: readonly string[],
  { env, cwd }: { readonly env: Environment; readonly cwd: string },
): Promise<Watched> {
  const { values } = readArguments(args, { config: { type: "string" }, mode: { type: "string" } }, 0);
  const { settings, secrets } = await readSettings({
    configFile: values.config,
    env,
    cwd,
    withoutKeys: true,
    overrides: { mode: values.mode },
  });
  const { chat, desk, exchange } = settings;
  if (chat.telegram === undefined && chat.discord === undefined)
    throw new StartError(
      "A watchdog needs a chat to speak up in: give it settings with chat.telegram or chat.discord, e.g. --config config/chat.yaml.",
    );
  const scope = scopeOf(whoIs(settings, exchange));
  return { settings, secrets, scope, file: lifeFile(desk.dataDir, scope) };
}

/** Speaks up on every platform when the desk beside it gives no sign of life, until it is told to stop. */
export async function watchdog(args: readonly string[]): Promise<number> {
  const { settings, secrets, scope, file } = await watched(args, { env: process.env, cwd: process.cwd() });
  const { health } = settings;
  const redactor = createRedactor(secrets);
  const log = createLog({ level: settings.log.level, redactor });
  const stopping = stopSignal({ log, redactor });
  const herald = new Herald(chatSettings(settings), systemClock, (level, text) => log[level](text));
  log.info(`the watchdog looks at ${file} and speaks up after ${health.watchdogMs / 1_000} s without a sign`);
  const stop = keepVigil({
    file,
    name: scope,
    limitMs: health.watchdogMs,
    clock: systemClock,
    herald,
    log,
  });
  const reason = await stopping.asked;
  stop();
  await Promise.race([herald.drained(), new Promise((resolve) => setTimeout(resolve, DRAIN_MS))]);
  herald.close();
  log.info(`the watchdog ends: ${reason}`);
  log.close();
  return reason.startsWith("fatal") ? 1 : 0;
}

/** What a vigil is kept with. */
export interface VigilParts {
  readonly file: string;
  /** Whose signs they are, for a desk that was never seen. */
  readonly name: string;
  readonly limitMs: number;
  readonly lookEveryMs?: number;
  readonly clock: Clock;
  readonly herald: Pick<Herald, "say">;
  readonly log: Pick<Log, "warn">;
}

/** Looks at the file again and again and says what there is to say; returns how to end it. */
export function keepVigil(parts: VigilParts): () => void {
  const { file, name, limitMs, lookEveryMs = LOOK_EVERY_MS, clock, herald, log } = parts;
  const vigil = new Vigil(limitMs);
  let isOver = false;
  let cancel = (): void => undefined;
  const look = async (): Promise<void> => {
    const word = vigil.look(await readLifeSign(file), clock.monotonic());
    if (isOver) return;
    if (word !== undefined) {
      const reply = wordReply(word, name, clock.now());
      log.warn(reply.title, { lines: reply.lines ?? [] });
      herald.say(reply, word.type !== "silent");
    }
    cancel = clock.after(lookEveryMs, () => void look());
  };
  void look();
  return () => {
    isOver = true;
    cancel();
  };
}
