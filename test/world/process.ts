/** A service in a process of its own: it imports everything, says that it is warm, and starts when it is told how. */

import { flushCompileCache } from "node:module";
import { pino } from "pino";
import type { Timing } from "../../src/core/timing.ts";
import { startService } from "../../src/service.ts";
import { toConfig, type Variables } from "./config.ts";

/** How the service is to be. */
export interface StartOrder {
  readonly kind: "start";
  readonly variables: Variables;
  readonly redisUrl: string;
  readonly timing: Timing;
}

/** What the process says. */
export type ProcessReport =
  | { readonly kind: "warm" }
  | { readonly kind: "started"; readonly port: number }
  | { readonly kind: "failed"; readonly cause: string };

function report(said: ProcessReport): void {
  process.send?.(said);
}

process.once("message", (order: StartOrder) => {
  run(order).catch((error: unknown) => {
    report({
      kind: "failed",
      cause: error instanceof Error ? (error.stack ?? error.message) : String(error),
    });
    process.exit(1);
  });
});
// Without its test the process has no purpose.
process.on("disconnect", () => process.exit(2));
report({ kind: "warm" });
// Most are killed and could not leave to the next ones what they have compiled.
flushCompileCache();

async function run({ variables, redisUrl, timing }: StartOrder): Promise<void> {
  const ended = new Promise((resolve) => process.once("SIGTERM", resolve));
  const log = pino({ level: "debug", base: { pid: process.pid } }, pino.destination({ dest: 2, sync: true }));
  const service = await startService({
    config: toConfig(variables),
    redisUrl,
    timing,
    log,
    // A process that is cut off for good makes way, as the program does.
    onGone: () => process.exit(3),
  });
  report({ kind: "started", port: service.port });
  await ended;
  await service[Symbol.asyncDispose]();
  process.removeAllListeners("disconnect");
  process.disconnect();
}
