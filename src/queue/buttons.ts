/** What buttons mean that cannot carry it: core's port, in Redis. */

import type { Redis } from "ioredis";
import type { ButtonStore } from "../core/commands/button.ts";
import { buttonSeconds, type ShardKeys } from "./keys.ts";

/** Makes the store. @param redis a patient connection */
export function createButtonStore(redis: Redis, keys: ShardKeys): ButtonStore {
  return {
    keep: async (lines) => {
      if (lines.size === 0) return;
      const pipeline = redis.pipeline();
      for (const [token, line] of lines) pipeline.set(keys.button(token), line, "EX", buttonSeconds);
      for (const [error] of (await pipeline.exec()) ?? []) if (error) throw error;
    },
    want: async (prompt, line) => {
      await redis.set(keys.wanted(prompt), line, "EX", buttonSeconds);
    },
    find: async (token) => (await redis.get(keys.button(token))) ?? undefined,
  };
}
