/** Settings and the record of their changes, in Redis: core's port, one script per change. */

import type { Redis } from "ioredis";
import { z } from "zod";
import type { SettingsScope } from "../core/settings/scopes.ts";
import type {
  Changed,
  ChangeOrigin,
  ChangeRecord,
  SettingChange,
  SettingsStore,
} from "../core/settings/settings-store.ts";
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
    change: (change) => makeChange(redis, keys, change),
    undo: (scope, origin) => undo(redis, keys, scope, origin),
    records: async (scope, count) =>
      (await redis.lrange(keys.changes(scope.id), 0, count - 1)).map((row) => parseRecord(scope, row)),
  };
}

function toStored(reply: readonly [Error | null, unknown] | undefined): ReadonlyMap<string, string> {
  if (reply === undefined) throw new Error("Redis did not answer for every scope of settings");
  if (reply[0]) throw reply[0];
  return toFields(z.union([z.array(z.string()), z.record(z.string(), z.string())]).parse(reply[1]));
}

const changeReply = z.tuple([z.enum(["changed", "same"]), z.string()]);

async function makeChange(redis: Redis, keys: ShardKeys, change: SettingChange): Promise<Changed> {
  const { scope, name, value, origin } = change;
  const rest = [name, value ?? "", toRecord(origin), keptChanges, seenSeconds];
  const scopeKeys = [keys.settings(scope.id), keys.changes(scope.id), keys.changed(`${origin.id} ${name}`)];
  const [kind, from] = changeReply.parse(await runScript(redis, "change-setting", scopeKeys, rest));
  return kind === "same" ? { kind } : { kind, from: from || undefined };
}

async function undo(
  redis: Redis,
  keys: ShardKeys,
  scope: SettingsScope,
  origin: ChangeOrigin,
): Promise<ChangeRecord | undefined> {
  const scopeKeys = [keys.settings(scope.id), keys.changes(scope.id), keys.changed(`${origin.id} undo`)];
  const rest = [toRecord(origin), keptChanges, seenSeconds];
  const row = z.string().parse(await runScript(redis, "undo-change", scopeKeys, rest));
  return row === "" ? undefined : parseRecord(scope, row);
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

function parseRecord(scope: SettingsScope, row: string): ChangeRecord {
  const { v: _, from, to, ...rest } = storedRecord.parse(JSON.parse(row));
  return { scope: scope.id, ...rest, from: from || undefined, to: to || undefined };
}
