/** Deletes everything of a place from which the bot was removed: a while later, when its last turns have ended. */

import type { Queue } from "bullmq";
import type { Redis } from "ioredis";
import { z } from "zod";
import { causeOf, type Events } from "../core/events.ts";
import type { Place } from "../core/installations.ts";
import type { Timing } from "../core/timing.ts";
import type { Errand } from "./errands.ts";
import { parseField, toField } from "./installations.ts";
import { queues, type ShardKeys } from "./keys.ts";
import { runScript } from "./scripts.ts";

/** What forgetting needs. Any number of processes may do it at once. */
export interface ForgetterOptions {
  /** A patient connection. */
  readonly redis: Redis;
  readonly keys: ShardKeys;
  readonly commands: Queue<Errand>;
  readonly timing: Timing;
  readonly events: Events;
}

/** How many keys or jobs are looked at in one round trip. */
const step = 500;

/** Looks for places to forget every `sweepEveryMs` until disposed. */
export function startForgetter(options: ForgetterOptions): Disposable {
  let isBusy = false;
  const look = async () => {
    if (isBusy) return;
    isBusy = true;
    await forgetDue(options).catch((error: unknown) =>
      options.events.redisError({ connection: "forgetting", cause: causeOf(error) }),
    );
    isBusy = false;
  };
  const timer = setInterval(() => void look(), options.timing.sweepEveryMs);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

async function forgetDue({ redis, keys, timing, ...rest }: ForgetterOptions): Promise<void> {
  // Whoever dies meanwhile leaves the place to others: its time is only moved.
  const due = await runScript(redis, "sweep-pending", [keys.leaving], [timing.forgetAfterMs, 1]);
  for (const field of z.array(z.string()).parse(due)) {
    const place = parseField(field);
    const deleted = await forget({ redis, keys, timing, ...rest }, place);
    await redis.zrem(keys.leaving, field);
    rest.events.placeForgotten({ ...place, deleted });
  }
}

/** @returns how many keys and jobs were deleted */
async function forget(options: ForgetterOptions, place: Place): Promise<number> {
  const { redis, keys } = options;
  const isBack = (await redis.hexists(keys.installations, toField(place))) === 1;
  const deleted = await deleteKeys(options, place, isBack);
  if (isBack) return deleted;
  await deleteMembers(options, place);
  // BullMQ's record of what its jobs did, which nobody reads, names conversations.
  for (const queue of Object.values(queues)) await redis.xtrim(`${keys.prefix}:${queue}:events`, "MAXLEN", 0);
  return deleted + (await deleteJobs(options, place));
}

/** Installed again meanwhile: only what was said is deleted, for what waits now has been accepted since. */
async function deleteKeys({ redis, keys }: ForgetterOptions, place: Place, isBack: boolean): Promise<number> {
  const all = `${escapeGlob(keys.prefix)}:*:${escapeGlob(toField(place))}:*`;
  const said = [keys.history, keys.background, keys.answered].map((key) => key("" as never));
  const ofJobs = Object.values(queues).map((queue) => `${keys.prefix}:${queue}:`);
  let deleted = 0;
  let cursor = "0";
  do {
    const [next, found] = await redis.scan(cursor, "MATCH", all, "COUNT", step);
    const doomed = found.filter((key) =>
      isBack
        ? said.some((prefix) => key.startsWith(prefix))
        : !ofJobs.some((prefix) => key.startsWith(prefix)),
    );
    if (doomed.length > 0) deleted += await redis.unlink(doomed);
    cursor = next;
  } while (cursor !== "0");
  return deleted;
}

/** What stands as members in keys of the whole installation: who waits, owners, dead letters. */
async function deleteMembers({ redis, keys }: ForgetterOptions, place: Place): Promise<void> {
  const prefix = `${toField(place)}:`;
  const waiting = (await redis.zrange(keys.pending, 0, "-1")).filter((member) => member.startsWith(prefix));
  if (waiting.length > 0) await redis.zrem(keys.pending, waiting);
  const owner = `${place.platform}:${place.scope}/`;
  const owners = (await redis.smembers(keys.owners)).filter((member) => member.startsWith(owner));
  if (owners.length > 0) await redis.srem(keys.owners, owners);
  await deleteRights({ redis, keys }, owner);
  for (const letter of await redis.lrange(keys.dead, 0, -1)) {
    const { message } = z.object({ message: z.string() }).parse(JSON.parse(letter));
    if (message.startsWith(prefix)) await redis.lrem(keys.dead, 1, letter);
  }
}

/** Nobody of the place is an admin, allowed or waiting any more. A denial stays: it would not be asked for again. */
async function deleteRights(
  { redis, keys }: Pick<ForgetterOptions, "redis" | "keys">,
  person: string,
): Promise<void> {
  const ofPlace = (entries: readonly string[]) => entries.filter((entry) => entry.startsWith(person));
  const access = await redis.hgetall(keys.access);
  const allowed = ofPlace(Object.keys(access)).filter((entry) => access[entry] === '"allow"');
  const doomed: readonly [string, readonly string[]][] = [
    [keys.access, allowed],
    [keys.admins, ofPlace(await redis.hkeys(keys.admins))],
    [keys.requesters, ofPlace(await redis.hkeys(keys.requesters))],
  ];
  for (const [key, entries] of doomed) if (entries.length > 0) await redis.hdel(key, ...entries);
  const waiting = ofPlace(await redis.zrange(keys.requests, 0, "-1"));
  if (waiting.length > 0) await redis.zrem(keys.requests, ...waiting);
}

/** Commands and repairs, done or not; one that is being run now ends by itself. */
async function deleteJobs({ commands }: ForgetterOptions, place: Place): Promise<number> {
  const prefix = `${toField(place)}:`;
  let deleted = 0;
  for (const state of ["completed", "failed", "delayed", "waiting"] as const) {
    let start = 0;
    for (;;) {
      const jobs = await commands.getJobs([state], start, start + step - 1);
      const doomed = jobs.filter((job) => placeText(job.data).startsWith(prefix));
      // One that another process has taken meanwhile stays.
      const gone = await Promise.allSettled(doomed.map((job) => job.remove()));
      const removed = gone.filter(({ status }) => status === "fulfilled").length;
      deleted += removed;
      if (jobs.length < step) break;
      start += step - removed;
    }
  }
  return deleted;
}

const ofCommand = z.object({ conversation: z.string() });

/** The id in an errand that tells where it belongs. */
function placeText(errand: Errand): string {
  if (errand.kind === "settle" || errand.kind === "request") return errand.message;
  // It belongs to no place.
  if (errand.kind === "closed") return "";
  if (errand.kind === "requests") return `${toField(errand)}:`;
  if (errand.kind === "stop" || errand.kind === "opened") return errand.conversation;
  return ofCommand.safeParse(errand.command).data?.conversation ?? "";
}

function escapeGlob(text: string): string {
  return text.replaceAll(/[[\]*?\\^]/g, "\\$&");
}
