/** Settings and the record of their changes, in Redis: core's port, one script per change. */

import type { Redis } from "ioredis";
import { z } from "zod";
import type { SettingsScope } from "../core/settings/scopes.ts";
import type { Changed, ChangeOrigin, ChangeRecord, SettingsStore } from "../core/settings/settings-store.ts";
import { toFields } from "./journal-fields.ts";
import { keptChanges, type ShardKeys, seenSeconds } from "./keys.ts";
import { runScript } from "./scripts.ts";

/** Makes the store of settings. @param redis a patient connection */
export function createSettingsStore(redis: Redis, keys: ShardKeys): SettingsStore {
  return {
    read: async (scopes) => {
      const pipeline = redis.pipeline();
      for (const { id } of scopes) pipeline.hgetall(keys.settings(id));
      const replies = (await pipeline.exec()) ?? [];
      return scopes.map((scope, index) => ({ scope, stored: toStored(replies[index]) }));
    },
    change: ({ scope, ...change }) => changeField(redis, keys, placeOf(keys, scope), change),
    undo: (scope, origin, except) => undoChange(redis, keys, placeOf(keys, scope), origin, except),
    records: (scope, count) => readRecords(redis, placeOf(keys, scope), count),
  };
}

/** Where values stand whose changes are recorded. */
export interface RecordedHash {
  /** The key of the hash. */
  readonly values: string;
  /** The key of the list of its changes. */
  readonly changes: string;
  /** What a record says of where it was. */
  readonly name: string;
}

function placeOf(keys: ShardKeys, { id }: SettingsScope): RecordedHash {
  return { values: keys.settings(id), changes: keys.changes(id), name: id };
}

function toStored(reply: readonly [Error | null, unknown] | undefined): ReadonlyMap<string, string> {
  if (reply === undefined) throw new Error("Redis did not answer for every scope of settings");
  if (reply[0]) throw reply[0];
  return toFields(z.union([z.array(z.string()), z.record(z.string(), z.string())]).parse(reply[1]));
}

const changeReply = z.tuple([z.enum(["changed", "same"]), z.string()]);

/** Sets or removes one field and records that, once per command. */
export async function changeField(
  redis: Redis,
  keys: ShardKeys,
  { values, changes }: RecordedHash,
  {
    name,
    value,
    origin,
  }: { readonly name: string; readonly value: string | undefined; readonly origin: ChangeOrigin },
): Promise<Changed> {
  const rest = [name, value ?? "", toRecord(origin), keptChanges, seenSeconds];
  const hashKeys = [values, changes, keys.changed(`${origin.id} ${name}`)];
  const [kind, from] = changeReply.parse(await runScript(redis, "change-setting", hashKeys, rest));
  return kind === "same" ? { kind } : { kind, from: from || undefined };
}

/** Takes the newest change back that is not taken back yet, once per command. @param except a name that is passed over */
export async function undoChange(
  redis: Redis,
  keys: ShardKeys,
  place: RecordedHash,
  origin: ChangeOrigin,
  except = "",
): Promise<ChangeRecord | undefined> {
  const hashKeys = [place.values, place.changes, keys.changed(`${origin.id} undo`)];
  const rest = [toRecord(origin), keptChanges, seenSeconds, except];
  const row = z.string().parse(await runScript(redis, "undo-change", hashKeys, rest));
  return row === "" ? undefined : parseRecord(place, row);
}

/** The newest changes, newest first. */
export async function readRecords(
  redis: Redis,
  place: RecordedHash,
  count: number,
): Promise<readonly ChangeRecord[]> {
  return (await redis.lrange(place.changes, 0, count - 1)).map((row) => parseRecord(place, row));
}

function toRecord({ person, conversation, atMs }: ChangeOrigin): string {
  return JSON.stringify({ v: 1, person, conversation, atMs });
}

const storedRecord = z.object({
  v: z.literal(1),
  name: z.string(),
  from: z.string(),
  to: z.string(),
  person: z.string(),
  conversation: z.string(),
  atMs: z.number(),
  undo: z.boolean().default(false),
});

function parseRecord({ name: scope }: RecordedHash, row: string): ChangeRecord {
  const { v: _, from, to, ...rest } = storedRecord.parse(JSON.parse(row));
  return { scope, ...rest, from: from || undefined, to: to || undefined };
}
