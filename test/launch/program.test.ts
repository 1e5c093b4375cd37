import { spawn } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Redis } from "ioredis";
import { expect, test } from "vitest";
import { startModelSimulator } from "../../simulator/model/index.ts";
import { startTelegramSimulator } from "../../simulator/telegram/index.ts";
import { startPrivateRedis } from "../../src/launch/private-redis.ts";
import { findRedisServer } from "../../src/launch/redis-server.ts";
import { temporaryFolder } from "./temporary.ts";

const program = join(import.meta.dirname, "../../bin/parley.js");

/** Settings without a mistake whose parties are away: what ends such a start is its Redis. */
const reachingNobody = {
  TELEGRAM_BOT_TOKEN: `123456789:${"A".repeat(35)}`,
  TELEGRAM_API_ROOT: "http://127.0.0.1:9",
  OPENAI_BASE_URL: "http://127.0.0.1:9",
  OPENAI_MODEL: "small",
};

/** Runs the program to its end, as npm would. */
async function run(args: readonly string[], environment: Record<string, string>, file = program) {
  const child = spawn(process.execPath, [file, ...args], {
    env: { PATH: process.env.PATH, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk: Buffer) => {
      said += chunk.toString();
    });
  }
  const [code] = await once(child, "close");
  return { code, said };
}

async function startRedis() {
  const search = await findRedisServer();
  if (search.kind !== "found") throw new Error("These tests need a Redis server; npm test installs one.");
  return startPrivateRedis({ folder: temporaryFolder(), server: search.server });
}

test("a start with mistakes ends with the report, and the models that the server offers", async () => {
  await using model = await startModelSimulator({ models: ["small", "large"] });
  const { code, said } = await run([], {
    TELEGRAM_BOT_TOKEN: "wrong",
    OPENAI_BASE_URL: model.url,
    OPENAI_MODEL: "",
    PORT: "x",
  });
  expect(said).toMatch(/^Parley cannot start: 3 settings need attention\./);
  expect(said).toMatch(/OPENAI_MODEL is missing; .* The server offers:\n {6}small\n {6}large\n/);
  expect(said).not.toMatch(/wrong| at file:/);
  expect(code).toBe(1);
});

test("a start on a Redis that loses messages is refused", async () => {
  await using redis = await startRedis();
  const client = new Redis(redis.url);
  await client.config("SET", "appendfsync", "everysec");
  client.disconnect();
  const { code, said } = await run([], {
    ...reachingNobody,
    REDIS_URL: redis.url,
    LOG_LEVEL: "silent",
  });
  expect(said).toMatch(/appendfsync is everysec.*REDIS_UNSAFE=accept/s);
  expect(code).toBe(1);
});

test("a start on a Redis that refuses the password ends with a sentence, and without the password", async () => {
  await using redis = await startRedis();
  const client = new Redis(redis.url);
  await client.config("SET", "requirepass", "right");
  client.disconnect();
  const { code, said } = await run([], {
    ...reachingNobody,
    REDIS_URL: `${redis.url}?password=hunter22`,
  });
  expect(said).toMatch(/^Redis at \S+ refuses the user name or password of REDIS_URL\.\n$/);
  expect(code).toBe(1);
});

test("a start on a Redis that takes no writes says why, serves, and prints the owner's code when it does", async () => {
  await using redis = await startRedis();
  await using telegram = await startTelegramSimulator();
  const client = new Redis(redis.url);
  await client.replicaof("127.0.0.1", 9);
  const child = spawn(process.execPath, [program], {
    env: {
      PATH: process.env.PATH,
      TELEGRAM_BOT_TOKEN: telegram.token,
      TELEGRAM_API_ROOT: telegram.url,
      OPENAI_BASE_URL: "http://127.0.0.1:9",
      OPENAI_MODEL: "small",
      REDIS_URL: redis.url,
      PORT: "0",
    },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(child, "close");
  const lines = createInterface(child.stdout);
  const said: string[] = [];
  lines.on("line", (line) => said.push(line));
  const hears = async (part: string) => {
    while (!said.some((line) => line.includes(part))) await once(lines, "line");
  };
  await hears("as soon as Redis takes it");
  expect(said.join("\n")).toContain("it is a read-only replica. Set REDIS_URL to its primary.");
  await client.replicaof("NO", "ONE");
  client.disconnect();
  await hears("Nobody owns this bot yet. Send it: /start");
  expect(said).toContainEqual(expect.stringMatching(/\/start \d{8}$/));
  child.kill("SIGTERM");
  expect(await ended).toEqual([0, null]);
});

test("the check reaches bot, model and Redis, and ends well", async () => {
  await using redis = await startRedis();
  await using model = await startModelSimulator();
  await using telegram = await startTelegramSimulator();
  const { code, said } = await run(["check"], {
    TELEGRAM_BOT_TOKEN: telegram.token,
    TELEGRAM_API_ROOT: telegram.url,
    OPENAI_BASE_URL: model.url,
    OPENAI_MODEL: "test-model",
    REDIS_URL: redis.url,
  });
  expect(said).toMatch(/✓ Telegram.*✓ The model test-model answers.*✓ Redis.*All of it works/s);
  expect(code).toBe(0);
});

test("an old Node gets a sentence instead of a stack", async () => {
  const folder = temporaryFolder();
  for (const name of ["parley.js", "require-node.js"])
    copyFileSync(join(program, "..", name), join(folder, name));
  writeFileSync(join(folder, "package.json"), '{"type":"module"}');
  const old = join(folder, "old.js");
  writeFileSync(
    old,
    'Object.defineProperty(process.versions, "node", { value: "20.1.0" }); await import("./parley.js");',
  );
  const { code, said } = await run([], {}, old);
  expect(said).toMatch(/^Parley needs Node 24 or newer; this is Node 20\.1\.0\./);
  expect(said).not.toContain("at file:");
  expect(code).toBe(1);
});
