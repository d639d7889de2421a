import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createConnection, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Whether a Redis server can be started on this machine. */
export function hasRedisServer(): boolean {
  return spawnSync("redis-server", ["--version"]).status === 0;
}

/** A Redis server on loopback that belongs to one test; what it was told survives being killed. */
export class OwnRedis {
  readonly port: number;
  readonly #dir: string;
  readonly #options: readonly string[];
  #process: ChildProcess | undefined;

  private constructor(port: number, dir: string, options: readonly string[]) {
    this.port = port;
    this.#dir = dir;
    this.#options = options;
  }

  static async started(options: readonly string[] = []): Promise<OwnRedis> {
    const redis = new OwnRedis(await freePort(), await mkdtemp(join(tmpdir(), "perpdesk-redis-")), options);
    await redis.start();
    return redis;
  }

  /** Where it keeps its files. */
  get folder(): string {
    return this.#dir;
  }

  async start(): Promise<void> {
    const settings = ["--port", String(this.port), "--bind", "127.0.0.1", "--dir", this.#dir, "--save", ""];
    const safety = ["--appendonly", "yes", "--appendfsync", "always", "--maxmemory-policy", "noeviction"];
    this.#process = spawn("redis-server", [...settings, ...safety, ...this.#options], { stdio: "ignore" });
    while (!(await answers(this.port))) {
      if (this.#process.exitCode !== null) throw new Error("redis-server ended at its start");
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  /** Ends it as a crash would. */
  async kill(): Promise<void> {
    const server = this.#process;
    if (server === undefined) return;
    this.#process = undefined;
    const ended = once(server, "exit");
    server.kill("SIGKILL");
    await ended;
  }

  async gone(): Promise<void> {
    await this.kill();
    await rm(this.#dir, { recursive: true, force: true });
  }
}

/** A port of loopback on which nobody listens. */
export async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection(port, "127.0.0.1");
    socket.on("connect", () => socket.write("PING\r\n"));
    socket.on("data", (reply) => {
      socket.destroy();
      // A server that is still reading its file says LOADING; one with a password says NOAUTH.
      resolve(!reply.toString().startsWith("-LOADING"));
    });
    socket.on("error", () => resolve(false));
  });
}
