/** Connections to Redis: how they reconnect, how long they wait, and when the process gives up. */

import { Redis, type RedisOptions } from "ioredis";
import type { Events } from "../core/events.ts";
import type { Timing } from "../core/timing.ts";
import { registerScripts } from "./scripts.ts";

/** Where Redis is: a `redis://`, `rediss://` URL or the path of a unix socket. */
export interface RedisAddress {
  readonly url: string;
}

type ConnectionOptions = Omit<RedisOptions, "replyMapping">;

function commonOptions(timing: Timing): ConnectionOptions {
  return {
    retryStrategy: (attempt) => Math.min(50 * attempt, timing.redisReconnectMs),
    connectTimeout: timing.redisSocketMs,
    enableReadyCheck: true,
  };
}

function open(address: RedisAddress, options: ConnectionOptions): Redis {
  const path = address.url.startsWith("unix:") ? address.url.slice("unix:".length) : address.url;
  return new Redis(path, options);
}

/**
 * The connection of a worker's turns and commands: they wait for Redis to come back; a socket that is silent for
 * `redisSocketMs` while something is asked is replaced.
 */
export function openPatientConnection(address: RedisAddress, timing: Timing, events: Events): Redis {
  const redis = open(address, {
    ...commonOptions(timing),
    maxRetriesPerRequest: null,
    socketTimeout: timing.redisSocketMs,
  });
  redis.on("error", (error) => events.redisError({ connection: "patient", cause: error.message }));
  registerScripts(redis);
  return redis;
}

/** The connection that BullMQ's workers fetch jobs by; they copy it for their blocking reads. */
export function openWorkerConnection(address: RedisAddress, timing: Timing, events: Events): Redis {
  const redis = open(address, {
    ...commonOptions(timing),
    maxRetriesPerRequest: null,
    socketTimeout: timing.redisBlockingSocketMs,
  });
  redis.on("error", (error) => events.redisError({ connection: "worker", cause: error.message }));
  return redis;
}

/** The connection of an ingress: a command fails within `redisCommandMs`, so that the platform is answered in time. */
export function openHastyConnection(address: RedisAddress, timing: Timing, events: Events): Redis {
  const redis = open(address, {
    ...commonOptions(timing),
    commandTimeout: timing.redisCommandMs,
    socketTimeout: timing.redisSocketMs,
    enableOfflineQueue: true,
    maxRetriesPerRequest: null,
    autoResendUnfulfilledCommands: false,
  });
  redis.on("error", (error) => events.redisError({ connection: "hasty", cause: error.message }));
  registerScripts(redis);
  return redis;
}

/**
 * Calls `gone` once when Redis has not answered for `timing.redisGoneMs`: a process that is cut off for good makes way.
 * @param signal ends the watch
 */
export function watchRedis(redis: Redis, timing: Timing, signal: AbortSignal, gone: () => void): void {
  const looks = 10;
  // Counted in looks, not by the clock: a process that was frozen has not looked.
  let unanswered = 0;
  let asking = false;
  const ask = async () => {
    asking = true;
    await redis.ping().then(
      () => {
        unanswered = 0;
      },
      () => undefined,
    );
    asking = false;
  };
  const timer = setInterval(() => {
    unanswered++;
    if (unanswered > looks) {
      clearInterval(timer);
      gone();
    } else if (!asking) {
      ask().catch(() => undefined);
    }
  }, timing.redisGoneMs / looks);
  timer.unref();
  signal.addEventListener("abort", () => clearInterval(timer), { once: true });
}
