/** Redis, a platform that enforces its limits, a chat API, and Parley as one gateway and two workers. */

import { startTestRedis } from "../../test/world/redis.ts";
import { type Child, startChild } from "../rpc.ts";
import { startServices } from "../services.ts";
import type { StreamModelCalls } from "./model-process.ts";
import type { ViewerCalls } from "./viewers.ts";

type PlatformCalls = ViewerCalls & {
  readonly variables: () => Readonly<Record<string, string>>;
  readonly connected: () => Promise<void>;
  readonly refusals: () => number;
};

/** What is running. Disposing it ends every process. */
export interface StreamWorld extends AsyncDisposable {
  readonly people: Child<PlatformCalls>;
}

/** Starts all; resolves when the platform delivers. */
export async function startStreamWorld(platform: "telegram" | "slack"): Promise<StreamWorld> {
  await using stack = new AsyncDisposableStack();
  const { url: redisUrl } = stack.use(await startTestRedis());
  const model = stack.use(startChild<StreamModelCalls>("./streams/model-process.ts"));
  const people = stack.use(startChild<PlatformCalls>(`./streams/${platform}-process.ts`));
  const variables = {
    ...(await people.call("variables")),
    OPENAI_BASE_URL: await model.call("url"),
    OPENAI_MODEL: "bench-model",
    ALLOW: "telegram:*",
    CONCURRENCY: "600",
  };
  await startServices(stack, variables, redisUrl);
  await people.call("connected");
  const owned = stack.move();
  return { people, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}
