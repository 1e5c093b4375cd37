/** Who was turned away and waits to be let in, in Redis; the admins are told by errands. */

import type { Queue } from "bullmq";
import type { Redis } from "ioredis";
import { z } from "zod";
import type { RequestStore, WaitingRequest } from "../core/access-requests.ts";
import type { MessageId } from "../core/conversation.ts";
import type { IncomingMessage } from "../core/message.ts";
import type { Patience } from "../core/patience.ts";
import type { Refusal } from "../core/refusal.ts";
import { weightOf } from "./arrivals.ts";
import { createErrandOnce, type Errand } from "./errands.ts";
import { keptRequests, requestSeconds, type ShardKeys } from "./keys.ts";
import { runScript } from "./scripts.ts";

/** What the store needs. */
export interface RequestStoreOptions {
  /** A patient connection. */
  readonly redis: Redis;
  readonly keys: ShardKeys;
  readonly commands: Queue<Errand>;
  readonly patience: Pick<Patience, "conversationPerMinute">;
}

/** So many requests of a place's people are told to its admins one by one in an hour. */
const toldHourly = 10;

const daySeconds = 86_400;

/** Makes the store. */
export function createRequestStore(options: RequestStoreOptions): RequestStore {
  const { redis, keys } = options;
  return {
    turnAway: (refusal, message, counted) => turnAway(options, refusal, message, counted),
    waiting: async () => {
      const rows = Object.entries(await redis.hgetall(keys.requesters));
      const waiting = rows.flatMap(([entry, row]) => toWaiting(entry, row));
      const isFresh = ({ atMs }: WaitingRequest) => Date.now() - atMs < requestSeconds * 1_000;
      return waiting.filter(isFresh).toSorted((a, b) => b.atMs - a.atMs);
    },
  };
}

const turnedAway = z.tuple([z.number(), z.enum(["tell", "more", ""]), z.number()]);

async function turnAway(
  { redis, keys, commands, patience }: RequestStoreOptions,
  { key, request }: Refusal,
  message: MessageId,
  counted: IncomingMessage | undefined,
): Promise<boolean> {
  const { conversationPerMinute } = patience;
  const weight = counted && conversationPerMinute > 0 ? Number(weightOf(counted)) : 0;
  const rates = counted && weight > 0 ? [keys.rate(counted.conversation)] : [];
  const { platform = "", scope = "", entry = "", name = "" } = request ?? {};
  const place = [platform, scope].map(encodeURIComponent).join(":");
  const reply = await runScript(
    redis,
    "turn-away",
    [keys.today(key), keys.requests, keys.requesters, keys.requestsTold(place), ...rates],
    [
      ...[message, daySeconds, entry, platform, scope, name, requestSeconds, toldHourly, keptRequests],
      rates.length === 0 ? 0 : (weight * 60_000) / conversationPerMinute,
    ],
  );
  const [shows, how, leftMs] = turnedAway.parse(reply);
  // A process that dies before this is done has turned nobody away: its message asks again, and adds the same errands.
  if (request !== undefined && how === "tell") {
    await addOnce(commands, message, { v: 1, kind: "request", message, ...request, from: 0 }, 0);
  }
  if (request !== undefined && how === "more") {
    await addOnce(commands, message, { v: 1, kind: "requests", platform, scope, from: 0 }, leftMs);
  }
  return shows === 1;
}

async function addOnce(commands: Queue<Errand>, id: string, errand: Errand, delayMs: number): Promise<void> {
  const { data, opts } = createErrandOnce(commands, id, errand);
  await commands.add(errand.kind, data, delayMs > 0 ? { ...opts, delay: delayMs } : opts);
}

/** Nobody waits any more who was decided about. */
export async function endRequest(redis: Redis, keys: ShardKeys, entry: string): Promise<void> {
  await redis.multi().zrem(keys.requests, entry).hdel(keys.requesters, entry).exec();
}

const storedRequester = z.object({
  v: z.literal(1),
  platform: z.string(),
  scope: z.string(),
  name: z.string(),
  atMs: z.number(),
});

/** A request that another version has written in its own way hides no other one. */
function toWaiting(entry: string, row: string): readonly WaitingRequest[] {
  const { success, data } = storedRequester.safeParse(JSON.parse(row));
  if (!success) return [];
  const { v: _, ...rest } = data;
  return [{ entry, ...rest }];
}
