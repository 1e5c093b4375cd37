/** Who may what, in Redis: lists that are changed, recorded and taken back by the scripts of settings. */

import type { Redis } from "ioredis";
import type { AccessList, AccessStore } from "../core/standing.ts";
import { endRequest } from "./access-requests.ts";
import type { ShardKeys } from "./keys.ts";
import { runScript } from "./scripts.ts";
import { changeField, type RecordedHash, readRecords, undoChange } from "./settings-store.ts";
import { parseStanding, standingArguments } from "./standing.ts";

/** Makes the store of rights. @param redis a patient connection */
export function createAccessStore(redis: Redis, keys: ShardKeys): AccessStore {
  const places: Readonly<Record<AccessList, RecordedHash>> = {
    access: { values: keys.access, changes: keys.accessChanges, name: "access" },
    admins: { values: keys.admins, changes: keys.adminsChanges, name: "admins" },
  };
  return {
    standing: async (asker) => {
      const { keys: stored, rest } = standingArguments(keys, asker);
      const [, standing] = parseStanding(
        await runScript(redis, "read-standing", stored, [...rest, asker.author]),
      );
      return standing;
    },
    all: async (list) => new Map(Object.entries(await redis.hgetall(places[list].values))),
    owners: () => redis.smembers(keys.owners),
    change: async ({ list, field, value, origin }) => {
      const changed = await changeField(redis, keys, places[list], { name: field, value, origin });
      if (list === "access") await endRequest(redis, keys, field);
      return changed;
    },
    undo: async (list, origin) => {
      const taken = await undoChange(redis, keys, places[list], origin);
      if (list === "access" && taken) await endRequest(redis, keys, taken.name);
      return taken;
    },
    records: (list, count) => readRecords(redis, places[list], count),
  };
}
