/** What commands change in a conversation, in Redis. */

import { randomInt } from "node:crypto";
import type { Queue } from "bullmq";
import type { Redis } from "ioredis";
import { z } from "zod";
import type { ConversationId, MessageId } from "../core/conversation.ts";
import {
  type ConversationStore,
  type Fate,
  fates,
  type Look,
  type LookRequest,
  type Retried,
  type RetryRequest,
  type Stopped,
  type StopRequest,
} from "../core/conversation-store.ts";
import { type ShardKeys, seenSeconds, stopSeconds } from "./keys.ts";
import { followMove } from "./move.ts";
import { runScript } from "./scripts.ts";
import { moveWakeUp, type WakeUp, wakeUp } from "./wake-up.ts";

/** How long an unused one-time code is valid, in seconds. */
const codeSeconds = 86_400;

/** So many wrong guesses void the one-time code. */
const wrongGuesses = 20;

interface StoreParts {
  readonly redis: Redis;
  readonly keys: ShardKeys;
  readonly turns: Queue<WakeUp>;
}

/** Makes the store that commands write to. */
export function createConversationStore(
  { redis, keys, turns }: StoreParts,
  historyDays: number,
): ConversationStore {
  return {
    stop: async (request) => {
      const { conversation, order } = request;
      return await stop(
        { redis, keys, turns },
        { ...request, ...(await followMove(redis, keys, conversation, order)) },
      );
    },
    retry: async (request) => {
      const { conversation } = await followMove(redis, keys, request.conversation, 0);
      return await retry({ redis, keys, turns }, { ...request, conversation });
    },
    look: (request) => look(redis, keys, request),
    startAfresh: async (given, givenOrder) => {
      const { conversation, order } = await followMove(redis, keys, given, givenOrder);
      await redis.set(keys.historyStart(conversation), order, "EX", historyDays * 86_400);
    },
    claimOwnership: async (code, person, command) => {
      const rest = [code, person, wrongGuesses, command];
      return (await runScript(redis, "claim-ownership", [keys.ownerCode, keys.owners], rest)) === 1;
    },
  };
}

const stopReply = z.tuple([z.string(), z.number(), z.string()]);

async function stop(parts: StoreParts, request: StopRequest): Promise<Stopped> {
  const { redis, keys } = parts;
  const { conversation, command } = request;
  const threads = request.reach === "chat" ? await redis.smembers(keys.running(conversation)) : [];
  // Where it was carried out before, an answer that it has stopped may have ended since.
  const before = command === undefined ? [] : await redis.hkeys(keys.stopped(command));
  const everywhere = new Set([conversation, ...threads, ...before] as ConversationId[]);
  const all = await Promise.all([...everywhere].map((place) => stopIn(parts, request, place)));
  return {
    running: all.some(({ running }) => running),
    foreign: all.some(({ foreign }) => foreign),
    dropped: all.reduce((sum, { dropped }) => sum + dropped, 0),
  };
}

async function stopIn(
  { redis, keys, turns }: StoreParts,
  { author, everybodys, order, only, command }: StopRequest,
  place: ConversationId,
): Promise<Stopped> {
  const stopKeys = [keys.journal(place), keys.inbox(place), keys.messages(place), keys.stop(place)];
  if (command !== undefined) stopKeys.push(keys.stopped(command));
  const rest = [
    author,
    everybodys ? 1 : 0,
    order,
    stopSeconds,
    only ?? "",
    keys.seen("" as MessageId),
    place,
  ];
  const [running, dropped, foreign] = stopReply.parse(await runScript(redis, "stop-turn", stopKeys, rest));
  // The key is for a run that begins later; the channel reaches one that is under way.
  if (running !== "") await redis.publish(keys.stops, running);
  // One that waits outside its slot, for the model or the platform, ends now and not at its time.
  if (running !== "") await moveWakeUp(turns, place, 0);
  return { running: running !== "", dropped, foreign: foreign === "1" };
}

const retried = z.enum(["started", "running", "foreign", "nothing"]);

async function retry(
  { redis, keys, turns }: StoreParts,
  { id, conversation, author, everybodys }: RetryRequest,
): Promise<Retried> {
  const retryKeys = [
    keys.journal(conversation),
    keys.inbox(conversation),
    keys.messages(conversation),
    keys.pending,
    keys.history(conversation),
    keys.historyStart(conversation),
    keys.stop(conversation),
    keys.answered(conversation),
  ];
  const rest = [id, author, everybodys ? 1 : 0, conversation, keys.settle("" as MessageId), seenSeconds];
  const outcome = retried.parse(await runScript(redis, "retry-turn", retryKeys, rest));
  if (outcome === "started") await wakeUp(turns, conversation);
  return outcome;
}

const lookReply = z.tuple([z.string(), z.number(), z.number(), z.number(), z.string()]);

async function look(
  redis: Redis,
  keys: ShardKeys,
  { conversation: given, about, budgetTokens }: LookRequest,
): Promise<Look> {
  const { conversation } = await followMove(redis, keys, given, 0);
  const lookKeys = [
    keys.journal(conversation),
    keys.inbox(conversation),
    keys.history(conversation),
    keys.historyStart(conversation),
    keys.seen(about ?? ("" as MessageId)),
  ];
  const reply = await runScript(redis, "look-at-conversation", lookKeys, [about ?? "", budgetTokens]);
  const [author, waiting, historyTokens, place, seen] = lookReply.parse(reply);
  return {
    runningFor: author === "" ? undefined : author,
    waiting,
    historyTokens,
    about: about === undefined ? undefined : toFate(place, seen),
  };
}

function toFate(place: number, seen: string): Fate {
  if (place < 0) return { kind: "running" };
  if (place > 0) return { kind: "waiting", place };
  const ended = fates.find((fate) => seen === `=${fate}`);
  if (ended !== undefined) return { kind: "ended", fate: ended };
  if (seen === "") return { kind: "unknown" };
  return seen === "1" || seen.startsWith("=") ? { kind: "taken" } : { kind: "tooMuch" };
}

/**
 * The one-time code that makes its sender the owner: the same in all processes until it is used.
 * @returns undefined when there is an owner already
 */
export async function offerOwnership(redis: Redis, keys: ShardKeys): Promise<string | undefined> {
  if ((await redis.scard(keys.owners)) > 0) return undefined;
  const code = String(randomInt(10_000_000, 100_000_000));
  await redis.multi().hsetnx(keys.ownerCode, "code", code).expire(keys.ownerCode, codeSeconds).exec();
  return (await redis.hget(keys.ownerCode, "code")) ?? code;
}
