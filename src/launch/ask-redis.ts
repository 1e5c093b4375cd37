/** Questions to the configured Redis for the check: on a connection that tries once and is gone afterwards. */

import { Redis } from "ioredis";

/** How long connecting, and each command, may take, in ms. */
const timeoutMs = 5_000;

/**
 * Connects, asks and closes.
 * @param url as `REDIS_URL` is written
 * @throws what connecting or `ask` throws
 */
export async function askRedis<T>(url: string, ask: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = new Redis(url, {
    lazyConnect: true,
    retryStrategy: () => null,
    connectTimeout: timeoutMs,
    commandTimeout: timeoutMs,
  });
  // A connect that fails says only that the connection is closed; this says why.
  let why: Error | undefined;
  redis.on("error", (error) => {
    why = error;
  });
  try {
    await redis.connect().catch((cause: unknown) => {
      throw why ?? cause;
    });
    return await ask(redis);
  } finally {
    redis.disconnect();
  }
}
