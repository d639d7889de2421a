import { Redis } from "ioredis";

/** Where REDIS_URL points, without its password. */
export type RedisAddress =
  | { readonly ok: true; readonly host: string; readonly port: number; readonly isEncrypted: boolean }
  | { readonly ok: false; readonly sentence: string };

/** Whether a queue backend answers; the sentence tells a person what is wrong and what to do. */
export type QueueProbe =
  | { readonly ok: true }
  | {
      readonly ok: false;
      readonly reason: "badUrl" | "unreachable" | "loginRefused";
      readonly sentence: string;
    };

const DEFAULT_PORT = 6_379;
const PROBE_MS = 2_000;
const LOGIN_ERRORS = ["WRONGPASS", "NOAUTH", "NOPERM", "ERR AUTH"];

/** Reads REDIS_URL (`redis://` or `rediss://`). The sentence of a refusal doesn't repeat the text, which may hold a password. */
export function redisAddress(url: string): RedisAddress {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  const isRedis = parsed?.protocol === "redis:" || parsed?.protocol === "rediss:";
  if (parsed === undefined || !isRedis || parsed.hostname === "") {
    return {
      ok: false,
      sentence: "REDIS_URL is not an address of Redis; write it like redis://:password@127.0.0.1:6379.",
    };
  }
  const port = parsed.port === "" ? DEFAULT_PORT : Number(parsed.port);
  return { ok: true, host: parsed.hostname, port, isEncrypted: parsed.protocol === "rediss:" };
}

/** Connects to Redis once, for 2 s at most, and says what came of it. Never rejects. */
export async function probeRedis(url: string): Promise<QueueProbe> {
  const address = redisAddress(url);
  if (!address.ok) return { ok: false, reason: "badUrl", sentence: address.sentence };
  const client = new Redis(url, {
    lazyConnect: true,
    connectTimeout: PROBE_MS,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  });
  // What went wrong is said by the event; the rejected call only says that the connection is closed.
  let told: string | undefined;
  client.on("error", (error: Error) => {
    told ??= error.message;
  });
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${PROBE_MS / 1_000} s`)), PROBE_MS);
  });
  try {
    const answered = client.connect().then(() => client.ping());
    await Promise.race([answered, late]);
    return { ok: true };
  } catch (error) {
    return failure(`${address.host}:${address.port}`, told ?? (error as Error).message);
  } finally {
    clearTimeout(timer);
    client.disconnect();
  }
}

function failure(where: string, cause: string): QueueProbe {
  if (LOGIN_ERRORS.some((code) => cause.includes(code))) {
    return {
      ok: false,
      reason: "loginRefused",
      sentence: `REDIS_URL: the Redis at ${where} refuses the login; put its user and password into REDIS_URL.`,
    };
  }
  return {
    ok: false,
    reason: "unreachable",
    sentence:
      `REDIS_URL: no Redis answers at ${where} (${cause}); ` +
      "start Redis there, correct REDIS_URL, or unset it to use the embedded queue.",
  };
}
