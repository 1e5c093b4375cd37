/** The Redis of a process: the configured one, or a private one. */

import type { Config } from "../config.ts";
import { canInstallByApt, detectSystem, installByApt, installCommand } from "./packages.ts";
import { startPrivateRedis } from "./private-redis.ts";
import type { ChildEnvironment } from "./processes.ts";
import { findRedisServer, type RedisServer } from "./redis-server.ts";
import { StartRefused } from "./refusal.ts";

/** A Redis to work with. Disposing ends it if it is ours. */
export interface UsedRedis extends AsyncDisposable {
  /** As ioredis takes it; may hold a password. */
  readonly url: string;
  readonly isPrivate: boolean;
}

/** How a Redis is found or started. */
export interface UseRedisOptions {
  /** Where a private one keeps its data, usually `.parley` in the project's folder. */
  readonly folder: string;
  /** True in the playground: a missing server is installed where that is safe. */
  readonly mayInstall: boolean;
  /** Says a sentence in the terminal. */
  readonly say: (sentence: string) => void;
}

/**
 * The configured Redis, or a private one that is started now.
 * @throws StartRefused when there is no server program, or the folder is in use
 */
export async function useRedis(config: Config["redis"], options: UseRedisOptions): Promise<UsedRedis> {
  if (config.url !== undefined) {
    return { url: config.url.reveal(), isPrivate: false, [Symbol.asyncDispose]: async () => undefined };
  }
  const server = await ensureRedisServer(options);
  const redis = await startPrivateRedis({
    folder: options.folder,
    server,
    onLost: (cause) => options.say(`The private Redis is gone: ${cause}. Starting it again.`),
  });
  return { url: redis.url, isPrivate: true, [Symbol.asyncDispose]: () => redis[Symbol.asyncDispose]() };
}

/**
 * Finds a server program, installing it where that is allowed and safe.
 * @throws StartRefused with the command that installs it
 */
export async function ensureRedisServer(
  options: Pick<UseRedisOptions, "mayInstall" | "say"> & { readonly env?: ChildEnvironment },
): Promise<RedisServer> {
  const search = await findRedisServer(options.env);
  if (search.kind === "found") return search.server;
  const system = detectSystem();
  const wish = `Install Redis 6.2 or newer (or Valkey), or set REDIS_URL:\n\n  ${installCommand("redis", system)}\n`;
  if (search.kind === "old") {
    const { program, version } = search.server;
    throw new StartRefused(`The ${program} of this machine is version ${version}, which is too old. ${wish}`);
  }
  if (!options.mayInstall || !canInstallByApt("redis", system)) {
    throw new StartRefused(`There is no Redis server on this machine. ${wish}`);
  }
  options.say(
    "There is no Redis server on this machine: installing redis-server by apt (no service is started) …",
  );
  const failure = await installByApt("redis", options.env === undefined ? {} : { env: options.env });
  const installed = await findRedisServer(options.env);
  if (installed.kind === "found") return installed.server;
  throw new StartRefused(
    `apt could not install redis-server: ${failure ?? "its version is too old"}\n${wish}`,
  );
}
