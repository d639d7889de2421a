import { Client, Events, GatewayIntentBits, type Interaction } from "discord.js";
import type { Clock } from "../../desk/ports.ts";
import { type ChatLog, faultText } from "../log.ts";
import { shieldPackets } from "./shield.ts";

/** How a session behaves; times in milliseconds. */
export interface SessionOptions {
  readonly token: string;
  readonly apiBase: string | undefined;
  readonly guild: string;
  readonly clock: Clock;
  readonly log: ChatLog;
  readonly redact: (text: string) => string;
  readonly callMs: number;
  readonly requestsPerSecond: number;
  /** Without a connection for so long, the client is built anew. */
  readonly staleMs: number;
  readonly backoffMsMin: number;
  readonly backoffMsMax: number;
  /** Called each time the bot is ready, with its application id. */
  readonly onReady: (application: string) => void;
  /** Called for each interaction; must return at once and not throw. */
  readonly onInteraction: (interaction: Interaction) => void;
}

/** Keeps a gateway connection to Discord, and a new one when that is lost for good. Never throws. */
export class Session {
  readonly #options: SessionOptions;
  #client: Client | undefined;
  #isStopped = true;
  #isConnected = false;
  #lastError: string | undefined;
  #backoffMs = 0;
  #cancelTimer: () => void = () => undefined;

  constructor(options: SessionOptions) {
    this.#options = options;
  }

  /** True while the gateway is ready. */
  get isConnected(): boolean {
    return this.#isConnected;
  }

  /** What went wrong last, without secrets; undefined while all is well. */
  get lastError(): string | undefined {
    return this.#lastError;
  }

  /** Begins; returns at once. */
  start(): void {
    this.#isStopped = false;
    this.#connect();
  }

  /** Ends the connection. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#isConnected = false;
    this.#cancelTimer();
    const client = this.#client;
    this.#client = undefined;
    if (client !== undefined) await this.#destroy(client);
  }

  #connect(): void {
    const { apiBase, callMs, staleMs, requestsPerSecond } = this.#options;
    const client = new Client({
      intents: [GatewayIntentBits.Guilds],
      allowedMentions: { parse: [], repliedUser: false },
      rest: {
        timeout: callMs,
        globalRequestsPerSecond: requestsPerSecond,
        ...(apiBase === undefined ? {} : { api: apiBase }),
      },
    });
    this.#client = client;
    this.#listen(client);
    this.#watch(client, staleMs);
    client.login(this.#options.token).catch((fault: unknown) => this.#lost(client, fault));
  }

  #listen(client: Client): void {
    const { log, redact, onReady, onInteraction, guild: ours } = this.#options;
    const leave = (guild: { readonly id: string; leave(): Promise<unknown> }): void => {
      if (guild.id === ours) return;
      log("warn", `the bot leaves the Discord guild ${guild.id}: it is not configured`);
      guild.leave().catch((fault: unknown) => log("warn", `leaving failed: ${redact(faultText(fault))}`));
    };
    shieldPackets(client, (fault) => log("warn", `Discord: ${redact(faultText(fault))}`));
    client.on(Events.ClientReady, (ready) => {
      this.#up(client);
      for (const guild of ready.guilds.cache.values()) leave(guild);
      onReady(ready.application.id);
    });
    client.on(Events.GuildCreate, leave);
    client.on(Events.ShardResume, () => this.#up(client));
    client.on(Events.ShardReady, () => this.#up(client));
    client.on(Events.ShardReconnecting, () => this.#down(client, "the connection was lost; reconnecting"));
    client.on(Events.ShardDisconnect, ({ code }) =>
      this.#lost(client, new Error(`Discord closed with ${code}`)),
    );
    client.on(Events.Invalidated, () => this.#lost(client, new Error("Discord ended the session")));
    client.on(Events.ShardError, (fault) => this.#down(client, redact(faultText(fault))));
    client.on(Events.Error, (fault) => log("warn", `Discord: ${redact(faultText(fault))}`));
    client.on(Events.InteractionCreate, (interaction) => {
      if (client === this.#client) onInteraction(interaction);
    });
  }

  #up(client: Client): void {
    if (client !== this.#client) return;
    if (this.#lastError !== undefined) this.#options.log("info", "Discord is connected again");
    this.#cancelTimer();
    this.#isConnected = true;
    this.#lastError = undefined;
    this.#backoffMs = 0;
  }

  /** Not connected, but the client is trying; if that takes too long, it is given up. */
  #down(client: Client, reason: string): void {
    if (client !== this.#client) return;
    const wasConnected = this.#isConnected;
    this.#isConnected = false;
    this.#note(`Discord is not reached: ${reason}.`);
    if (wasConnected) this.#watch(client, this.#options.staleMs);
  }

  #watch(client: Client, ms: number): void {
    this.#cancelTimer();
    this.#cancelTimer = this.#options.clock.after(ms, () =>
      this.#lost(client, new Error("no connection in time")),
    );
  }

  /** This client is of no use any more: a new one follows after a pause. */
  #lost(client: Client, fault: unknown): void {
    if (client !== this.#client) return;
    const { redact, clock, backoffMsMin, backoffMsMax } = this.#options;
    this.#client = undefined;
    this.#isConnected = false;
    this.#cancelTimer();
    void this.#destroy(client);
    if (this.#isStopped) return;
    this.#note(sentenceOf(redact(faultText(fault))));
    this.#backoffMs = Math.min(backoffMsMax, Math.max(backoffMsMin, this.#backoffMs * 2));
    this.#cancelTimer = clock.after(this.#backoffMs, () => {
      if (!this.#isStopped) this.#connect();
    });
  }

  #note(text: string): void {
    if (this.#lastError !== text) this.#options.log("warn", `${text} Trading goes on; trying again.`);
    this.#lastError = text;
  }

  async #destroy(client: Client): Promise<void> {
    try {
      await client.destroy();
    } catch (fault) {
      this.#options.log("info", `closing Discord: ${this.#options.redact(faultText(fault))}`);
    }
  }
}

function sentenceOf(reason: string): string {
  if (/TokenInvalid|invalid token|4004|\b401\b/i.test(reason)) {
    return "Discord refuses the token: put the one from the developer portal into the settings.";
  }
  return `Discord is not reached: ${reason}.`;
}
