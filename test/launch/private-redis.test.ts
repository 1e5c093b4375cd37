import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { Redis } from "ioredis";
import { expect, onTestFinished, test } from "vitest";
import { checkRedis } from "../../src/launch/check-redis.ts";
import { startPrivateRedis } from "../../src/launch/private-redis.ts";
import { processIdentity } from "../../src/launch/processes.ts";
import { findRedisServer, type RedisServer } from "../../src/launch/redis-server.ts";
import { addProgram, temporaryFolder } from "./temporary.ts";

async function installed(): Promise<RedisServer> {
  const search = await findRedisServer();
  if (search.kind === "found") return search.server;
  throw new Error("These tests need a Redis server; npm test installs one.");
}

async function start(folder: string, onLost?: (cause: string) => void) {
  return startPrivateRedis({ folder, server: await installed(), ...(onLost && { onLost }) });
}

function connect(url: string): Redis {
  const redis = new Redis(url, { retryStrategy: () => 20 });
  redis.on("error", () => undefined);
  onTestFinished(() => redis.disconnect());
  return redis;
}

async function pidOf(redis: Redis): Promise<number> {
  return Number(/process_id:(\d+)/.exec(await redis.info("server"))?.[1]);
}

/** Another process that holds a private Redis; it ends with the test. */
async function startHolder(folder: string) {
  const child = spawn(process.execPath, [join(import.meta.dirname, "fixtures/hold-redis.ts"), folder], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const gone = once(child, "exit");
  onTestFinished(async () => {
    child.stdin.end();
    await gone;
  });
  const [url] = await once(child.stdout, "data");
  return { child, url: String(url) };
}

test("a private Redis keeps what it was given, over a stop and a new start", async () => {
  const folder = join(temporaryFolder(), "data");
  {
    await using redis = await start(folder);
    await connect(redis.url).set("greeting", "hello");
  }
  await using again = await start(folder);
  expect(await connect(again.url).get("greeting")).toBe("hello");
});

test("a private Redis is set so that nothing is lost, and only its own user reaches it", async () => {
  const folder = join(temporaryFolder(), "data");
  await using redis = await start(folder);
  const client = connect(redis.url);
  expect(await checkRedis(client)).toMatchObject({ bad: [], unknown: [] });
  expect(await client.config("GET", "port")).toEqual(["port", "0"]);
  expect(await client.config("GET", "hz")).toEqual(["hz", "100"]);
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  expect(statSync(redis.url).mode & 0o777).toBe(0o600);
});

test("disposing ends the server's process and leaves the folder free", async () => {
  const folder = temporaryFolder();
  const redis = await start(folder);
  const pid = await pidOf(connect(redis.url));
  await redis[Symbol.asyncDispose]();
  expect(await processIdentity(pid)).toBeUndefined();
  expect(existsSync(join(folder, "lock"))).toBe(false);
});

test("a second start in the same folder names the process of the first", async () => {
  const folder = temporaryFolder();
  const { child } = await startHolder(folder);
  await expect(start(folder)).rejects.toMatchObject({
    name: "StartRefused",
    message: expect.stringMatching(new RegExp(`process ${child.pid}, since .*20\\d\\d`)),
  });
});

test("a Redis whose Parley was killed is ended at the next start, which still knows its data", async () => {
  const folder = temporaryFolder();
  const { child, url } = await startHolder(folder);
  const orphan = connect(url);
  const pid = await pidOf(orphan);
  await orphan.set("greeting", "hello");
  child.kill("SIGKILL");
  await once(child, "exit");
  expect(await processIdentity(pid)).toBeDefined();
  orphan.disconnect();

  await using redis = await start(folder);
  expect(await processIdentity(pid)).toBeUndefined();
  expect(await connect(redis.url).get("greeting")).toBe("hello");
});

test("an orphan whose socket is gone is found by its process", async () => {
  const folder = temporaryFolder();
  const { child, url } = await startHolder(folder);
  const pid = await pidOf(connect(url));
  child.kill("SIGKILL");
  await once(child, "exit");
  rmSync(url);
  await using _redis = await start(folder);
  expect(await processIdentity(pid)).toBeUndefined();
});

test("an orphan whose process was never noted is found by its socket", async () => {
  const folder = temporaryFolder();
  const { child, url } = await startHolder(folder);
  const pid = await pidOf(connect(url));
  child.kill("SIGKILL");
  await once(child, "exit");
  writeFileSync(join(folder, "redis.json"), '{"pid":');
  await using _redis = await start(folder);
  expect(await processIdentity(pid)).toBeUndefined();
});

/** The process group, which is what Ctrl-C is sent to; proc(5) where there is no ps(1). */
function groupOf(pid: number | undefined): string | undefined {
  const stat = `/proc/${pid}/stat`;
  if (existsSync(stat)) return readFileSync(stat, "utf8").split(") ")[1]?.split(" ")[2];
  return execFileSync("ps", ["-o", "pgid=", "-p", String(pid)], { encoding: "utf8" }).trim();
}

test("Ctrl-C in the terminal reaches Parley and not its Redis", async () => {
  const { child, url } = await startHolder(temporaryFolder());
  const pid = await pidOf(connect(url));
  expect(groupOf(pid)).not.toBe(groupOf(child.pid));
  child.stdin.end();
  await once(child, "exit");
  expect(await processIdentity(pid)).toBeUndefined();
});

test("a folder with a path too long for a socket works as well", async () => {
  const folder = join(temporaryFolder(), "a-long-name-for-a-folder".repeat(5), ".parley");
  const redis = await start(folder);
  expect(Buffer.byteLength(redis.url)).toBeLessThanOrEqual(103);
  expect(await connect(redis.url).ping()).toBe("PONG");
  await redis[Symbol.asyncDispose]();
  expect(existsSync(dirname(redis.url))).toBe(false);
});

test("a server that dies is said and started again on the same data", async () => {
  const lost = Promise.withResolvers<string>();
  await using redis = await start(temporaryFolder(), lost.resolve);
  const client = connect(redis.url);
  await client.set("greeting", "hello");
  const pid = await pidOf(client);
  process.kill(pid, "SIGKILL");
  expect(await lost.promise).toContain("SIGKILL");
  expect(await connect(redis.url).get("greeting")).toBe("hello");
});

test("a server that cannot start is refused with what it said, and the folder is free again", async () => {
  const folder = temporaryFolder();
  addProgram(folder, "broken", "exit 3");
  const server = { program: join(folder, "broken"), version: "7.0.0" };
  await expect(startPrivateRedis({ folder, server })).rejects.toMatchObject({
    name: "StartRefused",
    message: expect.stringContaining("code 3"),
  });
  const gone = { program: join(folder, "gone"), version: "7.0.0" };
  await expect(startPrivateRedis({ folder, server: gone })).rejects.toMatchObject({
    message: expect.stringContaining("ENOENT"),
  });
  await using redis = await start(folder);
  expect(redis.url).toBeTruthy();
});
