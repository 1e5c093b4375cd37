/** What commands change in a conversation, in Redis. */

import { randomInt } from "node:crypto";
import type { Redis } from "ioredis";
import { z } from "zod";
import type { ConversationStore, Stopped, StopRequest } from "../core/conversation-store.ts";
import { type ShardKeys, stopSeconds } from "./keys.ts";
import { runScript } from "./scripts.ts";

/** How long an unused one-time code is valid, in seconds. */
const codeSeconds = 86_400;

/** Makes the store that commands write to. */
export function createConversationStore(
  redis: Redis,
  keys: ShardKeys,
  historyDays: number,
): ConversationStore {
  return {
    stop: (request) => stop(redis, keys, request),
    startAfresh: async (conversation, order) => {
      await redis.set(keys.historyStart(conversation), order, "EX", historyDays * 86_400);
    },
    claimOwnership: async (code, person) =>
      (await runScript(redis, "claim-ownership", [keys.ownerCode, keys.owners], [code, person])) === 1,
    isOwner: async (person) => (await redis.sismember(keys.owners, person)) === 1,
  };
}

const stopReply = z.tuple([z.string(), z.number(), z.string()]);

async function stop(redis: Redis, keys: ShardKeys, request: StopRequest): Promise<Stopped> {
  const { conversation, author, everybodys, order } = request;
  const stopKeys = [
    keys.journal(conversation),
    keys.inbox(conversation),
    keys.messages(conversation),
    keys.stop(conversation),
  ];
  const rest = [author, everybodys ? 1 : 0, order, stopSeconds];
  const [running, dropped, foreign] = stopReply.parse(await runScript(redis, "stop-turn", stopKeys, rest));
  // The key is for a run that begins later; the channel reaches one that is under way.
  if (running !== "") await redis.publish(keys.stops, running);
  return { running: running !== "", dropped, foreign: foreign === "1" };
}

/**
 * The one-time code that makes its sender the owner: the same in all processes until it is used.
 * @returns undefined when there is an owner already
 */
export async function offerOwnership(redis: Redis, keys: ShardKeys): Promise<string | undefined> {
  if ((await redis.scard(keys.owners)) > 0) return undefined;
  const code = String(randomInt(10_000_000, 100_000_000));
  await redis.set(keys.ownerCode, code, "EX", codeSeconds, "NX");
  return (await redis.get(keys.ownerCode)) ?? code;
}
