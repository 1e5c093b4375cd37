/** What models have refused, shared by all processes: read when a process starts, told by pub/sub, never read per message. */

import type { Redis } from "ioredis";
import { z } from "zod";
import { RefusedMemory, type RefusedParameters, refusedForMs } from "../core/refused-parameters.ts";
import type { ShardKeys } from "./keys.ts";

/** What is shared of refusals. */
export interface RefusedParametersOptions {
  readonly redis: Redis;
  readonly keys: ShardKeys;
  /** Names the server: another one may take what this one refuses. */
  readonly endpoint: string;
  /** Ms since 1970. */
  readonly now?: () => number;
}

/** [endpoint, model, parameter] */
const field = z.tuple([z.string(), z.string(), z.string()]);
const news = z.object({ v: z.literal(1), field: z.string(), untilMs: z.number() });

/**
 * Opens the shared memory of refusals. What gets lost between processes costs one more refused call, so a Redis that is
 * away fails nobody. To be disposed of before the queue.
 */
export function openRefusedParameters({
  redis,
  keys,
  endpoint,
  now = Date.now,
}: RefusedParametersOptions): RefusedParameters & Disposable {
  const memory = new RefusedMemory(now);
  const learn = (json: string, untilMs: number) => {
    const [server, model, parameter] = field.parse(JSON.parse(json));
    if (server === endpoint && untilMs > now()) memory.add(model, parameter, untilMs);
  };
  const load = async () => {
    for (const [json, until] of Object.entries(await redis.hgetall(keys.refused))) learn(json, Number(until));
  };
  const subscriber = redis.duplicate({ socketTimeout: undefined });
  subscriber.on("error", () => undefined);
  subscriber.on("message", (_channel, message) => {
    const told = news.parse(JSON.parse(message));
    learn(told.field, told.untilMs);
  });
  subscriber.subscribe(keys.refusals).catch(() => undefined);
  // At every connection, for what was told while there was none.
  subscriber.on("ready", () => load().catch(() => undefined));
  return {
    of: (model) => memory.of(model),
    add: (model, parameter) => {
      const untilMs = now() + refusedForMs;
      memory.add(model, parameter, untilMs);
      const json = JSON.stringify([endpoint, model, parameter]);
      redis
        .multi()
        .hset(keys.refused, json, untilMs)
        .pexpire(keys.refused, refusedForMs)
        .publish(keys.refusals, JSON.stringify({ v: 1, field: json, untilMs }))
        .exec()
        .catch(() => undefined);
    },
    [Symbol.dispose]: () => subscriber.disconnect(),
  };
}
