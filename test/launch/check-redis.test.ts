import { Redis } from "ioredis";
import { expect, test } from "vitest";
import { checkRedis, type RedisCaller } from "../../src/launch/check-redis.ts";
import { startPrivateRedis } from "../../src/launch/private-redis.ts";
import { findRedisServer } from "../../src/launch/redis-server.ts";
import { temporaryFolder } from "./temporary.ts";

async function withRedis(use: (redis: Redis) => Promise<void>): Promise<void> {
  const search = await findRedisServer();
  if (search.kind !== "found") throw new Error("These tests need a Redis server; npm test installs one.");
  await using server = await startPrivateRedis({ folder: temporaryFolder(), server: search.server });
  const redis = new Redis(server.url);
  await use(redis);
  redis.disconnect();
}

test("each setting that loses data is named with what to set", async () => {
  await withRedis(async (redis) => {
    await redis.config("SET", "appendfsync", "everysec");
    await redis.config("SET", "maxmemory-policy", "allkeys-lru");
    expect(await checkRedis(redis)).toMatchObject({
      bad: [
        expect.stringContaining("appendfsync is everysec"),
        expect.stringContaining("maxmemory-policy is allkeys-lru"),
      ],
      unknown: [],
    });
    await redis.config("SET", "appendonly", "no");
    const { bad } = await checkRedis(redis);
    expect(bad).toHaveLength(2);
    expect(bad[0]).toContain("appendonly is no");
  });
});

test("a slow timer is named, and nothing else of such a server", async () => {
  await withRedis(async (redis) => {
    await redis.config("SET", "hz", "10");
    expect(await checkRedis(redis)).toMatchObject({
      bad: [],
      refuses: [],
      slow: [expect.stringContaining("hz is 10")],
    });
  });
});

test("where CONFIG is refused, INFO tells what it can and the rest is said to be unknown", async () => {
  await withRedis(async (redis) => {
    await redis.acl("SETUSER", "default", "-config");
    expect(await checkRedis(redis)).toMatchObject({
      version: expect.stringMatching(/^\d+\.\d+/),
      bad: [],
      unknown: [expect.stringContaining("appendfsync cannot be read")],
    });
  });
});

test("a server that refuses CONFIG and keeps no log is still known as one that forgets", async () => {
  const info = "redis_version:6.0.16\r\naof_enabled:0\r\nmaxmemory_policy:volatile-lru\r\n";
  const managed: RedisCaller = {
    call: async (command) => {
      if (command === "INFO") return info;
      throw new Error("ERR unknown command 'CONFIG'");
    },
  };
  const { bad } = await checkRedis(managed);
  expect(bad).toEqual([
    expect.stringContaining("6.0.16 is too old"),
    expect.stringContaining("appendonly is no"),
    expect.stringContaining("maxmemory-policy is volatile-lru"),
  ]);
});

test("answers are read as a list and as a map", async () => {
  const values: Record<string, string> = {
    appendonly: "yes",
    appendfsync: "no",
    "maxmemory-policy": "noeviction",
  };
  const by = (reply: (name: string) => unknown): RedisCaller => ({
    call: async (command, _get, name = "") => (command === "INFO" ? "" : reply(name)),
  });
  for (const reply of [
    (name: string) => [name, values[name]],
    (name: string) => new Map([[name, values[name]]]),
    (name: string) => ({ [name]: values[name] }),
  ]) {
    expect((await checkRedis(by(reply))).bad).toEqual([expect.stringContaining("appendfsync is no")]);
  }
});
