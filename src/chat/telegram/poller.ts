import { Telegraf } from "telegraf";
import type { Update } from "telegraf/types";
import type { Clock } from "../../desk/ports.ts";
import { type ChatLog, faultText } from "../log.ts";
import { type BareCall, type Trouble, troubleOf } from "./api.ts";

/** How the poller behaves; times in milliseconds. */
export interface PollerOptions {
  readonly token: string;
  readonly apiRoot: string | undefined;
  readonly clock: Clock;
  readonly log: ChatLog;
  readonly redact: (text: string) => string;
  /** How long Telegram holds a poll open when there is nothing new, in whole seconds. */
  readonly pollSeconds: number;
  /** A poll unanswered for so long is given up and the bot is built anew. */
  readonly staleMs: number;
  readonly callMs: number;
  readonly backoffMsMin: number;
  readonly backoffMsMax: number;
  /** Called after every start of the bot, before updates arrive, with the bot's user name. */
  readonly onLaunch: (username: string) => void;
  /** Called once for each update; must return at once and not throw. */
  readonly onUpdate: (update: Update) => void;
}

const SEEN_MAX = 2_000;
const KINDS = ["message", "callback_query", "my_chat_member", "channel_post"] as const;

/**
 * Reads updates by long polling and never stops for good: a second instance, a bad token, an outage, a flood limit or
 * a connection that hangs each end in a new try. telegraf by itself ends for good on the first two, and notices the
 * last only after 500 s.
 */
export class Poller {
  readonly #options: PollerOptions;
  readonly #seen = new Set<number>();
  #stopping = new AbortController();
  #bot: Telegraf | undefined;
  #backoffMs = 0;
  #isConnected = false;
  #lastError: string | undefined;

  constructor(options: PollerOptions) {
    this.#options = options;
  }

  /** True while Telegram answers. */
  get isConnected(): boolean {
    return this.#isConnected;
  }

  /** What went wrong last, without secrets; undefined while all is well. */
  get lastError(): string | undefined {
    return this.#lastError;
  }

  /** Begins; returns at once. */
  start(): void {
    this.#stopping = new AbortController();
    void this.#supervise(this.#stopping.signal);
  }

  /** Ends. What was handled is confirmed to Telegram where that is possible at once. */
  stop(): void {
    this.#stopping.abort();
    this.#isConnected = false;
    try {
      this.#bot?.stop();
    } catch {
      // telegraf throws when it was not polling yet; there is nothing to stop then.
    }
  }

