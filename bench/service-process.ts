/** Parley in a process of its own, as it runs in production, with meters. */

import { pino } from "pino";
import { timing } from "../src/core/timing.ts";
import { startService } from "../src/service.ts";
import { patienceOff, toConfig, type Variables } from "../test/world/config.ts";
import { meterRedis } from "./redis-meter.ts";
import { serve } from "./rpc.ts";

const takeRoundTrips = meterRedis();

let lines = 0;
let lateMs: number[] = [];
const log = {
  write(line: string): void {
    // With LOG_LEVEL=debug: how much later than booked a call began.
    const late = /"lateMs":(-?\d+)/.exec(line)?.[1];
    if (late !== undefined) lateMs.push(Number(late));
    if (line.startsWith('{"level":20')) return;
    lines += 1;
    process.stderr.write(line);
  },
};

const calls = {
  /** @returns the port of its HTTP server */
  async start({ variables, redisUrl }: { readonly variables: Variables; readonly redisUrl: string }) {
    const { port } = await startService({
      // Whoever floods is to reach what a bench measures.
      config: toConfig({ ...patienceOff, ...variables }),
      redisUrl,
      timing,
      log: pino({ level: variables.LOG_LEVEL ?? "info" }, log),
      onGone: () => process.exit(3),
    });
    return port;
  },
  /** Since it was last asked. */
  logLines: () => {
    const written = lines;
    lines = 0;
    return written;
  },
  /** Since it was last asked. */
  lateMs: () => {
    const seen = lateMs;
    lateMs = [];
    return seen;
  },
  cpuUsage: () => process.cpuUsage(),
  /** Bytes, after a collection of garbage. */
  memory: () => {
    globalThis.gc?.();
    const { rss, heapUsed, external } = process.memoryUsage();
    return { rss, heapUsed, external };
  },
  /** Since it was last asked. */
  roundTrips: () => takeRoundTrips(),
};

/** What the service's process can be asked. */
export type ServiceCalls = typeof calls;

serve(calls);
