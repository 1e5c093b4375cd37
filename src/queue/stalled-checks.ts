/** Keeps BullMQ's search for dead workers' jobs alive: one Redis error ends it for good (measured, bullmq 6.7). */

import type { Worker } from "bullmq";
import { causeOf, type Events } from "../core/events.ts";

/** Starts the search again after every error of `worker`, at most once per `everyMs`. */
export function keepStalledChecks(worker: Worker, everyMs: number, events: Events): void {
  let pending = false;
  worker.on("error", (error) => {
    events.workerError({ queue: worker.name, cause: causeOf(error) });
    if (pending) return;
    pending = true;
    setTimeout(() => {
      pending = false;
      if (!worker.closing) worker.startStalledCheckTimer().catch(() => undefined);
    }, everyMs).unref();
  });
}
