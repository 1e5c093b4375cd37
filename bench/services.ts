/** Parley in several processes, as a bench of what they share runs it. */

import { startChild } from "./rpc.ts";
import type { ServiceCalls } from "./service-process.ts";

/**
 * Starts a gateway and two workers; `stack` ends them.
 * @returns the workers
 */
export async function startServices(
  stack: AsyncDisposableStack,
  variables: Readonly<Record<string, string>>,
  redisUrl: string,
) {
  const start = async (role: "gateway" | "worker") => {
    const service = stack.use(startChild<ServiceCalls>("./service-process.ts"));
    const own = { ...variables, PORT: "0", REDIS_URL: "redis://127.0.0.1:1", ROLE: role };
    await service.call("start", { variables: own, redisUrl });
    return service;
  };
  await start("gateway");
  return [await start("worker"), await start("worker")] as const;
}
