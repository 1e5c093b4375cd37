/** One installation to be measured: Redis, a platform with its people, a chat API and Parley, each in its own process. */

import { Redis } from "ioredis";
import { startTestRedis } from "../test/world/redis.ts";
import type { ModelCalls } from "./model-process.ts";
import type { PeopleCalls } from "./people.ts";
import { type Child, startChild } from "./rpc.ts";
import type { ServiceCalls } from "./service-process.ts";

/** The platforms that are measured. */
export const platforms = ["telegram", "slack"] as const;
export type PlatformName = (typeof platforms)[number];

type PlatformCalls = PeopleCalls & {
  readonly variables: () => Readonly<Record<string, string>>;
  readonly connected: () => Promise<void>;
};

/** What is running. Disposing it ends every process. */
export interface World extends AsyncDisposable {
  readonly people: Child<PlatformCalls>;
  readonly model: Child<ModelCalls>;
  readonly service: Child<ServiceCalls>;
  readonly redis: Redis;
}

/** Starts all; resolves when the platform delivers. @param nodeFlags for the service's process */
export async function startWorld(platform: PlatformName, nodeFlags: readonly string[] = []): Promise<World> {
  await using stack = new AsyncDisposableStack();
  const server = stack.use(await startTestRedis());
  const redis = new Redis(server.socket);
  stack.defer(() => redis.disconnect());
  const model = stack.use(startChild<ModelCalls>("./model-process.ts"));
  const people = stack.use(startChild<PlatformCalls>(`./${platform}-process.ts`));
  const flags = ["--expose-gc", ...nodeFlags];
  const service = stack.use(startChild<ServiceCalls>("./service-process.ts", flags));
  const variables = {
    ...(await people.call("variables")),
    OPENAI_BASE_URL: await model.call("url"),
    OPENAI_MODEL: "bench-model",
    ALLOW: "telegram:*",
    CONCURRENCY: "1200",
    PORT: "0",
    ROLE: "all",
    REDIS_URL: "redis://127.0.0.1:1",
  };
  await service.call("start", { variables, redisUrl: server.url });
  await people.call("connected");
  const owned = stack.move();
  return { people, model, service, redis, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}
