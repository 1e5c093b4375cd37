/** How the bot behaves towards what is not said to it, as people have set it; read where a message is received. */

import type { Redis } from "ioredis";
import { z } from "zod";
import type { ConversationId } from "../core/conversation.ts";
import type { Customs } from "../core/inbox.ts";
import { readStored } from "../core/settings/effective.ts";
import { scopesOf } from "../core/settings/scopes.ts";
import type { ShardKeys } from "./keys.ts";

const layer = z.tuple([z.string().nullable(), z.string().nullable()]);

/** The narrowest scope counts; what this version cannot read counts as not set. One round trip. */
export async function readCustoms(
  redis: Redis,
  keys: ShardKeys,
  conversation: ConversationId,
): Promise<Customs> {
  const pipeline = redis.pipeline().exists(keys.part(conversation));
  for (const { id } of scopesOf(conversation)) pipeline.hmget(keys.settings(id), "groups", "threads");
  const replies = ((await pipeline.exec()) ?? []).map(([error, reply]) => {
    if (error) throw error;
    return reply;
  });
  const [part, ...layers] = z.tuple([z.number()]).rest(layer).parse(replies);
  const groups = readStored("groups", layers.findLast(([json]) => json !== null)?.[0] ?? "");
  const threads = readStored("threads", layers.findLast(([, json]) => json !== null)?.[1] ?? "");
  return {
    takesPart: part === 1,
    ...(groups === undefined ? {} : { groups }),
    ...(threads === undefined ? {} : { threads }),
  };
}
