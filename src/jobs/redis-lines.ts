import { type BackendFactory, type ConnectionOptions, createRedisBackend, type IQueueBackend } from "bullmq";
import { Redis, type RedisOptions } from "ioredis";

type LineOptions = Omit<RedisOptions, "replyMapping">;

const RETRY_STEP_MS = 200;
const RETRY_MS_MAX = 2_000;
const CONNECT_MS = 5_000;
/** How long a closing socket may hold the process; ioredis takes 2 s. */
const DISCONNECT_MS = 500;

/** Connections that wait as long as it takes: BullMQ asks this of workers and listeners. */
const PATIENT: LineOptions = { maxRetriesPerRequest: null };
/** Connections that refuse at once while Redis is away, so that a person hears "the queue is down" instead of nothing. */
const PROMPT: LineOptions = { maxRetriesPerRequest: 1, enableOfflineQueue: false };

/**
 * Every connection to Redis that BullMQ uses in this process. We make and keep them ourselves because BullMQ's own
 * closing waits for ever while Redis is away, and a connection that nobody can reach tries again for ever.
 */
export class RedisLines {
  /** For Queue and FlowProducer. */
  readonly producer: BackendFactory<IQueueBackend, ConnectionOptions>;
  /** For Worker and QueueEvents. */
  readonly consumer: BackendFactory<IQueueBackend, ConnectionOptions>;
  readonly #url: string;
  readonly #clients = new Set<Redis>();

  constructor(url: string) {
    this.#url = url;
    this.producer = (name, options, role) =>
      createRedisBackend(name, { ...options, connection: this.#open(PROMPT) }, role);
    // "blocking" would make BullMQ copy a connection that nobody else uses anyway.
    this.consumer = (name, options, role) =>
      createRedisBackend(name, { ...options, connection: this.#open(PATIENT) }, { ...role, blocking: false });
  }

  /** Whether every connection is up. */
  get areUp(): boolean {
    return [...this.#clients].every((client) => client.status === "ready" || client.status === "end");
  }

  /** Ends every connection now, whatever is under way on it. */
  cut(): void {
    for (const client of this.#clients) client.disconnect();
  }

  #open(options: LineOptions): Redis {
    return new KeptRedis(
      this.#url,
      {
        ...options,
        connectTimeout: CONNECT_MS,
        disconnectTimeout: DISCONNECT_MS,
        retryStrategy: (times) => Math.min(times * RETRY_STEP_MS, RETRY_MS_MAX),
      },
      (client) => this.#keep(client),
    );
  }

  #keep(client: Redis): void {
    this.#clients.add(client);
    // BullMQ reports the errors; without a listener of its own ioredis prints those that come after closing.
    client.on("error", () => undefined);
  }
}

/** A connection whose copies (a worker makes one to wait for jobs on) are known too. */
class KeptRedis extends Redis {
  readonly #keep: (client: Redis) => void;

  constructor(url: string, options: LineOptions, keep: (client: Redis) => void) {
    super(url, options);
    this.#keep = keep;
    keep(this);
  }

  override duplicate(options?: Partial<RedisOptions>): Redis {
    const copy = super.duplicate(options);
    this.#keep(copy);
    return copy;
  }
}