  async #supervise(stopping: AbortSignal): Promise<void> {
    while (!stopping.aborted) {
      const trouble = await this.#run(stopping);
      this.#isConnected = false;
      if (stopping.aborted) return;
      this.#note(trouble);
      await this.#pause(this.#nextBackoff(trouble), stopping);
    }
  }

  /** One life of a bot; gives why it ended. */
  async #run(stopping: AbortSignal): Promise<Trouble> {
    const bot = this.#build(stopping);
    this.#bot = bot;
    try {
      await bot.launch({ allowedUpdates: [...KINDS] }, () => {
        this.#answered();
        this.#options.onLaunch(bot.botInfo?.username ?? "");
      });
      return { type: "away", reason: "Telegram did not answer in time" };
    } catch (fault) {
      return troubleOf(fault, this.#options.redact);
    }
  }

  #build(stopping: AbortSignal): Telegraf {
    const { token, apiRoot, callMs, log, redact } = this.#options;
    const bot = new Telegraf(token, { telegram: apiRoot === undefined ? {} : { apiRoot } });
    // The whole of telegraf's routing is one step that hands the update on: a slow handler would stop all polling.
    bot.use((context) => this.#take(context.update as Update));
    bot.catch((fault) => log("error", `an update failed: ${redact(faultText(fault))}`));
    const bare = bot.telegram.callApi.bind(bot.telegram) as unknown as BareCall;
    const call: BareCall = (method, payload, options) =>
      method === "getUpdates"
        ? this.#poll(bare, payload, options.signal, stopping)
        : bare(method, payload, { signal: AbortSignal.timeout(callMs) });
    bot.telegram.callApi = ((method: string, payload: Record<string, unknown>, options = {}) =>
      call(method, payload, options as { readonly signal?: AbortSignal })) as typeof bot.telegram.callApi;
    return bot;
  }

  #take(update: Update): void {
    const { update_id: id } = update;
    // After a new start Telegram hands out again what was not confirmed.
    if (this.#seen.has(id)) return;
    this.#seen.add(id);
    if (this.#seen.size > SEEN_MAX) {
      const oldest = this.#seen.values().next().value;
      if (oldest !== undefined) this.#seen.delete(oldest);
    }
    this.#options.onUpdate(update);
  }

  /** One answered poll: outages and flood limits are waited out here, a silent connection ends the bot. */
  async #poll(
    bare: BareCall,
    payload: Record<string, unknown>,
    ended: AbortSignal | undefined,
    stopping: AbortSignal,
  ): Promise<unknown> {
    const { pollSeconds, staleMs, redact } = this.#options;
    if (!("timeout" in payload)) return await this.#confirm(bare, payload, stopping);
    for (;;) {
      if (stopping.aborted || ended?.aborted === true) throw aborted("the bot is stopping");
      const limit = deadline(this.#options.clock, staleMs, [ended, stopping]);
      try {
        const updates = await bare(
          "getUpdates",
          { ...payload, timeout: pollSeconds },
          { signal: limit.signal },
        );
        this.#answered();
        return updates;
      } catch (fault) {
        if (limit.signal.aborted) throw aborted("no poll was answered");
        const trouble = troubleOf(fault, redact);
        if (trouble.type === "conflict" || trouble.type === "token") throw fault;
        this.#note(trouble);
        await this.#pause(this.#nextBackoff(trouble), stopping);
      } finally {
        limit.clear();
      }
    }
  }

  /** telegraf's last call when it stops: tells Telegram what was handled. */
  async #confirm(bare: BareCall, payload: Record<string, unknown>, stopping: AbortSignal): Promise<unknown> {
    // A bot that was given up must not poll beside its successor: that would end both.
    if (!stopping.aborted || this.#lastError !== undefined) return [];
    return await bare("getUpdates", payload, { signal: AbortSignal.timeout(1_000) });
  }

  #answered(): void {
    if (this.#lastError !== undefined) this.#options.log("info", "Telegram answers again");
    this.#isConnected = !this.#stopping.signal.aborted;
    this.#lastError = undefined;
    this.#backoffMs = 0;
  }

  #note(trouble: Trouble): void {
    const text = SENTENCES[trouble.type] ?? `Telegram is not reached: ${trouble.reason}`;
    this.#isConnected = false;
    if (this.#lastError !== text) this.#options.log("warn", `${text} Trading goes on; trying again.`);
    this.#lastError = text;
  }

  #nextBackoff({ retryMs }: Trouble): number {
    const { backoffMsMin, backoffMsMax } = this.#options;
    this.#backoffMs = Math.min(backoffMsMax, Math.max(backoffMsMin, this.#backoffMs * 2));
    return retryMs === undefined ? this.#backoffMs : Math.max(retryMs, backoffMsMin);
  }

  #pause(ms: number, stopping: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#options.clock.after(ms, () => {
        stopping.removeEventListener("abort", end);
        resolve();
      });
      const end = (): void => {
        cancel();
        resolve();
      };
      stopping.addEventListener("abort", end, { once: true });
    });
  }
}

const SENTENCES: Readonly<Partial<Record<Trouble["type"], string>>> = {
  conflict: "Another program reads with the same Telegram token: stop it, or give it a token of its own.",
  token: "Telegram refuses the token: put the one that BotFather gave into the settings.",
  flood: "Telegram asks to wait: too much was sent.",
};

function aborted(reason: string): Error {
  const error = new Error(reason);
  // telegraf ends polling without a fuss on this name.
  error.name = "AbortError";
  return error;
}

/** A signal that fires after `ms` or with any of the others; telegraf's own signals are no native ones. */
function deadline(
  clock: Clock,
  ms: number,
  others: readonly (AbortSignal | undefined)[],
): { readonly signal: AbortSignal; readonly clear: () => void } {
  const controller = new AbortController();
  const fire = (): void => controller.abort();
  const cancel = clock.after(ms, fire);
  for (const other of others) other?.addEventListener("abort", fire);
  const clear = (): void => {
    cancel();
    for (const other of others) other?.removeEventListener("abort", fire);
  };
  return { signal: controller.signal, clear };
}
