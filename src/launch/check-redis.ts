/** Whether a Redis keeps what it is given: version, persistence and eviction, read by CONFIG and INFO. */

import { isNewEnough } from "./redis-server.ts";

/** The part of a Redis client that is needed; ioredis has it. */
export interface RedisCaller {
  call(command: string, ...args: string[]): Promise<unknown>;
}

/**
 * What was found. `bad` loses or corrupts data for sure; `unknown` could not be read; `refuses` is why it takes no
 * writes now, which may pass. Sentences for a terminal.
 */
export interface RedisFindings {
  readonly version: string | undefined;
  readonly bad: readonly string[];
  readonly unknown: readonly string[];
  readonly refuses: readonly string[];
  /** What only costs time. */
  readonly slow: readonly string[];
}

const wanted = {
  appendonly: {
    value: "yes",
    why: "without it Redis forgets what it accepted when it ends. Set: appendonly yes",
  },
  appendfsync: {
    value: "always",
    why: "with any other value a power cut loses what was accepted last. Set: appendfsync always",
  },
  "maxmemory-policy": {
    value: "noeviction",
    why: "with any other value a full Redis throws accepted messages away. Set: maxmemory-policy noeviction",
  },
} as const;

const wantedHz = 100;

/**
 * Reads the settings that Parley's promises rest on. Managed servers often refuse CONFIG: then INFO tells what it can.
 * @throws when the server does not answer at all
 */
export async function checkRedis(redis: RedisCaller): Promise<RedisFindings> {
  const info = String(await redis.call("INFO"));
  const values = new Map([...fromInfo(info), ...(await fromConfig(redis))]);
  const bad: string[] = [];
  const unknown: string[] = [];
  const version = field(info, "redis_version");
  if (version !== undefined && !isNewEnough(version))
    bad.push(`Redis ${version} is too old: 6.2 or newer is needed.`);
  for (const [name, { value, why }] of Object.entries(wanted)) {
    const found = values.get(name);
    if (found === undefined)
      unknown.push(`${name} cannot be read here (CONFIG is refused); it has to be ${value}.`);
    // A server without the log has no use for the pace at which the log is written.
    else if (found !== value && !(name === "appendfsync" && values.get("appendonly") === "no")) {
      bad.push(`${name} is ${found}: ${why}`);
    }
  }
  return { version, bad, unknown, refuses: refusals(info), slow: slowness(info) };
}

/** Redis' timer, a turn of which a blocking read waits for its end: docs/limits.md has it measured. */
function slowness(info: string): readonly string[] {
  const hz = Number(field(info, "configured_hz") ?? field(info, "hz") ?? wantedHz);
  return hz < wantedHz
    ? [`hz is ${hz}: who waits for a limit is woken some 50 ms late. Set: hz ${wantedHz}`]
    : [];
}

/** What INFO tells of writes that Redis would refuse. */
function refusals(info: string): readonly string[] {
  const [used, most] = [Number(field(info, "used_memory")), Number(field(info, "maxmemory"))];
  return [
    ...(field(info, "role") === "slave" && field(info, "slave_read_only") !== "0"
      ? ["it is a read-only replica. Set REDIS_URL to its primary."]
      : []),
    ...(most > 0 && used >= most
      ? [`it is full: ${megabytes(used)} of maxmemory ${megabytes(most)} are used. Raise maxmemory.`]
      : []),
    ...(field(info, "aof_last_write_status") === "err"
      ? ["it could not write its log: look at its disk and at its own log."]
      : []),
  ];
}

function megabytes(bytes: number): string {
  return `${(bytes / 1_048_576).toFixed(1)} MB`;
}

function fromInfo(info: string): readonly [string, string][] {
  const enabled = field(info, "aof_enabled");
  const policy = field(info, "maxmemory_policy");
  return [
    ...(enabled === undefined
      ? []
      : [["appendonly", enabled === "1" ? "yes" : "no"] satisfies [string, string]]),
    ...(policy === undefined ? [] : [["maxmemory-policy", policy] satisfies [string, string]]),
  ];
}

function field(info: string, name: string): string | undefined {
  return new RegExp(`^${name}:(.*)$`, "m").exec(info)?.[1]?.trim();
}

async function fromConfig(redis: RedisCaller): Promise<readonly [string, string][]> {
  const replies = await Promise.all(
    Object.keys(wanted).map((name) => redis.call("CONFIG", "GET", name).catch(() => undefined)),
  );
  return replies.flatMap(toPairs);
}

/** CONFIG GET answers with a flat list, or by RESP3 with a map. */
function toPairs(reply: unknown): readonly [string, string][] {
  if (reply instanceof Map) return [...reply].map(([name, value]) => [String(name), String(value)]);
  if (Array.isArray(reply)) {
    return reply.length < 2 ? [] : [[String(reply[0]), String(reply[1])]];
  }
  if (typeof reply !== "object" || reply === null) return [];
  return Object.entries(reply).map(([name, value]) => [name, String(value)]);
}
