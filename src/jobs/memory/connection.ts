import { EventEmitter } from "node:events";
import {
  ConnectionClosedError,
  type KeyPrefixOptions,
  type KeysMap,
  type QueueBaseOptions,
  QueueKeys,
  type StreamReadRaw,
} from "bullmq";
import type { WorkerSettings } from "./activation.ts";
import type { QueueState } from "./queue-state.ts";
import type { Signal } from "./signal.ts";
import type { Attached, MemoryStore } from "./store.ts";

/** What a backend is opened for, as BullMQ tells its factory. */
export interface BackendRole {
  /** Listens to events. */
  readonly blocking?: boolean;
  /** Works on jobs. */
  readonly withBlockingConnection?: boolean;
}

/** Under these options, the settings that a worker passes too. */
export type BackendOptions = QueueBaseOptions<unknown> & KeyPrefixOptions & WorkerSettings;

const DEFAULT_PREFIX = "bull";
/** The longest time (ms) that a timer of Node can hold. */
const TIMER_MS_MAX = 2_147_483_647;

/** One object's tie to the store: who it is, waiting for work or events, and closing. Nothing goes over a wire. */
export class MemoryConnection extends EventEmitter {
  readonly minimumBlockTimeout = 0.001;
  readonly maximumBlockTimeout = 3_600;
  readonly keys: KeysMap;
  readonly qualifiedName: string;
  closing: Promise<void> | undefined;
  protected readonly store: MemoryStore;
  protected readonly name: string;
  protected readonly options: BackendOptions;
  readonly #state: QueueState;
  readonly #keys: QueueKeys;
  /** The backend whose closing closes this one too: itself, or the one that it was made from. */
  readonly #root: MemoryConnection;
  /** Ends each wait that is under way. */
  readonly #cuts = new Set<() => void>();
  readonly #from: string;
  #attached: Attached | undefined;
  #isClosed = false;
  #isCut = false;

  constructor(
    store: MemoryStore,
    name: string,
    options: BackendOptions,
    role: BackendRole = {},
    root?: MemoryConnection,
  ) {
    super();
    this.setMaxListeners(0);
    this.store = store;
    this.name = name;
    this.options = options;
    this.#root = root ?? this;
    this.#keys = new QueueKeys(options.prefix ?? DEFAULT_PREFIX);
    this.keys = this.#keys.getKeys(name);
    this.qualifiedName = this.#keys.getQueueQualifiedName(name);
    this.#state = store.queue(this.qualifiedName);
    // A listener hears all that happens from now on, also before its first read.
    this.#from = this.#state.events.position;
    if (role.withBlockingConnection) {
      this.#attached = store.attach(this.clientName(options.name === undefined ? "" : `:w:${options.name}`));
    }
    if (root === undefined) queueMicrotask(() => this.emit("ready"));
  }

  /** The queue's state; refused once this backend is closed, as a closed socket refuses. */
  protected get queue(): QueueState {
    if (this.#root.#isClosed) throw new ConnectionClosedError();
    return this.#state;
  }

  async waitUntilReady(): Promise<void> {
    if (this.#root.#isClosed) throw new ConnectionClosedError();
  }

  close(): Promise<void> {
    if (this.#root !== this) return Promise.resolve();
    this.closing ??= this.disconnect();
    return this.closing;
  }

  async disconnect(): Promise<void> {
    if (this.#root !== this || this.#isClosed) return;
    this.#isClosed = true;
    if (this.#attached !== undefined) this.store.attached.delete(this.#attached);
    for (const cut of [...this.#cuts]) cut();
    this.emit("close");
  }

  async setName(name: string): Promise<void> {
    if (this.#attached === undefined) this.#attached = this.store.attach(name);
    else this.#attached.name = name;
  }

  /** One line for each worker and listener in this process, in the form of Redis' CLIENT LIST. */
  async getClientList(): Promise<string[]> {
    return [[...this.store.attached].map(({ id, name }) => `id=${id} name=${name}`).join("\n")];
  }

  toKey(type: string): string {
    return this.#keys.toKey(this.name, type);
  }

  parseNodeKey(key: string): { prefix: string; queueName: string; id: string } {
    const found = this.store.jobAt(key);
    const queueKey = found?.queue.key ?? key.slice(0, key.lastIndexOf(":"));
    const colon = queueKey.lastIndexOf(":");
    return {
      prefix: queueKey.slice(0, Math.max(0, colon)),
      queueName: queueKey.slice(colon + 1),
      id: key.slice(queueKey.length + 1),
    };
  }

  clientName(suffix = ""): string {
    return `${this.#keys.prefix}:${Buffer.from(this.name).toString("base64")}${suffix}`;
  }

  /** Waits up to `blockTimeout` s for a job that can be taken now; null once the next delayed one is due or time is up. */
  async waitForJob(blockTimeout: number): Promise<{ member: string; score: number } | null> {
    const queue = this.queue;
    if (this.#isCut) throw new ConnectionClosedError();
    const end = Date.now() + blockTimeout * 1_000;
    const until = () => Math.min(end, queue.nextDue() ?? end);
    return this.#wait(queue.work, until, () => (queue.hasWork() ? { member: "0", score: 0 } : undefined));
  }

  /** Waits up to `blockTimeout` ms (0 = for ever) for events newer than `id`; "$" means since this backend was made. */
  async readEvents(id: string, blockTimeout: number): Promise<StreamReadRaw> {
    const { events } = this.queue;
    const from = id === "$" ? this.#from : id;
    const end = blockTimeout > 0 ? Date.now() + blockTimeout : Number.POSITIVE_INFINITY;
    return this.#wait(
      events.written,
      () => end,
      (): StreamReadRaw => {
        const entries = events.after(from);
        return entries.length > 0 ? [[this.toKey("events"), entries]] : undefined;
      },
    );
  }

  async disconnectBlocking(): Promise<void> {
    this.#isCut = true;
    for (const cut of [...this.#cuts]) cut();
  }

  async reconnectBlocking(): Promise<void> {
    this.#isCut = false;
  }

  #wait<T>(signal: Signal, until: () => number, look: () => T | undefined): Promise<T | null> {
    return new Promise((resolve, reject) => {
      let timer: NodeJS.Timeout | undefined;
      const check = () => {
        const found = look();
        const left = until() - Date.now();
        if (found !== undefined) end(() => resolve(found));
        else if (left <= 0) end(() => resolve(null));
        else {
          clearTimeout(timer);
          timer = setTimeout(check, Math.min(left, TIMER_MS_MAX));
        }
      };
      const unlisten = signal.listen(check);
      const cut = () => end(() => reject(new ConnectionClosedError()));
      const end = (settle: () => void) => {
        clearTimeout(timer);
        unlisten();
        this.#cuts.delete(cut);
        settle();
      };
      this.#cuts.add(cut);
      check();
    });
  }
}
