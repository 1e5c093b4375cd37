/** Finding a Redis server program on this machine. */

import { type ChildEnvironment, outputOf } from "./processes.ts";

/** The oldest version that BullMQ and our scripts work with. */
const leastVersion = [6, 2] as const;

/** A server program, ready to be started. */
export interface RedisServer {
  readonly program: string;
  readonly version: string;
}

/** What the search found. */
export type ServerSearch =
  | { readonly kind: "found"; readonly server: RedisServer }
  /** There is one, but it is too old. */
  | { readonly kind: "old"; readonly server: RedisServer }
  | { readonly kind: "missing" };

/** Looks for `redis-server` and `valkey-server` on the PATH; the first that is new enough wins. */
export async function findRedisServer(env?: ChildEnvironment): Promise<ServerSearch> {
  let old: RedisServer | undefined;
  for (const program of ["redis-server", "valkey-server"]) {
    const output = await outputOf(program, ["--version"], env);
    const version = /\bv=(\d+\.\d+(?:\.\d+)?)/.exec(output ?? "")?.[1];
    if (version === undefined) continue;
    if (isNewEnough(version)) return { kind: "found", server: { program, version } };
    old ??= { program, version };
  }
  return old === undefined ? { kind: "missing" } : { kind: "old", server: old };
}

/** True for 6.2 and newer. */
export function isNewEnough(version: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major > leastVersion[0] || (major === leastVersion[0] && minor >= leastVersion[1]);
}
