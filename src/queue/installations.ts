/** Installations in Redis, encrypted: core's port. */

import type { Redis } from "ioredis";
import { z } from "zod";
import type { Installation, InstallationStore, Place } from "../core/installations.ts";
import type { ShardKeys } from "./keys.ts";
import { runScript } from "./scripts.ts";
import { createSealer } from "./seal.ts";

/** What the store needs. */
export interface InstallationStoreOptions {
  /** A hasty connection: whoever asks has seconds. A second one is opened from it to listen. */
  readonly redis: Redis;
  readonly keys: ShardKeys;
  /** 32 random bytes each, the newest first. */
  readonly tokenKeys: readonly Buffer[];
}

const stored = z.object({ v: z.literal(1), installedAtMs: z.number(), sealed: z.string() });

/** Opens the store. Dispose of it to close the connection that listens. */
export function openInstallations(options: InstallationStoreOptions): InstallationStore & AsyncDisposable {
  const { redis, keys } = options;
  const sealer = createSealer(options.tokenKeys);
  const listening = listen(redis, keys.installs);

  const save = async (place: Place, credentials: string, replaces?: Installation) => {
    const field = toField(place);
    const installedAtMs = replaces?.installedAtMs ?? Date.now();
    const value = JSON.stringify({ v: 1, installedAtMs, sealed: sealer.seal(credentials, field) });
    const rest = [field, value, replaces?.version ?? "", keys.installs];
    return (await runScript(redis, "save-installation", [keys.installations], rest)) === 1;
  };
  return {
    save,
    find: async (place) => {
      const version = await redis.hget(keys.installations, toField(place));
      if (version === null) return undefined;
      const { installedAtMs, sealed } = stored.parse(JSON.parse(version));
      const { text: credentials, isOldKey } = sealer.open(sealed, toField(place));
      const found = { credentials, installedAtMs, version };
      // The old key can go when nothing is left that it encrypted. Lost to a newer change, it is not needed.
      if (isOldKey) await save(place, credentials, found);
      return found;
    },
    drop: async (place, atMs) => {
      const rest = [toField(place), atMs, keys.installs];
      return (await runScript(redis, "drop-installation", [keys.installations, keys.leaving], rest)) === 1;
    },
    scopes: async (platform) => {
      const places = (await redis.hkeys(keys.installations)).map(parseField);
      return places.filter((place) => place.platform === platform).map(({ scope }) => scope);
    },
    useOnce: async (token, forMs) => (await redis.set(keys.used(token), "1", "PX", forMs, "NX")) === "OK",
    onChange: (listener) => listening.listeners.push(listener),
    [Symbol.asyncDispose]: async () => listening.redis.disconnect(),
  };
}

/** One installation, for whoever looks after all of them. */
export interface Surveyed extends Place {
  /** Undefined: encrypted with a key that is not set any more, or not readable. */
  readonly credentials: string | undefined;
  /** True while an earlier key is needed for it. */
  readonly isOldKey: boolean;
}

/** Reads every installation and changes nothing. */
export async function surveyInstallations(options: InstallationStoreOptions): Promise<readonly Surveyed[]> {
  const { redis, keys, tokenKeys } = options;
  const sealer = createSealer(tokenKeys);
  const all = Object.entries(await redis.hgetall(keys.installations));
  return all.map(([field, value]) => {
    const place = parseField(field);
    try {
      const { text: credentials, isOldKey } = sealer.open(stored.parse(JSON.parse(value)).sealed, field);
      return { ...place, credentials, isOldKey };
    } catch {
      // Which one it is says enough; the cause is a key, or a hand that was in it.
      return { ...place, credentials: undefined, isOldKey: false };
    }
  });
}

/** How a place stands in Redis. */
export function toField({ platform, scope }: Place): string {
  return [platform, scope].map(encodeURIComponent).join(":");
}

/** The place behind what {@link toField} made. */
export function parseField(field: string): Place {
  const [platform = "", scope = ""] = field.split(":").map(decodeURIComponent);
  return { platform, scope };
}

/** What was published while nobody listened is lost: after each connecting, anything may have changed. */
function listen(redis: Redis, channel: string) {
  const listeners: ((place: Place | undefined) => void)[] = [];
  const subscriber = redis.duplicate({ socketTimeout: undefined, commandTimeout: undefined });
  const tell = (place: Place | undefined) => {
    for (const listener of listeners) listener(place);
  };
  subscriber.on("error", () => undefined);
  subscriber.on("message", (_channel, field) => tell(parseField(field)));
  subscriber.on("ready", () => {
    subscriber.subscribe(channel).then(
      () => tell(undefined),
      () => undefined,
    );
  });
  return { redis: subscriber, listeners };
}
