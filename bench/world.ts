/** One installation to be measured: Redis, a platform with its people, a chat API and Parley, each in its own process. */

import { Redis } from "ioredis";
import { startTestRedis } from "../test/world/redis.ts";
import type { ModelCalls } from "./model-process.ts";
import type { PeopleCalls, WayIn } from "./people.ts";
import { type Child, startChild } from "./rpc.ts";
import type { ServiceCalls } from "./service-process.ts";

/** The platforms that are measured. */
export const platforms = ["telegram", "slack"] as const;
export type PlatformName = (typeof platforms)[number];

type PlatformCalls = PeopleCalls & {
  readonly variables: (way: WayIn) => Readonly<Record<string, string>>;
  readonly connected: (way: WayIn & { readonly url: string }) => Promise<void>;
  readonly acknowledgements: () => readonly number[];
};

/** What is running. Disposing it ends every process. */
export interface World extends AsyncDisposable {
  readonly people: Child<PlatformCalls>;
  readonly model: Child<ModelCalls>;
  readonly service: Child<ServiceCalls>;
  readonly redis: Redis;
  /** Where Slack delivers, if it does so by HTTP. */
  readonly url: string;
}

/**
 * Starts all; resolves when the platform delivers.
 * @param nodeFlags for the service's process · @param http true: Slack delivers by HTTP
 */
export async function startWorld(
  platform: PlatformName,
  nodeFlags: readonly string[] = [],
  http = false,
): Promise<World> {
  await using stack = new AsyncDisposableStack();
  const server = stack.use(await startTestRedis());
  const redis = new Redis(server.socket);
  stack.defer(() => redis.disconnect());
  const model = stack.use(startChild<ModelCalls>("./model-process.ts"));
  const people = stack.use(startChild<PlatformCalls>(`./${platform}-process.ts`));
  const flags = ["--expose-gc", ...nodeFlags];
  const service = stack.use(startChild<ServiceCalls>("./service-process.ts", flags));
  const variables = {
    ...(await people.call("variables", { http })),
    OPENAI_BASE_URL: await model.call("url"),
    OPENAI_MODEL: "bench-model",
    ALLOW: "telegram:*",
    CONCURRENCY: "1200",
    PORT: "0",
    ROLE: "all",
    REDIS_URL: "redis://127.0.0.1:1",
  };
  const port = await service.call("start", { variables, redisUrl: server.url });
  const url = `http://127.0.0.1:${port}/slack/events`;
  await people.call("connected", { http, url });
  const owned = stack.move();
  return { people, model, service, redis, url, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}
